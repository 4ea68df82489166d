"""Two processes that use each other's values: each keeps its functions and data sets, and hands out numbers for them.

Requests may nest (a function of one side calls a function of the other, which calls back) and come from several
threads (TensorFlow reads data sets in threads of its own). One thread reads; it gives a reply to the thread that waits
for it, and a request to the thread that waited last, or, if none waits, to `serve`.
"""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from tlkit.grading.values import Codec
from tlkit.grading.wire import Channel, ProtocolError

__all__ = ["PROCESS_ENDED", "Gone", "OutOfTime", "Peer"]

PROCESS_ENDED = "the process ended"
_CLOSED: dict = {"closed": True}
_MAX_PENDING, _MAX_PENDING_BYTES = 64, 128 << 20


class Gone(Exception):
    """The other side ended, or broke the protocol; the message says which."""


class OutOfTime(Exception):
    """The other side did not answer before the deadline."""


class Peer:
    """One end of the connection.

    Args:
        channel: Carries the frames.
        operations: What the other side may ask for: `{name: function(**fields) -> value}`.
        explain: Turns an exception of such a function into plain data for the other side.
        raise_error: Turns those data back into an exception, and raises it.

    Attributes:
        codec: Set by the owner before `start`.
        deadline: `time.monotonic()` after which a request fails with `OutOfTime`.
        fault: The first `Gone` or `OutOfTime`, kept because libraries in between may wrap or swallow it.
    """

    codec: Codec

    def __init__(
        self,
        channel: Channel,
        operations: dict[str, Callable[..., Any]],
        explain: Callable[[BaseException], dict],
        raise_error: Callable[[Any], None],
    ):
        self._channel, self._operations, self._explain, self._raise = channel, operations, explain, raise_error
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue] = {}  # in the order in which they began to wait
        self._idle: queue.SimpleQueue = queue.SimpleQueue()
        self._resting = False  # whether `serve` waits for work
        self._pending, self._pending_bytes = 0, 0
        self.deadline = float("inf")
        self.fault: Exception | None = None
        self._end = ""

    def start(self) -> None:
        """Begin to read."""
        threading.Thread(target=self._read, daemon=True, name="peer").start()

    def request(self, operation: str, **fields: Any) -> Any:
        """Ask the other side, serve what it asks meanwhile, and return its answer.

        Raises:
            Gone: If it ended.
            OutOfTime: If the deadline passed.
            Exception: Whatever `raise_error` makes of an error over there.
        """
        number, inbox = next(self._numbers), queue.SimpleQueue()
        with self._lock:
            self._waiting[number] = inbox
        if self._end:
            inbox.put(_CLOSED)
        self._move_idle_to(inbox)
        try:
            self._send({"ask": number, "operation": operation}, fields)
            reply = self._wait(inbox)
        finally:
            self._leave(number, inbox)
        if "error" in reply[0]:
            self._raise(reply[0]["error"])
        return self._decode(reply)

    def serve(self) -> None:
        """Serve requests until the other side is gone."""
        while True:
            with self._lock:
                self._resting = self._idle.empty()
            frame = self._idle.get()
            if frame is _CLOSED:
                return
            self._answer(frame)

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def _wait(self, inbox: queue.SimpleQueue) -> tuple[dict, list[bytes]]:
        while True:
            left = min(self.deadline - time.monotonic(), threading.TIMEOUT_MAX)
            frame = None
            with contextlib.suppress(queue.Empty):
                frame = inbox.get(timeout=max(left, 0.0))
            if frame is None or left <= 0:  # also where requests keep coming, and an answer does not
                self._fail(OutOfTime("no answer in time"))
            if frame is _CLOSED:
                self._fail(Gone(self._end))
            if "ask" not in frame[0]:
                return frame
            self._answer(frame)

    def _fail(self, fault: Exception) -> NoReturn:
        self.fault = self.fault or fault
        raise fault

    def _answer(self, frame: tuple[dict, list[bytes]]) -> None:
        message = frame[0]
        self._count(frame, -1)
        try:
            operation = self._operations[message["operation"]]
            fields = self._decode(frame)
            value = operation(**fields)
        except (Gone, OutOfTime):
            raise
        except BaseException as error:
            self._put({"reply": message["ask"], "error": self._explain(error)}, [])
            return
        self._send({"reply": message["ask"]}, value)

    def _send(self, message: dict, value: Any) -> None:
        data, arrays = self.codec.encode(value)
        self._put(message | {"value": data}, arrays)

    def _put(self, message: dict, arrays: list[bytes]) -> None:
        try:
            self._channel.send(message, arrays)
        except (OSError, ValueError):  # ValueError: the stream is closed
            self._fail(Gone(self._end or PROCESS_ENDED))

    def _decode(self, frame: tuple[dict, list[bytes]]) -> Any:
        message, arrays = frame
        try:
            return self.codec.decode(message.get("value"), arrays)
        except ProtocolError as error:
            self._fail(Gone(f"it sent {error}"))

    def _read(self) -> None:
        try:
            while True:
                self._deliver(self._channel.receive())
        except ProtocolError as error:
            self._end = f"it sent {error}"
        except (EOFError, OSError, ValueError):
            self._end = PROCESS_ENDED
        self._channel.hang_up()  # or a thread could wait in `send` for someone who reads no more
        with self._lock:
            waiting = [*self._waiting.values(), self._idle]
        for inbox in waiting:
            inbox.put(_CLOSED)

    def _deliver(self, frame: tuple[dict, list[bytes]]) -> None:
        message = frame[0]
        with self._lock:
            if "ask" in message:
                self._count(frame, 1)
                last = next(reversed(self._waiting.values()), self._idle)
                (self._idle if self._resting else last).put(frame)
                self._resting = False
            elif isinstance(message.get("reply"), int) and message["reply"] in self._waiting:
                self._waiting[message["reply"]].put(frame)
            else:
                msg = "a reply to nothing"
                raise ProtocolError(msg)

    def _count(self, frame: tuple[dict, list[bytes]], change: int) -> None:
        """Count what waits to be served: a flood of requests must not fill the memory."""
        self._pending += change
        self._pending_bytes += change * sum(map(len, frame[1]))
        if self._pending > _MAX_PENDING or self._pending_bytes > _MAX_PENDING_BYTES:
            msg = "more requests than anybody can serve"
            raise ProtocolError(msg)

    def _move_idle_to(self, inbox: queue.SimpleQueue) -> None:
        """Requests that came while nobody waited are served by the one who waits now."""
        while not self._idle.empty():
            frame = self._idle.get()
            if frame is _CLOSED:
                self._idle.put(frame)
                return
            inbox.put(frame)

    def _leave(self, number: int, inbox: queue.SimpleQueue) -> None:
        with self._lock:
            self._waiting.pop(number, None)
            other = next(reversed(self._waiting.values()), self._idle)
            while not inbox.empty():
                frame = inbox.get()
                if frame is not _CLOSED and "ask" in frame[0]:
                    other.put(frame)
