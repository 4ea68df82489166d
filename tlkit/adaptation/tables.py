"""Reads what an adapting method is given, and refuses in words what it cannot use."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["as_labels", "as_tables", "check_at_least"]


def as_tables(source: ArrayLike, target: ArrayLike, *, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return both domains as tables of the same features, `float64`.

    Args:
        source: `(num_rows, num_features)`.
        target: `(other_num_rows, num_features)`.
        least: How many rows each must have.

    Raises:
        ValueError: If shapes differ, rows are missing, or a value is not finite.
    """
    x, z = np.asarray(source, float), np.asarray(target, float)
    if x.ndim != 2 or z.ndim != 2 or x.shape[1:] != z.shape[1:] or min(len(x), len(z)) < least:
        msg = (
            f"`source` and `target` must be (num_rows, num_features), with the same features and at least {least} rows "
            f"each. Received shapes {x.shape} and {z.shape}. Flatten images with `reshape(len(images), -1)`."
        )
        raise ValueError(msg)
    for name, table in (("source", x), ("target", z)):
        if not np.isfinite(table).all():
            bad = int((~np.isfinite(table)).any(axis=1).sum())
            msg = f"`{name}` must hold finite numbers. Received {bad} rows with NaN or infinity. Remove or fill them."
            raise ValueError(msg)
    return x, z


def as_labels(labels: ArrayLike, num_rows: int, name: str = "labels") -> np.ndarray:
    """Return one label for each row, `(num_rows,)`.

    Raises:
        ValueError: If there are more or fewer, or if all are the same.
    """
    y = np.asarray(labels)
    if y.shape != (num_rows,):
        msg = f"`{name}` must have one label for each of {num_rows} rows. Received shape {y.shape}."
        raise ValueError(msg)
    if len(np.unique(y)) < 2:
        msg = f"`{name}` must hold at least 2 classes. Received {np.unique(y).tolist()}. Nothing can be told apart."
        raise ValueError(msg)
    return y


def check_at_least(name: str, value: float, lowest: float, *, whole: bool = False) -> None:
    """Refuse a setting below its lowest value, NaN, or a fraction where a whole number is asked for.

    Raises:
        ValueError: With the name, what was received and what is allowed.
    """
    is_number = isinstance(value, int | np.integer) if whole else isinstance(value, int | float | np.number)
    if isinstance(value, bool) or not is_number or not value >= lowest:
        msg = f"`{name}` must be {'a whole' if whole else 'a'} number of at least {lowest:g}. Received: {value!r}."
        raise ValueError(msg)
