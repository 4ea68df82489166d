"""Which gear a training takes, and why: `"quick"`, `"kept"` or `"plain"`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.curves import CurveRecorder
from tlkit.speed.frozen_split import FrozenSplit
from tlkit.speed.kept import learning_part
from tlkit.speed.nodes import NotAGraph, graph_nodes
from tlkit.speed.stock import QUICK_LAYERS, Undescribable, is_stock_part, kinds_of, structure_of

__all__ = [
    "KEPT",
    "PLAIN",
    "QUICK",
    "Choice",
    "choose",
    "why_not_quick_arguments",
    "why_not_quick_callbacks",
    "why_not_quick_data",
]

PLAIN, KEPT, QUICK = "plain", "kept", "quick"


QUICK_OPTIMIZERS = kinds_of(keras.optimizers, "SGD Adam AdamW RMSprop Adagrad Adadelta Adamax Nadam Lion")
QUICK_LOSSES = kinds_of(
    keras.losses,
    """
    SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy MeanSquaredError MeanAbsoluteError Huber
    """,
)
QUICK_METRICS = kinds_of(
    keras.metrics,
    """
    Accuracy SparseCategoricalAccuracy CategoricalAccuracy BinaryAccuracy SparseTopKCategoricalAccuracy
    TopKCategoricalAccuracy MeanSquaredError MeanAbsoluteError RootMeanSquaredError AUC Precision Recall
    """,
)
# Losses and metrics by name.
QUICK_NAMES = {
    *("sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy", "mse", "mae", "huber"),
    *("mean_squared_error", "mean_absolute_error", "accuracy", "acc", "sparse_categorical_accuracy"),
    *("categorical_accuracy", "binary_accuracy"),
}
# Callbacks that read logs, stop the training, or set the learning rate or the weights at the end of an epoch.
QUICK_CALLBACKS = {CurveRecorder} | kinds_of(
    keras.callbacks,
    """
    History ProgbarLogger EarlyStopping ReduceLROnPlateau LearningRateScheduler CSVLogger TerminateOnNaN
    """,
)
# What a class of the user's may define without changing how it is trained.
HARMLESS = {"__init__", "__module__", "__doc__", "__qualname__", "get_config", "from_config", "summary", "save"}
# What must not have been replaced on the model itself.
STEPS = {
    *("call", "train_step", "test_step", "compute_loss", "_compute_loss", "compute_metrics", "get_metrics_result"),
    *("reset_metrics", "fit", "evaluate", "make_train_function", "make_test_function"),
}


@dataclass(frozen=True)
class Choice:
    """The gear of a training.

    Attributes:
        gear: `"quick"`: one graph per epoch, shared by models built alike; `"kept"`: Keras' own `fit`, the frozen part
            run once; `"plain"`: `model.fit` as it is.
        why: Why it is not a quicker gear, in one line; for `"quick"`, where the cut is.
        split: The cut; `None` where the model has no graph to cut.
    """

    gear: str
    why: str
    split: FrozenSplit | None = None

    @property
    def cut(self) -> FrozenSplit:
        """The cut of a gear that has one: `"quick"` and `"kept"`."""
        assert self.split is not None
        return self.split


def choose(model: keras.Model, split_for: Any) -> Choice:
    """The fastest gear that the model, as now compiled and frozen, allows for data that allow all gears.

    Args:
        model: Any Keras model.
        split_for: Gives the cut of a model.
    """
    why = _why_plain(model)
    if why:
        return Choice(PLAIN, why)
    try:
        split = split_for(model)
    except NotAGraph:
        return Choice(PLAIN, "the model has no graph of layers that could be cut: it is subclassed, or not built yet")
    except Exception as error:  # whatever Keras says about a graph that it can run but not cut
        return Choice(PLAIN, f"the model cannot be cut ({type(error).__name__})")
    why = _why_whole(model, split)
    if why:
        return Choice(PLAIN, why, split)
    why = _why_not_quick(model, split.suffix)
    if why is None:
        return Choice(QUICK, split.reason, split)
    if split.prefix is None:
        return Choice(PLAIN, f"there is nothing to keep: {split.reason}", split)
    return Choice(KEPT, why, split)


def _why_plain(model: keras.Model) -> str | None:
    """What keeps the kit from touching a model."""
    if not getattr(model, "compiled", False):
        return "the model is not compiled"
    changed = [name for name in _own_names(type(model)) if name not in HARMLESS and hasattr(keras.Model, name)]
    changed += [name for name in STEPS if name in vars(model)]
    if changed:
        return f"{type(model).__name__!r} has a {sorted(changed)[0]!r} of its own"
    if model._distribute_strategy is not None or tf.distribute.has_strategy():  # pyrefly: ignore[implicit-import]
        return "the model trains under a distribution strategy"
    if model.optimizer is None or model._compile_loss is None:
        return "the model is compiled without an optimizer or a loss"
    if model.train_function is not None:
        return "`model.fit` has trained it since it was compiled, and its steps continue"
    return None


def _own_names(kind: type) -> Iterable[str]:
    for each in kind.__mro__:
        if not each.__module__.startswith(("keras.", "tensorflow.", "builtins")):
            yield from vars(each)


def _why_whole(model: keras.Model, split: FrozenSplit) -> str | None:
    """What would be missing if only the learning part were run."""
    if not model.trainable_variables:
        return "nothing in the model learns"
    if split.prefix is None:
        return None
    rest = learning_part(model, split.suffix)
    if {id(v) for v in model.trainable_variables} != {id(v) for v in rest.trainable_variables}:
        return "variables that learn are not on the path from the cut to the output"
    if [id(metric) for metric in model.metrics] != [id(metric) for metric in rest.metrics]:
        return "a layer of the frozen part has metrics"
    if model._losses or split.prefix.losses:
        return "losses were added to the frozen part"
    return None


def _why_not_quick(model: keras.Model, suffix: keras.Model) -> str | None:
    """What is not on the lists of the quick gear."""
    layers = list(suffix._flatten_layers())
    layers += [node.operation for node in graph_nodes(suffix) if not isinstance(node.operation, keras.layers.Layer)]
    other = next((layer for layer in layers if not is_stock_part(layer, QUICK_LAYERS)), None)
    if other is not None:
        return f"{other.name!r} is a {type(other).__name__}, which is not on the list of the quick gear"
    try:
        structure_of(suffix)
    except Undescribable as error:
        return str(error)
    if (
        any(layer.dtype_policy.name != "float32" for layer in suffix._flatten_layers())
        or keras.config.floatx() != "float32"
    ):
        return "the learning part does not compute in float32"
    if any(variable.trainable != layer.trainable for layer in layers for variable in _own_variables(layer)):
        return "a variable has a flag of its own"
    if any(v.constraint is not None or v.regularizer is not None for v in suffix.trainable_variables):
        return "a variable has a constraint or a regularizer"
    if [id(v) for v in model.trainable_variables] != [id(v) for v in suffix.trainable_variables]:
        return "the variables come in a different order once the model is cut"
    return _why_not_quick_compile(model) or _why_not_quick_optimizer(model.optimizer, model.trainable_variables)


def _own_variables(operation: Any) -> list[keras.Variable]:
    return getattr(operation, "_trainable_variables", [])


def _why_not_quick_compile(model: keras.Model) -> str | None:
    config = model._compile_config.config if model._compile_config is not None else {}
    if model.run_eagerly or model.steps_per_execution != 1 or model.jit_compile:
        return "the model was compiled to run eagerly, by XLA or several steps at once"
    if len(model.outputs) != 1 or config.get("loss_weights") is not None or config.get("weighted_metrics") is not None:
        return "the model has several outputs, or weighted losses or metrics"
    metrics = config.get("metrics") or []
    if not isinstance(metrics, (list, tuple)):
        return "the metrics are not a list"
    if any(map(_has_counted, metrics)) and not model._compile_metrics.built:
        return "a metric object has counted before, and Keras continues from there"
    given = [config.get("loss"), *metrics]
    odd = next((thing for thing in given if not _is_on(QUICK_LOSSES | QUICK_METRICS, thing)), None)
    if odd is not None:
        return f"{getattr(odd, '__name__', odd)!r} is not on the list of losses and metrics of the quick gear"
    return None


def _has_counted(metric: Any) -> bool:
    return isinstance(metric, keras.metrics.Metric) and any(np.any(value) for value in metric.variables)


def _is_on(kinds: frozenset[type], thing: Any) -> bool:
    return thing in QUICK_NAMES if isinstance(thing, str) else type(thing) in kinds


def _why_not_quick_optimizer(optimizer: Any, variables: list[keras.Variable]) -> str | None:
    if type(optimizer) not in QUICK_OPTIMIZERS:
        return f"{type(optimizer).__name__} is not on the list of optimizers of the quick gear"
    if optimizer.built and [id(v) for v in optimizer._trainable_variables] != [id(v) for v in variables]:
        return "the optimizer was made for other variables"
    if not isinstance(optimizer._learning_rate, keras.Variable):
        return "the learning rate follows a schedule"
    if optimizer.use_ema or optimizer.gradient_accumulation_steps or optimizer.loss_scale_factor:
        return "the optimizer averages weights, accumulates gradients or scales losses"
    if any(value for name, value in vars(optimizer).items() if name.startswith("_exclude_from_weight_decay")):
        return "the optimizer leaves some variables out of its decay"
    return None


def why_not_quick_arguments(given: dict[str, Any]) -> str | None:
    """Which argument of `fit` the quick gear does not have. A senseless number is for Keras to refuse."""
    usual = {"initial_epoch": 0, "validation_freq": 1, "validation_split": 0.0}
    other = [name for name, value in usual.items() if given[name] != value]
    rare = ["class_weight", "sample_weight", "steps_per_epoch", "validation_steps"]
    other += [name for name in rare if given[name] is not None]
    if other:
        return f"`{other[0]}` is given"
    counts = {name: given[name] for name in ("batch_size", "validation_batch_size") if given[name] is not None}
    for name, count in (counts | {"epochs": given["epochs"]}).items():
        if type(count) is not int or count < 1:
            return f"`{name}` is not a whole number above 0"
    if not isinstance(given["shuffle"], bool) or keras.config.max_epochs():
        return "`shuffle` or the number of epochs is of a kind that the quick gear does not have"
    return None


def why_not_quick_callbacks(callbacks: Iterable[keras.callbacks.Callback]) -> str | None:
    """Which callback needs the user's own model, with its state, at every hook."""
    for callback in callbacks:
        # In the body of the class itself: what a subclass adds is not vouched for.
        if type(callback) not in QUICK_CALLBACKS and not vars(type(callback)).get("reads_logs_only"):
            return f"the callback {type(callback).__name__} is not on the list of the quick gear"
        if any(name.startswith("on_") and hasattr(keras.callbacks.Callback, name) for name in vars(callback)):
            return f"a hook of the callback {type(callback).__name__} was replaced"
        if isinstance(callback, keras.callbacks.LearningRateScheduler) and not _only_counts(callback.schedule):
            return "the schedule of the learning rate reads more than numbers"
    return None


def _only_counts(schedule: Any) -> bool:
    """Whether a function can touch nothing but numbers: neither the model nor the data nor a seed."""
    if isinstance(schedule, keras.optimizers.schedules.LearningRateSchedule):
        return True
    if not inspect.isfunction(schedule):
        return False
    read = inspect.getclosurevars(schedule)
    values = [*read.nonlocals.values(), *read.globals.values()]
    return all(isinstance(value, (int, float)) or value is math for value in values)


def why_not_quick_data(x: Any, y: Any) -> str | None:
    """Why the data are not one array of inputs with one of labels."""
    for name, array in (("x", x), ("y", y)):
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf" or not array.ndim:
            return f"`{name}` is not an array of numbers"
    return None if len(x) == len(y) > 0 else "`x` and `y` differ in length, or are empty"
