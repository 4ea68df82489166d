"""Figures that were measured once by a recipe, since they take longer than a lesson."""

from __future__ import annotations

import json

import numpy as np

from tlkit.backbones.embedded_weights import weights_dir
from tlkit.choices import check_choice

__all__ = ["recorded"]


def recorded(name: str, asked: str) -> dict[str, np.ndarray]:
    """Return recorded shares of letters wrong on Hindi's 200 test names, by way; each has one value for each draw.

    Args:
        name: Of the record beside the weights: `"names_mr_ne"` or `"names_hindi"`.
        asked: Which of its tables, as `"50 pairs"`.

    Raises:
        ValueError: If there is no such record or table.

    Example:
        >>> recorded("names_mr_ne", "50 pairs")["scratch"].shape
        (3,)
    """
    check_choice("name", name, ("names_mr_ne", "names_hindi"))
    cells = json.loads((weights_dir() / f"{name}.measured.json").read_text("utf-8"))["cells"]
    check_choice("asked", asked, tuple(cells))
    return {way: np.array(scores) for way, scores in cells[asked].items()}
