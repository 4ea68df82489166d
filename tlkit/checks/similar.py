"""The nearest allowed name, for error messages."""

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean"]


def did_you_mean(received: str, allowed: Iterable[str]) -> str:
    """Return `" Did you mean 'x'?"`, or an empty text if nothing is near.

    Example:

    >>> did_you_mean("scrach", ["photos", "scratch"])
    " Did you mean 'scratch'?"
    """
    close = difflib.get_close_matches(received, list(allowed), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""
