"""What training behind a freeze line needs, stated before it is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.cache import as_arrays
from tlkit.speed.feature_store import FeatureStore, store_for
from tlkit.speed.frozen_split import FrozenSplit
from tlkit.speed.gears import QUICK, choose
from tlkit.speed.nodes import NotAGraph
from tlkit.speed.rows import num_rows, row_ids
from tlkit.speed.shared_graphs import known_plan, split_for

__all__ = ["CutCost", "describe_cut"]


@dataclass(frozen=True)
class CutCost:
    """What `fit` would need for a model as it is now frozen and compiled.

    Attributes:
        gear: The gear that `fit` takes for data and callbacks that allow every gear: `"quick"`, `"kept"` or `"plain"`.
        why: Why it is not a quicker one, or what ends the part that is kept, in one line.
        cut: Name of the layer whose output is kept; `None` where nothing can be.
        reason: Why no more can be kept, in words.
        num_images: Number of images in the data; `None` where no data were given, or only a `tf.data.Dataset`.
        num_cached: Images whose features are kept; `None` likewise.
        image_bytes: Features of one image, in bytes; 0 without a cut.
        is_warm: Whether the graphs of the learning part are there, so that training traces nothing.
        pass_seconds: Measured: what the passes through this frozen part have taken so far, tracing included; `None`
            before the first.
        epoch_seconds: Measured: the last epoch with this learning part, validation included; `None` before the first.
    """

    gear: str
    why: str
    cut: str | None
    reason: str
    num_images: int | None
    num_cached: int | None
    image_bytes: int
    is_warm: bool
    pass_seconds: float | None
    epoch_seconds: float | None

    @property
    def is_cached(self) -> bool:
        """Whether no image would have to go through the frozen part."""
        return self.cut is None or (self.num_images is not None and self.num_cached == self.num_images)

    @property
    def num_bytes(self) -> int | None:
        """Bytes that the features of all images take."""
        return None if self.num_images is None else self.num_images * self.image_bytes


def describe_cut(model: keras.Model, data: Any = None) -> CutCost:
    """Say what `fit` would need, without running or tracing anything.

    Args:
        model: As for `fit`. One that is not compiled is never warm.
        data: A `Split`, inputs `(n, ...)`, or a pair of inputs and labels. A `tf.data.Dataset` is not read.

    Returns:
        A `CutCost`.

    Raises:
        ValueError: If the model cannot be cut (see `split_frozen`), or the data are of no known kind.

    Example:
    >>> image = keras.Input((4, 4, 3))
    >>> features = keras.layers.Conv2D(4, 3, trainable=False, name="conv")(image)
    >>> model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten(name="flat")(features)))
    >>> cost = describe_cut(model, np.zeros((100, 4, 4, 3), "float32"))
    >>> cost.cut, cost.num_bytes, cost.is_cached, cost.is_warm
    ('flat', 6400, False, False)
    """
    choice = choose(model, split_for)
    split = choice.split or _split_or_none(model)
    prefix = None if split is None else split.prefix
    plan = known_plan(choice.cut.suffix, model.get_compile_config()) if choice.gear == QUICK else None
    store = None if prefix is None else store_for(prefix)
    num_images, num_cached = _counts(store, data)
    return CutCost(
        gear=choice.gear,
        why=choice.why,
        cut=None if split is None else split.cut,
        reason=choice.why if split is None else split.reason,
        num_images=num_images,
        num_cached=num_cached,
        image_bytes=0 if prefix is None else _bytes(prefix.outputs[0]),
        is_warm=plan is not None,
        pass_seconds=store.seconds if store and store.num_passed else None,
        epoch_seconds=plan.epoch_seconds if plan else None,
    )


def _split_or_none(model: keras.Model) -> FrozenSplit | None:
    """The cut of a model that `fit` would not cut, such as one that is not compiled; `None` where there is no graph."""
    try:
        return split_for(model)
    except NotAGraph:
        return None


def _counts(store: FeatureStore | None, data: Any) -> tuple[int | None, int | None]:
    if data is None or isinstance(data, tf.data.Dataset):
        return None, None
    inputs, _ = as_arrays(data)
    return num_rows(inputs), store.count(row_ids(inputs)) if store else 0


def _bytes(tensor: keras.KerasTensor) -> int:
    sides = [side or 1 for side in tensor.shape[1:]]
    return int(np.prod(sides, dtype=np.int64)) * np.dtype(tensor.dtype).itemsize
