"""How a model makes its outputs of its scores."""

from dataclasses import dataclass
from typing import Any

import tlkit.quiet_start

import keras

from tlkit.freezing.graph import read_graph

__all__ = ["Ending", "read_ending"]


@dataclass(frozen=True)
class Ending:
    """The last step of a model.

    Attributes:
        kind: `"softmax"`, `"sigmoid"`, `"linear"`: the outputs are the scores, or `"other"`.
        owner: What is called with the scores, as its attribute `attribute`; `None`: the outputs are the scores.
        attribute: `"call"`, or `"activation"` of a layer.
    """

    kind: str
    owner: Any = None
    attribute: str = ""


def read_ending(model: keras.Model) -> Ending:
    """Tell a softmax or a sigmoid at the end of a functional or sequential model: in a layer, or as one.

    Raises:
        ValueError: If the model is subclassed or not built.
    """
    steps, outputs = read_graph(model)
    last = next(step.operation for step in reversed(steps) if outputs[0] in step.outputs)
    function = getattr(last, "activation", None)
    kind = _name(last if function is None else function)
    if kind in ("softmax", "sigmoid"):
        return Ending(kind, last, "call" if function is None else "activation")
    return Ending("linear" if kind in ("linear", "dense") else "other")


def _name(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__).lower()
