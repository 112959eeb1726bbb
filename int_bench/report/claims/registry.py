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
AS_TRAINED, MATCHED = "each as it is trained", "with the same learning rate and as many trained tokens"
SECOND = "the second base model of Table 2"
TABLE2 = "pass@1, averaged over the benchmarks of Table 2"
TABLE7 = "pass@k averaged over the benchmarks of Table 7, each at its own k (pass@1 and pass@8 mixed)"


@dataclass(frozen=True, slots=True)
class Measure:
    """How a claim is measured: the value of each problem whose mean should meet the hypothesis.

    ``of`` is the paper's claim, by default the one of the same id; our own claims have a ``statement`` instead.
    ``part`` is what is tested of a statement that says more. ``why`` gives the reason of a margin, and
    ``by_construction`` that for which the synthetic world with its exact oracle should make the claim true.
    """

    id: str
    measured: str
    sample: Measured
    hypothesis: Hypothesis = ABOVE
    why: str = ""
    by_construction: str = ""
    of: str = ""
    part: str = ""
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
        by.self_guided(),
        part="that they help at all",
    ),
    Measure(
        "self_interventions_solve_twice",
        "hard training problems solved, half of those with interventions of its own less naive",
        by.self_solved(2.0),
        of="self_interventions_help",
        part="twice the problems",
    ),
    Measure(
        "self_interventions_tenfold",
        "accuracy on hard training problems, a tenth of that with interventions of its own less base model",
        by.self_guided(10.0),
        of="self_interventions_help",
        part="more than tenfold the accuracy",
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
        part="the entropy",
    ),
    Measure(
        "entropy_of_answers",
        "chance that two answers to a held-out problem differ, InT with suffix less InT",
        by.diversity("suffix", "int"),
        BELOW,
        of="entropy",
        part="the diversity",
    ),
    Measure(
        "filter_keeps_entropy",
        f"entropy of the next token on easy rollouts, InT against InT without filter {OF_SUM}",
        by.entropy("int", "no_filter"),
        part="that it keeps the entropy, not that this is why it helps",
    ),
    Measure(
        "interventions_short",
        f"tokens of an intervention against those of a whole solution {OF_SUM}",
        by.short,
        BELOW,
        by_construction="an intervention is one step here, and solutions have several",
        part="shorter than whole solutions",
    ),
    Measure(
        "interventions_mid_trace",
        "share of interventions in the middle three fifths of their trace, less the share of its steps there",
        by.mid_trace,
        by_construction="where a trace errs is drawn by the world here, and the exact oracle finds the place",
        part="in the middle more often than a step at random",
    ),
    Measure(
        "high_errors_early",
        "place in the trace, HIGH less EXECUTION, on problems with both",
        by.places_by_category,
        BELOW,
        by_construction="slips grow along the trace here, and wrong rules stand anywhere",
        part="earlier than execution errors",
    ),
    Measure(
        "execution_errors_throughout",
        "place in the trace of EXECUTION errors",
        by.execution_places,
        Hypothesis("above", 0.5),
        "later than the middle",
        by_construction="slips may come at any step here, and grow along the trace",
        part="more so late",
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
        part="per token",
    ),
    Measure(
        "int_lowest_nll_per_trace",
        f"NLL per trace under the base model, InT against the lowest of the other four of Figure 11 {OF_SUM}",
        by.lowest_nll_per_trace,
        BELOW,
        by_construction="a row of InT ends with the intervention, and the other solutions have styles that we chose",
        of="int_lowest_nll",
        part="per trace, which favours short ones",
    ),
    Measure(
        "intervention_tokens_unlikely",
        f"NLL per token under the base model, interventions against their prefixes {OF_SUM}",
        by.intervention_nll,
        by_construction="a hard problem is one where the base model does not write the step that the exact oracle does",
        part="that interventions are less likely than their prefixes",
    ),
    Measure(
        "int_sft_best_pass_at_k",
        "pass@k on hard test problems, InT less the best other of Figure 11 (on training problems)",
        by.best_after_sft("hard_test"),
        part="test problems, the largest k",
    ),
    Measure(
        "int_sft_best_pass_at_1",
        "pass@1 on hard test problems, InT less the best other of Figure 11 (on training problems)",
        by.best_after_sft("hard_test", 1),
        of="int_sft_best_pass_at_k",
        part="test problems, the smallest k",
    ),
    Measure(
        "int_sft_best_pass_at_k_training",
        "pass@k on hard training problems, InT less the best other of Figure 11 (on test problems)",
        by.best_after_sft("hard_train"),
        of="int_sft_best_pass_at_k",
        part="training problems, the largest k",
    ),
    Measure(
        "int_sft_best_pass_at_1_training",
        "accuracy on hard training problems, InT less the best other of Figure 11 (on test problems)",
        by.best_after_sft("hard_train", 1),
        of="int_sft_best_pass_at_k",
        part="training problems, the smallest k",
    ),
    Measure(
        "int_sft_best_pass_at_k_matched",
        "pass@k on hard test problems, InT less the best other of Figure 11 (on training problems)",
        by.best_after_sft("hard_test", matched=True),
        of="int_sft_best_pass_at_k",
        part=f"test problems, the largest k, {MATCHED}",
    ),
    Measure(
        "distill_degrades_easy",
        "pass@1 on the held-out benchmark, distillation less base model",
        by.accuracy("distill", "base"),
        BELOW,
        part=AS_TRAINED,
    ),
    Measure(
        "distill_degrades_easy_matched",
        "pass@1 on the held-out benchmark, distillation less base model",
        by.accuracy("distill_matched", "base"),
        BELOW,
        of="distill_degrades_easy",
        part=MATCHED,
    ),
    Measure(
        "int_keeps_easy",
        "pass@1 on the held-out benchmark, InT less base model",
        by.accuracy("int", "base"),
        Hypothesis("above", -PASS_1),
        MARGIN_1,
        part=AS_TRAINED,
    ),
    Measure(
        "int_keeps_easy_matched",
        "pass@1 on the held-out benchmark, InT less base model",
        by.accuracy("int_matched", "base"),
        Hypothesis("above", -PASS_1),
        MARGIN_1,
        of="int_keeps_easy",
        part=MATCHED,
    ),
    Measure(
        "int_drifts_less",
        f"KL from the base model on its easy rollouts, InT against distillation {OF_SUM}",
        by.drift("int", "distill"),
        BELOW,
        part=AS_TRAINED,
    ),
    Measure(
        "int_drifts_less_matched",
        f"KL from the base model on its easy rollouts, InT against distillation {OF_SUM}",
        by.drift("int_matched", "distill_matched"),
        BELOW,
        of="int_drifts_less",
        part=MATCHED,
    ),
    Measure(
        "rl_base_flat",
        "pass@k on hard test problems, RL from the base model less base model",
        by.best_pass_at_k("rl-base", "start-base"),
        Hypothesis("below", PASS_K),
        MARGIN_K,
        part="at its end, the largest k",
    ),
    Measure(
        "rl_distill_flat",
        "pass@k on hard test problems, distillation + RL less distillation",
        by.best_pass_at_k("rl-distill", "start-distill"),
        Hypothesis("below", PASS_K),
        MARGIN_K,
        part="at its end, the largest k",
    ),
    Measure(
        "rl_base_reward_flat",
        "accuracy on hard training problems, RL from the base model less base model",
        by.accuracy("rl-base", "start-base", "hard_train"),
        Hypothesis("below", PASS_1),
        MARGIN_1,
        part="RL from the base model",
    ),
    Measure(
        "int_rl_reward_rises",
        "accuracy on hard training problems, InT + RL less InT",
        by.accuracy("rl-int", "start-int", "hard_train"),
        of="rl_base_reward_flat",
        part="RL after SFT, of InT",
    ),
    Measure(
        "rl_sharpens_diversity",
        "chance that two answers to a held-out problem differ, RL from the base model less base model",
        by.diversity("rl-base", "start-base"),
        BELOW,
        part="the diversity",
    ),
    Measure(
        "rl_sharpens_headroom",
        "pass@k less pass@1 on the held-out benchmark, RL from the base model less base model",
        by.headroom("rl-base", "start-base"),
        BELOW,
        of="rl_sharpens_diversity",
        part="sharpening",
    ),
    Measure(
        "int_rl_sharpens_less",
        "half of: change under RL in the chance that two answers to a hard test problem differ, from InT less from the"
        " base or distilled model (the higher on held-out); mixed with accuracy, as right answers do not differ",
        by.diversity_after_rl,
        part="the diversity",
    ),
    Measure(
        "int_rl_improves_pass_at_k",
        "pass@k on hard test problems, InT + RL less InT",
        by.best_pass_at_k("rl-int", "start-int"),
        part="at its end, the largest k",
    ),
    Measure(
        "newly_solved",
        "hard test problems solved, InT + RL less base model",
        by.newly_solved,
        part="more than the base model solves with as many samples",
    ),
    Measure(
        "int_rl_beats_distill_rl",
        "pass@k on hard test problems, InT + RL less distillation + RL",
        by.best_pass_at_k("rl-int", "rl-distill"),
        part="hard test problems",
    ),
    Measure(
        "int_rl_beats_distill_easier_rl",
        f"{TABLE2}, InT + RL less distillation + RL with easier problems",
        by.table2("rl-int", "rl-distill_easier"),
        of="int_rl_beats_distill_rl",
        part="benchmarks",
    ),
    Measure(
        "int_rl_beats_distill_easier_rl_second",
        f"{TABLE2}, InT + RL less distillation + RL with easier problems",
        by.table2_beside("rl-int", "rl-distill_easier"),
        of="int_rl_beats_distill_rl",
        part=f"benchmarks, {SECOND}",
    ),
    Measure(
        "int_rl_beats_base_rl",
        f"{TABLE7}, InT + RL less RL from the base model",
        by.table7("base"),
        part="the same problems",
    ),
    Measure(
        "int_rl_beats_base_easier_rl",
        f"{TABLE2}, InT + RL less RL from the base model with easier problems",
        by.table2("rl-int", "rl-base_easier"),
        of="int_rl_beats_base_rl",
        part="where the other has more problems",
    ),
    Measure(
        "int_rl_beats_base_easier_rl_second",
        f"{TABLE2}, InT + RL less RL from the base model with easier problems",
        by.table2_beside("rl-int", "rl-base_easier"),
        of="int_rl_beats_base_rl",
        part=f"where the other has more problems, {SECOND}",
    ),
    Measure(
        "int_rl_improves_benchmarks",
        f"{TABLE2}, InT + RL less base model",
        by.table2("rl-int", "base"),
        part="the average, not that nothing is lost",
    ),
    Measure(
        "int_rl_beats_gold_self_refine",
        f"{TABLE7}, InT + RL less gold or self-refine + RL, the better on hard test",
        by.table7("gold", "self_refine"),
        part="against the better of the two",
    ),
    Measure(
        "zero_advantage_falls",
        "share of all-wrong groups on hard training problems, InT + RL less InT",
        by.all_wrong("int"),
        BELOW,
        part="after SFT of InT, groups of samples",
    ),
    Measure(
        "distill_rl_degrades_held_out",
        "pass@1 on the held-out benchmark, distillation + RL less distillation",
        by.accuracy("rl-distill", "start-distill"),
        BELOW,
    ),
    Measure(
        "int_beats_hints",
        f"{TABLE7}, InT + RL less RL with hints",
        by.table7("hinted"),
    ),
    Measure(
        "int_beats_rejection",
        "pass@1 on hard test problems, InT less rejection sampling",
        by.accuracy("int_matched", "rejection_matched", "hard_test"),
        statement=f"SFT on interventions is better than rejection sampling with as many rollouts, {MATCHED}.",
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
        statement=f"InT is better than distillation {MATCHED}.",
    ),
    Measure(
        "same_model_twice",
        "accuracy on hard training problems, second naive pass less first",
        by.same_model_twice,
        statement="The base model is better than itself: a check of the rules, which must leave this undecided.",
    ),
)
"""In the order of the paper's claims; the last one checks the rules themselves."""
