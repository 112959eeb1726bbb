"""Truncation and drawing of single tokens against plain Python."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from int_bench.engines import SamplingSettings
from int_bench.engines.base import uniforms
from int_bench.engines.draw import draw, truncate


def truncated(probabilities: list[float], top_k: int, top_p: float) -> list[float]:
    """Keep the top_k likeliest, then the fewest of them that hold top_p of what is left."""
    ranked = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])
    kept = ranked[:top_k] if top_k > 0 else ranked
    wanted = top_p * math.fsum(probabilities[i] for i in kept)
    held, nucleus = 0.0, []
    for i in kept:
        if held >= wanted:
            break
        nucleus.append(i)
        held += probabilities[i]
    return [p if i in nucleus else 0.0 for i, p in enumerate(probabilities)]


@given(
    st.lists(st.integers(1, 2**16), min_size=1, max_size=20, unique=True),
    st.integers(0, 25),
    # Odd shares, so that no sum of whole weights lies on the edge.
    st.sampled_from([0.0717, 0.3141, 0.5033, 0.7511, 0.9003, 0.9967, 1.0]),
)
def test_truncation_equals_a_plain_reference(weights: list[int], top_k: int, top_p: float):
    probabilities = [weight / sum(weights) for weight in weights]
    found = truncate(torch.tensor([probabilities], dtype=torch.float64), top_k, top_p)[0]
    assert found.tolist() == pytest.approx(truncated(probabilities, top_k, top_p), abs=1e-12)


def test_each_row_is_truncated_by_itself():
    rows = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
    found = truncate(rows, 0, 0.75)
    torch.testing.assert_close(found, torch.tensor([[0.0, 0.2, 0.7], [0.5, 0.3, 0.0]]))


def expected_of(logits: torch.Tensor, settings: SamplingSettings) -> np.ndarray:
    scaled = [math.exp(float(x) / settings.temperature) for x in logits]
    kept = np.array(truncated([x / sum(scaled) for x in scaled], settings.top_k, settings.top_p))
    return kept / kept.sum()


@pytest.mark.parametrize(
    "settings",
    [
        SamplingSettings(),
        SamplingSettings(temperature=0.6),
        SamplingSettings(temperature=1.7, top_k=4),
        SamplingSettings(temperature=0.8, top_k=5, top_p=0.77),
    ],
    ids=str,
)
def test_tokens_are_drawn_with_the_probabilities_of_the_softmax(settings: SamplingSettings):
    logits = torch.tensor([1.3, -0.2, 0.4, 2.0, -3.0, 0.9, 0.0])
    count = 40_000
    draws = torch.from_numpy(uniforms(0, "p", 0, count))
    chosen, logprobs = draw(logits.expand(count, -1).clone(), draws, settings)
    expected = expected_of(logits, settings)
    frequencies = np.bincount(chosen.numpy(), minlength=7)
    assert frequencies[expected == 0].sum() == 0
    assert chisquare(frequencies[expected > 0], count * expected[expected > 0]).pvalue > 1e-3
    # Log-probabilities are those of the model itself, whatever the temperature and the truncation.
    torch.testing.assert_close(logprobs, logits.log_softmax(-1)[chosen])


def test_temperature_zero_takes_the_likeliest_token():
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 3.0, 1.0]])
    assert draw(logits, torch.tensor([0.99, 0.99]), SamplingSettings(temperature=0.0))[0].tolist() == [1, 0]


@given(st.floats(0.0, 1.0, exclude_max=True), st.integers(0, 6))
def test_a_token_of_no_probability_is_never_drawn(uniform: float, only: int):
    logits = torch.zeros(1, 7)
    logits[0, only] = 1.0
    chosen, _ = draw(logits, torch.tensor([uniform], dtype=torch.float64), SamplingSettings(top_k=1))
    assert chosen.tolist() == [only]


def test_uniform_draws_are_keyed_by_seed_prompt_and_sample():
    first = uniforms(0, "p", 0, 6)
    assert first.tolist() == uniforms(0, "p", 0, 6).tolist()
    assert first[:3].tolist() == uniforms(0, "p", 0, 3).tolist()
    for other in (uniforms(1, "p", 0, 6), uniforms(0, "q", 0, 6), uniforms(0, "p", 1, 6)):
        assert set(first).isdisjoint(other)
    assert ((first >= 0) & (first < 1)).all()
