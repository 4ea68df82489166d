"""Cut a model in two at the end of its frozen part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402

from tlkit.speed.graph import graph_nodes  # noqa: E402

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
        reason: Why the prefix is no longer, in words.
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
    """Cut a model after its longest frozen part that gives the same output at every step of a training.

    The cut is at a single tensor through which everything flows: the output of a block, in a residual, dense or
    multi-branch network alike. `trainable` is read as it stands: cut after you have frozen.

    Three kinds of network can be cut less well. A nested backbone, as in `backbone(x)` of a functional model, is one
    layer: frozen as a whole or not at all. Where each cell reads the two before it (NASNet), no single tensor lies
    between cells: the cut is in the stem or after the last one. Where blocks are dropped at random while training
    (EfficientNet), the frozen part is not the same at every step, frozen or not: the cut is before the first of them.

    Args:
        model: A functional or sequential model with one input and one output. Layers inside a nested model are not
            cut: a nested backbone is frozen as a whole or not at all.
        refuse: Whether to refuse a model in which a layer that is random or moves while training stands *inside* the
            frozen part, so that what can be kept is shorter than what was frozen. `False` cuts before that layer.

    Returns:
        A `FrozenSplit`. Both parts share their layers with `model`, so training the suffix trains `model`.

    Raises:
        ValueError: If the model has several inputs or outputs, or for what `refuse` says.

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
    doubtful = [i for i, node in enumerate(nodes[:first]) if _is_doubtful(node.operation)]
    if not doubtful or split.prefix is None or _is_inert(split.prefix):
        return split
    names = [nodes[i].operation.name for i in doubtful]
    why = f"The frozen part behaves otherwise while training, because of one of {names}"
    if refuse:
        msg = (
            f"{why.capitalize()}. Move it after the frozen part, or pass `refuse=False` to keep only what comes before."
        )
        raise ValueError(msg)
    return _cut_before(model, nodes, doubtful[0], why)


def _cuts(nodes: Sequence) -> list[int]:
    """Positions whose one output is all that later nodes see of the earlier ones."""
    last_use: dict[int, int] = {}
    for position, node in enumerate(nodes):
        last_use.update((id(parent), position) for parent in node.input_tensors)
    cuts, latest = [], 0
    for position, node in enumerate(nodes[:-1]):
        # The input image itself counts: its last use lies at or before the first cut.
        latest = max([latest, *(last_use[id(parent)] for parent in node.input_tensors)])
        if latest <= position and len(node.output_tensors) == 1:
            cuts.append(position)
        latest = max([latest, *(last_use.get(id(output), 0) for output in node.output_tensors)])
    return cuts


def _stop(operation) -> str | None:
    """What the operation does at a step besides computing, if anything."""
    if not isinstance(operation, keras.layers.Layer):
        return None
    if operation.trainable_variables:
        batch_norm = isinstance(operation, keras.layers.BatchNormalization)
        return MOVES if batch_norm else LEARNS
    parts = list(operation._flatten_layers(include_self=True))
    if any(isinstance(part, keras.layers.BatchNormalization) and part.trainable for part in parts):
        return MOVES
    return RANDOM if any(_is_random(part) for part in parts) else None


def _is_random(layer: keras.layers.Layer) -> bool:
    if getattr(layer, "rate", None) == 0:
        return False
    # An activity regulariser adds to the loss at every step, which a cut would lose.
    return any(isinstance(value, keras.random.SeedGenerator) for value in vars(layer).values()) or bool(
        getattr(layer, "activity_regularizer", None)
    )


def _why(nodes: Sequence, stops: Sequence[str | None], first: int) -> str:
    name, kind = nodes[first].operation.name, type(nodes[first].operation).__name__
    return {
        LEARNS: f"{name!r} learns",
        MOVES: f"{name!r} is a {kind} with trainable=True, whose statistics move",
        RANDOM: f"{name!r} ({kind}) acts at random, or adds to the loss, while training",
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
    cut = max((i for i in _cuts(nodes) if i < stop), default=None)
    if cut is None:
        return FrozenSplit(None, model, None, reason)
    tensor = nodes[cut].output_tensors[0]
    prefix = keras.Model(model.inputs[0], tensor, name=f"{model.name}_frozen")
    suffix = keras.Model(tensor, model.outputs[0], name=f"{model.name}_rest")
    return FrozenSplit(prefix, suffix, nodes[cut].operation.name, reason)


def _is_inert(prefix: keras.Model) -> bool:
    """Try a prefix out: what layers that Keras did not write do at a step cannot be read off them."""
    shape = [side or 32 for side in prefix.inputs[0].shape[1:]]
    image = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype("float32")
    before = prefix.get_weights()
    first, *others = (keras.ops.convert_to_numpy(prefix(image, training=mode)) for mode in (False, True, True))
    after = prefix.get_weights()
    prefix.set_weights(before)
    return all(np.allclose(first, other, atol=1e-5) for other in others) and all(map(np.array_equal, before, after))


def _is_doubtful(operation) -> bool:
    own = not type(operation).__module__.startswith("keras.")
    return own or isinstance(operation, (keras.layers.Lambda, keras.layers.SpectralNormalization))
