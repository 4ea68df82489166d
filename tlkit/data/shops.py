"""Weekly sales of shops, with prices and displays: series to forecast."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays
from tlkit.data.texts import split_texts

__all__ = ["HORIZON", "Window", "load_shops", "shop_window"]

HORIZON = 12  # weeks that are forecast
PRODUCTS = ("cheese", "juice")
_SCHEMA = {
    "shop": Field("text", about="the retailer, with its market, or the number of the store"),
    "sales": Field("series", (None,), "logarithm of the volume sold in a week, in the package's unit"),
    "price": Field("series", (None,), "logarithm of the price in dollars"),
    "display": Field("series", (None,), "cheese: share of sales on display, in [0, 1]; juice: whether there is a deal"),
    "known": Field("mask", (None,), "weeks that are there; elsewhere the series are 0"),
}


class Window(NamedTuple):
    """Some weeks of a shop, told relative to the means of the weeks that are known.

    Attributes:
        known: `(num_known, 4)`: price and display, and both in the week before; `float32`.
        known_sales: `(num_known,)`.
        future: `(12, 4)`: the same of the weeks to forecast, whose prices and displays are planned.
        future_sales: `(12,)`.
        level: Mean log sales of the known weeks, to add to a forecast.
    """

    known: np.ndarray
    known_sales: np.ndarray
    future: np.ndarray
    future_sales: np.ndarray
    level: float


def load_shops(product: str = "cheese", *, brand: int = 1) -> ArrayDataset:
    """Load weekly sales, one series per shop. Each market (cheese) or store (juice) is in one split only.

    Args:
        product: `"cheese"`, 88 retailers in American cities, or `"juice"`, 83 stores of one chain.
        brand: The brand of orange juice, 1 to 11.

    Returns:
        Shops to learn from, shops to choose on, and, in a vault, shops to forecast.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> load_shops("cheese").train["sales"].shape[1]
        68
    """
    check_choice("product", product, PRODUCTS)
    if brand not in range(1, 12):
        msg = f"`brand` must be an integer of 1 to 11. Received: {brand!r}."
        raise ValueError(msg)
    stored = {key: array for key, array in read_arrays("shops").items() if key.startswith(product)}
    series = {key: stored[f"{product}/{key}"] for key in ("sales", "price", "display")}
    if product == "juice":
        series = {key: values[:, brand - 1] for key, values in series.items()}
    arrays = {key: np.nan_to_num(values) for key, values in series.items()}
    arrays |= {"known": np.isfinite(series["sales"]), "shop": split_texts(stored[f"{product}/shop"])}
    everything, role = ArraySplit(arrays, _SCHEMA, noun="shops"), stored[f"{product}/role"]
    splits = {name: everything.select(role == number) for number, name in enumerate(("train", "val", "test"))}
    return build_array_dataset("shops", splits)


def shop_window(shops: ArraySplit, row: int, num_known: int, *, end: int | None = None) -> Window:
    """Cut weeks out of a shop's series: `num_known` whose sales are known, and the 12 that follow.

    Missing weeks are left out first.

    Args:
        shops: A split of `load_shops`.
        row: Row of the shop.
        num_known: Weeks of history, at least 2.
        end: The window ends before this week of the shop's own; by default with its last.

    Raises:
        ValueError: If the shop has too few weeks.
    """
    there = np.flatnonzero(shops["known"][row])[:end]
    if num_known < 2 or len(there) < num_known + HORIZON:
        msg = f"`num_known` must be an integer of 2 to {len(there) - HORIZON} here. Received: {num_known!r}."
        raise ValueError(msg)
    weeks = there[-num_known - HORIZON :]
    sales, price, display = (shops[key][row, weeks].astype(float) for key in ("sales", "price", "display"))
    level = sales[:num_known].mean()
    # Prices move by tenths: four times as much is nearer to what a network is made for.
    price, display = (4 * (values - values[:num_known].mean()) for values in (price, display))
    features = np.column_stack([price, display, _week_before(price), _week_before(display)]).astype(np.float32)
    relative = (sales - level).astype(np.float32)
    known, future = slice(None, num_known), slice(num_known, None)
    return Window(features[known], relative[known], features[future], relative[future], float(level))


def _week_before(values: np.ndarray) -> np.ndarray:
    return np.append(values[:1], values[:-1])
