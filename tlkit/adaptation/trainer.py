"""The graphs in which adapting networks are trained: traced once for each kind and shape, since tracing costs most."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.adaptation.network_parts import domain_loss

__all__ = ["AdversaryTrainer", "Trainer"]

_ROWS = tf.TensorSpec((None, None), tf.int32)  # (steps, batch)
_NUMBERS = tf.TensorSpec((None,), tf.float32)
CRITIC_UNITS = 32


class Trainer:
    """An encoder, a head and a critic that tells domains apart, with one optimizer for all of them.

    Args:
        gap: A function of the critic, codes of the source, codes of the target and a strength: what is added to the
            loss.
        make_encoder: A function of the shape of one row: an encoder with codes `(batch, width)`.
        shape: Of one row.
        num_classes: At least 2.

    Raises:
        ValueError: If the encoder keeps something that does not learn, as BatchNorm or dropout do.
    """

    def __init__(self, gap: Callable, make_encoder: Callable, shape: tuple[int, ...], num_classes: int):
        self._gap, self.encoder = gap, _checked_encoder(make_encoder(shape))
        code = keras.Input(self.encoder.output_shape[1:])
        hidden = keras.layers.Dense(CRITIC_UNITS, activation="relu")(code)
        self.head = keras.Model(code, keras.layers.Dense(num_classes)(code))
        self.critic = keras.Model(code, keras.layers.Dense(1)(hidden))
        self.reader = self.encoder  # which encoder answers for the target
        parts = (self.encoder, self.head, self.critic)
        self._variables = [variable for part in parts for variable in part.trainable_variables]
        self._optimizer = keras.optimizers.Adam()
        self._optimizer.build(self._variables)
        table = tf.TensorSpec((None, *shape), tf.float32)
        signature = [table, tf.TensorSpec((None,), tf.int32), table, _ROWS, _ROWS, _NUMBERS]
        self.train = tf.function(self._train, input_signature=signature)
        self.chances = tf.function(lambda x: tf.nn.softmax(self.head(self.reader(x))), input_signature=[table])

    def restart(self, rng: np.random.Generator, learning_rate: float) -> None:
        """Draw all weights anew, and let the optimizer forget."""
        for variable in self._variables:
            variable.assign(_drawn(variable.shape, rng))
        forget(self._optimizer, learning_rate)

    @property
    def answering(self) -> list[keras.Variable]:
        """The weights that answer for the target: those of its encoder, then those of the head."""
        return [*self.reader.trainable_variables, *self.head.trainable_variables]

    def _train(self, x, y, z, rows, other_rows, strengths):
        """Train in one graph; `rows` and `other_rows` are the batches of both domains, `(steps, batch)`."""
        for step in tf.range(tf.shape(rows)[0]):
            own = tf.gather(rows, step)
            batch, labels, other = tf.gather(x, own), tf.gather(y, own), tf.gather(z, tf.gather(other_rows, step))
            with tf.GradientTape() as tape:
                a, b = self.encoder(batch, training=True), self.encoder(other, training=True)
                loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.head(a))
                total = tf.reduce_mean(loss) + self._gap(self.critic, a, b, tf.gather(strengths, step))
            descend(tape, total, self._variables, self._optimizer)


class AdversaryTrainer(Trainer):
    """Trains an encoder for the source, and then a copy of it for the target against a critic, as ADDA does."""

    def __init__(self, gap: Callable, make_encoder: Callable, shape: tuple[int, ...], num_classes: int):
        super().__init__(gap, make_encoder, shape, num_classes)
        self.reader = make_encoder(shape)
        self._sides = [
            (part.trainable_variables, keras.optimizers.Adam(name=f"adam_{side}"))
            for side, part in enumerate((self.critic, self.reader))
        ]
        for variables, optimizer in self._sides:
            optimizer.build(variables)
        table = tf.TensorSpec((None, *shape), tf.float32)
        self.fool = tf.function(self._fool, input_signature=[table, table, _ROWS, _ROWS])

    def part_ways(self, critic_rate: float, reader_rate: float) -> None:
        """Give the target's encoder the weights of the source's, and both sides of the game their learning rates."""
        self.reader.set_weights(self.encoder.get_weights())
        for (_, optimizer), rate in zip(self._sides, (critic_rate, reader_rate), strict=True):
            forget(optimizer, rate)

    def _fool(self, x, z, rows, other_rows):
        """The critic learns to tell the domains apart; the target's encoder learns to pass for the source."""
        for step in tf.range(tf.shape(rows)[0]):
            batch, other = tf.gather(x, tf.gather(rows, step)), tf.gather(z, tf.gather(other_rows, step))
            with tf.GradientTape(persistent=True) as tape:
                real, copied = self.critic(self.encoder(batch)), self.critic(self.reader(other))
                told_apart, passed = domain_loss(real, copied), tf.reduce_mean(tf.nn.softplus(-copied))
            descend(tape, told_apart, *self._sides[0])
            descend(tape, passed, *self._sides[1])
            del tape


def descend(tape: tf.GradientTape, loss: tf.Tensor, variables: list, optimizer: keras.optimizers.Optimizer) -> None:
    """Take one step; a part that the loss does not depend on stays as it is."""
    values = [variable.value for variable in variables]
    gradients: Any = tape.gradient(loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    optimizer.apply(gradients, variables)


def forget(optimizer: keras.optimizers.Optimizer, learning_rate: float) -> None:
    """Set an optimizer back to its start."""
    for variable in optimizer.variables:
        variable.assign(np.zeros(variable.shape))
    optimizer.learning_rate = learning_rate


def _drawn(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Weights by Glorot's rule, biases 0."""
    if len(shape) < 2:
        return np.zeros(shape)
    window = np.prod(shape[:-2])
    return rng.normal(size=shape) * np.sqrt(2 / (window * (shape[-2] + shape[-1])))


def _checked_encoder(encoder: keras.Model) -> keras.Model:
    if encoder.non_trainable_variables or len(encoder.output_shape) != 2:
        msg = (
            "`encoder` must return a model with codes of shape (batch, width), and with weights that all learn: "
            f"without BatchNorm and dropout. Received outputs {encoder.output_shape} and "
            f"{len(encoder.non_trainable_variables)} variables that do not learn."
        )
        raise ValueError(msg)
    return encoder
