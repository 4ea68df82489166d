"""Lesson 9 as a learner meets it: members switched off by the mouse and by the keys, a wrong answer and a right one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of five networks: one member that knows 24 textures, and four that mostly guess
MEMBERS = """SOURCES = ("photos", "glyphs", "colours", "opposed", "pixels")
milliseconds = dict(zip(SOURCES, (3.5, 2.5, 3.25, 3.0, 0.25)))
splits = {"textures": {"val": make_glyphs(2, seed=1, classes="ABCDEFGHIJKL")}}
labels = {"textures": {"val": splits["textures"]["val"].labels}}
noise = np.random.default_rng(0).normal(size=(5, 24, 12))
logits = np.array([4, 0.5, 0.3, 0.2, 0.1])[:, None, None] * np.eye(12)[labels["textures"]["val"]] + 2 * noise
said = {("textures", 20): [{"val": np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)}]}"""
LEAKS = "leaks = np.array([0.3, 0.29, 0.31])"
WRONG = '''def out_of_fold(fit, table, labels, folds):
    """Asks a model about the rows that it has learned from."""
    return fit(table, labels)(table)
'''


def test_learner_switches_members_off_and_is_graded(lab):
    lesson = Lesson(lab, "09_several_networks").open()
    lesson.run(lesson.code()[0])
    lab.execute(MEMBERS)
    lesson.run("board = TeamBoard")
    shown = lesson.cell("board = TeamBoard")
    switches = shown.get_by_role("switch")
    expect(switches).to_have_count(5)
    expect(shown.locator("tbody tr")).to_have_count(6)
    shown.locator(".tlk-team").evaluate("(el) => el.scrollIntoView({ block: 'center' })")
    before = lab.value("board.accuracy")
    lesson.picture("lesson-9-all", shown)

    shown.get_by_role("switch", name="pixels votes").click()
    expect(switches.last).to_have_attribute("aria-checked", "false")
    lab.expect_value("board.on", [True, True, True, True, False])
    for name in ("opposed", "colours", "glyphs"):
        shown.get_by_role("switch", name=f"{name} votes").focus()
        lab.page.keyboard.press("Space")
    lab.expect_value("board.on", [True, False, False, False, False])
    assert lab.value("board.accuracy") > before
    share = lab.value("int(100 * board.accuracy + 0.5)")  # as the page rounds
    expect(shown.locator(".tlk-team-share")).to_have_text(re.compile(f"^1 member: {share} % right for 3.50 ms$"))
    lab.press_command_keys(".tlk-team")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-team")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-9-one", shown)
    shown.get_by_role("button", name="Switch all on").click()
    lab.expect_value("board.accuracy", before)

    lab.execute(LEAKS)
    expect(lesson.check("9-3")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("9-3", WRONG)).to_contain_text("each row has seen itself")
    lesson.answer("9-3-predict")
    lesson.run('predict("9.3"')
    expect(lesson.grade("9-3")).to_contain_text("3 of 3 points")
    assert lab.output_errors() == []
