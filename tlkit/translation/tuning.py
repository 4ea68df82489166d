"""Tune one network of names from many starts, with equal budgets."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.backbones.networks import load_network
from tlkit.backbones.spelling import spelling_lessons, spelling_loss
from tlkit.data.arrays import ArraySplit
from tlkit.restart import renew_optimizer

__all__ = ["NameTuner", "epochs_for"]


def epochs_for(num_updates: int, num_pairs: int, batch_size: int) -> int:
    """Return the epochs that make at least `num_updates` steps of the optimizer.

    Args:
        num_updates: Above 0.
        num_pairs: Pairs to learn from, above 0.
        batch_size: Pairs in a step, above 0; the last step of an epoch may have fewer.

    Raises:
        ValueError: If a number is not above 0.

    Example:
        >>> epochs_for(300, 150, 32)
        60
    """
    if min(num_updates, num_pairs, batch_size) <= 0:
        msg = f"All numbers must be above 0. Received: {num_updates}, {num_pairs}, {batch_size}."
        raise ValueError(msg)
    return math.ceil(num_updates / math.ceil(num_pairs / batch_size))


class NameTuner:
    """One network of names, compiled once, that is trained from many starts.

    Args:
        frozen: Beginnings of the names of layers that stay as they are, as `"encoder"`.

    Attributes:
        model: The network as the last call left it.

    Example:
        >>> NameTuner(frozen=("encoder",)).model.get_layer("encoder_letters").trainable
        False
    """

    def __init__(self, frozen: Sequence[str] = ()):
        self.model = load_network("names_mr_ne", trained=False)
        for layer in self.model.layers:
            layer.trainable = not layer.name.startswith(tuple(frozen))
        self.model.compile(keras.optimizers.Adam(clipnorm=1.0), spelling_loss())

    def tune(
        self,
        start: Sequence[np.ndarray],
        pairs: ArraySplit,
        *,
        updates: int,
        rate: float,
        seed: int,
        batch_size: int = 32,
        before: np.ndarray | None = None,
    ) -> keras.Model:
        """Train from `start` with a rate that falls in a line to a tenth of it, and return the network.

        Args:
            start: Weights, as from `get_weights`; they are not changed.
            pairs: From `load_names`.
            updates: Steps of the optimizer; the last epoch is finished.
            rate: Learning rate of Adam at the start.
            seed: Of the orders and of dropout.
            batch_size: Pairs in a step.
            before: `(num_pairs, 20)`: what the decoder is told, by default the right letters, shifted.
        """
        keras.utils.set_random_seed(seed)
        self.model.set_weights(start)
        for number, generator in enumerate(_generators(self.model)):
            generator.state.assign([seed, number])
        renew_optimizer(self.model)
        (letters, shifted), after = spelling_lessons(pairs)
        epochs = epochs_for(updates, len(pairs), batch_size)
        slower = keras.callbacks.LearningRateScheduler(lambda epoch: rate * (1 - 0.9 * epoch / epochs))
        inputs = [letters, shifted if before is None else before]
        self.model.fit(inputs, after, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[slower])
        return self.model


def _generators(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """What dropout draws from: Keras keeps its state from one training to the next."""
    return [generator for layer in model._flatten_layers() for generator in layer._seed_generators]
