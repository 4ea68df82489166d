"""Linear classifiers for a target without labels: on aligned features, by self-training, and in small steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from tlkit.adaptation.aligners import Aligner, AsTheyAre
from tlkit.adaptation.tables import as_labels, as_tables, check_at_least
from tlkit.probes import linear_probe

__all__ = ["AdaptedProbe", "SelfTrainedProbe", "gradual_guesses"]


class AdaptedProbe:
    """A linear probe that learns from the aligned source, and is asked about the target.

    Args:
        aligner: How the features of both domains are made alike; `None` leaves them as they are (*source only*).
        strength: Inverse L2 penalty of the probe, see `tlkit.probes.linear_probe`.

    Example:
    >>> from tlkit.adaptation import StandardizedApart
    >>> source, labels, target = [[0.0], [0.1], [1.0], [1.1]], [0, 0, 1, 1], [[50.0], [51.0], [60.0], [61.0]]
    >>> AdaptedProbe().fit(source, labels, target).predict(target).tolist()
    [1, 1, 1, 1]
    >>> AdaptedProbe(StandardizedApart()).fit(source, labels, target).predict(target).tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, aligner: Aligner | None = None, *, strength: float = 0.05):
        check_at_least("strength", strength, np.finfo(float).tiny)
        self.aligner, self.strength = aligner or AsTheyAre(), strength

    def fit(self, source: ArrayLike, labels: ArrayLike, target: ArrayLike) -> Self:
        """Learn from the labelled source and the unlabelled target.

        Args:
            source: `(num_rows, num_features)`, float.
            labels: `(num_rows,)`, of at least 2 classes.
            target: `(other_num_rows, num_features)`, float.

        Returns:
            The probe itself.

        Raises:
            ValueError: If the tables or labels do not fit.
        """
        x, z = as_tables(source, target)
        y = as_labels(labels, len(x))
        self.aligner.fit(x, z)
        self._learn(self.aligner.transform_source(x), y, self.aligner.transform_target(z))
        return self

    def _learn(self, source: np.ndarray, labels: np.ndarray, _target: np.ndarray) -> None:
        self._probe = linear_probe(source, labels, strength=self.strength)

    @property
    def classes_(self) -> np.ndarray:
        """The classes in the order of the columns of `predict_proba`."""
        return self._probe.classes_

    def predict_proba(self, features: ArrayLike) -> np.ndarray:
        """Probabilities `(num_rows, num_classes)` for rows of the target."""
        return self._probe.predict_proba(self.aligner.transform_target(features))

    def predict(self, features: ArrayLike) -> np.ndarray:
        """Classes `(num_rows,)` for rows of the target."""
        return np.asarray(self._probe.predict(self.aligner.transform_target(features)))

    def score(self, features: ArrayLike, labels: ArrayLike) -> float:
        """Accuracy on rows of the target, in [0, 1]."""
        return float(np.mean(self.predict(features) == np.asarray(labels)))


class SelfTrainedProbe(AdaptedProbe):
    """A probe that goes on to learn from its own guesses for the target, the surest first.

    In round i of n, the fraction i / n of the rows guessed to be of each class joins the source, those with the highest
    probability first; then a new probe is fitted. Taking the fraction from each class apart keeps an easy class from
    pushing out the others.

    Args:
        aligner: As for `AdaptedProbe`.
        num_rounds: At least 1.
        strength: As for `AdaptedProbe`.

    Reference:
        Zou et al. (2018), [Unsupervised domain adaptation for semantic segmentation via class-balanced
        self-training](https://arxiv.org/abs/1810.07911).

    Example:
    >>> source, labels, target = [[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1], [[1.0], [2.0], [5.0], [6.0]]
    >>> SelfTrainedProbe(num_rounds=2).fit(source, labels, target).predict([[1.0], [6.0]]).tolist()
    [0, 1]
    """

    def __init__(self, aligner: Aligner | None = None, *, num_rounds: int = 5, strength: float = 0.05):
        super().__init__(aligner, strength=strength)
        check_at_least("num_rounds", num_rounds, 1, whole=True)
        self.num_rounds = num_rounds

    def _learn(self, source: np.ndarray, labels: np.ndarray, _target: np.ndarray) -> None:
        target = _target
        super()._learn(source, labels, target)
        for number in range(1, self.num_rounds + 1):
            chances = self._probe.predict_proba(target)
            guesses = self._probe.classes_[chances.argmax(axis=1)]
            sure = surest_rows(guesses, chances.max(axis=1), number / self.num_rounds)
            table, both = np.concatenate([source, target[sure]]), np.concatenate([labels, guesses[sure]])
            self._probe = linear_probe(table, both, strength=self.strength)


def surest_rows(guesses: np.ndarray, confidence: np.ndarray, share: float) -> np.ndarray:
    """The rows with the highest confidence: a share of those guessed to be of each class, rounded up."""
    kept = []
    for name in np.unique(guesses):
        rows = np.flatnonzero(guesses == name)
        kept.append(rows[np.argsort(-confidence[rows], kind="stable")][: int(np.ceil(share * len(rows)))])
    return np.concatenate(kept)


def gradual_guesses(
    source: ArrayLike, labels: ArrayLike, stages: Sequence[ArrayLike], learn: Callable[[np.ndarray, np.ndarray], Any]
) -> np.ndarray:
    """Walk from the source to the target through stages in between, and learn anew from one's own guesses at each.

    Args:
        source: `(num_rows, num_features)`, float.
        labels: `(num_rows,)`, of at least 2 classes.
        stages: Unlabelled tables, each `(some_rows, num_features)`, from the nearest to the source to the target.
        learn: A function of features and labels that returns something with `predict`, as a scikit-learn classifier.

    Returns:
        Guesses for the rows of the last stage, `(rows_of_the_last_stage,)`.

    Raises:
        ValueError: If there is no stage, or the tables do not fit.

    Reference:
        Kumar, Ma and Liang (2020), [Understanding self-training for gradual domain
        adaptation](https://arxiv.org/abs/2002.11361).

    Example:
    >>> from tlkit.probes import linear_probe
    >>> source, labels = [[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1]
    >>> gradual_guesses(source, labels, [[[1.5], [2.0], [5.5]], [[3.0], [7.0]]], linear_probe).tolist()
    [0, 1]
    """
    if not len(stages):
        msg = "`stages` must hold at least one table, the target. Received none."
        raise ValueError(msg)
    x = as_tables(source, stages[0], least=1)[0]
    classifier, guesses = learn(x, as_labels(labels, len(x))), np.asarray(labels)
    for number, stage in enumerate(stages, 1):
        z = as_tables(x, stage, least=1)[1]
        guesses = np.asarray(classifier.predict(z))
        if number < len(stages) and len(np.unique(guesses)) > 1:  # a stage guessed to be of one class teaches nothing
            classifier = learn(z, guesses)
    return guesses
