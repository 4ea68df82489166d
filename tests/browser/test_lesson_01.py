"""Lesson 1 as a learner meets it: run from the top, look, answer, be graded."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tlkit.lessons.notebook import read_source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_feature_extraction"
WRONG = '''def per_class(y_true, y_pred, num_classes):
    """Precision and recall exchanged."""
    both = np.bincount(y_true[y_true == y_pred], minlength=num_classes)
    called = np.maximum(np.bincount(y_pred, minlength=num_classes), 1)
    are = np.maximum(np.bincount(y_true, minlength=num_classes), 1)
    return {"precision": both / are, "recall": both / called, "f1": 2 * both / (called + are)}
'''


@pytest.fixture(scope="module")
def solved_cells():
    """Source of each cell of the solved lesson, by its id, and the order of the ids."""
    instructor, _ = read_source(ROOT / "notebooks" / "src" / f"{NAME}.py")
    return {cell["id"]: cell["source"] for cell in instructor["cells"]}


def _grade(lab, order: list[str], exercise: str, source: str):
    lab.run_cell(order.index(f"exercise-{exercise}"), source=source)
    lab.run_cell(order.index(f"check-{exercise}"))
    return lab.cell(order.index(f"check-{exercise}"))


def test_lesson_runs_from_the_top_and_grades_an_answer(lab, solved_cells):
    shutil.copy(ROOT / "notebooks" / f"{NAME}.ipynb", lab.server.root)
    order = list(solved_cells)
    lab.open(f"{NAME}.ipynb").run_all(timeout=900)
    assert lab.output_errors() == []
    streams = [o["text"] for i in range(len(order)) for o in lab.outputs(i) if o.get("name") == "stderr"]
    assert streams == [], "nothing red may stand in the lesson"
    checks = [index for index, name in enumerate(order) if name.startswith("check-")]
    for index in checks:
        expect(lab.cell(index)).to_contain_text("not attempted")
    _look_at_the_feature_map(lab)
    card = _grade(lab, order, "1-7", WRONG)
    expect(card).to_contain_text("is the table turned?")
    card = _grade(lab, order, "1-7", solved_cells["exercise-1-7"])
    expect(card).to_contain_text("2 of 2 points")
    card.scroll_into_view_if_needed()
    lab.screenshot("lesson-1-graded-light")
    lab.theme("dark")
    lab.screenshot("lesson-1-graded-dark")
    lab.theme("light")


def _look_at_the_feature_map(lab) -> None:
    slider = lab.page.get_by_role("slider", name="Layer of the cut")
    lab.page.locator(".tlk-map").evaluate("(map) => map.scrollIntoView({ block: 'center' })")
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.screenshot(f"lesson-1-feature-map-{theme}")
    last = lab.value("feature_map.cut")
    slider.focus()
    slider.press("ArrowLeft")
    lab.expect_value(f"feature_map.cut == {last!r}", False)
