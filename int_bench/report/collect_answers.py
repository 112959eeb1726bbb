"""What oracles and the judge answered, as tidy frames: interventions, their lengths, places and categories."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from int_bench.config import RunConfig
from int_bench.records import Intervention, Rollout, Selection, Verdict, read_table, scan_tables
from int_bench.report.collect import frame_of, problems


def interventions(results: Path, oracle: str) -> pd.DataFrame:
    """Every answer of an oracle, those without an intervention included, without the attempts' texts."""
    columns = [field for field in Intervention.__dataclass_fields__ if field not in ("KIND", "before", "prefix")]
    return frame_of(read_table(results / "interventions" / f"{oracle}.parquet", Intervention, columns=columns))


def proposed(results: Path, oracle: str) -> pd.DataFrame:
    """Return the answers that are interventions; others may name a place, but hold no corrective step."""
    found = interventions(results, oracle)
    return found[found["status"] == "proposed"]


def selections(results: Path, oracle: str) -> pd.DataFrame:
    """Return what became of each intervention of an oracle."""
    return frame_of(read_table(results / "interventions" / f"{oracle}.selection.parquet", Selection))


def token_lengths(texts: list[str], tokenizer: Any) -> list[int]:
    """Tokens of each text under a ``tokenizers.Tokenizer``, special tokens not counted."""
    return [len(encoding.ids) for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]


def text_lengths(results: Path, oracle: str, tokenizer: Any) -> pd.DataFrame:
    """Lengths in tokens behind Figure 3: columns ``kind`` (interventions, references, failed) and ``tokens``.

    Interventions (of one oracle) and reference solutions are those of the hard training problems; the failed traces are
    the wrong rollouts of mining on the same problems: those that the oracle was shown some of.
    """
    hard = problems(results, "hard_train")
    texts = {"interventions": proposed(results, oracle)["content"], "references": hard["reference"].dropna()}
    frames = [
        pd.DataFrame({"kind": kind, "tokens": token_lengths(list(text), tokenizer)}) for kind, text in texts.items()
    ]
    path = results / "rollouts" / "mining.parquet"
    ours = pa.array(hard["problem_id"], pa.string())
    for mined in scan_tables(path, Rollout, columns=["problem_id", "token_ids", "correct"]):
        failed = mined.filter(pc.and_(pc.is_in(mined["problem_id"], ours), pc.invert(mined["correct"])))
        frames.append(pd.DataFrame({"kind": "failed", "tokens": pc.list_value_length(failed["token_ids"]).to_numpy()}))
    return pd.concat(frames, ignore_index=True)


def categories(results: Path, config: RunConfig, oracle: str) -> pd.DataFrame:
    """Of which kind the errors are that an oracle corrects: ``problem_id``, and a column for each who says so.

    These are ``verifier`` where the world has one, ``judge`` where the run has one, and ``oracle``; rows are the
    proposed interventions, by their id. The verifier labels the first error alone, so nothing where the oracle names
    another place.
    """
    found = proposed(results, oracle).set_index("intervention_id")
    labels = found[["problem_id"]].assign(oracle=found["category"])
    if config.problems.kind == "synthetic":
        # Of another step than the one that was found at fault, the verifier says nothing.
        labels["verifier"] = found["truth_category"].where(found["location"] == found["truth_location"])
    if config.interventions.judge:
        said = frame_of(read_table(results / "interventions" / f"{oracle}.verdicts.parquet", Verdict))
        labels["judge"] = said.set_index("intervention_id")["category"]
    return labels


def said_of(labels: pd.DataFrame) -> pd.Series:
    """Whose word counts of the columns of ``categories``: the verifier's, else the judge's, else the oracle's own."""
    category = labels["oracle"]
    for judge in ("judge", "verifier"):
        if judge in labels:
            category = labels[judge].fillna(category)
    return category


def intervention_locations(results: Path, config: RunConfig, oracle: str) -> pd.DataFrame:
    """Where interventions stand: columns ``category`` and ``relative_location``, the index of the step / steps.

    The category is that of ``said_of``.
    """
    found = proposed(results, oracle).set_index("intervention_id")
    category = said_of(categories(results, config, oracle))
    return pd.DataFrame(
        {
            "category": category.fillna("unlabelled").astype(str),
            "relative_location": found["location"].astype(float) / found["steps"].astype(float),
        }
    )
