"""Lesson 13 as a learner meets it: prices of the coming weeks moved by the keys, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the settings that the whole lesson chooses
SETTINGS = """penalties = {("cheese", 16): 3}
by_ridge = dict.fromkeys(OTHERS, [0.2, 0.3])"""
WRONG = '''def shrunk(features, sales, penalty, towards):
    """Shrinks to zero."""
    return np.linalg.solve(features.T @ features + penalty * np.eye(len(towards)), features.T @ sales)
'''


def test_learner_plans_prices_and_is_graded(lab):
    lesson = Lesson(lab, "13_other_shops").open()
    lesson.run(lesson.code()[0])
    lab.execute(SETTINGS)
    lesson.run("AHEAD, UNUSED", "def ridges(", "def fitted_errors(", "board = PlanBoard")
    shown = lesson.cell("board = PlanBoard")
    plot, status = shown.locator(".js-plotly-plot"), shown.locator('[role="status"]')
    expect(plot).to_be_visible(timeout=60_000)
    expect(status).to_contain_text("+0% units and +0% dollars")
    before = lab.value("board.middle")
    lesson.picture("lesson-13-plan", shown)

    first, price, display = (shown.get_by_role("slider").nth(place) for place in (0, 2, 3))
    first.focus()
    for _ in range(4):
        first.press("ArrowRight")
    lab.expect_value("board._weeks.value[0]", 5)
    price.focus()
    for _ in range(6):
        price.press("PageDown")
    price.press("Tab")
    lab.expect_value("len(set(board.price[4:]))", 1)
    lab.expect_value(f"sum(board.middle) > {sum(before)}", True)
    lab.expect_value("board.middle[:4]", before[:4])
    display.focus()
    for _ in range(4):
        display.press("ArrowRight")
    display.press("Tab")
    lab.expect_value("board.display[4] > 0", True)
    expect(status).not_to_contain_text("+0% units")
    found = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        found[theme] = lab.serious_findings('[role="status"]')
        lesson.picture(f"lesson-13-plan-{theme}", shown)
    assert found == {"light": [], "dark": []}
    shown.get_by_role("button", name="Plan as at first").click()
    lab.expect_value("board.middle", before)

    expect(lesson.check("13-3")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("13-3", WRONG)).to_contain_text("shrunk to zero")
    lesson.answer("13-3-predict")
    lesson.run('predict("13.3"')
    expect(lesson.grade("13-3")).to_contain_text("3 of 3 points")
    assert lab.output_errors() == []
