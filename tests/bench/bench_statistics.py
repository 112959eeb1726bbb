"""What the statistics cost and whether they hold: speed, exactness and coverage. Takes about half a minute.

Run as ``python -m tests.bench.bench_statistics [worlds]`` from the root; 4000 worlds a cell, the numbers in the
documentation, take four minutes.
"""

import math
import os
import platform
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from int_bench.analysis.ends import interval_ends
from int_bench.analysis.pass_at_k import pass_at_k
from tests.analysis.coverage import ACCURACIES, METHODS, SIZES, SPREADS, Case, cases, coverage

KS = (1, 2, 4, 8, 16, 32, 64, 128)
RESAMPLES = 10_000
LOOPED = 2
"""Resamples that the slow loop really makes; its time is scaled up to RESAMPLES."""


def main() -> None:
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 250
    core = {min(os.sched_getaffinity(0))}
    for thread in os.listdir("/proc/self/task"):  # those of the linear algebra too: times are those of one core
        os.sched_setaffinity(int(thread), core)
    print(f"numpy {np.__version__}, python {platform.python_version()}, one core of {platform.machine()}\n")
    print(tabulate(speed(), headers=("400 problems x 128 samples, 8 budgets", "seconds", "ratio")), "\n")
    print(tabulate(exactness(), headers=("pass@k against exact fractions", "absolute error", "relative error")), "\n")
    print(f"Coverage of 95% intervals in per cent by accuracy, {worlds} worlds a cell. * is outside 93 to 97 by more")
    print("than two standard errors; (brackets): fewer than ten problems are expected to have a success, or a failure;")
    print("empty: fewer than ten samples are, or the shape does not exist.\n")
    print(tabulate(coverage_table(worlds), headers=("problems", "spread", "interval", *map(str, ACCURACIES))))


def speed() -> list[tuple[str, str, str]]:
    """All resamples and intervals at once, against loops over resamples."""
    rng = np.random.default_rng(0)
    n = np.full(400, 128)
    c = rng.binomial(n, rng.beta(0.3, 2.0, size=400))

    def ours() -> None:
        interval_ends(pass_at_k(n, c, KS), np.random.default_rng(0), RESAMPLES)

    def textbook() -> None:
        for _ in range(LOOPED):
            drawn = rng.integers(400, size=400)
            for k in KS:
                np.mean([_chen(n[i], c[i], k) for i in drawn])

    def from_scores() -> None:
        scores = pass_at_k(n, c, KS)
        for _ in range(RESAMPLES):
            scores[rng.integers(400, size=400)].mean(axis=0)

    ours()  # a first call loads libraries
    seconds = min(_seconds(ours) for _ in range(3))
    slow, loop = _seconds(textbook) * RESAMPLES / LOOPED, _seconds(from_scores)
    return [
        (f"{RESAMPLES} resamples and studentised intervals at once", f"{seconds:.3f}", ""),
        (f"loop with the textbook's formula ({LOOPED} resamples, scaled)", f"{slow:.0f}", f"{slow / seconds:.0f}"),
        ("loop over scores that are computed once, means only", f"{loop:.2f}", f"{loop / seconds:.0f}"),
    ]


def exactness() -> list[tuple[str, str, str]]:
    rows = []
    for n in (64, 1000, 10_000):
        cs, ks = (0, 1, 2, 30, n // 3, n // 2, n - 30, n - 1, n), (1, 2, 8, 64, n // 4, n // 2, n - 31, n - 1, n)
        passed = pass_at_k(np.full(len(cs), n), cs, ks)
        absolute = relative = Fraction(0)
        for i, c in enumerate(cs):
            for j, k in enumerate(ks):
                exact = 1 - Fraction(math.comb(n - c, k), math.comb(n, k))
                error = abs(Fraction(passed[i, j]) - exact)
                absolute, relative = max(absolute, error), max(relative, error / exact if exact else error)
        rows.append((f"n = {n}", f"{float(absolute):.0e}", f"{float(relative):.0e}"))
    return rows


def coverage_table(worlds: int) -> list[list[str]]:
    at_once = min(worlds, 250)
    at_stake = {case: case.at_stake() for case in cases()}
    rows = []
    for problems, samples in SIZES:
        for spread in SPREADS:
            for name, interval in METHODS.items():
                row = [f"{problems} x {samples}", str(spread), name]
                for case in (Case(problems, samples, accuracy, spread) for accuracy in ACCURACIES):
                    if case not in at_stake:
                        row.append("")
                        continue
                    share, _ = coverage(case, interval, worlds, np.random.default_rng(7), at_once)
                    row.append(_cell(share, worlds, at_stake[case] < 10))
                rows.append(row)
    return rows


def _cell(share: float, worlds: int, few: bool) -> str:
    low, high = (p + sign * 2 * math.sqrt(p * (1 - p) / worlds) for p, sign in ((0.93, -1), (0.97, 1)))
    text = f"{100 * share:.1f}" + ("" if low <= share <= high else "*")
    return f"({text})" if few else text


def _chen(n: int, c: int, k: int) -> float:
    """The estimator as Chen et al. (2021) print it."""
    if n - c < k:
        return 1.0
    factors: NDArray[np.float64] = 1.0 - k / np.arange(n - c + 1, n + 1)
    return 1.0 - float(np.prod(factors))


def _seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
