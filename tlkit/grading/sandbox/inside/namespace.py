"""The names that a learner's cells find: their own, and, made at first use, those of the rest of the notebook."""

import ast
import asyncio
import builtins
import inspect
import linecache
from typing import Any

from tlkit.grading.sandbox.inside.magics import Magics, plain_python

__all__ = ["LazyNamespace", "run_cell"]


class LazyNamespace(dict):
    """Global names of the notebook's cells.

    A name that no cell has defined yet is looked for in the other cells: an import or a definition is run by
    itself, any other statement with the whole cell that it stands in. So an answer finds what it would find in the
    notebook, and nothing is computed that it does not use.

    Args:
        cells: Sources of cells that are not answers, the lesson's and the learner's own; the first that binds a name
            counts.
    """

    def __init__(self, cells: list[str]):
        shell = Magics(self, run_cell)
        super().__init__(__name__="__main__", __builtins__=builtins, get_ipython=lambda: shell)
        self._makers: dict[str, tuple[str, str]] = {}
        self._running: set[tuple[str, str]] = set()
        for number, source in enumerate(cells):
            self._index(f"<lesson cell {number}>", source)

    def __missing__(self, name: str) -> Any:
        """Make a name by running what binds it in the lesson."""
        maker = self._makers.get(name)
        if maker is None or maker in self._running:
            raise KeyError(name)
        self._running.add(maker)
        try:
            run_cell(maker[0], maker[1], self)
        finally:
            self._running.discard(maker)
        return dict.__getitem__(self, name)

    def _index(self, where: str, source: str) -> None:
        source = plain_python(source)
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # of a cell of the learner's own
            return
        for statement in tree.body:
            alone = isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef)
            text = "\n" * (statement.lineno - 1) + ast.unparse(statement) if alone else source
            for name in _bound_names(statement):
                self._makers.setdefault(name, (f"{where} {name}" if alone else where, text))


def _bound_names(statement: ast.stmt) -> list[str]:
    """Return the global names that a statement binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in statement.names]
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def run_cell(where: str, source: str, namespace: dict) -> None:
    """Run a cell's source as IPython would; errors show its lines, as in a notebook."""
    linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)
    code = compile(plain_python(source), where, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, namespace))
    else:
        exec(code, namespace)
