"""Train for a few steps, put everything back, and say what moved. Flags say what should learn; this says what does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.counts import count
from tlkit.freezing.batches import endless_batches
from tlkit.freezing.blocks import Block, blocks, is_batchnorm
from tlkit.freezing.changes import AuditReport, WeightChange
from tlkit.freezing.rehearsal import inner_of, left_as_it_was, values_of
from tlkit.freezing.steps import Steps, named

__all__ = ["audit", "is_stale"]

_BATCH_SIZE, _NUM_BATCHES = 32, 8


def audit(model: keras.Model, data: Any, *, loss: Any = None, optimizer: Any = None) -> AuditReport:
    """Train a model for one or a few steps, report which weights moved, and put everything back.

    What it audits is what the next `fit()` would change: the flags as they are now, of layers and of single weights,
    or, if the model has been trained since its last `compile()`, the flags as they were then, because that is what
    Keras goes on using. The model's own `train_step`, loss, regularizers and optimizer are run. One step is taken, and
    up to eight updates where weights that may learn have not moved: behind a weight that starts at 0, while gradients
    are gathered over several batches, or while mixed precision looks for its loss scale.

    The model, its optimizer, its metrics and the random generators stay as they are, bit for bit. What callbacks or
    `class_weight` would do to a `fit()` is not seen.

    Args:
        model: A functional or sequential model, with or without nested ones; compiled or not.
        data: A pair `(inputs, labels)` or triple with sample weights, of arrays or of dicts and lists of them, of which
            batches of 32 are taken; a batched `tf.data.Dataset`, a `PyDataset`, a list of batches; or a `Split` of the
            kit. Eight batches at most are read. Taking a batch of a shuffled dataset advances its own order.
        loss: `None` means that of `compile()`; without one, cross-entropy of logits for whole-number labels and
            several outputs, otherwise the squared error.
        optimizer: `None` means that of `compile()`, in its current state. If one is passed, a copy is used. Without
            either, 1e-3 times the gradient's sign, which is Adam's first step: it is as large for a small gradient as
            for a large one, so that every weight with a gradient moves.

    Raises:
        ValueError: If the model is subclassed or not built, the data are of another kind, or `fit()` itself would
            refuse the model as it is.
    """
    parts = blocks(model)
    batches = list(islice(endless_batches(data, _BATCH_SIZE), _NUM_BATCHES))
    stale = is_stale(model) and model.train_function is not None
    with left_as_it_was(model) as before:
        notes = _flag_as_trained(model) if stale else []
        _compile(model, loss, optimizer, batches[0])
        _check_known(model)
        steps = Steps(model, before)
        steps.train(batches)
        changes = tuple(_changes(model, parts, before, steps.moved))
        notes += steps.notes()
    return AuditReport(changes, stale, steps.num_steps, tuple(notes))


def is_stale(model: keras.Model) -> bool:
    """Whether the flags were changed since `model` was trained, so that it must be compiled before it is trained."""
    if not model.compiled or model.run_eagerly or not model.optimizer:
        return False
    if not (model.train_function or model.optimizer.built):
        return False
    return _known_variables(model) != {id(variable) for variable in model.trainable_variables}


def _changes(
    model: keras.Model, parts: Sequence[Block], before: dict[int, np.ndarray], moved: set[int]
) -> Iterator[WeightChange]:
    """Block by block; at the end what belongs to none: weights of the model itself, or of layers beside its graph."""
    statistics = {
        id(weight)
        for layer in model._flatten_layers()
        for weight in layer.weights
        if is_batchnorm(layer) and weight.name.startswith("moving_")
    }
    owners = [(part.name, layer) for part in parts for layer in part.layers]
    owners += [(model.name, layer) for layer in model._flatten_layers(include_self=False)]
    seen: set[int] = set()
    for block, layer in (*owners, (model.name, model)):
        for weight in layer.weights:
            if id(weight) not in seen:
                seen.add(id(weight))
                yield _change(block, layer, weight, before[id(weight)], id(weight) in statistics, id(weight) in moved)


def _change(
    block: str, layer: keras.Layer, weight: keras.Variable, before: np.ndarray, is_statistic: bool, has_moved: bool
) -> WeightChange:
    after = values_of(weight)
    change = np.abs(after.astype(float) - before.astype(float))
    return WeightChange(
        block=block,
        layer=layer.name,
        weight=weight.name,
        is_statistic=is_statistic,
        is_kernel=before.ndim > 1,
        max_change=float(change.max(initial=0.0)),
        moved=has_moved or bool((after != before).any()),
    )


def _known_variables(model: keras.Model) -> set[int]:
    return {id(variable) for variable in inner_of(model.optimizer)._trainable_variables}


def _check_known(model: keras.Model) -> None:
    """What an optimizer was not built for it refuses, in words that do not say what to do."""
    optimizer = inner_of(model.optimizer)
    unknown = (
        optimizer and optimizer.built and [v for v in model.trainable_variables if id(v) not in _known_variables(model)]
    )
    if unknown:
        msg = f"`fit` would refuse `model`: since its optimizer was built, {count(len(unknown), 'weight')} became "
        msg += f"trainable ({named(unknown)}). Call `{model.name}.compile(...)` again."
        raise ValueError(msg)


def _flag_as_trained(model: keras.Model) -> list[str]:
    """Set the flags as they were when Keras traced the training; returns what cannot be known."""
    used, unknown = _known_variables(model), []
    for layer in model._flatten_layers():
        learnable = [v for part in layer._flatten_layers() for v in part._trainable_variables]
        if learnable:
            layer.__dict__["_trainable"] = any(id(variable) in used for variable in learnable)
        elif is_batchnorm(layer):
            unknown.append(layer.name)
        for variable in learnable:
            variable.trainable = id(variable) in used
    if not unknown:
        return []
    names = ", ".join(unknown[:3])
    return [f"It is not known whether the statistics of {names} move: without a trainable weight, no flag was kept."]


class _SignStep(keras.optimizers.Optimizer):
    """A step of the learning rate against each gradient's sign. Adam would first make two averages for each weight."""

    def update_step(self, gradient, variable, learning_rate):
        whole = tf.convert_to_tensor(gradient)  # an embedding's comes in rows, the same one several times
        rate = keras.ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, keras.ops.multiply(rate, keras.ops.sign(whole)))


def _compile(model: keras.Model, loss: Any, optimizer: Any, batch: tuple) -> None:
    """As it is compiled already, but for what is passed or missing."""
    compiled = model.compiled and (model.loss is not None or _has_own_loss(model))
    if compiled and loss is None and optimizer is None:
        return
    if compiled and loss is None:
        loss = model.loss
    loss = _guess_loss(model, batch) if loss is None else loss
    stepping = _copy_of(optimizer) if optimizer is not None else model.optimizer if model.compiled else _SignStep(1e-3)
    keras.Model.compile(model, stepping, loss)  # past a `compile` of one's own, which may want more


def _has_own_loss(model: keras.Model) -> bool:
    own = any(getattr(type(model), name) is not getattr(keras.Model, name) for name in ("train_step", "compute_loss"))
    return own or bool(model.losses)


def _copy_of(optimizer: Any) -> keras.optimizers.Optimizer:
    made: Any = keras.optimizers.get(optimizer)
    return type(made).from_config(made.get_config())


def _guess_loss(model: keras.Model, batch: tuple) -> Any:
    labels = keras.tree.flatten(batch[1]) if len(batch) > 1 else []
    if len(labels) != len(model.outputs):
        msg = f"`data` must have labels for each of {len(model.outputs)} outputs, or `loss` must be given. "
        msg += f"Received labels for {len(labels)}. Compile the model, or pass `loss`."
        raise ValueError(msg)
    losses = [_loss_for(output, part) for output, part in zip(model.outputs, labels, strict=True)]
    return losses if len(losses) > 1 else losses[0]


def _loss_for(output: keras.KerasTensor, labels: tf.Tensor) -> Any:
    several, whole = output.shape[-1] != 1, labels.dtype.is_integer
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True) if several and whole else "mean_squared_error"
