"""Data other than labelled images: arrays with one row per item, and a schema that says what each holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from tlkit.data.split import Vault, choose_per_class, make_batches

if TYPE_CHECKING:
    import tensorflow as tf

__all__ = ["KINDS", "ArrayDataset", "ArraySplit", "Field"]

KINDS = {
    "text": "O",
    "tokens": "int32",
    "mask": "bool",
    "label": "int32",
    "number": "float32",
    "series": "float32",
    "spectrogram": "uint8",
    "image": "uint8",
    "boxes": "float32",
}


@dataclass(frozen=True)
class Field:
    """What one array of a split holds.

    Attributes:
        kind: One of `KINDS`, which also says the dtype: `text` (Python strings), `tokens` (numbers of pieces, 0 for
            padding), `mask` (true where something is), `label` (a class, or -1 for padding), `number`, `series` (values
            in time), `spectrogram`, `image`, or `boxes` (left, top, right, bottom in pixels).
        shape: Shape of one item; `None` for a length that differs from one data set to the next.
        about: What it means, with its unit.
    """

    kind: str
    shape: tuple[int | None, ...] = ()
    about: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            msg = f"`kind` must be one of {', '.join(KINDS)}. Received: {self.kind!r}."
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class ArraySplit:
    """Arrays with one row an item, and what they hold.

    Attributes:
        arrays: The arrays by name, all with the same number of rows.
        schema: What each of them holds.
        class_names: Class names of the array `label`, if there is one; otherwise empty.
        noun: What one row is, in the plural.

    Raises:
        ValueError: If an array is not what the schema says.

    Example:
        >>> schema = {"text": Field("text"), "label": Field("label")}
        >>> arrays = {"text": np.array(["a cat", "a dog"], object), "label": np.array([0, 1])}
        >>> split = ArraySplit(arrays, schema, ["cat", "dog"], "texts")
        >>> split
        ArraySplit(2 texts: text, label; 2 classes)
        >>> split["text"][1]
        'a dog'
    """

    arrays: Mapping[str, np.ndarray]
    schema: Mapping[str, Field]
    class_names: Sequence[str] = ()
    noun: str = "items"

    def __post_init__(self) -> None:
        _check_names(self.arrays, self.schema)
        checked = {name: _as_field(name, self.arrays[name], self.schema[name]) for name in self.schema}
        _check_lengths(checked)
        if "label" in checked:
            _check_labels(checked["label"], self.class_names)
        object.__setattr__(self, "arrays", checked)
        object.__setattr__(self, "class_names", list(self.class_names))

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values())))

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.arrays:
            msg = f"`name` must be one of {', '.join(self.arrays)}. Received: {name!r}."
            raise KeyError(msg)
        return self.arrays[name]

    def __repr__(self) -> str:
        classes = f"; {len(self.class_names)} classes" if self.class_names else ""
        return f"ArraySplit({len(self)} {self.noun}: {', '.join(self.arrays)}{classes})"

    @property
    def labels(self) -> np.ndarray:
        """`(num_items,)`, `int32`: the array `label`.

        Raises:
            KeyError: If the items have no classes.
        """
        return self["label"]

    def as_dataset(
        self,
        inputs: str | Sequence[str],
        target: str | None = "label",
        *,
        batch_size: int = 32,
        shuffle: bool = False,
        seed: int = 0,
    ) -> tf.data.Dataset:
        """Return batches for `model.fit`.

        Args:
            inputs: Name of the array that the model takes, or several, which it then takes as a dict.
            target: Name of the array that it is to predict; `None` for none.
            batch_size: Items a batch; the last batch may be smaller.
            shuffle: Whether to draw a new order for each pass, within this split.
            seed: Fixes the orders.

        Returns:
            Pairs of inputs and targets, or inputs alone; texts as TensorFlow's strings.

        Raises:
            KeyError: If there is no such array.
        """
        given = self[inputs] if isinstance(inputs, str) else {name: self[name] for name in inputs}
        parts = given if target is None else (given, self[target])
        return make_batches(parts, len(self), batch_size, shuffle, seed)

    def select(self, rows: np.ndarray) -> ArraySplit:
        """Return the items of these rows, in this order; `rows` may also be a mask."""
        return replace(self, arrays={name: array[rows] for name, array in self.arrays.items()})

    def take_per_class(self, num_per_class: int, seed: int = 0) -> ArraySplit:
        """Return `num_per_class` items of each class, chosen by `seed`, in an order mixed by `seed`.

        Raises:
            KeyError: If the items have no classes.
            ValueError: If a class has fewer items.
        """
        return self.select(choose_per_class(self.labels, self.class_names, num_per_class, seed, self.noun))

    def describe(self) -> str:
        """Return the schema as a Markdown table."""
        rows = ["| array | kind | shape | what it is |", "|---|---|---|---|"]
        for name, array in self.arrays.items():
            known = self.schema[name]
            rows.append(f"| {name} | {known.kind} | {array.shape} {array.dtype} | {known.about} |")
        return "\n".join(rows)


@dataclass(frozen=True, eq=False)
class ArrayDataset:
    """Items for training, for validation and, in a vault, for the test. No item is in two of them.

    Attributes:
        name: What `list_datasets` calls it.
        card: Source, licence, counts and difficulties, in Markdown.
        train: What a model learns from.
        val: What choices are made on.
        test: What the chosen model is measured on, once.
    """

    name: str
    card: str = field(repr=False)
    train: ArraySplit
    val: ArraySplit
    test: Vault[ArraySplit]

    @property
    def class_names(self) -> list[str]:
        """One name per class, in the order of the labels; empty if there are no classes."""
        return list(self.train.class_names)

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.train.class_names)

    def take_per_class(self, num_per_class: int, seed: int = 0) -> Self:
        """Return the same data with `num_per_class` training items per class; the vault is shared.

        Raises:
            KeyError: If the items have no classes.
            ValueError: If a class has fewer training items.
        """
        return replace(self, train=self.train.take_per_class(num_per_class, seed))


def _check_names(arrays: Mapping[str, np.ndarray], schema: Mapping[str, Field]) -> None:
    if not schema or set(arrays) != set(schema):
        msg = f"`arrays` must hold what `schema` names: {', '.join(schema) or 'at least one array'}. "
        raise ValueError(msg + f"Received: {', '.join(arrays) or 'none'}.")


def _as_field(name: str, array: np.ndarray, known: Field) -> np.ndarray:
    dtype = KINDS[known.kind]
    fits = array.ndim == 1 + len(known.shape) and all(
        wanted in (None, found) for wanted, found in zip(known.shape, array.shape[1:], strict=True)
    )
    if not fits:
        shape = ("num_items", *("any" if side is None else side for side in known.shape))
        msg = f"`arrays[{name!r}]` must have shape ({', '.join(map(str, shape))}). Received: {array.shape}."
        raise ValueError(msg)
    if known.kind == "text":
        return _as_text(name, array)
    if array.dtype != dtype and not np.can_cast(array.dtype, dtype, "same_kind"):
        msg = f"`arrays[{name!r}]` holds {known.kind}: it must be {dtype}. Received: {array.dtype}."
        raise ValueError(msg)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        msg = f"`arrays[{name!r}]` must be finite. Received: NaN or infinity in {_num_bad(array)} items."
        raise ValueError(msg)
    return array.astype(dtype, copy=False)


def _as_text(name: str, array: np.ndarray) -> np.ndarray:
    wrong = next((value for value in array if not isinstance(value, str)), None)
    if wrong is not None:
        msg = f"`arrays[{name!r}]` must hold strings. Received: {wrong!r}."
        raise ValueError(msg)
    return array.astype(object, copy=False)


def _num_bad(array: np.ndarray) -> int:
    return int((~np.isfinite(array)).reshape(len(array), -1).any(1).sum())


def _check_lengths(arrays: Mapping[str, np.ndarray]) -> None:
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        msg = f"`arrays` must have one row per item. Received: {told}."
        raise ValueError(msg)


def _check_labels(labels: np.ndarray, class_names: Sequence[str]) -> None:
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        msg = f"`arrays['label']` must lie in [0, {len(class_names)}), one number per class name. "
        raise ValueError(msg + f"Received: {labels.min()} to {labels.max()}.")
