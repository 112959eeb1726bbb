"""Tables that check oracles: what leaks, of which kind the errors are and who says so, and what asking cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from int_bench.analysis.agreement import kappa_interval
from int_bench.config import RunConfig
from int_bench.interventions.audit import Audited, Share, audit
from int_bench.report import collect, collect_answers
from int_bench.report.style import oracle_look
from int_bench.report.write import NO_ROWS

COSTS = ("queries", "answered", "refused", "too_long", "no_reply", "cached", "shortened")
TOKENS = ("input_tokens", "output_tokens", "dollars")


def leakage(results: Path) -> pd.DataFrame:
    """What the rule against leakage drops of each oracle's steps, beside the substring rule of the paper's authors.

    All steps that were written count, whatever else was wrong with them. The first row of an oracle is about all of
    them: how many of those that do not leak the substring rule drops, and how many leaks it misses.
    """
    answers = collect.problems(results, "hard_train").set_index("problem_id")["answer"]
    rows: list[dict[str, Any]] = []
    for name in collect.run_config(results).oracles:
        written = collect_answers.interventions(results, name)
        written = written[written["content"].str.strip() != ""]
        right = [None if pd.isna(value) else bool(value) for value in written["content_right"]]
        steps = zip(written["content"], written["problem_id"].map(answers), right, strict=True)
        found = audit(Audited(*step) for step in steps)
        rows.append(
            {
                "oracle": oracle_look(name).label,
                "leak": "all",
                "steps": found.n,
                "dropped": found.dropped,
                "dropped by the substring rule": found.substring_drops,
                "no leak, but dropped by it": _share(found.false_drops),
                "leak, but kept by it": _share(found.misses),
                "note": "" if found.n else NO_ROWS,
            }
        )
        rows += [
            {
                "oracle": oracle_look(name).label,
                "leak": row.leak,
                "steps": row.n,
                "dropped": row.n if row.dropped else 0,
                "dropped by the substring rule": row.substring_drops,
                "right steps": f"{row.right}/{row.verified}" if row.verified else None,
            }
            for row in found.rows
            if row.n
        ]
    columns = [*rows[0], "right steps"]
    return pd.DataFrame([{column: row.get(column) for column in columns} for row in rows], dtype=object)


def categories(results: Path) -> pd.DataFrame:
    """Of which kind the errors are that oracles correct: as the verifier, the oracle itself and the judge say.

    Who judges is compared with the verifier, where the world has one, on the interventions that both label.
    """
    config = collect.run_config(results)
    rows: list[dict[str, Any]] = []
    for name in config.oracles:
        labels = collect_answers.categories(results, config, name)
        for judge in ("verifier", "oracle", "judge"):
            if judge not in labels:
                continue
            said = labels[judge]
            row: dict[str, Any] = {
                "oracle": oracle_look(name).label,
                "labelled by": judge,
                "interventions": len(said),
                "HIGH": int((said == "HIGH").sum()),
                "EXECUTION": int((said == "EXECUTION").sum()),
                "no category": int(said.isna().sum()),
            }
            if judge != "verifier" and "verifier" in labels and said.notna().any():
                both = labels[said.notna() & labels["verifier"].notna()]
                rng = np.random.default_rng(config.report.seed)
                settings = (rng, config.report.resamples, config.report.confidence)
                pairs = (list(both[judge]), list(both["verifier"]), list(both["problem_id"]))
                row["kappa with the verifier"] = kappa_interval(*pairs, *settings)
            rows.append({**row, "note": "" if len(said) else NO_ROWS})
    columns = dict.fromkeys(column for row in rows for column in row if column != "note")
    return pd.DataFrame([{column: row.get(column) for column in (*columns, "note")} for row in rows], dtype=object)


def oracle_costs(results: Path) -> pd.DataFrame:
    """What it took to ask the language models of a run: queries by what became of them, tokens and dollars."""
    config = collect.run_config(results)
    rows = [
        {"asked": asked, **{key: facts.get(key) for key in (*COSTS, *TOKENS)}, "note": ""}
        for asked, facts in _asked(results, config)
    ]
    if not rows:
        none = dict.fromkeys((*COSTS, *TOKENS))
        rows = [{"asked": "none", **none, "note": f"{NO_ROWS}: this run asks no language model"}]
    return pd.DataFrame(rows, dtype=object)


def _asked(results: Path, config: RunConfig) -> list[tuple[str, dict[str, Any]]]:
    """Whoever is asked in chats, with the facts of the manifest."""
    models = [name for name, oracle in config.oracles.items() if oracle.kind == "language_model"]
    found = [(oracle_look(name).label, collect.facts(results, f"interventions/{name}")) for name in models]
    if config.interventions.judge:
        judged = ((name, collect.facts(results, f"interventions/{name}.verdicts")) for name in config.oracles)
        found += [(f"judge of {oracle_look(name).label}", facts) for name, facts in judged]
    return found


def _share(share: Share) -> str | None:
    return f"{share.count}/{share.n}" if share.n else None
