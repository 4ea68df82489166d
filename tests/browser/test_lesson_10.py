"""Lesson 10 as a learner meets it: a sentence and its neighbours, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def pool(vectors, tokens):
    """Averages the padding, too."""
    return vectors.mean(axis=1)
'''


def test_learner_types_a_sentence_and_is_graded(lab):
    lesson = Lesson(lab, "10_words").open()
    lesson.run(lesson.code()[0])
    lesson.run("glosses = load_glosses", "pieces = load_pieces", "encoder, untrained =", "pairs = load_gloss_pairs")
    lesson.run("board_rows =", "board = NeighbourBoard")
    shown = lesson.cell("board = NeighbourBoard")
    status, field = shown.get_by_role("status"), shown.get_by_role("textbox", name="Your sentence")
    expect(status).to_contain_text("small wild cat", timeout=120_000)
    before = lab.value("board.neighbours['after reading'][0][0]")

    field.fill("a sweet baked dish with fruit")
    field.press("Enter")
    expect(status).to_contain_text("baked dish")
    assert lab.value("board.neighbours['after reading'][0][0]") != before
    assert lab.value("board.text") == "a sweet baked dish with fruit"
    example = shown.get_by_role("button", name="you sit on it")
    example.focus()
    example.press("Enter")
    expect(status).to_contain_text("you sit on it")
    expect(shown.get_by_role("list")).to_have_count(2)
    found = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        found[theme] = lab.serious_findings('[role="status"]')
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-10-neighbours", shown)

    expect(lesson.check("10-2")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("10-2", WRONG)).to_contain_text("as if it were a word")
    lesson.answer("10-2-predict")
    lesson.run('predict("10.2"')
    expect(lesson.grade("10-2")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
