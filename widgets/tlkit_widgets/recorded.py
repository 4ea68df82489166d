"""The states of the widgets that a notebook has shown, and what its kernel answers: for a page without a kernel.

The book is such a page (`docs/book`). `python -m tlkit.lessons.build --execute` calls `write_states` in the kernel of a
lesson when its last cell is over.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
from ipywidgets import Widget
from traitlets import ObserveHandler

from tlkit.files import write_whole
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.plotly_box import PlotlyBox
from tlkit_widgets.shared.shown import shown_widgets

__all__ = ["record", "write_states"]

DIGITS = 6  # no widget shows more of a number
REFERENCE = "anywidget:"


def write_states(path: str | Path) -> None:
    """Write what is known of each widget that was shown in this kernel to a JSON file: `{id of the model: record}`."""
    records: dict[str, dict] = {}
    waiting: list[Widget] = shown_widgets()
    while waiting:
        widget = waiting.pop(0)
        records[widget.model_id] = record(widget)
        waiting += [part for part in _parts(widget) if part.model_id not in records]
    write_whole(Path(path), json.dumps(records, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")


def record(widget: Widget) -> dict[str, Any]:
    """Return what a page needs to show a widget without its kernel, as JSON's types.

    Returns:
        `class`: the name of the widget's class, and `says`: what it shows, in words.
        `state`: its own traits that the page shares; bytes are `{"base64": text}`. Of a plotly figure: `figure`.
        `asks`: names of the traits that Python answers when the page sets them.
        Others that `further_record` of the widget names, and
        `answers`: for each of the widget's `what_if` the values that are set, and the traits that follow from them.

    >>> from tlkit_widgets import GainMap
    >>> kept = record(GainMap([[[0.2, 0.3], [0.1, -0.2]]], ["glyphs"], [1, 10]))
    >>> kept["class"], kept["asks"], kept["state"]["verdicts"]
    ('GainMap', ['draw', 'num_seeds'], [['undecided', 'undecided']])
    """
    found = {"class": type(widget).__name__, "says": widget.describe()}
    if isinstance(widget, PlotlyBox):
        return found | {"figure": _plain(json.loads(widget.figure.to_json())), "asks": [], "answers": []}
    names = _own_traits(widget)
    handlers = type(widget).trait_events().values()
    heard = {name for each in handlers if isinstance(each, ObserveHandler) for name in each.trait_names}
    state = {name: _plain(value) for name, value in widget.get_state(names).items()}
    found |= {"state": state, "asks": sorted(heard & set(names)), "answers": _answers(widget, names)}
    return found | _plain(widget.further_record())


def _own_traits(widget: Widget) -> list[str]:
    """The traits that travel to the page, without those of every widget and the module's text."""
    common = set(anywidget.AnyWidget.class_trait_names(sync=True)) | {"_esm", "_css", "_anywidget_id"}
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


def _parts(widget: Widget) -> Iterable[Widget]:
    """Widgets within a widget."""
    values = widget.get_state().values() if isinstance(widget, KitWidget) else ()
    ids = {value.removeprefix(REFERENCE) for value in values if isinstance(value, str) and value.startswith(REFERENCE)}
    return [other for key, other in ipywidgets.widgets.widget._instances.items() if key in ids]


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
