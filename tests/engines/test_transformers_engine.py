"""The embedded engine against transformers' own generation and forward pass."""

import itertools

import numpy as np
import pytest
import torch

from int_bench.engines import PromptTooLong, SamplingSettings
from int_bench.engines.transformers import TransformersEngine

DRAWN = SamplingSettings(temperature=1.0, max_new_tokens=24, seed=3)


@pytest.fixture(scope="module")
def engine(tiny_model, tokenizer) -> TransformersEngine:
    return TransformersEngine(tiny_model, tokenizer)


def generated(model, prompt, count: int) -> list[int]:
    """What transformers itself generates greedily, the prompt left out."""
    ids = torch.tensor([prompt.token_ids])
    with torch.inference_mode():
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=count, pad_token_id=0
        )
    return out[0, ids.shape[1] :].tolist()


def test_greedy_tokens_are_those_of_transformers(engine, tiny_model, prompts):
    rows = engine.generate(prompts, SamplingSettings(temperature=0.0, max_new_tokens=40), 1)
    found = [list(completion.token_ids) for (completion,) in rows]
    assert found == [generated(tiny_model, prompt, 40) for prompt in prompts]
    # The comparison means something only if the model says different things after different prompts.
    assert len({tuple(tokens) for tokens in found}) == len(prompts)
    assert max(len(set(tokens)) for tokens in found) > 10


def test_greedy_generation_past_the_room_of_the_cache(make_model, tokenizer, prompts):
    model = make_model(context=512)
    engine = TransformersEngine(model, tokenizer)
    rows = engine.generate(prompts[:2], SamplingSettings(temperature=0.0, max_new_tokens=200), 1)
    for prompt, (completion,) in zip(prompts, rows, strict=False):
        assert list(completion.token_ids) == generated(model, prompt, 200)
    assert max(len(completion.token_ids) for (completion,) in rows) > 2 * 64


def test_samples_do_not_depend_on_the_company_of_a_prompt(engine, prompts):
    together = engine.generate(prompts, DRAWN, 3)
    alone = [engine.generate([prompt], DRAWN, 3)[0] for prompt in prompts]
    assert [[c.token_ids for c in row] for row in together] == [[c.token_ids for c in row] for row in alone]
    assert len({c.token_ids for row in together for c in row}) > len(prompts)


@pytest.mark.parametrize("rows", [1, 4])
def test_samples_do_not_depend_on_the_rows_decoded_together(tiny_model, tokenizer, prompts, rows: int):
    few = TransformersEngine(tiny_model, tokenizer, rows=rows).generate(prompts, DRAWN, 6)
    many = TransformersEngine(tiny_model, tokenizer, rows=512).generate(prompts, DRAWN, 6)
    assert [[c.token_ids for c in row] for row in few] == [[c.token_ids for c in row] for row in many]


def test_samples_can_be_asked_for_in_parts(engine, prompts):
    whole = engine.generate(prompts[:3], DRAWN, 5)
    parts = [engine.generate(prompts[:3], DRAWN, n, first_sample=first) for first, n in ((0, 2), (2, 1), (3, 2))]
    for i, row in enumerate(whole):
        assert [c.token_ids for c in row] == [c.token_ids for part in parts for c in part[i]]
    assert len({c.token_ids for c in whole[0]}) == 5


def test_another_seed_or_key_gives_other_samples(engine, prompts):
    first = engine.generate(prompts[:1], DRAWN, 4)[0]
    again = engine.generate(prompts[:1], DRAWN, 4)[0]
    reseeded = engine.generate(prompts[:1], SamplingSettings(max_new_tokens=24, seed=4), 4)[0]
    renamed = engine.generate([type(prompts[0])("other", prompts[0].token_ids)], DRAWN, 4)[0]
    assert first == again
    for other in (reseeded, renamed):
        assert {c.token_ids for c in first}.isdisjoint(c.token_ids for c in other)


@pytest.mark.parametrize("settings", [DRAWN, SamplingSettings(temperature=0.5, top_k=5, top_p=0.9, max_new_tokens=24)])
def test_logprobs_are_those_of_one_forward_pass_of_the_model_itself(engine, tiny_model, prompts, settings):
    for prompt, row in zip(prompts, engine.generate(prompts, settings, 3), strict=True):
        for completion in row:
            ids = torch.tensor([[*prompt.token_ids, *completion.token_ids]])
            with torch.inference_mode():
                logprobs = tiny_model(ids).logits[0].float().log_softmax(-1)
            after = range(len(prompt.token_ids) - 1, ids.shape[1] - 1)
            expected = [float(logprobs[at, token]) for at, token in zip(after, completion.token_ids, strict=True)]
            np.testing.assert_allclose(completion.logprobs, expected, atol=1e-4)


def test_the_end_of_sequence_token_ends_a_sample(engine, tokenizer, prompts):
    completions = list(itertools.chain(*engine.generate(prompts, SamplingSettings(max_new_tokens=120, seed=1), 40)))
    reasons = {c.finish_reason for c in completions}
    assert reasons == {"stop", "length"}
    for completion in completions:
        end = tokenizer.eos_token_id
        assert completion.token_ids.count(end) == (1 if completion.finish_reason == "stop" else 0)
        if completion.finish_reason == "stop":
            assert completion.token_ids[-1] == end
        assert completion.text == tokenizer.decode(completion.token_ids, skip_special_tokens=True)
        assert len(completion.logprobs) == len(completion.token_ids)


def test_a_stop_string_ends_a_sample_and_is_not_part_of_its_text(engine, prompts):
    settings = SamplingSettings(max_new_tokens=60, seed=1)
    free = engine.generate(prompts, settings, 6)
    text = next(c.text for row in free for c in row if len(c.text) > 20)
    word = text[10:12]
    stopped = engine.generate(prompts, SamplingSettings(max_new_tokens=60, seed=1, stop=(word, "never said")), 6)
    met = 0
    for before, after in zip(itertools.chain(*free), itertools.chain(*stopped), strict=True):
        if word in before.text:
            met += 1
            assert after.finish_reason == "stop"
            assert after.text == before.text[: before.text.index(word)]
            assert after.token_ids == before.token_ids[: len(after.token_ids)]
        else:
            assert (after.text, after.token_ids) == (before.text, before.token_ids)
    assert met > 0


def test_a_sample_is_cut_at_the_budget(engine, prompts):
    (row,) = engine.generate(prompts[:1], SamplingSettings(temperature=0.0, max_new_tokens=7), 1)
    assert (len(row[0].token_ids), row[0].finish_reason) == (7, "length")


def test_a_sample_is_cut_at_the_end_of_its_own_context(engine, prompt_of):
    # The context holds 192 tokens; a short prompt in the same batch still gets all it asks for.
    long, short = engine.generate(
        [prompt_of(185, "long"), prompt_of(20, "short")], SamplingSettings(temperature=0.0, max_new_tokens=30), 1
    )
    assert (len(long[0].token_ids), long[0].finish_reason) == (7, "length")
    assert len(short[0].token_ids) == 30


def test_a_prompt_that_leaves_no_room_is_named(engine, prompts, prompt_of):
    with pytest.raises(PromptTooLong, match=r"prompt of mining/7 has 192 tokens, the model's context holds 192"):
        engine.generate([*prompts, prompt_of(192, "mining/7")], DRAWN, 1)


def test_a_model_in_training_goes_on_training(make_model, tokenizer, prompts):
    model = make_model().train()
    TransformersEngine(model, tokenizer).generate(prompts[:1], SamplingSettings(max_new_tokens=2), 1)
    assert model.training


def test_a_changed_model_is_sampled_as_it_is_now(make_model, tokenizer, prompts):
    model = make_model()
    engine = TransformersEngine(model, tokenizer)
    before = engine.generate(prompts, DRAWN, 2)
    with torch.no_grad():
        model.get_input_embeddings().weight.copy_(make_model(seed=1).get_input_embeddings().weight)
    assert engine.generate(prompts, DRAWN, 2) != before
