"""Few labelled clips of some speakers, and a test by others."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["draw_by_speaker"]


def draw_by_speaker(
    labels: ArrayLike, speakers: ArrayLike, *, shots: int, num_speakers: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw speakers for training, and of their clips `shots` of each word; all clips of the others are the test.

    Args:
        labels: `(num_clips,)`, the word of each clip.
        speakers: `(num_clips,)`, who says it.
        shots: Clips of each word for training, from all drawn speakers together, at least 1.
        num_speakers: Speakers for training, at least 1, and fewer than there are.
        seed: Draws both.

    Returns:
        `(train, test)`: rows of `labels`. No speaker is in both.

    Raises:
        ValueError: If there are too few speakers, or too few clips of a word by those that were drawn.

    Example:
    >>> train, test = draw_by_speaker([0, 1] * 4, list("aabbccdd"), shots=2, num_speakers=2, seed=0)
    >>> len(train), len(test)
    (4, 4)
    """
    words, who = np.asarray(labels), np.asarray(speakers).astype(str)
    names = np.unique(who)
    if words.shape != who.shape or words.ndim != 1 or not 1 <= num_speakers < len(names) or shots < 1:
        msg = (
            f"`labels` and `speakers` must be (num_clips,), with 1 <= num_speakers < {len(names)} and shots >= 1. "
            f"Received shapes {words.shape} and {who.shape}, {num_speakers} speakers, {shots} shots."
        )
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    inside = np.isin(who, rng.choice(names, num_speakers, replace=False))
    pools = [np.flatnonzero(inside & (words == word)) for word in np.unique(words)]
    if min(map(len, pools)) < shots:
        msg = f"The speakers that were drawn say a word only {min(map(len, pools))} times; {shots} clips are needed."
        raise ValueError(msg)
    return np.concatenate([rng.choice(pool, shots, replace=False) for pool in pools]), np.flatnonzero(~inside)
