"""The stages ``evaluate-run`` and ``calibrate``."""

from __future__ import annotations

import numpy as np

from int_bench.config import ConfigError, RunConfig
from int_bench.engines.choose import identity
from int_bench.layout import Layout, evaluated_models
from int_bench.manifest import Job
from int_bench.reads import reads
from int_bench.records import Intervention, Problem, Rollout, read_records, write_json
from int_bench.rollouts.sample import Request, sample_to
from int_bench.rollouts.shards import Shard
from int_bench.rollouts.stage import part, sampler_of
from int_bench.synthetic.calibration import NotCalibrated, calibrate, places_of


def evaluate_run(config: RunConfig, layout: Layout, model: str, shard: Shard) -> str:
    """Roll out a model on its problem sets, with as many samples a problem as are asked for of each.

    Draws are keyed by problem and sample alone, so models are compared on common random numbers.
    """
    models = evaluated_models(config)
    if model not in models:
        raise ConfigError(f"no model {model!r} in run {config.name}; it has {', '.join(models)}")
    sets = models[model]
    requests = [
        Request(problem, name, samples)
        for name, samples in sets.items()
        for problem in read_records(layout.problems(name), Problem)
    ]
    whole, folder = layout.evaluation(model), layout.model(model)
    engine = identity(config.engine)
    inputs = [folder, *(layout.problems(name) for name in sets)]
    with (
        Job("evaluation", shard.of(whole), reads("evaluation", config, model), inputs, whole, engine) as job,
        sampler_of(config, folder, "evaluation", config.evaluation.sampling) as sampler,
    ):
        sample_to(job, sampler, part(requests, shard))
    return str(job.output)


def check_calibration(config: RunConfig, layout: Layout) -> str:
    """Write the base model's figures; raises NotCalibrated with them if it misses a mark."""
    world = config.problems
    assert world.kind == "synthetic"  # the rule exists only then
    assert world.calibration
    easy = [
        row
        for row in read_records(layout.evaluation("base"), Rollout)
        if row.problem_set == world.calibration.easy_benchmark
    ]
    oracle, places = world.calibration.oracle, None
    if oracle:
        proposals = read_records(layout.interventions(oracle), Intervention)
        places = places_of(oracle, proposals, np.random.default_rng(config.seed))
    figures = calibrate(easy, read_records(layout.rollouts("null"), Rollout), config.rl.samples, places)
    misses = figures.misses(world.calibration)
    if misses:
        raise NotCalibrated(f"the base model is not calibrated: {'; '.join(misses)}")
    write_json(layout.calibration, figures.as_dict())
    return layout.calibration
