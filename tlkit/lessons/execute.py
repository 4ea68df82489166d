"""Run a notebook top to bottom in a clean kernel, with a fresh record of progress."""

import json
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tlkit.lessons.threads import KERNEL_THREADS
from tlkit.paths import package_root

__all__ = ["Run", "clean_environment", "run_notebook"]

_WRITE_STATES = "from tlkit_widgets.recorded import write_states\nwrite_states({!r})"
_VOLATILE = ("execution", "collapsed", "scrolled")


@dataclass(frozen=True)
class Run:
    """A notebook that was run in a clean kernel.

    Attributes:
        notebook: With its outputs, but without times and widget states, which differ from run to run.
        exercises: What the record of progress held at the end: an entry with `points`, `of`, `attempts` by exercise.
    """

    notebook: dict
    exercises: dict[str, dict]


def run_notebook(
    notebook: dict,
    *,
    timeout: int = 300,
    allow_errors: bool = False,
    folder: Path | None = None,
    states: Path | None = None,
) -> Run:
    """Run all cells of `notebook`, which itself is not changed.

    The kernel starts with an empty `TLKIT_HOME`, so that what earlier runs left cannot show.

    Args:
        notebook: A notebook of format 4 as nested dictionaries.
        timeout: Seconds that one cell may take.
        allow_errors: Go on after a cell that fails, its error among the outputs.
        folder: Where the kernel starts; by default an empty folder that vanishes.
        states: A file into which the kernel writes the states of the widgets that it has shown, for the book.

    Raises:
        nbclient.exceptions.CellExecutionError: If a cell fails and `allow_errors` is false.
        nbclient.exceptions.CellTimeoutError: If a cell takes more than `timeout` seconds.
    """
    import nbformat  # here: the command line must answer without them
    from nbclient import NotebookClient

    last = _WRITE_STATES.format(str(states and states.resolve()))
    added = [] if states is None else [nbformat.v4.new_code_cell(last)]
    node = nbformat.from_dict({**notebook, "cells": notebook["cells"] + added})
    with clean_environment() as (environment, empty):
        client = NotebookClient(
            node,
            timeout_func=lambda cell: None if cell["source"] == last else timeout,
            kernel_name="python3",
            allow_errors=allow_errors,
            store_widget_state=False,
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            resources={"metadata": {"path": str(folder or empty)}},
        )
        client.execute(env=environment)
        exercises = _recorded(Path(environment["TLKIT_HOME"]))
    done = _without_volatile(_as_plain(node))
    return Run({**done, "cells": done["cells"][: len(notebook["cells"])]}, exercises)


def _recorded(home: Path) -> dict[str, dict]:
    path = home / "progress.json"
    return json.loads(path.read_text(encoding="utf-8"))["exercises"] if path.exists() else {}


@contextmanager
def clean_environment() -> Generator[tuple[dict[str, str], Path]]:
    """Give the environment variables and the working folder of a clean run; both folders vanish afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tlkit-run-"))
    root = package_root()
    search = [str(root), str(root / "widgets"), os.environ.get("PYTHONPATH", "")]
    try:
        (folder / "work").mkdir()
        environment = {
            **KERNEL_THREADS,
            **os.environ,
            "TLKIT_HOME": str(folder / "home"),
            "PYTHONPATH": os.pathsep.join(filter(None, search)),
            "PYTHONHASHSEED": "0",
        }
        environment.pop("PYTEST_CURRENT_TEST", None)  # ipykernel would not capture what C++ code writes to stderr
        yield environment, folder / "work"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_plain(value: Any) -> Any:
    """Turn nbformat's nodes into dictionaries and lists of Python's own."""
    if isinstance(value, dict):
        return {name: _as_plain(item) for name, item in value.items()}
    return [_as_plain(item) for item in value] if isinstance(value, list) else value


def _without_volatile(notebook: dict) -> dict:
    notebook["metadata"].pop("widgets", None)
    notebook["metadata"]["language_info"] = {"name": "python"}  # the kernel adds its exact version
    for cell in notebook["cells"]:
        for name in _VOLATILE:
            cell["metadata"].pop(name, None)
    return notebook
