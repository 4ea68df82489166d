"""What the board does, in a few lines of plain Keras."""

from collections.abc import Sequence
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.freezing import Block  # noqa: E402

__all__ = ["make_code"]

_NOT_BN = " and not isinstance(layer, keras.layers.BatchNormalization)"


def make_code(model: keras.Model, parts: Sequence[Block], settings: dict[str, Any], task: Any = None) -> str:
    """The lines of plain Keras that set the same flags, compile and train.

    Args:
        model: As it is now.
        parts: Its blocks.
        settings: `learning_rate`, `epochs` and `factors` (`{name of block: factor}`) of the board.
        task: The images of the board, which the lines call `train` and `validation`.
    """
    optimizer = f"keras.optimizers.Adam({settings['learning_rate']:g})"
    seed = [f"keras.utils.set_random_seed({task.seed})"] if task else []
    lines = [*seed, "model.trainable = True", *_flag_lines(model)]
    if settings["factors"]:
        optimizer = f"BlockAdam({settings['learning_rate']:g}, factors)"
        lines += _factor_lines(parts, settings["factors"])
    return "\n".join(
        [
            *lines,
            "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
            f'model.compile({optimizer}, loss, metrics=["accuracy"])',
            f"model.fit({_data(task)}, epochs={settings['epochs']})",
            "# The same weights, with the frozen part run once instead of in every epoch:",
            f"# tlkit.speed.fit(model, {_data(task, whole=True)}, epochs={settings['epochs']})",
        ]
    )


def _data(task: Any, *, whole: bool = False) -> str:
    """Arguments of `fit`; Keras itself wants the arrays of a `Split` one by one."""
    if task is None:
        return "train, validation_data=validation"
    size = "" if hasattr(task.train, "cardinality") else f", batch_size={task.batch_size}"
    train = "train" if whole or hasattr(task.train, "cardinality") else "*train"
    train = "train.images, train.labels" if hasattr(task.train, "images") and not whole else train
    split = hasattr(task.validation, "images") and not whole
    validation = "(validation.images, validation.labels)" if split else "validation"
    return f"{train}, validation_data={validation}{size}"


def _flag_lines(model: keras.Model) -> list[str]:
    """Lines that set each layer's flag: by the first layer that learns if that is all there is to say."""
    weighted = [layer for layer in model.layers if layer.weights]
    learning = [layer for layer in weighted if layer.trainable]
    if not learning:
        return ["model.trainable = False"]
    first = model.layers.index(learning[0])
    rest = [layer for layer in model.layers[first:] if layer.weights]
    no_bn = [layer for layer in rest if not isinstance(layer, keras.layers.BatchNormalization)]
    if learning not in (rest, no_bn):
        names = [layer.name for layer in learning]
        return [f"learning = {names}", "for layer in model.layers:", "    layer.trainable = layer.name in learning"]
    return [
        f"for i, layer in enumerate(model.layers):  # {learning[0].name!r} is the first that learns",
        f"    layer.trainable = i >= {first}{'' if learning == rest else _NOT_BN}",
    ]


def _factor_lines(parts: Sequence[Block], factors: dict[str, float]) -> list[str]:
    layers = {part.name: [layer.name for layer in part.layers if layer.weights] for part in parts}
    table = {name: factor for block, factor in factors.items() for name in layers[block]}
    return [
        "class BlockAdam(keras.optimizers.Adam):",
        "    def __init__(self, learning_rate, factors):",
        "        super().__init__(learning_rate)",
        "        self.factors = factors",
        "    def update_step(self, gradient, variable, learning_rate):",
        '        factor = self.factors.get(variable.name.removesuffix(":0"), 1.0)',
        "        super().update_step(gradient, variable, learning_rate * factor)",
        f"rates = {table}",
        "factors = {w.path: rates[layer.name] for layer in model.layers if layer.name in rates for w in layer.weights}",
    ]
