"""Which widgets were shown in this kernel."""

import weakref

from ipywidgets import Widget

__all__ = ["note_shown", "shown_widgets"]

_SHOWN: weakref.WeakValueDictionary = weakref.WeakValueDictionary()


def note_shown(widget: Widget) -> None:
    """Remember that a widget was shown, as long as it lives; a widget lives until it is closed."""
    _SHOWN[widget.model_id] = widget


def shown_widgets() -> list[Widget]:
    """Return the widgets that were shown and still live, in the order in which they were first shown."""
    return list(_SHOWN.values())
