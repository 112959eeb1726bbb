"""Likelihood and drift against a plain float32 loop, row by row and token by token."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Qwen3ForCausalLM

from int_bench.engines.base import Prompt, SamplingSettings
from int_bench.engines.transformers import TransformersEngine
from int_bench.evaluation import likelihood
from int_bench.evaluation.likelihood import Text, drifts, surprisals
from int_bench.models import load_model, save_model

LENGTHS = [(5, 40), (1, 3), (30, 90), (7, 0), (12, 40), (3, 1), (60, 7)]
"""Tokens of prompts and of what follows them."""


@pytest.fixture(scope="module")
def arm(make_model: Callable[..., Qwen3ForCausalLM], tiny_model: Qwen3ForCausalLM) -> Qwen3ForCausalLM:
    """The tiny model, a little moved."""
    moved = make_model()
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in moved.parameters():
            parameter.add_(0.05 * parameter.std() * torch.randn_like(parameter) if parameter.ndim == 2 else 0.0)
    return moved


@pytest.fixture(scope="module")
def texts(tokenizer: PreTrainedTokenizerBase) -> list[Text]:
    """Random tokens."""
    rng = np.random.default_rng(0)
    draw = [rng.integers(len(tokenizer), size=sum(lengths)).tolist() for lengths in LENGTHS]
    return [Text(ids[:start], ids[start:]) for ids, (start, _) in zip(draw, LENGTHS, strict=True)]


def plain(model: PreTrainedModel, text: Text) -> torch.Tensor:
    """Log-probabilities of the next token at each token that counts, with nothing batched, cached or cut."""
    with torch.inference_mode():
        logits = model(torch.tensor([[*text.prompt, *text.tokens]]), use_cache=False).logits[0].float()
    return logits.log_softmax(-1)[len(text.prompt) - 1 : -1]


def plain_surprisal(model: PreTrainedModel, text: Text) -> list[float]:
    return [-float(row[token]) for row, token in zip(plain(model, text), text.tokens, strict=True)]


def plain_drift(base: PreTrainedModel, arm: PreTrainedModel, text: Text) -> list[list[float]]:
    rows = []
    for before, after in zip(plain(base, text).double(), plain(arm, text).double(), strict=True):
        kl = sum(float(p.exp() * (p - q)) for p, q in zip(before, after, strict=True))
        rows.append([kl, *(-sum(float(p.exp() * p) for p in each) for each in (after, before))])
    return rows


@pytest.fixture(params=["together", "chunked", "apart"])
def cut(request: pytest.FixtureRequest, tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows padded together; or these in chunks of three positions; or each row alone."""
    if request.param == "chunked":
        monkeypatch.setattr(likelihood, "CELLS", 3 * len(LENGTHS) * len(tokenizer))
    elif request.param == "apart":
        monkeypatch.setattr(likelihood, "TOKENS", 1)


@pytest.mark.usefixtures("cut")
def test_likelihoods_are_those_of_a_plain_loop(tiny_model: Qwen3ForCausalLM, texts: list[Text]):
    for text, found in zip(texts, surprisals(tiny_model, texts), strict=True):
        expected = plain_surprisal(tiny_model, text)
        assert len(found) == len(text.tokens)
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
        assert found.sum() == pytest.approx(sum(expected), abs=1e-4)


@pytest.mark.usefixtures("cut")
def test_drift_is_that_of_a_plain_loop(tiny_model: Qwen3ForCausalLM, arm: Qwen3ForCausalLM, texts: list[Text]):
    for text, found in zip(texts[1:4:2] + texts[5:6], drifts(tiny_model, arm, texts[1:4:2] + texts[5:6]), strict=True):
        expected = np.reshape(plain_drift(tiny_model, arm, text), (-1, 3))
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
        assert (found > 0).all()
    assert drifts(tiny_model, arm, texts)[0][:, 0].mean() > 0.01


def test_a_model_does_not_drift_from_itself(
    tiny_model: Qwen3ForCausalLM, make_model: Callable[..., Qwen3ForCausalLM], texts: list[Text]
):
    for found in drifts(tiny_model, make_model(), texts):
        assert (found[:, 0] == 0).all()
        assert (found[:, 1] == found[:, 2]).all()


def test_divergence_has_a_direction(tiny_model: Qwen3ForCausalLM, arm: Qwen3ForCausalLM, texts: list[Text]):
    there, back = drifts(tiny_model, arm, texts)[0], drifts(arm, tiny_model, texts)[0]
    assert np.abs(there[:, 0] - back[:, 0]).max() > 1e-3
    np.testing.assert_allclose(there[:, 1:], back[:, :0:-1], atol=1e-5)


def test_prompt_tokens_are_never_counted(tiny_model: Qwen3ForCausalLM, texts: list[Text]):
    prompt, tokens = texts[0]
    (whole,) = surprisals(tiny_model, [texts[0]])
    (rest,) = surprisals(tiny_model, [Text([*prompt, *tokens[:11]], tokens[11:])])
    np.testing.assert_allclose(rest, whole[11:], atol=1e-5)


def test_what_was_sampled_is_as_likely_as_the_engine_said(
    tiny_model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerBase
):
    prompts = [Prompt("a", (3, 4, 5)), Prompt("b", (7, 8, 9, 10))]
    rows = TransformersEngine(tiny_model, tokenizer).generate(prompts, SamplingSettings(max_new_tokens=40), 4)
    pairs = [(prompt, done) for prompt, row in zip(prompts, rows, strict=True) for done in row]
    found = surprisals(tiny_model, [Text(prompt.token_ids, done.token_ids) for prompt, done in pairs])
    for nats, (_, done) in zip(found, pairs, strict=True):
        np.testing.assert_allclose(-nats, done.logprobs, atol=1e-4)


def test_stored_bfloat16_weights_are_computed_with_in_float32(
    tiny_model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerBase, texts: list[Text], make_model, tmp_path
):
    save_model(make_model().to(torch.bfloat16), tokenizer, tmp_path / "model")
    model = load_model(tmp_path / "model", exact=True)
    assert model.dtype == torch.float32
    (found,) = surprisals(model, [texts[0]])
    rounded = make_model()
    with torch.no_grad():
        for parameter in rounded.parameters():
            parameter.copy_(parameter.bfloat16())
    np.testing.assert_allclose(found, plain_surprisal(rounded, texts[0]), atol=1e-4)
    assert np.abs(found - plain_surprisal(tiny_model, texts[0])).max() > 1e-3


def test_no_texts_and_no_prompt(tiny_model: Qwen3ForCausalLM):
    assert surprisals(tiny_model, []) == []
    with pytest.raises(ValueError, match="must have a prompt"):
        surprisals(tiny_model, [Text([], [1, 2])])


def test_no_more_logits_are_held_than_allowed(tiny_model: Qwen3ForCausalLM, monkeypatch: pytest.MonkeyPatch):
    vocabulary = tiny_model.config.vocab_size
    monkeypatch.setattr(likelihood, "CELLS", 25 * vocabulary)
    ids = torch.randint(vocabulary, (4, 100))
    with torch.inference_mode():
        chunks = list(likelihood._chunks([tiny_model], ids))
    assert {tuple(logprobs.shape) for (logprobs,), _ in chunks[:-1]} == {(4, 6, vocabulary)}
    assert torch.equal(torch.cat([targets for _, targets in chunks], dim=1), ids[:, 1:])
