"""The report's interactive figures, by plotly. Each has its words beside it, and needs no network."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from tlkit.measure import Interval
from tlkit.plots.style import CARD, COLORS, FAINT, INK
from tlkit.study.curve import Curve
from tlkit.study.report.evidence import Bin
from tlkit.study.report.table import Row
from tlkit.study.verdict import corrected_interval

__all__ = ["calibration_figure", "comparison_figure", "curve_figure"]

_FONT = {"family": "system-ui, sans-serif", "color": INK, "size": 13}


def comparison_figure(rows: Sequence[Row]) -> go.Figure:
    """The balanced accuracy of each contestant with its interval, and each seed as a point."""
    figure = go.Figure()
    for row in reversed(rows):
        color = COLORS[0] if row.transfers else COLORS[1]
        figure.add_trace(
            go.Scatter(
                x=[100 * value for value in row.scores],
                y=[row.name] * len(row.scores),
                mode="markers",
                marker={"color": color, "opacity": 0.45, "size": 7},
                hovertemplate="%{y}: %{x:.1f} % with one deal of the photos<extra></extra>",
            )
        )
        figure.add_trace(
            go.Scatter(
                x=[100 * row.mean],
                y=[row.name],
                error_x=_bars([row], color),
                mode="markers",
                marker={"color": color, "size": 12, "symbol": "diamond" if row.transfers else "circle"},
                hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
            )
        )
    return _finish(figure, "balanced accuracy (%)", "", height=90 + 44 * len(rows))


def curve_figure(curve: Curve, num_report: int) -> go.Figure:
    """The balanced accuracy of a probe over the photos that it learned from."""
    pairs = zip(curve.scores, curve.num_photos, strict=True)
    means = [corrected_interval(scores, size, num_report, lowest=0) for scores, size in pairs]
    figure = go.Figure(
        go.Scatter(
            x=list(curve.num_photos),
            y=[100 * mean.mean for mean in means],
            error_y=_bars(means, COLORS[0]),
            mode="lines+markers",
            marker={"color": COLORS[0], "size": 9},
            hovertemplate="%{x} photos: %{y:.1f} %<extra></extra>",
        )
    )
    figure.update_xaxes(type="log", tickvals=list(curve.num_photos), ticktext=[str(n) for n in curve.num_photos])
    return _finish(figure, "photos that were learned from, all classes", "balanced accuracy (%)", height=330)


def calibration_figure(bins: Sequence[Bin]) -> go.Figure:
    """How often the model is right, over how sure it is."""
    figure = go.Figure(
        go.Scatter(x=[0, 100], y=[0, 100], mode="lines", line={"color": FAINT, "dash": "dash"}, hoverinfo="skip")
    )
    figure.add_trace(
        go.Scatter(
            x=[100 * each.confidence for each in bins],
            y=[100 * each.accuracy for each in bins],
            customdata=[each.num_photos for each in bins],
            mode="lines+markers",
            marker={"color": COLORS[0], "size": 9},
            hovertemplate="%{customdata} photos: %{x:.0f} % sure, %{y:.0f} % right<extra></extra>",
        )
    )
    return _finish(figure, "how sure the model is (%)", "how often it is right (%)", height=360)


def _bars(means: Sequence[Row] | Sequence[Interval], color: str) -> dict:
    """Intervals about means, shares, in percent."""
    above = [100 * (each.high - each.mean) for each in means]
    below = [100 * (each.mean - each.low) for each in means]
    return {"type": "data", "array": above, "arrayminus": below, "color": color, "thickness": 2}


def _finish(figure: go.Figure, x: str, y: str, *, height: int) -> go.Figure:
    figure.update_layout(
        showlegend=False,
        height=height,
        margin={"l": 60, "r": 20, "t": 10, "b": 50},
        paper_bgcolor=CARD,
        plot_bgcolor=CARD,
        font=_FONT,
    )
    figure.update_xaxes(title=x, gridcolor=FAINT, zeroline=False, automargin=True)
    figure.update_yaxes(title=y, gridcolor=FAINT, zeroline=False, automargin=True)
    return figure
