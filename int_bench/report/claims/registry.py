"""Each claim with the measure that it is judged by: the paper's in its order, then our own of baselines that it lacks.

Places and words of the paper's claims are in ``paper_values.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass

from int_bench.analysis.verdicts import Hypothesis
from int_bench.report.claims import measures as by
from int_bench.report.claims.measures import Measured

ABOVE, BELOW = Hypothesis("above"), Hypothesis("below")
PASS_1, PASS_K = 0.02, 0.035
MARGIN_1 = "the paper counts 1.92 points of pass@1 as an improvement"
MARGIN_K = "the paper counts 3.51 points of pass@64 as a small gain"
OF_SUM = "(difference over sum)"
"""Of amounts such as nats and tokens; see :func:`int_bench.report.claims.readings.contrast`."""
BEGINNING = 0.2
"""The part of a trace that is its beginning."""


@dataclass(frozen=True, slots=True)
class Measure:
    """How a claim is measured: the value of each problem whose mean should meet the hypothesis.

    ``of`` is the paper's claim, by default the one of the same id; our own claims have a ``statement`` instead. ``why``
    gives the reason of a margin, and ``by_construction`` that for which the synthetic world makes the claim true.
    """

    id: str
    measured: str
    sample: Measured
    hypothesis: Hypothesis = ABOVE
    why: str = ""
    by_construction: str = ""
    of: str = ""
    statement: str = ""

    @property
    def claim(self) -> str:
        """The id of the paper's claim."""
        return self.of or self.id


MEASURES = (
    Measure(
        "conditioning_helps",
        "accuracy on hard training problems, with intervention less base model",
        by.guided("with_intervention"),
    ),
    Measure(
        "from_intervention_helps",
        "accuracy on hard training problems, from before the error less base model",
        by.guided("from_intervention"),
    ),
    Measure(
        "step_adds_to_place",
        "accuracy on hard training problems, with intervention less from before the error",
        by.step_over_place,
    ),
    Measure(
        "more_problems_with_intervention",
        "hard training problems solved, with intervention less naive",
        by.more_problems,
    ),
    Measure(
        "self_interventions_help",
        "accuracy on hard training problems, with interventions of its own less base model",
        by.self_guided,
    ),
    Measure(
        "int_sft_helps",
        "accuracy on hard training problems, InT less base model",
        by.accuracy("int", "base", "hard_train"),
    ),
    Measure(
        "filter_helps",
        "accuracy on hard training problems, InT less InT without filter",
        by.accuracy("int", "no_filter", "hard_train"),
    ),
    Measure(
        "prefix_helps",
        "accuracy on hard training problems, InT less InT without prefix",
        by.accuracy("int", "no_prefix", "hard_train"),
    ),
    Measure(
        "suffix_hurts",
        "accuracy on hard training problems, InT with suffix less InT",
        by.accuracy("suffix", "int", "hard_train"),
        BELOW,
    ),
    Measure(
        "entropy",
        f"entropy of the next token on easy rollouts, InT with suffix against InT {OF_SUM}",
        by.entropy("suffix", "int"),
        BELOW,
    ),
    Measure(
        "entropy_of_answers",
        "chance that two answers to a held-out problem differ, InT with suffix less InT",
        by.diversity("suffix", "int"),
        BELOW,
        of="entropy",
    ),
    Measure(
        "filter_keeps_entropy",
        f"entropy of the next token on easy rollouts, InT against InT without filter {OF_SUM}",
        by.entropy("int", "no_filter"),
    ),
    Measure(
        "interventions_short",
        f"tokens of an intervention against those of a whole solution {OF_SUM}",
        by.short,
        BELOW,
        by_construction="an intervention is one step here, and solutions have several",
    ),
    Measure(
        "interventions_mid_trace",
        "share of interventions beyond the first fifth of the trace",
        by.share(lambda found: found["place"] >= BEGINNING),
        Hypothesis("above", 0.5),
        "more than half are most",
    ),
    Measure(
        "high_errors_early",
        "place in the trace, HIGH less EXECUTION, on problems with both",
        by.places_by_category,
        BELOW,
        by_construction="slips grow along the trace here, and wrong rules stand anywhere",
    ),
    Measure(
        "execution_errors_throughout",
        "place in the trace of EXECUTION errors",
        by.execution_places,
        Hypothesis("above", 0.5),
        "later than the middle",
        by_construction="slips may come at any step here, and grow along the trace",
    ),
    Measure(
        "execution_errors_common",
        "share of interventions that are at EXECUTION errors",
        by.share(lambda found: found["category"] == "EXECUTION"),
        Hypothesis("above", 0.3),
        "the lower of the paper's two figures",
        by_construction="how often the student slips is a setting of the world",
    ),
    Measure(
        "int_lowest_nll",
        f"NLL per token under the base model, InT against the lowest of the other four of Figure 11 {OF_SUM}",
        by.lowest_nll,
        BELOW,
        by_construction="the other solutions have styles that we chose",
    ),
    Measure(
        "intervention_tokens_unlikely",
        f"NLL per token under the base model, interventions against their prefixes {OF_SUM}",
        by.intervention_nll,
    ),
    Measure(
        "int_sft_best_pass_at_k",
        "pass@k on hard test problems, InT less the best other of Figure 11 (on training problems)",
        by.best_after_sft,
    ),
    Measure(
        "distill_degrades_easy",
        "pass@1 on the held-out benchmark, distillation less base model",
        by.accuracy("distill", "base"),
        BELOW,
    ),
    Measure(
        "int_keeps_easy",
        "pass@1 on the held-out benchmark, InT less base model",
        by.accuracy("int", "base"),
        Hypothesis("above", -PASS_1),
        MARGIN_1,
    ),
    Measure(
        "int_drifts_less",
        f"KL from the base model on its easy rollouts, InT against distillation {OF_SUM}",
        by.drift("int", "distill"),
        BELOW,
    ),
    Measure(
        "rl_base_flat",
        "pass@k on hard test problems, RL from the base model less base model",
        by.best_pass_at_k("rl-base", "start-base"),
        Hypothesis("below", PASS_K),
        MARGIN_K,
    ),
    Measure(
        "rl_distill_flat",
        "pass@k on hard test problems, distillation + RL less distillation",
        by.best_pass_at_k("rl-distill", "start-distill"),
        Hypothesis("below", PASS_K),
        MARGIN_K,
    ),
    Measure(
        "rl_base_reward_flat",
        "accuracy on hard training problems, RL from the base model less base model",
        by.accuracy("rl-base", "start-base", "hard_train"),
        Hypothesis("below", PASS_1),
        MARGIN_1,
    ),
    Measure(
        "int_rl_reward_rises",
        "accuracy on hard training problems, InT + RL less InT",
        by.accuracy("rl-int", "start-int", "hard_train"),
        of="rl_base_reward_flat",
    ),
    Measure(
        "rl_sharpens_diversity",
        "chance that two answers to a held-out problem differ, RL from the base model less base model",
        by.diversity("rl-base", "start-base"),
        BELOW,
    ),
    Measure(
        "rl_sharpens_headroom",
        "pass@k less pass@1 on the held-out benchmark, RL from the base model less base model",
        by.headroom("rl-base", "start-base"),
        BELOW,
        of="rl_sharpens_diversity",
    ),
    Measure(
        "int_rl_sharpens_less",
        "chance that two answers to a hard test problem differ, InT + RL less RL from base or distilled model"
        " (the higher on held-out)",
        by.diversity_after_rl,
    ),
    Measure(
        "int_rl_improves_pass_at_k",
        "pass@k on hard test problems, InT + RL less InT",
        by.best_pass_at_k("rl-int", "start-int"),
    ),
    Measure(
        "newly_solved",
        "hard test problems solved, InT + RL less base model",
        by.newly_solved,
    ),
    Measure(
        "int_rl_beats_distill_rl",
        "pass@k on hard test problems, InT + RL less distillation + RL",
        by.best_pass_at_k("rl-int", "rl-distill"),
    ),
    Measure(
        "int_rl_beats_distill_easier_rl",
        "pass@1 on the problems of Table 2, InT + RL less distillation + RL with easier problems",
        by.table2("rl-int", "rl-distill_easier"),
        of="int_rl_beats_distill_rl",
    ),
    Measure(
        "int_rl_beats_base_rl",
        "scores on the problems of Table 7, InT + RL less RL from the base model",
        by.table7("base"),
    ),
    Measure(
        "int_rl_beats_base_easier_rl",
        "pass@1 on the problems of Table 2, InT + RL less RL from the base model with easier problems",
        by.table2("rl-int", "rl-base_easier"),
        of="int_rl_beats_base_rl",
    ),
    Measure(
        "int_rl_improves_benchmarks",
        "pass@1 on the problems of Table 2, InT + RL less base model",
        by.table2("rl-int", "base"),
    ),
    Measure(
        "int_rl_beats_gold_self_refine",
        "scores on the problems of Table 7, InT + RL less gold or self-refine + RL, the better on hard test",
        by.table7("gold", "self_refine"),
    ),
    Measure(
        "zero_advantage_falls",
        "share of all-wrong groups on hard training problems, InT + RL less InT",
        by.all_wrong("int"),
        BELOW,
    ),
    Measure(
        "distill_rl_degrades_held_out",
        "pass@1 on the held-out benchmark, distillation + RL less distillation",
        by.accuracy("rl-distill", "start-distill"),
        BELOW,
    ),
    Measure(
        "int_beats_hints",
        "scores on the problems of Table 7, InT + RL less RL with hints",
        by.table7("hinted"),
    ),
    Measure(
        "int_beats_rejection",
        "pass@1 on hard test problems, InT less rejection sampling",
        by.accuracy("int", "rejection", "hard_test"),
        statement="SFT on interventions is better than rejection sampling with as many rollouts.",
    ),
    Measure(
        "int_rl_beats_base_budget",
        "pass@1 on hard test problems, InT + RL less RL from the base model with more steps",
        by.accuracy("rl-int", "rl-base_budget", "hard_test"),
        statement="InT + RL is better than RL from the base model with as many rollouts.",
    ),
    Measure(
        "int_matched_beats_distill_matched",
        "pass@1 on hard test problems, InT less distillation",
        by.accuracy("int_matched", "distill_matched", "hard_test"),
        statement="InT is better than distillation with the same learning rate and as many trained tokens.",
    ),
    Measure(
        "same_model_twice",
        "accuracy on hard training problems, second naive pass less first",
        by.same_model_twice,
        statement="The base model is better than itself: a check of the rules, which must leave this undecided.",
    ),
)
"""In the order of the paper's claims; the last one checks the rules themselves."""
