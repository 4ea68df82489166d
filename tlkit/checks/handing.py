"""How a check calls an answer: with copies of what it keeps, reading what comes back as `tlkit.checks.held` does.

The check's own arrays, lists and dictionaries are thus never in the answer's hands, and whether it changed what it was
given is known. Models and data sets are handed over as they are: some exercises are about changing them.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from tlkit.checks.held import held

__all__ = ["as_seen", "call_on_copies", "changed_message"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def as_seen(answer: Any) -> Any:
    """Return an answer as its check sees it.

    A function gets copies, and what it returns is what that holds; `changed` names the arguments that it changed in
    place. Any other answer is what it holds.
    """
    if not callable(answer) or isinstance(answer, type) or hasattr(answer, "get_config"):
        return held(answer)

    @functools.wraps(answer, updated=())
    def seen(*args: Any, **kwargs: Any) -> Any:
        value, changed = call_on_copies(answer, args, kwargs)
        told.changed |= set(changed)
        return held(value)

    told: Any = seen
    told.changed = set()
    return told


def call_on_copies(function: Callable, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
    """Call a function with copies; return its value, and which arguments it changed: `"first"`, or by their name.

    A function of another process says so itself: the copies were made on the way there.
    """
    if hasattr(function, "call_on_copies"):
        return function.call_on_copies(args, kwargs)
    mine = dict(zip(_ORDINALS, args, strict=False)) | kwargs
    own, named = _copy(args), _copy(kwargs)
    value = function(*own, **named)
    theirs = dict(zip(_ORDINALS, own, strict=False)) | named
    return value, [name for name in mine if not _is_same(mine[name], theirs[name])]


def changed_message(changed: Iterable[str]) -> str:
    """Return what to say of arguments that were changed in place."""
    names = " and the ".join(name for name in _ORDINALS if name in set(changed)) or "named"
    return (
        f"Your function changed its {names} argument in place, but its caller still needs that unchanged. Work on a "
        "copy, such as `np.array(x)` or `sorted(x)`, and write `x = x / 2` rather than `x /= 2`."
    )


def _copy(value: Any) -> Any:
    if type(value) is np.ndarray:
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(map(_copy, value))
    return {key: _copy(part) for key, part in value.items()} if type(value) is dict else value


def _is_same(mine: Any, theirs: Any) -> bool:
    if type(mine) is np.ndarray:
        return mine.shape == theirs.shape and mine.dtype == theirs.dtype and mine.tobytes() == theirs.tobytes()
    if type(mine) in (list, tuple):
        return len(mine) == len(theirs) and all(map(_is_same, mine, theirs))
    if type(mine) is dict:
        return list(mine) == list(theirs) and all(_is_same(mine[key], theirs[key]) for key in mine)
    return mine is theirs
