"""Run a learner's own notebook from top to bottom, and count its points."""

from dataclasses import dataclass
from pathlib import Path

from tlkit.lessons.execute import Run, run_notebook
from tlkit.lessons.notebook import read_notebook

__all__ = ["SelfCheck", "self_check"]


@dataclass(frozen=True)
class SelfCheck:
    """Points of one notebook.

    Attributes:
        path: The notebook.
        points: `(earned, of)` by exercise, in the notebook's order; those that were never reached have 0.
        errors: A sentence for each cell that failed.
    """

    path: Path
    points: dict[str, tuple[float, float]]
    errors: tuple[str, ...]

    @property
    def is_full(self) -> bool:
        """Whether every exercise has all its points."""
        return all(earned >= of for earned, of in self.points.values()) and not self.errors


def self_check(path: Path, *, timeout: int = 300) -> SelfCheck:
    """Run the notebook in a fresh kernel, in its own folder, with the user's permissions: only for your own work.

    Args:
        path: A learner's notebook. It is not changed.
        timeout: Seconds that one cell may take; a cell that takes longer ends the run.

    Raises:
        ValueError: If the file is no notebook, or a cell takes too long.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    notebook = read_notebook(path)
    try:
        run = run_notebook(notebook, timeout=timeout, allow_errors=True, folder=path.resolve().parent)
    except CellTimeoutError as error:
        msg = f"A cell of `{path.name}` took more than {timeout} s. Allow more with `--timeout`."
        raise ValueError(msg) from error
    except DeadKernelError as error:
        msg = f"The kernel died while it ran `{path.name}`: probably out of memory, or the notebook ends it."
        raise ValueError(msg) from error
    return SelfCheck(path, _points(notebook, run), tuple(_errors(run.notebook)))


def _points(notebook: dict, run: Run) -> dict[str, tuple[float, float]]:
    """Return points by exercise: those that the notebook lists, and those that it graded besides."""
    listed = notebook["metadata"].get("tlkit", {}).get("exercises", {})
    graded = {name: entry.get("of", 0.0) for name, entry in run.exercises.items() if "of" in entry}
    return {name: (run.exercises.get(name, {}).get("points", 0.0), of) for name, of in {**listed, **graded}.items()}


def _errors(notebook: dict) -> list[str]:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        f"code cell {number} failed with {output['ename']}: {output['evalue']}".rstrip(": ")
        for number, cell in enumerate(code, 1)
        for output in cell["outputs"]
        if output["output_type"] == "error"
    ]
