"""Counts: one check for all arguments that are counts, and one way to write them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

__all__ = ["check_count", "count"]


def check_count(argument: str, value: Any, cure: str = "", *, least: int = 1) -> int:
    """Return a count as Python's own `int`.

    Args:
        argument: Its name, for the error message.
        value: A whole number of any kind, including NumPy's and TensorFlow's; `True` and `1.0` are not allowed.
        cure: What to do instead, for the error message.
        least: The smallest value allowed.

    Raises:
        ValueError: If it is not a whole number, or is too small.

    Example:
        >>> check_count("num_classes", np.int64(3))
        3
        >>> check_count("num_classes", True, "Try len(class_names).")
        Traceback (most recent call last):
        ValueError: `num_classes` must be a whole number of at least 1. Received: True. Try len(class_names).
    """
    try:
        number = None if isinstance(value, (bool, np.bool_)) else operator.index(value)
    except TypeError:
        number = None
    if number is None or number < least:
        msg = f"`{argument}` must be a whole number of at least {least}. Received: {value!r}. {cure}"
        raise ValueError(msg.rstrip())
    return number


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Write a number with its noun.

    Example:
        >>> count(1, "file"), count(3, "class", "classes")
        ('1 file', '3 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
