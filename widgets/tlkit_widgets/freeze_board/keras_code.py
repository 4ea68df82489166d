"""What the board does, in a few lines of plain Keras."""

from collections.abc import Sequence
from typing import Any

import tlkit.quiet_start

import keras

from tlkit.freezing import Block
from tlkit_widgets.freeze_board.compile_recipe import Recipe
from tlkit_widgets.freeze_board.flag_lines import flag_lines

__all__ = ["make_code"]


def make_code(
    model: keras.Model, parts: Sequence[Block], settings: dict[str, Any], recipe: Recipe, task: Any = None
) -> str:
    """The lines of plain Keras that set the same flags, compile and train, and so reach the same weights.

    Args:
        model: As it is now.
        parts: Its blocks.
        settings: `learning_rate`, `epochs`, `fresh` and `factors` (`{name of block: factor}`) of the board.
        recipe: What the board compiles with.
        task: The images of the board, which the lines call `train` and `validation`.
    """
    start = "had when the board was made" if settings["fresh"] else "has before this training"
    lines = [f"keras.utils.set_random_seed({task.seed})"] if task else []
    return "\n".join(
        [
            f"# `model` with the weights that it {start}",
            *lines,
            *flag_lines(model),
            *_compile_lines(model, parts, settings, recipe),
            f"model.fit({_data(task)}, epochs={settings['epochs']})",
            "# The same weights, with the frozen part run once instead of in every epoch:",
            f"# tlkit.speed.fit(model, {_data(task, whole=True)}, epochs={settings['epochs']})",
        ]
    )


def _compile_lines(model: keras.Model, parts: Sequence[Block], settings: dict[str, Any], recipe: Recipe) -> list[str]:
    rate, factors = settings["learning_rate"], settings["factors"]
    lines, optimizer = [f"# {sentence}" for sentence in recipe.left_out], recipe.optimizer_line(rate)
    if factors and not recipe.takes_factors:
        lines += [f"# The rates of single blocks need Adam: {factors} cannot be said."]
    elif factors:
        optimizer = f"LayerwiseAdam({', '.join([repr(rate), 'factors', *recipe.adam_arguments()])})"
        lines += _factor_lines(model, parts, factors)
    return [*lines, f"loss = {recipe.loss_line()}", *recipe.compile_line(optimizer)]


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


def _factor_lines(model: keras.Model, parts: Sequence[Block], factors: dict[str, float]) -> list[str]:
    places = {id(weight): i for i, weight in enumerate(model.weights)}
    weights = {part.name: [weight for layer in part.layers for weight in layer.weights] for part in parts}
    rates = [(factor, [places[id(weight)] for weight in weights[name]]) for name, factor in factors.items()]
    return [
        "from tlkit.tuning import LayerwiseAdam  # Adam, its rate times a factor for some weights",
        f"rates = {rates}  # factors of {', '.join(factors)}, and the places of their weights",
        "factors = {model.weights[i].path: factor for factor, places in rates for i in places}",
    ]
