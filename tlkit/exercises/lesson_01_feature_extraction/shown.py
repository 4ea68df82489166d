"""What the notebook of lesson 1, and an answer to it, may see."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["BUDGET_CHOICES", "RUN_NAMES", "SCALINGS"]

SCALINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "0..255": lambda images: images.astype("float32"),
    "0..1": lambda images: images.astype("float32") / 255.0,
    "-1..1": lambda images: images.astype("float32") / 127.5 - 1.0,
}
RUN_NAMES = ("pre-trained", "random frozen", "from scratch")
BUDGET_CHOICES = ("10 or fewer", "20 or 40", "later, or never here")
