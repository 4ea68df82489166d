"""Doubting a network: when not to answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import percent
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_00_orientation.shown import UNKNOWN
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws, random_names

__all__ = ["REFUSE"]


def _rows(rng: np.random.Generator, sureness: np.ndarray, num_classes: int) -> np.ndarray:
    """Probabilities whose largest one in each row, anywhere in it, is the sureness of that row."""
    others = rng.dirichlet(np.full(num_classes - 1, 50.0), len(sureness)) * (1 - sureness[:, None])
    return np.array([rng.permutation([*row, sure]) for row, sure in zip(others, sureness, strict=True)])


def _expect(refuse: Callable, rng: np.random.Generator, sureness: np.ndarray, at_least: float, why: str) -> None:
    """Expect the likeliest of drawn names for each image that is sure enough."""
    names = random_names(int(rng.integers(4, 7)), rng)
    probabilities = _rows(rng, sureness, len(names))
    truth = [names[row.argmax()] if row.max() >= at_least else UNKNOWN for row in probabilities]
    received = refuse(probabilities, names, at_least)
    fine = isinstance(received, (list, tuple)) and len(received) == len(truth)
    require(
        fine,
        f"{len(truth)} images need as many answers: return a list of strings, each of them a name or {UNKNOWN!r}. "
        f"Received {in_words(received)}.",
    )
    sure = ", ".join(f"{100 * value:.4g}" for value in sureness)
    require(
        list(received) == truth,
        f"The network was {sure} % sure, at least {100 * at_least:.4g} % was required, and the answers were "
        f"{in_words(received)} rather than {in_words(truth)}. {why}",
    )


def answers_when_sure(refuse):
    """It names the most likely class where the network is sure enough."""
    for rng in draws(3):
        at_least = float(rng.uniform(0.35, 0.6))
        sureness = rng.uniform(at_least + 0.1, 0.95, rng.integers(3, 8))
        why = "All of these are sure enough: answer with the name of each row's largest probability."
        _expect(refuse, rng, sureness, at_least, why)


def refuses_each_for_itself(refuse):
    """It refuses an image that it is not sure enough of, and only that one."""
    rng = hidden_rng()
    for at_least in rng.permutation([*rng.uniform(0.36, 0.44, 2), *rng.uniform(0.5, 0.85, 2)]).tolist():
        margins = rng.permutation([0.0004, -0.0004, 0.03, -0.03, *rng.uniform(-0.05, 0.1, rng.integers(1, 5))])
        why = "Decide for each row by its own largest value, as it is: no margin, no rounding."
        _expect(refuse, rng, at_least + margins, at_least, why)


def exactly_enough_is_enough(refuse):
    """Exactly as sure as required is enough."""
    for rng in draws(3):
        at_least = float(rng.choice([0.375, 0.5, 0.625, 0.75]))
        sureness = rng.permutation([at_least, at_least, at_least + 0.125, at_least - 0.0625])
        _expect(refuse, rng, sureness, at_least, "*At least* includes exactly as much: use `>=`.")


def reconciles_the_noise(sure_of_noise, prediction):
    """You predicted first."""
    measured = 100 * one_number(sure_of_noise, "`sure_of_noise`")
    require(0 < measured <= 100, f"`sure_of_noise` is a share in (0, 1], as measured. Received {sure_of_noise!r}.")
    than_thought = "surer than" if measured > prediction else "less sure than"
    how = "about as sure as" if abs(measured - prediction) < 10 else than_thought
    return f"You predicted {prediction:.0f} %. The network was {how} you thought about pure noise."


def _draw_sureness(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.2, 0.9))


REFUSE = Exercise(
    id="0.5",
    title="Let it refuse",
    points=1,
    prediction=percent,
    given={"sure_of_noise": _draw_sureness},
    hints=(
        "Each row is an image. Its largest probability says how sure the network is.",
        "`row.argmax()` is the index of the name, and `row.max()` says how sure the network is: compare it with "
        "`at_least`.",
        f'For each row: `names[row.argmax()] if row.max() >= at_least else "{UNKNOWN}"`.',
    ),
    properties=(answers_when_sure, refuses_each_for_itself, exactly_enough_is_enough, reconciles_the_noise),
)
