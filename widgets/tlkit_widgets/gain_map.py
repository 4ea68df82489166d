"""What each source gains, at each number of labels, and how much of that is the luck of a seed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import traitlets

from tlkit.measure import paired_interval
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["GainMap"]

KEPT_DRAWS = 8  # of the book
SIGNS = {"positive": "▲", "negative": "▼", "undecided": "·"}


class GainMap(KitWidget):
    """Map of gains, sources by label budgets, that is drawn from as many seeds as you like.

    With one seed there is no interval: each cell takes the side of its only run. With more, a cell takes a side only
    where its 95 % interval excludes 0. Draw other seeds, and see which cells keep theirs. Click a cell, or move with
    the arrow keys and press Enter, to see its single runs.

    Args:
        gains: Paired differences of accuracy from the baseline, `(num_sources, num_budgets, num_seeds)` in [-1, 1],
            at least 2 seeds.
        sources: Names of the rows.
        budgets: Labels per class, one for each column.
        num_seeds: How many seeds are drawn at first. `None` for all.

    Attributes:
        num_seeds: How many of the seeds count.
        draw: Which draw of seeds: 0 takes the first ones, each other number other ones.
        selected: `[source, budget]` as indices, or an empty list.
        verdicts: For each source, for each budget: "positive", "negative" or "undecided".

    Example:

    >>> map = GainMap([[[0.2, 0.3, 0.25], [0.1, -0.2, 0.0]]], ["glyphs"], [1, 10])
    >>> map.verdicts
    [['positive', 'undecided']]
    >>> map.num_seeds = 1
    >>> map.verdicts
    [['positive', 'positive']]
    """

    _esm = esm(__file__)
    _css = style(__file__)

    sources = traitlets.List(traitlets.Unicode()).tag(sync=True)
    budgets = traitlets.List(traitlets.Int()).tag(sync=True)
    num_seeds = traitlets.Int(1).tag(sync=True)
    draw = traitlets.Int(0).tag(sync=True)
    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    verdicts = traitlets.List().tag(sync=True)
    _means = traitlets.List().tag(sync=True)  # points
    _texts = traitlets.List().tag(sync=True)  # the interval in words
    _runs = traitlets.List().tag(sync=True)  # points of each seed, of all cells
    _drawn = traitlets.List(traitlets.Int()).tag(sync=True)  # the seeds that count

    def __init__(self, gains, sources, budgets, *, num_seeds: int | None = None):
        self._gains = _check_gains(gains, list(sources), list(budgets))
        every = self._gains.shape[2]
        runs = np.round(100 * self._gains, 2).tolist()
        names = {"sources": list(sources), "budgets": [int(budget) for budget in budgets]}
        super().__init__(num_seeds=num_seeds or every, _runs=runs, **names)
        self._figure_size = (2.0 + 1.1 * len(names["budgets"]), 1.4 + 0.5 * len(names["sources"]))
        self._count()

    @traitlets.observe("num_seeds", "draw")
    def _count(self, change=None) -> None:
        """Judge every cell by the seeds that are drawn."""
        every = self._gains.shape[2]
        order = np.random.default_rng(self.draw).permutation(every) if self.draw else np.arange(every)
        drawn = np.sort(order[: self.num_seeds])
        cells = [[_judge(cell[drawn]) for cell in row] for row in self._gains]
        with self.hold_sync():
            self._drawn = drawn.tolist()
            self.verdicts, self._means, self._texts = ([[c[part] for c in row] for row in cells] for part in range(3))

    def what_if(self) -> Iterable[dict[str, int]]:
        """Every number of seeds, in as many draws as the book keeps."""
        return ({"num_seeds": n, "draw": k} for n in range(1, self._gains.shape[2] + 1) for k in range(KEPT_DRAWS))

    def another(self) -> None:
        """Draw other seeds, as the button does."""
        self.draw += 1

    def select(self, source: str, budget: int) -> str:
        """Select a cell by its names, and return what is known about it."""
        for name, value, known in (("source", source, self.sources), ("budget", budget, self.budgets)):
            if value not in known:
                msg = f"`{name}` must be one of {known}. Received: {value!r}."
                raise ValueError(msg)
        self.selected = [self.sources.index(source), self.budgets.index(budget)]
        return str(self._texts[self.selected[0]][self.selected[1]])

    def describe(self) -> str:
        flat = [verdict for row in self.verdicts for verdict in row]
        counts = ", ".join(f"{flat.count(name)} {name}" for name in SIGNS)
        seeds = f"{self.num_seeds} seed{'s' * (self.num_seeds > 1)} of {self._gains.shape[2]}"
        return f"Gain over the baseline by source and labels, {seeds}: {counts}."

    def __repr__(self) -> str:
        return f"GainMap({len(self.sources)} sources, {len(self.budgets)} budgets, {self._gains.shape[2]} seeds)"

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        colours = {"positive": "#cfe8e0", "negative": "#f7d4cf", "undecided": "#eeeeee"}
        for i, row in enumerate(self.verdicts):
            for j, verdict in enumerate(row):
                ax.add_patch(_square(j, i, colours[verdict]))
                ax.text(j, i, f"{SIGNS[verdict]} {self._means[i][j]:+.1f}", ha="center", va="center", fontsize=10)
        ax.set_xlim(-0.5, len(self.budgets) - 0.5)
        ax.set_ylim(len(self.sources) - 0.5, -0.5)
        ax.set_xticks(range(len(self.budgets)), [str(budget) for budget in self.budgets])
        ax.set_yticks(range(len(self.sources)), self.sources)
        ax.set_xlabel("labels per class")
        ax.set_title(f"Points gained, {self.num_seeds} of {self._gains.shape[2]} seeds", loc="left", fontsize=10)

    @traitlets.validate("num_seeds")
    def _some_seeds(self, proposal):
        value, every = proposal["value"], self._gains.shape[2]
        if not 1 <= value <= every:
            msg = f"`num_seeds` must lie between 1 and {every}, the seeds that were run. Received: {value}."
            raise ValueError(msg)
        return value


def _square(column: int, row: int, colour: str):
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.47, row - 0.47), 0.94, 0.94, facecolor=colour, edgecolor="#767676", linewidth=0.6)


def _judge(gains: np.ndarray) -> tuple[str, float, str]:
    """The verdict, the mean in points, and both in words, of the gains `(num_seeds,)` of one cell."""
    mean = round(100 * float(gains.mean()), 1) + 0.0
    if len(gains) == 1:
        return ("positive" if mean > 0 else "negative"), mean, f"{mean:+.1f} points, 1 seed: no interval"
    interval = paired_interval(gains, np.zeros(len(gains)))
    return interval.verdict, mean, str(interval)


def _check_gains(gains, sources: list[str], budgets: list[int]) -> np.ndarray:
    array = np.asarray(gains, float)
    if array.ndim != 3 or array.shape[:2] != (len(sources), len(budgets)) or array.shape[2] < 2:
        msg = (
            f"`gains` must be ({len(sources)} sources, {len(budgets)} budgets, at least 2 seeds). "
            f"Received shape {array.shape}."
        )
        raise ValueError(msg)
    return array
