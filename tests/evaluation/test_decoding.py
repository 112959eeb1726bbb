"""Decoding settings are chosen by what the model is called, else by what it recommends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from int_bench.evaluation.decoding import decoding_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("e3-1.7B", (0.6, 0.95, 20)),
        ("CMU-AIRe_e3", (0.6, 0.95, 20)),
        ("Qwen3-4B-Instruct-2507", (0.7, 0.8, 20)),
        ("models--CMU-AIRe--e3-1.7B/snapshots/0a1b2c", (0.6, 0.95, 20)),
        ("models--Qwen--Qwen3-4B-Instruct-2507/snapshots/0e3f", (0.7, 0.8, 20)),
    ],
)
def test_the_paper_s_models_get_appendix_e(tmp_path: Path, path: str, expected: tuple):
    found = decoding_of(tmp_path / path)
    assert (found.temperature, found.top_p, found.top_k) == expected
    assert found.origin.startswith("Appendix E")


def test_a_renamed_folder_is_known_by_the_name_in_its_configuration(tmp_path: Path):
    (tmp_path / "config.json").write_text(json.dumps({"_name_or_path": "Qwen/Qwen3-4B-Instruct-2507"}))
    assert decoding_of(tmp_path).top_p == 0.8


def test_another_model_s_own_recommendation_is_taken_if_it_samples(tmp_path: Path):
    path = tmp_path / "generation_config.json"
    path.write_text(json.dumps({"do_sample": True, "temperature": 0.3, "top_p": 0.9}))
    found = decoding_of(tmp_path)
    # What it does not say is what transformers takes.
    assert (found.temperature, found.top_p, found.top_k, found.origin) == (0.3, 0.9, 50, "generation_config.json")
    path.write_text(json.dumps({"temperature": 0.3}))
    assert decoding_of(tmp_path).origin == "default, as e3-1.7B"


@pytest.mark.parametrize("name", ["step3", "make3", "Qwen3-4B-Base", "base", "e30"])
def test_other_names_get_the_default(tmp_path: Path, name: str):
    assert decoding_of(tmp_path / name).origin == "default, as e3-1.7B"


def test_given_settings_win_and_are_told():
    found = decoding_of("nowhere").override(temperature=0.0, top_p=None, top_k=5)
    assert (found.temperature, found.top_p, found.top_k) == (0.0, 0.95, 5)
    assert found.origin == "default, as e3-1.7B; given: temperature, top_k"
    assert decoding_of("nowhere").override(temperature=None) == decoding_of("nowhere")
