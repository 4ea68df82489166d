"""Random augmentation ahead of a frozen part: several views of each image, drawn once, and described as such."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from tlkit.speed.cache import as_arrays, show_progress
from tlkit.speed.feature_store import Progress, run_prefix, store_for
from tlkit.speed.rows import ID_BYTES

__all__ = ["Views", "cache_views"]

BLOCK = 256  # images that are augmented at once


@dataclass(frozen=True, eq=False)
class Views:
    """What a frozen prefix makes of several random views of each image. Give it to `fit` in place of the images.

    In each epoch `fit` draws one of the views for each image. That is less than augmentation by plain Keras, which
    draws a new one: after `num_views` epochs a network has seen most of what it will ever see.

    Attributes:
        features: `(num_views, n, ...)`, in memory or mapped from a file.
        labels: `(n, ...)`.
        key: The key of the prefix and its weights.
    """

    features: np.ndarray
    labels: np.ndarray
    key: str

    @property
    def num_views(self) -> int:
        """Views of each image."""
        return len(self.features)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        size = f"{self.features.nbytes / 1e6:.1f} MB"
        return f"Views({self.num_views} random views, drawn once, of each of {len(self)} images; {size})"

    def take(self, rows: np.ndarray) -> Views:
        """The views of some of the images, as for a smaller label budget."""
        return replace(self, features=self.features[:, rows], labels=self.labels[rows])


def cache_views(
    prefix: keras.Model,
    data: Any,
    augment: Callable,
    *,
    num_views: int = 8,
    on_disk: bool = False,
    verbose: int = 0,
) -> Views:
    """Augment each image several times, and run a frozen prefix once over each of the views.

    Args:
        prefix: The prefix from `split_frozen`.
        data: A `Split`, or a pair of images `(n, height, width, channels)` and labels `(n, ...)`.
        augment: A Keras layer or model, called with `training=True`, or a function. Takes float32 images
            `(batch, height, width, channels)` in the range of `data` and returns as many, of the prefix's size.
        num_views: Views of each image, at least 2.
        on_disk: Whether to write them to files in any case. Beyond `tlkit.speed.MEMORY_LIMIT` bytes, they always are.
        verbose: 1 shows a progress bar.

    Returns:
        `Views`, for `fit`.

    Raises:
        ValueError: If there are no labels, fewer than two views, or the augmentation is not random.
        OSError: If the disk is full.

    Example:
    >>> image = keras.Input((4, 4, 3))
    >>> prefix = keras.Model(image, keras.layers.GlobalAveragePooling2D()(image))
    >>> data = np.zeros((5, 4, 4, 3), "float32"), np.zeros(5, int)
    >>> cache_views(prefix, data, keras.layers.GaussianNoise(1.0), num_views=3)
    Views(3 random views, drawn once, of each of 5 images; 0.0 MB)
    """
    images, labels = as_arrays(data)
    if labels is None or num_views < 2:
        msg = f"`data` must have labels and `num_views` be at least 2. Received num_views={num_views!r}."
        raise ValueError(msg + ("" if labels is not None else " Pass a pair `(images, labels)` or a `Split`."))
    _check_random(augment, images)
    store, total = store_for(prefix), num_views * len(images)
    # Views have names of their own: nobody will look for one by its content.
    names = [os.urandom(ID_BYTES) for _ in range(total)]
    batches = _run(prefix, _Drawing(augment, images, num_views), show_progress(verbose))
    features, _ = store.fill(names, batches, "disk" if on_disk else "auto")
    return Views(features.reshape(num_views, len(images), *features.shape[1:]), labels, store.key)


@dataclass(frozen=True, eq=False)
class _Drawing:
    """Random views of all images, drawn when they are asked for.

    Attributes:
        augment: As `cache_views` takes it.
        images: `(n, height, width, channels)`.
        num_views: Of each image.
    """

    augment: Callable
    images: np.ndarray
    num_views: int

    def __iter__(self) -> Iterator[np.ndarray]:
        for _ in range(self.num_views):
            for start in range(0, len(self.images), BLOCK):
                yield _augmented(self.augment, self.images[start : start + BLOCK])

    def __len__(self) -> int:
        return self.num_views * len(self.images)


def _run(prefix: keras.Model, views: _Drawing, progress: Progress) -> Iterator[np.ndarray]:
    done = 0
    for block in views:
        for features in run_prefix(prefix, block):
            yield features
            done += len(features)
            progress(done, len(views))


def _augmented(augment: Callable, images: np.ndarray) -> np.ndarray:
    options = {"training": True} if isinstance(augment, keras.layers.Layer) else {}
    views: Any = keras.ops.convert_to_numpy(augment(images.astype("float32"), **options))
    if len(views) != len(images):
        msg = f"`augment` must return as many images as it takes. Received {len(views)} for {len(images)}."
        raise ValueError(msg)
    return views


def _check_random(augment: Callable, images: np.ndarray) -> None:
    few = images[:16]
    if any(not np.array_equal(_augmented(augment, few), _augmented(augment, few)) for _ in range(3)):
        return
    msg = (
        f"`augment` must be random. Received {augment!r}, which gives the same views again and again. Use layers "
        "such as `keras.layers.RandomFlip()`; without augmentation `cache_features` is what you need."
    )
    raise ValueError(msg)
