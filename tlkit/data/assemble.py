"""Steps that datasets share: split by class, drop copies, resize, describe."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from tlkit.data.split import Dataset, Split, Vault

__all__ = ["build_dataset", "describe_counts", "grey_to_rgb", "resize_split", "split_rows", "without_copies"]

Splits = dict[str, Split]


def split_rows(labels: np.ndarray, shares: Sequence[float], seed: int = 0) -> list[np.ndarray]:
    """Deal out rows at random, with the same shares in each class.

    Args:
        labels: `(num_images,)`.
        shares: Sizes of the first parts, as shares in (0, 1); one more part takes the rest.
        seed: Fixes the choice.

    Returns:
        `len(shares) + 1` arrays of row numbers, in mixed order.

    Example:
        >>> [len(rows) for rows in split_rows(np.repeat([0, 1], 10), [0.2, 0.3])]
        [4, 6, 10]
    """
    rng = np.random.default_rng(seed)
    parts: list[list[np.ndarray]] = [[] for _ in range(len(shares) + 1)]
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        ends = np.round(np.cumsum(shares) * len(rows)).astype(int)
        for part, piece in zip(parts, np.split(rows, ends), strict=True):
            part.append(piece)
    return [rng.permutation(np.concatenate(part)) for part in parts]


def without_copies(split: Split, others: Sequence[Split]) -> Split:
    """Leave out the images that, pixel by pixel, are also in one of the other splits."""
    taken = {_digest(image) for other in others for image in other.images}
    keep = np.array([_digest(image) not in taken for image in split.images], bool)
    return split if keep.all() else split.select(keep)


def resize_split(split: Split, size: int) -> Split:
    """Resize images to `size` pixels; when they get smaller, pixels are averaged (no aliasing)."""
    if split.images.shape[1:3] == (size, size):
        return split
    images = np.empty((len(split), size, size, 3), "uint8")
    for row, image in enumerate(split.images):
        images[row] = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC))
    return replace(split, images=images)


def grey_to_rgb(grey: np.ndarray) -> np.ndarray:
    """`(num_images, height, width)` in [0, 255] to `(num_images, height, width, 3)`, `uint8`."""
    return np.repeat(grey[..., None].astype("uint8"), 3, axis=-1)


def build_dataset(name: str, card: str, splits: Splits) -> Dataset:
    """Put the test split into a vault, and the counts under the card."""
    return Dataset(
        name=name,
        class_names=list(splits["train"].class_names),
        card=f"{card.rstrip()}\n\n{describe_counts(splits)}\n",
        train=splits["train"],
        val=splits["val"],
        test=Vault(splits["test"]),
    )


def describe_counts(splits: Splits) -> str:
    """A Markdown table of how many images each split has, in all and in its smallest class."""
    rows = ["| split | images | in the smallest class |", "|---|---|---|"]
    for name, split in splits.items():
        counts = np.bincount(split.labels, minlength=len(split.class_names))
        rows.append(f"| {name} | {len(split)} | {counts.min()} |")
    return "\n".join(rows)


def _digest(image: np.ndarray) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=16).digest()
