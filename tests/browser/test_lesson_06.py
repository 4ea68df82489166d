"""Lesson 6 as a learner meets it: moons turned by hand, a vault that is opened, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the shift of labels: gains that are clear
SHIFT = "shift_gains = {'CORAL': [-0.1, -0.12, -0.08, -0.11]}"
WRONG = '''def ceiling(source_labels, target_labels):
    """Takes the larger of both shares."""
    names = np.unique(np.concatenate([source_labels, target_labels]))
    return sum(max(np.mean(source_labels == name), np.mean(target_labels == name)) for name in names)
'''


def test_learner_turns_the_moons_opens_the_vault_and_is_graded(lab):
    lesson = Lesson(lab, "06_without_target_labels").open()
    lesson.run(lesson.code()[0])
    lesson.run("board = MoonsBoard")
    shown = lesson.cell("board = MoonsBoard")
    expect(shown.locator("canvas")).to_be_visible(timeout=90_000)
    angle, strength = (shown.get_by_role("slider", name=name) for name in ("Angle of the target", "Strength λ"))
    angle.fill("6")
    strength.focus()
    lab.page.keyboard.press("ArrowRight")
    lab.expect_value("[board.angle, board.strength]", [6, 1])
    expect(shown.get_by_text("in the vault", exact=True)).to_be_visible()
    shown.get_by_role("button", name="Open the vault").click()
    lab.expect_value("board.opened", True)
    expect(shown.get_by_text("in the vault", exact=True)).to_have_count(0)
    lab.press_command_keys(".tlk-moons")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-moons")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-6-moons", shown)

    lab.execute(SHIFT)
    expect(lesson.check("6-5")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("6-5", WRONG)).to_contain_text("one can be right")
    lesson.answer("6-5-predict")
    lesson.run('predict("6.5"')
    expect(lesson.grade("6-5")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
