"""Lesson 12 as a learner meets it."""

import pytest

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_learner_is_graded(lab):
    lesson = Lesson(lab, "12_finding_objects").open()
    lesson.run(lesson.code()[0])
    pytest.fail("Write what a learner does in lesson 12: a click, a wrong answer and its message, a right one.")
