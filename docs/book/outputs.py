"""Outputs of a notebook as HTML that asks nobody: pictures as files, widgets as places that a script brings to life."""

import base64
import hashlib
import html
import json
from collections.abc import Collection
from pathlib import Path

__all__ = ["Page"]

VIEW = "application/vnd.jupyter.widget-view+json"
PLOTLY = "application/vnd.plotly.v1+json"
STATIC = "../_static"
PICTURE_ONLY = (
    '<p class="book-notice">This is a picture of a widget, which needs a kernel: run <code>tlkit lab</code>, and open '
    "<code>{}.ipynb</code>.</p>"
)
FIGURE = "A figure that the code above has drawn. The text below says what it shows."


class Page:
    """A page of the book that is made of a notebook.

    Args:
        name: Stem of the notebook's file name.
        pictures: The folder into which its pictures are written.
        known: The widgets whose states are kept, by the ids of their models. Others are shown as pictures,
            which say so.
    """

    def __init__(self, name: str, pictures: Path, known: Collection[str]) -> None:
        self._name, self._pictures, self._known = name, pictures, known
        pictures.mkdir(parents=True, exist_ok=True)

    def output(self, output: dict) -> dict:
        """Return an output of nbformat as the book shows it."""
        data = output.get("data", {})
        shown = self._widget(output) or self._figure(data) or self._picture(output)
        if not shown:
            return output
        return {"output_type": "display_data", "metadata": {}, "data": {"text/html": shown}}

    def _widget(self, output: dict) -> str:
        """A live view, or the picture that was put in its place, if the widget is known."""
        data, about = output.get("data", {}), output.get("metadata", {})
        widget = data.get(VIEW, {}).get("model_id") or about.get("tlkit", {}).get("model_id")
        if not widget:
            return ""
        if widget not in self._known:
            return self._picture(output) + PICTURE_ONLY.format(self._name)
        place = f'data-widget="{widget}" data-lesson="{self._name}.ipynb"'
        return f'<div class="book-widget" {place}>{self._picture(output)}</div>'

    def _figure(self, data: dict) -> str:
        if PLOTLY not in data:
            return ""
        figure = html.escape(json.dumps(data[PLOTLY], separators=(",", ":")))
        return f'<div class="book-figure" data-figure="{figure}"></div>'

    def _picture(self, output: dict) -> str:
        if "image/png" not in output.get("data", {}):
            return ""
        content = base64.b64decode("".join(output["data"]["image/png"]))
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.png"
        (self._pictures / name).write_bytes(content)
        alt = output.get("metadata", {}).get("image/png", {}).get("alt", FIGURE)
        return f'<img class="book-picture" src="{STATIC}/pictures/{name}" alt="{html.escape(alt)}" loading="lazy">'
