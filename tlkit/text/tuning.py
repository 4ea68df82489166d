"""A text encoder with a head, tuned on few labels: many copies side by side in one graph."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import ArrayLike

from tlkit.backbones.networks import build_text, load_network
from tlkit.choices import check_choice

__all__ = ["SCHEDULES", "TunedEncoders", "tune_encoders"]

PIECES, BLOCK, HEAD = range(3)
SCHEDULES = {
    "frozen": ((HEAD,),),
    "tuned": ((HEAD, BLOCK, PIECES),),
    "gradual": ((HEAD,), (HEAD, BLOCK), (HEAD, BLOCK, PIECES)),
}
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # of Adam, as Keras sets them


@dataclass(frozen=True)
class TunedEncoders:
    """Copies of one encoder, each with a head, after their training.

    Attributes:
        network: An encoder like the copies; it has not changed.
        weights: For each copy the arrays of its encoder.
        heads: For each copy `(width, num_classes)` and `(num_classes,)`.
    """

    network: keras.Model
    weights: list[list[np.ndarray]]
    heads: list[tuple[np.ndarray, np.ndarray]]

    def predict(self, tokens: ArrayLike, copies: Sequence[int] | None = None) -> np.ndarray:
        """Classes `(num_copies, num_texts)` of tokens `(num_texts, length)`, by all copies or by some."""
        chosen = range(len(self.heads)) if copies is None else copies
        rows = tf.convert_to_tensor(np.asarray(tokens, np.int32))
        state = [each.value for each in self.network.non_trainable_variables]
        found = []
        for copy in chosen:
            features = self.network.stateless_call(self.weights[copy], state, rows, training=False)[0]
            kernel, bias = self.heads[copy]
            found.append(np.argmax(np.asarray(features) @ kernel + bias, axis=1))
        return np.array(found)


def tune_encoders(
    network: str,
    tokens: ArrayLike,
    labels: ArrayLike,
    *,
    rates: Sequence[float],
    seeds: Sequence[int],
    schedule: str = "tuned",
    trained: bool = True,
    steps: int = 150,
    batch_size: int = 32,
) -> TunedEncoders:
    """Tune a copy of a text encoder, and a head that starts from zero, for each of several small sets of texts.

    Each copy takes `steps` steps of Adam without dropout; the rate falls along a cosine in each stage of the schedule,
    and Adam begins anew. Pieces that do not occur in a copy's texts have no gradient, and Adam leaves them as they are:
    only those that occur are trained, which changes nothing but the time.

    Args:
        network: `"glosses"` or `"glosses_apart"`, as `tlkit.backbones.load_network` names them.
        tokens: `(num_copies, num_texts, length)`, int, 0 for padding.
        labels: `(num_copies, num_texts)`, int from 0.
        rates: For each copy its learning rate, above 0.
        seeds: For each copy the seed of the order of its texts, and of its weights where they are not trained.
        schedule: `"frozen"`: only the head learns. `"tuned"`: all. `"gradual"`: the head, then head and block, then
            all, a third of the steps each ([Howard and Ruder 2018](https://arxiv.org/abs/1801.06146)).
        trained: Whether to begin with the embedded weights.
        steps: Number of steps, at least 3.
        batch_size: Texts in a step.

    Raises:
        ValueError: If the shapes, the schedule or the number of steps do not fit.

    Example:
    >>> from tlkit.backbones import load_pieces
    >>> tokens = load_pieces("glosses")(["a small wild cat", "a bird of prey", "a tax on income", "money that is owed"])
    >>> tuned = tune_encoders("glosses", tokens[None], [[0, 0, 1, 1]], rates=[3e-3], seeds=[0], steps=20)
    >>> tuned.predict(tokens).tolist()
    [[0, 0, 1, 1]]
    """
    check_choice("schedule", schedule, SCHEDULES)
    texts, classes = np.asarray(tokens, np.int32), np.asarray(labels, np.int32)
    _check(texts, classes, rates, seeds, steps)
    starts = _starts(network, trained, tuple(seeds))
    vocabularies = [np.unique(np.append(0, copy)) for copy in texts]  # piece 0, padding, stays in its place
    size = 1 << max(len(used) - 1 for used in vocabularies).bit_length()
    own = np.stack([np.searchsorted(used, copy) for used, copy in zip(vocabularies, texts, strict=True)])
    graph = _graph(size, starts[0][0].shape[1])
    graph.begin(
        [_some_rows(start, used, size) for start, used in zip(starts, vocabularies, strict=True)], classes.max()
    )
    stages = SCHEDULES[schedule]
    generators = [np.random.default_rng(seed) for seed in seeds]
    for stage in stages:
        number = steps // len(stages)
        orders = np.stack([_order(rng, texts.shape[1], number, batch_size) for rng in generators], axis=1)
        fall = 0.5 + 0.5 * np.cos(np.pi * np.arange(number) / number)
        graph.run(own, classes, orders, np.outer(fall, rates), stage)
    *parts, kernels, biases = (each.numpy() for each in graph.values)
    weights = [
        [_put_back(start[0], used, parts[0][copy]), *(part[copy] for part in parts[1:])]
        for copy, (start, used) in enumerate(zip(starts, vocabularies, strict=True))
    ]
    return TunedEncoders(load_network(network), weights, list(zip(kernels, biases[:, 0], strict=True)))


def _check(texts: np.ndarray, classes: np.ndarray, rates: Sequence[float], seeds: Sequence[int], steps: int) -> None:
    if texts.ndim != 3 or classes.shape != texts.shape[:2] or not len(texts) == len(rates) == len(seeds):
        msg = (
            "`tokens` must be (num_copies, num_texts, length), `labels` (num_copies, num_texts), and there must be a "
            f"rate and a seed for each copy. Received shapes {texts.shape} and {classes.shape}, {len(rates)} rates and "
            f"{len(seeds)} seeds."
        )
        raise ValueError(msg)
    if steps < 3:
        msg = f"`steps` must be at least 3. Received: {steps!r}."
        raise ValueError(msg)


def _starts(network: str, trained: bool, seeds: tuple[int, ...]) -> list[list[np.ndarray]]:
    """Weights at the beginning, one list for each copy; equal seeds share theirs."""
    by_seed = {
        seed: [each.numpy() for each in load_network(network, trained=trained, seed=seed).trainable_variables]
        for seed in ({0} if trained else set(seeds))
    }
    return [by_seed[0 if trained else seed] for seed in seeds]


def _some_rows(start: list[np.ndarray], used: np.ndarray, size: int) -> list[np.ndarray]:
    rows = np.zeros((size, start[0].shape[1]), np.float32)
    rows[: len(used)] = start[0][used]
    return [rows, *start[1:]]


def _put_back(pieces: np.ndarray, used: np.ndarray, rows: np.ndarray) -> np.ndarray:
    whole = pieces.copy()
    whole[used] = rows[: len(used)]
    return whole


def _order(rng: np.random.Generator, num_texts: int, steps: int, batch_size: int) -> np.ndarray:
    """Rows of each step, `(steps, batch_size)`: all texts in a new order, again and again."""
    epochs = -(-steps * batch_size // num_texts)
    rows = np.concatenate([rng.permutation(num_texts) for _ in range(epochs)])
    return rows[: steps * batch_size].reshape(steps, batch_size).astype(np.int32)


class _Graph:
    """One step of all copies; shapes of copies, texts and classes may change from call to call."""

    def __init__(self, size: int, width: int):
        self.model = build_text(size, width)
        first = [True] + [False] * (len(self.model.trainable_variables) - 1)
        self.parts = [PIECES if is_first else BLOCK for is_first in first] + [HEAD, HEAD]
        self.values: list[tf.Tensor] = []
        self._run = tf.function(self._steps, reduce_retracing=True)

    def begin(self, starts: list[list[np.ndarray]], last_class: int) -> None:
        """Put the copies' weights, and heads of zeros, in place."""
        stacked = [np.stack(each) for each in zip(*starts, strict=True)]
        copies, width = len(starts), stacked[0].shape[2]
        heads = [np.zeros((copies, rows, last_class + 1), np.float32) for rows in (width, 1)]
        self.values = [tf.convert_to_tensor(each) for each in (*stacked, *heads)]

    def run(self, texts, classes, orders, rates, stage) -> None:
        """Take a step for each row of `orders` `(steps, copies, batch)`."""
        learns = tf.constant([float(part in stage) for part in self.parts])
        given = (tf.constant(texts, tf.int32), tf.constant(classes), tf.constant(orders), tf.cast(rates, tf.float32))
        self.values = list(self._run(self.values, *given, learns))

    def _losses(self, values: list, texts: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        state = [each.value for each in self.model.non_trainable_variables]

        def loss(copy):
            *own, kernel, bias, rows, wanted = copy
            features = self.model.stateless_call(own, state, rows, training=False)[0]
            logits = tf.matmul(features, kernel) + bias
            return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(wanted, logits))

        return tf.reduce_sum(tf.vectorized_map(loss, [*values, texts, classes]))

    def _steps(self, values: list, texts, classes, orders, rates, learns) -> list:
        means = [tf.zeros_like(each) for each in values]
        squares = [tf.zeros_like(each) for each in values]
        for step in tf.range(tf.shape(orders)[0]):
            batch = tf.gather(texts, orders[step], batch_dims=1), tf.gather(classes, orders[step], batch_dims=1)
            with tf.GradientTape() as tape:
                tape.watch(values)
                total = self._losses(values, *batch)
            slopes = [tf.convert_to_tensor(each) for each in tape.gradient(total, values)]
            time = tf.cast(step + 1, tf.float32)
            pace = rates[step] * tf.sqrt(1 - tf.pow(BETA_2, time)) / (1 - tf.pow(BETA_1, time))  # (copies,)
            slopes = [slope * learns[k] for k, slope in enumerate(slopes)]
            means = [BETA_1 * mean + (1 - BETA_1) * slope for mean, slope in zip(means, slopes, strict=True)]
            squares = [BETA_2 * old + (1 - BETA_2) * slope**2 for old, slope in zip(squares, slopes, strict=True)]
            moves = [mean / (tf.sqrt(square) + EPSILON) for mean, square in zip(means, squares, strict=True)]
            values = [
                value - tf.reshape(pace, [-1] + [1] * (len(value.shape) - 1)) * move
                for value, move in zip(values, moves, strict=True)
            ]
        return values


@functools.cache
def _graph(size: int, width: int) -> _Graph:
    return _Graph(size, width)
