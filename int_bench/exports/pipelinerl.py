r"""Export RL problems to PipelineRL, as JSON lines that its own loader of mathematical problems reads.

SFT rows are not exported. Its trainer takes samples of its own actors and no rows of a file; what was tried there for
SFT learns every token of a text, so that no loss mask would survive.

| field | here |
|---|---|
| ``task`` | the problem |
| ``answer`` | the gold answer in ``\boxed{}``, as its verifier expects it |
| ``dataset`` | the name of the file, which the loader sets itself |
| ``id`` | the problem's id, which the loader keeps as ``source_id`` |

The loader looks for ``datasets/custom/NAME.jsonl`` below the folder in which it is started. The configuration is laid
over PipelineRL's own for mathematics (Hydra) and takes away its system prompt, so that a problem is asked as in the
run.

Written to ``pipelinerl/domains/math/load_datasets.py``, ``pipelinerl/domains/math/rollouts.py`` and ``conf/math.yaml``
of its repository, which has no releases; older versions read no files of one's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from int_bench.exports.files import write_config
from int_bench.exports.run import Run
from int_bench.records import Problem, write_jsonl


def write(run: Run, folder: Path) -> list[Path]:
    """Write the problems and a training configuration; returns the files' paths."""
    training = _training(run)
    files = []
    for name, problems in (("train", run.train), ("test", run.test)):
        files.append(folder / "datasets" / "custom" / f"{run.name}-{name}.jsonl")
        write_jsonl(files[-1], _tasks(problems, f"{run.name}-{name}"))
    note = "no system prompt, so that problems are asked as in the run; see README.md"
    files.append(write_config(folder / "rl.yaml", note, training))
    return files


def how(run: Run) -> str:
    """How to train from the exported folder."""
    return """
In this folder, with a PipelineRL whose `pipelinerl/domains/math/load_datasets.py` reads `datasets/custom`:

    python -m pipelinerl.launch --config-dir . --config-name rl output_dir=OUTPUT

- SFT rows are not here: PipelineRL has no SFT in which a loss mask would survive.
- It grades with math-verify and its own rules, not with int-bench's grader.
- Data, prompt, model and sampling are the run's. Learning rate, clipping and batches are PipelineRL's own.
- `*-test.jsonl` is the hard test set.
- To start from a model of your own, add `model_path=FOLDER`.
"""


def _tasks(problems: Sequence[Problem], name: str) -> list[dict[str, str]]:
    return [
        {
            "task": problem.text,
            "answer": rf"\boxed{{{problem.answer}}}",
            "dataset": name,
            "id": problem.problem_id,
        }
        for problem in problems
    ]


def _training(run: Run) -> dict[str, Any]:
    rl = run.rl
    length = run.longest_prompt + rl.sampling.max_new_tokens
    sampling = {
        "max_tokens": rl.sampling.max_new_tokens,
        "temperature": rl.sampling.temperature,
        "top_p": rl.sampling.top_p,
        "top_k": rl.sampling.top_k or -1,  # vLLM's word for none
    }
    return {
        "defaults": ["math", "_self_"],
        "model_path": run.model,
        "seed": run.config.seed,
        "actor": {"system_prompt": None, "task_template": "{task}"},
        "train_dataset_names": [f"{run.name}-train"],
        "test_dataset_names": [f"{run.name}-test"],
        "llm": {"parameters": sampling},
        "test_llm": {"parameters": sampling},
        "vllm_config": {"vllm_kwargs": {"max_model_len": length}},
        "finetune": {"attempts": rl.samples, "seq_length": length},
    }
