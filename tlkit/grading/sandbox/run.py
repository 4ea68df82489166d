"""Start learners' code behind walls: bubblewrap outside, and limits that each submission puts on itself inside.

Three modes: `preload` keeps one process with Keras imported and forks it for each submission, into namespaces of its
own; `cold` starts a whole sandbox for each; `open` has no walls, for the learner's own work only.
"""

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import Any

from tlkit.grading.remote.keras_values import KerasExchange
from tlkit.grading.remote.wire import Channel
from tlkit.grading.sandbox.limits import Limits
from tlkit.grading.sandbox.view import mounts
from tlkit.grading.sandbox.walls import behind_walls, search_path

__all__ = ["MODES", "NoSandbox", "Running", "Sandbox"]

MODES = ("preload", "cold", "open")
_START_S, _END_S, _STOP_S = 120.0, 30.0, 2.0
_MOST_SILENT_S = 60  # a process that reads nothing for so long is gone
_MOST_AT_ONCE, _MOST_IN_ALL = 64 << 20, 256 << 20  # bytes that a process in the sandbox may send


class NoSandbox(Exception):
    """The sandbox cannot be started here; the message says why."""


class Running:
    """The running process of one submission: `exchange` speaks with it, `stop` ends it and returns its CPU seconds."""

    def __init__(self, exchange: KerasExchange, stop):
        self.exchange, self._stop = exchange, stop
        exchange.peer.start()

    def stop(self) -> float:
        """Kill the process with all that it started; return the CPU seconds that it used."""
        used = self._stop()  # first, or closing would wait for the thread that reads
        self.exchange.peer.close()
        return used


class Sandbox:
    """Where submissions run; use it as a context manager.

    Args:
        mode: One of `MODES`.
        limits: The limits of each submission; not used by `open`.
        modules: Names of modules to import before a submission starts.
    """

    def __init__(self, mode: str = "preload", *, limits: Limits | None = None, modules: tuple[str, ...] = ()):
        if mode not in MODES:
            msg = f"`mode` must be one of {', '.join(MODES)}. Received: {mode!r}."
            raise ValueError(msg)
        self._mode, self._limits, self._modules = mode, limits or Limits(), modules
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> Running:
        """Start the process of a submission.

        Raises:
            NoSandbox: If it cannot be started.
        """
        return self._start_forked() if self._mode == "preload" else self._start_alone()

    def close(self) -> None:
        """End whatever runs."""
        if self._control:
            self._control.close()
        if self._process:
            _end(self._process, _END_S if self._mode == "preload" else _STOP_S)
        self._process = self._control = None

    # --- a process that was forked from one with Keras

    def _start_forked(self) -> Running:
        control = self._preloaded()
        ours, theirs = socket.socketpair()
        with theirs:
            fault = self._ask({"start": True}, [theirs.fileno()])["fault"]
        if fault:
            ours.close()
            self._ask({"stop": True})
            msg = f"The sandbox let no process into namespaces of its own: {fault}."
            raise NoSandbox(msg)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", _MOST_SILENT_S, 0))

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)

        streams = ours.makefile("rb"), ours.makefile("wb")
        channel = Channel(*streams, max_array_bytes=_MOST_AT_ONCE, max_total_bytes=_MOST_IN_ALL, hang_up=hang_up)

        def stop() -> float:
            hang_up()  # wakes the thread that reads
            return self._ask({"stop": True})["cpu"] if control is self._control else 0.0

        return Running(KerasExchange(channel, {}, is_inside=False), stop)

    def _preloaded(self) -> socket.socket:
        if self._control is None:
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._control.settimeout(_START_S)
            with theirs:
                command = self._command("preload")
                self._process = self._popen(command, stdin=theirs, stdout=subprocess.DEVNULL)
            if not self._answer().get("ready"):
                self._raise_failure()
        return self._control

    def _ask(self, message: dict, files: list[int] | None = None) -> dict:
        if self._control is None:
            return {"fault": "it ended", "cpu": 0.0}
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], files or [])
        except OSError:
            self._raise_failure()
        return self._answer()

    def _answer(self) -> dict:
        try:
            data = self._control.recv(4096) if self._control else b""
        except OSError:
            data = b""
        if not data:
            self._raise_failure()
        return json.loads(data)

    def _raise_failure(self) -> None:
        self.close()
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        msg = f"The sandbox could not be started: {said[-1] if said else 'it ended without a word'}"
        raise NoSandbox(msg)

    # --- a process of its own for each

    def _start_alone(self) -> Running:
        process = self._popen(
            self._command("open" if self._mode == "open" else "once"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._process = process
        channel = Channel(process.stdout, process.stdin, max_array_bytes=_MOST_AT_ONCE, max_total_bytes=_MOST_IN_ALL)
        return Running(KerasExchange(channel, {}, is_inside=False), lambda: _end(process, _STOP_S))

    def _popen(self, command: list[str], **streams: Any) -> subprocess.Popen:
        environment = os.environ | _open_variables() if self._mode == "open" else {"PATH": os.environ.get("PATH", "")}
        return subprocess.Popen(command, stderr=self._errors, env=environment, **streams)

    def _command(self, mode: str) -> list[str]:
        limits = json.dumps(asdict(self._limits))
        worker = [sys.executable, "-P", "-m", "tlkit.grading.sandbox.inside.worker", mode, limits, *self._modules]
        return worker if self._mode == "open" else behind_walls(worker, mounts())


def _open_variables() -> dict[str, str]:
    return {"PYTHONPATH": search_path(), "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}


def _end(process: subprocess.Popen, seconds: float) -> float:
    """End a process that ends by itself when its input closes; kill it if not. Return its CPU seconds."""
    with contextlib.suppress(OSError, ValueError):
        if process.stdin:
            process.stdin.close()
    before = os.times()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
