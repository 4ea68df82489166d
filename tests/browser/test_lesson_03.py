"""Lesson 3 as a learner meets it: the map by hand, a green cell that turns red, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the trainings: gains of which one cell is clear and one hangs on its seed
GAINS = "gains = np.random.default_rng(0).normal([[[0.2], [0.0]], [[-0.3], [-0.2]]], 0.03, (2, 2, 10))"
WRONG = '''def lies(gains, k):
    """Counts losses, also where the mean is a loss."""
    import itertools

    return float(np.mean([np.mean(group) < 0 for group in itertools.combinations(gains, k)]))
'''


def test_learner_draws_seeds_until_a_green_cell_turns_red_and_is_graded(lab):
    lesson = Lesson(lab, "03_negative_transfer").open()
    lesson.run(lesson.code()[0])
    lab.execute(f"{GAINS}\nSOURCES, budgets = ['glyphs', 'colours'], [1, 10]\ncell = gains[0, 1]")
    lesson.run("one_seed = GainMap")
    shown = lesson.cell("one_seed = GainMap")
    green, other = (shown.get_by_role("button", name=f"glyphs, {n} per class") for n in (1, 10))
    expect(green).to_have_attribute("data-verdict", "positive")
    before = other.get_attribute("data-verdict")
    again = shown.get_by_role("button", name="Draw other seeds")
    for draws in range(1, 20):
        again.click()
        lab.expect_value("one_seed.draw", draws)
        if lab.value("one_seed.verdicts[0][1]") != before:
            break
    expect(other).to_have_attribute("data-verdict", {"positive": "negative", "negative": "positive"}[before])
    expect(green).to_have_attribute("data-verdict", "positive")
    other.click()
    lab.expect_value("one_seed.selected", [0, 1])
    expect(shown.locator(".tlk-gain-drawn")).to_have_count(1)
    shown.get_by_label("Number of seeds").fill("10")
    expect(shown.locator(".tlk-gain-drawn")).to_have_count(10)
    expect(again).to_be_disabled()
    lab.press_command_keys(".tlk-gain")
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        found[theme] = lab.serious_findings(".tlk-gain")
    assert found == {"light": [], "dark": []}
    lesson.picture("lesson-3-gain-map", shown)

    expect(lesson.check("3-3")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("3-3", WRONG)).to_contain_text("compare with the sign")
    lesson.answer("3-3-predict")
    lesson.run('predict("3.3"')
    expect(lesson.grade("3-3")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
