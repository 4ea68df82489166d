"""A model as a list of steps in the order of the data, nested models opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras

__all__ = ["Step", "crossings", "functional_of", "kernel_layers", "read_graph"]


@dataclass(frozen=True, eq=False)
class Step:
    """One call of a layer, or of a bare operation.

    Attributes:
        operation: A `keras.Layer`, or an operation such as `keras.ops.flip`.
        inputs: Ids of the tensors that go in.
        outputs: Ids of the tensors that come out.
        shape: Of the first output, with the batch.
    """

    operation: object
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shape: tuple

    @property
    def layer(self) -> keras.Layer | None:
        """The layer, or `None` for a bare operation."""
        return self.operation if isinstance(self.operation, keras.Layer) else None


def read_graph(model: keras.Model) -> tuple[list[Step], list[int]]:
    """Return the steps of a model, each after those that it needs, and the ids of its outputs.

    Raises:
        ValueError: If the model has no graph of layers: it is subclassed, or not built.
    """
    alias = {}
    steps = _steps(model, alias)
    return steps, [alias.get(id(tensor), id(tensor)) for tensor in model.outputs]


def crossings(steps: Sequence[Step], outputs: Sequence[int]) -> list[int]:
    """Count, for each step, the tensors that are made up to it and are needed after it.

    Args:
        steps: In an order in which each comes after those that it needs.
        outputs: Ids of the tensors that are needed at the end.
    """
    last_use = {tensor: i for i, step in enumerate(steps) for tensor in step.inputs}
    last_use |= dict.fromkeys(outputs, len(steps))
    alive, counts = set(), []
    for i, step in enumerate(steps):
        alive |= {tensor for tensor in step.outputs if last_use.get(tensor, -1) > i}
        alive -= {tensor for tensor in step.inputs if last_use[tensor] <= i}
        counts.append(len(alive))
    return counts


def kernel_layers(steps: Sequence[Step]) -> list[keras.Layer]:
    """Return the layers that have a weight matrix: convolutions, dense layers and the like."""
    layers = [step.layer for step in steps if step.layer is not None]
    return [layer for layer in layers if any(len(weight.shape) > 1 for weight in layer.weights)]


def _steps(model: keras.Model, alias: dict[int, int]) -> list[Step]:
    # `alias` maps the id of a tensor to the id of the one that it stands for: across the wall of a nested model
    steps = []
    for node in _nodes(model):
        inner = node.operation
        inputs = tuple(alias.get(id(t), id(t)) for t in node.input_tensors)
        if isinstance(inner, keras.Model) and hasattr(functional_of(inner), "_nodes_by_depth"):
            alias |= dict(zip(map(id, inner.inputs), inputs, strict=False))
            steps += _steps(inner, alias)
            made = (alias.get(id(t), id(t)) for t in inner.outputs)
            alias |= dict(zip(map(id, node.outputs), made, strict=False))
            continue
        fed = tuple(alias[id(t)] for t in node.outputs if id(t) in alias) if not inputs else ()  # a nested Input
        made = () if fed else tuple(map(id, node.outputs))
        steps.append(Step(inner, inputs or fed, made, tuple(node.outputs[0].shape)))
    return steps


def _nodes(model: keras.Model) -> list:
    by_depth = getattr(functional_of(model), "_nodes_by_depth", None)
    if by_depth is None:
        msg = f"`model` must be a functional or sequential model that has been built. Received: {type(model).__name__} "
        msg += (
            f"{getattr(model, 'name', '')!r}. Give a Sequential a keras.Input first; a subclassed model has no graph."
        )
        raise ValueError(msg)
    return [node for depth in sorted(by_depth, reverse=True) for node in by_depth[depth]]


def functional_of(model: keras.Model):
    """Return the model that has the graph: a built Sequential keeps a functional one."""
    return getattr(model, "_functional", None) or model
