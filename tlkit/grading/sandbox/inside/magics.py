"""What a notebook's cells may hold besides Python: `%%time`, `!ls`, `x?`. IPython's own transformer reads it.

The only magics that are run are those that run Python code and keep its names. The others would show something, or
reach for a system that is not there: they do nothing, as a cell that only shows something does nothing for an answer.
"""

import ast
from collections.abc import Callable
from typing import Any

__all__ = ["Magics", "plain_python"]

_RUN_LINE = ("time", "prun")
_RUN_CELL = (*_RUN_LINE, "capture")


def plain_python(source: str) -> str:
    """Return a cell as Python, in which magics are calls of `get_ipython()`; Python stays as it is.

    Example:

    >>> plain_python("x = 1"), plain_python("!ls")
    ('x = 1', "get_ipython().system('ls')\\n")
    """
    if not source or _is_python(source):
        return source
    try:
        # The one place in the core that names IPython: a pure function, its parser, where a cell is not Python.
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return source
    try:
        return TransformerManager().transform_cell(source)
    except (SyntaxError, ValueError, RecursionError):  # then Python says what is wrong with it
        return source


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class Magics:
    """Stands in for IPython's shell in the calls that its transformer writes.

    Args:
        names: The names of the cells.
        run: Runs a cell, given its name, source and names.
    """

    def __init__(self, names: dict[str, Any], run: Callable[[str, str, dict], None]):
        self._names, self._run = names, run

    def run_line_magic(self, name: str, line: str) -> Any:
        """Run `%time STATEMENT`, and return the value of an expression."""
        if name not in _RUN_LINE:
            return None
        if _is_expression(line):
            return eval(line, self._names)
        exec(compile(line, f"<%{name}>", "exec"), self._names)
        return None

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        """Run the cell below `%%time` or `%%capture`."""
        if name in _RUN_CELL:
            self._run(f"<%%{name}>", cell, self._names)

    def system(self, command: str) -> None:
        """Do nothing for `!COMMAND`: the sandbox has no programs."""

    def getoutput(self, command: str) -> list[str]:
        """Return no lines for `lines = !COMMAND`."""
        return []


def _is_expression(line: str) -> bool:
    try:
        ast.parse(line.strip(), mode="eval")
    except SyntaxError:
        return False
    return True
