"""The tree of advice under one's hands: say what is given, and see which way it leads."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from typing import Any

import traitlets

from tlkit.selection import Task, advice_tree, advise, tree_rows
from tlkit.selection.ways_to_go import HARDWARE, SIMILARITIES
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["AdviceBoard"]

KEPT_LABELS = (0, 2, 20, 100, 500)  # of the book


class AdviceBoard(KitWidget):
    """What to try first: change what is given, and watch the path through the questions turn.

    Args:
        task: What is given at first.

    Attributes:
        labels: Labelled target images for each class that may be learned from.
        source_labels: Whether labelled source images of the target's classes are at hand.
        similarity: "alike", "related", "far" or "unknown".
        hardware: "cpu" or "gpu".

    Example:
    >>> board = AdviceBoard(Task(labels=20))
    >>> board.labels = 2
    >>> board.advice.lesson
    7
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (7.2, 3.4)

    labels = traitlets.Int(20, min=0).tag(sync=True)
    source_labels = traitlets.Bool(False).tag(sync=True)
    similarity = traitlets.Enum(SIMILARITIES, "unknown").tag(sync=True)
    hardware = traitlets.Enum(HARDWARE, "cpu").tag(sync=True)
    _similarities = traitlets.List(list(SIMILARITIES)).tag(sync=True)
    _hardware = traitlets.List(list(HARDWARE)).tag(sync=True)
    _rows = traitlets.List().tag(sync=True)
    _advice = traitlets.Dict().tag(sync=True)

    def __init__(self, task: Task | None = None):
        super().__init__(**dataclasses.asdict(Task(labels=20) if task is None else task))
        self._follow()

    @property
    def task(self) -> Task:
        """What is given now."""
        return Task(self.labels, self.source_labels, self.similarity, self.hardware)

    @property
    def advice(self):
        """The `tlkit.selection.Advice` for it."""
        return advise(self.task)

    @traitlets.observe("labels", "source_labels", "similarity", "hardware")
    def _follow(self, _change=None) -> None:
        self._rows = [dataclasses.asdict(row) for row in tree_rows(self.task)]
        self._advice = dataclasses.asdict(self.advice)

    def what_if(self) -> Iterable[dict[str, Any]]:
        """Every answer to the questions, with a few numbers of labels."""
        names = ("labels", "source_labels", "similarity", "hardware")
        answers = itertools.product(KEPT_LABELS, [False, True], SIMILARITIES, HARDWARE)
        return (dict(zip(names, values, strict=True)) for values in answers)

    def describe(self) -> str:
        return f"{self.task}: {self.advice}"

    def __repr__(self) -> str:
        return f"AdviceBoard({self.task})"

    def _draw(self, figure) -> None:
        figure.text(0.01, 0.97, advice_tree(self.task), va="top", family="monospace", fontsize=7.5)
