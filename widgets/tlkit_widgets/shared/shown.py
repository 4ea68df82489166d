"""Which widgets were shown in this kernel, and what they showed then."""

import copy
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets
from ipywidgets import Widget

__all__ = ["note_shown", "parts", "shown_widgets"]

REFERENCE = "anywidget:"
_SHOWN: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


def note_shown(widget: Widget, look: Callable[[Any], dict[str, Any]]) -> None:
    """Remember what a widget shows now, and what the widgets within it show, by a function that says it."""
    for each in (widget, *parts(widget)):
        _SHOWN[each] = copy.deepcopy(look(each))


def shown_widgets() -> dict[Widget, dict[str, Any]]:
    """Return the widgets that were shown and still live, with what they showed when they were last put on a page."""
    return dict(_SHOWN)


def parts(widget: Widget) -> Iterator[Widget]:
    """Yield the widgets to which traits of a widget refer."""
    values = [value for value in widget.get_state().values() if isinstance(value, str)]
    ids = {value.removeprefix(REFERENCE) for value in values if value.startswith(REFERENCE)}
    yield from (other for key, other in ipywidgets.widgets.widget._instances.items() if key in ids)
