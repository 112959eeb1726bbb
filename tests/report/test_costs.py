"""The table of costs against sums done by hand."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from int_bench.report.tables.costs import RULES, STAGES, TOTAL, costs
from int_bench.report.write import NO_ROWS

BENCHMARK = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


def manifest(stage: str, seconds: float, memory: int, **facts: int) -> str:
    return json.dumps({"stage": stage, "seconds": seconds, "peak_memory_mib": memory, "facts": facts})


def test_jobs_are_summed_by_stage_and_by_rule(tmp_path: Path):
    found = {
        "evaluation/a": manifest("evaluation", 30.4, 700, rollouts=10, tokens=500),
        "evaluation/b": manifest("evaluation", 20.2, 900, rollouts=20, tokens=600),
        "training/a": manifest("sft", 100.0, 1200, updates=3),
    }
    for name, text in found.items():
        path = tmp_path / f"{name}.manifest.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "benchmarks").mkdir()
    rows = {
        "evaluate-a": "35.0\t0:00:35\t750\t1\t1\t1\t0\t0\t90\t31.5",
        "evaluate-rl-b@60.1-of-2": "25.0\t0:00:25\t950\t1\t1\t1\t0\t0\t90\t22.5",
        "select-exact": "1.0\t0:00:01\t-\t-\t-\t-\t-\t-\t-\t-",  # too quick for Snakemake to look
        "tables": "9.0\t0:00:09\t400\t1\t1\t1\t0\t0\t90\t9",  # made while this table is
    }
    for name, row in rows.items():
        (tmp_path / "benchmarks" / f"{name}.tsv").write_text(f"{BENCHMARK}{row}\n")
    table = costs(tmp_path)
    kinds = [(row["measured"], row["what"], row["jobs"], row["seconds"]) for _, row in table.iterrows()]
    assert kinds == [
        (STAGES, TOTAL, 3, 151),
        (STAGES, "sft", 1, 100),
        (STAGES, "evaluation", 2, 51),
        (RULES, TOTAL, 3, 61),
        (RULES, "evaluate", 2, 60),
        (RULES, "select", 1, 1),
    ]
    assert list(table["tokens"]) == [1100, None, 1100, None, None, None]
    assert list(table["rollouts"]) == [30, None, 30, None, None, None]
    assert list(table["peak memory, MiB"]) == [1200, 1200, 900, 950, 950, None]
    assert list(table["CPU seconds"]) == [None, None, None, 54, 54, None]


def test_a_run_that_left_nothing_says_so(make_tree: Callable[..., Path], tmp_path: Path):
    shutil.copy(make_tree() / "config.yaml", tmp_path)
    assert list(costs(tmp_path)["what"]) == [NO_ROWS]
