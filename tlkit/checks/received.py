"""Converts what an answer returned to the form that a check expects. Only a number passes for a number."""

from typing import Any

import numpy as np

from tlkit.checks.exercise import require
from tlkit.checks.held import held, in_words

__all__ = ["close", "mean_and_ends", "mean_shares", "numbers_of", "one_number", "shares_of", "whole_number"]


def one_number(received: object, what: str = "", *, if_nan: str = "Is 0 divided by 0 somewhere?") -> float:
    """Return what an answer returned as a float; raise `CheckFailed` unless it is a single number, and not NaN.

    Args:
        received: A number of any kind, or an array or tensor of shape `()`.
        what: Its name in the message, such as `"a share"`.
        if_nan: What to say of NaN.
    """
    number, wanted = held(received), f"Return one number, {what}." if what else "Return one number."
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    require(is_number, f"{wanted} Received: {in_words(number)}.")
    require(number == number, f"{wanted} Received `nan`, which is not a number. {if_nan}")
    return float(number)


def whole_number(received: object, what: str = "") -> int:
    """Return what an answer returned as an integer; raise `CheckFailed` unless it is one, such as `3` or `3.0`."""
    number = one_number(received, what)
    wanted = f"Return a whole number, {what}." if what else "Return a whole number."
    require(number.is_integer(), f"{wanted} Received: {number:g}.")
    return int(number)


def numbers_of(received: object, shape: tuple[int, ...], message: str) -> np.ndarray:
    """Return what an answer returned as an array, `float64`; raise `CheckFailed(message)` unless it has that shape.

    Args:
        received: A list, tuple, array or tensor of numbers.
        shape: The shape that it must have.
        message: What to say otherwise; the received value is added.
    """
    found = held(received)
    try:
        array = np.asarray(found, float)
    except (TypeError, ValueError):
        array = np.empty(0)
        require(False, f"{message} Received: {in_words(found)}.")
    require(array.shape == shape, f"{message} Received: {in_words(array if array.ndim else found)}.")
    return array


def mean_and_ends(received: object, message: str) -> np.ndarray:
    """Return a mean, a low end and a high end, `(3,)`, also of an interval object that has them by these names."""
    found = held(received)
    if isinstance(found, dict) and {"mean", "low", "high"} <= set(found):
        found = found["mean"], found["low"], found["high"]
    return numbers_of(found, (3,), message)


def shares_of(measured: Any, name: str, *, least: int = 1) -> np.ndarray:
    """Return what a notebook measured, accuracies or their differences, as one row; raise `CheckFailed` for percent.

    Args:
        measured: Numbers in [-1, 1], or one of them.
        name: What the notebook calls them, such as `"leaks"`.
        least: How many there must be, such as 2 if they are one for each seed.
    """
    shares = np.asarray(measured, float).ravel()
    require(len(shares) >= least, f"`{name}` must hold one share for each run, as measured. Received: {len(shares)}.")
    outside = shares[~(np.abs(shares) <= 1)]
    told = f"`{name}` must hold shares, so that 0.25 stands for 25 %."
    require(not len(outside), f"{told} Received: {', '.join(f'{value:g}' for value in outside[:3])}.")
    return shares


def mean_shares(measured: dict[str, Any], name: str) -> dict[str, float]:
    """Return the mean of each entry that a notebook measured; raise `CheckFailed` for percent, as `shares_of` does."""
    return {key: float(shares_of(shares, f"{name}[{key!r}]").mean()) for key, shares in measured.items()}


def close(received: Any, truth: Any, *, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
    """Whether numbers equal the truth up to rounding, in the same shape; NaN and infinity are close to nothing.

    Example:
    >>> close([1.0, 2.0], [1.0, 2.0]), close(float("nan"), float("nan")), close([1.0], 1.0)
    (True, False, False)
    """
    received, truth = np.asarray(received, float), np.asarray(truth, float)
    if received.shape != truth.shape or not np.isfinite(received).all():
        return False
    return bool(np.allclose(received, truth, rtol=rtol, atol=atol))
