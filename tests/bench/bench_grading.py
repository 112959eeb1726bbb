"""Speed of grading: int-bench's grader beside math-verify in one process and in a process for each answer.

The answers are the gold answers of all benchmarks that lie here (those bundled, and MATH-500 and AIME 2025 from the
tests), in five written forms, right and changed, each pair once. ``make bench`` runs this.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tabulate import tabulate

from int_bench.config import ProblemFile
from int_bench.grading import Grader
from int_bench.grading.graders import math_verify_alone
from int_bench.problems.files import read_problems
from int_bench.problems.registry import registry

sys.path.insert(0, str(Path(__file__).parents[1]))

from grading.forms import changed, written_forms

Pair = tuple[str, str]
SECONDS = 5.0  # for an answer, as in the grader's own limits
AT_ONCE = 2  # processes of the way with a process for each answer


def mix() -> list[Pair]:
    """All pairs of an answer and a gold answer, each once."""
    bundled = {name: ProblemFile(**row.source_fields()) for name, row in registry().items() if row.bundled}
    golds = [problem.answer for name, source in bundled.items() for problem in read_problems(name, source).problems]
    for others in json.loads((Path(__file__).parents[1] / "data" / "golds.json").read_text()).values():
        golds += others
    pairs = [(form, gold) for gold in golds for answer in (gold, *changed(gold)) for form in written_forms(answer)]
    return list(dict.fromkeys(pairs))


def boxed(answer: str) -> str:
    """A response."""
    return rf"The answer is \boxed{{{answer}}}."


def in_one_process(pairs: Sequence[Pair]) -> list[bool]:
    """Grade with math-verify, one after another, in this process."""
    return [math_verify_alone(boxed(answer), gold)[0] == "correct" for answer, gold in pairs]


def in_a_process_each(method: str) -> Callable[[Sequence[Pair]], list[bool]]:
    """Grade with math-verify, each answer in a process that is killed if it is late."""
    context = multiprocessing.get_context(method)

    def grade(pair: Pair) -> bool:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send_grade, args=(theirs, *pair))
        process.start()
        correct = ours.poll(SECONDS) and ours.recv()
        process.kill()
        process.join()
        return correct

    def grade_all(pairs: Sequence[Pair]) -> list[bool]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            return list(threads.map(grade, pairs))

    return grade_all


def _send_grade(connection, answer: str, gold: str) -> None:
    connection.send(in_one_process([(answer, gold)])[0])


def timed(act: Callable[[], object]) -> float:
    """The seconds that it takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    pairs = mix()
    draw = random.Random(0).sample
    with Grader() as grader:
        rows = [(boxed(answer), "stop", gold) for answer, gold in pairs]
        grades = []
        ours = timed(lambda: grades.extend(grader.grade_many(rows))) / len(pairs)
        methods = Counter(grade.method for grade in grades)
        integers = [(boxed(str(n)), "stop", str(n + n % 2)) for n in range(20_000)]
        integer = timed(lambda: [grader.grade(*row) for row in integers]) / len(integers)

    in_one_process(pairs[:1])  # imports sympy
    ways = [
        ("math-verify, a process each (spawn)", in_a_process_each("spawn"), 12),
        ("math-verify, a process each (fork)", in_a_process_each("fork"), 150),
        ("math-verify, one process", in_one_process, 2_000),
    ]
    lines = []
    for name, way, number in ways:
        sample = draw(pairs, min(number, len(pairs)))
        seconds = timed(lambda way=way, sample=sample: way(sample)) / len(sample)
        lines.append([name, f"{len(sample):,} drawn", seconds])
    lines.append(["int-bench, no answer twice", f"{len(pairs):,} (all)", ours])
    print(f"{len(pairs):,} different answers, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    table = [
        [name, number, f"{seconds * 1e3:.2f}", f"{1 / seconds:,.0f}", f"{seconds / ours:,.1f}"]
        for name, number, seconds in lines
    ]
    header = ["grader", "answers", "ms an answer", "answers/s", "times int-bench's"]
    print(tabulate(table, header, colalign=("left", *["right"] * 4), disable_numparse=True))
    print(f"\nintegers through Grader.grade, one at a time: {1 / integer:,.0f}/s\n")
    shares = [[method, f"{n:,}", f"{n / len(pairs):.1%}"] for method, n in methods.most_common()]
    print(tabulate(shares, ["decided by", "answers", "share"], colalign=("left", "right", "right")))


if __name__ == "__main__":
    main()
