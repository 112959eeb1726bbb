"""The stage ``likelihood``: an arm's training rows under the base model, and how far its model drifted from it.

Both are of samples that the run's seed draws: 64 rows of the arm, as in Figure 11a (Appendix I), and 64 rollouts of the
base model on easy problems, those of the held-out benchmark. Rows are drawn by their names alone, so that arms with
equal rows have the same ones measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from int_bench.config import RunConfig
from int_bench.engines.base import seed_of
from int_bench.evaluation.likelihood import Text, drifts, surprisals
from int_bench.layout import Layout
from int_bench.manifest import Job
from int_bench.models import load_model, load_tokenizer
from int_bench.reads import reads
from int_bench.records import (
    Drift,
    Part,
    Problem,
    Rollout,
    TraceLikelihood,
    TrainingExample,
    read_records,
    records_of,
    scan_tables,
    write_records,
)
from int_bench.rollouts.chat import open_turn

ROWS = 64
"""Rows of an arm, and rollouts of the base model, that are measured at most (Appendix I)."""


def measure_likelihood(config: RunConfig, layout: Layout, arm: str) -> list[str]:
    """Write the likelihood of an arm's rows under the base model, and the drift of its model from the base model."""
    config.arm(arm)  # refuses an unknown name
    held_out, outputs = config.evaluation.held_out, [layout.likelihood(arm), layout.drift(arm)]
    base_folder, arm_folder = layout.model("base"), layout.model(arm)
    inputs = [base_folder, arm_folder, layout.examples(arm), layout.evaluation("base"), layout.problems(held_out)]
    with Job("likelihood", outputs[0], reads("likelihood", config, arm), inputs) as job:
        tokenizer, base = load_tokenizer(base_folder), load_model(base_folder, exact=True)
        rows = drawn_rows(read_records(layout.examples(arm), TrainingExample), config.seed)
        after = [Text(row.input_ids[: row.prompt_tokens], row.input_ids[row.prompt_tokens :]) for row in rows]
        traces = [
            TraceLikelihood(row.example_id, row.problem_id, part, stop - start, float(nats[start:stop].sum()))
            for row, nats in zip(rows, surprisals(base, after), strict=True)
            for part, start, stop in parts(row, int(tokenizer.eos_token_id))
        ]
        rollouts = drawn_rollouts(layout.evaluation("base"), held_out, config.seed)
        posed = {row.problem_id: row.text for row in read_records(layout.problems(held_out), Problem)}
        followed = [Text(open_turn(tokenizer, posed[row.problem_id], row.prefix), row.token_ids) for row in rollouts]
        drifted = [
            Drift(row.rollout_id, row.problem_id, len(measured), *measured.sum(0).tolist())
            for row, measured in zip(rollouts, drifts(base, load_model(arm_folder, exact=True), followed), strict=True)
        ]
        write_records(outputs[1], drifted, Drift)
        write_records(outputs[0], traces, TraceLikelihood)
        job.note(rows=len(rows), tokens=sum(len(text.tokens) for text in after))
        job.note(rollouts=len(rollouts), rollout_tokens=sum(len(text.tokens) for text in followed))
    return outputs


def parts(row: TrainingExample, end: int) -> Iterator[tuple[Part, int, int]]:
    """The parts of a row that have tokens: name, start and stop, counted from the end of the prompt.

    What follows an intervention is a continuation, what follows none a solution. A token ``end`` that closes either is
    a part of its own: rows that stop at an intervention have none, and would be compared with more than their text.
    """
    length = len(row.input_ids) - row.prompt_tokens
    given = row.prefix_tokens + row.intervention_tokens
    closed = length > given and row.input_ids[-1] == end
    follows: Part = "continuation" if given else "solution"
    stops: dict[Part, int] = {
        "prefix": row.prefix_tokens,
        "intervention": given,
        follows: length - closed,
        "end": length,
    }
    start = 0
    for part, stop in stops.items():
        if stop > start:
            yield part, start, stop
        start = stop


def drawn_rows(examples: Iterable[TrainingExample], seed: int) -> list[TrainingExample]:
    """At most ``ROWS`` rows, drawn at random by their names: other rows do not change the order of these."""
    return sorted(examples, key=lambda row: seed_of(seed, row.example_id, 0))[:ROWS]


def drawn_rollouts(path: str, problem_set: str, seed: int) -> list[Rollout]:
    """At most ``ROWS`` rollouts on a set of problems of a file that may be large: of each problem one, drawn at random.

    If there are fewer problems than that, a second one is taken of each, and so on.
    """
    by_problem: dict[str, list[str]] = defaultdict(list)
    for table in scan_tables(path, Rollout, ["rollout_id", "problem_id", "problem_set"]):
        for row in table.filter(pc.equal(table["problem_set"], problem_set)).to_pylist():
            by_problem[row["problem_id"]].append(row["rollout_id"])

    def order(name: str) -> int:
        return seed_of(seed, name, 0)

    ranked = [(rank, name) for names in by_problem.values() for rank, name in enumerate(sorted(names, key=order))]
    ranked.sort(key=lambda pair: (pair[0], order(pair[1])))
    wanted = {name: place for place, (_, name) in enumerate(ranked[:ROWS])}
    found = [
        row
        for table in scan_tables(path, Rollout)
        for row in records_of(table.filter(pc.is_in(table["rollout_id"], pa.array(wanted, pa.string()))), Rollout)
    ]
    return sorted(found, key=lambda row: wanted[row.rollout_id])
