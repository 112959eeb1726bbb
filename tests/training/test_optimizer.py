"""Muon and AdamW as one optimiser."""

import copy

import pytest
import torch

from int_bench.training.optimizer import MuonWithAdamW


def update(model, optimizer, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, 60, (4, 16), generator=generator)
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    optimizer.zero_grad()


def optimizer_of(model) -> MuonWithAdamW:
    return MuonWithAdamW(model, 0.02, 3e-3)


def test_weight_matrices_go_to_muon_and_the_rest_to_adamw(untrained):
    model = untrained()
    parts = optimizer_of(model).parts
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    muon, adamw = (
        {names[id(p)] for group in parts[part].param_groups for p in group["params"]} for part in ("muon", "adamw")
    )
    assert muon | adamw == set(names.values())
    assert not muon & adamw
    assert all("proj" in name for name in muon)
    assert all("norm" in name or "embed" in name for name in adamw)


def test_every_weight_is_updated(untrained):
    model = untrained()
    before = copy.deepcopy(model)
    update(model, optimizer_of(model), 0)
    assert all(not torch.equal(a, b) for a, b in zip(model.parameters(), before.parameters(), strict=True))


def test_restored_state_goes_on_as_if_never_interrupted(untrained, distance):
    model = untrained()
    optimizer = optimizer_of(model)
    for seed in range(3):
        update(model, optimizer, seed)
    other = copy.deepcopy(model)
    restored = optimizer_of(other)
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    fresh = copy.deepcopy(model)
    without_state = optimizer_of(fresh)
    for seed in range(3, 6):
        update(model, optimizer, seed)
        update(other, restored, seed)
        update(fresh, without_state, seed)
    assert distance(model, other) == 0.0
    assert distance(model, fresh) > 1e-4


@pytest.mark.parametrize("restored", [False, True])
def test_one_schedule_drives_both_parts(untrained, distance, restored: bool):
    model = untrained()
    optimizer = optimizer_of(model)
    update(model, optimizer, 0)
    if restored:
        optimizer.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.0)
    assert [group["lr"] for part in optimizer.parts.values() for group in part.param_groups] == [0.0, 0.0]
    before = copy.deepcopy(model)
    update(model, optimizer, 1)
    schedule.step()
    assert distance(model, before) == 0.0
