"""Two processes that use each other's values: each keeps its functions and data sets, and hands out numbers for them.

Requests may nest (a function of one side calls a function of the other, which calls back) and come from several
threads (TensorFlow reads data sets in threads of its own). A request says what caused it, and one thread reads:

- a reply goes to the thread that waits for it;
- a request that was made to answer one of ours goes to the thread that waits for that answer, as in a plain call;
- a request of the other side's main thread goes to `serve`;
- any other, such as one of TensorFlow's threads, goes to a thread of its own.

So no thread serves what it is waiting for itself: a data set may read ahead while it waits for another one.
"""

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, NoReturn

from tlkit.grading.remote.values import Codec
from tlkit.grading.remote.wire import Channel, ProtocolError

__all__ = ["PROCESS_ENDED", "Gone", "OutOfTime", "Peer"]

PROCESS_ENDED = "the process ended"
_CLOSED: dict = {"closed": True}
_OF_MAIN_THREAD = 0
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
        self._waiting: dict[int, queue.SimpleQueue] = {}
        self._idle: queue.SimpleQueue = queue.SimpleQueue()  # for `serve`
        self._serving = threading.local()  # `cause`: the number of the request that this thread answers
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
        try:
            self._send({"ask": number, "operation": operation, "cause": self._cause()}, fields)
            reply = self._wait(inbox)
        finally:
            with self._lock:
                del self._waiting[number]
        if "error" in reply[0]:
            self._raise(reply[0]["error"])
        return self._decode(reply)

    def serve(self) -> None:
        """Serve requests until the other side is gone."""
        with contextlib.suppress(Gone):
            while (frame := self._idle.get()) is not _CLOSED:
                self._answer(frame)

    def close(self) -> None:
        """End the connection."""
        self._channel.close()

    def _cause(self) -> Any:
        is_main = threading.current_thread() is threading.main_thread()
        return getattr(self._serving, "cause", _OF_MAIN_THREAD if is_main else None)

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
        raise self.fault

    def _answer(self, frame: tuple[dict, list[bytes]]) -> None:
        try:
            with self._because_of(frame[0]["ask"]):
                self._answer_now(frame)
        finally:
            self._count(frame, -1)

    @contextlib.contextmanager
    def _because_of(self, number: Any) -> Generator[None]:
        """Let the requests that this thread makes in the block name the one that it answers."""
        before, self._serving.cause = self._cause(), number
        try:
            yield
        finally:
            self._serving.cause = before

    def _answer_now(self, frame: tuple[dict, list[bytes]]) -> None:
        message = frame[0]
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

    def _answer_aside(self, frame: tuple[dict, list[bytes]]) -> None:
        """Answer in a thread of its own; a fault there is one of the whole connection."""
        try:
            self._answer(frame)
        except (Gone, OutOfTime):
            self._wake_all()

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
        self._channel.hang_up()  # or a thread could wait in `send` for someone who no longer reads
        self._wake_all()

    def _wake_all(self) -> None:
        with self._lock:
            waiting = [*self._waiting.values(), self._idle]
        for inbox in waiting:
            inbox.put(_CLOSED)

    def _deliver(self, frame: tuple[dict, list[bytes]]) -> None:
        message = frame[0]
        if "ask" in message:
            self._count(frame, 1)
            self._give(frame, message.get("cause"))
            return
        with self._lock:
            inbox = self._waiting.get(message["reply"]) if type(message.get("reply")) is int else None
        if inbox is None:
            msg = "a reply to nothing"
            raise ProtocolError(msg)
        inbox.put(frame)

    def _give(self, frame: tuple[dict, list[bytes]], cause: Any) -> None:
        """Give a request to the thread that is to answer it."""
        with self._lock:
            waiting = self._waiting.get(cause) if type(cause) is int else None
        inbox = self._idle if cause == _OF_MAIN_THREAD else waiting
        if inbox:
            inbox.put(frame)
        else:
            threading.Thread(target=self._answer_aside, args=(frame,), daemon=True, name="peer aside").start()

    def _count(self, frame: tuple[dict, list[bytes]], change: int) -> None:
        """Count what is not yet answered: a flood of requests must fill neither the memory nor the table of threads."""
        with self._lock:
            self._pending += change
            self._pending_bytes += change * sum(map(len, frame[1]))
            is_too_much = self._pending > _MAX_PENDING or self._pending_bytes > _MAX_PENDING_BYTES
        if change > 0 and is_too_much:
            msg = "more requests than anybody can serve"
            raise ProtocolError(msg)
