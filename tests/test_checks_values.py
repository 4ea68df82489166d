"""One value is read alike by the notebook's check and by the grader's; an answer gets copies of what a check keeps."""

import collections
import socket
import threading
from decimal import Decimal
from fractions import Fraction

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from tlkit.checks import CheckFailed, Exercise, check, register
from tlkit.checks import exercise as exercise_module
from tlkit.checks.handing import as_seen
from tlkit.checks.held import Opaque, held, in_words
from tlkit.checks.received import close, mean_shares, numbers_of, one_number, shares_of, whole_number
from tlkit.grading.remote.keras_values import KerasExchange
from tlkit.grading.remote.wire import Channel
from tlkit.measure.intervals import Interval

Pair = collections.namedtuple("Pair", "name share")


@pytest.fixture(autouse=True)
def _planted_exercises_are_forgotten(monkeypatch):
    monkeypatch.setattr(exercise_module, "_REGISTERED", dict(exercise_module._REGISTERED))


class _Endless(collections.abc.Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, place):
        raise RuntimeError


class _Number(float):
    def __float__(self):
        raise RuntimeError


WILSON = stats.binomtest(5, 10).proportion_ci(method="wilson")
VALUES = [
    (Pair("a", np.float32(0.5)), ("a", 0.5)),
    ([Pair("a", 1)], [("a", 1)]),
    (tf.constant(3.0), 3.0),
    (keras.Variable(2.0), 2.0),
    (tf.constant(1, tf.bfloat16), 1.0),
    (np.array(7), 7),
    (np.float16(0.5), 0.5),
    (np.bool_(True), True),
    (Fraction(1, 4), 0.25),
    (Decimal("2.5"), 2.5),
    (tf.constant(["a", "b"]), ["a", "b"]),
    (np.array(["a", None], object), ["a", None]),
    (range(3), [0, 1, 2]),
    (collections.deque([1, 2]), [1, 2]),
    ({"a": 1}.items(), [("a", 1)]),
    (collections.OrderedDict(a=np.int64(1)), {"a": 1}),
    (Interval(0.5, 0.25, 0.75, 0.95, 5), {"mean": 0.5, "low": 0.25, "high": 0.75, "level": 0.95, "n": 5} | {
        "paired": False, "percent": True}),
    (WILSON, tuple(WILSON)),
    (None, None), (True, True), (10**30, 10**30), ("text", "text"), ({1, 2}, {1, 2}),
]  # fmt: skip
ARRAYS = [tf.constant([[1.0, 2.0]]), np.ma.array([[1.0, 2.0]]), np.array([[1.0, 2.0]], np.longdouble)]


@pytest.fixture(scope="module")
def crossed():
    """Return a function that brings a value out of the sandbox's end of a connection, as an answer returns it."""
    ends = socket.socketpair()
    answers = []
    outside, inside = (
        KerasExchange(
            Channel(end.makefile("rb"), end.makefile("wb")), {"look": lambda: answers[-1]}, is_inside=is_inside
        )
        for end, is_inside in zip(ends, (False, True), strict=True)
    )
    for exchange in (outside, inside):
        exchange.peer.start()
    threading.Thread(target=inside.peer.serve, daemon=True).start()

    def call(answer, *args):
        answers.append(answer)
        return as_seen(outside.peer.request("look")), args

    yield call
    for end in ends:
        end.shutdown(socket.SHUT_RDWR)


def _both(crossed, value):
    """A value as the notebook's check sees it, and as the grader's does."""
    remote, _ = crossed(lambda: value)
    return as_seen(lambda: value)(), remote()


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=lambda value: str(value)[:30])
def test_a_value_is_what_it_holds_on_both_sides(crossed, value, expected):
    for found in _both(crossed, value):
        assert type(found) is type(expected)
        assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize("value", ARRAYS, ids=lambda value: type(value).__name__)
def test_arrays_of_any_kind_are_arrays_on_both_sides(crossed, value):
    for found in _both(crossed, value):
        assert type(found) is np.ndarray
        np.testing.assert_array_equal(found, [[1.0, 2.0]])


@pytest.mark.parametrize("value", [_Endless(), _Number(3.0), object(), 1j], ids=lambda value: type(value).__name__)
def test_what_cannot_be_read_is_no_number(crossed, value):
    for found in _both(crossed, value):
        with pytest.raises(CheckFailed, match="Return one number"):
            one_number(found)


@pytest.mark.parametrize(
    "model_or_function", [len, keras.Sequential(), tf.data.Dataset.range(2), keras.losses.MeanSquaredError()]
)
def test_what_holds_no_value_stays_as_it_is(model_or_function):
    assert held(model_or_function) is model_or_function


def test_nan_is_no_number_and_close_to_nothing():
    with pytest.raises(CheckFailed, match="divided by 0"):
        one_number(float("nan"))
    assert not close(float("nan"), float("nan"))
    assert not close([1.0, float("inf")], [1.0, float("inf")])
    assert close(np.float32(0.1), 0.1)


def test_what_was_measured_are_shares():
    assert shares_of([0.5, -0.25], "gains", least=2).tolist() == [0.5, -0.25]
    assert mean_shares({"photos": [0.5, 0.25], "glyphs": 1}, "gains") == {"photos": 0.375, "glyphs": 1.0}
    with pytest.raises(CheckFailed, match=r"`leaks` must hold shares.* Received: 20, nan"):
        shares_of([20, 0.5, float("nan")], "leaks")
    with pytest.raises(CheckFailed, match="`leaks` must hold one share for each run"):
        shares_of(0.5, "leaks", least=2)
    with pytest.raises(CheckFailed, match=r"gains\['photos'\]"):
        mean_shares({"photos": [25]}, "gains")


def test_numbers_that_are_received():
    assert whole_number(Fraction(6, 2)) == 3
    with pytest.raises(CheckFailed, match=r"whole number, of images\. Received: 2\.5"):
        whole_number(2.5, "of images")
    with pytest.raises(CheckFailed, match=r"Two numbers\. Received: an array of shape \(3,\)"):
        numbers_of([1, 2, 3], (2,), "Two numbers.")
    with pytest.raises(CheckFailed, match=r"Two numbers\. Received: 'low'"):
        numbers_of("low", (2,), "Two numbers.")
    assert in_words([0] * 100).endswith("…")
    assert in_words(map(abs, [1])) == in_words(Opaque("map"))
    assert in_words(Opaque("list_reverseiterator")).endswith("makes a list of it")
    assert in_words(Opaque("Words")) == "<Words object>"


def _halves(values, named=None):
    values /= 2
    return values


def _sorts(values, named=None):
    return sorted(values), named.sort()


@pytest.mark.parametrize("is_remote", [False, True])
@pytest.mark.parametrize(
    ("answer", "changed"), [(_halves, {"first"}), (_sorts, {"named"}), (lambda values, named: values + 1, set())]
)
def test_changes_in_place_are_seen_and_touch_only_copies(crossed, answer, changed, is_remote):
    values, named = np.array([2.0, 4.0]), [3, 1]
    seen = crossed(answer)[0] if is_remote else as_seen(answer)
    seen(values, named=named)
    assert seen.changed == changed
    assert (values.tolist(), named) == ([2.0, 4.0], [3, 1])


def _one(value):
    """It gives one."""
    if value(np.ones(2))[0] != 1:
        raise CheckFailed("not one")


def _guessed(prediction):
    """You predicted first."""


HINTS = ("a", "b", "c")


def _in_place(x):
    x += 1
    x -= 1
    x[1] = 5
    return x


def test_a_change_in_place_costs_one_property():
    def again(value):
        """It gives three."""
        assert value(np.full(2, 3.0))[0] == 3

    register(Exercise("99.1", "t", 2, HINTS, (_one, again)))
    result = check("99.1", _in_place)
    assert float(result) == 1
    assert "changed its first argument in place" in result.outcomes[0].message


def test_a_prediction_earns_nothing_by_itself():
    from tlkit.checks import predict
    from tlkit.checks.record import record_in_memory

    register(Exercise("99.2", "t", 2, HINTS, (_one, _guessed), prediction=lambda answer: None))
    with record_in_memory():
        predict("99.2", 3)
        assert float(check("99.2", lambda x: np.zeros(2))) == 0
        assert float(check("99.2", lambda x: x)) == 2
