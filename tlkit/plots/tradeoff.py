"""Trade-offs between cost and gain, to be explored: point at a choice to see everything known about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from matplotlib.axes import Axes

from tlkit.plots.style import CARD, COLORS, FAINT, INK, FigureHTML, figure_html, finish, new_axes

__all__ = ["Exploration", "explore_tradeoff", "pareto_front"]

_MIME = "application/vnd.plotly.v1+json"  # drawn by plotly's own extension of JupyterLab, which needs no network


class Exploration:
    """A figure of plotly with a still picture beside it, for whatever shows notebooks but not plotly.

    Attributes:
        figure: The `plotly.graph_objects.Figure`: change it as plotly's documentation says.
        front: Names of the choices that no other beats, the cheapest first.
        picture: The still picture.
    """

    def __init__(self, figure: go.Figure, front: tuple[str, ...], picture: FigureHTML) -> None:
        self.figure = figure
        self.front = front
        self.picture = picture

    def __repr__(self) -> str:
        return self.picture.alt

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        live = self.figure.to_plotly_json()
        live["layout"].pop("template", None)  # 7 kB of defaults that the layout says itself
        live["config"] = {"displaylogo": False}
        # As "image/png" the picture would stand in the live figure's place until a mouse comes.
        return {_MIME: live, "text/html": self.picture._repr_html_(), "text/plain": repr(self)}


def pareto_front(rows: Sequence[Mapping[str, Any]], cost: str, gain: str) -> list[Mapping[str, Any]]:
    """Return the rows that no other beats: none costs as little and gains more, or costs less and gains as much.

    Args:
        rows: Each with numbers under `cost` and `gain`; one that lacks either is left out.
        cost: What should be small.
        gain: What should be large.

    Returns:
        The rows of the front, the cheapest first. Of rows that are equal in both, all are in it.

    Example:
        >>> rows = [{"mb": 10, "accuracy": 0.7}, {"mb": 20, "accuracy": 0.6}, {"mb": 30, "accuracy": 0.9}]
        >>> [row["mb"] for row in pareto_front(rows, "mb", "accuracy")]
        [10, 30]
    """
    known = [row for row in rows if row.get(cost) is not None and row.get(gain) is not None]
    front, best = [], None
    for row in sorted(known, key=lambda row: (row[cost], -row[gain])):
        if best is None or row[gain] > best[gain] or (row[cost], row[gain]) == (best[cost], best[gain]):
            front.append(row)
            best = row
    return front


def explore_tradeoff(
    rows: Sequence[Mapping[str, Any]], cost: str, gain: str, *, log_cost: bool = False, title: str | None = None
) -> Exploration:
    """Draw choices by what they cost and what they gain, with a line through those that no other beats.

    Point at a choice to read everything that its row says; drag to zoom, double-click to see all again.

    Args:
        rows: One mapping per choice, with its `"name"`, numbers under `cost` and `gain`, and whatever else a reader may
            want to know of it. A row without either number is left out.
        cost: Key of the horizontal axis, which is also its label; less is better.
        gain: Key of the vertical axis, which is also its label; more is better.
        log_cost: Whether the horizontal axis is logarithmic; costs must then be positive.
        title: The finding, in words.

    Returns:
        What a notebook shows when it ends a cell, with the names on the front as `front`.

    Raises:
        ValueError: Where no row has both numbers.
    """
    known = [row for row in rows if row.get(cost) is not None and row.get(gain) is not None]
    if not known:
        msg = (
            f"`rows` must have numbers under {cost!r} and {gain!r}. Received {len(rows)} rows, none of which has both."
        )
        raise ValueError(msg)
    front = pareto_front(known, cost, gain)
    names = tuple(str(row["name"]) for row in front)
    alt = f"{gain} against {cost} of {len(known)} choices. No other beats {', '.join(names)}."
    picture = figure_html(_still(known, front, (cost, gain), log_cost), alt)
    return Exploration(_live(known, front, (cost, gain), log_cost).update_layout(title_text=title), names, picture)


def _columns(rows: Sequence[Mapping[str, Any]], axes: tuple[str, str]) -> tuple[list, list]:
    return [row[axes[0]] for row in rows], [row[axes[1]] for row in rows]


def _live(rows: Sequence[Mapping[str, Any]], front: list, axes: tuple[str, str], log: bool) -> go.Figure:
    steps, points = (dict(zip("xy", _columns(some, axes), strict=True)) for some in (front, rows))
    look = {"size": 10, "color": COLORS[0], "line": {"width": 1, "color": CARD}}
    words = {"text": [_card(row) for row in rows], "hovertemplate": "%{text}<extra></extra>"}
    line = {"line": {"color": COLORS[1], "shape": "hv"}, "hoverinfo": "skip"}
    figure = go.Figure(go.Scatter(**steps, **line, mode="lines", name="no other choice beats these"))
    figure.add_scatter(**points, **words, mode="markers", name="choices", marker=look)
    axis = {"gridcolor": FAINT, "linecolor": INK, "zeroline": False, "automargin": True}
    figure.update_xaxes(axis, title_text=axes[0], type="log" if log else "linear", dtick="D2" if log else None)
    figure.update_yaxes(axis, title_text=axes[1])
    figure.update_layout(template="none", paper_bgcolor=CARD, plot_bgcolor=CARD, font_color=INK, height=420)
    return figure.update_layout(
        legend={"orientation": "h", "y": 1.1}, margin={"t": 90, "r": 20}, hoverlabel_align="left"
    )


def _card(row: Mapping[str, Any]) -> str:
    """Return what is shown of a choice: its name, then each value under its key."""
    facts = [f"{key}: {value:,}" if isinstance(value, int) else f"{key}: {value}" for key, value in row.items()]
    return "<br>".join([f"<b>{row['name']}</b>", *(fact for fact in facts if not fact.startswith("name:"))])


def _still(rows: Sequence[Mapping[str, Any]], front: list, axes: tuple[str, str], log: bool) -> Axes:
    ax = new_axes(None, (6.4, 4.0))
    ax.step(*_columns(front, axes), where="post", color=COLORS[1])
    ax.scatter(*_columns(rows, axes), s=30, color=COLORS[0], zorder=2)
    apart, last = 0.05 * (front[-1][axes[1]] - front[0][axes[1]]), -np.inf
    for row in front:
        if row[axes[1]] >= last + apart:  # names that would cover each other are left to the live figure
            where, last = (row[axes[0]], row[axes[1]]), row[axes[1]]
            ax.annotate(
                f"{row['name']} ", where, (0, 3), textcoords="offset points", ha="right", fontsize=7.5, color=INK
            )
    ax.set_xscale("log" if log else "linear")
    ax.margins(x=0.16)
    return finish(ax, None, *axes)
