"""The states of the widgets that a notebook has shown, and what its kernel answers: for a page without a kernel.

The book is such a page (`docs/book`). `python -m tlkit.lessons.build --execute` calls `write_states` in the kernel of a
lesson when its last cell is over.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import anywidget
from ipywidgets import Widget
from traitlets import ObserveHandler

from tlkit.files import write_whole
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.shown import shown_widgets

__all__ = ["record", "write_states"]

DIGITS = 6  # no widget shows more of a number


def write_states(path: str | Path) -> None:
    """Write what is known of each widget that was shown in this kernel to a JSON file: `{id of the model: record}`."""
    records = {widget.model_id: record(widget, state) for widget, state in shown_widgets().items()}
    write_whole(Path(path), json.dumps(records, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")


def record(widget: Widget, shown: dict[str, Any]) -> dict[str, Any]:
    """Return what a page needs to show a widget without its kernel, as JSON's types.

    Args:
        widget: A widget of the kit.
        shown: What it showed: its state, or of a plotly figure with controls `figure` and what it `says`.

    Returns:
        `class`: the name of the widget's class. For a plotly figure, what it showed; for others
        `state`: those of its own traits that the page shares; bytes are `{"base64": text}`;
        `asks`: names of the traits that Python answers when the page sets them;
        `answers`: for each of the widget's `what_if` the values that are set, and the traits that follow from them;
        and what the widget's `further_record` adds.

    >>> from tlkit_widgets import GainMap
    >>> gains = GainMap([[[0.2, 0.3], [0.1, -0.2]]], ["glyphs"], [1, 10])
    >>> kept = record(gains, gains.get_state())
    >>> kept["class"], kept["asks"], kept["state"]["verdicts"]
    ('GainMap', ['draw', 'num_seeds'], [['undecided', 'undecided']])
    """
    found = {"class": type(widget).__name__}
    if not isinstance(widget, KitWidget):
        return found | _plain(shown)
    names = _own_traits(widget)
    handlers = type(widget).trait_events().values()
    heard = {name for each in handlers if isinstance(each, ObserveHandler) for name in each.trait_names}
    found |= {"state": {name: _plain(shown[name]) for name in names}, "asks": sorted(set(names) & heard)}
    return found | {"answers": _answers(widget, names)} | _plain(widget.further_record())


def _own_traits(widget: Widget) -> list[str]:
    """The traits that travel to the page, without those of every widget, the module's text and its translations."""
    common = set(anywidget.AnyWidget.class_trait_names(sync=True)) | {"_esm", "_css", "_anywidget_id", "_translations"}
    return sorted(set(widget.keys) - common)


def _answers(widget: KitWidget, names: list[str]) -> list[list[dict]]:
    """Ask the widget each what-if, and put it back as it was."""
    before = widget.get_state(names)
    answers, asked = [], set()
    for settings in widget.what_if():
        asked |= set(settings)
        _set(widget, settings)
        after = widget.get_state(names)
        changed = {name: _plain(after[name]) for name in names if name not in settings and after[name] != before[name]}
        answers.append([_plain(settings), changed])
    _set(widget, {name: before[name] for name in asked})
    return _complete(answers, {name: _plain(value) for name, value in before.items()})


def _set(widget: Widget, settings: dict[str, Any]) -> None:
    for name, value in settings.items():
        setattr(widget, name, value)


def _complete(answers: list[list[dict]], before: dict[str, Any]) -> list[list[dict]]:
    """Let every answer name all traits that any answer changes: one may follow any other."""
    names = {name for _, changed in answers for name in changed}
    return [[asked, {name: changed.get(name, before[name]) for name in sorted(names)}] for asked, changed in answers]


def _plain(value: Any) -> Any:
    """As JSON's types, floats with a few digits."""
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _number(value: float) -> float | int | None:
    """A float of few digits; `None` if it is not finite, as ipywidgets sends it to the page."""
    if value != value or abs(value) == float("inf"):
        return None
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short
