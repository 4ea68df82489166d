"""Which letters of the source a network looks at while it writes."""

from __future__ import annotations

import tlkit.quiet_start

import keras
import numpy as np
from numpy.typing import ArrayLike

from tlkit.backbones.near_attention import NearAttention

__all__ = ["attention_maps", "attention_over"]


def attention_over(scores: ArrayLike, letters: ArrayLike) -> np.ndarray:
    """Turn scores into attention: a softmax over the letters that are there; padding gets 0.

    [Vaswani et al. (2017)](https://arxiv.org/abs/1706.03762), section 3.2.

    Args:
        scores: `(num_target, num_source)`: how well each place of the target fits each letter of the source.
        letters: `(num_source,)`, integers; 0 is padding. At least one letter is not.

    Returns:
        `(num_target, num_source)`, `float64`; each row sums to 1.

    Raises:
        ValueError: If the shapes do not fit, or all letters are padding.

    Example:
        >>> attention_over([[3.0, 3.0, 9.0]], [5, 4, 0])
        array([[0.5, 0.5, 0. ]])
    """
    scores, there = np.asarray(scores, float), np.asarray(letters) != 0
    if scores.ndim != 2 or scores.shape[1:] != there.shape or not there.any():
        msg = (
            "`scores` must be (num_target, num_source), `letters` (num_source,) with one that is not padding. "
            f"Received shapes {scores.shape} and {there.shape}."
        )
        raise ValueError(msg)
    weights = np.exp(scores - scores[:, there].max(axis=1, keepdims=True), where=there, out=np.zeros_like(scores))
    return weights / weights.sum(axis=1, keepdims=True)


def attention_maps(model: keras.Model, letters: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return the attention of each block of a network of names.

    Args:
        model: A model from `load_network("names_...")`.
        letters: `(num_names, length)`, letters of the source.
        before: `(num_names, length)`, letters so far, as from `shift_right`.

    Returns:
        `(num_blocks, num_names, length, length)`: rows are places to write, columns are letters of the source.

    Raises:
        ValueError: If the network has no such attention.
    """
    blocks = [layer for layer in model.layers if isinstance(layer, NearAttention)]
    if not blocks:
        msg = f"`model` must attend to letters, as load_network('names_mr_ne') does. Received: {model.name!r}."
        raise ValueError(msg)
    found = keras.Model(model.inputs, [layer.input for layer in blocks])([letters, before], training=False)
    maps = [layer.look(query, key, source) for layer, (query, key, _, source) in zip(blocks, found, strict=True)]
    return np.stack([np.asarray(each) for each in maps])
