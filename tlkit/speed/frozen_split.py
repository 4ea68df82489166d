"""Cut a model in two at the end of its frozen part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from tlkit.speed.nodes import functional_of, graph_nodes
from tlkit.speed.probe import is_inert
from tlkit.speed.stock import ROWWISE, Undescribable, describe, is_stock_part, parts_of

__all__ = ["FrozenSplit", "split_frozen"]

# What stops a frozen prefix: a layer that learns, one whose statistics move, one that draws random numbers.
LEARNS, MOVES, RANDOM = "learns", "moves", "random"


@dataclass(frozen=True)
class FrozenSplit:
    """A model as two models that share its layers, and so its weights.

    Attributes:
        prefix: From the images to the cut: gives the same output at every step of a training. `None` where the very
            first layer learns.
        suffix: From the cut to the output of the model: all that has to run at every step.
        cut: Name of the layer whose output is cut; `None` without a prefix.
        reason: Why the prefix is not longer, in words.
    """

    prefix: keras.Model | None
    suffix: keras.Model
    cut: str | None
    reason: str

    def __repr__(self) -> str:
        before = len(self.prefix.layers) - 1 if self.prefix else 0
        after = len(self.suffix.layers) - 1
        return f"FrozenSplit({before} layers run once, {after} at every step; cut after {self.cut!r}: {self.reason})"


def split_frozen(model: keras.Model, *, refuse: bool = True) -> FrozenSplit:
    """Cut a model after its longest frozen part that gives the same output at every training step.

    The cut is at a single tensor through which everything flows: the output of a block, in a residual, dense or
    multi-branch network alike. `trainable` is read as it stands: cut after you have frozen.

    Three kinds of network can be cut less well. A nested backbone, as in `backbone(x)` of a functional model, is one
    layer: frozen as a whole or not at all. Where each cell reads the two before it (NASNet), no single tensor lies
    between cells: the cut is in the stem or after the last one. Where blocks are dropped at random while training
    (EfficientNet), the frozen part is not the same at every step, frozen or not: the cut is before the first of them.

    Args:
        model: A functional or sequential model, with any number of inputs and outputs. Layers inside a nested model are
            not cut: a nested backbone is frozen as a whole or not at all.
        refuse: Whether to refuse a model in which a layer that is random or moves while training stands *inside* the
            frozen part, so that what can be kept is shorter than what was frozen. `False` cuts before that layer.

    Returns:
        A `FrozenSplit`. Both parts share their layers with `model`, so training the suffix trains `model`.

    Raises:
        ValueError: If the model has no graph of layers, or in the case that `refuse` describes.

    Example:
    >>> image = keras.Input((8, 8, 3))
    >>> x = keras.layers.Conv2D(4, 3, trainable=False, name="conv")(image)
    >>> x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    >>> model = keras.Model(image, keras.layers.Dense(2, name="head")(x))
    >>> split_frozen(model)
    FrozenSplit(2 layers run once, 1 at every step; cut after 'pool': 'head' learns)
    """
    nodes = graph_nodes(model)
    stops = [_stop(node.operation) for node in nodes]
    first = next((i for i, stop in enumerate(stops) if stop), len(nodes) - 1)
    if refuse:
        _refuse_noise(model, nodes, stops, first)
    split = _cut_before(model, nodes, first, _why(nodes, stops, first))
    if split.prefix is None:
        return split
    kept = {id(node.operation) for node in graph_nodes(split.prefix)}
    doubtful = [i for i, node in enumerate(nodes) if id(node.operation) in kept and _is_doubtful(node)]
    if not doubtful or is_inert(split.prefix):
        return split
    names = [nodes[i].operation.name for i in doubtful]
    why = f"The frozen part behaves differently during training, because of one of {names}"
    if refuse:
        msg = (
            f"{why.capitalize()}. Move it after the frozen part, or pass `refuse=False` to keep only what comes before."
        )
        raise ValueError(msg)
    return _cut_before(model, nodes, doubtful[0], why)


def _cuts(model: keras.Model, nodes: Sequence) -> list[int]:
    """Positions whose one output is all that later nodes see of the earlier ones."""
    last_use = {id(tensor): len(nodes) for tensor in model.outputs}
    for position, node in enumerate(nodes):
        last_use.update((id(parent), position) for parent in node.input_tensors if id(parent) not in last_use)
        for parent in node.input_tensors:
            last_use[id(parent)] = max(last_use[id(parent)], position)
    # The inputs themselves count: the last use of each lies at or before the first cut.
    cuts, latest = [], max(last_use.get(id(tensor), 0) for tensor in model.inputs)
    for position, node in enumerate(nodes[:-1]):
        is_whole = len(node.output_tensors) == 1 and not _has_mask(node.output_tensors[0])
        if latest <= position and is_whole and id(node.output_tensors[0]) not in map(id, model.outputs):
            cuts.append(position)
        latest = max([latest, *(last_use.get(id(output), 0) for output in node.output_tensors)])
    return cuts


def _has_mask(tensor: keras.KerasTensor) -> bool:
    """Whether a mask travels with the tensor (for padding, say), which would be lost at a cut."""
    return getattr(tensor, "_keras_mask", None) is not None


def _stop(operation) -> str | None:
    """What the operation does at a step besides computing, if anything."""
    if not isinstance(operation, keras.layers.Layer):
        return None
    # The flags of the variables decide: a layer in a layer that was frozen before it was built learns all the same.
    if any(variable.trainable for variable in operation.variables):
        batch_norm = isinstance(operation, keras.layers.BatchNormalization)
        return MOVES if batch_norm else LEARNS
    parts = parts_of(operation)
    if any(_moves(part) for part in parts):
        return MOVES
    return RANDOM if any(_is_random(part) for part in parts) else None


def _moves(layer: keras.layers.Layer) -> bool:
    return (isinstance(layer, keras.layers.BatchNormalization) and layer.trainable) or getattr(layer, "stateful", False)


def _is_random(layer: keras.layers.Layer) -> bool:
    # An activity regulariser adds to the loss at every step, which a cut would lose.
    if getattr(layer, "activity_regularizer", None):
        return True
    rates = [getattr(layer, name, None) for name in ("rate", "dropout", "_dropout", "recurrent_dropout")]
    known = [rate for rate in rates if isinstance(rate, (int, float))]
    draws = any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values())
    return draws and (not known or any(known))


def _why(nodes: Sequence, stops: Sequence[str | None], first: int) -> str:
    name, kind = nodes[first].operation.name, type(nodes[first].operation).__name__
    return {
        LEARNS: f"{name!r} learns",
        MOVES: f"{name!r} is a {kind} whose {'statistics move' if kind == 'BatchNormalization' else 'state moves'}",
        RANDOM: f"{name!r} ({kind}) acts randomly, or adds to the loss, during training",
        None: "nothing learns",
    }[stops[first]]


def _refuse_noise(model: keras.Model, nodes: Sequence, stops: Sequence[str | None], first: int) -> None:
    if stops[first] not in (MOVES, RANDOM):
        return
    learns = next((i for i in range(first, len(nodes)) if stops[i] == LEARNS), len(nodes))
    between = range(first + 1, learns)
    frozen = [i for i in between if stops[i] != MOVES and getattr(nodes[i].operation, "weights", None)]
    if not frozen:
        return
    cure = "Set its `trainable = False` and compile again" if stops[first] == MOVES else "Move it before the model"
    msg = (
        f"The frozen part of {model.name!r} does not give the same output at every step: {_why(nodes, stops, first)}, "
        f"and {len(frozen)} frozen layers come after it. {cure}; or pass `refuse=False` to keep only what comes before."
    )
    raise ValueError(msg)


def _cut_before(model: keras.Model, nodes: Sequence, stop: int, reason: str) -> FrozenSplit:
    # At least one layer is left for the suffix: `_cuts` leaves out the last node.
    cut = max((i for i in _cuts(model, nodes) if i < stop), default=None)
    if cut is None:
        return FrozenSplit(None, model, None, reason)
    tensor, whole = nodes[cut].output_tensors[0], functional_of(model)
    # Errors that are about the inputs name the model.
    prefix = keras.Model(whole._inputs_struct, tensor, name=model.name)
    suffix = keras.Model(tensor, whole._outputs_struct, name=f"{model.name}_rest")
    # What goes in is cast as the whole model casts it; what goes on at the cut is not cast at all.
    for part in (prefix, suffix):
        part.dtype_policy = model.dtype_policy
    prefix.autocast, suffix.autocast = model.autocast, False
    return FrozenSplit(prefix, suffix, nodes[cut].operation.name, reason)


def _is_doubtful(node) -> bool:
    """Whether it takes a trial to know what a call does at a step."""
    try:
        describe(node.operation)
    except Undescribable:
        return True
    parts = parts_of(node.operation)
    return not all(is_stock_part(part, ROWWISE) for part in parts) or any(map(_mixes_rows, parts)) or _broadcasts(node)


def _mixes_rows(part) -> bool:
    """Whether a layer or operation works along the axis of the rows."""
    if not hasattr(part, "axis"):
        return False
    axes = part.axis if isinstance(part.axis, (list, tuple)) else [part.axis]
    return 0 in axes or (None in axes and not isinstance(part, keras.layers.Normalization))


def _broadcasts(node) -> bool:
    """Whether a bare operation joins tensors of different ranks, so that rows might meet other rows."""
    if isinstance(node.operation, keras.layers.Layer):
        return False
    return len({len(tensor.shape) for tensor in (*node.input_tensors, *node.output_tensors)}) > 1
