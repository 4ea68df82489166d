"""The masked loss: images without a label for a task take no part in that task."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax, softmax

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of, one_number
from tlkit.exercises.lesson_08_two_tasks.shown import FILLED
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["MASKED"]


def _draw(rng: np.random.Generator, share: float, spread: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Logits `(batch, num_classes)`, `float32`, and labels `(batch,)`, of which about a share is known."""
    batch, classes = int(rng.integers(10, 30)), int(rng.integers(3, 7))
    labels = rng.integers(classes, size=batch)
    missing = rng.permutation(batch)[max(2, round(share * batch)) :]
    labels[missing] = -1
    return (spread * rng.normal(size=(batch, classes))).astype("float32"), labels


def _truth(logits: np.ndarray, labels: np.ndarray) -> float:
    known = labels >= 0
    costs = -log_softmax(logits[known], axis=1)[np.arange(known.sum()), labels[known]]
    return float(costs.mean()) if known.any() else 0.0


def _slips(logits: np.ndarray, labels: np.ndarray) -> list[tuple[float, str]]:
    known, rows = labels >= 0, np.arange(len(labels))
    costs = -log_softmax(logits, axis=1)
    own = costs[rows, np.maximum(labels, 0)]
    chances = softmax(logits, axis=1)[rows, np.maximum(labels, 0)]
    return [
        (float(own.mean()), "A missing label is not class 0."),
        (float(own[labels > 0].mean()) if (labels > 0).any() else 0.0, "Class 0 is a class: only -1 is missing."),
        (float(costs[rows, labels].mean()), "The label -1 is no place to look at: in Python it is the last class."),
        (
            float(own[known].sum() / len(labels)),
            "Divide by the number of known labels: otherwise a task with few labels has a small loss, and counts less.",
        ),
        (float(own[known].sum()), "It is the mean over the known labels, not their sum."),
        (float(1 - chances[known].mean()) if known.any() else 0.0, "Take minus the logarithm of the right chance."),
        (-_truth(logits, labels), "A loss is *minus* the logarithm of the chance of the right class."),
    ]


def _expect(loss: Callable, logits: np.ndarray, labels: np.ndarray, why: str) -> None:
    truth, known = _truth(logits, labels), int((labels >= 0).sum())
    received = one_number(loss(logits.copy(), labels.copy()), "the mean loss of the known labels")
    fine = close(received, truth, rtol=1e-4, atol=1e-6)
    told = f"With {known} of {len(labels)} labels known, the loss is {truth:.5g}. Received: {received:.5g}."
    require(fine, f"{told} {slip(received, _slips(logits, labels), why)}")


def the_known_labels_are_averaged(loss):
    """It is the mean cross-entropy over the images with a label."""
    for rng in draws(2):
        for share in mixed([0.2, 0.5, 0.8], rng):
            _expect(loss, *_draw(rng, share), "The mean over the known labels of minus the logarithm of the softmax.")


def all_may_be_known(loss):
    """With all labels known it is the usual loss."""
    for rng in draws(4):
        _expect(loss, *_draw(rng, 1.0), "Nothing is missing here: it is the usual cross-entropy.")


def images_without_a_label_do_not_count(loss):
    """Further images without labels change nothing, whatever the network says of them."""
    for rng in draws(4):
        logits, labels = _draw(rng, 0.4)
        extra = 9 * rng.normal(size=(int(rng.integers(5, 40)), logits.shape[1])).astype("float32")
        order = rng.permutation(len(labels) + len(extra))
        more = np.concatenate([logits, extra])[order], np.concatenate([labels, np.full(len(extra), -1)])[order]
        why = "Images without a label were added, and they take no part."
        _expect(loss, logits, labels, why)
        _expect(loss, *more, why)


def none_known_is_zero(loss):
    """A batch without any known label costs 0, and a batch with one costs what that one costs."""
    for rng in draws(3):
        for number in mixed([0, 1], rng):
            logits, labels = _draw(rng, 1.0)
            labels[rng.permutation(len(labels))[number:]] = -1
            one = "One label is known: the loss is what that one costs."
            none = "Without any label there is nothing to learn: the loss is 0, not 0 / 0."
            _expect(loss, logits, labels, one if number else none)


def large_logits_are_finite(loss):
    """It stays a number when the logits are large."""
    for rng in draws(4):
        logits, labels = _draw(rng, 0.5, spread=float(rng.uniform(400, 900)))
        truth = _truth(logits, labels)
        received = float(numbers_of(loss(logits.copy(), labels.copy()), (), "Return one number."))
        why = (
            "Exponentials of such numbers are infinite or 0: subtract the largest logit first, or ask `log_softmax`. "
            "Keras needs `from_logits=True`."
        )
        if np.isfinite(received) and 0 < received < truth / 2:
            why = "No chance is too small to have a logarithm: take `log_softmax` of the logits, and add nothing to it."
        told = f"With logits in the hundreds, the loss is {truth:.5g}. Received: {received:.5g}."
        require(close(received, truth, rtol=1e-4), f"{told} {slip(received, _slips(logits, labels), why)}")


def reconciles_the_filling(filled, prediction):
    """Your prediction is compared with your own runs."""
    values = np.asarray(filled, float)
    require(values.ndim == 1 and len(values) > 1, "`filled` must hold one difference for each seed.")
    told = f"In your runs, filling changes the accuracy by {100 * values.mean():+.1f} points."
    return f"You predicted {prediction!r}. {told}"


MASKED = Exercise(
    id="8.2",
    title="Missing labels",
    points=3,
    prediction=one_of(*FILLED),
    given={"filled": lambda rng: rng.normal(-0.3, 0.1, 20)},
    hints=(
        "`known = labels >= 0` chooses the rows; if there are none, return 0.",
        "`scipy.special.log_softmax(logits[known], axis=1)` are the logarithms of the chances.",
        "Take place `labels[known]` of each row: `found[np.arange(len(found)), labels[known]]`; minus their mean.",
    ),
    properties=(
        the_known_labels_are_averaged,
        all_may_be_known,
        images_without_a_label_do_not_count,
        none_known_is_zero,
        large_logits_are_finite,
        reconciles_the_filling,
    ),
)
