"""A probe in folds, where nothing of the held-out images leaks into what is learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_shares, one_number
from tlkit.exercises.lesson_05_choosing_a_source.shown import LEAKS
from tlkit.exercises.trials import draws, slip
from tlkit.selection import probe_accuracy

__all__ = ["NO_LEAK"]

_TRIES = 400
Prepare = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class _Case:
    """Images with features of unequal units, dealt into folds of unequal sizes whose numbers have gaps."""

    features: np.ndarray
    labels: np.ndarray
    fold: np.ndarray


def nearest(train: np.ndarray, labels: np.ndarray, test: np.ndarray) -> np.ndarray:
    """A classifier for trying answers, which feels the mean and the scale: the label of the nearest one by angle."""
    alike = test @ train.T / np.maximum(np.linalg.norm(train, axis=1), 1e-12)
    return labels[alike.argmax(axis=1)]


def _scaled(by: np.ndarray, table: np.ndarray) -> np.ndarray:
    spread = by.std(axis=0)
    return (table - by.mean(axis=0)) / np.where(spread > 0, spread, 1.0)


def _inside(train: np.ndarray, test: np.ndarray, everything: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _scaled(train, train), _scaled(train, test)


def _by_all(train: np.ndarray, test: np.ndarray, everything: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _scaled(everything, train), _scaled(everything, test)


def _each_by_itself(train: np.ndarray, test: np.ndarray, everything: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _scaled(train, train), _scaled(test, test)


def _as_they_are(train: np.ndarray, test: np.ndarray, everything: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return train, test


def _dividing_by_0(train: np.ndarray, test: np.ndarray, everything: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    with np.errstate(all="ignore"):
        return tuple((part - train.mean(axis=0)) / train.std(axis=0) for part in (train, test))


def _right(case: _Case, prepare: Prepare) -> list[np.ndarray]:
    """For each fold, which of its images are answered rightly."""
    found = []
    for number in np.unique(case.fold):
        held = case.fold == number
        train, test = prepare(case.features[~held], case.features[held], case.features)
        found.append(nearest(train, case.labels[~held], test) == case.labels[held])
    return found


def _of_images(case: _Case, prepare: Prepare = _inside) -> float:
    return float(np.concatenate(_right(case, prepare)).mean())


def _of_folds(case: _Case) -> float:
    return float(np.mean([part.mean() for part in _right(case, _inside)]))


WHYS = {
    _by_all: "The scaler saw the held-out images. Estimate mean and deviation on those that are learned from.",
    _each_by_itself: "Scale the held-out images with the mean and deviation of the *others*, as later ones will be.",
    _dividing_by_0: "A deviation of 0 divides by 0: take 1 in its place.",
    _as_they_are: "Standardise each feature first: units differ, and the largest would decide.",
}


FOLD_BY_FOLD = "Hold out one number in `fold` after the other; the rest gives the scale, and is learned from."


def _draw(rng: np.random.Generator, avoid: Prepare | None = None, *, constant: bool = False) -> _Case:
    tries = 0
    while True:
        tries += 1
        num, width, classes = int(rng.integers(24, 40)), int(rng.integers(3, 6)), int(rng.integers(2, 4))
        labels = rng.integers(0, classes, num)
        table = rng.normal(size=(num, width)) + rng.normal(size=(classes, width))[labels]
        folds = rng.choice(50, int(rng.integers(3, 5)), replace=False)
        fold = rng.choice(folds, num, p=rng.dirichlet([3.0] * len(folds)))
        table[fold == folds[0]] *= rng.uniform(2, 9, width)  # another camera, say
        table *= 10.0 ** rng.uniform(-2, 2, width)
        if constant:
            table = np.hstack([table, np.full((num, 1), float(rng.integers(1, 9)))])
        case = _Case(table, labels * 7 + 2, fold)
        differs = avoid is None or abs(_of_images(case, avoid) - _of_images(case)) > 0.01
        tells = len(np.unique(fold)) == len(folds) and abs(_of_folds(case) - _of_images(case)) > 1e-3 and differs
        if tells or tries == _TRIES:
            return case


def _expect(answer: Callable, case: _Case, why: str) -> None:
    truth = _of_images(case)
    slips = [(_of_images(case, prepare), told) for prepare, told in WHYS.items()]
    slips.append((_of_folds(case), "Folds differ in size: take the mean over *images*, not over folds."))
    slips += [
        (100 * truth, "That is in percent: return a share, from 0 to 1."),
        (1 - truth, "That is the share of the *wrong* answers."),
        (truth * len(case.labels), "That is a number of images: divide it by how many there are."),
    ]
    slips.append((1.0, "Each image is judged by what was learned from the *other* folds, never from itself."))
    arrays = (case.features.copy(), case.labels.copy(), case.fold.copy())
    told = f"The folds are numbered {np.unique(case.fold).tolist()}; take the numbers from `np.unique(fold)`."
    received = one_number(answer(*arrays, nearest), "an accuracy in [0, 1]", if_nan=told)
    require(
        close(received, truth, rtol=1e-6),
        f"{len(case.labels)} images in {len(np.unique(case.fold))} folds: {truth:.4f} are right, {received:.4f} came. "
        f"{slip(received, slips, why)}",
    )


def judges_each_image_by_others(held_out):
    """Each image is judged once, by what was learned from the other folds."""
    for rng in draws(4):
        _expect(held_out, _draw(rng), FOLD_BY_FOLD)


def scales_inside_the_fold(held_out):
    """The scaler has not seen the images that are held out."""
    for rng in draws(2):
        for prepare in (_by_all, _each_by_itself, _as_they_are):
            _expect(held_out, _draw(rng, prepare), FOLD_BY_FOLD)


def survives_a_constant_feature(held_out):
    """A feature that never changes does no harm."""
    for rng in draws(3):
        _expect(held_out, _draw(rng, constant=True), FOLD_BY_FOLD)


def reconciles_the_leak(leak, prediction):
    """Your prediction is compared with your own measurement."""
    fine = isinstance(leak, dict) and set(leak) == {"outside", "inside", "chance"}
    require(fine, "`leak` must hold the accuracies `outside`, `inside` and `chance`, as measured.")
    told = mean_shares(leak, "leak")
    return (
        f"You predicted {prediction!r}. Outside the fold {told['outside']:.0%}, inside {told['inside']:.0%}; chance "
        f"{told['chance']:.0%}."
    )


NO_LEAK = Exercise(
    id="5.3",
    title="A probe in folds, without a leak",
    points=2,
    prediction=one_of(*LEAKS),
    given={"leak": lambda rng: {"outside": [0.5, 0.6], "inside": [0.1, 0.1], "chance": 0.1}},
    kit_has=(probe_accuracy,),
    hints=(
        "For each number in `np.unique(fold)`: what is held out, what is learned from?",
        "Mean and deviation come from what is learned from, and are applied to both parts.",
        "Collect `classify(train, labels[~held], test) == labels[held]` of all folds; the mean comes last.",
    ),
    properties=(
        judges_each_image_by_others,
        scales_inside_the_fold,
        survives_a_constant_feature,
        reconciles_the_leak,
    ),
)
