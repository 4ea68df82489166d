# ruff: noqa: E402 - TensorFlow is imported quietly before anything else asks for it
"""Fine-tuning with care: find a learning rate, give each depth its own, measure how far the features drift."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tlkit.quiet import quiet_import

quiet_import()

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tlkit.freezing import blocks

__all__ = ["LayerwiseAdam", "RateSearch", "find_learning_rate", "linear_cka", "make_layerwise_adam"]


NEAR, BROKEN = 1.25, 4.0  # times the lowest loss: still as good; times the first ones: no need to go on


@dataclass(frozen=True)
class RateSearch:
    """What a learning-rate finder saw.

    Attributes:
        rates: `(num_steps,)`, growing geometrically.
        losses: `(num_steps,)`: the loss of each step's batch, before its update; NaN or infinite after a divergence.
        smoothed: `(num_steps,)`: their exponential mean, without the start's bias.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray

    @property
    def edge(self) -> float:
        """The last rate at which the smoothed loss was still near the lowest so far: beyond it training breaks."""
        finite = np.where(np.isfinite(self.smoothed), self.smoothed, np.inf)
        near = finite <= NEAR * np.minimum.accumulate(finite)
        return float(self.rates[np.flatnonzero(near)[-1]])

    @property
    def suggestion(self) -> float:
        """A tenth of `edge`: a place to start from, not an answer."""
        return self.edge / 10


def find_learning_rate(
    model: keras.Model, data, *, low: float = 1e-6, high: float = 1.0, num_steps: int = 60, batch_size: int = 32
) -> RateSearch:
    """Train a few steps at growing learning rates, and leave the model as it was, bit for bit.

    One step a rate. The search ends early once the smoothed loss is four times what it was at first. Weights, BatchNorm
    statistics and the states of dropout are put back; the model's own optimizer is not touched, a new one of the same
    configuration takes the steps.

    Args:
        model: Compiled; what is trainable learns.
        data: A `Split`, or a pair of images and labels. They are mixed once, and taken again and again.
        low: First rate, above 0.
        high: Last rate, above `low`.
        num_steps: At least 2.
        batch_size: Images a step.

    Returns:
        A `RateSearch`.

    Raises:
        ValueError: If the model is not compiled, nothing in it learns, or the range is not one.

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
    images, labels = (data.images, data.labels) if hasattr(data, "images") else data
    rates = np.geomspace(low, high, num_steps)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    with _state_kept(model):
        optimizer.build(model.trainable_variables)
        losses = _losses(_make_step(model, optimizer), optimizer, _batches(images, labels, batch_size), rates)
    return RateSearch(rates[: len(losses)], losses, _smooth(losses))


def _check_search(model: keras.Model, low: float, high: float, num_steps: int) -> None:
    if not getattr(model, "compiled", False):
        msg = f"`model` must be compiled. Call `{model.name}.compile(...)` first: the search needs its loss."
        raise ValueError(msg)
    if not model.trainable_variables:
        msg = "Nothing in `model` learns: all layers are frozen. Unfreeze the head, compile again."
        raise ValueError(msg)
    if not (0 < low < high and num_steps >= 2):
        msg = f"`low`, `high` and `num_steps` must be 0 < low < high and at least 2. Received: {low}, {high}, "
        msg += f"{num_steps}. The default range is wide enough for most models."
        raise ValueError(msg)


@contextmanager
def _state_kept(model: keras.Model) -> Iterator[None]:
    """Put back all variables of a model, those of dropout's generators among them."""
    before = [np.array(variable.numpy()) for variable in model.variables]
    try:
        yield
    finally:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)


def _make_step(model: keras.Model, optimizer: keras.optimizers.Optimizer):
    # A function of its own: `model.train_on_batch` would fix what is trainable until the next compile
    @tf.function(autograph=False)
    def step(images, labels):
        with tf.GradientTape() as tape:
            loss = model.compute_loss(images, labels, model(images, training=True))
        gradients = tape.gradient(loss, [variable.value for variable in model.trainable_variables])
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    return step


def _batches(images: np.ndarray, labels: np.ndarray, batch_size: int) -> Iterator[tuple[tf.Tensor, tf.Tensor]]:
    order, size, start = np.random.default_rng(0).permutation(len(labels)), min(batch_size, len(labels)), 0
    while True:
        rows = order[np.arange(start, start + size) % len(labels)]
        yield tf.constant(images[rows]), tf.constant(labels[rows])
        start += size


def _losses(step, optimizer, batches, rates: np.ndarray) -> np.ndarray:
    losses: list[float] = []
    for rate, (images, labels) in zip(rates, batches, strict=False):
        optimizer.learning_rate = float(rate)
        losses.append(float(step(images, labels)))
        smoothed = _smooth(np.array(losses))
        if not smoothed[-1] <= BROKEN * smoothed[:5].max():  # also where it is not a number
            break
    return np.array(losses)


def _smooth(losses: np.ndarray, weight: float = 0.8) -> np.ndarray:
    """Exponential mean of the past; divided so that the first values are not drawn to 0."""
    mean, smoothed = 0.0, []
    for number, loss in enumerate(losses, 1):
        mean = weight * mean + (1 - weight) * loss
        smoothed.append(mean / (1 - weight**number))
    return np.array(smoothed)


@keras.saving.register_keras_serializable("tlkit")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam whose learning rate is multiplied by a factor for some variables.

    Scaling the *gradients* would do nothing: Adam divides by their size.

    Args:
        learning_rate: Of the variables that are not named.
        factors: `{variable.path: factor}`, factors of at least 0.
        **kwargs: As for `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate: float = 1e-3, factors: Mapping[str, float] | None = None, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.factors = dict(factors or {})

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable by its own rate."""
        path = variable.name.removesuffix(":0")  # TensorFlow's own variable, named by Keras' path
        super().update_step(gradient, variable, learning_rate * self.factors.get(path, 1.0))

    def get_config(self) -> dict:
        """Return the arguments, so that a compiled model can be saved."""
        return super().get_config() | {"factors": self.factors}


def make_layerwise_adam(model: keras.Model, learning_rate: float, *, decay: float = 0.7) -> LayerwiseAdam:
    """Return an Adam whose rate falls by `decay` with each block from the end of the model to its start.

    Args:
        model: Its blocks (`tlkit.freezing.blocks`) give the depths; the last one, the head, has the full rate.
        learning_rate: Of the head.
        decay: Factor from one block to the one before it, in (0, 1]; 1 is one rate for all.

    Raises:
        ValueError: If `decay` is out of its range.

    Reference:
        Howard and Ruder (2018), [Universal language model fine-tuning](https://arxiv.org/abs/1801.06146).
    """
    if not 0 < decay <= 1:
        msg = (
            f"`decay` must be a factor in (0, 1]. Received: {decay!r}. 0.7 makes each block 30 % slower than the next."
        )
        raise ValueError(msg)
    depths = enumerate(reversed(blocks(model)))
    weights = ((weight, decay**depth) for depth, block in depths for layer in block.layers for weight in layer.weights)
    return LayerwiseAdam(learning_rate, {weight.path: factor for weight, factor in weights})


def linear_cka(a: ArrayLike, b: ArrayLike) -> float:
    """How alike two sets of features of the same images are: 1 for the same up to rotation and scale, near 0 if unlike.

    Args:
        a: `(num_images, num_features)`.
        b: `(num_images, other_num_features)`, same images in the same order.

    Returns:
        Linear centred kernel alignment, in [0, 1].

    Raises:
        ValueError: If the shapes do not match.

    Reference:
        Kornblith et al. (2019), [Similarity of neural network representations](https://arxiv.org/abs/1905.00414).

    Example:

    >>> features = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]])
    >>> round(linear_cka(features, 3 * features[:, ::-1]), 6)
    1.0
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y):
        msg = f"`a` and `b` must be (num_images, num_features) of the same images. Received {x.shape} and {y.shape}."
        raise ValueError(msg)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    size = np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y)
    return float(np.linalg.norm(x.T @ y) ** 2 / size) if size else 0.0
