"""Lesson 0 as a new learner meets it: two cells, drag the line, press Train, see the curves; then a first answer."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def top_names(probabilities, names, k):
    """The likeliest names, upwards."""
    return [(names[i], float(probabilities[i])) for i in np.argsort(probabilities)[-k:]]
'''


def test_new_learner_teaches_by_hand_within_the_first_cells(lab):
    page, lesson = lab.page, Lesson(lab, "00_orientation").open()
    lab.screenshot("lesson-0-opened")
    lesson.run(*lesson.code()[:2])
    line = page.get_by_role("slider", name="Frozen up to here")
    expect(line).to_have_attribute("aria-valuetext", re.compile("expanded_conv_8"))
    page.locator(".tlk-board").evaluate("(board) => board.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(300)  # the line glides to its place
    box, head = line.bounding_box(), page.get_by_role("button", name="head:").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(head["x"] + 2, head["y"] + 20, steps=8)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuetext", "conv_1, 13 of 14 blocks")
    lab.expect_value("[weight.path.split('/')[0] for weight in model.trainable_weights]", ["head", "head"])
    lab.screenshot("lesson-0-dragged-light")

    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("button", name="Compare")).to_be_enabled(timeout=180_000)
    expect(page.locator(".tlk-board-curves .tlk-curves-panel")).to_have_count(2)
    assert lab.value("board.runs[0]['best']['value']") > 3 / 13  # three times chance: it learned
    lesson.picture("lesson-0-trained")

    expect(lesson.check("0-4")).to_contain_text("not attempted")
    expect(lesson.grade("0-4", WRONG)).to_contain_text("ascending order")
    card = lesson.grade("0-4")
    expect(card).to_contain_text("1 of 1 points")
    card.scroll_into_view_if_needed()
    lab.screenshot("lesson-0-graded-light")
    assert lab.output_errors() == []
