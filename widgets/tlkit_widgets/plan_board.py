"""What will be sold if prices and displays of the coming weeks change?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import numpy as np
import plotly.graph_objects as go
import traitlets
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from tlkit.plots.style import CARD, COLORS, FAINT, INK
from tlkit_widgets.shared.plotly_box import PlotlyBox

__all__ = ["PlanBoard"]

Forecast = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]
STEPS = {"price": 0.01, "display": 0.05}  # of the sliders
BAND = "rgba(213, 94, 0, 0.25)"


class PlanBoard(PlotlyBox):
    """A forecast with its band in a plotly figure, which follows the plan of price and display.

    Choose the weeks by the first slider, then drag their price or display, or focus a slider and press the arrow keys.

    Args:
        known_sales: `(num_known,)`: units sold in the weeks so far.
        forecast: Given prices in dollars and shares on display, both `(num_weeks,)`, it returns the lower end, the
            middle and the upper end of the units sold, each `(num_weeks,)`.
        price: `(num_weeks,)`: planned prices in dollars, above 0.
        display: `(num_weeks,)`: planned shares on display, in [0, 1].

    Attributes:
        price: Prices of the plan, in dollars.
        display: Shares of the plan.
        middle: The forecast of each week, in units.
        low: Lower ends of the band.
        high: Upper ends.

    Raises:
        ValueError: If the plans differ in length, or hold a price or a share out of range.

    Example:

    >>> def forecast(price, display):
    ...     middle = 100 / price + 50 * display
    ...     return middle - 5, middle, middle + 5
    >>> board = PlanBoard([40.0, 45.0], forecast, price=[2.0, 2.0], display=[0.0, 0.0])
    >>> board.change(price=1.0)
    >>> board.middle
    [100.0, 100.0]
    """

    price = traitlets.List(traitlets.Float())
    display = traitlets.List(traitlets.Float())
    middle = traitlets.List(traitlets.Float())
    low = traitlets.List(traitlets.Float())
    high = traitlets.List(traitlets.Float())
    _figure_size = (6.4, 3.6)

    def __init__(self, known_sales: ArrayLike, forecast: Forecast, *, price: ArrayLike, display: ArrayLike) -> None:
        self._known, self._forecast = np.asarray(known_sales, float), forecast
        self._plan = np.asarray(price, float), np.asarray(display, float)
        _check(self._known, *self._plan)
        self._moving, self._told = False, {"price": 0.0, "display": 0.0}  # told: where the sliders were put
        self._make_controls()
        controls = [self._weeks, self._price, self._display, self._reset]
        super().__init__(controls, _make_figure(len(self._plan[0])))
        self.reset()

    def _make_controls(self) -> None:
        number, prices = len(self._plan[0]), self._plan[0]
        wide = {"style": {"description_width": "150px"}, "layout": {"width": "min(100%, 560px)"}}
        self._weeks = ipywidgets.IntRangeSlider(
            value=(1, number), min=1, max=number, description="weeks to change", **wide
        )
        ends = {"min": round(0.5 * prices.min(), 2), "max": round(1.5 * prices.max(), 2), "step": STEPS["price"]}
        self._price = ipywidgets.FloatSlider(**ends, description="price (dollars)", readout_format=".2f", **wide)
        self._display = ipywidgets.FloatSlider(
            min=0, max=1, step=STEPS["display"], description="share on display", readout_format=".0%", **wide
        )
        self._reset = ipywidgets.Button(description="Plan as at first")
        self._weeks.observe(lambda _: self._show_controls(), "value")
        for name, control in (("price", self._price), ("display", self._display)):
            control.observe(lambda change, name=name: self._moved(name, change.new), "value")
        self._reset.on_click(lambda _: self.reset())

    def change(
        self, *, price: float | None = None, display: float | None = None, weeks: tuple[int, int] | None = None
    ) -> None:
        """Set the price, in dollars, or the share on display of the chosen weeks; `weeks`, from 1, chooses others."""
        with self._lock:
            if weeks is not None:
                self._weeks.value = weeks
            first, last = self._weeks.value
            for name, value in (("price", price), ("display", display)):
                if value is not None:
                    plan = list(getattr(self, name))
                    plan[first - 1 : last] = [float(value)] * (last - first + 1)
                    self.set_trait(name, plan)
            self._show()

    def reset(self) -> None:
        """Go back to the plan that was given."""
        with self._lock:
            self.price, self.display = (plan.tolist() for plan in self._plan)
            self._show()

    def describe(self) -> str:
        """What is forecast, in two sentences."""
        planned = np.asarray(self._forecast(*self._plan)[1])
        units, before = sum(self.middle), float(planned.sum())
        revenue, was = float(np.dot(self.middle, self.price)), float(np.dot(planned, self._plan[0]))
        return (
            f"In {len(self.price)} weeks, {units:,.0f} units for {revenue:,.0f} dollars: {units / before - 1:+.0%} "
            f"units and {revenue / was - 1:+.0%} dollars against the plan as it was. The first week's band goes from "
            f"{self.low[0]:,.0f} to {self.high[0]:,.0f} units."
        )

    def __repr__(self) -> str:
        return f"PlanBoard({len(self._known)} known weeks, {len(self.price)} to come)"

    def _moved(self, name: str, value: float) -> None:
        """A slider was moved, unless the page only rounds to its step what it was told to show."""
        with self._lock:
            if not self._moving and abs(value - self._told[name]) > STEPS[name] / 2:
                self.change(**{name: value})

    def _show_controls(self) -> None:
        """Let both sliders stand where the chosen weeks are, without a change of the plan."""
        with self._lock:
            first, last = self._weeks.value
            self._moving = True
            try:
                for name, control in (("price", self._price), ("display", self._display)):
                    mean = float(np.mean(getattr(self, name)[first - 1 : last]))
                    self._told[name] = round(STEPS[name] * round(mean / STEPS[name]), 9)
                    control.value = self._told[name]
            finally:
                self._moving = False

    def _show(self) -> None:
        found = self._forecast(np.array(self.price), np.array(self.display))
        self.low, self.middle, self.high = ([float(value) for value in part] for part in found)
        self._show_controls()
        weeks = np.arange(1, len(self.price) + 1)
        known = np.arange(1 - len(self._known), 1)
        lines = [(known, self._known), (weeks, self.low), (weeks, self.high), (weeks, self.middle), (weeks, self.price)]
        with self._figure.batch_update():
            for trace, (x, y) in zip(self._figure.data, lines, strict=True):
                trace.x, trace.y = list(map(int, x)), list(map(float, y))
        self._say()

    def _draw(self, axes: Axes) -> None:
        known, low, high, middle, _ = self._figure.data
        axes.plot(known.x, known.y, color=COLORS[0], marker="o", label=known.name)
        axes.fill_between(low.x, low.y, high.y, color=COLORS[1], alpha=0.25, label=high.name)
        axes.plot(middle.x, middle.y, color=COLORS[1], marker="D", label=middle.name)
        axes.set(xlabel="week", ylabel="units sold")
        axes.legend(fontsize=8)


def _check(known: np.ndarray, price: np.ndarray, display: np.ndarray) -> None:
    if known.ndim != 1 or price.ndim != 1 or price.shape != display.shape or not len(known) or not len(price):
        shapes = f"{known.shape}, {price.shape} and {display.shape}"
        msg = f"`known_sales` must be (num_known,), `price` and `display` (num_weeks,). Received shapes {shapes}."
        raise ValueError(msg)
    if not (np.isfinite(price).all() and (price > 0).all() and ((display >= 0) & (display <= 1)).all()):
        found = f"{price.min():g} to {price.max():g} and {display.min():g} to {display.max():g}"
        msg = f"`price` must be above 0 and `display` in [0, 1]. Received: {found}."
        raise ValueError(msg)


def _make_figure(num_weeks: int) -> go.FigureWidget:
    figure: Any = go.FigureWidget()
    words = {"hovertemplate": "week %{x}: %{y:,.0f} units<extra></extra>"}
    figure.add_scatter(mode="lines+markers", name="sold so far", line={"color": COLORS[0]}, **words)
    edge = {"color": COLORS[1], "width": 0.5}
    figure.add_scatter(mode="lines", name="lower end", line=edge, showlegend=False, **words)
    figure.add_scatter(mode="lines", name="band of 80 %", line=edge, fill="tonexty", fillcolor=BAND, **words)
    marker = {"size": 8, "symbol": "diamond"}
    figure.add_scatter(mode="lines+markers", name="forecast", line={"color": COLORS[1]}, marker=marker, **words)
    figure.add_scatter(
        mode="lines",
        name="price (right)",
        yaxis="y2",
        line={"color": INK, "dash": "dot", "shape": "hvh"},
        hovertemplate="week %{x}: %{y:.2f} dollars<extra></extra>",
    )
    axis = {"gridcolor": FAINT, "linecolor": INK, "zeroline": False, "automargin": True}
    figure.update_xaxes(axis, title_text=f"week; 1 to {num_weeks} are to come")
    figure.update_yaxes(axis, title_text="units sold", rangemode="tozero")
    second = {
        "overlaying": "y",
        "side": "right",
        "title": {"text": "dollars"},
        "rangemode": "tozero",
        "showgrid": False,
        "tickmode": "auto",
        "tickformat": ".2f",
    }
    figure.update_layout(template="none", paper_bgcolor=CARD, plot_bgcolor=CARD, font_color=INK, height=400)
    return figure.update_layout(
        yaxis2=second, legend={"orientation": "h", "y": 1.15}, margin={"t": 50, "r": 60, "b": 60}
    )
