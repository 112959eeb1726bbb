r"""Export rollouts to the files that lm-evaluation-harness writes with ``--log_samples``.

Of the layouts of lm-evaluation-harness and of lighteval the first was chosen: its samples are lines of plain JSON whose
fields have stayed the same for years, many tools read them, and the repeats of a problem have their place in ``resps``.
lighteval's details are Parquet files of its own nested objects.

A folder for the model holds, for each set of problems, ``samples_SET_TIME.jsonl`` with a line a problem:

| field | here |
|---|---|
| ``doc_id`` | number of the problem in its set, from 0 |
| ``doc`` | ``problem_id``, ``problem``, ``answer``; for a guided rollout its ``intervention_id`` and ``prefix`` |
| ``target`` | the gold answer |
| ``arguments`` | ``gen_args_0``: the problem as asked (``arg_0``), without chat template; decoding (``arg_1``) |
| ``resps`` | one list with all samples |
| ``filtered_resps`` | one list with the answer found in each sample; ``[invalid]`` where there is none |
| ``filter`` | ``boxed`` |
| ``metrics`` | names of the scores, each of which is a field: ``exact_match`` (the mean over samples), ``pass@n`` |
| ``doc_hash``, ``prompt_hash``, ``target_hash`` | SHA-256 of the above |

and ``results_TIME.json`` with the means, their standard errors over problems, and what the harness's viewers look up.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from int_bench.errors import UserError
from int_bench.manifest import manifest_path
from int_bench.records import Problem, Rollout, read_records, write_jsonl, write_text

FILTER = "boxed"
_INVALID = "[invalid]"  # the harness's own word for a response in which its filter finds nothing


def export(rollouts: Sequence[str | Path], folder: str | Path, name: str | None = None) -> list[Path]:
    """Write rollouts as samples and results of the model ``name``; returns the files' paths.

    The problems are read from the folder ``problems`` beside that of the rollouts. Without a name it is that of the
    folder above, and for the evaluation of a run also the file's.

    Raises UserError for a missing file, and for rollouts of a problem that is not among the problems.
    """
    paths = [Path(path) for path in rollouts]
    rows = {path: read_records(path, Rollout) for path in paths}
    time = datetime.fromtimestamp(max(path.stat().st_mtime for path in paths)).isoformat().replace(":", "-")
    name = name or _name(paths[0])
    target = Path(folder) / re.sub(r'["<>:/|\\?*\[\]]+', "__", name)
    tasks: dict[str, list[dict[str, Any]]] = {}
    for path in paths:
        for task in sorted({row.problem_set for row in rows[path]}):
            if task in tasks:
                raise UserError(f"{path}: rollouts of {task} are in another file too; export one model at a time")
            chosen = [row for row in rows[path] if row.problem_set == task]
            tasks[task] = samples(chosen, _problems(path, task), _decoding(path))
    written = []
    for task, lines in tasks.items():
        written.append(target / f"samples_{task}_{time}.jsonl")
        write_jsonl(written[-1], lines)
    written.append(target / f"results_{time}.json")
    write_text(written[-1], json.dumps(results(tasks, name, time), indent=2, ensure_ascii=False) + "\n")
    return written


def samples(rollouts: Sequence[Rollout], problems: Sequence[Problem], decoding: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of one set of problems, in the problems' order."""
    numbers = {problem.problem_id: number for number, problem in enumerate(problems)}
    groups: dict[tuple[int, str], list[Rollout]] = defaultdict(list)
    for row in rollouts:
        if row.problem_id not in numbers:
            raise UserError(f"{row.problem_set}: the problem {row.problem_id!r} of a rollout is not among the problems")
        groups[numbers[row.problem_id], row.intervention_id or ""].append(row)
    return [
        _line(number, problems[number], sorted(rows, key=lambda row: row.sample), decoding)
        for (number, _), rows in sorted(groups.items())
    ]


def results(tasks: dict[str, list[dict[str, Any]]], name: str, time: str) -> dict[str, Any]:
    """The aggregated results of all sets of problems."""
    metrics = {task: list(lines[0]["metrics"]) for task, lines in tasks.items()}
    return {
        "results": {task: {"alias": task, **_means(lines, metrics[task])} for task, lines in tasks.items()},
        "group_subtasks": {task: [] for task in tasks},
        "configs": {
            task: {
                "task": task,
                "output_type": "generate_until",
                "repeats": len(lines[0]["resps"][0]),
                "num_fewshot": 0,
                "generation_kwargs": lines[0]["arguments"]["gen_args_0"]["arg_1"],
                "metric_list": [
                    {"metric": metric, "aggregation": "mean", "higher_is_better": True} for metric in metrics[task]
                ],
                "filter_list": [{"name": FILTER}],
            }
            for task, lines in tasks.items()
        },
        "versions": dict.fromkeys(tasks, 1),
        "n-shot": dict.fromkeys(tasks, 0),
        "higher_is_better": {task: dict.fromkeys(metrics[task], True) for task in tasks},
        "n-samples": {task: {"original": len(lines), "effective": len(lines)} for task, lines in tasks.items()},
        "config": {"model": "int-bench", "model_args": name},
        "date": time,
        "model_name": name,
    }


def _line(number: int, problem: Problem, rows: Sequence[Rollout], decoding: dict[str, Any]) -> dict[str, Any]:
    doc = {"problem_id": problem.problem_id, "problem": problem.text, "answer": problem.answer}
    if rows[0].intervention_id is not None:
        doc |= {"intervention_id": rows[0].intervention_id, "prefix": rows[0].prefix}
    scores = {
        "exact_match": sum(row.correct for row in rows) / len(rows),
        f"pass@{len(rows)}": float(any(row.correct for row in rows)),
    }
    return {
        "doc_id": number,
        "doc": doc,
        "target": problem.answer,
        "arguments": {"gen_args_0": {"arg_0": problem.text, "arg_1": decoding}},
        "resps": [[row.prefix + row.text for row in rows]],
        "filtered_resps": [[_INVALID if row.extracted is None else row.extracted for row in rows]],
        "filter": FILTER,
        "metrics": list(scores),
        "doc_hash": _hash(json.dumps(doc, indent=2, ensure_ascii=False)),
        "prompt_hash": _hash(problem.text),
        "target_hash": _hash(problem.answer),
        **scores,
    }


def _means(lines: Sequence[dict[str, Any]], metrics: Sequence[str]) -> dict[str, float | str]:
    """Mean and standard error over problems of each score, under the harness's keys."""
    means: dict[str, float | str] = {}
    for metric in metrics:
        # The number of samples of a problem, and so the name of a score, may differ between problems.
        values = [line[metric] for line in lines if metric in line]
        error = float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else "N/A"
        means[f"{metric},{FILTER}"] = float(np.mean(values))
        means[f"{metric}_stderr,{FILTER}"] = error
    return means


def _name(path: Path) -> str:
    above = path.absolute().parent
    return f"{above.parent.name}/{path.stem}" if above.name == "evaluation" else above.parent.name


def _problems(path: Path, task: str) -> list[Problem]:
    return read_records(path.parent.parent / "problems" / f"{task}.parquet", Problem)


def _decoding(path: Path) -> dict[str, Any]:
    """The decoding settings of a manifest, in the harness's words; none if there is no manifest."""
    manifest = manifest_path(path)
    if not manifest.is_file():
        return {}
    reads = json.loads(manifest.read_text(encoding="utf-8"))["reads"]
    sampling = reads.get("sampling") or reads.get("evaluation", {}).get("sampling") or {}
    kept = {key: sampling[key] for key in ("temperature", "top_p", "top_k") if key in sampling}
    if "max_new_tokens" in sampling:
        kept["max_gen_toks"] = sampling["max_new_tokens"]
    return {"until": list(sampling.get("stop", [])), "do_sample": kept.get("temperature", 0) > 0, **kept}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
