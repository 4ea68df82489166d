"""What a choice of blocks costs, and what is likely to go wrong with it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.freezing import Block  # noqa: E402
from tlkit.freezing.audit import is_stale  # noqa: E402
from tlkit.freezing.graph import crossings, read_graph  # noqa: E402
from tlkit_widgets._network import count_size, draws, layer_flags, layer_multiply_adds  # noqa: E402

__all__ = ["Facts"]

FINE_RATE = 3e-4  # above it Adam soon overwrites what pre-trained blocks know
FEW_IMAGES = 1000  # below it BatchNorm's statistics of the new data are worse than those it came with


@dataclass(frozen=True)
class _Step:
    """A layer in the order of the data.

    Attributes:
        layer: It, or `None` for a bare operation.
        numbers: That it gives for one image, where a single tensor goes on from it, so that it can be kept; else 0.
        multiply_adds: Of its kernels for one image.
        draws: Whether it gives another output at each step of a training.
    """

    layer: keras.Layer | None
    numbers: int
    multiply_adds: int
    draws: bool


class Facts:
    """Reads a model's flags and says what follows from them. Nothing is compiled, traced or run."""

    def __init__(self, model: keras.Model, parts: Sequence[Block], num_images: int | None):
        self.model, self.parts, self.num_images = model, parts, num_images
        self._steps = _read_steps(model)
        self._total = sum(step.multiply_adds for step in self._steps) or 1
        self._last = {part.layers[-1]: i for i, part in enumerate(parts)}  # block that a layer ends

    def look(self, states: Sequence[str], rates: Sequence[float]) -> dict[str, Any]:
        """Numbers and warnings, for the page; `rates` is the learning rate of each block."""
        num_learning = count_size(self.model.trainable_weights)
        kept = self._kept()
        return {
            "num_learning": num_learning,
            "num_frozen": self.model.count_params() - num_learning,
            "num_images": self.num_images,
            "flags": [layer_flags(part) for part in self.parts],
            "bn_learning": [sum(layer.trainable for layer in part.batchnorms) for part in self.parts],
            "warnings": self._warnings(states, rates, num_learning) + self._cut_short(states, kept["num_kept"]),
            **kept,
        }

    def _kept(self) -> dict[str, Any]:
        """What need not run again in each epoch: as far as nothing learns, moves or draws, up to a single tensor."""
        stop = next((i for i, step in enumerate(self._steps) if _changes(step)), len(self._steps) - 1)
        cut = max((i for i in range(stop) if self._steps[i].numbers), default=None)
        if cut is None:
            return {"share": 0.0, "bytes": 0, "num_kept": 0, "kept_after": ""}
        before = self._steps[: cut + 1]
        ended = [self._last[step.layer] for step in before if step.layer in self._last]
        layer = before[-1].layer
        inside = layer not in self._last
        return {
            "share": sum(step.multiply_adds for step in before) / self._total,
            "bytes": 4 * before[-1].numbers * (self.num_images or 1),
            "num_kept": 1 + max(ended, default=-1),
            "kept_after": (layer.name if layer else "an operation") if inside else self.parts[self._last[layer]].name,
        }

    def _warnings(self, states: Sequence[str], rates: Sequence[float], num_learning: int) -> list[str]:
        if not num_learning:
            return ["Nothing learns: every block is frozen. Let at least the last one learn."]
        *body, head = zip(self.parts, states, rates, strict=True)
        fastest = max((rate for _, state, rate in body if state != "frozen"), default=0)
        learning_bn = any(layer.trainable for part in self.parts for layer in part.batchnorms)
        few = (self.num_images or 0) < FEW_IMAGES
        first = next((i for i, state in enumerate(states) if state != "frozen"), len(states))
        checks = [
            (head[1] == "frozen", f"{head[0].name} is frozen: random weights there stay random."),
            (
                fastest > FINE_RATE,
                "The rate is high for pre-trained blocks: they may forget. Try 1e-4, or a factor.",
            ),
            (learning_bn and few, f"BatchNorm learns from {self._images()}: it is safer frozen."),
            (
                "frozen" in states[first:],
                "A frozen block behind one that learns saves little: gradients pass it.",
            ),
            (
                is_stale(self.model),
                "Compile needed before a fit in code: the flags changed since the last one, and Keras ignores that.",
            ),
        ]
        return [text for holds, text in checks if holds]

    def _cut_short(self, states: Sequence[str], num_kept: int) -> list[str]:
        """Why less is kept than is frozen."""
        if num_kept >= len(states) or states[num_kept] != "frozen":
            return []
        part = self.parts[num_kept]
        if any(map(draws, part.layers)):
            return [f"{part.name} is frozen, but drops out at random: it runs at every step, and so does what follows."]
        if any(layer.trainable for layer in part.batchnorms):
            return [
                f"{part.name} is frozen, but its BatchNorm learns: it runs at every step, and so does what follows."
            ]
        return [f"No single tensor goes on from {part.name}: it is frozen, but cannot be kept, and runs at every step."]

    def _images(self) -> str:
        return f"{self.num_images} images" if self.num_images else "the new images alone"


def _read_steps(model: keras.Model) -> list[_Step]:
    graph, outputs = read_graph(model)
    own, seen, steps = {id(layer) for layer in model.layers}, set(), []
    counts = crossings(graph, outputs)
    for i, (step, count) in enumerate(zip(graph, counts, strict=True)):
        after = graph[i + 1].layer if i + 1 < len(graph) else None
        # A nested model is kept as a whole or not at all
        whole = step.layer is None or id(step.layer) in own or after is None or id(after) in own
        image = isinstance(step.layer, keras.layers.InputLayer)
        single = count == 1 and len(step.outputs) == 1 and whole and not image
        numbers = math.prod(side or 1 for side in step.shape[1:]) if single else 0
        once = step.layer is not None and step.layer not in seen
        seen.add(step.layer)
        steps.append(
            _Step(step.layer, numbers, layer_multiply_adds(step.layer) if once else 0, once and draws(step.layer))
        )
    return steps


def _changes(step: _Step) -> bool:
    """Whether its output differs from one step of a training to the next: it learns, its statistics move, it draws."""
    layer = step.layer
    if layer is None:
        return False
    moves = isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    adds = getattr(layer, "activity_regularizer", None) is not None  # to the loss, at each step
    return step.draws or moves or adds or bool(layer.trainable_variables)
