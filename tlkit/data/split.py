"""Labelled images in memory, the split into training, validation and test, and the test vault."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["Dataset", "Split", "Vault", "choose_per_class", "make_batches"]

Content = TypeVar("Content")


@dataclass(frozen=True, eq=False)
class Split:
    """Images with labels.

    Attributes:
        images: `(num_images, size, size, 3)`, `uint8` in [0, 255].
        labels: `(num_images,)`, `int32` in [0, num_classes).
        class_names: One name for each class.
        paths: `(num_images,)`, the file of each image, as `object`; `None` where images are from no files of their
            own. `split.paths[predicted != split.labels]` names the files that a model got wrong.

    Example:
        >>> Split(np.zeros((4, 8, 8, 3), "uint8"), np.array([0, 0, 1, 1]), ["cat", "dog"])
        Split(4 images of 8 x 8 pixels, 2 classes)
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: Sequence[str]
    paths: np.ndarray | Sequence[Path] | None = None

    def __post_init__(self) -> None:
        _check_arrays(self.images, self.labels, len(self.class_names))
        object.__setattr__(self, "labels", self.labels.astype("int32", copy=False))
        object.__setattr__(self, "class_names", list(self.class_names))
        if self.paths is not None:
            object.__setattr__(self, "paths", _check_paths(self.paths, len(self)))

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        height, width = self.images.shape[1:3]
        return f"Split({len(self)} images of {height} x {width} pixels, {len(self.class_names)} classes)"

    def as_dataset(self, batch_size: int = 32, shuffle: bool = False, seed: int = 0) -> tf.data.Dataset:
        """Return batches for `model.fit`.

        Args:
            batch_size: Images a batch; the last batch may be smaller.
            shuffle: Whether to draw a new order for each pass. It shuffles *within* this split, so
                that no image ever changes its split.
            seed: Fixes the orders, together with Keras' and TensorFlow's global seed where one is set.

        Returns:
            Pairs of images `(batch, size, size, 3)`, `uint8` in [0, 255], and labels `(batch,)`, `int32`.
        """
        return make_batches((self.images, self.labels), len(self), batch_size, shuffle, seed)

    def take_per_class(self, num_per_class: int, seed: int = 0) -> Split:
        """Return `num_per_class` images of each class, chosen by `seed`, in an order mixed by `seed`.

        Raises:
            ValueError: If a class has fewer images.
        """
        return self.select(choose_per_class(self.labels, self.class_names, num_per_class, seed))

    def select(self, rows: np.ndarray) -> Split:
        """Return the images at `rows` (numbers, or a mask) with their labels and paths."""
        paths = None if self.paths is None else np.asarray(self.paths, object)[rows]
        return replace(self, images=self.images[rows], labels=self.labels[rows], paths=paths)


class Vault(Generic[Content]):
    """A test set that counts how often it was opened.

    A test set measures once: each further look makes the result more a choice of yours and less
    a measurement. The vault does not stop you; it makes every report say it.

    Example:
        >>> vault = Vault(Split(np.zeros((2, 8, 8, 3), "uint8"), np.array([0, 1]), ["cat", "dog"]))
        >>> vault
        Vault(2 images, never opened)
        >>> test = vault.open("final accuracy of the chosen model")
        >>> vault
        Vault(2 images, opened once: 'final accuracy of the chosen model')
    """

    def __init__(self, split: Content):
        self._split: Any = split
        self._log: list[str] = []

    @property
    def num_images(self) -> int:
        """Number of test images; reading it opens nothing."""
        return len(self._split)

    @property
    def num_items(self) -> int:
        """Number of test items, of whatever kind; reading it opens nothing."""
        return len(self._split)

    @property
    def num_opened(self) -> int:
        """How often the vault was opened."""
        return len(self._log)

    @property
    def log(self) -> list[str]:
        """The reasons given, oldest first."""
        return list(self._log)

    def open(self, reason: str) -> Content:
        """Return the test split, and note why.

        Raises:
            ValueError: If `reason` says nothing.
        """
        if not isinstance(reason, str) or not reason.strip():
            msg = f'`reason` must say why the test set is opened. Received: {reason!r}. Try "final accuracy".'
            raise ValueError(msg)
        self._log.append(reason.strip())
        return self._split

    def map(self, change: Callable[[Content], Content]) -> Vault[Content]:
        """Return a vault of what `change` makes of the test split, such as another size; both have one log."""
        other = Vault(change(self._split))
        other._log = self._log
        return other

    def report(self) -> str:
        """Return one sentence that says how often the test set was opened, and why."""
        if not self._log:
            return "never opened"
        times = "once" if len(self._log) == 1 else f"{len(self._log)} times"
        return f"opened {times}: " + ", ".join(repr(reason) for reason in self._log)

    def __repr__(self) -> str:
        noun = getattr(self._split, "noun", "images")
        return f"Vault({self.num_items} {noun}, {self.report()})"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images for training, for validation and, in a vault, for the test. No image is in two of them.

    Attributes:
        name: What `load_dataset` calls it.
        class_names: One name for each class, in the order of the labels.
        card: Source, licence, counts and difficulties, in Markdown.
        train: What a model learns from.
        val: What choices are made on.
        test: What the chosen model is measured on, once.
    """

    name: str
    class_names: list[str]
    card: str = field(repr=False)
    train: Split
    val: Split
    test: Vault[Split]

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def take_per_class(self, num_per_class: int, seed: int = 0) -> Self:
        """Return the same data with `num_per_class` training images per class; the vault is shared.

        Raises:
            ValueError: If a class has fewer training images.
        """
        return replace(self, train=self.train.take_per_class(num_per_class, seed))


def make_batches(parts: Any, num_items: int, batch_size: int, shuffle: bool, seed: int) -> tf.data.Dataset:
    """Batches of arrays with one row per item, in any nesting of tuples and dicts; reshuffled for each pass."""
    import tensorflow as tf

    tensors = tf.nest.map_structure(tf.constant, parts)
    rows = tf.data.Dataset.range(num_items)
    if shuffle:
        rows = rows.shuffle(num_items, seed=seed, reshuffle_each_iteration=True)
    batches = rows.batch(batch_size)
    return batches.map(lambda row: tf.nest.map_structure(lambda tensor: tf.gather(tensor, row), tensors)).prefetch(2)


def choose_per_class(
    labels: np.ndarray, class_names: Sequence[str], num_per_class: int, seed: int, noun: str = "images"
) -> np.ndarray:
    """Choose as many rows of each class, in an order mixed by `seed`: `(num_classes * num_per_class,)`.

    Raises:
        ValueError: If a class has fewer rows.
    """
    if not isinstance(num_per_class, (int, np.integer)) or num_per_class < 1:
        msg = f"`num_per_class` must be an integer of at least 1. Received: {num_per_class!r}."
        raise ValueError(msg)
    counts = np.bincount(labels, minlength=len(class_names))
    fewest = int(counts.argmin())
    if num_per_class > counts[fewest]:
        msg = (
            f"`num_per_class` is {num_per_class}, but class {class_names[fewest]!r} has only "
            f"{counts[fewest]} {noun}. Pass at most {counts[fewest]}."
        )
        raise ValueError(msg)
    order = np.random.default_rng(seed).permutation(len(labels))
    return order[_rank_within_class(labels[order], len(class_names)) < num_per_class]


def _check_arrays(images: np.ndarray, labels: np.ndarray, num_classes: int) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        msg = f"`images` must be uint8 of shape (num_images, size, size, 3). Received: {images.dtype} {images.shape}."
        raise ValueError(msg)
    if labels.shape != images.shape[:1]:
        msg = f"`labels` must have shape {images.shape[:1]}, one label per image. Received: {labels.shape}."
        raise ValueError(msg)
    if len(labels) and not 0 <= labels.min() <= labels.max() < num_classes:
        msg = f"`labels` must lie in [0, {num_classes}). Received: {labels.min()} to {labels.max()}."
        raise ValueError(msg)


def _check_paths(paths: np.ndarray | Sequence[Path], num_images: int) -> np.ndarray:
    if len(paths) != num_images:
        msg = f"`paths` must have one path per image, {num_images}. Received: {len(paths)}. Leave it out, or name all."
        raise ValueError(msg)
    return np.array([*paths, None], object)[:-1]  # with `None`, so that NumPy does not look into the paths


def _rank_within_class(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """`(num_images,)`: 0 for the first image of its class, 1 for the second, and so on."""
    one_hot = labels[:, None] == np.arange(num_classes)  # (num_images, num_classes)
    return one_hot.cumsum(axis=0)[np.arange(len(labels)), labels] - 1
