"""How a data set of the checker is read by an answer on the other side of the pipe."""

import socket
import threading
import time

import numpy as np
import pytest
import tensorflow as tf

from tlkit.grading.remote.keras_values import KerasExchange
from tlkit.grading.remote.peer import Gone
from tlkit.grading.remote.wire import Channel

MOST = 8 << 20  # bytes that an answer may send


@pytest.fixture
def ask():
    """Return a function that has a function called at the other end of a connection."""
    ends = socket.socketpair()
    outside, inside = (
        KerasExchange(
            Channel(end.makefile("rb"), end.makefile("wb"), max_total_bytes=most),
            {"look": lambda: answers[-1]},
            is_inside=is_inside,
        )
        for end, is_inside, most in zip(ends, (False, True), (MOST, float("inf")), strict=True)
    )
    answers = []
    outside.peer.deadline = time.monotonic() + 120  # then a deadlock is an error
    for exchange in (outside, inside):
        exchange.peer.start()
    threading.Thread(target=inside.peer.serve, daemon=True).start()

    def call(answer, *args):
        answers.append(answer)
        return outside.peer.request("look")(*args)

    yield call
    for end in ends:
        end.shutdown(socket.SHUT_RDWR)


def _counted(num: int) -> tuple[tf.data.Dataset, list[int]]:
    reads: list[int] = []

    def generate():
        for number in range(num):
            reads.append(number)
            yield number

    return tf.data.Dataset.from_generator(generate, output_signature=tf.TensorSpec((), tf.int64)), reads


def _first(dataset):
    return int(next(iter(dataset)))


def _all(dataset):
    return np.array([int(number) for number in dataset])


def test_few_elements_are_read_before_they_are_asked_for(ask):
    dataset, reads = _counted(100)
    assert ask(_first, dataset) == 0
    assert len(reads) < 10  # one, then a few more: the other side asks for twice as many each time


def test_a_dataset_whose_reads_nobody_counts_is_read_in_large_pieces(ask):
    dataset, reads = _counted(100)
    dataset.nobody_counts_reads = True
    assert ask(_first, dataset) == 0
    assert len(reads) >= 64


@pytest.mark.parametrize("is_counted", [True, False])
@pytest.mark.parametrize("num", [1, 2, 63, 64, 65, 200])
def test_every_element_arrives_once_and_in_order(ask, num, is_counted):
    dataset = tf.data.Dataset.range(num)
    dataset.nobody_counts_reads = not is_counted
    np.testing.assert_array_equal(ask(_all, dataset), np.arange(num))


@pytest.mark.slow
def test_a_dataset_that_an_answer_returns_is_read_anew_in_each_pass(ask):
    mixed = ask(lambda dataset: dataset.shuffle(100), tf.data.Dataset.range(100))
    passes = [_all(mixed) for _ in range(2)]
    assert all(sorted(one) == list(range(100)) for one in passes)
    assert not np.array_equal(*passes)


@pytest.mark.slow
def test_a_data_set_that_reads_ahead_is_asked_for_more_meanwhile(ask):
    def slowly():
        for number in range(200):
            time.sleep(0.005)
            yield number

    slow = tf.data.Dataset.from_generator(slowly, output_signature=tf.TensorSpec((), tf.int64))
    ahead = ask(lambda dataset: dataset.prefetch(100), slow)
    np.testing.assert_array_equal(_all(ahead), np.arange(200))


@pytest.mark.slow
def test_parts_that_are_read_in_turn_and_together(ask):
    def part(dataset, remainder):
        return dataset.enumerate().filter(lambda number, _: number % 3 == remainder).map(lambda _, element: element)

    parts = [ask(lambda dataset, rest=rest: part(dataset, rest), tf.data.Dataset.range(99)) for rest in range(3)]
    mixed = tf.data.Dataset.zip(*parts).map(lambda *one: tf.stack(one)).unbatch()
    for _ in range(3):
        np.testing.assert_array_equal(_all(mixed), np.arange(99))


@pytest.mark.slow
def test_elements_without_end_stop_at_a_number_of_bytes(ask):
    endless = ask(lambda dataset: dataset.map(lambda _: tf.zeros([125_000], tf.int64)), tf.data.Dataset.range(10**9))
    with pytest.raises((tf.errors.OpError, Gone), match=r"bytes in all|ended"):
        list(endless.batch(1024))
