"""Points, attempts and hints of the exercises, kept up to date while cells run."""

import weakref
from typing import Any

import traitlets
from IPython import get_ipython

from tlkit.checks import all_exercises
from tlkit.checks.record import read_record
from tlkit_widgets._kit import KitWidget, esm, style

__all__ = ["Progress"]

_SHOWN: weakref.WeakSet = weakref.WeakSet()


class Progress(KitWidget):
    """How far the exercises are done: a bar a lesson, which opens to its exercises.

    Args:
        lesson: Number of the only lesson that is shown; `None` shows all.

    Attributes:
        lessons: One dict a lesson: number, points, of, and its exercises.
    """

    _esm = esm("progress.js")
    _css = style("progress.css")
    _figure_size = (6.0, 2.4)

    lessons = traitlets.List().tag(sync=True)

    def __init__(self, lesson: int | None = None):
        self._only = lesson
        super().__init__(lessons=self._read())
        _SHOWN.add(self)
        shell = get_ipython()
        if shell is not None and _refresh_all not in shell.events.callbacks["post_run_cell"]:
            shell.events.register("post_run_cell", _refresh_all)

    def refresh(self) -> None:
        """Read the record again, as happens after each cell."""
        self.lessons = self._read()

    def describe(self) -> str:
        parts = [f"lesson {one['number']}: {one['points']:g} of {one['of']:g} points" for one in self.lessons]
        return "Progress. " + "; ".join(parts) + "."

    def __repr__(self) -> str:
        return "Progress()" if self._only is None else f"Progress({self._only})"

    def _read(self) -> list[dict[str, Any]]:
        entries, lessons = read_record()["exercises"], {}
        for exercise in all_exercises():
            number = int(exercise.id.split(".")[0])
            if self._only in (None, number):
                lessons.setdefault(number, []).append(_row(exercise, entries.get(exercise.id, {})))
        if not lessons:
            numbers = sorted({int(exercise.id.split(".")[0]) for exercise in all_exercises()})
            msg = f"There are no exercises of lesson {self._only}. Lessons with exercises: {numbers}."
            raise ValueError(msg)
        return [
            {"number": n, "points": sum(r["points"] for r in rows), "of": sum(r["of"] for r in rows), "exercises": rows}
            for n, rows in lessons.items()
        ]

    def _draw(self, figure) -> None:
        figure.set_facecolor("white")
        axes, names = figure.subplots(), [f"lesson {one['number']}" for one in self.lessons]
        height = 0.7 if len(names) > 2 else 0.3
        axes.barh(names, [one["of"] for one in self.lessons], height, color="#d5d9de", label="open")
        axes.barh(names, [one["points"] for one in self.lessons], height, color="#0072b2", hatch="//", label="earned")
        axes.set_ylim(len(names) - 0.5, -0.5)  # the first lesson above
        axes.set_xlabel("points")
        figure.legend(fontsize=8, frameon=False, loc="outside upper right", ncols=2)  # a full bar leaves no room inside


def _row(exercise, entry: dict[str, Any]) -> dict[str, Any]:
    points, attempts = float(entry.get("points", 0.0)), int(entry.get("attempts", 0))
    state = (
        "not attempted" if not attempts else "right" if points >= exercise.points else "partly" if points else "wrong"
    )
    known = {"id": exercise.id, "title": exercise.title, "of": float(exercise.points)}
    return known | {"points": points, "attempts": attempts, "hints": int(entry.get("hints", 0)), "state": state}


def _refresh_all(_result=None) -> None:
    for shown in list(_SHOWN):
        shown.refresh()
