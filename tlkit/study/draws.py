"""Deal the photos anew for each seed, to learn from and to report on; some are set apart to choose settings on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tlkit.data.folder.deal import deal_groups

__all__ = ["Draw", "deal", "sample_groups"]

TUNE_SHARE, REPORT_SHARE = 0.16, 0.2  # of all photos; the rest is learned from


@dataclass(frozen=True, eq=False)
class Draw:
    """The photos of one seed, as rows. No group is in two of the three.

    Attributes:
        seed: Of the deal, and of whatever is random in the training.
        train: `(num_train,)`: a model learns from these.
        tune: `(num_tune,)`: settings are chosen on these, which are the same for each seed: what is chosen once may
            be scored with each seed, and never on photos that it was chosen on.
        report: `(num_report,)`: what is chosen is scored on these, once.
    """

    seed: int
    train: np.ndarray
    tune: np.ndarray
    report: np.ndarray


def deal(labels: np.ndarray, groups: np.ndarray, seed: int) -> Draw:
    """Deal all photos, each class alike, whole groups: over many seeds, photos with look-alikes are reported on, too.

    Args:
        labels: `(num_photos,)`, classes from 0.
        groups: `(num_photos,)`, equal for photos that stay together.
        seed: Of the deal; the photos to choose on do not depend on it.

    Raises:
        ValueError: If a class comes into fewer than three groups.
    """
    places = deal_groups(labels, groups, {"tune": TUNE_SHARE}, seed=0, smallest_first=False)
    rest = np.flatnonzero(places != "tune")
    share = REPORT_SHARE / (1 - TUNE_SHARE)
    places[rest] = deal_groups(labels[rest], groups[rest], {"report": share}, seed, smallest_first=False)
    parts = {part: np.flatnonzero(places == part) for part in ("train", "tune", "report")}
    num_classes = labels.max() + 1
    for part, rows in parts.items():
        missing = np.flatnonzero(np.bincount(labels[rows], minlength=num_classes) == 0)
        if len(missing):
            msg = (
                f"Class {missing[0]} has photos in too few groups to be dealt: none came to {part!r} with seed {seed}. "
                "Each class needs photos of at least three groups besides those of the test. Add some."
            )
            raise ValueError(msg)
    rng = np.random.default_rng(seed)
    return Draw(seed, rng.permutation(parts["train"]), parts["tune"], parts["report"])


def sample_groups(labels: np.ndarray, groups: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Choose about `most` photos, each class by its share, whole groups: rows in growing order."""
    if most >= len(labels):
        return np.arange(len(labels))
    places = deal_groups(labels, groups, {"chosen": most / len(labels)}, seed, smallest_first=False)
    return np.flatnonzero(places == "chosen")
