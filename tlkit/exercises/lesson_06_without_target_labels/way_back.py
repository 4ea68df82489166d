"""Reverse validation, and a choice of the strength that does not peek."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from tlkit.adaptation import reverse_accuracy
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_shares, numbers_of, one_number
from tlkit.exercises.lesson_06_without_target_labels.shown import RULES, gains_by
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.measure import paired_interval

__all__ = ["HONEST_GAIN", "WAY_BACK"]


def _domains(rng: np.random.Generator, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Clear clusters in two domains: source, its labels, target, its labels (which the answer never sees)."""
    width = int(rng.integers(6, 9))
    centres = 30 * np.eye(width)[rng.permutation(width)[:number]]
    parts = []
    for offset in (0.0, 0.2 * rng.normal(size=width)):
        counts = rng.integers(12, 30, number)
        labels = rng.permutation(np.repeat(np.arange(number), counts))
        parts += [centres[labels] + rng.normal(size=(len(labels), width)) + offset, labels]
    return tuple(parts)


def _back(way_back: Callable, source: np.ndarray, labels: np.ndarray, target: np.ndarray, guesses: np.ndarray) -> float:
    with threadpool_limits(1):  # for tables this small, threads wait for each other longer than they work
        received = way_back(source.copy(), labels.copy(), target.copy(), guesses.copy())
    return one_number(received, "an accuracy")


def _expect(
    way_back: Callable, num_swapped: int, rng: np.random.Generator, why: str, *, number: int | None = None
) -> None:
    """Expect the share of the source that is left right if the guesses swap some classes in a circle."""
    source, labels, target, classes = _domains(rng, number or int(rng.integers(3, 6)))
    names = np.arange(labels.max() + 1)
    swapped = rng.permutation(names)[: min(num_swapped, len(names))]
    names[swapped] = np.roll(swapped, 1)
    truth = float(np.mean(names[labels] == labels))
    received = _back(way_back, source, labels, target, names[classes])
    mistakes = [(100 * truth, "Return a share, and not percent.")]
    mistakes += [(1 - truth, "That is the share of errors.")] if 0 < truth < 1 else []
    taken = f"in which {len(swapped)} are taken for one another" if len(swapped) else "all of them right"
    require(
        abs(received - truth) < 0.02,
        f"{len(names)} clear classes, and guesses for the target, {taken}: the way back is right for {truth:.3f} of "
        f"the source. Received {received:.3f}. {slip(received, mistakes, why)}",
    )


def right_guesses_lead_back(way_back):
    """Right guesses lead back to the labels of the source, and wrong ones do not."""
    for rng in draws(2):
        for swapped in mixed([0, 2, 3], rng):
            why = "Learn from the target and its *guesses*, and judge on the source and its *labels*."
            _expect(way_back, swapped, rng, why)


def all_wrong_is_nothing(way_back):
    """It is 0 if every class is taken for another, however sure the guesses are."""
    for rng in draws(2):
        for swapped in mixed([99, 2], rng):
            why = "Compare with the source's labels themselves: that the guesses are consistent is no merit."
            _expect(way_back, swapped, rng, why)
        _expect(way_back, 0, rng, "Two classes are enough to learn from.", number=2)


def one_class_teaches_little(way_back):
    """If all guesses are one class, the way back is right for that class alone."""
    for rng in draws(2):
        source, labels, target, _ = _domains(rng, int(rng.integers(3, 6)))
        for name in mixed(np.unique(labels).tolist(), rng)[:2]:
            truth = float(np.mean(labels == name))
            received = _back(way_back, source, labels, target, np.full(len(target), name))
            require(
                abs(received - truth) < 1e-6,
                f"All guesses are class {name}: a classifier that knows only this one is right for {truth:.3f} of the "
                f"source. Received {received:.3f}. Many classifiers refuse to learn a single class: treat it apart.",
            )


def reconciles_the_rules(chosen, prediction):
    """Your prediction is compared with what each rule reached here."""
    fine = isinstance(chosen, dict) and set(chosen) == set(RULES)
    require(fine, f"`chosen` must hold the gains of {list(RULES)}, seed by seed, as measured.")
    told = ", ".join(f"{name} {100 * mean:+.1f}" for name, mean in mean_shares(chosen, "chosen").items())
    return f"You predicted {prediction!r}. Mean gains here, in points: {told}."


WAY_BACK = Exercise(
    id="6.6",
    title="The way back",
    points=3,
    prediction=one_of(*RULES),
    given={"chosen": lambda rng: {name: rng.normal(0.03, 0.03, 5).tolist() for name in RULES}},
    kit_has=(reverse_accuracy,),
    hints=(
        "You know labels in the source only. How can guesses for the target be tried out there?",
        "Fit any classifier to `target, guesses`, `linear_probe` for example, and `score` it on `source, labels`.",
        "If `np.unique(guesses)` is a single class, return the share of the source's labels that equal it.",
    ),
    properties=(right_guesses_lead_back, all_wrong_is_nothing, one_class_teaches_little, reconciles_the_rules),
)


def _runs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A baseline `(num_seeds,)`, accuracies and a criterion `(num_strengths, num_seeds)` that disagree."""
    strengths, seeds = int(rng.integers(3, 6)), int(rng.integers(4, 8))
    accuracy = rng.permuted(np.linspace(0.3, 0.9, strengths * seeds)).reshape(strengths, seeds)
    criterion = rng.permuted(np.linspace(0.1, 0.8, strengths * seeds)).reshape(strengths, seeds)
    for seed in range(seeds):  # another strength wins in each seed, and never the one with the best accuracy
        worse = rng.permutation(np.delete(np.arange(strengths), accuracy[:, seed].argmax()))
        first, best = (seed + int(worse[0])) % strengths, int(criterion[:, seed].argmax())
        first = int(worse[0]) if first == accuracy[:, seed].argmax() else first
        criterion[[first, best], seed] = criterion[[best, first], seed]
    return rng.permutation(np.linspace(0.35, 0.85, seeds)), accuracy, criterion


def _gained(honest_gain: Callable, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    baseline, accuracy, criterion = _runs(rng)
    message = f"Return one gain for each seed, ({len(baseline)},)."
    received = honest_gain(baseline.copy(), accuracy.copy(), criterion.copy())
    return numbers_of(received, baseline.shape, message), baseline, accuracy, criterion


OWN_SEED = "A run is compared with the baseline of its own seed, at the strength that its own criterion chooses."


def _why_not(received: np.ndarray, baseline: np.ndarray, accuracy: np.ndarray, criterion: np.ndarray) -> str:
    """What gains that were received have misunderstood."""
    picked = gains_by(criterion, accuracy, baseline) + baseline
    slips = [
        (accuracy.max(axis=0) - baseline, "The best strength by *accuracy* needs the labels that nobody wrote."),
        (picked, "These are accuracies: take each seed's baseline off."),
        (baseline - picked, "A gain is the accuracy minus the baseline, not the other way round."),
        (gains_by(-criterion, accuracy, baseline), "The *largest* criterion chooses."),
        (accuracy[criterion.mean(axis=1).argmax()] - baseline, "Each seed chooses for itself: `argmax(axis=0)`."),
        (criterion.max(axis=0) - baseline, "The criterion chooses a strength; what counts is its *accuracy*."),
        (100 * (picked - baseline), "These are in points: return shares."),
        (picked - baseline.mean(), "Take the baseline of each seed off, not their mean."),
    ]
    return next((why for gains, why in slips if close(received, gains)), OWN_SEED)


def does_not_peek(honest_gain):
    """The criterion chooses, not the accuracy."""
    for rng in draws(4):
        received, baseline, accuracy, criterion = _gained(honest_gain, rng)
        picked = gains_by(criterion, accuracy, baseline) + baseline
        require(
            close(np.sort(received + baseline), np.sort(picked)),
            f"{len(accuracy)} strengths, {len(baseline)} seeds: by the criterion, the chosen accuracies are "
            f"{picked.round(3).tolist()}, and the baselines {baseline.round(3).tolist()}. Received gains of "
            f"{received.round(3).tolist()}. {_why_not(received, baseline, accuracy, criterion)}",
        )


def each_seed_chooses(honest_gain):
    """Each seed has a choice and a baseline of its own."""
    for rng in draws(4):
        received, baseline, accuracy, criterion = _gained(honest_gain, rng)
        truth = gains_by(criterion, accuracy, baseline)
        require(
            close(received, truth),
            f"The gains of {len(baseline)} seeds are {truth.round(3).tolist()}; received {received.round(3).tolist()}. "
            f"{_why_not(received, baseline, accuracy, criterion)}",
        )


def reconciles_the_honest_gain(honest_gain, runs):
    """It runs on your own table."""
    fine = isinstance(runs, dict) and set(runs) == {"baseline", "accuracy", "criterion"}
    require(fine, "`runs` must hold 'baseline', 'accuracy' and 'criterion', as measured.")
    baseline, accuracy, criterion = (np.asarray(runs[key], float) for key in ("baseline", "accuracy", "criterion"))
    received = numbers_of(honest_gain(baseline, accuracy, criterion), baseline.shape, "Return a gain for each seed.")
    truth = gains_by(criterion, accuracy, baseline)
    require(close(received, truth), f"On your own table, the chosen gains are {truth.round(3).tolist()}.")
    peeked = paired_interval(accuracy.max(axis=0), baseline)
    return f"Chosen without labels: {paired_interval(received, 0 * received)}. By peeking: {peeked}."


def _draw_runs(rng: np.random.Generator) -> dict[str, np.ndarray]:
    baseline, accuracy, criterion = _runs(rng)
    return {"baseline": baseline, "accuracy": accuracy, "criterion": criterion}


HONEST_GAIN = Exercise(
    id="6.7",
    title="A gain without peeking",
    points=2,
    given={"runs": _draw_runs},
    kit_has=(gains_by,),
    hints=(
        "For each seed: which strength has the largest criterion? Its accuracy is what you get, be it good or bad.",
        "`criterion.argmax(axis=0)` is a strength for each seed.",
        "`accuracy[criterion.argmax(axis=0), np.arange(len(baseline))] - baseline`.",
    ),
    properties=(does_not_peek, each_seed_chooses, reconciles_the_honest_gain),
)
