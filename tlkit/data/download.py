"""Fetch a file once: checked, all or nothing, and never a hang."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from tlkit.files import replacing, write_whole
from tlkit.paths import cache_dir

__all__ = ["OnlineFile", "fetch"]


@dataclass(frozen=True)
class OnlineFile:
    """A file to download.

    Attributes:
        name: Its name in the cache.
        origin: Its URL.
        sha256: Its published SHA-256. Without one, the hash of the first copy is noted beside it, and
            later copies must match that.
    """

    name: str
    origin: str
    sha256: str | None = None


def fetch(file: OnlineFile, *, timeout: float = 10.0) -> Path:
    """Return where the file is in `cache_dir()`, after downloading it if it is not there.

    Args:
        file: What to fetch.
        timeout: Seconds without any answer, or without any further byte, after which to give up.

    Raises:
        ConnectionError: If it cannot be downloaded; says where to put it by hand.
        ValueError: If its content is not what it should be.
    """
    target = cache_dir() / "downloads" / file.name
    if not target.exists():
        _download(file, target, timeout)
    _verify(file, target)
    return target


def _download(file: OnlineFile, target: Path, timeout: float) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)  # if this fails, a person can put the file there
    try:
        _check_answers(file.origin, timeout)
        import keras  # seconds, and of no use where nothing answers

        # Keras writes under the final name as it goes: half a file must not be taken for a whole one.
        with replacing(target) as partial, _socket_timeout(timeout):
            keras.utils.get_file(file.name, file.origin, cache_dir=str(partial.parent), cache_subdir="")
    except Exception as error:
        msg = (
            f"{file.name} could not be downloaded from {file.origin}: {error}. Without a network, "
            f"save that file as {target} and call again, or use an embedded dataset: see `list_datasets()`."
        )
        raise ConnectionError(msg) from error


def _check_answers(origin: str, timeout: float) -> None:
    """Ask for the header in a thread: looking up a name heeds no time-out of a socket."""
    outcome: list[Exception | None] = []

    def ask() -> None:
        try:
            urllib.request.urlopen(urllib.request.Request(origin, method="HEAD"), timeout=timeout).close()
            outcome.append(None)
        except Exception as error:
            # A server may refuse HEAD; that it answers is enough.
            outcome.append(None if isinstance(error, urllib.error.HTTPError) else error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout + 1)
    problem = outcome[0] if outcome else TimeoutError(f"no answer within {timeout:g} s")
    if problem is not None:
        raise problem


@contextlib.contextmanager
def _socket_timeout(seconds: float) -> Generator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _verify(file: OnlineFile, target: Path) -> None:
    with open(target, "rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    note = target.with_name(f"{target.name}.sha256")
    expected = file.sha256 or (note.read_text().strip() if note.exists() else None)
    if expected is None:
        write_whole(note, found + "\n")
    elif found != expected:
        msg = f"{target} is damaged: its SHA-256 is {found}, not {expected}. Delete it, and call again to download it."
        raise ValueError(msg)
