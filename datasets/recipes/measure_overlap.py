"""How much do overlapping patches of `textures` flatter a probe that is tested where it learned?

    python datasets/recipes/measure_overlap.py

The training region of each class is cut in two halves, across its longer side, and as many patches are drawn from each.
A probe on the features of `photos` is judged twice, each time in two folds of equal size: folds drawn at random, where
tested patches overlap with learned ones, and the two halves as folds, which share no pixel.
"""

from __future__ import annotations

import numpy as np

from tlkit.backbones import load_backbone
from tlkit.data import patches
from tlkit.data.embedded_arrays import read_arrays
from tlkit.measure import paired_interval
from tlkit.probes import linear_probe

SIZE = 64  # pixels
Cut = tuple[np.ndarray, np.ndarray, np.ndarray]  # images, labels, halves: a row for each patch


def cut_textures(seed: int) -> Cut:
    """75 patches of each half of each surface."""
    regions = read_arrays("textures")
    names = sorted({key.split("/")[0] for key in regions})
    return _join([_cut(regions[f"{name}/train"], 75, f"{name}/{seed}") for name in names])


def _cut(region: np.ndarray, count: int, key: str) -> list[np.ndarray]:
    halves = np.array_split(region, 2, axis=int(np.argmax(region.shape)))
    return [patches.cut_patches(half, count, SIZE, key=f"{key}/{number}") for number, half in enumerate(halves)]


def _join(of_classes: list[list[np.ndarray]]) -> Cut:
    images = np.concatenate([half for halves in of_classes for half in halves])
    count = len(of_classes[0][0])
    labels = np.repeat(np.arange(len(of_classes)), 2 * count)
    return images, labels, np.tile(np.repeat([0, 1], count), len(of_classes))


def accuracy(features: np.ndarray, labels: np.ndarray, folds: np.ndarray) -> float:
    """Mean over the two folds of what a probe that learned from the other one names correctly."""
    scores = []
    for fold in (0, 1):
        learned = folds != fold
        probe = linear_probe(features[learned], labels[learned])
        scores.append(probe.score(features[~learned], labels[~learned]))
    return float(np.mean(scores))


def random_folds(labels: np.ndarray, seed: int) -> np.ndarray:
    """Half of each class to each fold: `(num_patches,)` of 0 and 1."""
    rng, folds = np.random.default_rng(seed), np.zeros(len(labels), int)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        folds[rng.permutation(rows)[: len(rows) // 2]] = 1
    return folds


def main() -> None:
    """Print both accuracies and what the overlap adds, with its interval over five draws."""
    backbone = load_backbone(weights="photos")
    at_random, by_halves = [], []
    for seed in range(5):
        images, labels, halves = cut_textures(seed)
        features = backbone.predict(images, verbose=0).mean(axis=(1, 2))
        at_random.append(accuracy(features, labels, random_folds(labels, seed)))
        by_halves.append(accuracy(features, labels, halves))
    gain = paired_interval(at_random, by_halves)
    print(f"random folds {np.mean(at_random):.1%}, halves {np.mean(by_halves):.1%}, overlap adds {gain}")


if __name__ == "__main__":
    main()
