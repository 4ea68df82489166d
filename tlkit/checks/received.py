"""What an answer returned, in the form that a check expects."""

import numpy as np

from tlkit.checks.exercise import require

__all__ = ["one_number"]


def one_number(received: object, what: str = "") -> float:
    """Return what an answer returned as a float; raise `CheckFailed` unless it is a single number.

    Args:
        received: A Python number, or an array or tensor of shape `()`.
        what: Named in the message, as `"a share"`.
    """
    number = np.asarray(received, float)
    require(number.ndim == 0, f"Return one number{what and f', {what}'}. Received shape {number.shape}.")
    return float(number)
