"""Lesson 14 as a learner meets it: errors looked at by hand, a wrong answer and a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In place of the study: twelve pictures of three kinds, of which one kind is taken for another twice
STUDY = """names = ["bird", "insect", "tool"]
labels = np.repeat([0, 1, 2], 4)
chances = np.eye(3)[[0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 0]] * 0.8 + 0.05
images = np.random.default_rng(0).integers(0, 256, (12, 16, 16, 3)).astype("uint8")"""
GAIN = "measured_gain = {'differences': [0.2, 0.25, 0.22], 'num_train': 200, 'num_report': 50, 'smallest': 0.05}"
WRONG = '''def keep_budget(costs, num_seeds, budget):
    """Stops at the first contestant that does not fit."""
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        spent += first + (num_seeds - 1) * later
        if spent > budget:
            break
        taken.append(name)
    return taken
'''
CHOSEN_ON_THE_TEST = '''def operating_numbers(val, test, specificity):
    """Fixes the threshold where it is judged."""
    from scipy.stats import binomtest

    scores, is_it = test
    tried = [*np.unique(scores), np.inf]
    threshold = next(each for each in tried if (scores[~is_it] < each).mean() >= specificity)
    found = scores[is_it] >= threshold
    interval = binomtest(int(found.sum()), len(found)).proportion_ci(method="wilson")
    return threshold, found.mean(), interval.low, interval.high
'''


def test_learner_looks_at_errors_one_by_one_and_is_graded(lab):
    lesson = Lesson(lab, "14_your_own_question").open()
    lesson.run(lesson.code()[0])
    lab.execute(STUDY)
    lesson.run("confusion = Confusion")
    shown = lesson.cell("confusion = Confusion")
    cells = shown.locator(".tlk-confusion-cell")
    expect(cells).to_have_count(9)
    cells.nth(1).click()
    lab.expect_value("confusion.selected", [0, 1])
    expect(shown.locator(".tlk-confusion-images p")).to_have_text("bird mistaken for insect: 2 images")
    expect(shown.locator(".tlk-tile")).to_have_count(2)
    lesson.picture("lesson-14-errors", shown)

    expect(lesson.check("14-4")).to_contain_text("not attempted", timeout=60_000)
    expect(lesson.grade("14-4", WRONG)).to_contain_text("the next one is tried")
    expect(lesson.grade("14-4")).to_contain_text("2 of 2 points")

    lesson.answer("14-5-predict")
    lesson.run('predict("14.5"')
    lab.execute(GAIN)
    expect(lesson.grade("14-5")).to_contain_text("3 of 3 points")

    lesson.answer("14-9-predict")
    lesson.run('predict("14.9"')
    lab.execute("alarms = 0.08")
    expect(lesson.grade("14-9", CHOSEN_ON_THE_TEST)).to_contain_text("the test only judges")
    expect(lesson.grade("14-9")).to_contain_text("2 of 2 points")
    assert lab.output_errors() == []
