"""Lesson 11 as a learner meets it."""

import pytest

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_learner_is_graded(lab):
    lesson = Lesson(lab, "11_voices").open()
    lesson.run(lesson.code()[0])
    pytest.fail("Write what a learner does in lesson 11: a click, a wrong answer and its message, a right one.")
