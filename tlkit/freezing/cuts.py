"""Where a model can be cut in two, and how much of it gives the same output at every training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

from tlkit.freezing.blocks import is_batchnorm
from tlkit.freezing.graph import Step, crossings, read_graph

__all__ = ["Place", "adds_loss", "draws", "last_kept", "places", "why_it_changes"]

_SHARES = ("rate", "dropout", "recurrent_dropout")  # a layer with a generator does not use it where these are 0


@dataclass(frozen=True, eq=False)
class Place:
    """The end of a step of a model.

    Attributes:
        step: A call of a layer, or of a bare operation.
        may_cut: Whether the model can be cut in two here: a single tensor continues, and it is not inside a nested
            model, which is kept as a whole or not at all.
    """

    step: Step
    may_cut: bool


def places(model: keras.Model) -> list[Place]:
    """Return the places of a model in the order of the data flow, with nested models opened.

    Raises:
        ValueError: If the model is subclassed or not built.

    Example:
        >>> x = inputs = keras.Input((4,))
        >>> x = keras.layers.Add()([keras.layers.Dense(4)(x), x])
        >>> model = keras.Model(inputs, keras.layers.Dense(2)(x))
        >>> [place.may_cut for place in places(model)]
        [False, False, True, True]
    """
    steps, outputs = read_graph(model)
    pairs = zip(steps, crossings(steps, outputs), strict=True)
    return [Place(step, count == 1 and _is_one_outer_tensor(step)) for step, count in pairs]


def _is_one_outer_tensor(step: Step) -> bool:
    return len(step.outputs) == 1 and step.is_outer and not isinstance(step.layer, keras.layers.InputLayer)


def last_kept(model: keras.Model, ends: Sequence[Place]) -> tuple[int | None, str]:
    """Return the last place up to which nothing changes during training, and why it is not a later one.

    Flags are read as they are. The output up to there needs to be computed only once.

    Args:
        model: As it is frozen now.
        ends: `places(model)`.

    Returns:
        The index of the place, or `None` if there is none, and the reason in words. The very last step is never kept:
        something has to be trained.

    Example:
        >>> layers = [keras.layers.Dense(3, name="a"), keras.layers.Dense(2, name="b")]
        >>> model = keras.Sequential([keras.Input((4,)), *layers])
        >>> model.layers[0].trainable = False
        >>> last_kept(model, places(model))
        (1, "'b' learns")
    """
    learning = {id(variable) for variable in model.trainable_variables}
    reasons = (why_it_changes(place.step.layer, learning) for place in ends)
    stop, reason = next(((i, why) for i, why in enumerate(reasons) if why), (len(ends) - 1, "nothing learns"))
    return max((i for i, place in enumerate(ends[:stop]) if place.may_cut), default=None), reason


def why_it_changes(layer: keras.Layer | None, learning: set[int]) -> str | None:
    """Say why a layer's output or added loss differs at each training step; `None` if it does not.

    Args:
        layer: `None` means a bare operation, which never changes.
        learning: Ids of the variables that learn.
    """
    if layer is None:
        return None
    parts = list(layer._flatten_layers())
    if any(is_batchnorm(part) and part.trainable for part in parts):
        return f"{layer.name!r} is a {type(layer).__name__} with trainable=True, whose statistics move"
    if any(id(variable) in learning for variable in layer.variables):
        return f"{layer.name!r} learns"
    if any(map(draws, parts)):
        return f"{layer.name!r} ({type(layer).__name__}) acts randomly during training"
    return f"{layer.name!r} adds to the loss at every step" if any(map(adds_loss, parts)) else None


def draws(layer: keras.Layer) -> bool:
    """Whether a layer gives a different output at each training step, as dropout does."""
    shares = [getattr(layer, name, None) for name in _SHARES]
    known = [share for share in shares if isinstance(share, (int, float))]
    return bool(layer._seed_generators) and (any(known) or not known)


def adds_loss(layer: keras.Layer) -> bool:
    """Whether a layer penalises its output, which is summed again at each step."""
    return getattr(layer, "activity_regularizer", None) is not None
