"""LEEP: what the source's own head says of the target's labels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_05_choosing_a_source.shown import TARGETS, WINNERS
from tlkit.exercises.trials import draws, mixed, slip
from tlkit.selection import leep as kit_leep
from tlkit.selection import nce

__all__ = ["READ_THE_HEAD"]


GAPS = "Labels may have gaps, and a source class of probability 0 divides 0 by 0."


def _softmax(logits: np.ndarray) -> np.ndarray:
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def _case(rng: np.random.Generator, *, sharp: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities `(num_images, num_source_classes)` that know something of the labels, and labels."""
    num, classes, source = int(rng.integers(18, 40)), int(rng.integers(2, 6)), int(rng.integers(3, 9))
    labels = np.concatenate([np.arange(classes), rng.choice(classes, num - classes, p=_uneven(classes, rng))])
    logits = rng.normal(size=(num, source)) + 1.5 * rng.normal(size=(classes, source))[labels]
    order = rng.permutation(num)
    return _softmax((float(rng.uniform(0.7, 2)) if sharp is None else sharp) * logits[order]), labels[order]


def _uneven(classes: int, rng: np.random.Generator) -> np.ndarray:
    return rng.dirichlet(np.full(classes, 3.0))


def _received(answer: Callable, p: np.ndarray, labels: np.ndarray) -> float:
    return one_number(answer(p.copy(), labels.copy()), "a score in nats")


def _slips(p: np.ndarray, y: np.ndarray) -> list[tuple[float, str]]:
    """Known wrong scores, each with what it misunderstands."""
    hot = np.eye(int(y.max()) + 1)[y]
    joint = hot.T @ p / len(y)
    given, turned = joint / joint.sum(axis=0), joint / joint.sum(axis=1, keepdims=True)
    likely, rows = (p @ given.T), np.arange(len(y))
    return [
        (float(likely[rows, y].mean()), "Take the logarithm of each image's probability, and then the mean."),
        (float(np.log(likely[rows, y].mean())), "The logarithm comes first, then the mean: not the other way round."),
        (float(np.log(likely[rows, y]).sum()), "It is a mean over images: with a sum, more images would score less."),
        (float(np.log((p @ turned.T)[rows, y]).mean()), "P(y | z) divides by how probable z is, not by y."),
        (float(np.log((p @ joint.T)[rows, y]).mean()), "P(y | z) is the joint divided by the sum of its column."),
        (nce(p, y), "Use the probabilities themselves. Only the answers, by argmax, make another score, NCE."),
        (float(-np.log(likely[rows, y]).mean()), "It is a log probability: at most 0, and higher is better."),
        (float(np.log2(likely[rows, y]).mean()), "In nats: the natural logarithm."),
    ]


def _expect(answer: Callable, p: np.ndarray, labels: np.ndarray, why: str) -> None:
    truth, slips = kit_leep(p, labels), _slips(p, labels)
    received = _received(answer, p, labels)
    told = slip(received, slips, why)
    require(
        close(received, truth, rtol=1e-4, atol=1e-6),
        f"{len(labels)} images, {p.shape[1]} source classes: LEEP is {truth:.4f}, and {received:.4f} came. {told}",
    )


def equals_the_papers_formula(leep):
    """It is the mean log of the expected empirical prediction."""
    for rng in draws(4):
        _expect(leep, *_case(rng), "First P(y, z), the mean of the probabilities of z over images of class y.")


def reads_sure_and_unsure_heads(leep):
    """It is right where the head is nearly sure, and where it hardly knows."""
    for rng in draws(2):
        for sharp in mixed([0.05, 1.0, 4.0], rng):
            _expect(leep, *_case(rng, sharp=sharp), "A head that says the same of all images gives -H(Y).")


def needs_no_class_names(leep):
    """Labels may have gaps, and there may be a source class that no image looks like."""
    for rng in draws(3):
        p, labels = _case(rng)
        truth = kit_leep(p, labels)
        far = np.zeros((len(p), 1))
        names = np.sort(rng.choice(90, int(labels.max()) + 1, replace=False))
        for table, kinds in mixed([(p, names[labels]), (np.hstack([p, far]), labels), (p[:, ::-1], labels)], rng):
            received = one_number(leep(table.copy(), kinds.copy()), "a score in nats")
            require(
                close(received, truth, rtol=1e-4, atol=1e-6),
                f"Labels {sorted(set(kinds.tolist()))}, {table.shape[1]} source classes: {truth:.4f} was expected, "
                f"{received:.4f} came. {slip(received, _slips(p, labels), GAPS)}",
            )


def reconciles_the_winners(winners, prediction):
    """Your prediction is compared with your own measurement."""
    fine = isinstance(winners, dict) and set(winners) == set(TARGETS)
    require(fine, f"`winners` must name the best source of each of {list(TARGETS)}, as measured.")
    told = ", ".join(f"{target} {source}" for target, source in winners.items())
    return f"You predicted {prediction!r}. Here: {told}."


READ_THE_HEAD = Exercise(
    id="5.1",
    title="LEEP, from the source's head",
    points=3,
    prediction=one_of(*WINNERS),
    given={"winners": lambda rng: dict.fromkeys(TARGETS, "photos")},
    kit_has=(kit_leep,),
    hints=(
        "Three steps: the joint table P(y, z), the conditional P(y | z), and each image's own label under it.",
        "`joint[y] = probabilities[labels == y].sum(axis=0) / num_images`; divide each column by its sum.",
        "`likely = probabilities @ conditional.T`; then the mean of `np.log(likely[image, own label])`.",
    ),
    properties=(
        equals_the_papers_formula,
        reads_sure_and_unsure_heads,
        needs_no_class_names,
        reconciles_the_winners,
    ),
)
