"""Where everything of a run lies: the one list of paths, used by the rules and by the stages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from int_bench.config import (
    ChatConfig,
    LanguageModelOracle,
    PeopleOracle,
    RefinedSolutions,
    ReplayOracle,
    ReplaySolutions,
    RunConfig,
    SampledSolutions,
    is_base,
)

TABLE_KINDS = ("csv", "md", "tex", "html")
FIGURE_KINDS = ("png", "pdf", "svg")
TABLES = (
    "table1",
    "table2",
    "table3",
    "table45",
    "table6",
    "table7",
    "hard_gains",
    "mining",
    "null",
    "funnel",
    "ladder",
    "leakage",
    "categories",
    "oracle_costs",
    "costs",
    "benchmarks",
    "rl_pass_at_k",
    "seeds",
    "likelihood",
    "drift",
    "beside",
    "paper_audit",
    "claims",
)
FIGURES = (*(f"figure{number}" for number in range(2, 14)), "funnel", "claims")
GRADES = "results/.cache/grades.sqlite"  # findings of the grader, shared by all runs
ANSWERS = "results/.cache/answers.sqlite"  # what language models answered oracles and judges, shared by all runs


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths of the run called ``name``, as text, since that is what a workflow compares.

    >>> Layout("tiny").model("rl-int@40")
    'results/tiny/models/rl-int/step-40'

    What is in ``shared``, relative to the folder, is that of the run ``other`` (see ``sharing.py``).

    >>> Layout("tiny-no_kl", "tiny", frozenset({"models/int"})).model("int")
    'results/tiny/models/int'
    """

    name: str
    other: str = ""
    shared: frozenset[str] = frozenset()

    def _at(self, path: str) -> str:
        return f"results/{self.other if path in self.shared else self.name}/{path}"

    @property
    def root(self) -> str:
        """The folder of all results but figures."""
        return f"results/{self.name}"

    @property
    def figures(self) -> str:
        """The folder of figures."""
        return f"figures/{self.name}"

    @property
    def explorer(self) -> str:
        """The page on which traces are read."""
        return f"{self.figures}/explorer.html"

    @property
    def report(self) -> str:
        """The page that holds the whole run: tables, figures, traces and what they mean."""
        return f"{self.figures}/report.html"

    @property
    def config(self) -> str:
        """The resolved configuration."""
        return f"{self.root}/config.yaml"

    @property
    def pool(self) -> str:
        """All problems in which hard ones are mined."""
        return self.problems("pool")

    def problems(self, name: str) -> str:
        """A problem set: ``pool``, ``hard_train``, ``hard_test``, ``easier`` or a benchmark."""
        return self._at(f"problems/{name}.parquet")

    @property
    def removed(self) -> str:
        """Problems that left the pool, or the easier ones, because they are a benchmark's."""
        return self._at("problems/pool.removed.csv")

    def model(self, name: str) -> str:
        """A model's folder: ``base``, an arm, or ``rl-ARM@STEP``."""
        if name.startswith("rl-"):
            run, step = name.removeprefix("rl-").split("@")
            return f"{self.rl(run)}/step-{step}"
        return self._at(f"models/{name}")

    def rl(self, arm: str) -> str:
        """The folder of all checkpoints of one RL training."""
        return self._at(f"models/rl-{arm}")

    def rollouts(self, name: str) -> str:
        """Rollouts from the problem alone: ``mining``, ``naive``, ``null`` or ``rejection``."""
        return self._at(f"rollouts/{name}.parquet")

    def guided(self, mode: str, oracle: str) -> str:
        """Rollouts guided by an oracle's interventions: ``filter``, ``from_intervention`` or ``with_intervention``."""
        return self.rollouts(f"{mode}-{oracle}")

    def interventions(self, oracle: str) -> str:
        """What an oracle said of each attempt."""
        return self._at(f"interventions/{oracle}.parquet")

    def annotations(self, annotator: str) -> str:
        """What a person answered at ``int-bench annotate``."""
        return f"{self.root}/annotations/{annotator}.jsonl"

    def verdicts(self, oracle: str) -> str:
        """Of which kind the judge says the errors are that an oracle corrects."""
        return self._at(f"interventions/{oracle}.verdicts.parquet")

    def selection(self, oracle: str) -> str:
        """Which of an oracle's interventions were kept, and why the others were not."""
        return self._at(f"interventions/{oracle}.selection.parquet")

    def solutions(self, name: str) -> str:
        """Whole solutions of the hard training problems, as one of ``solutions`` writes them."""
        return self._at(f"solutions/{name}.parquet")

    def examples(self, arm: str) -> str:
        """Training rows of an arm."""
        return self._at(f"training/{arm}.examples.parquet")

    def training(self, name: str) -> str:
        """What was logged at each step of an arm's fine-tuning or of ``rl-ARM``."""
        return self._at(f"training/{name}.steps.parquet")

    def likelihood(self, arm: str) -> str:
        """How likely the base model finds an arm's training rows."""
        return self._at(f"likelihood/{arm}.traces.parquet")

    def drift(self, arm: str) -> str:
        """How far fine-tuning moved an arm's model from the base model, on easy problems."""
        return self._at(f"likelihood/{arm}.drift.parquet")

    def evaluation(self, model: str) -> str:
        """Graded rollouts of a model on its problem sets."""
        return self._at(f"evaluation/{model}.parquet")

    @property
    def calibration(self) -> str:
        """Figures of the base model alone."""
        return self._at("calibration.json")

    @property
    def tables(self) -> str:
        """The folder of tables."""
        return f"{self.root}/tables"


@dataclass(frozen=True, slots=True)
class EvaluationLayout:
    """Paths of the evaluation of one model on its own, outside any run, below the folder ``root``.

    >>> EvaluationLayout("results/evaluate/e3").rollouts("aime-2025")
    'results/evaluate/e3/rollouts/aime-2025.parquet'
    """

    root: str

    def problems(self, name: str) -> str:
        """The problems of a benchmark, as they were asked."""
        return f"{self.root}/problems/{name}.parquet"

    def rollouts(self, name: str) -> str:
        """Graded rollouts of a benchmark."""
        return f"{self.root}/rollouts/{name}.parquet"

    @property
    def results(self) -> str:
        """Scores of all benchmarks, and the settings they were sampled with."""
        return f"{self.root}/results.json"


def evaluated_models(config: RunConfig) -> dict[str, dict[str, int]]:
    """Every model that is evaluated, on which problem sets, and with how many samples of each problem.

    The base model and the arms with ``benchmarks``, of RL by their last checkpoint, are evaluated on all sets. For the
    other arms these are the hard ones and the held-out benchmark; for checkpoints in the middle of RL what Figures 7, 8
    and 10 need of them. Without ``pass_at_k`` hard problems have as many samples as those of benchmarks.
    """
    settings = config.evaluation
    hard, middle_sets = ["hard_train", "hard_test"], ["hard_test", settings.held_out, *settings.table7]

    def asked(benchmarks: bool, pass_at_k: bool) -> dict[str, int]:
        sets = [*hard, *config.problems.benchmarks] if benchmarks else [*hard, settings.held_out]
        return {name: settings.samples_of(name) if pass_at_k else settings.samples for name in sets}

    models = {"base": asked(True, True)}
    models |= {name: asked(arm.benchmarks, arm.pass_at_k) for name, arm in config.arms.items()}
    for name, rl_arm in config.rl.arms.items():
        *middle, last = config.rl_checkpoints(name)[1:]
        models |= {f"rl-{name}@{step}": {one: settings.samples_of(one) for one in middle_sets} for step in middle}
        models[f"rl-{name}@{last}"] = asked(rl_arm.benchmarks, rl_arm.pass_at_k)
    return models


def table2_arms(config: RunConfig) -> list[str]:
    """The arms of RL in Table 2: base and distilled model, on the enlarged set where there is such an arm, and InT."""
    wanted = (("base_easier", "base"), ("distill_easier", "distill"), ("int",))
    found = (next((name for name in names if name in config.rl.arms), None) for names in wanted)
    return [name for name in found if name]


def companion_files(config: RunConfig, role: str) -> list[str]:
    """What the tables of another run read of its companion: what Table 2 and the null do, or all its own tables."""
    layout = Layout(config.name)
    if role == "seed":
        return [f"{layout.tables}/{name}.csv" for name in TABLES]
    models = ["base", *(f"rl-{name}@{config.rl_steps(name)}" for name in table2_arms(config))]
    sets = ["hard_train", *(["easier"] if config.problems.easier else [])]
    return [*map(layout.evaluation, models), *map(layout.problems, sets), layout.rollouts("null")]


def oracle_sources(config: RunConfig, layout: Layout, name: str) -> list[str]:
    """The files and the model that an oracle answers from, as far as they are a run's own or lie on this machine."""
    oracle = config.oracle(config.asked_oracle(name))
    if isinstance(oracle, ReplayOracle):
        return [oracle.source]
    if isinstance(oracle, PeopleOracle):
        return [layout.annotations(annotator) for annotator in oracle.annotators]
    return chat_sources(layout, oracle.chat) if isinstance(oracle, LanguageModelOracle) else []


def solution_sources(config: RunConfig, layout: Layout, name: str) -> list[str]:
    """What solutions come from beside the problems, as far as it is a run's own or lies on this machine."""
    solutions = config.solutions_of(name)
    if isinstance(solutions, ReplaySolutions):
        return [solutions.source]
    if isinstance(solutions, SampledSolutions):
        return [layout.rollouts("rejection")]
    if isinstance(solutions, RefinedSolutions):
        return [layout.rollouts("mining"), *chat_sources(layout, solutions.chat)]
    return []


def chat_sources(layout: Layout, chat: ChatConfig) -> list[str]:
    """The folder of the model that is asked in chats, if it is the run's base model or lies on this machine."""
    if is_base(chat):
        return [layout.model("base")]
    return [chat.model] if chat.engine.name != "http" and Path(chat.model).is_dir() else []
