"""Progress reads the record of the checks."""

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tlkit_widgets import Progress
from tlkit_widgets.shared.cells import _after_cell

from tlkit.checks import all_exercises

ENTRIES = {}


@pytest.fixture(autouse=True)
def record(monkeypatch):
    ENTRIES.clear()
    monkeypatch.setattr("tlkit_widgets.progress.read_record", lambda: {"exercises": ENTRIES, "notes": []})


def rows(progress):
    return {row["id"]: row for one in progress.lessons for row in one["exercises"]}


def test_lists_each_exercise_and_starts_at_nothing():
    progress = Progress()
    assert set(rows(progress)) == {exercise.id for exercise in all_exercises()}
    assert {row["state"] for row in rows(progress).values()} == {"not attempted"}
    assert progress.lessons[0]["of"] == sum(e.points for e in all_exercises() if e.lesson == 0)


@pytest.mark.slow
def test_follows_the_record_after_each_cell():
    progress, first = Progress(0), all_exercises()[0]
    for points, state in [(0.0, "wrong"), (first.points / 2, "partly"), (first.points, "right")]:
        ENTRIES[first.id] = {"points": points, "attempts": 1, "hints": 2}
        _after_cell()
        assert rows(progress)[first.id]["state"] == state
    assert progress.lessons[0]["points"] == first.points
    assert f"lesson 0: {first.points:g} of" in progress.describe()
    assert progress.picture().startswith(b"\x89PNG")


def test_the_legend_of_the_picture_hides_no_bar():
    for exercise in all_exercises():
        ENTRIES[exercise.id] = {"points": exercise.points, "attempts": 1, "hints": 0}
    figure = Figure(figsize=(6, 2.4), layout="constrained")
    Progress(0)._draw(figure)
    FigureCanvasAgg(figure).draw()
    bars, (legend,) = figure.axes[0].get_window_extent(), figure.legends
    assert not legend.get_window_extent().overlaps(bars)


def test_a_lesson_without_exercises():
    with pytest.raises(ValueError, match=r"no exercises of lesson 55. Lessons with exercises: \[0"):
        Progress(55)  # other tests plant exercises in lessons from 90 on
