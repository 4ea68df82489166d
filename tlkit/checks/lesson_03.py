"""The exercises of lesson 3, negative transfer. What answers must do: `gains.py`, `fairness.py`, `shifts.py`."""

from __future__ import annotations

import numpy as np

from tlkit.checks import fairness, gains, shifts
from tlkit.checks.exercise import Exercise, one_of, register
from tlkit.checks.fairness import UNFAIR
from tlkit.checks.gains import SOURCES
from tlkit.checks.shifts import ANGLES, CLOSER, NO_SOURCE, PULLS, RESCUES

__all__ = ["ANGLES", "CLOSER", "NO_SOURCE", "PULLS", "RESCUES", "SOURCES", "UNFAIR"]

NUM_SEEDS, NUM_BUDGETS = 10, 4

# --- what the notebook measures, as `tlkit grade` draws it


def _draw_ten(rng: np.random.Generator) -> dict[str, dict]:
    """Accuracies with ten labels a class, one a seed: of each source, and of two ways without one."""
    luck = rng.uniform(-0.02, 0.02, NUM_SEEDS)
    scores = {name: list(0.4 + 0.1 * number + luck) for number, name in enumerate(SOURCES)}
    ways = {
        name: {"validation": value, "test": list(value + luck)} for name, value in (("pixels", 0.7), ("random", 0.4))
    }
    return {"transfer": scores, "ways": ways}


def _draw_gains(rng: np.random.Generator) -> np.ndarray:
    return (
        rng.normal(size=(len(SOURCES), NUM_BUDGETS, 1)) / 10
        + rng.normal(size=(len(SOURCES), NUM_BUDGETS, NUM_SEEDS)) / 50
    )


def _draw_cell(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(0.01, 0.03, NUM_SEEDS)


def _draw_dial(name: str, values: list[float]):
    """A function that draws gains over the settings of a dial, which fall from the first to the last."""

    def draw(rng: np.random.Generator) -> dict[str, object]:
        means = np.linspace(0.1, -0.3, len(values))[:, None]
        return {name: values, "gains": means + rng.uniform(-0.02, 0.02, (len(values), NUM_SEEDS))}

    return draw


def _draw_domains(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: rng.normal(size=(60, 8)) + 3 * (name == "digits") for name in (*CLOSER[:2], "digits")}


def _draw_own(rng: np.random.Generator) -> dict[str, object]:
    labels = np.repeat(np.arange(4), 10)
    return {
        "tables": {name: rng.normal(size=(40, 12)) + labels[:, None] for name in (NO_SOURCE, "glyphs")},
        "labels": labels,
    }


def _draw_rescues(rng: np.random.Generator) -> dict[str, list[float]]:
    return {name: rng.uniform(0.5, 0.9, 5).tolist() for name in RESCUES}


register(
    Exercise(
        id="3.1", title="Negative, against what?", points=3, prediction=gains.some_sources, given={"at_ten": _draw_ten},
        hints=(
            "Which way would you take if you had no source? Only its test accuracies are the baseline.",
            "`max(ways, key=lambda name: ways[name]['validation'])` names it. Then subtract seed by seed.",
            "`found = paired_interval(transfer, ways[best]['test'])`; `return found.mean, found.low, found.high`.",
        ),
        properties=(
            gains.against_the_strongest_way, gains.chooses_on_validation, gains.pairs_by_seed,
            gains.few_seeds_are_wide, gains.reconciles_the_sources,
        ),
    ),
    Exercise(
        id="3.2", title="A map with doubts", points=2, prediction=gains.how_many(len(SOURCES) * NUM_BUDGETS),
        given={"gains": _draw_gains},
        hints=(
            "A cell gets a mark only where the whole interval of its mean lies on one side of 0.",
            "`from scipy import stats`: `stats.ttest_1samp(gains, 0, axis=2)` gives a `pvalue` for each cell.",
            "`np.sign(gains.mean(axis=2)) * (stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05)`.",
        ),
        properties=(
            gains.beyond_doubt_only, gains.sees_small_steady_gains, gains.one_false_mark_in_twenty,
            gains.reconciles_the_map,
        ),
    ),
    Exercise(
        id="3.3", title="One seed lies", points=2, prediction=gains.how_many(NUM_SEEDS), given={"cell": _draw_cell},
        hints=(
            "A group of seeds lies if its mean has another sign than the mean of all seeds.",
            "`import itertools`: `itertools.combinations(gains, k)` gives each group of `k` seeds once.",
            "`np.mean([np.sign(np.mean(g)) != np.sign(gains.mean()) for g in itertools.combinations(gains, k)])`.",
        ),
        properties=(
            gains.counts_single_seeds, gains.the_majority_has_a_sign, gains.groups_of_several,
            gains.reconciles_the_cell,
        ),
    ),
    Exercise(
        id="3.4", title="Spot the unfair baseline", points=2,
        hints=(
            "Go through UNFAIR one by one: what must be equal, what must not be there, what must be the best?",
            "`labels` and `settings tried` must be equal, `seeds` equal as sets, `chosen on` never the test; the "
            "baseline's `way` must be the best of `ways`.",
            "`found = [name for name in ('labels', 'settings tried') if a[name] != b[name]]`, with `a` the transfer "
            "and `b` the baseline; then three `if`s that append.",
        ),
        properties=(
            fairness.calls_fair_fair, fairness.finds_each_unfairness, fairness.sees_testing_on_both_sides,
            fairness.finds_all_at_once,
        ),
    ),
    Exercise(
        id="3.5", title="How far is too far?", points=2, prediction=one_of(*ANGLES),
        given={"turned": _draw_dial("angles", [0.0, 15.0, 30.0, 45.0])},
        hints=(
            "Take the mean over the seeds first. Between which two settings does it change its sign?",
            "From `(x0, y0)` to `(x1, y1)` a straight line meets 0 at `x0 + (x1 - x0) * y0 / (y0 - y1)`.",
            "`None` if all means are above 0; `i` = the first that is not; `dial[0]` if `i` is 0; else the line from "
            "`i - 1` to `i`.",
        ),
        properties=(
            shifts.crosses_between_two_settings, shifts.finds_the_first_crossing, shifts.never_is_none,
            shifts.reconciles_the_angle,
        ),
    ),
    Exercise(
        id="3.6", title="A distance that sees no labels", points=3, prediction=one_of(*CLOSER),
        given={"domains": _draw_domains},
        hints=(
            "Label the images by their domain, 0 and 1, and ask a classifier. On which images is its error honest?",
            "As many of each domain; one half to fit, the other half to judge. `linear_probe` is imported.",
            "`n = min(len(a), len(b))`, mix both, keep `n` of each; fit `linear_probe` on the first halves, "
            "`error = 1 - probe.score(...)` on the second; `2 * (1 - 2 * error)`.",
        ),
        properties=(
            shifts.far_apart_is_two, shifts.agrees_on_known_domains, shifts.judges_on_other_images,
            shifts.numbers_of_images_do_not_count, shifts.reconciles_the_distances,
        ),
    ),
    Exercise(
        id="3.7", title="How strong a pull?", points=2, prediction=one_of(*PULLS),
        given={"balance": _draw_dial("strengths", [1e-4, 1e-2, 1.0])},
        hints=(
            "For each layer: how far is it from where it began? A new layer began nowhere; take 0.",
            "`start.get(name, 0.0)` is the start, or 0. Square, sum over all weights of all layers.",
            "`strength / 2 * sum(((array - start.get(name, 0.0)) ** 2).sum() for name, array in weights.items())`.",
        ),
        properties=(
            shifts.nothing_at_the_start, shifts.new_layers_are_pulled_to_zero, shifts.adds_up_all_weights,
            shifts.reconciles_the_pull,
        ),
    ),
    Exercise(
        id="3.8", title="Do not lose", points=3, prediction=one_of(*RESCUES),
        given={"own": _draw_own, "rescued": _draw_rescues},
        hints=(
            "You have nothing but the few labelled images. Some must judge what was fitted to the others.",
            "`cross_val_score(probe, table, labels, cv=3)` of `sklearn.model_selection` stratifies; take the mean for "
            "each table.",
            "With `LogisticRegression` of `sklearn.linear_model`: `probe = LogisticRegression(max_iter=1000)`; "
            "`scores = {name: cross_val_score(probe, table, labels, cv=3).mean() for name, table in tables.items()}`; "
            "`return max(scores, key=scores.get)`.",
        ),
        properties=(
            shifts.takes_a_good_source, shifts.refuses_a_bad_source, shifts.weighs_a_handful_of_labels,
            shifts.reconciles_the_rescue,
        ),
    ),
)  # fmt: skip
