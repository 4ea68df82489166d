"""Lesson 4 as a learner meets it: a backbone measured by a click, a wrong answer, a right one."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tlkit.lessons.notebook import read_source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NAME = "04_acceleration"
WRONG = '''def kept_speedup(once, each, epochs):
    """Forgets the first pass."""
    return (once + each) / each
'''


@pytest.fixture(scope="module")
def cells():
    """Source of each cell of the solved lesson, by its id, in order; empty for text."""
    instructor, _ = read_source(ROOT / "notebooks" / "src" / f"{NAME}.py")
    return {cell["id"]: cell["source"] if cell["cell_type"] == "code" else "" for cell in instructor["cells"]}


def _index(cells: dict[str, str], text: str) -> int:
    return next(i for i, source in enumerate(cells.values()) if text in source)


def _run(lab, *indices: int) -> None:
    for index in indices:
        lab.run_cell(index)
    lab.execute("None")  # answered when all before it is done
    assert lab.output_errors() == []


def _grade(lab, cells: dict[str, str], exercise: str, source: str):
    order = list(cells)
    lab.run_cell(order.index(f"exercise-{exercise}"), source=source)
    lab.run_cell(order.index(f"check-{exercise}"))
    return lab.cell(order.index(f"check-{exercise}"))


def test_learner_measures_by_a_click_and_is_graded(lab, cells):
    shutil.copy(ROOT / "notebooks" / f"{NAME}.ipynb", lab.server.root)
    lab.open(f"{NAME}.ipynb")
    _run(lab, 1, _index(cells, "split_cpu(2)"), _index(cells, "picker = BackbonePicker()"))
    lab.expect_value("processors", ["CPU:0", "CPU:1"])
    _measure_by_a_click(lab, cells)

    lab.execute("once = {'fit': 9.0, 'kept features': 2.0}")  # in place of the trainings in between
    check = list(cells).index("check-4-8")
    lab.run_cell(list(cells).index("exercise-4-8"))
    lab.run_cell(check)
    expect(lab.cell(check)).to_contain_text("not attempted")
    expect(_grade(lab, cells, "4-8", WRONG)).to_contain_text("this pass is on the bill of both ways")
    lab.run_cell(list(cells).index("exercise-4-8-predict"), source=cells["exercise-4-8-predict"])
    lab.run_cell(_index(cells, 'predict("4.8"'))
    expect(_grade(lab, cells, "4-8", cells["exercise-4-8"])).to_contain_text("2 of 2 points")
    lab.cell(check).scroll_into_view_if_needed()
    lab.screenshot("lesson-4-graded-light")
    lab.theme("dark")
    lab.screenshot("lesson-4-graded-dark")
    lab.theme("light")
    assert lab.output_errors() == []


def _measure_by_a_click(lab, cells: dict[str, str]) -> None:
    table = lab.cell(_index(cells, "picker = BackbonePicker()"))
    table.scroll_into_view_if_needed()
    lab.page.get_by_role("button", name="Measure mobilenet_v3_small").click()
    lab.expect_value("list(picker.milliseconds)", ["mobilenet_v3_small"], timeout=300)
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.screenshot(f"lesson-4-backbones-{theme}")
