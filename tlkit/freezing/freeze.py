"""Choose what learns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import keras

from tlkit.choices import did_you_mean, nearest_or_all
from tlkit.freezing.blocks import Block, blocks, is_batchnorm
from tlkit.freezing.report import FreezeReport, freeze_report

__all__ = ["freeze", "set_states", "unfreeze"]

_BN, _STATES = ("frozen", "learning"), ("frozen", "learning", "partly")


def freeze(model: keras.Model, upto: str | None = None, *, bn: str = "frozen") -> FreezeReport:
    """Freeze a model from its input up to and including a block or layer; the rest stays as it is.

    Args:
        model: A functional or sequential model, with or without nested ones.
        upto: Name of the last block or layer that is frozen. `None` freezes all but the classifier, `"head"`; a
            backbone without one is frozen entirely.
        bn: What the BatchNorm layers in that part do. `"frozen"`: their statistics hold still. `"learning"`: their
            statistics keep moving, and scale and offset learn.

    Returns:
        What learns now. `compile()` the model before the next `fit()`: Keras ignores the change otherwise.

    Raises:
        ValueError: If there is no such block or layer.

    Example:
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="a"), keras.layers.Dense(2)])
        >>> freeze(model, "a").num_trainable
        8
    """
    parts = blocks(model)
    if upto is None:
        part = [layer for block in parts if block.name != "head" for layer in block.layers]
    else:
        part = _split_at(parts, upto, model, "upto")[0]
    return _set_trainable(model, part, False, bn)


def unfreeze(model: keras.Model, from_: str | None = None, *, bn: str = "frozen") -> FreezeReport:
    """Let a model learn from a block or layer to its end; everything before stays as it is.

    Args:
        model: A functional or sequential model, with or without nested ones.
        from_: Name of the first block, or layer, that learns; `None` means all.
        bn: What the BatchNorm layers in that part do. `"frozen"`, the default, makes each of them not trainable: its
            statistics hold still, which calling a backbone with `training=False` does **not** achieve in Keras 3.
            `"learning"`: statistics move, and scale and offset learn.

    Returns:
        What learns now. `compile()` the model before the next `fit()`: Keras ignores the change otherwise.

    Raises:
        ValueError: If there is no such block or layer.
    """
    parts = blocks(model)
    part = [layer for block in parts for layer in block.layers]
    if from_ is not None:
        part = _split_at(parts, from_, model, "from_")[1]
    return _set_trainable(model, part, True, bn)


def set_states(model: keras.Model, parts: Sequence[Block], states: Sequence[str], *, bn: str = "frozen") -> None:
    """Set the flags of all layers, block by block.

    Args:
        model: A functional or sequential model, with or without nested ones.
        parts: Its blocks, as `blocks(model)` returns them.
        states: One for each block: `"frozen"`, `"learning"`, or `"partly"`, which leaves a block as it is.
        bn: `"learning"`: BatchNorm learns where its block learns. `"frozen"`: nowhere.

    Raises:
        ValueError: If a state or `bn` is unknown, or there is not one state for each block.
    """
    _check_choice("bn", bn, _BN)
    for state in states:
        _check_choice("states", state, _STATES)
    if len(states) != len(parts):
        msg = f"`states` must have one entry for each of the {len(parts)} blocks. Received: {len(states)}."
        raise ValueError(msg)
    flags = {}
    for part, state in zip(parts, states, strict=True):
        if state != "partly":
            flags |= dict.fromkeys(part.layers, state == "learning")
            flags |= dict.fromkeys(part.batchnorms, state == "learning" and bn == "learning")
    _set_flags(model, parts, flags)


def _split_at(parts: list[Block], name: str, model: keras.Model, argument: str) -> tuple[list, list]:
    """Layers up to and including `name`, and from `name` on."""
    ordered = [(block, layer) for block in parts for layer in block.layers]
    hits = [i for i, (block, _) in enumerate(ordered) if block.name == name]
    hits = hits or [i for i, (_, layer) in enumerate(ordered) if layer.name == name]
    if not hits:
        allowed = [block.name for block in parts]
        near = did_you_mean(name, allowed + [layer.name for _, layer in ordered]) or nearest_or_all(name, allowed)
        msg = f"`{argument}` must name a block or a layer of {model.name!r}. Received: {name!r}.{near} "
        msg += "See `blocks(model)`."
        raise ValueError(msg)
    layers = [layer for _, layer in ordered]
    return layers[: hits[-1] + 1], layers[hits[0] :]


def _set_trainable(model: keras.Model, part: list[keras.Layer], value: bool, bn: str) -> FreezeReport:
    _check_choice("bn", bn, _BN)
    _set_flags(model, blocks(model), {layer: bn == "learning" if is_batchnorm(layer) else value for layer in part})
    return freeze_report(model)


def _check_choice(argument: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        choices = f"{', '.join(map(repr, allowed[:-1]))} or {allowed[-1]!r}"
        msg = f"`{argument}` must be {choices}. Received: {value!r}.{did_you_mean(value, allowed)}"
        raise ValueError(msg)


def _set_flags(model: keras.Model, parts: Sequence[Block], changes: Mapping[keras.Layer, bool]) -> None:
    """Set the flags of some layers; all others keep theirs, and those of their single variables."""
    others = [layer for part in parts for layer in part.layers if layer not in changes]
    kept = [(thing, thing.trainable) for layer in others for thing in (*layer._flatten_layers(), *layer.variables)]
    if any(changes.values()) or any(layer.trainable for layer in others):
        # A nested model that is not trainable hides the weights of its layers, whatever their own flags say
        for container in _containers(model):
            if not container.trainable:
                container.trainable = True  # sets all below it, so that the flags must be set after it
    for layer, flag in changes.items():
        layer.trainable = flag
    for thing, flag in kept:
        if thing.trainable != flag:
            thing.trainable = flag


def _containers(model: keras.Model) -> Iterator[keras.Model]:
    yield model
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _containers(layer)
