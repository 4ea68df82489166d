"""Derive the notebooks from their text sources: `python -m tlkit.lessons.build [--execute] [NN ...]`.

    notebooks/src/01_topic.py  ->  notebooks/01_topic.ipynb            the learner's: stubs, no outputs
                               ->  notebooks/solutions/01_topic.ipynb  the instructor's: solved, executed
                               ->  notebooks/states/01_topic.json      its widgets' states, for the book (`--execute`)

Without `--execute`, a solution keeps its outputs if only its texts, comments or docstrings have changed. If its code
has changed, the command says so and fails, since outputs that no code made must not be committed.
"""

import argparse
import sys
from pathlib import Path

from tlkit.lessons.code_texts import statements
from tlkit.lessons.execute import run_notebook
from tlkit.lessons.notebook import read_notebook, read_source, write_notebook
from tlkit.lessons.rules import stub_faults, style_faults
from tlkit.paths import notebooks_dir

__all__ = ["build_lesson", "drift", "main"]


def build_lesson(source: Path, *, folder: Path | None = None, execute: bool = False, timeout: int = 300) -> list[str]:
    """Write both notebooks of the lesson at `source`; return in words what is still wrong.

    Args:
        source: The text source, `NN_topic.py`.
        folder: Where the learner's notebook goes, with the other one in its `solutions/`. By default, the parent of
            the source's folder.
        execute: Run the solution and store its outputs.
        timeout: Seconds that one cell may take.
    """
    folder = folder or source.parent.parent
    instructor, learner = read_source(source)
    write_notebook(learner, folder / f"{source.stem}.ipynb")
    path = folder / "solutions" / f"{source.stem}.ipynb"
    if execute:
        states = folder / "states" / f"{source.stem}.json"
        write_notebook(run_notebook(instructor, timeout=timeout, states=states).notebook, path)
    elif path.exists() and (solved := _with_results(instructor, read_notebook(path))):
        write_notebook(solved, path)
    return drift(source, folder=folder) + style_faults(instructor) + stub_faults(learner)


def drift(source: Path, *, folder: Path | None = None) -> list[str]:
    """Return how the committed notebooks differ from what `source` would give; an empty list means they do not."""
    folder = folder or source.parent.parent
    instructor, learner = read_source(source)
    learner_path, solution_path = folder / f"{source.stem}.ipynb", folder / "solutions" / f"{source.stem}.ipynb"
    found = []
    if not learner_path.exists() or read_notebook(learner_path) != learner:
        found.append(f"{learner_path.name}: the learner's notebook is not what {source.name} gives")
    if not solution_path.exists():
        found.append(f"solutions/{source.stem}.ipynb: missing; build it with --execute")
    elif _without_results(read_notebook(solution_path)) != instructor:
        found.append(f"solutions/{source.stem}.ipynb: not made from this {source.name}; build it with --execute")
    return found


def _with_results(instructor: dict, solved: dict) -> dict | None:
    """Return the notebook with the results of another that runs the very same code; `None` if the code differs."""
    before, after = _code_cells(solved), _code_cells(instructor)
    if [_run_as(cell) for cell in before] != [_run_as(cell) for cell in after]:
        return None
    results = iter(before)
    cells = [cell if cell["cell_type"] != "code" else cell | _results(next(results)) for cell in instructor["cells"]]
    return {**instructor, "cells": cells}


def _code_cells(notebook: dict) -> list[dict]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _run_as(cell: dict) -> tuple[str, list[str]]:
    return statements(cell["source"]), cell["metadata"].get("tags", [])


def _results(cell: dict) -> dict:
    return {name: cell[name] for name in ("outputs", "execution_count")}


def _without_results(notebook: dict) -> dict:
    for cell in _code_cells(notebook):
        cell["outputs"], cell["execution_count"] = [], None
    return notebook


def main(arguments: list[str] | None = None) -> int:
    """Build the named lessons, or all; return 0 if all are complete, otherwise 1."""
    parser = argparse.ArgumentParser(prog="python -m tlkit.lessons.build", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("lessons", nargs="*", metavar="NN", help="numbers of lessons, such as 01 (default: all)")
    parser.add_argument("--execute", action="store_true", help="run the solutions and store their outputs")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that one cell may take (default: 300)")
    options = parser.parse_args(arguments)
    faults = []
    for source in _sources(options.lessons):
        print(f"building {source.stem}", flush=True)
        faults += [
            f"{source.stem}: {fault}"
            for fault in build_lesson(source, execute=options.execute, timeout=options.timeout)
        ]
    print("\n".join(faults) or "all lessons are built")
    return 1 if faults else 0


def _sources(numbers: list[str]) -> list[Path]:
    sources = sorted((notebooks_dir() / "src").glob("[0-9][0-9]_*.py"))
    if not numbers:
        return sources
    wanted = {number.zfill(2) for number in numbers}
    if missing := wanted - {source.name[:2] for source in sources}:
        have = ", ".join(source.name[:2] for source in sources) or "none"
        msg = f"No source in notebooks/src for lesson {', '.join(sorted(missing))}. There are: {have}."
        raise SystemExit(msg)
    return [source for source in sources if source.name[:2] in wanted]


if __name__ == "__main__":
    sys.exit(main())
