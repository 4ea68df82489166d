"""The lines of plain Keras that set what learns, in models of any depth."""

from collections.abc import Iterator

import tlkit.quiet_start

import keras

from tlkit.freezing.blocks import is_batchnorm
from tlkit.freezing.graph import functional_of

__all__ = ["flag_lines"]

_NOT_BN = " and not isinstance(layer, keras.layers.BatchNormalization)"


def flag_lines(model: keras.Model) -> list[str]:
    """Lines that give a model like this one the flags that it has, those of nested models and single weights included.

    Setting a model's flag sets all below it, so that each model comes before its parts. Layers are told by their
    places: names such as `conv2d_7` are counted on when the same model is made again.
    """
    if not _learns(model):
        return ["model.trainable = False"]
    return [f"model.trainable = {model.trainable}", *_inside(model, "model", model.trainable)]


def _inside(model: keras.Model, said: str, flag: bool) -> list[str]:
    """What differs from `flag` in a model that the lines call `said`; all below it has `flag` at this point."""
    parts = [layer for layer in model.layers if layer.weights]
    lines = _loop(model, parts, said) if any(_flag(layer) != flag for layer in parts) else []
    for layer in parts:
        one = f"{said}.layers[{model.layers.index(layer)}]"
        if not _is_opened(layer):
            lines += _weight_lines(layer, one)
        else:
            lines += _inside(layer, one, _flag(layer))
    return lines


def _loop(model: keras.Model, parts: list[keras.Layer], said: str) -> list[str]:
    """Lines that set each layer's flag: by the first layer that learns if that is all there is to say."""
    learning = [layer for layer in parts if _flag(layer)]
    if not learning:
        return [f"{said}.trainable = False"]
    first, inside = model.layers.index(learning[0]), "" if said == "model" else f" in {model.name!r}"
    rest = [layer for layer in model.layers[first:] if layer.weights]
    no_bn = [layer for layer in rest if not is_batchnorm(layer)]
    if learning not in (rest, no_bn):
        places = [model.layers.index(layer) for layer in learning]
        return [
            f"learning = {places}  # {', '.join(layer.name for layer in learning)}",
            f"for i, layer in enumerate({said}.layers):",
            "    layer.trainable = i in learning",
        ]
    return [
        f"for i, layer in enumerate({said}.layers):  # {learning[0].name!r} is the first that learns{inside}",
        f"    layer.trainable = i >= {first}{'' if learning == rest else _NOT_BN}",
    ]


def _weight_lines(layer: keras.Layer, said: str) -> list[str]:
    """What the flag of a layer does not say: flags of single weights, and of layers inside a layer."""
    if any(inner.trainable != layer.trainable for inner in layer._flatten_layers()):
        names = [weight.path for weight in layer.trainable_weights]
        return [f"# Not set here: flags of layers within {layer.name!r}, where only {names} learn."]
    own = [variable for inner in layer._flatten_layers() for variable in inner._trainable_variables]
    if all(variable.trainable == layer.trainable for variable in own):
        return []
    learn = [weight.trainable for weight in layer.weights]
    return [f"for weight, learns in zip({said}.weights, {learn}):", "    weight.trainable = learns"]


def _flag(layer: keras.Layer) -> bool:
    """Of a nested model in which nothing learns: `False`, whatever it says itself."""
    return layer.trainable and _learns(layer) if _is_opened(layer) else layer.trainable


def _learns(layer: keras.Layer) -> bool:
    """Whether any layer is to learn; a flag of BatchNorm counts, as its statistics follow it."""
    return any(leaf.trainable for leaf in _leaves(layer) if leaf.weights)


def _leaves(layer: keras.Layer) -> Iterator[keras.Layer]:
    for part in layer.layers if _is_opened(layer) else ():
        yield from _leaves(part)
    if not _is_opened(layer):
        yield layer


def _is_opened(layer: keras.Layer) -> bool:
    """Whether it is a model whose layers are seen one by one, as `tlkit.freezing.blocks` does."""
    return isinstance(layer, keras.Model) and hasattr(functional_of(layer), "_nodes_by_depth")
