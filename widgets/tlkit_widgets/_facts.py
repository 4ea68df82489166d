"""What a choice of blocks costs, and what is likely to go wrong with it."""

import math
from collections.abc import Sequence
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.freezing import Block  # noqa: E402
from tlkit.freezing.audit import _is_stale  # noqa: E402
from tlkit_widgets._network import count_size, layer_flags, multiply_adds  # noqa: E402

__all__ = ["Facts"]

FINE_RATE = 3e-4  # above it Adam soon overwrites what pre-trained blocks know
FEW_IMAGES = 1000  # below it BatchNorm's statistics of the new data are worse than those it came with


class Facts:
    """Reads a model's flags and says what follows from them. Nothing is compiled, traced or run."""

    def __init__(self, model: keras.Model, parts: Sequence[Block], num_images: int | None):
        self.model, self.parts, self.num_images = model, parts, num_images
        self._adds = [multiply_adds(part) for part in parts]

    def look(self, states: Sequence[str], rates: Sequence[float]) -> dict[str, Any]:
        """Numbers and warnings, for the page; `rates` is the learning rate of each block."""
        num_learning = count_size(self.model.trainable_weights)
        return {
            "num_learning": num_learning,
            "num_frozen": self.model.count_params() - num_learning,
            "num_images": self.num_images,
            "flags": [layer_flags(part) for part in self.parts],
            "bn_learning": [sum(layer.trainable for layer in part.batchnorms) for part in self.parts],
            "warnings": self._warnings(states, rates, num_learning),
            **self._prefix(states),
        }

    def _prefix(self, states: Sequence[str]) -> dict[str, Any]:
        """What need not run again in each epoch: blocks frozen from the input on, up to one with a single output."""
        frozen = next((i for i, state in enumerate(states) if state != "frozen"), len(states))
        length = max((i for i in range(1, frozen + 1) if self.parts[i - 1].cut), default=0)
        numbers = math.prod(size or 1 for size in self.parts[length - 1].output_shape[1:]) if length else 0
        share = sum(self._adds[:length]) / (sum(self._adds) or 1)
        return {"share": share, "bytes": 4 * numbers * (self.num_images or 1)}

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
            (_is_stale(self.model), "Compile needed: the flags changed since the last fit, and Keras ignores it."),
        ]
        return [text for holds, text in checks if holds]

    def _images(self) -> str:
        return f"{self.num_images} images" if self.num_images else "the new images alone"
