"""Find a learning rate by taking a few steps at increasing rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.counts import check_count
from tlkit.freezing.batches import endless_batches
from tlkit.freezing.rehearsal import inner_of, left_as_it_was, train_on, updates_of

__all__ = ["RateSearch", "find_learning_rate"]

NEAR, BROKEN = 1.25, 4.0  # times the lowest loss: still as good; times the first ones: no need to go on
_MOST_SKIPPED = 40  # halvings of a loss scale: from the largest float16 to the smallest


@dataclass(frozen=True)
class RateSearch:
    """What a learning-rate finder saw.

    Attributes:
        rates: `(num_steps,)`, increasing geometrically.
        losses: `(num_steps,)`: the loss of each step's batch, before its update; NaN or infinite after a divergence.
            Where the optimizer gathers gradients, the mean over the batches of a step.
        smoothed: `(num_steps,)`: their exponential mean, without the start's bias.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray

    @property
    def edge(self) -> float:
        """The last rate at which the smoothed loss was near its lowest so far: beyond it, training breaks down."""
        finite = np.where(np.isfinite(self.smoothed), self.smoothed, np.inf)
        near = finite <= NEAR * np.minimum.accumulate(finite)
        return float(self.rates[np.flatnonzero(near)[-1]])

    @property
    def has_broken(self) -> bool:
        """Whether training broke down within the range; if not, `edge` is only the last rate: search higher."""
        return bool(self.edge < self.rates[-1])

    @property
    def suggestion(self) -> float:
        """A tenth of `edge`: a starting point, not an answer."""
        return self.edge / 10


def find_learning_rate(
    model: keras.Model,
    data: Any,
    *,
    low: float = 1e-6,
    high: float = 1.0,
    num_steps: int = 60,
    batch_size: int = 32,
) -> RateSearch:
    """Train for a few steps at increasing learning rates, and leave the model as it was, bit for bit.

    Each rate gets one update with the model's own `train_step`, loss and optimizer. The optimizer starts afresh, as
    after `compile()`, and the search's rates replace its own or its schedule. A step that mixed precision skips is
    repeated with the next batch; an optimizer that accumulates gradients gets as many batches as it needs. The search
    ends early once the smoothed loss is four times its initial value. Weights, BatchNorm statistics, the optimizer,
    metrics and random generators are restored.

    Args:
        model: Compiled; what is trainable learns.
        data: A `Split`, a pair `(inputs, labels)` or triple with sample weights, of arrays or of dicts and lists of
            them: they are shuffled once, and taken again and again. Or a batched `tf.data.Dataset`, finite or not, or a
            `PyDataset`; reading a shuffled dataset advances its own order.
        low: First rate, above 0.
        high: Last rate, above `low`.
        num_steps: At least 2.
        batch_size: Rows per step, where the data are arrays.

    Returns:
        A `RateSearch`.

    Raises:
        ValueError: If the model is not compiled, nothing in it learns, the range is not one, the data are of another
            kind, or the loss is no number from the start.

    Reference:
        Smith (2017), [Cyclical learning rates for training neural networks](https://arxiv.org/abs/1506.01186).

    Example:
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> search = find_learning_rate(model, (np.ones((8, 2)), np.ones((8, 1))), low=0.001, high=1.0, num_steps=4)
    >>> search.rates.round(3)
    array([0.001, 0.01 , 0.1  , 1.   ])
    """
    _check_search(model, low, high, num_steps)
    batches = endless_batches(data, check_count("batch_size", batch_size, "32 is usual."), seed=0)
    rates = np.geomspace(low, high, num_steps)
    with left_as_it_was(model):
        losses = _losses(_make_step(model, batches), rates)
    return RateSearch(rates[: len(losses)], losses, _smooth(losses))


def _check_search(model: keras.Model, low: float, high: float, num_steps: int) -> None:
    if not getattr(model, "compiled", False):
        msg = f"`model` must be compiled. Call `{model.name}.compile(...)` first: the search needs its loss."
        raise ValueError(msg)
    if model.optimizer is None:
        msg = f"`model` must be compiled with an optimizer. Call `{model.name}.compile(optimizer, ...)`."
        raise ValueError(msg)
    if not model.trainable_variables:
        msg = "Nothing in `model` learns: all layers are frozen. Unfreeze the head, and compile again."
        raise ValueError(msg)
    check_count("num_steps", num_steps, "The default suits most models.", least=2)
    if not 0 < low < high < np.inf:
        msg = f"`low` and `high` must be finite, 0 < low < high. Received: {low}, {high}. The default range is wide "
        msg += "enough for most models."
        raise ValueError(msg)


def _make_step(model: keras.Model, batches: Iterator[tuple]) -> Callable[[float], float]:
    """A function that takes one update at a rate and returns the loss before it."""
    rate = _start_afresh(model)

    # A function of its own: `model.train_on_batch` would fix what is trainable until the next compile
    @tf.function(autograph=False, reduce_retracing=True)
    def train(batch):
        return train_on(model, batch)

    def step(value: float) -> float:
        rate.assign(value)
        gathered = getattr(inner_of(model.optimizer), "gradient_accumulation_steps", None) or 1
        done, losses = updates_of(model), []
        while updates_of(model) == done and len(losses) < gathered + _MOST_SKIPPED:
            model.reset_metrics()
            losses.append(_loss_of(model, train(next(batches))))
        return float(np.mean(losses[-gathered:])) if updates_of(model) > done else np.nan

    return step


def _start_afresh(model: keras.Model) -> keras.Variable:
    """Build the optimizer anew; returns its learning rate, which a schedule would not let be set."""
    inner = inner_of(model.optimizer)
    for optimizer in (model.optimizer, inner):
        optimizer.built = False
    inner._iterations.assign(0)
    inner._learning_rate = rate = keras.Variable(0.0, trainable=False, name="learning_rate")
    model.optimizer.build(model.trainable_variables)
    return rate


def _loss_of(model: keras.Model, logs: Any) -> float:
    if not isinstance(logs, dict) or "loss" not in logs:
        msg = f"The `train_step` of {model.name!r} must return a dict with 'loss'. Received: "
        msg += f"{sorted(logs) if isinstance(logs, dict) else type(logs).__name__}."
        raise ValueError(msg)
    return float(logs["loss"])


def _losses(step: Callable[[float], float], rates: np.ndarray) -> np.ndarray:
    losses: list[float] = []
    for rate in rates:
        losses.append(step(float(rate)))
        smoothed = _smooth(np.array(losses))
        if not smoothed[-1] <= BROKEN * smoothed[:5].max():  # also where it is not a number
            break
    if not np.isfinite(losses[0]):
        msg = f"The loss is {losses[0]} before any rate has acted. Look for missing values in the data, for logarithms "
        msg += "of 0 in the loss, and for weights that are not finite."
        raise ValueError(msg)
    return np.array(losses)


def _smooth(losses: np.ndarray, weight: float = 0.8) -> np.ndarray:
    """Exponential mean of the past; divided so that the first values are not drawn to 0."""
    mean, smoothed = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = weight * mean + (1 - weight) * loss
        smoothed.append(mean / (1 - weight**number))
    return np.array(smoothed)
