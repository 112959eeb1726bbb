"""Parts of a stage: how the work is cut, and that what is joined is what one job would have written."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import canonical, load
from int_bench.engines import Ask, Completion, Engine, Finished, SamplingSettings
from int_bench.engines.base import uniforms
from int_bench.engines.transformers import TransformersEngine
from int_bench.errors import UserError
from int_bench.grading import Grader
from int_bench.grading.stored import read_stored
from int_bench.layout import Layout
from int_bench.manifest import Job, manifest_path
from int_bench.plan.seen import seen_of
from int_bench.reads import reads
from int_bench.records import Problem, Rollout, read_records, write_records
from int_bench.rollouts.sample import Request, Sampler, sample_to
from int_bench.rollouts.shards import Shard, join

CONFIGS = Path(__file__).parents[2] / "configs"


@given(st.lists(st.integers(1, 130), max_size=40), st.integers(1, 12))
def test_shards_cut_the_work_once_and_evenly(weights: list[int], count: int):
    cuts = [Shard(number, count).cut(weights) for number in range(1, count + 1)]
    assert [weight for cut in cuts for weight in weights[cut]] == weights
    if weights:
        fair = sum(weights) / count
        assert all(sum(weights[cut]) <= fair + max(weights) for cut in cuts)


@pytest.mark.parametrize("text", ["", "3-of-2", "0-of-2", "1-of", "1 of 2", "-1-of-2"])
def test_what_is_no_shard_is_refused(text: str):
    with pytest.raises(UserError, match="is no shard, such as 2-of-4"):
        Shard.parse(text)


@dataclass
class Certain(Engine):
    """An engine that says the same of a prompt whatever else it is asked."""

    context: int = 10**6

    def stream(self, asks: Sequence[Ask], settings: SamplingSettings) -> Iterator[list[Finished]]:
        for ask in reversed(asks):
            drawn = uniforms(settings.seed, ask.prompt.key, ask.sample, 5)
            text = f"\\boxed{{{int(drawn[0] * 3)}}}"
            yield [Finished(ask, Completion(tuple((drawn * 99).astype(int).tolist()), text, "stop", tuple(-drawn)))]


@pytest.mark.parametrize("enough", [None, 1])
@pytest.mark.parametrize("kind", ["certain", "transformers"])
def test_any_number_of_shards_gives_the_same_file(
    tiny_model, tokenizer, problems, tmp_path: Path, same_but_for_rounding: Callable, kind: str, enough: int | None
):
    engine = Certain() if kind == "certain" else TransformersEngine(tiny_model, tokenizer, rows=5)
    sampler = Sampler(engine, tokenizer, Grader(), SamplingSettings(max_new_tokens=12, seed=5), "mining", verify=True)
    requests = [
        Request(replace(problem, answer="1"), "pool", 1 + i % 4, enough=enough)
        for i, problem in enumerate(problems[:9])
    ]
    weights = [request.samples for request in requests]
    files, facts = [], []
    for count in (1, 2, 4, 20):
        whole = str(tmp_path / str(count) / "mining.parquet")
        shards = [Shard(number, count) for number in range(1, count + 1)]
        for shard in shards:
            with Job("mining", shard.of(whole), {}, whole=whole) as job:
                sample_to(job, sampler, requests[shard.cut(weights)], first_round=2)
        if count > 1:
            assert list((tmp_path / str(count) / ".work").iterdir()), "the journals stay until all is joined"
            parts = [shard.of(whole) for shard in shards]
            once = Path(join(whole, parts)).read_bytes()
            # A workflow that was killed as the joining ended joins again.
            assert Path(join(whole, parts)).read_bytes() == once
            assert list((tmp_path / str(count)).glob("*.manifest.json")) == [manifest_path(whole)]
        assert list((tmp_path / str(count) / ".work").iterdir()) == []
        files.append(Path(whole))
        facts.append(json.loads(manifest_path(whole).read_text())["facts"])
    assert all(one == facts[0] for one in facts)
    rows = [read_records(file, Rollout) for file in files]
    assert all(same_but_for_rounding(one, rows[0]) for one in rows)
    if kind == "certain":
        assert len({file.read_bytes() for file in files}) == 1
        assert (len(rows[0]) < sum(weights)) == (enough is not None)


def test_a_stage_that_is_divided_anew_goes_on_with_what_is_sampled(tiny_model, tokenizer, problems, tmp_path: Path):
    class Engine(TransformersEngine):
        asked = 0

        def stream(self, asks, settings):
            Engine.asked += len(asks)
            yield from super().stream(asks, settings)

    engine = Engine(tiny_model, tokenizer, rows=4)
    sampler = Sampler(engine, tokenizer, Grader(), SamplingSettings(max_new_tokens=6), "mining", verify=False)
    requests = [Request(problem, "pool", 2) for problem in problems[:6]]
    whole = str(tmp_path / "mining.parquet")
    with Job("mining", Shard(1, 2).of(whole), {}, whole=whole) as job:
        sample_to(job, sampler, requests[:3])
    assert Engine.asked == 6
    with Job("mining", whole, {}, whole=whole) as job:
        sample_to(job, sampler, requests)
    assert Engine.asked == 12


def test_a_file_of_shards_says_what_a_file_of_one_job_says(tokenizer, problems, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load(CONFIGS / "tiny.yaml", {"grading": {"prefix_boxes": True}, "engine": {"shards": 2}})
    layout = Layout(config.name)
    with Job("base", layout.model("base"), reads("base", config)):
        pass
    sampler = Sampler(Certain(), tokenizer, Grader(), SamplingSettings(), "mining", verify=False, prefix_boxes=True)
    requests = [Request(replace(row, answer="1"), "pool", 4, prefix="\\boxed{1}. ", enough=1) for row in problems[:6]]
    write_records(layout.pool, [request.problem for request in requests], Problem)
    whole = layout.rollouts("mining")
    shards = [Shard(number, 2) for number in (1, 2)]
    for shard in shards:
        with Job("mining", shard.of(whole), reads("mining", config), whole=whole, engine="vllm 1") as job:
            time.sleep(0.1)
            sample_to(job, sampler, requests[shard.cut([4] * 6)])
    join(whole, [shard.of(whole) for shard in shards])
    assert all(row.handed_over == 0 for row in read_stored(Path(whole), []))
    manifest = json.loads(manifest_path(whole).read_text())
    assert (manifest["stage"], manifest["output"]) == ("mining", whole)
    assert manifest["facts"]["engine"] == "vllm 1"
    assert manifest["reads"] == json.loads(canonical(reads("mining", config)))
    seen = seen_of(config, None)
    assert seen.share("mining", config) == manifest["facts"]["rollouts"] / 24
    (stage,) = seen.stages
    assert (stage.rollouts, stage.seconds) == (manifest["facts"]["rollouts"], manifest["seconds"])
    assert stage.seconds >= 0.2


def test_what_was_not_made_as_a_shard_is_not_joined(make_rollout, tmp_path: Path):
    path = tmp_path / "mining.1-of-2.parquet"
    write_records(path, [make_rollout("p", "x")], Rollout)
    with pytest.raises(UserError, match=r"mining\.1-of-2\.parquet: is no shard of this version's; sample it again"):
        join(str(tmp_path / "mining.parquet"), [str(path)])
