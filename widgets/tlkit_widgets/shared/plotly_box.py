"""A figure of plotly with its controls and a sentence below, and the picture that it leaves behind."""

from __future__ import annotations

import base64
import html
import io
import json
import os
import threading
from typing import Any

import ipywidgets
import plotly.graph_objects as go
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tlkit_widgets.shared.shown import note_shown

__all__ = ["PlotlyBox"]


class PlotlyBox(ipywidgets.VBox):
    """Controls, a live figure, and a status line, as a subclass says in `describe()` and draws in `_draw(axes)`.

    What a handler changes, it changes under `_lock`: JupyterLab's messages arrive in a thread beside that of the cells.
    """

    _figure_size = (6.4, 4.0)  # inches

    def __init__(self, controls: list[ipywidgets.Widget], figure: go.FigureWidget) -> None:
        self._lock = threading.RLock()
        self._figure: Any = figure  # plotly's types know neither its methods nor its traces
        self._said = ipywidgets.HTML()
        super().__init__([*controls, self._figure, self._said])

    @property
    def figure(self) -> go.FigureWidget:
        """The figure as it is now."""
        return self._figure

    def describe(self) -> str:
        """One or two sentences in place of the picture."""
        raise NotImplementedError

    def _draw(self, axes: Axes) -> None:
        raise NotImplementedError

    def _say(self, more: str = "") -> None:
        self._said.value = f'<div role="status" style="line-height: 1.45">{html.escape(self.describe())}{more}</div>'

    def picture(self) -> bytes:
        """PNG of the present state."""
        figure = Figure(figsize=self._figure_size, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        self._draw(figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
        return buffer.getvalue()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The live view, and the picture for a page without a kernel."""
        note_shown(self, lambda box: {"figure": json.loads(box.figure.to_json()), "says": box.describe()})
        picture = base64.b64encode(self.picture()).decode()
        data = {"text/plain": repr(self), "image/png": picture}
        if "JPY_SESSION_NAME" in os.environ:  # JupyterLab shows a PNG without the alternative text of its metadata
            data["text/html"] = f'<img alt="{html.escape(self.describe())}" src="data:image/png;base64,{picture}">'
        return (super()._repr_mimebundle_(**kwargs) or {}) | data
