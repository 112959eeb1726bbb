"""The registry: every row is sound, the bundled ones are there as published, and a configuration can name a row."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from int_bench.config import ConfigError, ProblemFile, load
from int_bench.problems.files import read_problems
from int_bench.problems.registry import BUNDLED, entry, registry
from tests.test_config import ROOT, SMOKE

BUNDLED_ROWS = [name for name, row in registry().items() if row.bundled]
SHA256 = {
    "OlymMATH-EN-EASY.jsonl": "1d96903b3017abd80388005ca9ad68c8074540ad6f41ee7cd92ac79cbcf5bc0a",
    "OlymMATH-EN-HARD.jsonl": "f43b48f5569a5e6d3068e110f8ce6c5ec641ba4d6ba06d9a91a1c944526b7be4",
    "imo-answerbench-v1.csv": "37aeca686ce677f93580821cfe16a0c0e45872479a502df43272e099da37d8fa",
    "imo-answerbench-v2.csv": "275877a9d988d85278fad3a5f8a41d7f83393a60bf259531ec0a5161e6b21cf9",
}


@pytest.mark.parametrize("name", BUNDLED_ROWS)
def test_a_bundled_row_is_read_whole(name: str, capsys: pytest.CaptureFixture[str]):
    found = read_problems(name, ProblemFile.model_validate(name), pool=entry(name).kind == "pool")
    assert len(found.problems) == entry(name).expected
    assert not {"expected", "empty", "repeated"} & set(found.facts)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", SHA256)
def test_bundled_files_are_unaltered_and_stand_beside_their_licence(name: str):
    data = files("int_bench.problems") / "data"
    assert hashlib.sha256((data / name).read_bytes()).hexdigest() == SHA256[name]
    licence = "LICENSE-OlymMATH" if name.startswith("Olym") else "LICENSE-IMO-AnswerBench"
    assert (data / licence).is_file()
    assert name in (data / "README.md").read_text()


def test_every_bundled_file_is_package_data():
    import tomllib

    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["int_bench"]
    package = ROOT / "int_bench"
    packed = {path for pattern in patterns for path in package.glob(pattern)}
    assert set((package / "problems" / "data").iterdir()) <= packed
    assert package / "problems" / "registry.yaml" in packed


def test_rows_say_what_is_known_of_them():
    for name, row in registry().items():
        assert row.licence, name
        assert (row.checked == "bundled") == row.source.startswith(BUNDLED), name
        assert row.bundled or row.revision is None  # nothing of the hub was read, so nothing is pinned


def test_the_paper_s_benchmarks_are_there():
    table_2 = {"olymmath-en-easy", "olymmath-en-hard", "hmmt-feb-2025", "brumo-2025", "aime-2025", "beyond-aime"}
    table_7 = {"imo-answerbench-40", "hmmt-nov-2025", "amo-bench", "apex-shortlist"}
    assert {*table_2, "cmimc-2025", *table_7} <= {n for n, row in registry().items() if row.kind == "benchmark"}


def test_amo_bench_keeps_what_a_parser_can_grade(tmp_path):
    kinds = ["number", "set", "variable", "description"]
    path = tmp_path / "amo.csv"
    path.write_text(
        "question_id,prompt,answer,answer_type\n" + "".join(f"{i},P{i},1,{k}\n" for i, k in enumerate(kinds))
    )
    found = read_problems("amo", ProblemFile.model_validate({"registry": "amo-bench", "source": str(path)}))
    assert [problem.problem_id for problem in found.problems] == ["0", "1", "2"]
    assert found.facts["expected"] == "39"


def test_a_configuration_names_a_row_alone_or_with_changes():
    row = entry("olymmath-en-hard")
    alone = ProblemFile.model_validate("olymmath-en-hard")
    assert (alone.source, alone.columns, alone.expected) == (row.source, row.columns, 100)
    changed = ProblemFile.model_validate(
        {"registry": "olymmath-en-hard", "source": "mine.jsonl", "limit": 3, "columns": {"id": "number"}}
    )
    assert (changed.source, changed.limit, changed.expected) == ("mine.jsonl", 3, 100)
    assert (changed.columns.id, changed.columns.reference) == ("number", None)
    # A resolved configuration says the same again.
    for source in (alone, changed):
        assert ProblemFile.model_validate(source.model_dump(mode="json")) == source


def test_an_unknown_row_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match="no pool or benchmark 'olymath-en-easy' in the registry; did you mean 'olym"):
        entry("olymath-en-easy")
    override = {"problems": {"benchmarks": {"olymmath_easy": "olymath-en-easy"}}}
    path = SMOKE.with_name("real-smoke.yaml")
    with pytest.raises(ConfigError) as caught:
        load(path, override)
    expected = "problems.benchmarks.olymmath_easy: no pool or benchmark 'olymath-en-easy' in the registry"
    assert str(caught.value).startswith(f"{path}: {expected}")
