"""Accuracy against time of networks: which are left for the milliseconds and megabytes that you can afford?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets
import plotly.graph_objects as go
import traitlets
from matplotlib.axes import Axes

from tlkit.plots import pareto_front
from tlkit.plots.style import CARD, COLORS, FAINT, INK
from tlkit_widgets.shared.plotly_box import PlotlyBox

__all__ = ["LatencyFront"]

WHERE = ("all", "embedded", "needs a network")


class LatencyFront(PlotlyBox):
    """Networks by time and accuracy, in a plotly figure, with the line of those that no other beats.

    Drag a slider, or focus it and press the arrow keys: networks that cost too much turn grey, and the line and the
    sentence below follow. Point at a network to read all that is known about it.

    Args:
        rows: One mapping for each network, with `"name"`, `"milliseconds"`, `"top1"` in [0, 1], `"megabytes"` and
            `"embedded"` (names of weights that come with the kit, maybe none). Rows that lack a time or an accuracy
            are counted, and cannot be drawn.
        milliseconds: What can be afforded at first; `None` for any time.

    Attributes:
        milliseconds: The most that can be afforded, in ms.
        megabytes: The most that can be stored, in MB.
        where: "all", "embedded" or "needs a network".
        front: Names of those that can be afforded and that no other such network beats, the fastest first.

    Example:

    >>> table = [{"name": "a", "milliseconds": 20.0, "top1": 0.7, "megabytes": 10.0, "embedded": ()},
    ...          {"name": "b", "milliseconds": 90.0, "top1": 0.8, "megabytes": 90.0, "embedded": ()}]
    >>> front = LatencyFront(table)
    >>> front.front
    ['a', 'b']
    >>> front.milliseconds = 50
    >>> front.front
    ['a']
    """

    milliseconds = traitlets.Float()
    megabytes = traitlets.Float()
    where = traitlets.Enum(WHERE, "all")
    front = traitlets.List(traitlets.Unicode())

    def __init__(self, rows: Sequence[Mapping[str, Any]], *, milliseconds: float | None = None) -> None:
        self._rows = [dict(row) for row in rows if row.get("milliseconds") and row.get("top1")]
        self._num_unknown = len(rows) - len(self._rows)
        if not self._rows:
            msg = f"`rows` must have `milliseconds` and `top1`. Received {len(rows)} rows, none of which has both."
            raise ValueError(msg)
        most = {key: max(row[key] or 0 for row in self._rows) for key in ("milliseconds", "megabytes")}
        self._controls = {
            "milliseconds": _slider("ms that you can afford", most["milliseconds"]),
            "megabytes": _slider("MB that you can store", most["megabytes"]),
            "where": ipywidgets.Dropdown(options=WHERE, description="weights", style={"description_width": "160px"}),
        }
        super().__init__(list(self._controls.values()), self._make_figure())
        for name, control in self._controls.items():
            control.observe(lambda change, name=name: self.set_trait(name, change.new), "value")
        self.megabytes = most["megabytes"]
        self.milliseconds = most["milliseconds"] if milliseconds is None else milliseconds
        self._update()

    def describe(self) -> str:
        """One or two sentences in place of the picture."""
        if not self.front:
            return f"None of {len(self._rows)} networks is left for {self.milliseconds:.0f} ms."
        rows = {row["name"]: row for row in self._rows}
        best = rows[self.front[-1]]
        return (
            f"For {self.milliseconds:.0f} ms, {self.megabytes:.0f} MB, weights: {self.where}: {best['name']} is the "
            f"most accurate, with {best['top1']:.1%} in {best['milliseconds']:.0f} ms. No other affordable one beats "
            f"{', '.join(self.front)}."
        )

    def __repr__(self) -> str:
        return f"LatencyFront({len(self._rows)} networks)"

    @traitlets.observe("milliseconds", "megabytes", "where")
    def _changed(self, change) -> None:
        self._controls[change.name].value = change.new
        self._update()

    def _affordable(self, row: Mapping[str, Any]) -> bool:
        fits = row["milliseconds"] <= self.milliseconds + 1e-9 and (row["megabytes"] or 0) <= self.megabytes + 1e-9
        return fits and self.where in ("all", "embedded" if row["embedded"] else "needs a network")

    def _update(self) -> None:
        with self._lock:
            self._show()

    def _show(self) -> None:
        left = [row for row in self._rows if self._affordable(row)]
        best = pareto_front(left, "milliseconds", "top1")
        self.front = [row["name"] for row in best]
        out = [row for row in self._rows if row not in left]
        with self._figure.batch_update():
            for trace, rows in zip(self._figure.data, (out, left, best), strict=True):
                trace.x, trace.y = [row["milliseconds"] for row in rows], [100 * row["top1"] for row in rows]
                trace.text = [_card(row) for row in rows]
        unknown = f"<br>{self._num_unknown} more lack a published time or accuracy." if self._num_unknown else ""
        self._say(unknown)

    def _make_figure(self) -> Any:
        words = {"hovertemplate": "%{text}<extra></extra>"}
        figure: Any = go.FigureWidget()
        figure.add_scatter(
            mode="markers", name="too dear", marker={"size": 8, "color": "#b4b4b0", "symbol": "x"}, **words
        )
        figure.add_scatter(mode="markers", name="affordable", marker={"size": 10, "color": COLORS[0]}, **words)
        line = {"color": COLORS[1], "shape": "hv"}
        marker = {"size": 12, "color": COLORS[1], "symbol": "diamond"}
        figure.add_scatter(
            mode="lines+markers", name="no affordable one beats these", line=line, marker=marker, **words
        )
        axis = {"gridcolor": FAINT, "linecolor": INK, "zeroline": False, "automargin": True}
        times, tops = [row["milliseconds"] for row in self._rows], [100 * row["top1"] for row in self._rows]
        reach = [math.log10(min(times)) - 0.1, math.log10(max(times)) + 0.1]
        figure.update_xaxes(axis, title_text="published ms of a step on a CPU", type="log", dtick="D2", range=reach)
        figure.update_yaxes(
            axis, title_text="published ImageNet accuracy (%)", range=[min(tops) - 1.5, max(tops) + 1.5]
        )
        figure.update_layout(template="none", paper_bgcolor=CARD, plot_bgcolor=CARD, font_color=INK, height=415)
        return figure.update_layout(legend={"orientation": "h", "y": 1.15}, margin={"t": 50, "r": 20, "b": 65})

    def _draw(self, axes: Axes) -> None:
        out, left, best = self._figure.data
        axes.scatter(out.x, out.y, color="#b4b4b0", marker="x", label=out.name)
        axes.scatter(left.x, left.y, color=COLORS[0], label=left.name)
        axes.step(best.x, best.y, where="post", color=COLORS[1], marker="D", label=best.name)
        axes.set(xscale="log", xlabel="published ms of a step on a CPU", ylabel="published ImageNet accuracy (%)")
        axes.legend(fontsize=8, loc="lower right")


def _slider(text: str, most: float) -> ipywidgets.FloatLogSlider:
    """A slider from 10 to the largest value, in equal ratios."""
    return ipywidgets.FloatLogSlider(
        value=most,
        min=1,
        max=math.log10(most) + 1e-6,
        step=0.02,
        description=text,
        readout_format=".0f",
        style={"description_width": "160px"},
        layout={"width": "min(100%, 520px)"},
    )


def _card(row: Mapping[str, Any]) -> str:
    facts = [f"{row['milliseconds']:g} ms", f"{row['top1']:.1%}", f"{row['megabytes'] or 0:.0f} MB"]
    kept = "weights come with the kit" if row["embedded"] else "weights need a network, once"
    return "<br>".join([f"<b>{row['name']}</b>", *facts, kept])
