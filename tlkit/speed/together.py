"""Seeds for the price of one: many models that are built alike, trained side by side in one graph."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.epoch_sources import seeded_orders
from tlkit.speed.feature_store import store_for
from tlkit.speed.fit import fit
from tlkit.speed.frozen_split import FrozenSplit
from tlkit.speed.gears import QUICK, choose, why_not_quick_data
from tlkit.speed.rows import as_rows
from tlkit.speed.shared_graphs import Plan, borrowed_plan, build_metrics, split_for
from tlkit.speed.stock import is_stock_part, kinds_of, structure_of

__all__ = ["fit_together"]

# Learning parts that hold no state and draw nothing: their runs can stand side by side as one more axis.
SIDE_BY_SIDE = kinds_of(
    keras.layers,
    "InputLayer Rescaling Dense Activation ReLU LeakyReLU Flatten Reshape GlobalAveragePooling2D GlobalMaxPooling2D "
    "GlobalAveragePooling1D GlobalMaxPooling1D Identity Softmax",
)
LIMIT = 2**29  # bytes of features of the runs of one size


@dataclass
class _Run:
    """One model with its data and its split, and its results so far."""

    model: keras.Model
    split: FrozenSplit
    x: np.ndarray
    y: np.ndarray
    seed: int
    logs: dict[str, list[float]]


def fit_together(
    models: Sequence[keras.Model],
    data: Sequence[Any],
    *,
    seeds: Sequence[int],
    epochs: int = 1,
    batch_size: int = 32,
    validation_data: Any = None,
) -> list[keras.callbacks.History]:
    """Train each model on its data, as `fit` would one after the other, in far less time where the models are alike.

    Run i ends where `keras.utils.set_random_seed(seeds[i])` and then `fit(models[i], *data[i], ...)` end: the same
    orders, batches, optimizer states and weights, up to rounding. The steps of all runs of one size are one step of one
    graph, with the runs as a further axis. That takes learning parts without state or randomness (a head, say), all
    compiled alike with losses and metrics of the stock kinds; other models are trained one after the other, and
    `history.why` says why.

    Args:
        models: Compiled. They may share a frozen part.
        data: For each model a `Split`, or a pair of inputs `(n, ...)` and labels `(n, ...)`; n may differ.
        seeds: For each model the seed of its orders.
        epochs: Number of epochs.
        batch_size: Rows in a step.
        validation_data: A `Split` or a pair, the same for all models; or `None`.

    Returns:
        For each model a `History` with the attributes `gear` (`"together"` or that of `fit`) and `why`. The random
        state of Keras is left as the last seed sets it.

    Raises:
        ValueError: If `models`, `data` and `seeds` differ in length.

    Example:
    >>> def head(seed):
    ...     start = keras.initializers.GlorotUniform(seed)
    ...     model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, kernel_initializer=start)])
    ...     model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ...     return model
    >>> rows = np.arange(24, dtype="float32").reshape(6, 4), np.array([0, 1] * 3)
    >>> histories = fit_together([head(0), head(1)], [rows, rows], seeds=[0, 1], epochs=2)
    >>> [(len(history.history["loss"]), history.gear) for history in histories]
    [(2, 'together'), (2, 'together')]
    """
    if not len(models) == len(data) == len(seeds):
        received = f"{len(models)}, {len(data)}, {len(seeds)}"
        msg = f"`models`, `data` and `seeds` must have the same length. Received {received}."
        raise ValueError(msg)
    pairs = [_pair(each) for each in data]
    validation = None if validation_data is None else _pair(validation_data)
    why = _why_apart(models, pairs, validation)
    if why is not None:
        options = {"epochs": epochs, "batch_size": batch_size, "validation_data": validation, "verbose": 0}
        return [_alone(*each, why, options) for each in zip(models, pairs, seeds, strict=True)]
    runs = [
        _Run(model, split, _features(split, x), as_rows(y), seed, {})
        for model, split, (x, y), seed in zip(models, map(split_for, models), pairs, seeds, strict=True)
    ]
    test = None if validation is None else (_features(runs[0].split, validation[0]), as_rows(validation[1]))
    first = runs[0]
    with borrowed_plan(first.split.suffix, first.model.get_compile_config()) as plan:
        for size in sorted({len(run.y) for run in runs}):
            _train([run for run in runs if len(run.y) == size], plan, test, epochs, batch_size)
    keras.utils.set_random_seed(seeds[-1])
    return [_history(run) for run in runs]


def _pair(data: Any) -> tuple[Any, Any]:
    return (data.images, data.labels) if hasattr(data, "images") else tuple(data)


def _why_apart(models: Sequence[keras.Model], pairs: Sequence[tuple], validation: tuple | None) -> str | None:
    """Why the runs cannot stand side by side, if so."""
    for why in map(_why_alone, models):
        if why is not None:
            return why
    if len({(structure_of(split_for(model).suffix), _compiled_as(model)) for model in models}) > 1:
        return "the models are not built and compiled alike"
    given = [*pairs, *([] if validation is None else [validation])]
    return next((why for why in (why_not_quick_data(*pair) for pair in given) if why is not None), None)


def _why_alone(model: keras.Model) -> str | None:
    steps = vars(model).get("_tlkit_steps")
    if steps is not None and steps.is_of(model):
        return "a model goes on with the steps of an earlier training"
    choice = choose(model, split_for)
    if choice.gear != QUICK:
        return choice.why
    if model.optimizer.clipnorm or model.optimizer.global_clipnorm:
        return "gradients are clipped by a norm, which differs from run to run"
    layers = choice.cut.suffix._flatten_layers()
    other = next((layer for layer in layers if not is_stock_part(layer, SIDE_BY_SIDE)), None)
    return other and f"{other.name!r} is a {type(other).__name__}, whose runs cannot stand side by side"


def _compiled_as(model: keras.Model) -> tuple:
    """What must be the same for all runs: one optimizer makes their steps."""
    config: Any = model.get_compile_config()
    optimizer = model.optimizer
    settings = {name: value for name, value in config["optimizer"]["config"].items() if name != "name"}
    now = float(optimizer.learning_rate), int(optimizer.iterations), optimizer.built
    return config["optimizer"]["class_name"], repr(settings), repr((config["loss"], config["metrics"])), now


def _alone(model: keras.Model, pair: tuple, seed: int, why: str, options: dict) -> keras.callbacks.History:
    keras.utils.set_random_seed(seed)
    history = fit(model, *pair, **options)
    history.why = f"one after the other, because {why}"
    return history


def _features(split: FrozenSplit, x: np.ndarray) -> np.ndarray:
    rows = as_rows(x)
    return rows if split.prefix is None else store_for(split.prefix).features(split.prefix, rows)


def _train(runs: list[_Run], plan: Plan, test: tuple | None, epochs: int, batch_size: int) -> None:
    """Train runs of one size, as many at once as memory allows."""
    most = max(LIMIT // max(runs[0].x.nbytes, 1), 1)
    for start in range(0, len(runs), most):
        _train_at_once(runs[start : start + most], plan, test, epochs, batch_size)


def _train_at_once(runs: list[_Run], plan: Plan, test: tuple | None, epochs: int, batch_size: int) -> None:
    for run in runs:
        if not run.model.optimizer.built:
            run.model.optimizer.build(run.model.trainable_variables)
    orders = seeded_orders(len(runs[0].y), [run.seed for run in runs])
    rows = np.arange(len(runs))[:, None], orders
    x, y = np.stack([run.x for run in runs])[rows], np.stack([run.y for run in runs])[rows]
    graphs = _graphs_of(plan, runs, x, y)
    graphs.load(runs)
    for _ in range(epochs):
        _note(runs, graphs.train(tf.constant(x), tf.constant(y), tf.constant(batch_size)), "")
        if test is not None:
            _note(runs, graphs.test(*map(tf.constant, test), tf.constant(batch_size)), "val_")
    graphs.save(runs)


def _note(runs: list[_Run], logs: dict[str, tf.Tensor], prefix: str) -> None:
    for name, values in logs.items():
        for run, value in zip(runs, values.numpy(), strict=True):
            run.logs.setdefault(f"{prefix}{name}", []).append(float(value))


def _history(run: _Run) -> keras.callbacks.History:
    history = keras.callbacks.History()
    history.set_model(run.model)
    history.history, history.epoch = run.logs, list(range(len(next(iter(run.logs.values()), []))))
    history.gear, history.why = "together", run.split.reason
    run.model.history = history
    return history


def _graphs_of(plan: Plan, runs: list[_Run], x: np.ndarray, y: np.ndarray) -> _SideBySide:
    kept = vars(plan).setdefault("side_by_side", {})
    key = len(runs), x.dtype.str, x.shape[2:], y.dtype.str, y.shape[2:], repr(_compiled_as(runs[0].model)[:2])
    if key not in kept:
        build_metrics(plan.rest, y[0])
        kept[key] = _SideBySide(plan.rest, runs)
    return kept[key]


class _SideBySide:
    """An epoch of training and one of evaluation, for a number of runs of a copy of the learning part.

    The runs are a first axis of each weight. One optimizer moves them all: what it does to a weight, it does to each
    number by itself.
    """

    def __init__(self, part: keras.Model, runs: list[_Run]) -> None:
        self.part, self.num_runs = part, len(runs)
        drawn = random.getstate()  # new variables and optimizers must not change what the user draws next
        self.weights = [keras.Variable(np.zeros((len(runs), *v.shape), v.dtype)) for v in part.trainable_variables]
        self.optimizer = type(runs[0].model.optimizer).from_config(runs[0].model.optimizer.get_config())
        self.optimizer.build(self.weights)
        random.setstate(drawn)
        size = tf.TensorSpec((), tf.int32)
        x, y = runs[0].x, runs[0].y
        many = [tf.TensorSpec((len(runs), None, *a.shape[1:]), a.dtype) for a in (x, y)]
        one = [tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in (x, y)]
        self.train = tf.function(self._train, input_signature=[*many, size], autograph=False)
        self.test = tf.function(self._test, input_signature=[*one, size], autograph=False)

    def load(self, runs: list[_Run]) -> None:
        """Take the weights and the optimizers' states of the runs."""
        for variable, alike in zip(self.weights, _alike(runs, "weights"), strict=True):
            variable.assign(tf.stack([one.value for one in alike]))
        for variable, alike in zip(self.optimizer.variables, _alike(runs, "states"), strict=True):
            is_one = variable.shape == alike[0].shape  # the number of steps, the learning rate
            variable.assign(alike[0] if is_one else tf.stack([one.value for one in alike]))

    def save(self, runs: list[_Run]) -> None:
        """Give back what `load` took."""
        for kind, variables in (("weights", self.weights), ("states", self.optimizer.variables)):
            for variable, alike in zip(variables, _alike(runs, kind), strict=True):
                is_one = variable.shape == alike[0].shape
                for i, one in enumerate(alike):
                    one.assign(variable if is_one else variable[i])

    def _train(self, x, y, batch_size):
        num_rows = tf.shape(x)[1]

        def body(start, tallies):
            stop = tf.minimum(start + batch_size, num_rows)
            return stop, self._step(x[:, start:stop], y[:, start:stop], tallies)

        start = tf.constant(0), self._empty()
        return self._results(tf.while_loop(lambda at, _: at < num_rows, body, start, parallel_iterations=1)[1])

    def _test(self, x, y, batch_size):
        num_rows = tf.shape(x)[0]

        def body(start, tallies):
            stop = tf.minimum(start + batch_size, num_rows)
            weights = [weight.value for weight in self.weights]

            def judge(each):
                outputs, loss = self._outputs(each[0], x[start:stop], y[start:stop], training=False)
                return self._tally(each[1], y[start:stop], outputs, loss)

            return stop, _side_by_side(judge, (weights, tallies))

        start = tf.constant(0), self._empty()
        return self._results(tf.while_loop(lambda at, _: at < num_rows, body, start, parallel_iterations=1)[1])

    def _step(self, x, y, tallies):
        """One step of all runs, as Keras' `train_step` makes it."""
        with tf.GradientTape() as tape:
            weights = [tf.convert_to_tensor(weight) for weight in self.weights]
            tape.watch(weights)
            outputs, losses = _side_by_side(
                lambda each: self._outputs(each[0], each[1], each[2], training=True), (weights, x, y)
            )
            total = tf.reduce_sum(losses)  # the loss of a run depends on its own weights alone
        self.optimizer.apply_gradients(zip(tape.gradient(total, weights), self.weights, strict=True))
        return _side_by_side(lambda each: self._tally(*each), (tallies, y, outputs, losses))

    def _outputs(self, weights, x, y, training):
        values = list(zip(self.part.trainable_variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=values):
            outputs = self.part(tf.cast(x, self.part.inputs[0].dtype), training=training)
            return outputs, self.part.compute_loss(None, y, outputs)

    def _tally(self, tallies, y, outputs, loss):
        """The metrics' variables after one more batch."""
        variables = self._variables()
        with keras.StatelessScope(state_mapping=list(zip(variables, tallies, strict=True))) as scope:
            self.part._loss_tracker.update_state(loss, sample_weight=tf.shape(outputs)[0])
            self.part.compute_metrics(None, y, outputs)
            return [scope.get_current_value(variable) for variable in variables]

    def _variables(self) -> list[keras.Variable]:
        return [variable for metric in self.part.metrics for variable in metric.variables]

    def _empty(self) -> list[tf.Tensor]:
        return [tf.zeros((self.num_runs, *variable.shape), variable.dtype) for variable in self._variables()]

    def _results(self, tallies):
        def of_one(values):
            with keras.StatelessScope(state_mapping=list(zip(self._variables(), values, strict=True))):
                return self.part.get_metrics_result()

        return _side_by_side(of_one, tallies)


def _side_by_side(function: Callable, values: Any) -> Any:
    """`function` for each run; an operation that has no such form runs in a loop, without TensorFlow's advice on it."""
    return tf.vectorized_map(function, values, warn=False)


def _alike(runs: list[_Run], kind: str) -> list[tuple[keras.Variable, ...]]:
    """For each variable of one run, those of all runs."""
    of_runs = [
        run.split.suffix.trainable_variables if kind == "weights" else run.model.optimizer.variables for run in runs
    ]
    return list(zip(*of_runs, strict=True))
