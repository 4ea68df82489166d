"""What the board compiles with, as objects and as the lines that make them."""

import inspect
import weakref
from dataclasses import dataclass, field
from typing import Any

import tlkit.quiet_start

import keras

from tlkit_widgets.shared.ending import read_ending

__all__ = ["Recipe", "recipe_of", "spell"]

_ADAMS = (keras.optimizers.Adam, keras.optimizers.AdamW)
_MADE: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # recipe of each optimizer that a board made


@dataclass(frozen=True)
class Recipe:
    """How a model is compiled, but for the learning rate.

    Attributes:
        optimizer: An optimizer of the wanted kind with the wanted settings. It is not used itself.
        loss: As `compile` takes it.
        metrics: As `compile` takes them.
        options: What else `compile` was given.
        given: Whether the model was compiled with it, or the board chose it.
    """

    optimizer: keras.optimizers.Optimizer
    loss: Any
    metrics: Any
    options: dict[str, Any] = field(default_factory=dict)
    given: bool = False

    @property
    def left_out(self) -> list[str]:
        """Sentences: what the board does not take over."""
        kind, rate = type(self.optimizer).__name__, getattr(self.optimizer, "_learning_rate", None)
        excluded = getattr(self.optimizer, "_exclude_from_weight_decay_cache", None) is not None
        schedule = isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
        said = [
            (schedule, f"The board's single rate replaces the schedule ({type(rate).__name__})."),
            (excluded, f"The weights that {kind} excludes from weight decay are not excluded here."),
        ]
        return [sentence for holds, sentence in said if holds]

    @property
    def takes_factors(self) -> bool:
        """Whether single blocks can have rates of their own."""
        return type(self.optimizer) in _ADAMS

    def settings(self) -> dict[str, Any]:
        """Arguments of its optimizer besides the rate and the name."""
        config = self.optimizer.get_config()
        return {name: value for name, value in config.items() if name not in ("learning_rate", "name")}

    def make_optimizer(self, learning_rate: float) -> keras.optimizers.Optimizer:
        """A new one: it takes its first step from the start."""
        return type(self.optimizer).from_config({**self.settings(), "learning_rate": learning_rate})

    def adam_arguments(self) -> list[str]:
        """What makes an Adam like its optimizer besides the rate, as it is written."""
        return _arguments(keras.optimizers.Adam.from_config(self.settings()), 1) or []

    def compile(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        """Compile `model` with an optimizer that `make_optimizer` made, or one like it."""
        model.compile(optimizer, self.loss, metrics=self.metrics, **self.options)
        _MADE[optimizer] = self

    def optimizer_line(self, learning_rate: float) -> str:
        """The call that makes the optimizer."""
        line = spell(self.optimizer, repr(learning_rate))
        of = "model.optimizer" if line is None else ""
        return line or f'type({of}).from_config({of}.get_config() | {{"learning_rate": {learning_rate!r}}})'

    def loss_line(self) -> str:
        """The call that makes the loss."""
        return spell(self.loss) or "model.loss"

    def compile_line(self, optimizer: str) -> list[str]:
        """The call of `compile`, and what it cannot say."""
        others = {"metrics": self.metrics, **self.options}
        spelled = {name: spell(value) for name, value in others.items() if value is not None}
        arguments = [f"{name}={value}" for name, value in spelled.items() if value]
        missing = [name for name, value in spelled.items() if not value]
        said = [f"# Not said here: the {' and '.join(missing)} that the model was compiled with."] if missing else []
        return [*said, f"model.compile({', '.join([optimizer, 'loss', *arguments])})"]


def recipe_of(model: keras.Model, labels: Any = None) -> Recipe:
    """What the model was compiled with, also where a board compiled it again; if it was not, what fits its end.

    Args:
        model: A functional or sequential model.
        labels: An array of them, or what tells their shape.
    """
    if not model.compiled:
        return _fitting(model, getattr(labels, "shape", ()))
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if optimizer in _MADE:
        return _MADE[optimizer]
    given = dict(model._compile_config.config)  # the objects themselves; `get_compile_config` makes configs of them
    metrics = given.pop("metrics", None) or _usual_metrics(given["loss"])
    defaults = {"run_eagerly": False, "steps_per_execution": 1, "jit_compile": False}
    options = {name: value for name, value in given.items() if name not in ("optimizer", "loss")}
    options = {name: value for name, value in options.items() if value is not None and defaults.get(name) != value}
    return Recipe(optimizer, given["loss"], metrics, options, given=True)


def _usual_metrics(loss: Any) -> list[str] | None:
    name = loss if isinstance(loss, str) else getattr(loss, "name", getattr(loss, "__name__", ""))
    return ["accuracy"] if "crossentropy" in str(name) else None


def _fitting(model: keras.Model, shape: tuple) -> Recipe:
    """Adam, and the cross-entropy for the last layer and the labels."""
    kind, outputs = read_ending(model).kind, model.outputs[0].shape
    logits, dense = kind not in ("softmax", "sigmoid"), len(shape) == len(outputs) and shape[-1] == outputs[-1]
    metrics: list = ["accuracy"]
    if outputs[-1] == 1 or (kind == "sigmoid" and dense):
        loss = keras.losses.BinaryCrossentropy(from_logits=logits)
        metrics = [keras.metrics.BinaryAccuracy("accuracy", threshold=0.0 if logits else 0.5)]
    elif dense:
        loss = keras.losses.CategoricalCrossentropy(from_logits=logits)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    return Recipe(keras.optimizers.Adam(), loss, metrics)


def spell(thing: Any, *first: str) -> str | None:
    """The expression that makes an optimizer, a loss or a metric of Keras' own, or lists of these.

    `None` where it is of another kind, or has an argument that cannot be written down.

    Args:
        thing: An object, a word, a number, or a list or dict of these.
        first: First arguments, as they are to be written, in place of its own.

    >>> spell(keras.optimizers.SGD(0.1, momentum=0.9), "0.01")
    'keras.optimizers.SGD(0.01, momentum=0.9)'
    >>> spell(["accuracy", keras.losses.CategoricalCrossentropy(from_logits=True)])
    "['accuracy', keras.losses.CategoricalCrossentropy(from_logits=True)]"
    """
    if isinstance(thing, (str, bool, int, float, type(None))):
        return repr(thing)
    if isinstance(thing, (list, tuple)):
        parts = [spell(one) for one in thing]
        return None if None in parts else f"[{', '.join(map(str, parts))}]"
    if isinstance(thing, dict):
        parts = {name: spell(one) for name, one in thing.items()}
        return None if None in parts.values() else f"{{{', '.join(f'{k!r}: {v}' for k, v in parts.items())}}}"
    return _spell_kerass(thing, first)


def _spell_kerass(thing: Any, first: tuple[str, ...]) -> str | None:
    for space in ("optimizers", "losses", "metrics"):
        known = vars(getattr(keras, space))
        name = getattr(thing, "__name__", type(thing).__name__)
        if known.get(name) is thing:
            return f"keras.{space}.{name}"
        if known.get(name) is type(thing) and (arguments := _arguments(thing, len(first))) is not None:
            return f"keras.{space}.{name}({', '.join([*first, *arguments])})"
    return None


def _arguments(thing: Any, skipped: int) -> list[str] | None:
    """Those that differ from their defaults, without the first `skipped`."""
    parameters = list(inspect.signature(type(thing).__init__).parameters.values())[1 + skipped :]
    config, written = thing.get_config(), []
    if not isinstance(thing, keras.metrics.Metric):
        del config["name"]  # which is numbered anew, and nothing is known by it
    for parameter in parameters:
        value = config.get(parameter.name, parameter.default)
        if isinstance(value, dict):  # the config of something else
            return None
        if value == parameter.default or (parameter.name == "dtype" and value == keras.config.floatx()):
            continue
        spelled = spell(value)
        if spelled is None:
            return None
        written.append(f"{parameter.name}={spelled}")
    return written
