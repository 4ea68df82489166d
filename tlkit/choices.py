"""What to say about a name that is not allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["check_choice", "did_you_mean", "nearest_or_all"]


def did_you_mean(received: object, allowed: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Return `" Did you mean 'x'?"`, to follow a sentence, or an empty string if nothing is close.

    Args:
        received: The name that was given.
        allowed: The names that might have been meant.
        cutoff: How similar it must be, in [0, 1], as measured by `difflib.get_close_matches`.

    Example:
        >>> did_you_mean("scrach", ["photos", "scratch"])
        " Did you mean 'scratch'?"
    """
    near = difflib.get_close_matches(str(received), list(allowed), n=1, cutoff=cutoff)
    return f" Did you mean {near[0]!r}?" if near else ""


def nearest_or_all(received: object, allowed: Iterable[str]) -> str:
    """Return a sentence that names the nearest of `allowed`, or all of them if none is close.

    Example:
        >>> nearest_or_all("zzz", ["stem", "block_2"])
        ' Allowed: stem, block_2.'
    """
    allowed = list(allowed)
    return did_you_mean(received, allowed) or f" Allowed: {', '.join(allowed) or 'none'}."


def check_choice(argument: str, value: object, allowed: Iterable[str], hint: str = "") -> None:
    """Unless `value` is allowed, raise a `ValueError` that names the argument, what is allowed and what is nearest."""
    names = list(allowed)
    if value in names:
        return
    guess = did_you_mean(str(value).lower(), names, cutoff=0.4)
    msg = f"`{argument}` must be one of {', '.join(names)}. Received: {value!r}.{guess}{hint and ' ' + hint}"
    raise ValueError(msg)
