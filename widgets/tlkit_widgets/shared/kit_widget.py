"""How the widgets are shown, and the picture that they leave behind."""

import base64
import html
import io
import os
import uuid
from collections.abc import Iterable
from typing import Any

import anywidget
import ipywidgets
import traitlets
from IPython.display import display, update_display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tlkit.languages import page_words
from tlkit.languages.extract import texts_of_page
from tlkit_widgets.shared.shown import note_shown

__all__ = ["MARKERS", "PALETTE", "KitWidget"]

# The light palette of common.css, and the marker of each of its paths in `SHAPES` of common.js.
PALETTE = ["#0072b2", "#c95700", "#008060", "#b0478c", "#806600", "#4f4fc4", "#b3261e", "#5f6b76"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "*"]


class KitWidget(anywidget.AnyWidget):
    """A widget that also travels as a picture: a saved notebook is opened where no kernel holds the widget's state.

    A subclass draws itself in `_draw(figure)` and says in `describe()` what there is to be seen.
    """

    _esm: Any  # the subclass's
    _figure_size = (6.4, 4.0)  # inches
    _translations = traitlets.Dict().tag(sync=True)  # what `say` of common.js says instead; empty in English

    def __init__(self, *args, **kwargs):
        self._shown: list[str] = []
        self._trace_id = ""
        super().__init__(*args, _translations=self._own_words(), **kwargs)

    def _own_words(self) -> dict[str, str]:
        """The translations that the page needs, by what its modules say; `""` has the language's code."""
        said = {"", *texts_of_page(str(self._esm))} if page_words() else set()
        return {english: text for english, text in page_words().items() if english in said}

    def describe(self) -> str:
        """One or two sentences in place of the picture, for who cannot see it."""
        raise NotImplementedError

    def what_if(self) -> Iterable[dict[str, Any]]:
        """Settings `{trait: value}` whose answers the book keeps, each with the same traits; by default none."""
        return ()

    def further_record(self) -> dict[str, Any]:
        """What the book keeps of this widget besides its traits and answers; by default nothing."""
        return {}

    def _draw(self, figure: Figure) -> None:
        raise NotImplementedError

    def picture(self) -> bytes:
        """PNG of the present state, drawn without pyplot: a handler may run beside a cell that uses it."""
        figure = Figure(figsize=self._figure_size, layout="constrained", facecolor="white")
        FigureCanvasAgg(figure)
        self._draw(figure)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=100, metadata={"Software": None})
        return buffer.getvalue()

    def freeze(self) -> None:
        """Replace the live view by its picture, wherever this widget was shown. Traits can still be read."""
        note_shown(self, ipywidgets.Widget.get_state)
        while self._shown:
            data, metadata = self._still()
            metadata |= {"tlkit": {"model_id": self.model_id}}  # the book shows what the picture was made of
            update_display(data, metadata=metadata, raw=True, display_id=self._shown.pop())
        if self._trace_id:
            update_display({"text/plain": self.describe()}, raw=True, display_id=self._trace_id)
            self._trace_id = ""

    def leave_trace(self) -> None:
        """Put the picture so far below the live view, or renew it there; it is hidden where the live view is seen."""
        data, metadata = self._still(prefix="So far. ")
        if self._trace_id:
            update_display(data, metadata=metadata, raw=True, display_id=self._trace_id)
        else:
            self._trace_id = uuid.uuid4().hex
            display(data, metadata=metadata, raw=True, display_id=self._trace_id)

    def _still(self, prefix: str = "") -> tuple[dict, dict]:
        picture, alt = base64.b64encode(self.picture()).decode(), prefix + self.describe()
        data = {"text/plain": repr(self), "image/png": picture}
        if "JPY_SESSION_NAME" in os.environ:  # JupyterLab shows a PNG without the alternative text of its metadata
            data["text/html"] = f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{picture}">'
        return data, {"image/png": {"alt": alt}}

    def _repr_mimebundle_(self, **kwargs) -> tuple[dict, dict]:
        note_shown(self, ipywidgets.Widget.get_state)
        live, live_metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data, metadata = self._still()
        return live | data, live_metadata | metadata

    def _ipython_display_(self) -> None:
        data, metadata = self._repr_mimebundle_()
        self._shown.append(uuid.uuid4().hex)
        display(data, metadata=metadata, raw=True, display_id=self._shown[-1])

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"
