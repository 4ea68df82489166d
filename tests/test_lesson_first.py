"""Lesson 0 is the one that a new learner lands in; what its checks say of a prediction is what was measured."""

import numpy as np
import pytest

from tests.answers import lesson_00_orientation as answers
from tlkit.checks import check, predict
from tlkit.checks.testing import fresh_home
from tlkit.lessons.catalog import find_lesson, list_lessons
from tlkit.lessons.start_lab import lab_command


def test_the_first_lesson_is_the_one_that_opens(tmp_path):
    assert list_lessons()[0].name == "00_orientation"
    assert "--LabApp.default_url=/lab/tree/00_orientation.ipynb" in lab_command(tmp_path)


@pytest.mark.parametrize("name", ["0", "00", "00_orientation"])
def test_it_is_found_by_number_and_name(name):
    assert find_lesson(name).number == 0


@pytest.mark.parametrize(
    ("exercise", "answer", "prediction", "measured", "note"),
    [
        ("0.1", answers.epoch_by_argmax, "better", {"head": 0.5, "everything": 0.7}, "outcome was 'better'"),
        ("0.1", answers.epoch_by_argmax, "better", {"head": 0.5, "everything": 0.52}, "outcome was 'about the same'"),
        ("0.1", answers.epoch_by_argmax, "better", {"head": 0.5, "everything": 0.1}, "outcome was 'worse'"),
        ("0.5", answers.refuse_at_once, 8, 0.5, "was surer than you thought"),
        ("0.5", answers.refuse_at_once, 90, 0.5, "was less sure than you thought"),
        ("0.5", answers.refuse_at_once, 45, 0.5, "was about as sure as you thought"),
        ("0.6", answers.interval_of_wilson, "below 5 points", np.arange(130) < 83, "width is 'above 10 points'"),
        ("0.6", answers.interval_of_wilson, "below 5 points", np.arange(650) < 500, "width is '5 to 10 points'"),
        ("0.6", answers.interval_of_wilson, "below 5 points", np.arange(9000) < 7000, "width is 'below 5 points'"),
        ("0.7", answers.seconds_in_a_loop, "about the same", 1.2, "took 'about the same' as long"),
        ("0.7", answers.seconds_in_a_loop, "about the same", 7.0, "took '2 to 10 times' as long"),
        ("0.7", answers.seconds_in_a_loop, "about the same", 70.0, "took 'above 10 times' as long"),
    ],
)
def test_prediction_is_held_against_what_was_measured(exercise, answer, prediction, measured, note):
    with fresh_home():
        predict(exercise, prediction)
        result = check(exercise, answer, measured)
    assert result.state == "right"
    assert note in str(result)
