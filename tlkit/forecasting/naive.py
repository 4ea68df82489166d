"""What any forecast has to beat: the last value, and the last season, again and again."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["repeat_last", "repeat_season"]


def repeat_season(known: ArrayLike, season: int, horizon: int) -> np.ndarray:
    """The last season, repeated.

    Args:
        known: `(..., num_known)`: values so far, the latest last.
        season: Steps after which it starts again, 1 to `num_known`.
        horizon: Steps to forecast, at least 1.

    Returns:
        `(..., horizon)`: the value of the same place in the last season.

    Raises:
        ValueError: If `season` or `horizon` is out of its range.

    References:
        Hyndman and Athanasopoulos, *Forecasting: principles and practice*, 3rd edition, section 5.2.

    Example:
    >>> repeat_season([5, 1, 2, 3], 3, 5).tolist()
    [1, 2, 3, 1, 2]
    """
    values = np.asarray(known)
    num_known = values.shape[-1] if values.ndim else 0
    if not 1 <= season <= num_known:
        msg = f"`season` must be an integer of 1 to {num_known}, the number of known steps. Received: {season!r}."
        raise ValueError(msg)
    if horizon < 1:
        msg = f"`horizon` must be at least 1. Received: {horizon!r}."
        raise ValueError(msg)
    return values[..., num_known - season + np.arange(horizon) % season]


def repeat_last(known: ArrayLike, horizon: int) -> np.ndarray:
    """The last value, repeated: a season of one step. Arguments, result and errors as for `repeat_season`.

    Example:
    >>> repeat_last([5, 1, 2], 3).tolist()
    [2, 2, 2]
    """
    return repeat_season(known, 1, horizon)
