"""Errors per class: confusion matrix, precision, recall and F1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ClassificationReport", "classification_report", "confusion_matrix"]


def _as_labels(labels: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(labels)
    if array.ndim == 2:
        msg = f"`{name}` must be 1-D class indices. Received shape {array.shape}. Take `np.argmax({name}, axis=-1)`."
        raise ValueError(msg)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        msg = (
            f"`{name}` must be a non-empty 1-D array of integer class indices. "
            f"Received shape {array.shape}, dtype {array.dtype}."
        )
        raise ValueError(msg)
    return array.astype(np.int64)


def confusion_matrix(y_true: ArrayLike, y_pred: ArrayLike, num_classes: int | None = None) -> np.ndarray:
    """Count the images of each true class (row) by predicted class (column).

    Args:
        y_true: `(n,)` integers in [0, num_classes).
        y_pred: `(n,)` integers in [0, num_classes).
        num_classes: Number of classes. `None` takes the largest index seen plus one, which misses the last classes if
            neither array contains them.

    Returns:
        `(num_classes, num_classes)` int64. The diagonal counts the correct predictions.

    Raises:
        ValueError: On labels of different lengths, not integers, or outside the classes.

    Example:
    >>> confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1], num_classes=3)
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 1, 0]])
    """
    true, pred = _as_labels(y_true, "y_true"), _as_labels(y_pred, "y_pred")
    if len(true) != len(pred):
        msg = f"`y_true` and `y_pred` must have the same length. Received {len(true)} and {len(pred)}."
        raise ValueError(msg)
    size = int(max(true.max(), pred.max())) + 1 if num_classes is None else num_classes
    for name, labels in (("y_true", true), ("y_pred", pred)):
        outside = labels[(labels < 0) | (labels >= size)]
        if outside.size:
            msg = f"`{name}` must lie in [0, {size}). Received {outside[0]}. Is `num_classes` right?"
            raise ValueError(msg)
    return np.bincount(true * size + pred, minlength=size * size).reshape(size, size)


@dataclass(frozen=True)
class ClassificationReport:
    """Precision, recall and F1 of each class.

    Attributes:
        class_names: Names of the `num_classes` classes, by index.
        precision: `(num_classes,)` in [0, 1]: the share of images predicted as the class that belong to it.
        recall: `(num_classes,)` in [0, 1]: the share of images of the class that were found.
        f1: `(num_classes,)` in [0, 1]: harmonic mean of the two.
        support: `(num_classes,)` int: number of images of the class.
        accuracy: Share of right predictions.
        zero_division: What was 0 / 0 and is reported as 0, in words: `"precision of 'cat': never predicted"`.
    """

    class_names: tuple[str, ...]
    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    support: np.ndarray
    accuracy: float
    zero_division: tuple[str, ...]

    @property
    def macro_precision(self) -> float:
        """Mean precision; each class counts equally."""
        return float(self.precision.mean())

    @property
    def macro_recall(self) -> float:
        """Mean recall, where each class counts equally: the balanced accuracy."""
        return float(self.recall.mean())

    @property
    def macro_f1(self) -> float:
        """Mean F1; each class counts equally."""
        return float(self.f1.mean())

    def rows(self) -> list[tuple[str, float, float, float, int]]:
        """One (name, precision, recall, F1, support) a class, then the macro average."""
        classes = zip(self.class_names, self.precision, self.recall, self.f1, self.support, strict=True)
        rows = [(name, float(p), float(r), float(f), int(n)) for name, p, r, f, n in classes]
        return [
            *rows,
            ("macro average", self.macro_precision, self.macro_recall, self.macro_f1, int(self.support.sum())),
        ]

    def _footer(self) -> list[str]:
        lines = [f"accuracy {self.accuracy:.3f} on {int(self.support.sum())} images"]
        return lines + [f"zero_division: {what}, so it is given as 0" for what in self.zero_division]

    def __repr__(self) -> str:
        width = max(len(name) for name in (*self.class_names, "macro average"))
        lines = [f"{'class':<{width}}  precision  recall     F1  support"]
        lines += [f"{name:<{width}}  {p:9.3f}  {r:6.3f}  {f:5.3f}  {n:7d}" for name, p, r, f, n in self.rows()]
        return "\n".join(lines + self._footer())

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{title}</th>" for title in ("class", "precision", "recall", "F1", "support"))
        body = "".join(
            f"<tr><th>{escape(name)}</th><td>{p:.3f}</td><td>{r:.3f}</td><td>{f:.3f}</td><td>{n}</td></tr>"
            for name, p, r, f, n in self.rows()
        )
        foot = "".join(f"<p>{escape(line)}</p>" for line in self._footer())
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{foot}"


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0)


def classification_report(y_true: ArrayLike, y_pred: ArrayLike, class_names: Sequence[str]) -> ClassificationReport:
    """Precision, recall, F1 and support of each class, with their macro averages.

    A class that is never predicted has a precision of 0 / 0. It is reported as 0, and the report says so.

    Args:
        y_true: `(n,)` integers in [0, len(class_names)).
        y_pred: `(n,)` integers in [0, len(class_names)).
        class_names: Names of the classes, by index.

    Returns:
        A `ClassificationReport`, shown as a table in a notebook.

    Raises:
        ValueError: What `confusion_matrix` refuses.

    Example:
    >>> classification_report([0, 0, 1, 1], [0, 0, 0, 0], ["brick", "grass"])
    class          precision  recall     F1  support
    brick              0.500   1.000  0.667        2
    grass              0.000   0.000  0.000        2
    macro average      0.250   0.500  0.333        4
    accuracy 0.500 on 4 images
    zero_division: precision of 'grass': never predicted, so it is given as 0
    """
    names = tuple(str(name) for name in class_names)
    counts = confusion_matrix(y_true, y_pred, len(names))
    right, predicted, support = np.diag(counts), counts.sum(axis=0), counts.sum(axis=1)
    zero = [f"precision of {name!r}: never predicted" for name, n in zip(names, predicted, strict=True) if n == 0]
    zero += [f"recall of {name!r}: no such image" for name, n in zip(names, support, strict=True) if n == 0]
    return ClassificationReport(
        class_names=names,
        precision=_ratio(right, predicted),
        recall=_ratio(right, support),
        f1=_ratio(2 * right, predicted + support),
        support=support,
        accuracy=float(right.sum() / counts.sum()),
        zero_division=tuple(zero),
    )
