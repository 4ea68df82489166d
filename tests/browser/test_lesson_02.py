"""Lesson 2 as a learner meets it: the first cells, the FreezeBoard by hand, a wrong answer, a right one, the card."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def early_stop(val_losses, patience):
    """Names the last epoch as the best."""
    epoch = min(range(1, len(val_losses) + 1), key=lambda n: (n < len(val_losses), n))
    return epoch, epoch
'''


def test_learner_freezes_by_hand_answers_and_is_graded(lab):
    page, lesson = lab.page, Lesson(lab, "02_fine_tuning").open()
    lesson.run(*(i for i in lesson.code() if i <= lesson.index("start = look()")))
    lab.execute("probes = {0: pretrained}")  # in place of the trainings in between
    lesson.run("board = FreezeBoard")

    tile = page.get_by_role("button", name="expanded_conv_9:")
    tile.scroll_into_view_if_needed()
    expect(tile).to_have_attribute("aria-pressed", "false")
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    lab.expect_value("model.get_layer('expanded_conv_9_project').trainable", False)
    lesson.picture("lesson-2-freeze-board", page.locator(".tlk-board"))

    expect(lesson.check("2-9")).to_contain_text("not attempted")
    expect(lesson.grade("2-9", WRONG)).to_contain_text("those of the best epoch")
    card = lesson.grade("2-9")
    expect(card).to_contain_text("2 of 2 points")
    card.scroll_into_view_if_needed()
    lab.screenshot("lesson-2-graded-light")
    assert lab.output_errors() == []
