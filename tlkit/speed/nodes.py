"""The graph of a model as a list of calls, each after those that it needs."""

from __future__ import annotations

import keras

__all__ = ["NotAGraph", "functional_of", "graph_nodes"]


class NotAGraph(ValueError):
    """A model that has no graph of layers to cut: it is subclassed, or not built yet."""


def functional_of(model: keras.Model) -> keras.Model:
    """The model that has the graph: a built `Sequential` keeps a functional one."""
    return getattr(model, "_functional", None) or model


def graph_nodes(model: keras.Model) -> list:
    """The nodes (calls of a layer) from the inputs to the outputs, each after those it needs.

    Raises:
        NotAGraph: If the model is subclassed, or not built.
    """
    if not getattr(functional_of(model), "_nodes_by_depth", None):
        msg = (
            f"`model` must be a built functional or sequential model. Received {model.name!r}, a "
            f"{type(model).__name__} without a graph of layers. Use `model.fit`, or build it first."
        )
        raise NotAGraph(msg)
    order, seen = [], {id(tensor) for tensor in model.inputs}
    stack = [(tensor, False) for tensor in reversed(model.outputs)]
    while stack:
        tensor, ready = stack.pop()
        if ready:
            order.append(_node(tensor))
        elif id(tensor) not in seen:
            node = _node(tensor)
            seen.update(id(output) for output in node.output_tensors)
            stack.append((tensor, True))
            stack += [(parent, False) for parent in reversed(node.input_tensors)]
    return order


def _node(tensor):
    operation, index, _ = tensor._keras_history
    return operation._inbound_nodes[index]
