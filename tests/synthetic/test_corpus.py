"""The corpus that teaches the base model."""

import dataclasses
import hashlib
import json
import re

import numpy as np
import pytest

from int_bench.prompts import render
from int_bench.synthetic import corpus as module
from int_bench.synthetic.checking import known_values, verify
from int_bench.synthetic.corpus import corpus
from int_bench.synthetic.student import BLANK, Student
from int_bench.synthetic.verifier import all_steps_right
from int_bench.synthetic.world import Family, Program, parse_program

FAMILY = Family((2, 6), (0, 2), 0.1)
_NUMBERED = re.compile(r"^\d+:(.*)$", re.MULTILINE)


def taken(count: int, mixture: dict[str, float], student, seed: int = 0) -> list[tuple[str, str]]:
    pairs = list(corpus(FAMILY, student, mixture, count, np.random.default_rng(seed)))
    assert len(pairs) == count
    return pairs


def cut(prompt: str) -> tuple[Program, str, list[str]]:
    """The program, what is shown of the reference, and the steps of the attempt."""
    problem, rest = re.fullmatch(r"(.* mod 10\.)\n(.*)", prompt, re.DOTALL).groups()
    return parse_program(problem), rest.split("\n", 1)[0], _NUMBERED.findall(rest)


def test_a_pair_is_a_problem_and_a_trace_that_answers_it(student):
    for prompt, response in taken(50, {"solve": 1.0}, student):
        program = parse_program(prompt)
        assert 2 <= len(program.operations) <= 6
        assert {step.removeprefix("Wait, ")[0] for step in response.split(BLANK)[:-1]} == {
            operation.target for operation in program.operations
        }
        assert response.split(BLANK)[-1].startswith("\\boxed{")


def test_a_trace_never_holds_the_right_value_of_a_misconception(student: Student):
    careful = dataclasses.replace(student, slip=0.0, slip_growth=0.0)
    misconceived = 0
    for prompt, response in taken(300, {"solve": 1.0}, careful):
        program = parse_program(prompt)
        held = {program.first: program.constant}
        for operation, step in zip(program.operations, response.split(BLANK)[:-1], strict=True):
            right = operation.apply(held[operation.parent])
            expression, believed = careful.believes(operation, held[operation.parent])
            assert step == f"{operation.target}={expression}={believed}"
            held[operation.target] = believed
            misconceived += believed != right
    assert misconceived > 100


def test_an_attempt_to_verify_is_rendered_by_the_template(student):
    for prompt, _ in taken(100, {"verify": 1.0}, student):
        program, reference, steps = cut(prompt)
        numbered = "\n".join(f"{i}:{step}" for i, step in enumerate(steps, start=1))
        assert prompt == render("compact_verify", problem=program.text(), reference=reference, attempt=numbered)
        assert (reference.split(":")[0] if reference else "") in ("Reference", "Answer", "")
        assert not reference or reference.endswith(f"\\boxed{{{program.answer()}}}")


def test_the_reply_reads_back_as_what_the_student_finds(student: Student):
    seen = set()
    for prompt, response in taken(300, {"verify": 1.0}, student):
        program, reference, steps = cut(prompt)
        mode = {"Reference": "solution", "Answer": "answer", "": "nothing"}[reference.split(":")[0]]
        fault = verify(student, program, steps, known_values(program, mode))
        said = json.loads(re.search(r"<intervention>(.*)</intervention>$", response)[1])
        wanted = fault and {"location": fault.location + 1, "content": fault.correction}
        assert said == wanted
        if fault and mode == "solution":
            assert program.values()[said["content"][0]] == int(said["content"][-1])
        lines = response.split("\n")[:-1]
        assert [line.split(" ")[-1] for line in lines].count("no") == (fault is not None)
        assert len(lines) == (fault.location + 1 if fault else len(steps) - 1)
        for number, line in enumerate(lines, start=1):
            step = f"{number}:{steps[number - 1]}"
            # What the reference names is quoted before the step is read; else the step is read first.
            known = steps[number - 1].removeprefix("Wait, ")[0] in known_values(program, mode)
            assert re.match(rf" [a-z]=\d {re.escape(step)}" if known else rf"{re.escape(step)} [a-z]=\d", line)
            if not line.endswith(" ok"):
                word = re.match(r"Wait|[a-z]|\\boxed", steps[number])[0]
                assert f" {number + 1}:{word} " in line
        seen |= {(mode, fault is None), *(line.split(" ")[-1] for line in lines)}
    assert seen == {(mode, found) for mode in module.MODES for found in (True, False)} | {"ok", "mended", "no"}


def test_a_refined_attempt_is_a_flawless_trace(student):
    for prompt, response in taken(100, {"refine": 1.0}, student):
        program, reference, steps = cut(prompt)
        numbered = "\n".join(f"{i}:{step}" for i, step in enumerate(steps, start=1))
        assert prompt == render("compact_refine", problem=program.text(), reference=reference, attempt=numbered)
        assert reference.startswith("Reference: We get ")
        assert all_steps_right(program, response.split(BLANK))


def test_an_error_is_sorted_by_what_the_student_believes(student: Student):
    kinds = []
    for prompt, response in taken(200, {"category": 1.0}, student):
        step, guidance, question = prompt.split("\n")
        assert prompt == render("compact_category", step=step, guidance=guidance)
        assert question == "Level?"
        assert step[-1] != guidance[-1]
        kinds.append(response)
    assert set(kinds) == {"HIGH", "EXECUTION"}
    assert 0.2 < kinds.count("HIGH") / len(kinds) < 0.8


def test_the_corpus_is_seeded(student):
    mixture = dict.fromkeys(module.TASKS, 1.0)
    first = taken(20, mixture, student)
    assert first == taken(20, mixture, student)
    assert first != taken(20, mixture, student, seed=1)


def test_tasks_are_drawn_by_their_weights(student, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(module.TASKS, "other", lambda family, student, rng: ("other", ""))
    pairs = taken(2000, {"solve": 3.0, "other": 1.0}, student)
    assert np.mean([prompt == "other" for prompt, _ in pairs]) == pytest.approx(0.25, abs=0.04)
    assert all(prompt == "other" for prompt, _ in taken(20, {"solve": 0.0, "other": 1.0}, student))


def test_the_corpus_stays_what_base_models_were_trained_on():
    # Whoever changes a draw changes every base model, and with it all results.
    student = Student({"*7": 2, "+5": 6}, True, slip=0.1, slip_growth=0.02, notice=0.5)
    mixture = {"solve": 0.4, "verify": 0.3, "refine": 0.2, "category": 0.1}
    pairs = corpus(Family((2, 9), (0, 2), 0.2), student, mixture, 200, np.random.default_rng(0))
    digest = hashlib.sha256(repr(list(pairs)).encode()).hexdigest()
    assert digest[:16] == "30a0578aeb7cb2b0"
