"""What a decoder is taught, what it is blamed for, and how it writes alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax

__all__ = ["masked_cross_entropy", "shift_right", "write_greedily"]

PADDING, END = 0, 1


def shift_right(letters: ArrayLike, begin: int = 2) -> np.ndarray:
    """What a decoder is told while it learns: at each place the *right* letter before it ("teacher forcing").

    [Williams and Zipser (1989)](https://doi.org/10.1162/neco.1989.1.2.270).

    Args:
        letters: `(num_names, length)`, integers: the right letters, each name closed by 1 and then padded by 0.
        begin: The number that stands in for the letter before the first one.

    Returns:
        `(num_names, length)`, `int32`; 0 after the end, since nothing is to be written there.

    Raises:
        ValueError: If `letters` has another shape, or no place.

    Example:
        >>> shift_right([[7, 5, 1, 0]])
        array([[2, 7, 5, 0]], dtype=int32)
    """
    letters = np.asarray(letters, np.int32)
    if letters.ndim != 2 or not letters.shape[1]:
        msg = f"`letters` must be (num_names, length) with a length of at least 1. Received shape {letters.shape}."
        raise ValueError(msg)
    before = np.concatenate([np.full((len(letters), 1), begin, np.int32), letters[:, :-1]], axis=1)
    return np.where(before == END, PADDING, before)


def masked_cross_entropy(scores: ArrayLike, letters: ArrayLike) -> float:
    """Mean cross-entropy of the right letters, in nats, over places that hold one; padding does not count.

    Args:
        scores: `(num_names, length, num_letters)`, logits.
        letters: `(num_names, length)`, integers in [0, num_letters); 0 is padding.

    Raises:
        ValueError: If the shapes do not fit, or all is padding.

    Example:
        >>> round(masked_cross_entropy(np.zeros((1, 3, 4)), [[2, 1, 0]]), 4)
        1.3863
    """
    scores, letters = np.asarray(scores, float), np.asarray(letters)
    if scores.ndim != 3 or scores.shape[:2] != letters.shape or not (letters != PADDING).any():
        msg = (
            "`scores` must be (num_names, length, num_letters), `letters` (num_names, length) with a letter. "
            f"Received shapes {scores.shape} and {letters.shape}."
        )
        raise ValueError(msg)
    chances = np.take_along_axis(log_softmax(scores, axis=-1), letters[..., None].astype(int), axis=-1)[..., 0]
    return float(-chances[letters != PADDING].mean())


def write_greedily(
    next_scores: Callable[[list[int]], ArrayLike], *, begin: int = 2, end: int = END, longest: int = 19
) -> list[int]:
    """Write one name alone: always the likeliest next letter, given those that were *written*.

    Args:
        next_scores: Takes the numbers so far, `begin` first, and returns a score for each number that may follow.
        begin: The number that stands in for the letter before the first one.
        end: The number that closes a name.
        longest: The most letters to write, at least 0.

    Returns:
        The letters, without `begin` and `end`.

    Example:
        >>> write_greedily(lambda said: np.eye(6)[[4, 5, 1][len(said) - 1]])
        [4, 5]
    """
    said = [begin]
    while len(said) <= longest:
        letter = int(np.argmax(next_scores(list(said))))
        if letter == end:
            break
        said.append(letter)
    return said[1:]
