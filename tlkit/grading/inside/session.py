"""One submission in its process: run cells, hand out what they define. It decides nothing."""

import ctypes
import os
import resource
import socket
import sys
from typing import Any

from tlkit.grading.inside.namespace import LazyNamespace, run_cell
from tlkit.grading.wire import Channel

__all__ = ["serve_submission"]


class _Session:
    def __init__(self) -> None:
        self._names = LazyNamespace([])

    def prepare(self, cells: list[str]) -> None:
        """Take the lesson's cells that no learner writes."""
        self._names = LazyNamespace(cells)

    def run(self, name: str, source: str) -> None:
        """Run a cell of the learner."""
        run_cell(name, source, self._names)

    def look(self, expression: str) -> Any:
        """Return the value of an expression of the lesson, as `my_guess` or `runs`."""
        return eval(expression, self._names)

    def walls(self) -> dict[str, bool]:
        """Return what this process can do that it should not be able to do; runs before any learner's code."""
        return {name: attempt() for name, attempt in _ATTEMPTS.items()}


def serve_submission(channel: Channel) -> None:
    """Serve the grader until it hangs up."""
    from tlkit.grading.inside.quick_keras import quicken  # here: Keras is imported once, by whoever starts this
    from tlkit.grading.keras_values import KerasExchange

    quicken()
    session = _Session()
    names = ("prepare", "run", "look", "walls")
    exchange = KerasExchange(channel, {name: getattr(session, name) for name in names}, is_inside=True)
    exchange.peer.start()
    exchange.peer.serve()


def _can(action: Any) -> bool:
    try:
        action()
    except (OSError, ValueError):
        return False
    return True


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _connect() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", 22))


def _write_package() -> None:
    path = os.path.join(os.path.dirname(__file__), "probe")
    with open(path, "xb"):
        os.unlink(path)


def _unshare() -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(0x10000000):
        raise OSError


def _use_memory_without_limit() -> None:
    if resource.getrlimit(resource.RLIMIT_AS)[1] != resource.RLIM_INFINITY:
        raise OSError


_ATTEMPTS = {
    "start a process": lambda: _can(_fork),
    "use a network": lambda: _can(_connect),
    "write into the package": lambda: _can(_write_package),
    "write into the root folder": lambda: _can(lambda: os.mkdir("/probe")),
    "write into /dev/shm": lambda: _can(lambda: os.mkdir("/dev/shm/probe")),
    "make a namespace": lambda: _can(_unshare),
    "use memory without limit": lambda: _can(_use_memory_without_limit),
    "see other processes": lambda: len([name for name in os.listdir("/proc") if name.isdigit()]) > _OWN_PROCESSES,
    "read the lessons' checks": lambda: _can(lambda: os.stat(_checks_folder() + "/lesson_01.py")) and _has_answers(),
}
_OWN_PROCESSES = 2  # in a sandbox of its own: bubblewrap and this one


def _checks_folder() -> str:
    return os.path.dirname(sys.modules["tlkit.checks"].__file__ or "")


def _has_answers() -> bool:
    with open(_checks_folder() + "/lesson_01.py", encoding="utf-8") as file:
        return "register(" in file.read()
