"""Adam with its own learning rate for each depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras

from tlkit.choices import nearest_or_all
from tlkit.freezing import Block, blocks

__all__ = ["LayerwiseAdam", "block_factors", "make_layerwise_adam"]


@keras.saving.register_keras_serializable("tlkit")
class LayerwiseAdam(keras.optimizers.Adam):
    """Adam whose learning rate is multiplied by a factor for some variables, including the weight decay.

    Scaling the *gradients* would do nothing: Adam divides by their size.

    Args:
        learning_rate: The rate for the variables that are not named.
        factors: `{variable.path: factor}`, factors of at least 0. See `block_factors`.
        **kwargs: Passed on to `keras.optimizers.Adam`.

    Example:
        >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="slow"), keras.layers.Dense(1)])
        >>> factors = block_factors(blocks(model), {"slow": 0.1})
        >>> model.compile(LayerwiseAdam(1e-3, factors), "mse")
        >>> sorted(set(factors.values()))
        [0.1, 1.0]
    """

    def __init__(self, learning_rate: float = 1e-3, factors: Mapping[str, float] | None = None, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.factors = dict(factors or {})

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable at its own rate."""
        super().update_step(gradient, variable, learning_rate * self._factor(variable))

    def get_config(self) -> dict:
        """Return the arguments, so that a compiled model can be saved."""
        return super().get_config() | {"factors": self.factors}

    def _factor(self, variable) -> float:
        # What comes is TensorFlow's variable; only Keras' own has the path that the factors are for
        own = self._trainable_variables[self._get_variable_index(variable)]
        return self.factors.get(own.path, 1.0)

    def _apply_weight_decay(self, variables):
        decay = self.weight_decay
        if decay:
            for variable in variables:
                self.weight_decay = decay * self._factor(variable)
                super()._apply_weight_decay([variable])
        self.weight_decay = decay


def make_layerwise_adam(model: keras.Model, learning_rate: float, *, decay: float = 0.7) -> LayerwiseAdam:
    """Return an Adam whose rate falls by `decay` with each block from the end of the model to its start.

    Args:
        model: Its blocks (`tlkit.freezing.blocks`) give the depths; the last one, the head, has the full rate.
        learning_rate: The learning rate of the head.
        decay: Factor from one block to the one before it, in (0, 1]; 1 means the same rate for all.

    Raises:
        ValueError: If `decay` is out of its range, or two weights of the model cannot be told apart.

    Reference:
        Howard and Ruder (2018), [Universal language model fine-tuning](https://arxiv.org/abs/1801.06146).
    """
    if not 0 < decay <= 1:
        msg = (
            f"`decay` must be a factor in (0, 1]. Received: {decay!r}. 0.7 makes each block 30 % slower than the next."
        )
        raise ValueError(msg)
    parts = blocks(model)
    factors = {part.name: decay**depth for depth, part in enumerate(reversed(parts))}
    return LayerwiseAdam(learning_rate, block_factors(parts, factors))


def block_factors(parts: Sequence[Block], factors: Mapping[str, float]) -> dict[str, float]:
    """Return the factor of each variable, from that of its block, as `LayerwiseAdam` takes them.

    Args:
        parts: Blocks of a model.
        factors: `{name of a block: factor}`; a block that is not named has 1.

    Raises:
        ValueError: If there is no such block, or two weights with different factors have the same path.
    """
    names = [part.name for part in parts]
    for name in factors:
        if name not in names:
            msg = f"`factors` must name blocks of the model. Received: {name!r}.{nearest_or_all(name, names)}"
            raise ValueError(msg)
    found: dict[str, float] = {}
    for part in parts:
        factor = float(factors.get(part.name, 1.0))
        for weight in (weight for layer in part.layers for weight in layer.weights):
            if found.setdefault(weight.path, factor) != factor:
                msg = f"Two weights of the model have the path {weight.path!r}, so they cannot have different "
                msg += "rates. Give the layers of nested models different names."
                raise ValueError(msg)
    return found
