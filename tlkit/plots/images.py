"""Contact sheets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from tlkit.plots.style import COLORS, INK, finish, new_axes

__all__ = ["show_images"]

GAP = 0.12  # share of a tile


def show_images(
    images: ArrayLike,
    labels: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    *,
    predicted: ArrayLike | None = None,
    columns: int = 8,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Lay images out in rows, each with its class below; a wrong prediction is written as `✗ predicted`.

    Args:
        images: `(n, height, width, 3)`, `(n, height, width, 1)` or `(n, height, width)`, n >= 1, uint8 or float in
            [0, 255]; floats in [0, 1] are taken for shares of 255.
        labels: `(n,)` class indices, or `None` for no captions.
        class_names: Names of the classes, by index. `None` writes the indices.
        predicted: `(n,)` predicted class indices.
        columns: Images in a row.
        ax: Axes to draw in. `None` makes a figure.
        title: The finding, in words.

    Returns:
        The Axes.

    Raises:
        ValueError: On images of another shape or range, or labels that do not match them.
    """
    tiles = _as_tiles(images)
    captions = _captions(len(tiles), labels, class_names, predicted)
    columns = min(max(int(columns), 1), len(tiles))
    rows = -(-len(tiles) // columns)
    room = 0.3 if captions else GAP
    width, height = columns * (1 + GAP) - GAP, rows * (1 + room)
    ax = new_axes(ax, (0.9 * width + 0.1, 0.9 * height + (0.4 if title else 0.1)))
    for number, tile in enumerate(tiles):
        left, top = (number % columns) * (1 + GAP), (number // columns) * (1 + room)
        ax.imshow(tile, extent=(left, left + 1, top + 1, top), interpolation="nearest")
        if captions:
            text, wrong = captions[number]
            color = COLORS[1] if wrong else INK
            ax.text(left + 0.5, top + 1.03, text, ha="center", va="top", fontsize=7.5, color=color, clip_on=False)
    ax.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
    ax.set_axis_off()
    return finish(ax, title)


def _as_tiles(images: ArrayLike) -> np.ndarray:
    """`(n, height, width, 3)` uint8."""
    array = np.asarray(images)
    if array.ndim == 3:
        array = array[..., None]
    if array.ndim != 4 or array.shape[-1] not in (1, 3) or not len(array):
        msg = (
            "`images` must be (n, height, width, 3), (n, height, width, 1) or (n, height, width), n >= 1. "
            f"Received shape {np.shape(images)}. A single image is `image[None]`."
        )
        raise ValueError(msg)
    low, high = float(array.min()), float(array.max())
    if not (low >= 0 and high <= 255):
        msg = (
            f"`images` must lie in [0, 255]. Received [{low:g}, {high:g}]. Undo the preprocessing before showing them."
        )
        raise ValueError(msg)
    if array.dtype.kind == "f":
        array = np.round(array * 255 if high <= 1 else array).astype(np.uint8)
    return np.broadcast_to(array.astype(np.uint8), (*array.shape[:3], 3))


def _captions(num_images, labels, class_names, predicted) -> list[tuple[str, bool]]:
    """(text, wrong) of each image; none where there are no labels."""
    if labels is None:
        return []
    true = np.asarray(labels)
    guess = true if predicted is None else np.asarray(predicted)
    for name, values in (("labels", true), ("predicted", guess)):
        if values.shape != (num_images,):
            msg = f"`{name}` must have one class index for each of {num_images} images. Received shape {values.shape}."
            raise ValueError(msg)
    names = _class_names(np.concatenate([true, guess]), class_names)
    return [
        (names[t], False) if t == g else (f"{names[t]}\n✗ {names[g]}", True) for t, g in zip(true, guess, strict=True)
    ]


def _class_names(indices: np.ndarray, class_names: Sequence[str] | None) -> list[str]:
    names = [str(name) for name in (range(int(indices.max()) + 1) if class_names is None else class_names)]
    if indices.min() < 0 or indices.max() >= len(names):
        msg = f"`labels` must lie in [0, {len(names)}), as in `class_names`. Received {indices.min()}..{indices.max()}."
        raise ValueError(msg)
    return names
