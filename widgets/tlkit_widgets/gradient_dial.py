"""Two gradients that pull at one trunk: turn one of them, and see whose loss the shared step lowers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping

import numpy as np
import traitlets

from tlkit_widgets.shared.kit_widget import PALETTE, KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["GradientDial"]

LONGEST = 4.0  # of the second gradient, and of its weight
SHORTEST = 0.05
KEPT_RATIOS = (0.25, 0.5, 1, 2, 4)  # of the book
START = {"angle": 60.0, "length": 1.0, "weight": 1.0}


class GradientDial(KitWidget):
    """A dial with the downhill directions of two losses, and the step that goes along their weighted sum.

    Drag the second arrow, or move the sliders. The part of the plane in which both losses fall is shaded; when the
    step leaves it, one of the tasks pays. A button sets the dial to what was measured for a task.

    Args:
        measured: For each second task the mean angle to the first in degrees, the length of its gradient as a multiple
            of the first one's, and what it gains in points, as `{"loop": {"angle": 93, "length": 0.8, "gain": 3.1}}`.
        first: Name of the first task.

    Attributes:
        angle: Between the two gradients, in degrees, 0 to 180.
        length: Of the second gradient, as a multiple of the first one's length, 0.05 to 4.
        weight: Of the second loss, where the first has 1; 0.05 to 4.
        changes: By how much each loss changes in a step, to first order. Unit: what the first loss falls by in a step
            of its own. Below 0, a loss falls.

    Example:
    >>> dial = GradientDial({"loop": {"angle": 93, "length": 0.8, "gain": 3.1}}, first="digit")
    >>> dial.angle, dial.length = 120, 3
    >>> [round(each, 6) for each in dial.changes]
    [0.5, -7.5]
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.0, 3.4)

    angle = traitlets.Float(START["angle"], min=0.0, max=180.0).tag(sync=True)
    length = traitlets.Float(START["length"], min=SHORTEST, max=LONGEST).tag(sync=True)
    weight = traitlets.Float(START["weight"], min=SHORTEST, max=LONGEST).tag(sync=True)
    changes = traitlets.List(traitlets.Float()).tag(sync=True)
    first = traitlets.Unicode().tag(sync=True)
    measured = traitlets.Dict().tag(sync=True)
    _start = traitlets.Dict(START).tag(sync=True)

    def __init__(self, measured: Mapping[str, Mapping[str, float]], first: str = "first task"):
        found = {task: _checked(task, values) for task, values in measured.items()}
        super().__init__(measured=found, first=first)
        self._step()

    @traitlets.observe("angle", "length", "weight")
    def _step(self, change=None) -> None:
        """Compute the changes of both losses."""
        along = math.cos(math.radians(self.angle)) * self.length  # the product of the two gradients
        self.changes = [-(1 + self.weight * along), -(along + self.weight * self.length**2)]

    def take(self, task: str) -> None:
        """Set the dial to what was measured for a task, with equal weights, as its button does."""
        values = self.measured[task]
        self.angle, self.length, self.weight = values["angle"], values["length"], 1.0

    def reset(self) -> None:
        """Put the dial back, as the button does."""
        self.angle, self.length, self.weight = START["angle"], START["length"], START["weight"]

    def what_if(self) -> Iterable[dict[str, float]]:
        """Where the dial starts, what was measured, and a grid of settings around it."""
        measured = [[values["angle"], values["length"], 1.0] for values in self.measured.values()]
        grid = itertools.product(range(0, 181, 10), KEPT_RATIOS, KEPT_RATIOS)
        return (dict(zip(START, map(float, values), strict=True)) for values in [START.values(), *measured, *grid])

    def describe(self) -> str:
        names = (self.first, "the second task")
        told = " and ".join(
            f"the loss of {name} {'falls' if change < 0 else 'rises' if change > 0 else 'stays'}"
            for name, change in zip(names, self.changes, strict=True)
        )
        return (
            f"Two gradients at {self.angle:.0f} degrees, the second {self.length:.2f} times as long and with a weight "
            f"of {self.weight:.2f}: in a shared step {told}."
        )

    def __repr__(self) -> str:
        return f"GradientDial({len(self.measured)} tasks measured)"

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        turn = math.radians(self.angle)
        second = self.length * np.array([math.cos(turn), math.sin(turn)])
        step = np.array([1.0, 0.0]) + self.weight * second
        good = np.linspace(turn - math.pi / 2, math.pi / 2, 60)  # where both losses fall
        far = 6 * LONGEST
        ax.fill([0, *(far * np.cos(good))], [0, *(far * np.sin(good))], color=PALETTE[2], alpha=0.15)
        arrows = ((np.array([1.0, 0.0]), PALETTE[0], self.first), (second, PALETTE[1], "second task"))
        for (x, y), colour, name in (*arrows, (step, "#222222", "step")):
            ax.annotate("", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2})
            ax.plot([], [], color=colour, label=name)
        reach = max(2.0, 1.1 * float(np.abs([second, step]).max()))
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-0.15 * reach, reach)
        ax.set_aspect("equal")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.legend(frameon=False, fontsize=9, loc="upper left")
        falls = ["falls" if change < 0 else "rises" for change in self.changes]
        ax.set_title(f"{self.angle:.0f}°: {self.first} {falls[0]}, the second task {falls[1]}", loc="left", fontsize=10)


def _checked(task: str, values: Mapping[str, float]) -> dict[str, float]:
    """The numbers of a task, within the reach of the dial."""
    found = {name: float(values.get(name, math.nan)) for name in ("angle", "length", "gain")}
    if not all(map(math.isfinite, found.values())) or not 0 <= found["angle"] <= 180 or found["length"] <= 0:
        msg = (
            f"`measured` needs for {task!r} an angle from 0 to 180 degrees, a length above 0, and a gain. "
            f"Received: {dict(values)}."
        )
        raise ValueError(msg)
    return {**found, "length": min(max(found["length"], SHORTEST), LONGEST)}
