"""Choose what learns."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from tlkit.backbones.names import did_you_mean
from tlkit.freezing.blocks import Block, blocks, is_batchnorm
from tlkit.freezing.report import FreezeReport, freeze_report

__all__ = ["freeze", "unfreeze"]


def freeze(model: keras.Model, upto: str | None = None, *, bn: str = "frozen") -> FreezeReport:
    """Freeze a model from its input up to and including a block or layer; the rest stays as it is.

    Args:
        model: A functional or sequential model, with or without nested ones.
        upto: Name of the last block, or layer, that is frozen. `None`: all but the classifier, `"head"`; a backbone
            without one is frozen whole.
        bn: Of the BatchNorm layers in that part. `"frozen"`: statistics hold still. `"learning"`: they go on moving,
            and scale and offset learn.

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
    """Let a model learn from a block or layer to its end; what is before stays as it is.

    Args:
        model: A functional or sequential model, with or without nested ones.
        from_: Name of the first block, or layer, that learns; `None` means all.
        bn: Of the BatchNorm layers in that part. `"frozen"`, the default, makes each of them not trainable: its
            statistics hold still, which `training=False` in the call of a backbone does **not** do in Keras 3.
            `"learning"`: statistics move, scale and offset learn.

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


def _split_at(parts: list[Block], name: str, model: keras.Model, argument: str) -> tuple[list, list]:
    """Layers up to and including `name`, and from `name` on."""
    ordered = [(block, layer) for block in parts for layer in block.layers]
    hits = [i for i, (block, _) in enumerate(ordered) if block.name == name]
    hits = hits or [i for i, (_, layer) in enumerate(ordered) if layer.name == name]
    if not hits:
        allowed = [block.name for block in parts]
        near = did_you_mean(name, allowed + [layer.name for _, layer in ordered])
        near = near if near.startswith("Did") else did_you_mean(name, allowed)
        msg = f"`{argument}` must name a block or a layer of {model.name!r}. Received: {name!r}. {near} "
        msg += "See `blocks(model)`."
        raise ValueError(msg)
    layers = [layer for _, layer in ordered]
    return layers[: hits[-1] + 1], layers[hits[0] :]


def _set_trainable(model: keras.Model, part: list[keras.Layer], value: bool, bn: str) -> FreezeReport:
    if bn not in ("frozen", "learning"):
        msg = f"`bn` must be 'frozen' or 'learning'. Received: {bn!r}. {did_you_mean(bn, ['frozen', 'learning'])}"
        raise ValueError(msg)
    flags = {layer: layer.trainable for block in blocks(model) for layer in block.layers}
    flags |= {layer: bn == "learning" if is_batchnorm(layer) else value for layer in part}
    if any(flags.values()):
        # A nested model that is not trainable hides the weights of its layers, whatever their own flags say
        for container in _containers(model):
            if not container.trainable:
                container.trainable = True  # sets all below it, so that the flags must be set after it
    for layer, flag in flags.items():
        if layer.trainable != flag:
            layer.trainable = flag
    return freeze_report(model)


def _containers(model: keras.Model) -> Iterator[keras.Model]:
    yield model
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _containers(layer)
