"""Where forecasts start: rolling origins, and the weeks that others may teach."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tlkit.data import ArraySplit, shop_window
from tlkit.data.shops import HORIZON

__all__ = ["Windows", "cut_windows", "draw_weeks", "mean_by_shop", "rolling_origins"]


def rolling_origins(num_weeks: int, num_known: int, horizon: int, step: int) -> list[int]:
    """Weeks at which a forecast may start, so that everything known lies before and everything asked for after.

    A forecast from `origin` knows the weeks `origin - num_known` to `origin - 1`, and is asked for `origin` to
    `origin + horizon - 1`. The last origin is the latest possible one; the others lie `step` weeks apart before it.

    Args:
        num_weeks: Weeks of the series.
        num_known: Weeks that a forecast knows, at least 1.
        horizon: Weeks that it is asked for, at least 1.
        step: Weeks between two origins, at least 1.

    Returns:
        Origins, the earliest first; none if the series is too short.

    Raises:
        ValueError: If `num_known`, `horizon` or `step` is below 1.

    References:
        Tashman (2000), "Out-of-sample tests of forecasting accuracy", *International Journal of Forecasting* 16.

    Example:
    >>> rolling_origins(20, 8, 4, 3)
    [10, 13, 16]
    """
    for name, number in (("num_known", num_known), ("horizon", horizon), ("step", step)):
        if number < 1:
            msg = f"`{name}` must be at least 1. Received: {number!r}."
            raise ValueError(msg)
    return list(range(num_weeks - horizon, num_known - 1, -step))[::-1]


class Windows(NamedTuple):
    """Forecasts to make, of several shops and origins, each told relative to its own known weeks.

    Attributes:
        known: `(num_windows, num_known, 4)`: price, display, and both in the week before.
        known_sales: `(num_windows, num_known)`: log sales minus `level`.
        future: `(num_windows, 12, 4)`.
        future_sales: `(num_windows, 12)`.
        level: `(num_windows,)`: mean log sales of the known weeks.
        shop: `(num_windows,)`: row of the shop.
        weeks: `(num_windows, 12)`: columns of the split's series that are the weeks to forecast.
    """

    known: np.ndarray
    known_sales: np.ndarray
    future: np.ndarray
    future_sales: np.ndarray
    level: np.ndarray
    shop: np.ndarray
    weeks: np.ndarray


def cut_windows(shops: ArraySplit, num_known: int, *, before_end: Sequence[int] = (0, 4, 8)) -> Windows:
    """Cut out the forecasts of some origins of each shop.

    Args:
        shops: A split of `tlkit.data.load_shops`.
        num_known: Weeks of history, at least 2.
        before_end: For each origin how many weeks before the shop's last one its 12 weeks end.

    Returns:
        One window for each shop and origin; a shop that is too short for an origin lacks it.

    Raises:
        ValueError: If no shop is long enough.

    Example:
    >>> from tlkit.data import load_shops
    >>> cut_windows(load_shops("cheese").val, 8).future.shape
    (45, 12, 4)
    """
    totals = [int(weeks.sum()) for weeks in shops["known"]]
    places = [
        (row, total - weeks)
        for row, total in enumerate(totals)
        for weeks in before_end
        if total - weeks >= num_known + HORIZON
    ]
    if not places:
        msg = f"No shop has {num_known} + {HORIZON} weeks, the longest has {max(totals, default=0)}. "
        raise ValueError(msg + "Make `num_known` smaller.")
    cut = [shop_window(shops, row, num_known, end=end) for row, end in places]
    columns = [np.stack(values) for values in zip(*cut, strict=True)]
    weeks = np.stack([np.flatnonzero(shops["known"][row])[end - HORIZON : end] for row, end in places])
    return Windows(*columns, shop=np.array([row for row, _ in places]), weeks=weeks)


def draw_weeks(
    shops: ArraySplit, *, per_shop: int = 12, num_known: tuple[int, int] = (8, 26), without_last: int = 0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw weeks to learn from, told as a new shop will tell them: relative to the means of a few known weeks.

    Args:
        shops: A split of `tlkit.data.load_shops`.
        per_shop: Windows drawn from each shop, with repetition.
        num_known: The fewest and the most known weeks of a window.
        without_last: So many of a shop's last weeks are not used: those of the forecasts, if shops share their shocks.
        seed: Chooses the windows.

    Returns:
        Features `(num_rows, 4)` and relative log sales `(num_rows,)`, of known and following weeks.

    Raises:
        ValueError: If no shop is long enough.

    Example:
    >>> from tlkit.data import load_shops
    >>> features, sales = draw_weeks(load_shops("cheese").val, per_shop=1, num_known=(8, 8))
    >>> features.shape, sales.shape
    ((300, 4), (300,))
    """
    rng = np.random.default_rng(seed)
    features, sales = [], []
    for row, weeks in enumerate(shops["known"]):
        last = int(weeks.sum()) - without_last
        if last < num_known[1] + HORIZON:
            continue
        for _ in range(per_shop):
            known = int(rng.integers(num_known[0], num_known[1] + 1))
            window = shop_window(shops, row, known, end=int(rng.integers(known + HORIZON, last + 1)))
            features += [window.known, window.future]
            sales += [window.known_sales, window.future_sales]
    if not features:
        msg = f"No shop has {num_known[1]} + {HORIZON} weeks before its last {without_last}."
        raise ValueError(msg)
    return np.concatenate(features), np.concatenate(sales)


def mean_by_shop(errors: ArrayLike, shop: ArrayLike) -> np.ndarray:
    """One number for each shop, however many forecasts it has: a shop is one observation.

    Args:
        errors: `(num_windows, ...)`, in any unit.
        shop: `(num_windows,)`: whose each window is.

    Returns:
        `(num_shops,)`: the mean of each shop over its windows and weeks, in the order of sorted shops.

    Raises:
        ValueError: If the lengths differ.

    Example:
    >>> mean_by_shop([[1, 3], [5, 7], [0, 0]], [4, 4, 9]).tolist()
    [4.0, 0.0]
    """
    values, shops = np.asarray(errors, float), np.asarray(shop)
    if shops.shape != values.shape[:1]:
        msg = f"`shop` must name the shop of each of {len(values)} windows. Received shape {shops.shape}."
        raise ValueError(msg)
    by_window = values.reshape(len(values), -1).mean(axis=1)
    return np.array([by_window[shops == each].mean() for each in np.unique(shops)])
