"""What a contestant reached with one deal of the photos."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import accuracy_score, recall_score

__all__ = ["Outcome", "Score", "score"]


@dataclass(frozen=True)
class Score:
    """Shares in [0, 1].

    Attributes:
        accuracy: Of all photos, the share that was named correctly.
        balanced: The mean over the classes of that share: each class counts the same, however many photos it has.
    """

    accuracy: float
    balanced: float


@dataclass(frozen=True)
class Outcome:
    """One contestant, one deal.

    Attributes:
        contestant: Its name.
        seed: Of the deal.
        best: Which of its tries did best on the photos for choosing, from 0.
        setting: That try in words.
        tune: Its score there.
        report: Its score on the photos for the report, which chose nothing.
        seconds: What the tries that were made took, by the clock.
    """

    contestant: str
    seed: int
    best: int
    setting: str
    tune: Score
    report: Score
    seconds: float


def score(labels: np.ndarray, predicted: np.ndarray) -> Score:
    """Score predicted labels `(num_photos,)` against true ones.

    Example:
        >>> score(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]))
        Score(accuracy=0.75, balanced=0.5)
    """
    recall = recall_score(labels, predicted, average="macro", labels=np.unique(labels), zero_division=0)
    return Score(float(accuracy_score(labels, predicted)), float(recall))
