"""One vector for a text: the mean of its pieces, in which padding does not count."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["mean_of_pieces"]


def mean_of_pieces(vectors: ArrayLike, tokens: ArrayLike) -> np.ndarray:
    """Return the mean vector of each text's pieces, however much padding follows.

    Args:
        vectors: `(num_texts, length, width)`: a vector for each place, that of padding among them.
        tokens: `(num_texts, length)`, int: numbers of the pieces, 0 for padding.

    Returns:
        `(num_texts, width)`, float; zeros for a text without pieces.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
    >>> mean_of_pieces([[[2.0, 0.0], [4.0, 2.0], [9.0, 9.0]]], [[5, 7, 0]]).tolist()
    [[3.0, 1.0]]
    """
    values, is_piece = np.asarray(vectors, float), np.asarray(tokens) != 0
    if values.ndim != 3 or values.shape[:2] != is_piece.shape:
        msg = "`vectors` must be (num_texts, length, width) and `tokens` (num_texts, length). "
        raise ValueError(msg + f"Received shapes {values.shape} and {is_piece.shape}.")
    number = np.maximum(is_piece.sum(axis=1), 1)
    return (values * is_piece[:, :, None]).sum(axis=1) / number[:, None]
