"""A model as a list of steps in the order of the data flow, with nested models opened."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import keras

__all__ = ["Step", "crossings", "functional_of", "kernel_layers", "read_graph"]


@dataclass(frozen=True, eq=False)
class Step:
    """One call of a layer, or of a bare operation.

    Attributes:
        operation: A `keras.Layer`, or an operation such as `keras.ops.flip`.
        inputs: Numbers of the tensors that go in.
        outputs: Numbers of the tensors that come out: others at each call of a layer or model that is used twice.
        shape: The shape of the first output, with the batch.
        is_outer: Whether the output is a tensor of the model itself, rather than one inside a nested model.
    """

    operation: object
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shape: tuple
    is_outer: bool = True

    @property
    def layer(self) -> keras.Layer | None:
        """The layer, or `None` for a bare operation."""
        return self.operation if isinstance(self.operation, keras.Layer) else None


def read_graph(model: keras.Model) -> tuple[list[Step], list[int]]:
    """Return the steps of a model, each after those it needs, and the numbers of its outputs.

    Raises:
        ValueError: If the model has no graph of layers: it is subclassed, or not built.
    """
    numbers: dict[int, int] = {}
    steps = _steps(model, numbers, itertools.count())
    outer = set(numbers.values())
    steps = [replace(step, is_outer=outer.issuperset(step.outputs)) for step in steps]
    return steps, [numbers[id(tensor)] for tensor in model.outputs]


def crossings(steps: Sequence[Step], outputs: Sequence[int]) -> list[int]:
    """Count, for each step, the tensors that are made up to it and are needed after it.

    Args:
        steps: In an order in which each comes after those that it needs.
        outputs: Numbers of the tensors that are needed at the end.
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


def _steps(model: keras.Model, numbers: dict[int, int], unused: Iterator[int]) -> list[Step]:
    """The steps of one call of a model; `numbers` has those of its inputs, and gets those of all its tensors."""
    steps = []
    for node in _nodes(model):
        inner = node.operation
        inputs = tuple(numbers[id(t)] for t in node.input_tensors)
        if isinstance(inner, keras.Model) and hasattr(functional_of(inner), "_nodes_by_depth"):
            inside = dict(zip(map(id, inner.inputs), inputs, strict=False))
            steps += _steps(inner, inside, unused)
            made = (inside[id(t)] for t in inner.outputs)
            numbers |= dict(zip(map(id, node.outputs), made, strict=False))
            continue
        fed = tuple(numbers[id(t)] for t in node.outputs if id(t) in numbers)  # what a nested Input is given
        numbers |= {id(t): next(unused) for t in node.outputs if id(t) not in numbers}
        made = () if fed else tuple(numbers[id(t)] for t in node.outputs)
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
