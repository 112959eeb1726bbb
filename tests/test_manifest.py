"""The work folder of a stage, and the manifest beside its result."""

import json
from pathlib import Path

import pytest

from int_bench import manifest as stages
from int_bench.config import load
from int_bench.errors import UserError
from int_bench.manifest import Job, fingerprint, manifest_path

SMOKE = Path(__file__).parents[1] / "configs" / "smoke.yaml"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "input.txt"
    path.write_text("one")
    return path


def job(tmp_path: Path, source: Path, stage: str = "mining", output: str = "naive.parquet", **reads) -> Job:
    return Job(stage, tmp_path / "out" / output, {"samples": 4, **reads}, [source])


def test_the_work_folder_depends_on_what_is_read_and_on_the_content_of_inputs(tmp_path: Path, source: Path):
    first = job(tmp_path, source).work
    assert job(tmp_path, source).work == first
    assert first.parent == tmp_path / "out" / ".work"
    others = [
        job(tmp_path, source, samples=5).work,
        job(tmp_path, source, stage="null").work,
        job(tmp_path, source, output="null.parquet").work,
    ]
    source.write_text("two")
    others.append(job(tmp_path, source).work)
    assert len({first, *others}) == 5
    source.write_text("one")
    assert job(tmp_path, source).work == first


def test_nothing_goes_on_after_code_or_a_prompt_was_edited(tmp_path: Path, source: Path, monkeypatch):
    package = tmp_path / "package"
    (package / "prompts").mkdir(parents=True)
    (package / "manifest.py").write_text("one")
    (package / "prompts" / "verify.md").write_text("one")
    monkeypatch.setattr(stages, "__file__", str(package / "manifest.py"))
    works = [job(tmp_path, source).work]
    for edited in ("manifest.py", "prompts/verify.md"):
        (package / edited).write_text("two")
        works.append(job(tmp_path, source).work)
    assert len(set(works)) == 3


def test_the_manifest_shows_sections_of_the_configuration_at_any_depth(tmp_path: Path, source: Path):
    config = load(SMOKE)
    with job(tmp_path, source, again={"grading": config.grading}) as made:
        made.output.write_text("done")
    found = json.loads(manifest_path(made.output).read_text())["reads"]
    assert found == {"samples": 4, "again": {"grading": config.grading.model_dump(mode="json")}}


def test_the_order_of_keys_and_the_age_of_inputs_do_not_matter(tmp_path: Path, source: Path):
    one = Job("mining", tmp_path / "x", {"a": 1, "b": 2}, [source])
    source.write_text("one")
    assert Job("mining", tmp_path / "x", {"b": 2, "a": 1}, [source]).work == one.work


def test_what_samples_names_the_work_folder_and_is_in_the_manifest(tmp_path: Path, source: Path):
    output = tmp_path / "naive.parquet"
    engines = ("transformers", "vllm 0.31.0", "vllm 0.32.0", None)
    jobs = [Job("mining", output, {}, [source], engine=engine) for engine in engines]
    assert len({one.work for one in jobs}) == 4
    with jobs[1] as one:
        one.note(rollouts=3)
    manifest = json.loads(manifest_path(output).read_text())
    assert (manifest["facts"], manifest["reads"]) == ({"engine": "vllm 0.31.0", "rollouts": 3}, {})


def test_work_survives_a_failure_and_is_removed_on_success(tmp_path: Path, source: Path):
    failing = job(tmp_path, source)

    def killed() -> None:
        with failing:
            (failing.work / "shard").write_text("done so far")
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        killed()
    assert not manifest_path(failing.output).exists()
    with job(tmp_path, source) as again:
        assert (again.work / "shard").read_text() == "done so far"
    assert not again.work.exists()
    assert manifest_path(again.output).is_file()


def test_the_manifest_says_what_was_read_and_found(tmp_path: Path, source: Path):
    config = load(SMOKE)
    with Job("rl", tmp_path / "out" / "naive.parquet", {"rl": config.rl, "seed": 3}, [source]) as done:
        done.note(tokens=12)
        done.note(rollouts=3)
    manifest = json.loads((tmp_path / "out" / "naive.manifest.json").read_text())
    assert manifest["stage"] == "rl"
    assert manifest["reads"] == {"rl": config.rl.model_dump(mode="json"), "seed": 3}
    assert manifest["inputs"] == {str(source): fingerprint(source)}
    assert manifest["facts"] == {"tokens": 12, "rollouts": 3}
    assert manifest["digest"] == done.digest
    assert manifest["seconds"] >= 0
    assert manifest["peak_memory_mib"] > 1
    assert manifest["versions"]["torch"].startswith("2.")


def test_a_missing_input_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"nowhere\.parquet: no such file or folder"):
        job(tmp_path, tmp_path / "nowhere.parquet")


def test_the_fingerprint_of_a_file_is_that_of_its_content_alone(tmp_path: Path, source: Path):
    twin = tmp_path / "twin.txt"
    twin.write_text("one")
    assert fingerprint(twin) == fingerprint(source)
    twin.write_text("One")
    assert fingerprint(twin) != fingerprint(source)


def test_the_fingerprint_of_a_folder_is_that_of_names_and_contents(tmp_path: Path):
    def folder(name: str, files: dict[str, str]) -> str:
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_text(content)
        return fingerprint(tmp_path / name)

    first = folder("a", {"x": "1", "deep/y": "2"})
    assert folder("b", {"deep/y": "2", "x": "1"}) == first
    others = [
        folder("c", {"x": "2", "deep/y": "1"}),
        folder("d", {"x": "1", "y": "2"}),
        folder("e", {"x": "1", "deep/y": "2", "z": ""}),
        folder("f", {"x": "1"}),
    ]
    assert len({first, *others}) == 5


def test_a_kill_while_work_is_removed_leaves_nothing_to_go_on_with(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
):
    def killed(folder: Path, **_: object) -> None:
        (folder / "published").unlink()
        raise KeyboardInterrupt

    def make() -> Path:
        with job(tmp_path, source) as one:
            (one.work / "checkpoint").touch()
            (one.work / "published").touch()
        return one.work

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            make()
    assert not job(tmp_path, source).work.exists()
    make()
    assert list((tmp_path / "out" / ".work").iterdir()) == []
