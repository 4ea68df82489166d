"""The images that the board trains on, in any form."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

__all__ = ["Task", "labels_of"]


@dataclass(frozen=True)
class Task:
    """Images to train on, as a `Split`, a pair of arrays, or a `tf.data.Dataset` of batches.

    Attributes:
        train: For training.
        validation: For validation, or `None`.
        batch_size: Of a `Split` or a pair.
        seed: Of dropout and of the order of the images.
    """

    train: Any
    validation: Any = None
    batch_size: int = 32
    seed: int = 0

    @property
    def num_images(self) -> int | None:
        """Training images, where this is known without a pass over them."""
        return None if labels_of(self.train) is None else len(labels_of(self.train))

    @property
    def images_per_class(self) -> str | None:
        """Such as `"20"`, or `"18–20"` where classes differ; `None` where labels are not one class an image."""
        labels = np.asarray(labels_of(self.train)).reshape(self.num_images, -1) if self.num_images else np.zeros((0, 1))
        if labels.shape[1] > 1 and (labels.sum(1) == 1).all():
            labels = labels.argmax(1)  # one-hot
        if labels.size != self.num_images or not labels.size or (labels != labels.round()).any():
            return None
        counts = Counter(labels.ravel().tolist()).values()
        return "–".join(map(str, sorted({min(counts), max(counts)})))

    @property
    def labels(self) -> Any:
        """Of the training images, or what tells their shape and type."""
        known = labels_of(self.train)
        return self.train.element_spec[1] if known is None else known

    def arguments(self) -> dict[str, Any]:
        """What `fit` is given besides the model."""
        return {"x": self.train, "validation_data": self.validation, "batch_size": self.batch_size, "verbose": 0}

    def sizes(self) -> tuple[int, int]:
        """Training and validation images, or batches of a `tf.data.Dataset`; 0 where it is not known."""
        return _size(self.train), _size(self.validation)

    def part(self, start: int, num_batches: int) -> "Task":
        """Some batches of both, from batch `start` on; a part that would be empty begins at 0."""
        train, validation = (_take(data, start, num_batches, self.batch_size) for data in (self.train, self.validation))
        return replace(self, train=train, validation=validation)


def labels_of(data: Any):
    """Return the labels of a `Split` or a pair; `None` of a `tf.data.Dataset`, which has them in its batches."""
    return data[1] if isinstance(data, tuple) else getattr(data, "labels", None)


def _size(data: Any) -> int:
    if data is None:
        return 0
    return len(labels_of(data)) if labels_of(data) is not None else max(0, int(data.cardinality()))


def _take(data: Any, start: int, num_batches: int, batch_size: int):
    if data is None:
        return None
    if labels_of(data) is None:
        rest = data.skip(start)
        return (rest if int(rest.cardinality()) else data).take(num_batches)
    images, labels = data if isinstance(data, tuple) else (data.images, data.labels)
    first = start * batch_size if start * batch_size < len(labels) else 0
    rows = slice(first, first + num_batches * batch_size)
    return images[rows], labels[rows]
