"""Points, attempts and hints of the exercises, kept up to date while cells run."""

from typing import Any

import traitlets

from tlkit.checks import Exercise, all_exercises
from tlkit.checks.record import Standing, read_record, standing_of
from tlkit.languages import translate
from tlkit_widgets.shared.cells import follow_cells
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["Progress"]


class Progress(KitWidget):
    """How far the exercises are done: a bar a lesson, which opens to its exercises.

    Args:
        lesson: Number of the only lesson that is shown; `None` shows all.

    Attributes:
        lessons: One dict a lesson: number, points, of, and its exercises.
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.0, 2.4)

    lessons = traitlets.List().tag(sync=True)

    def __init__(self, lesson: int | None = None):
        self._only = lesson
        super().__init__(lessons=self._read())
        follow_cells(self)

    def refresh(self) -> None:
        """Read the record again, as happens after each cell."""
        self.lessons = self._read()

    after_cell = refresh

    def describe(self) -> str:
        parts = [f"lesson {one['number']}: {one['points']:g} of {one['of']:g} points" for one in self.lessons]
        return "Progress. " + "; ".join(parts) + "."

    def __repr__(self) -> str:
        return "Progress()" if self._only is None else f"Progress({self._only})"

    def _read(self) -> list[dict[str, Any]]:
        record, every = read_record(), all_exercises()
        rows: dict[int, list[dict[str, Any]]] = {}
        for exercise in (each for each in every if self._only in (None, each.lesson)):
            rows.setdefault(exercise.lesson, []).append(_row(exercise, standing_of(record, exercise.id)))
        if not rows:
            numbers = sorted({exercise.lesson for exercise in every})
            msg = f"There are no exercises of lesson {self._only}. Lessons with exercises: {numbers}."
            raise ValueError(msg)
        return [{"number": number, **_sums(lesson), "exercises": lesson} for number, lesson in rows.items()]

    def _draw(self, figure) -> None:
        axes, names = figure.subplots(), [f"lesson {one['number']}" for one in self.lessons]
        height = 0.7 if len(names) > 2 else 0.3
        axes.barh(names, [one["of"] for one in self.lessons], height, color="#d5d9de", label="open")
        axes.barh(names, [one["points"] for one in self.lessons], height, color="#0072b2", hatch="//", label="earned")
        axes.set_ylim(len(names) - 0.5, -0.5)  # the first lesson above
        axes.set_xlabel("points")
        figure.legend(fontsize=8, frameon=False, loc="outside upper right", ncols=2)  # a full bar leaves no room inside


def _row(exercise: Exercise, done: Standing) -> dict[str, Any]:
    known = {"id": exercise.id, "title": translate(exercise.title), "of": float(exercise.points)}
    found = {"points": float(done.points), "attempts": done.attempts, "hints": done.hints}
    return known | found | {"state": _state(exercise, done)}


def _state(exercise: Exercise, done: Standing) -> str:
    if not done.attempts:
        return "not attempted"
    if done.points >= exercise.points:
        return "right"
    return "partly" if done.points else "wrong"


def _sums(rows: list[dict[str, Any]]) -> dict[str, float]:
    return {name: sum(row[name] for row in rows) for name in ("points", "of")}
