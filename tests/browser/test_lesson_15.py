"""Lesson 15 as a learner meets it: a name typed, written letter by letter by keys; answers graded."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the networks that the whole lesson trains
BOARD = """untrained = load_network("names_mr_ne", trained=False)
board = AttentionBoard({"parent": parent, "from scratch": untrained}, "nepal")
board"""
GIVEN = 'leak = {"clean": 0.32, "leaking": 0.26}'
WRONG = '''def twins(train, test):
    """Compares names as they are written."""
    return [place for place, name in enumerate(test) if name in train]
'''


def test_learner_types_a_name_and_is_graded(lab):
    lesson = Lesson(lab, "15_english_to_hindi").open()
    lesson.run(lesson.code()[0], "hindi = load_names", 'parent = load_network("names_mr_ne")')
    cell = lesson.index("board = AttentionBoard")
    lab.run_cell(cell, source=BOARD)
    shown = lesson.cell("board = AttentionBoard")
    board, status = shown.locator(".tlk-attention"), shown.locator(".tlk-attention-status")
    expect(status).to_contain_text("parent writes नेपाल", timeout=60_000)
    expect(board.locator("tbody tr")).to_have_count(5)
    drawn = "document.fonts.check('18px \"tlkit Devanagari\"')"
    assert lab.page.evaluate(f"document.fonts.load('18px \"tlkit Devanagari\"', 'न').then(() => {drawn})")

    slider = board.get_by_role("slider", name="letters written")
    slider.focus()
    for name in ("ArrowLeft", "ArrowLeft"):
        slider.press(name)
    lab.expect_value("board.place", 3)
    expect(board.locator("tbody tr")).to_have_count(3)
    field = board.get_by_role("textbox", name="English name")
    field.fill("monaco")
    field.press("Enter")
    lab.expect_value("board._source", "monaco")
    expect(board.locator("thead th")).to_have_count(7)
    lab.press_command_keys(".tlk-attention")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-attention")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-15-attention", shown)
    field.fill("area 51?")
    field.press("Enter")
    expect(board.get_by_role("alert")).to_contain_text("the networks know no")
    board.get_by_role("combobox", name="network").select_option("from scratch")
    lab.expect_value("board.network", "from scratch")

    lab.execute(GIVEN)
    expect(lesson.check("15-8")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("15-8", WRONG)).to_contain_text("written")
    lesson.answer("15-8-predict")
    lesson.run('predict("15.8"')
    expect(lesson.grade("15-8")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
