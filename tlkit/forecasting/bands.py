"""How sure is a forecast: quantiles, bands whose width others tell, and how much of the past still counts."""

from __future__ import annotations

from collections.abc import Sequence

import tlkit.quiet_start

import keras
import numpy as np
from numpy.typing import ArrayLike

__all__ = ["PinballLoss", "band_from_others", "coverage", "forget"]


class PinballLoss(keras.losses.Loss):
    """The loss whose least mean is at quantiles: an output for each level.

    Too low a forecast costs `level` times what is missing, too high a one `1 - level` times what is too much. Targets
    are `(n, 1)`, forecasts `(n, num_levels)`, in one unit; the loss of a row is the mean over the levels.

    Args:
        levels: Shares in (0, 1), in the order of the outputs.

    Raises:
        ValueError: If a level lies outside (0, 1), or there is none.

    References:
        Koenker and Bassett (1978), "Regression quantiles", *Econometrica* 46.

    Example:
    >>> round(float(PinballLoss([0.9])(np.array([[3.0], [3.0]]), np.array([[2.0], [5.0]]))), 4)
    0.55
    """

    def __init__(
        self, levels: Sequence[float] = (0.1, 0.5, 0.9), name: str = "pinball", reduction: str = "sum_over_batch_size"
    ):
        super().__init__(name=name, reduction=reduction)
        self.levels = [float(level) for level in levels]
        if not self.levels or not all(0 < level < 1 for level in self.levels):
            msg = f"`levels` must be shares between 0 and 1. Received: {levels!r}."
            raise ValueError(msg)

    def call(self, y_true, y_pred):
        """The loss of each row, `(n,)`."""
        missing = y_true - y_pred
        low = keras.ops.convert_to_tensor(self.levels, missing.dtype)
        high = keras.ops.convert_to_tensor([level - 1 for level in self.levels], missing.dtype)
        return keras.ops.mean(keras.ops.maximum(low * missing, high * missing), axis=-1)

    def get_config(self) -> dict:
        """The arguments, for saving."""
        return super().get_config() | {"levels": self.levels}


def band_from_others(errors: ArrayLike, share: float = 0.8) -> float:
    """Half the width of a band that covers a share of new values, if their errors are drawn as these were.

    The rank is `ceil((n + 1) * share)`, not a plain quantile: the new error is one of n + 1 that may come in any order.

    Args:
        errors: `(n,)`: forecast minus truth of values that nothing was fitted to, in any unit.
        share: Share to cover, in (0, 1).

    Returns:
        So much above and below the forecast, in the unit of the errors; infinite if n is too small for the share.

    Raises:
        ValueError: If `share` lies outside (0, 1), or an error is not finite.

    References:
        Lei et al. (2018), "Distribution-free predictive inference for regression",
        [JASA 113](https://arxiv.org/abs/1604.04173), algorithm 2.

    Example:
    >>> band_from_others([3, -1, 2, -4], 0.8), band_from_others([3, -1, 2], 0.8)
    (4.0, inf)
    """
    sizes = np.sort(np.abs(np.asarray(errors, float).ravel()))
    if not 0 < share < 1 or not np.isfinite(sizes).all():
        msg = f"`share` must be between 0 and 1, and errors finite. Received: {share!r} and {len(sizes)} errors."
        raise ValueError(msg)
    rank = int(np.ceil((len(sizes) + 1) * share - 1e-9))
    return float(sizes[rank - 1]) if rank <= len(sizes) else float("inf")


def coverage(values: ArrayLike, low: ArrayLike, high: ArrayLike) -> np.ndarray:
    """Whether each value lies in its band, ends included; the mean is the coverage.

    Args:
        values: Any shape.
        low: Lower ends, of a shape that broadcasts.
        high: Upper ends.

    Returns:
        Bools in the shape of `values`.

    Example:
    >>> coverage([1.0, 2.0, 3.0], 1.5, [2.0, 2.0, 9.0]).tolist()
    [False, True, True]
    """
    return (np.asarray(low) <= np.asarray(values)) & (np.asarray(values) <= np.asarray(high))


def forget(num_known: int, half_life: float) -> np.ndarray:
    """Weights of known weeks, the latest last: 1 for the latest, and half as much every `half_life` weeks before.

    Args:
        num_known: Number of weeks, at least 1.
        half_life: Weeks, above 0; infinite for equal weights.

    Returns:
        `(num_known,)`, in (0, 1].

    Raises:
        ValueError: If an argument is out of its range.

    References:
        Brown (1962), *Smoothing, forecasting and prediction*: discounted least squares.

    Example:
    >>> forget(4, 1).tolist()
    [0.125, 0.25, 0.5, 1.0]
    """
    if num_known < 1 or not half_life > 0:
        msg = f"`num_known` must be at least 1 and `half_life` above 0. Received: {num_known!r}, {half_life!r}."
        raise ValueError(msg)
    return 0.5 ** (np.arange(num_known)[::-1] / half_life)
