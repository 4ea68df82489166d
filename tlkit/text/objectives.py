"""What a text encoder can learn from without a label: hidden pieces, and pairs that belong together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax

__all__ = ["info_nce", "mask_pieces", "masked_loss"]

MASK = 2  # number of the piece [MASK]
FIRST_PIECE = 3  # before it: padding, unknown, mask


def mask_pieces(
    tokens: ArrayLike, num_pieces: int, *, share: float = 0.15, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Hide some pieces, to be guessed from the others, as [BERT](https://arxiv.org/abs/1810.04805) does.

    Each piece that is not padding is chosen with the chance `share`. Of the chosen, 80 % become `[MASK]`, 10 % a piece
    drawn at random, and 10 % stay as they are: the network cannot know which of the pieces that it sees to trust.

    Args:
        tokens: `(num_texts, length)`, int, 0 for padding.
        num_pieces: Size of the vocabulary, above 3.
        share: In [0, 1].
        seed: Chooses pieces, and what becomes of them.

    Returns:
        Inputs `(num_texts, length)`, int32; and which places were chosen, bool: only they count in the loss, and their
        targets are `tokens` there.

    Raises:
        ValueError: If `share` or `num_pieces` is out of its range.

    Example:
    >>> inputs, chosen = mask_pieces([[7, 8, 9, 0]] * 500, num_pieces=50)
    >>> bool(chosen[:, 3].any()), bool((inputs == 2).sum() > (inputs[chosen] == 7).sum())
    (False, True)
    """
    if not 0 <= share <= 1 or num_pieces <= FIRST_PIECE:
        msg = f"`share` must be in [0, 1] and `num_pieces` above {FIRST_PIECE}. Received: {share!r} and {num_pieces!r}."
        raise ValueError(msg)
    rng, pieces = np.random.default_rng(seed), np.asarray(tokens, np.int32)
    chosen = (rng.random(pieces.shape) < share) & (pieces != 0)
    fate = rng.random(pieces.shape)
    drawn = rng.integers(FIRST_PIECE, num_pieces, pieces.shape, dtype=np.int32)
    hidden = np.where(fate < 0.8, np.int32(MASK), np.where(fate < 0.9, drawn, pieces))
    return np.where(chosen, hidden, pieces), chosen


def masked_loss(logits: ArrayLike, tokens: ArrayLike, chosen: ArrayLike) -> float:
    """Return the mean of minus the log-probability of the true pieces, over the chosen places only, in nats.

    Args:
        logits: `(num_texts, length, num_pieces)`.
        tokens: `(num_texts, length)`, int: the true pieces.
        chosen: `(num_texts, length)`, bool, as `mask_pieces` returns it; at least one.

    Raises:
        ValueError: If nothing is chosen.

    Example:
    >>> round(masked_loss(np.zeros((1, 2, 8)), [[4, 5]], [[True, False]]), 4)  # log 8
    2.0794
    """
    places = np.asarray(chosen, bool)
    if not places.any():
        msg = "`chosen` must hold at least one place. Received none: mask more pieces."
        raise ValueError(msg)
    by_piece = log_softmax(np.asarray(logits, float)[places], axis=1)
    return float(-by_piece[np.arange(len(by_piece)), np.asarray(tokens)[places]].mean())


def info_nce(one: ArrayLike, other: ArrayLike, *, scale: float = 20.0) -> float:
    """Return the contrastive loss of pairs: each has to be found among the others of the batch, in both directions.

    The scores of all pairs are `scale` times their cosines; the loss is the cross-entropy of the right partner, the
    mean of both directions ([van den Oord et al. 2018](https://arxiv.org/abs/1807.03748); in both directions and with a
    scale as in [CLIP](https://arxiv.org/abs/2103.00020)).

    Args:
        one: `(num_pairs, width)`: vectors, none of them zero.
        other: `(num_pairs, width)`: row k belongs to row k of `one`.
        scale: One over the temperature, above 0.

    Returns:
        The loss in nats; `log(num_pairs)` where nothing is told apart.

    Raises:
        ValueError: If the shapes differ.

    Example:
    >>> round(info_nce(np.eye(4), np.eye(4), scale=20.0), 4), round(info_nce(np.ones((4, 2)), np.ones((4, 2))), 4)
    (0.0, 1.3863)
    """
    a, b = np.asarray(one, float), np.asarray(other, float)
    if a.ndim != 2 or a.shape != b.shape:
        msg = f"`one` and `other` must both be (num_pairs, width). Received shapes {a.shape} and {b.shape}."
        raise ValueError(msg)
    a, b = (each / np.linalg.norm(each, axis=1, keepdims=True) for each in (a, b))
    scores = scale * a @ b.T
    directions = (np.diag(log_softmax(scores, axis=axis)).mean() for axis in (0, 1))
    return float(-sum(directions) / 2)
