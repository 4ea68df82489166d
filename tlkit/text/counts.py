"""Word counts, weighted by how rare a word is: the baseline that a network has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["term_weights"]


def term_weights(counts: ArrayLike) -> np.ndarray:
    """Return TF-IDF as scikit-learn defines it: counts times rarity, each text with the length 1.

    The rarity of a word is `log((1 + num_texts) / (1 + texts with the word)) + 1`: no word weighs nothing
    ([Spärck Jones 1972](https://doi.org/10.1108/eb026526)).

    Args:
        counts: `(num_texts, num_words)`: how often each word occurs in each text, at least 0.

    Returns:
        `(num_texts, num_words)`, in [0, 1]; zeros for a text without words.

    Raises:
        ValueError: If a count is negative, or there are not two axes.

    Example:
    >>> term_weights([[3, 0], [0, 1]]).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    table = np.asarray(counts, float)
    if table.ndim != 2 or (table < 0).any():
        msg = f"`counts` must be (num_texts, num_words), at least 0. Received shape {table.shape}."
        raise ValueError(msg)
    rarity = np.log((1 + len(table)) / (1 + (table > 0).sum(axis=0))) + 1
    weights = table * rarity
    return weights / np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
