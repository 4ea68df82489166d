"""What properties share when they try an answer."""

import threading

import pytest
import tensorflow as tf

from tlkit.checks.exercise import CheckFailed
from tlkit.exercises import trials


def test_a_data_set_is_read_whole():
    assert trials.first_elements(tf.data.Dataset.range(3), 3, "too many") == [0, 1, 2]


def test_a_data_set_that_gives_too_much_is_refused():
    with pytest.raises(CheckFailed, match="too many"):
        trials.first_elements(tf.data.Dataset.range(3).repeat(), 3, "too many")


def test_a_data_set_that_gives_nothing_is_left_alone(monkeypatch):
    monkeypatch.setattr(trials, "SECONDS_FOR_ELEMENTS", 0.5)
    released = threading.Event()
    waiting = tf.data.Dataset.from_generator(
        lambda: iter([int(released.wait())]), output_signature=tf.TensorSpec((), tf.int32)
    )
    try:
        with pytest.raises(CheckFailed, match=r"after 0\.5 seconds.*restart the kernel"):
            trials.first_elements(waiting, 3, "too many")
    finally:
        released.set()


def test_an_error_of_a_data_set_is_raised():
    broken = tf.data.Dataset.range(3).map(lambda number: tf.ensure_shape(tf.fill([number], 1), [0]))
    with pytest.raises(tf.errors.InvalidArgumentError):
        trials.first_elements(broken, 3, "too many")
