"""Lesson 4 as a learner meets it: a backbone measured by a click, a wrong answer, a right one."""

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WRONG = '''def kept_speedup(once, each, epochs):
    """Forgets the first pass."""
    return (once + each) / each
'''


def test_learner_measures_by_a_click_and_is_graded(lab):
    lesson = Lesson(lab, "04_acceleration").open()
    lesson.run(lesson.code()[0], "split_cpu(2)", "picker = BackbonePicker()")
    lab.expect_value("processors", ["CPU:0", "CPU:1"])
    lab.page.get_by_role("button", name="Measure mobilenet_v3_small").click()
    lab.expect_value("list(picker.milliseconds)", ["mobilenet_v3_small"], timeout=300)
    lesson.picture("lesson-4-backbones", lesson.cell("picker = BackbonePicker()"))

    lab.execute("once = {'fit': 9.0, 'kept features': 2.0}")  # in place of the trainings in between
    expect(lesson.check("4-8")).to_contain_text("not attempted")
    expect(lesson.grade("4-8", WRONG)).to_contain_text("this pass is on the bill")
    lesson.answer("4-8-predict")
    lesson.run('predict("4.8"')
    card = lesson.grade("4-8")
    expect(card).to_contain_text("2 of 2 points")
    lesson.picture("lesson-4-graded", card)
    assert lab.output_errors() == []
