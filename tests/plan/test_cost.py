"""The roofline and memory: cases that can be computed by hand, and what must rise with what."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from int_bench.config import load, override_of
from int_bench.plan.cost import Serving, forward_flops, sampling_seconds, training_seconds
from int_bench.plan.device import Device, devices
from int_bench.plan.memory import RUNTIME, rule_bytes, serving_bytes, training_bytes
from int_bench.plan.shape import Shape
from tests.smoke.conftest import ROOT

# One layer, width 8: 2 heads of 4, one of them for keys and values, and a vocabulary of ten.
SMALL = Shape(layers=1, hidden=8, heads=2, kv_heads=1, head_width=4, intermediate=16, vocabulary=10, context=100)
LAYER = 8 * 8 + 2 * 8 * 4 + 8 * 8 + 3 * 8 * 16 + 2 * 8 + 2 * 4
SLOW = Device("slow", memory=1e5, bandwidth=1e3, flops=1e9)
H100 = devices()["H100 80GB"]
QWEN = Shape(28, 2048, 16, 8, 128, 6144, 151936, 40960)


def seconds(serving: Serving, sequences: float, prompt: float = 10, new: float = 20, budget: float = 40) -> float:
    return float(sampling_seconds(SMALL, SLOW, serving, np.array([sequences]), 0, prompt, new, budget)[0])


def test_parameters_and_cache_by_hand():
    assert SMALL.parameters == SMALL.multiplied == LAYER + 10 * 8 + 8
    untied = replace(SMALL, tied=False)
    assert (untied.parameters, untied.multiplied) == (SMALL.parameters + 80, SMALL.parameters)
    assert SMALL.cached == 2 * 1 * 4


def test_decoding_reads_weights_and_caches_at_each_step():
    # Four sequences at a time, each with 10 + 20/2 tokens on average: 80/4 x 20 steps.
    read = 2 * (SMALL.parameters + 4 * 20 * SMALL.cached)
    assert seconds(Serving("vllm", 4), 80) == pytest.approx(20 * 20 * read / (0.6 * 1e3))


def test_no_more_sequences_are_in_progress_than_fit_or_are_there():
    room = Serving("vllm", 10**6, share=0.5).room(SMALL, SLOW)
    assert room == pytest.approx((0.5e5 - 2 * SMALL.parameters) / 16)
    assert seconds(Serving("vllm", 10**6), 1) == seconds(Serving("vllm", 1), 1)
    assert seconds(Serving("vllm", 10**6, share=0.5), 1e6) == pytest.approx(
        1e6 * 20 / (room / 20) * 2 * (SMALL.parameters + room * SMALL.cached) / 600
    )


def test_transformers_decodes_each_batch_to_the_end_of_its_longest():
    # Ten sequences, four at a time, are three batches of 40 steps, in which half of the rows are alive on average.
    read = 2 * (SMALL.parameters + 2 * 20 * SMALL.cached)
    assert seconds(Serving("transformers", 4), 10) == pytest.approx(3 * 40 * read / 600)
    fast = replace(SLOW, bandwidth=1e15, flops=1e18)
    floor = sampling_seconds(SMALL, fast, Serving("transformers", 4), np.array([10.0]), 0, 10, 20, 40)
    assert floor[0] == pytest.approx(3 * 40 * 1e-3)


def test_prompts_and_training_cost_two_operations_a_parameter_and_attention():
    flops = 2 * SMALL.parameters + 4 * 1 * 2 * 4 * 5
    assert forward_flops(SMALL, 10) == flops
    assert training_seconds(SMALL, SLOW, rows=7, tokens=10, passes=4) == pytest.approx(4 * 70 * flops / 0.4e9)
    prompts = sampling_seconds(SMALL, SLOW, Serving("vllm", 1), np.array([0.0]), 3, 10, 20, 40)
    assert prompts[0] == pytest.approx(30 * flops / 0.4e9)


def test_two_gpus_take_half_of_the_time_of_one():
    # Where memory does not bind; it is twice as much, too.
    assert seconds(Serving("vllm", 4, gpus=2), 80) == pytest.approx(seconds(Serving("vllm", 4), 80) / 2)


@given(
    st.floats(1, 1e6),
    st.floats(1, 1e4),
    st.floats(1, 30_000),
    st.integers(1, 512),
    st.sampled_from(["vllm", "transformers"]),
)
def test_more_work_takes_longer_and_a_better_gpu_less(sequences, prompt, new, most, engine):
    def spent(device=H100, sequences=sequences, new=new, prompt=prompt):
        serving = Serving(engine, most)
        return float(sampling_seconds(QWEN, device, serving, np.array([sequences]), 10, prompt, new, 32_768)[0])

    here = spent()
    assert here > 0
    assert spent(sequences=2 * sequences) >= here
    assert spent(new=new + 1000) >= here
    assert spent(prompt=prompt + 1000) >= here
    assert spent(device=devices()["H200"]) <= here * (1 + 1e-9)


def test_training_memory_is_state_activations_and_a_tile():
    # 16 bytes a parameter and 2 of bfloat16; one layer's input, and twice what is within a layer.
    within = 5 * (2 * (2 * 3 * 4 + 4 * 16) + 6 * 4 * 8)
    by_hand = 18 * SMALL.parameters + 5 * 4 * 8 + 2 * within + 2 * 4 * 5 * 10 + RUNTIME
    assert training_bytes(SMALL, 5) == by_hand
    assert training_bytes(SMALL, 5, copies=1) == by_hand + 4 * SMALL.parameters


@given(st.floats(1, 60_000), st.integers(1, 8), st.integers(0, 1))
def test_training_memory_rises_with_rows_and_copies_and_falls_with_processes(tokens, processes, copies):
    here = training_bytes(QWEN, tokens, processes, copies)
    assert training_bytes(QWEN, tokens + 1, processes, copies) > here
    assert training_bytes(QWEN, tokens, processes, copies + 1) > here
    assert training_bytes(QWEN, tokens, 2 * processes, copies) < here
    assert training_bytes(QWEN, tokens, processes, copies, checkpointing=False) > here


def test_vllm_takes_its_share_or_what_it_needs():
    assert serving_bytes(QWEN, H100, Serving("vllm", 256, share=0.9), 33_000) == 0.9 * H100.memory
    small = Serving("vllm", 256, share=0.05)
    assert serving_bytes(QWEN, H100, small, 33_000) == 2 * (QWEN.parameters + QWEN.cached * 33_000) + RUNTIME


def memory_of_rl(*assignments: str) -> float:
    alone = ["training.processes=1", "rl.generation={kind: embedded, memory: 0.3}"]
    config = load("configs/paper-e3.yaml", override_of([*alone, *assignments]))
    taken = rule_bytes(config, QWEN, H100, True, 32_918, [(1, 32_918, 1)])
    assert taken is not None
    return taken


def test_memory_of_rl_follows_the_configuration(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)  # where the settings of accelerate lie
    embedded, trained = memory_of_rl(), memory_of_rl("rl.generation.kind=server")
    assert trained == training_bytes(QWEN, 32_918, copies=1)
    # Sixteen rows of float32 keys and values do not fit beside the state of the training.
    assert embedded - 20 * QWEN.parameters > 16 * 4 * QWEN.cached * 32_918 > H100.memory
    assert memory_of_rl("engine.rows=32") > embedded
    beside = "rl.generation={kind: colocate, memory: 0.3}"
    assert memory_of_rl(beside) == pytest.approx(trained + 0.3 * H100.memory - RUNTIME)
    assert memory_of_rl("training.processes=8") < embedded
    undivided = "training.accelerate=configs/accelerate/ddp.yaml"
    assert memory_of_rl("training.processes=8", undivided) == embedded
