"""Lesson 5 as a learner meets it: the budget of milliseconds dragged down, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def unbeaten(networks, limit):
    """Forgets the limit."""
    known = {name: row for name, row in networks.items() if None not in row}
    beats = lambda a, b: a[0] <= b[0] and a[1] >= b[1] and a != b
    kept = [name for name, row in known.items() if not any(beats(other, row) for other in known.values())]
    return sorted(kept, key=known.get)
'''


def test_learner_lowers_the_budget_until_networks_fall_off_the_line_and_is_graded(lab):
    lesson = Lesson(lab, "05_choosing_a_source").open()
    lesson.run(lesson.code()[0])
    lesson.run("explorer = LatencyFront")
    shown = lesson.cell("explorer = LatencyFront")
    plot = shown.locator(".js-plotly-plot")
    expect(plot).to_be_visible(timeout=60_000)
    before = lab.value("len(explorer.front)")
    lesson.picture("lesson-5-front", plot)

    handle = shown.get_by_role("slider").first
    handle.focus()
    for _ in range(8):
        handle.press("PageDown")
    handle.press("Tab")
    expect(shown.locator('[role="status"]')).to_contain_text("is the most accurate")
    lab.expect_value("explorer.milliseconds < 1500", True)
    lab.execute("explorer.milliseconds = 50.0")
    expect(shown.locator('[role="status"]')).to_contain_text("For 50 ms")
    assert lab.value("len(explorer.front)") < before
    affordable = "(row for row in list_latencies() if row.milliseconds <= 50 and row.top1)"
    assert lab.value("explorer.front[-1]") == lab.value(f"max({affordable}, key=lambda row: row.top1).name")
    plot.locator(".points path").last.hover(force=True)
    expect(plot.locator(".hoverlayer")).to_contain_text("ms")
    lesson.picture("lesson-5-budget", plot)
    shown.locator("select").select_option("embedded")
    expect(shown.locator('[role="status"]')).to_contain_text("None of")

    _change_what_is_given(lab, lesson)
    expect(lesson.check("5-8")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("5-8")).to_contain_text("2 of 2 points")
    lesson.answer("5-7-predict")
    lesson.run('predict("5.7"')
    lab.execute("front = ['mobilenet', 'inception_v3']")
    expect(lesson.grade("5-7", WRONG)).to_contain_text("can be afforded")
    expect(lesson.grade("5-7")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []


def _change_what_is_given(lab, lesson) -> None:
    """The path through the tree of advice turns, for the mouse and for the keys."""
    lesson.run("board = AdviceBoard")
    shown = lesson.cell("board = AdviceBoard")
    status = shown.get_by_role("status")
    expect(status).to_contain_text("Train a probe on frozen features (inductive)")
    labels = shown.get_by_label("Labels for each class")
    labels.fill("2")
    expect(status).to_contain_text("class means")
    expect(shown.locator("li[aria-current]").last).to_contain_text("lesson 7")
    labels.press("ArrowDown")
    labels.press("ArrowDown")
    shown.get_by_label("labelled source images at hand").check()
    expect(status).to_contain_text("(transductive)")
    lab.expect_value("board.advice.lesson", 6)
    lab.press_command_keys(".tlk-advice")
    found = {}
    for theme in ("dark", "light"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-advice")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-5-advice", shown)
