"""Lesson 2 as a learner meets it: the first cells, the FreezeBoard by hand, a wrong answer, a right one, the card."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tlkit.lessons.notebook import read_source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
NAME = "02_fine_tuning"
WRONG = '''def early_stop(val_losses, patience):
    """Names the last epoch as the best."""
    epoch = min(range(1, len(val_losses) + 1), key=lambda n: (n < len(val_losses), n))
    return epoch, epoch
'''


@pytest.fixture(scope="module")
def cells():
    """Source of each cell of the solved lesson, by its id, in order; empty for text."""
    instructor, _ = read_source(ROOT / "notebooks" / "src" / f"{NAME}.py")
    return {cell["id"]: cell["source"] if cell["cell_type"] == "code" else "" for cell in instructor["cells"]}


def _index(cells: dict[str, str], text: str) -> int:
    return next(i for i, source in enumerate(cells.values()) if text in source)


def _run(lab, *indices: int) -> None:
    """Run some cells: the trainings of the others take minutes, and `test_notebooks` runs them all."""
    for index in indices:
        lab.run_cell(index)
    lab.execute("None")  # answered when all before it is done
    assert lab.output_errors() == []


def _grade(lab, cells: dict[str, str], exercise: str, source: str):
    order = list(cells)
    lab.run_cell(order.index(f"exercise-{exercise}"), source=source)
    lab.run_cell(order.index(f"check-{exercise}"))
    return lab.cell(order.index(f"check-{exercise}"))


def test_learner_freezes_by_hand_answers_and_is_graded(lab, cells):
    shutil.copy(ROOT / "notebooks" / f"{NAME}.ipynb", lab.server.root)
    page = lab.page
    lab.open(f"{NAME}.ipynb")
    until = _index(cells, "start = look()") + 1
    _run(lab, *(i for i, source in enumerate(cells.values()) if source and i < until))
    lab.execute("probes = {0: pretrained}")  # in place of the trainings in between
    _run(lab, _index(cells, "board = FreezeBoard"))

    tile = page.get_by_role("button", name="expanded_conv_9:")
    tile.scroll_into_view_if_needed()
    expect(tile).to_have_attribute("aria-pressed", "false")
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    lab.expect_value("model.get_layer('expanded_conv_9_project').trainable", False)
    lab.screenshot("lesson-2-freeze-board-light")
    lab.theme("dark")
    lab.screenshot("lesson-2-freeze-board-dark")
    lab.theme("light")

    card = lab.cell(list(cells).index("check-2-9"))
    lab.run_cell(list(cells).index("exercise-2-9"))
    lab.run_cell(list(cells).index("check-2-9"))
    expect(card).to_contain_text("not attempted")
    expect(_grade(lab, cells, "2-9", WRONG)).to_contain_text("those of the best epoch")
    expect(_grade(lab, cells, "2-9", cells["exercise-2-9"])).to_contain_text("2 of 2 points")
    card.scroll_into_view_if_needed()
    lab.screenshot("lesson-2-graded-light")
    assert lab.output_errors() == []
