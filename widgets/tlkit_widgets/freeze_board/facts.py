"""What a choice of blocks costs, and what is likely to go wrong with it."""

import math
from collections.abc import Sequence
from typing import Any

import tlkit.quiet_start

import keras

from tlkit.freezing import Block, last_kept, places
from tlkit.freezing.audit import is_stale
from tlkit.freezing.cuts import draws
from tlkit.languages import translate
from tlkit_widgets.freeze_board.network import count_size, layer_flags, layer_multiply_adds

__all__ = ["Facts"]

FINE_RATE = 3e-4  # above it Adam soon overwrites what pre-trained blocks know
FEW_IMAGES = 1000  # below it BatchNorm's statistics of the new data are worse than those it came with


class Facts:
    """Reads a model's flags and says what follows from them. Nothing is compiled, traced or run."""

    def __init__(self, model: keras.Model, parts: Sequence[Block], num_images: int | None):
        self.model, self.parts, self.num_images = model, parts, num_images
        self._places = places(model)
        self._work = _multiply_adds([place.step.layer for place in self._places])
        self._last = {part.layers[-1]: i for i, part in enumerate(parts)}  # block that a layer ends

    def look(self, states: Sequence[str], rates: Sequence[float]) -> dict[str, Any]:
        """Numbers and warnings, for the page; `rates` is the learning rate of each block."""
        num_learning = count_size(self.model.trainable_weights)
        kept = self._kept()
        short = self._cut_short(states, kept["num_kept"])
        return {
            "num_learning": num_learning,
            "num_frozen": self.model.count_params() - num_learning,
            "num_images": self.num_images,
            "flags": [layer_flags(part) for part in self.parts],
            "bn_learning": [sum(layer.trainable for layer in part.batchnorms) for part in self.parts],
            "warnings": [translate(text) for text in (*self._warnings(states, rates, num_learning), *short)],
            **kept,
        }

    def _kept(self) -> dict[str, Any]:
        """What need not run again in each epoch: as far as nothing learns, moves or draws, up to a single tensor."""
        cut, _ = last_kept(self.model, self._places)
        if cut is None:
            return {"share": 0.0, "bytes": 0, "num_kept": 0, "kept_after": ""}
        before = [place.step.layer for place in self._places[: cut + 1]]
        ended = [self._last[layer] for layer in before if layer in self._last]
        layer = before[-1]
        inside = layer not in self._last
        return {
            "share": sum(self._work[: cut + 1]) / (sum(self._work) or 1),
            "bytes": 4 * math.prod(side or 1 for side in self._places[cut].step.shape[1:]) * (self.num_images or 1),
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
                "A frozen block after one that learns saves little: gradients pass through it.",
            ),
            (
                is_stale(self.model),
                "Compile before a fit in code: the flags changed since the last compile, and Keras ignores that.",
            ),
        ]
        return [text for holds, text in checks if holds]

    def _cut_short(self, states: Sequence[str], num_kept: int) -> list[str]:
        """Why less is kept than is frozen."""
        if num_kept >= len(states) or states[num_kept] != "frozen":
            return []
        part = self.parts[num_kept]
        if any(draws(inner) for layer in part.layers for inner in layer._flatten_layers()):
            return [f"{part.name} is frozen, but its dropout is random: it and what follows run at every step."]
        if any(layer.trainable for layer in part.batchnorms):
            return [
                f"{part.name} is frozen, but its BatchNorm learns: it runs at every step, and so does what follows."
            ]
        return [f"No single tensor leaves {part.name}: it is frozen, but can't be kept, and runs at every step."]

    def _images(self) -> str:
        return f"{self.num_images} images" if self.num_images else "the new images alone"


def _multiply_adds(layers: Sequence[keras.Layer | None]) -> list[int]:
    """Of the kernels of each step; a layer that is used again counts once."""
    first = [layer is not None and layer not in layers[:i] for i, layer in enumerate(layers)]
    return [layer_multiply_adds(layer) if once else 0 for layer, once in zip(layers, first, strict=True)]
