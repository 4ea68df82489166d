"""Train one step on a copy and see what moved: flags say what should learn, this says what does."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import keras
import numpy as np
import tensorflow as tf

from tlkit.backbones.names import did_you_mean
from tlkit.freezing.blocks import blocks, is_batchnorm
from tlkit.freezing.graph import functional_of
from tlkit.freezing.report import table_html, table_text

__all__ = ["AuditReport", "WeightChange", "audit", "is_stale"]

_HEADER = ("block", "weights that moved", "BatchNorm statistics that moved")
_BATCH_SIZE = 32


@dataclass(frozen=True)
class WeightChange:
    """What one training step did to one array of weights.

    Attributes:
        block: Name of its block.
        layer: Name of its layer.
        weight: Its own name: `"kernel"`, `"moving_mean"`, ...
        is_statistic: Whether it is a moving statistic of BatchNorm, which no gradient changes.
        is_kernel: Whether it is a matrix or more.
        max_change: Largest absolute change; NaN if it is not finite any more.
        moved: Whether any value changed at all.
    """

    block: str
    layer: str
    weight: str
    is_statistic: bool
    is_kernel: bool
    max_change: float
    moved: bool


@dataclass(frozen=True)
class AuditReport:
    """What moved in one training step.

    Attributes:
        changes: One for each array of weights, in the order of the data.
        stale: The flags have been changed since the model was first trained after its last `compile()`: Keras
            ignores the change, and so does this audit. `compile()` and audit again.
    """

    changes: tuple[WeightChange, ...]
    stale: bool

    @property
    def num_weights(self) -> int:
        """Arrays of weights, BatchNorm's statistics apart."""
        return sum(not change.is_statistic for change in self.changes)

    @property
    def num_moved(self) -> int:
        """Of these, the ones that moved."""
        return sum(change.moved and not change.is_statistic for change in self.changes)

    @property
    def num_kernels(self) -> int:
        """Kernels: arrays of weights with two axes or more."""
        return sum(change.is_kernel for change in self.changes)

    @property
    def num_kernels_moved(self) -> int:
        """Of these, the ones that moved."""
        return sum(change.is_kernel and change.moved for change in self.changes)

    @property
    def num_bn_statistics(self) -> int:
        """Moving statistics: two for each BatchNorm layer."""
        return sum(change.is_statistic for change in self.changes)

    @property
    def num_bn_moved(self) -> int:
        """Of these, the ones that moved."""
        return sum(change.moved and change.is_statistic for change in self.changes)

    def moved(self, name: str) -> bool:
        """Whether any weight of a layer or block moved, BatchNorm's statistics apart.

        Raises:
            ValueError: If no layer or block of that name has weights.
        """
        return any(change.moved and not change.is_statistic for change in self._of(name))

    def statistics_moved(self, name: str) -> bool:
        """Whether any BatchNorm statistic of a layer or block moved.

        Raises:
            ValueError: If no layer or block of that name has weights.
        """
        return any(change.moved and change.is_statistic for change in self._of(name))

    @property
    def summary(self) -> str:
        """One or two sentences."""
        text = f"{self.num_moved} of {self.num_weights} weights moved, "
        text += f"{self.num_bn_moved} of {self.num_bn_statistics} BatchNorm statistics moved."
        return f"{text} The flags were changed after training: compile() to make them count." if self.stale else text

    def __repr__(self) -> str:
        return f"{self.summary}\n{table_text(_HEADER, self._rows())}"

    def _repr_html_(self) -> str:
        return table_html(self.summary, _HEADER, self._rows())

    def _of(self, name: str) -> list[WeightChange]:
        found = [change for change in self.changes if name in (change.block, change.layer)]
        if not found:
            allowed = dict.fromkeys(name for change in self.changes for name in (change.block, change.layer))
            msg = f"`name` must be a layer or block with weights. Received: {name!r}. {did_you_mean(name, allowed)}"
            raise ValueError(msg)
        return found

    def _rows(self) -> list[tuple[str, ...]]:
        rows = []
        for block in dict.fromkeys(change.block for change in self.changes):
            kinds = [[c.moved for c in self.changes if c.block == block and c.is_statistic is s] for s in (False, True)]
            rows.append((block, *(f"{sum(kind)} of {len(kind)}" if kind else "–" for kind in kinds)))
        return rows


def audit(model: keras.Model, data, *, loss=None, optimizer=None) -> AuditReport:
    """Train a copy of a model for one step and report which weights moved.

    What it audits is what the next `fit()` would change: the flags as they are now, or, if the model has been
    trained since its last `compile()`, the flags as they were then, because that is what Keras goes on using.
    The model, its optimizer and the random generators stay as they are, bit for bit. The copy is of the graph: a
    `train_step` of one's own is not run.

    Args:
        model: A functional or sequential model, with or without nested ones.
        data: A batch `(images, labels)`, of which 32 are used; or a `tf.data.Dataset` or a `Split` of the kit, of
            which the first batch is used. Taking a batch of a shuffled dataset advances its own order.
        loss: `None` means that of `compile()`; without one, cross-entropy of logits for whole-number labels and
            several outputs, else the squared error.
        optimizer: `None` means 1e-3 times the gradient's sign, which is Adam's first step: as large for a small
            gradient as for a large one, so that every weight with a gradient moves. Of one passed, a copy is used.

    Raises:
        ValueError: If the model is subclassed or not built, or the data is no batch of images and labels.
    """
    parts = blocks(model)
    images, labels = _first_batch(data)
    stale = is_stale(model)
    with _python_random_kept():
        copy, pairs = _copy(model, stale)
        before = [[_values(weight) for weight in layer.weights] for _, layer in pairs]
        copy.compile(_new_optimizer(optimizer), loss or _loss_of(model, labels), run_eagerly=True)
        copy.train_on_batch(images, labels)
    copies = dict(pairs)
    old = {layer: values for (layer, _), values in zip(pairs, before, strict=True)}
    changes = (
        _change(block.name, layer, weight, value)
        for block in parts
        for layer in block.layers
        for weight, value in zip(copies[layer].weights, old[layer], strict=True)
    )
    return AuditReport(tuple(changes), stale)


def _values(weight: keras.Variable) -> np.ndarray:
    """A copy: what `convert_to_numpy` returns may be the variable's own memory."""
    return np.array(keras.ops.convert_to_numpy(weight))


def _change(block: str, layer: keras.Layer, weight: keras.Variable, before: np.ndarray) -> WeightChange:
    after = _values(weight)
    change = np.abs(after.astype(float) - before.astype(float))
    return WeightChange(
        block=block,
        layer=layer.name,
        weight=weight.name,
        is_statistic=is_batchnorm(layer) and weight.name.startswith("moving_"),
        is_kernel=before.ndim > 1,
        max_change=float(change.max(initial=0.0)),
        moved=bool((after != before).any()),
    )


def _copy(model: keras.Model, stale: bool) -> tuple[keras.Model, list[tuple]]:
    """A copy with weights and flags, and the pairs of a layer and its copy."""
    # Cloning an own view of the graph leaves the model's compile() aside, with whatever custom loss is in it
    view = keras.Model(functional_of(model).input, functional_of(model).output)
    copy = keras.models.clone_model(view)
    copy.set_weights(view.get_weights())
    used = _trained_variables(model) if stale else None
    copy.trainable = model.trainable or stale
    pairs = list(zip(view._flatten_layers(include_self=False), copy._flatten_layers(include_self=False), strict=True))
    for layer, twin in pairs:  # outer layers first: setting one sets all inside it
        twin.trainable = layer.trainable if used is None else _was_trainable(layer, used)
    return copy, pairs


def is_stale(model: keras.Model) -> bool:
    """Whether the flags were changed since `model` was trained, so that `fit` ignores the change until `compile()`."""
    if not model.compiled or model.run_eagerly or not (model.train_function or model.optimizer.built):
        return False
    return _trained_variables(model) != {id(variable) for variable in model.trainable_variables}


def _trained_variables(model: keras.Model) -> set[int]:
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return {id(variable) for variable in optimizer._trainable_variables}


def _was_trainable(layer: keras.Layer, used: set[int]) -> bool:
    learned = [v for v in layer.variables if id(v) in used]
    return bool(learned) or not layer.weights


class _SignStep(keras.optimizers.Optimizer):
    """A step of the learning rate against each gradient's sign. Adam would first make two averages for each weight."""

    def update_step(self, gradient, variable, learning_rate):
        whole = tf.convert_to_tensor(gradient)  # an embedding's comes in rows, the same one several times
        rate = keras.ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, keras.ops.multiply(rate, keras.ops.sign(whole)))


def _new_optimizer(optimizer):
    if optimizer is None:
        return _SignStep(1e-3)
    optimizer = cast(keras.optimizers.Optimizer, keras.optimizers.get(optimizer))
    return optimizer.__class__.from_config(optimizer.get_config())


def _loss_of(model: keras.Model, labels):
    if model.compiled and model.loss is not None:
        return model.loss
    several = model.outputs[0].shape[-1] != 1
    whole = np.issubdtype(np.asarray(labels).dtype, np.integer)
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True) if several and whole else "mean_squared_error"


def _first_batch(data) -> tuple:
    if hasattr(data, "images") and hasattr(data, "labels"):
        data = (data.images, data.labels)
    if isinstance(data, (tuple, list)) and len(data) == 2:
        return np.asarray(data[0])[:_BATCH_SIZE], np.asarray(data[1])[:_BATCH_SIZE]
    batch = next(iter(data), None) if hasattr(data, "__iter__") and not isinstance(data, (np.ndarray, dict)) else None
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        msg = "`data` must be (images, labels), or a dataset of such batches that is not empty. "
        msg += f"Received: {type(data).__name__}. Example: audit(model, (images[:32], labels[:32]))."
        raise ValueError(msg)
    return batch[0], batch[1]


@contextlib.contextmanager
def _python_random_kept() -> Iterator[None]:
    """New layers draw their seeds from Python's generator."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
