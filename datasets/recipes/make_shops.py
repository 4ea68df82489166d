"""Write `shops.npz`: weekly sales of cheese by 88 retailers, and of orange juice in 83 stores of one chain.

python datasets/recipes/make_shops.py
"""

from __future__ import annotations

import numpy as np
import store
from fetch import BAYESM, unpack
from rda import read_rda

from tlkit.data.texts import join_texts

SHARES = {"train": 0.5, "val": 0.16}  # of the shops; the rest is the test
FIRST_WEEK, NUM_WEEKS, NUM_BRANDS = 40, 121, 11


def deal_out(groups: list[str]) -> np.ndarray:
    """0 for training, 1 for validation, 2 for the test; what is of one group has one role: `(num_shops,)`."""
    names, counts = np.unique(groups, return_counts=True)
    order = np.random.default_rng(0).permutation(len(names))
    ends = np.cumsum([*SHARES.values()]) * len(groups)
    role_of = dict(zip(names[order], np.searchsorted(ends, counts[order].cumsum()), strict=True))
    return np.array([role_of[group] for group in groups], np.uint8)


def cheese_arrays(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """One row a retailer, in the order of the file, which has no dates; a row that is shorter ends in NaN."""
    names = np.unique(table["RETAILER"])
    rows = [np.flatnonzero(table["RETAILER"] == name) for name in names]
    longest = max(map(len, rows))
    columns = {"sales": np.log(table["VOLUME"]), "price": np.log(table["PRICE"]), "display": table["DISP"]}
    arrays = {f"cheese/{key}": _padded(values, rows, longest) for key, values in columns.items()}
    markets = [name.split(" - ")[0] for name in names]
    return arrays | {"cheese/shop": join_texts(map(str, names)), "cheese/role": deal_out(markets)}


def _padded(values: np.ndarray, rows: list[np.ndarray], length: int) -> np.ndarray:
    return np.stack([np.pad(values[row], (0, length - len(row)), constant_values=np.nan) for row in rows]).astype("f4")


def juice_arrays(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """`(num_stores, 11 brands, 121 weeks)`, NaN where a week is missing."""
    names = np.unique(table["store"])
    place = (np.searchsorted(names, table["store"]), table["brand"] - 1, table["week"] - FIRST_WEEK)
    own_price = np.choose(table["brand"] - 1, [table[f"price{brand}"] for brand in range(1, NUM_BRANDS + 1)])
    columns = {"sales": table["logmove"], "price": np.log(own_price), "display": table["deal"]}
    arrays = {}
    for key, values in columns.items():
        arrays[f"juice/{key}"] = np.full((len(names), NUM_BRANDS, NUM_WEEKS), np.nan, np.float32)
        arrays[f"juice/{key}"][place] = values
    shops = [f"store {name}" for name in names]
    return arrays | {"juice/shop": join_texts(shops), "juice/role": deal_out(shops)}


def main() -> None:
    """Fetch, read, write."""
    folder = unpack(BAYESM) / "usr/lib/R/site-library/bayesm/data"
    cheese = read_rda(folder / "cheese.rda")["cheese"]
    juice = read_rda(folder / "orangeJuice.rda")["orangeJuice"]["yx"]
    store.write_arrays("shops", cheese_arrays(cheese) | juice_arrays(juice))


if __name__ == "__main__":
    main()
