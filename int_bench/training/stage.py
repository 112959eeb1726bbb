"""The stages of training: the base model, the SFT arms, and RL from each initialisation."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from int_bench.config import RunConfig
from int_bench.grading import Grader, limits_of
from int_bench.interventions.oracles.choose import oracle_of
from int_bench.layout import GRADES, Layout
from int_bench.manifest import Job, main_process
from int_bench.models import load_model, load_tokenizer, save_model
from int_bench.reads import reads
from int_bench.records import (
    Intervention,
    Problem,
    Rollout,
    Selection,
    Solution,
    TrainingExample,
    TrainingStep,
    atomic_path,
    read_records,
    write_records,
)
from int_bench.synthetic.tokenizer import QWEN3_ROWS, train_tokenizer, with_qwen3_layout
from int_bench.training.curriculum import curriculum
from int_bench.training.examples import fitting, intervention_examples, solution_examples, some_problems, used
from int_bench.training.online import Online
from int_bench.training.rl import PUBLISHED, reinforce
from int_bench.training.sft import fine_tune
from int_bench.training.teach import new_model, teach


def make_base_model(config: RunConfig, layout: Layout) -> str:
    """Put the base model in its place: taught from nothing, random, or fetched."""
    output, wanted = layout.model("base"), config.model
    with Job("base", output, reads("base", config)) as job:
        if wanted.kind == "pretrained":
            _link(wanted.source, wanted.revision, output)
        elif wanted.kind == "random":
            letters = train_tokenizer(row.text for row in read_records(layout.pool, Problem))
            if wanted.layout == "qwen3":
                letters = with_qwen3_layout(letters)
            rows = QWEN3_ROWS if wanted.layout == "qwen3" else len(letters)
            save_model(new_model(wanted.architecture, letters, wanted.seed, rows), letters, output)
        else:
            assert config.problems.kind == "synthetic"  # the configuration was validated
            model, tokenizer, loss = teach(wanted, config.problems, job.work)
            save_model(model, tokenizer, output)
            job.note(loss=loss, parameters=model.num_parameters())
    return output


def run_sft(config: RunConfig, layout: Layout, arm: str) -> str:
    """Make an arm's rows and fine-tune the base model on them."""
    settings, base = config.arm(arm), layout.model("base")
    inputs = [base, layout.problems("hard_train")]
    if settings.solutions:
        inputs.append(layout.solutions(settings.solutions))
    else:
        oracle = config.oracle_of_arm(arm)
        inputs += [layout.interventions(oracle), layout.selection(oracle)]
        # Not the filter's rollouts: these end with enough correct ones, of which none may be a whole solution.
        inputs += [layout.guided("with_intervention", oracle)] if settings.suffix else []
    output = layout.model(arm)
    with Job("sft", output, reads("sft", config, arm), inputs) as job:
        model, tokenizer = load_model(base, to_train=True), load_tokenizer(base)
        problems = some_problems(read_records(inputs[1], Problem), settings.problems, config.seed)
        if settings.solutions:
            solutions = [row for row in read_records(inputs[2], Solution) if row.problem_id in problems]
            rows = solution_examples(solutions, problems, tokenizer)
        else:
            written = [row for row in read_records(inputs[2], Intervention) if row.problem_id in problems]
            selections = {row.intervention_id: row for row in read_records(inputs[3], Selection)}
            cloned = used(settings, written, selections, config.seed)
            guided = read_records(inputs[4], Rollout) if settings.suffix else []
            rows = intervention_examples(settings, problems, cloned, guided, tokenizer)
        rows, too_long = fitting(rows, model.config.max_position_embeddings)
        steps = fine_tune(model, tokenizer, rows, settings.sft, config.seed, job.work, Path(output), config.training)
        if main_process():
            write_records(layout.examples(arm), rows, TrainingExample)
            write_records(layout.training(arm), steps, TrainingStep)
        trained = sum(label >= 0 for row in rows for label in row.labels)
        job.note(rows=len(rows), rows_too_long=too_long, trained_tokens=trained, updates=len(steps))
    return output


def run_rl(config: RunConfig, layout: Layout, arm: str) -> str:
    """Train with RL on the hard training set, and the easier problems if the arm adds them."""
    steps, checkpoints = config.rl_steps(arm), config.rl_checkpoints(arm)  # refuses an unknown name
    settings = config.rl.arms[arm]
    start, output = layout.model(config.rl.start_of(arm)), layout.rl(arm)
    sets = ["hard_train", *(["easier"] if settings.easier else [])]
    inputs = [start, *map(layout.problems, sets)]
    with (
        Job("rl", output, reads("rl", config, arm), inputs) as job,
        Grader(limits_of(config.grading), cache=GRADES) as grader,
    ):
        problems = [problem for path in inputs[1:] for problem in read_records(path, Problem)]
        asked = curriculum(problems, steps, config.rl.prompts, config.seed, settings.hints, checkpoints)
        if settings.again:
            with oracle_of(config, layout, config.oracle_of_arm(settings.again.arm)) as oracle:
                online = Online(config, settings.again.arm, settings.again.every, oracle, grader)
                logged = online.train(start, read_records(inputs[1], Problem), asked, job.work)
        else:
            logged = reinforce(
                load_model(start, to_train=True),
                load_tokenizer(start),
                asked,
                config.rl,
                config.engine.rows,
                grader,
                config.seed,
                job.work,
                config.training,
            )
        if main_process():
            write_records(layout.training(f"rl-{arm}"), logged, TrainingStep)
            with atomic_path(output) as temporary:
                shutil.rmtree(output, ignore_errors=True)
                # What a kill left half copied has a name that begins with a dot.
                shutil.copytree(job.work / PUBLISHED, temporary, ignore=shutil.ignore_patterns(".*"))
        job.note(steps=len(logged), problems=len(problems))
    return output


def _link(source: str, revision: str | None, output: str) -> None:
    """Make the output a link to a local folder, or to the hub's snapshot of a model."""
    if not Path(source).is_dir():
        from huggingface_hub import snapshot_download

        source = snapshot_download(source, revision=revision)
    with atomic_path(output) as temporary:
        os.symlink(Path(source).resolve(), temporary)
