"""One submission in its process: run cells, hand out what they define. It decides nothing."""

import contextlib
import ctypes
import hashlib
import os
import resource
import socket
from collections.abc import Iterator
from typing import Any

from tlkit.checks import all_exercises
from tlkit.checks.held import held
from tlkit.grading.remote.wire import Channel
from tlkit.grading.sandbox.inside.namespace import LazyNamespace, run_cell

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
        """Return the value of an expression of the lesson, such as `my_guess` or `runs`."""
        return held(eval(expression, self._names))

    def walls(self, secrets: dict[str, int]) -> dict[str, bool]:
        """Return what this process can do that it should not be able to do; runs before any learner's code.

        Args:
            secrets: SHA-256 and size of each file that no answer may read.
        """
        return {name: attempt() for name, attempt in _ATTEMPTS.items()} | {"read the answers": _can_read(secrets)}


def serve_submission(channel: Channel) -> None:
    """Serve the grader until it hangs up."""
    from tlkit.grading.remote.keras_values import KerasExchange
    from tlkit.grading.sandbox.inside.quick_keras import quicken  # here: Keras is imported once, by whoever starts this

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
    "load an exercise": lambda: _can_load_exercises(),
}
_OF_KERNEL = ("/proc", "/sys", "/dev")
_OWN_PROCESSES = 2  # in a sandbox of its own: bubblewrap and this one


def _can_load_exercises() -> bool:
    """Ask the engine itself, whatever its files are called; a failure for another reason proves nothing."""
    try:
        return bool(all_exercises())
    except Exception:
        return True


def _can_read(secrets: dict[str, int]) -> bool:
    """Whether a visible file has the bytes of a secret one, whatever its name; without secrets, this proves nothing."""
    sizes = set(secrets.values())
    alike = (path for path, size in _files_below("/") if size in sizes)
    return not secrets or any(_sha256(path) in secrets for path in alike)


def _files_below(folder: str) -> Iterator[tuple[str, int]]:
    """Yield the path and size of each file, except those that the kernel makes up; links are files of their own."""
    left = [folder]
    while left:
        with contextlib.suppress(PermissionError), os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_file(follow_symlinks=False):
                    yield entry.path, entry.stat().st_size
                elif entry.is_dir(follow_symlinks=False) and entry.path not in _OF_KERNEL:
                    left.append(entry.path)


def _sha256(path: str) -> str:
    with contextlib.suppress(PermissionError), open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
    return ""
