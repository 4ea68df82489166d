"""What crosses the pipe between a learner's code and its check: a closed set of values, checked before it is used."""

import collections
import dataclasses
import io
import json
import numbers
import struct
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from tlkit.checks.handing import changed_message
from tlkit.checks.held import held
from tlkit.grading.remote.exchange import Exchange
from tlkit.grading.remote.values import Codec, Opaque
from tlkit.grading.remote.wire import Channel, ProtocolError, array_from_npy, npy_from_array


def _crossed(value):
    codec = Codec([], {})
    data, arrays = codec.encode(value)
    return codec.decode(json.loads(json.dumps(data)), arrays)


@pytest.mark.parametrize(
    "value",
    [None, True, -3, 2.5, "text", [1, [2]], (1, (2, "a")), {"a": 1, 2: [3]}, {1, 2}, float("inf"), 10**30],
    ids=repr,
)
def test_plain_values_cross(value):
    assert _crossed(value) == value
    assert type(_crossed(value)) is type(value)


@pytest.mark.parametrize("dtype", ["bool", "int8", "uint8", "int64", "float16", "float32", "float64", ">f4"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_arrays_cross(dtype, shape):
    array = np.ones(shape, dtype)
    crossed = _crossed(array)
    np.testing.assert_array_equal(crossed, array)
    assert crossed.shape == shape
    assert crossed.dtype == array.dtype.newbyteorder("=")


def test_numpy_numbers_and_texts_cross():
    assert _crossed(np.float32(2.5)) == np.float32(2.5)
    assert isinstance(_crossed(np.int64(3)), np.int64)
    assert _crossed(np.str_("a")) == "a"
    assert _crossed(np.array(["a", "bc"])).tolist() == ["a", "bc"]


class _EqualToEverything:
    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "value",
    [_EqualToEverything(), object(), 1j, b"bytes", np.array([object()]), int],
    ids=lambda value: type(value).__name__,
)
def test_other_values_arrive_as_their_type_only(value):
    crossed = _crossed(value)
    assert isinstance(crossed, Opaque)
    assert crossed != 1


def test_nesting_ends():
    deep = []
    for _ in range(100):
        deep = [deep]
    assert "deeply nested" in repr(_crossed(deep))


def _header(text, version=b"\x01\x00"):
    padded = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(padded)) + padded


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"PK\x03\x04", "broken header"),
        (_header("{'descr': '<f8', 'fortran_order': False, 'shape': (10**12,), }"), "broken header"),
        (_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"), "does not fit"),
        (_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }"), "does not fit"),
        (_header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + b"x" * 8, "dtype |O"),
        (_header("{'descr': '|V8', 'fortran_order': False, 'shape': (1,), }") + b"x" * 8, "dtype"),
        (_header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }") + b"x" * 8, "does not fit"),
        (_header("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", b"\x02\x00"), "not npy 1.0"),
        (_header("[" * 100), "broken header"),
    ],
)
def test_bad_npy_is_refused(data, match):
    with pytest.raises(ProtocolError, match=match.replace("|", r"\|")):
        array_from_npy(data)


def test_npy_is_numpys_own():
    array = np.arange(6, dtype="float32").reshape(2, 3)
    np.testing.assert_array_equal(np.load(io.BytesIO(npy_from_array(array)), allow_pickle=False), array)


@pytest.mark.parametrize(
    "data",
    [
        {"list": 3}, {"dict": [[1]]}, {"dict": [[{"list": []}, 1]]}, {"npy": 0}, {"npy": -1}, {"npy": True},
        {"unknown": 1}, {"list": [], "tuple": []}, [1], {"__init__": 1}, {"value": 1}, {"texts": [["a" * 100]]},
        {"texts": [[["a"], "b"]]}, {"set": [{"list": []}]},
    ],
    ids=repr,
)  # fmt: skip
def test_bad_values_are_refused(data):
    with pytest.raises(ProtocolError):
        Codec([], {}).decode(data, [])


def _receive(data, **options):
    return Channel(io.BytesIO(data), io.BytesIO(), **options).receive()


class _LyingPeer:
    """Answers every request with the same value."""

    def __init__(self, reply):
        self.reply = reply

    def request(self, *_, **__):
        return self.reply


def _called(reply):
    """What a call of a learner's function gives where the other end replies that."""
    exchange = Exchange(Channel(io.BytesIO(), io.BytesIO()), {})
    exchange.peer = _LyingPeer(reply)
    return exchange.call(1, (), {})


@pytest.mark.parametrize("reply", [None, 3, [], (1,), (1, [], 2), {"value": 1}, "ab"], ids=repr)
def test_a_reply_without_its_two_parts_is_refused(reply):
    with pytest.raises(ProtocolError, match="two parts"):
        _called(reply)


@pytest.mark.parametrize(
    ("changed", "believed"),
    [
        (["first"], ["first"]),
        ([3, None, ["first"], {"a": 1}], []),
        ("first", []),
        ({"first": 1}, []),
        (None, []),
        (10**30, []),
    ],
)
def test_only_words_say_what_was_changed(changed, believed):
    assert _called((7, changed)) == (7, believed)
    assert "in place" in changed_message(["first", "<script>", "x" * 10**6])
    assert len(changed_message(["<script>", "x" * 10**6])) < 500


class _HostileNumber(numbers.Real):
    """Claims to be a number, and says whatever it likes, or nothing."""

    def __float__(self):
        return "no float"

    __abs__ = __add__ = __ceil__ = __eq__ = __floor__ = __floordiv__ = __le__ = __lt__ = __mod__ = __mul__ = __float__
    __neg__ = __pos__ = __pow__ = __radd__ = __rfloordiv__ = __rmod__ = __rmul__ = __round__ = __rpow__ = __float__
    __rtruediv__ = __truediv__ = __trunc__ = __float__
    __hash__ = None


class _HostileArray:
    def __array__(self, *_, **__):
        raise SystemError


class _HostileList(list):
    def __iter__(self):
        raise RuntimeError


@dataclasses.dataclass
class _HostileRecord:
    value: int

    def __getattribute__(self, name):
        if name == "value":
            raise RuntimeError
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    "value",
    [_HostileNumber(), _HostileArray(), _HostileList([1]), _HostileRecord(1), Fraction(10**400), Decimal("sNaN")],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_fails_to_be_read_arrives_as_its_type_only(value):
    crossed = _crossed(held((1, value)))
    assert crossed[0] == 1
    assert isinstance(crossed[1], Opaque)


def test_values_that_hold_others_cross_as_what_they_hold():
    point = collections.namedtuple("Point", "x y")
    values = [point(np.float32(0.5), Fraction(1, 4)), Decimal("2.5"), np.array(3), collections.OrderedDict(a=range(2))]
    assert _crossed(held(values)) == [(0.5, 0.25), 2.5, 3, {"a": [0, 1]}]


def _frame(text):
    return struct.pack("<I", len(text)) + text


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"\xff\xff\xff\xff", "4294967295 bytes"),
        (_frame(b"[" * 10**6), "not JSON"),
        (_frame(b"{"), "not JSON"),
        (_frame(b"[]"), "not an object"),
        (_frame(b'{"arrays": [9999999999999]}'), "too large"),
        (_frame(b'{"arrays": [-5]}'), "too many or too large"),
        (_frame(b'{"arrays": [true]}'), "too many or too large"),
        (_frame(b'{"arrays": {"a": 1}}'), "too many or too large"),
        (_frame(b'{"a": ' + b"9" * 10000 + b"}"), "not JSON"),
    ],
)
def test_bad_frames_are_refused(data, match):
    with pytest.raises(ProtocolError, match=match):
        _receive(data)


def test_frames_arrive_whole():
    stream = io.BytesIO()
    Channel(io.BytesIO(), stream).send({"reply": 1}, [b"abc", b""])
    assert _receive(stream.getvalue()) == ({"reply": 1, "arrays": [3, 0]}, [b"abc", b""])
    with pytest.raises(EOFError):
        _receive(stream.getvalue()[:-1])


def test_a_channel_reads_so_many_bytes_in_all():
    stream = io.BytesIO()
    for _ in range(3):
        Channel(io.BytesIO(), stream).send({"reply": 1}, [b"x" * 1000])
    channel = Channel(io.BytesIO(stream.getvalue()), io.BytesIO(), max_total_bytes=2500)
    channel.receive()
    channel.receive()
    with pytest.raises(ProtocolError, match="2500 bytes in all"):
        channel.receive()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["set", "dict"])
def test_keys_that_collide_take_no_time(kind):
    numbers = [k * ((1 << 61) - 1) for k in range(1, 150_000)]
    start = time.process_time()
    with pytest.raises(ProtocolError, match="too many keys"):
        Codec([], {}).decode({kind: numbers if kind == "set" else [[number, 1] for number in numbers]}, [])
    assert time.process_time() - start < 5.0
    assert len(Codec([], {}).decode({"dict": [[str(number), 1] for number in numbers]}, [])) == len(numbers)
