"""What several widgets do when a cell is over: they read anew what its code may have changed."""

import weakref
from typing import Protocol

from IPython import get_ipython

__all__ = ["follow_cells"]


class Follower(Protocol):
    """A widget that follows cells."""

    def after_cell(self) -> None:
        """Read anew what code may have changed."""


_FOLLOWERS: weakref.WeakSet = weakref.WeakSet()


def follow_cells(widget: Follower) -> None:
    """Call `widget.after_cell` after each cell, as long as the widget lives. Without a notebook nothing happens."""
    _FOLLOWERS.add(widget)
    shell = get_ipython()
    if shell is not None and _after_cell not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _after_cell)


def _after_cell(_result=None) -> None:
    for widget in list(_FOLLOWERS):
        widget.after_cell()
