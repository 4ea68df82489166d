"""Which thread serves a request of the other side: never one that waits for what it would serve."""

import socket
import threading
import time

import pytest

from tlkit.grading.remote.peer import Gone, Peer
from tlkit.grading.remote.values import Codec
from tlkit.grading.remote.wire import Channel

SOON = 20.0  # seconds after which a thread that waits is stuck


@pytest.fixture
def pair():
    """Return a function that connects two sides with operations each; the second one also serves."""
    ends = socket.socketpair()

    def connect(*operations):
        peers = [_peer(end, table) for end, table in zip(ends, operations, strict=True)]
        threading.Thread(target=peers[1].serve, daemon=True).start()
        return peers

    yield connect
    for end in ends:
        end.shutdown(socket.SHUT_RDWR)


def _peer(end, operations):
    channel = Channel(end.makefile("rb"), end.makefile("wb"))
    peer = Peer(channel, operations, lambda error: {"text": repr(error)}, _raise)
    peer.codec = Codec([], {})
    peer.deadline = time.monotonic() + SOON
    peer.start()
    return peer


def _raise(data):
    raise ValueError(data["text"])


def test_a_thread_that_waits_is_given_no_work_of_others(pair):
    arrived = threading.Event()

    def reader():  # as a thread of TensorFlow that reads ahead
        inside.request("slow")
        arrived.set()

    def busy():  # the main thread of the other side has work of its own meanwhile
        threading.Thread(target=reader, daemon=True).start()
        return arrived.wait(SOON)

    def slow():
        asking.start()
        asking.join(0.5)  # it gets its answer after the reader has got this one

    asking = threading.Thread(target=lambda: outside.request("wait for the reader"), daemon=True)
    tables = {"slow": slow}, {"busy": busy, "wait for the reader": lambda: arrived.wait(SOON)}
    outside, inside = pair(*tables)
    assert outside.request("busy") is True
    asking.join(SOON)


def test_a_call_back_is_served_by_the_thread_that_called(pair):
    names = []
    note = lambda: names.append(threading.current_thread().name)  # noqa: E731
    outside, inside = pair({"note": note}, {"call back": lambda: inside.request("note")})
    outside.request("call back")
    assert names == [threading.current_thread().name]


def test_a_main_thread_is_served_by_one_thread_in_order(pair):
    names = []
    note = lambda: names.append(threading.current_thread().name)  # noqa: E731
    outside, _ = pair({}, {"note": note})
    for _ in range(5):
        outside.request("note")
    assert len(set(names)) == 1


def test_a_fault_in_a_thread_aside_ends_the_wait_of_all(pair):
    def lie():
        inside._channel.send({"ask": 1, "operation": "note", "value": {"no such kind": 1}}, [])
        time.sleep(SOON)

    outside, inside = pair({"note": lambda: None}, {"lie": lie})
    start = time.monotonic()
    with pytest.raises(Gone, match="unknown kind"):
        outside.request("lie")
    assert time.monotonic() - start < SOON / 2
