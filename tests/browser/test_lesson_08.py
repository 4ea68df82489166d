"""Lesson 8 as a learner meets it: the dial turned by the mouse and by the keys, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of what the notebook measures
MEASURED = """names = ("loop", "noise")
found = [{"angle": 93, "length": 0.8, "gain": 3.1}, {"angle": 110, "length": 1.5, "gain": -4.2}]
as_measured = dict(zip(names, found, strict=True)).get"""
BY_RULE = "by_rule = {'equal': [-0.03, -0.02], 'uncertainty': [-0.06, -0.07]}"
WRONG = '''def weights_by_uncertainty(losses):
    """Forgets the half."""
    return 1 / losses
'''


def test_learner_turns_the_dial_and_is_graded(lab):
    lesson = Lesson(lab, "08_two_tasks").open()
    lesson.run(lesson.code()[0])
    lab.execute(MEASURED)
    lesson.run("dial = GradientDial")
    shown = lesson.cell("dial = GradientDial")
    stage = shown.locator(".tlk-dial-stage")
    expect(shown.locator(".tlk-dial-step")).to_have_count(1)
    expect(shown.locator(".tlk-dial-readings")).to_contain_text("Both losses fall.")
    stage.evaluate("(el) => el.scrollIntoView({ block: 'center' })")
    lesson.picture("lesson-8-dial", shown)

    place = stage.bounding_box()
    lab.page.mouse.move(place["x"] + place["width"] * 0.6, place["y"] + place["height"] * 0.5)
    lab.page.mouse.down()
    lab.page.mouse.move(place["x"] + place["width"] * 0.25, place["y"] + place["height"] * 0.35, steps=6)
    lab.page.mouse.up()
    lab.expect_value("120 < dial.angle < 150 and 2 < dial.length < 4", True)
    expect(shown.locator(".tlk-dial-readings")).to_contain_text("digit pays for the step.")
    lab.expect_value("dial.changes[0] > 0 > dial.changes[1]", True)

    shown.get_by_label("Weight of the second loss").focus()
    for _ in range(16):
        lab.page.keyboard.press("ArrowLeft")
    lab.expect_value("round(dial.weight, 2)", 0.2)
    angle = shown.get_by_label("Angle")
    angle.focus()
    lab.page.keyboard.press("End")
    lab.expect_value("dial.angle", 180)
    expect(angle).to_have_attribute("aria-valuetext", "180°")
    lab.press_command_keys(".tlk-dial")
    shown.get_by_role("button", name="noise").click()
    lab.expect_value("[dial.angle, dial.length, dial.weight]", [110, 1.5, 1.0])
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-dial")
    assert found == {"light": [], "dark": []}
    shown.get_by_label("Length of the second gradient").fill("4")
    lab.expect_value("dial.length", 4.0)
    expect(shown.locator(".tlk-dial-readings")).to_contain_text("digit pays for the step.")
    lesson.picture("lesson-8-dial-who-pays", shown)
    shown.get_by_role("button", name="Put the dial back").click()
    lab.expect_value("[dial.angle, dial.length, dial.weight]", [60, 1.0, 1.0])

    lab.execute(BY_RULE)
    expect(lesson.check("8-7")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("8-7", WRONG)).to_contain_text("a half before")
    lesson.answer("8-7-predict")
    lesson.run('predict("8.7"')
    expect(lesson.grade("8-7")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
