"""The program in the sandbox: `python -m tlkit.grading.sandbox.inside.worker MODE LIMITS [MODULE ...]`.

`preload` imports Keras and the lesson's libraries once, before any TensorFlow operation, and forks a process for each
submission; standard input is the socket on which it is told so. `once` imports them for a single submission, which
it then runs itself, with the same limits. `open` does so without limits or filter, for the learner's own work. The last
two talk over standard input and output.
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys

from tlkit.grading.remote.wire import Channel
from tlkit.grading.sandbox.limits import Limits

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Run in the mode of the first argument."""
    mode, limits, modules = arguments[0], json.loads(arguments[1]), arguments[2:]
    _forget_limits_of_grader()
    if mode == "preload":
        _preload(modules)
        _serve_starts(socket.socket(fileno=0), limits)
        os._exit(0)
    channel = _standard_streams()
    _preload(modules)
    if mode == "once":
        from tlkit.grading.sandbox.inside.confine import give_up_rights

        _enter_home()
        give_up_rights(Limits(**limits))
    _live(channel)


def _forget_limits_of_grader() -> None:
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def _preload(modules: list[str]) -> None:
    importlib.import_module("tlkit.grading.remote.keras_values")
    importlib.import_module("tlkit.checks")
    for name in modules:
        with contextlib.suppress(Exception):  # an import that fails will fail again where it is used
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that a collection in a child does not copy every page


def _standard_streams() -> Channel:
    """Take standard input and output for the grader; what the learner's code prints goes nowhere."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    return Channel(reader, writer)


def _enter_home() -> None:
    os.makedirs(os.environ["HOME"], exist_ok=True)
    os.chdir(os.environ["HOME"])


def _live(channel: Channel) -> None:
    from tlkit.grading.sandbox.inside.session import serve_submission

    try:
        serve_submission(channel)
    finally:
        os._exit(0)


# --- one process per submission


def _serve_starts(control: socket.socket, limits: dict) -> None:
    control.send(json.dumps({"ready": True}).encode())
    keeper = inner = 0
    while True:
        message, files, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            break
        if json.loads(message).get("start"):
            keeper, inner, fault = _start(files[0], limits)
            reply = {"fault": fault}
        else:
            reply, keeper, inner = _stop(keeper, inner), 0, 0
        control.send(json.dumps(reply).encode())
        for file in files:
            os.close(file)
    if keeper:
        _stop(keeper, inner)


def _start(connection: int, limits: dict) -> tuple[int, int, str]:
    """Fork a process that keeps the new namespaces, which forks the one that runs the submission."""
    reader, writer = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(reader)
        _keep(connection, writer, Limits(**limits))
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read().decode()
    return (keeper, int(told), "") if told.isdigit() else (keeper, 0, told or "the process ended at once")


def _keep(connection: int, writer: int, limits: Limits) -> None:
    from tlkit.grading.sandbox.inside import confine

    try:
        confine.enter_namespaces()
        inner = os.fork()
    except OSError as error:
        os.write(writer, f"{error}".encode())
        os._exit(1)
    if inner:
        os.write(writer, str(inner).encode())
        os.close(writer)
        os.close(connection)
        _, status = os.waitpid(inner, 0)
        os._exit(abs(os.waitstatus_to_exitcode(status)))
    try:
        os.setsid()
        confine.private_folders(limits)
        _enter_home()
        confine.close_all_but(connection)
        confine.give_up_rights(limits)
        stream = socket.socket(fileno=connection)
        _live(Channel(stream.makefile("rb"), stream.makefile("wb")))
    finally:
        os._exit(1)


def _stop(keeper: int, inner: int) -> dict:
    """Kill the submission; it is process 1 of its namespace, so all that it started dies with it."""
    if not keeper:
        return {"cpu": 0.0, "status": 0}
    with contextlib.suppress(ProcessLookupError):
        if inner:
            os.kill(inner, signal.SIGKILL)
    _, status, usage = os.wait4(keeper, 0)
    return {"cpu": usage.ru_utime + usage.ru_stime, "status": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    main(sys.argv[1:])
