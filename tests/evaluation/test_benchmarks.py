"""What a benchmark on the command line means."""

import pytest

from int_bench.config import ConfigError
from int_bench.evaluation.benchmarks import benchmarks_of
from int_bench.problems.registry import entry


def test_a_name_is_a_row_with_its_budget():
    (one,) = benchmarks_of("imo-answerbench-v2")
    assert (one.name, one.source.source, one.budget) == ("imo-answerbench-v2", "bundled:imo-answerbench-v2.csv", 16384)


def test_a_row_can_be_read_from_a_file():
    (one,) = benchmarks_of("amo-bench=data/amo.parquet")
    row = entry("amo-bench")
    assert (one.source.source, one.source.columns, one.source.without) == ("data/amo.parquet", row.columns, row.without)
    assert one.budget == row.budget


@pytest.mark.parametrize(
    ("path", "name"), [("My Set.jsonl", "my-set"), ("data/a.csv", "a"), ("./x", "x"), ("../data/B_2.parquet", "b-2")]
)
def test_a_path_is_a_file_of_problems_and_answers(path: str, name: str):
    (one,) = benchmarks_of(path)
    assert (one.name, one.source.source) == (name, path)
    assert (one.source.columns.problem, one.source.columns.answer) == ("problem", "answer")
    assert (one.source.columns.reference, one.source.columns.id) == (None, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("olymath-en-easy", "did you mean 'olymmath-en-easy'?"),
        ("aime-2052=x.jsonl", "did you mean 'aime-2025'?"),
        ("zzzzzz", "`int-bench benchmarks` lists them"),
        ("", "no benchmark is named"),
        ("aime-2025, a.jsonl, b/a.csv", "benchmark 'a' is named twice"),
    ],
)
def test_what_is_no_benchmark_is_refused(text: str, message: str):
    with pytest.raises(ConfigError) as caught:
        benchmarks_of(text)
    assert message in str(caught.value)
