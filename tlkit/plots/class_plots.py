"""What a model confuses, and where it puts images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from tlkit.plots.style import CARD, COLORS, INK, MARKERS, finish, new_axes

__all__ = ["plot_confusion", "plot_embedding"]


def plot_confusion(
    matrix: ArrayLike, class_names: Sequence[str], *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw a confusion matrix, with counts as numbers and the share of the true class as darkness.

    Args:
        matrix: `(num_classes, num_classes)` counts, true classes in rows (see `tlkit.measure.confusion_matrix`).
        class_names: Names of the classes, by index.
        ax: Axes to draw in. `None` makes a new figure.
        title: The finding, in words.

    Returns:
        The Axes.

    Raises:
        ValueError: Where the matrix is not square, or the names are not as many as the classes.
    """
    counts, size = np.asarray(matrix), len(class_names)
    if counts.shape != (size, size):
        msg = f"`matrix` must have shape ({size}, {size}) for {size} class names. Received {counts.shape}."
        raise ValueError(msg)
    ax = new_axes(ax, (1.8 + 0.42 * size, 1.4 + 0.42 * size))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if shares[row, column] > 0.5 else INK
            ax.text(column, row, str(count), ha="center", va="center", fontsize=8.5, color=color)
    ax.set_xticks(range(size), class_names, rotation=45, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(size), class_names)
    ax.grid(False)
    return finish(ax, title, "predicted class", "true class (number of images)")


def plot_embedding(
    features: ArrayLike,
    labels: ArrayLike,
    class_names: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw each image as a point in the plane of the two directions in which the features vary most.

    Args:
        features: `(n, d)`, d >= 2: one vector per image. If d > 2, the first two principal components are drawn.
        labels: `(n,)` integers in [0, len(class_names)).
        class_names: Names of the classes, by index.
        ax: Axes to draw in. `None` makes a new figure.
        title: The finding, in words.

    Returns:
        The Axes, with equal scales.

    Raises:
        ValueError: If features are not `(n, d)`, or there are not as many labels as images.

    Reference:
        Pearson (1901), "On lines and planes of closest fit to systems of points in space".
    """
    points, classes = np.asarray(features, np.float64), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] < 2 or classes.shape != points.shape[:1]:
        msg = (
            "`features` must be (n, d) with d >= 2, and `labels` (n,). "
            f"Received {points.shape} and {classes.shape}. Pool feature maps first: `maps.mean(axis=(1, 2))`."
        )
        raise ValueError(msg)
    plane, names = _principal_plane(points)
    ax = new_axes(ax, (5.6, 4.2))
    for index, name in enumerate(class_names):
        mine = plane[classes == index]
        color, marker = COLORS[index % len(COLORS)], MARKERS[(index + index // len(COLORS)) % len(MARKERS)]
        ax.scatter(*mine.T, s=22, color=color, marker=marker, alpha=0.75, linewidths=0.4, edgecolors=CARD, label=name)
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(frameon=False, fontsize=8.5, labelcolor=INK, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return finish(ax, title, *names)


def _principal_plane(points: np.ndarray) -> tuple[np.ndarray, tuple[str, str]]:
    """`(n, 2)` coordinates and the labels of the axes."""
    if points.shape[1] == 2:
        return points, ("dimension 1 (no unit)", "dimension 2 (no unit)")
    centred = points - points.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    shares = sizes**2 / max(float((sizes**2).sum()), np.finfo(float).tiny)
    names = tuple(f"principal component {k + 1} ({100 * shares[k]:.0f} % of variance)" for k in range(2))
    return left[:, :2] * sizes[:2], (names[0], names[1])
