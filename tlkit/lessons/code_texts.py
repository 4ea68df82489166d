"""The texts in code: docstrings and comments, which can be exchanged while the code stays as it is."""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator

__all__ = ["code_texts", "statements", "with_texts"]

_LEADING_COMMENT = re.compile(r"\A# (?!YOUR CODE HERE)(.*)$", re.MULTILINE)
_QUOTES = '"""'


def statements(source: str) -> str:
    """Return what Python runs: the code without comments, layout and docstrings.

    What Python cannot read is returned as it is: IPython's own syntax, and whatever a learner may hand in. Code that
    shows a docstring would be missed here; nbval, which runs every solution again, finds it.
    """
    try:
        tree = ast.parse(source)
        for node in _documented(tree):
            del node.body[0]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return source


def code_texts(source: str) -> list[str]:
    r"""Return the texts of a cell: its docstrings, without their indentation, and a comment in its first line.

    Example:
    >>> code_texts('# Tried on two.\ndef two():\n    "Return 2."')
    ['Tried on two.', 'Return 2.']
    """
    try:
        documented = list(_documented(ast.parse(source)))
    except SyntaxError:
        return []
    return [*_LEADING_COMMENT.findall(source), *(ast.get_docstring(node) or "" for node in documented)]


def with_texts(source: str, translate: Callable[[str], str]) -> str:
    """Return the cell with its texts exchanged; as it is, if that would change what Python runs."""
    made = _LEADING_COMMENT.sub(lambda found: f"# {translate(found[1])}", source)
    for text in code_texts(source):
        if (new := translate(text)) != text:
            made = _with_docstring(made, text, new)
    return made if statements(made) == statements(source) else source


def _with_docstring(source: str, text: str, new: str) -> str:
    nodes = [node for node in _documented(ast.parse(source)) if ast.get_docstring(node) == text]
    lines = source.split("\n")
    for place in (node.body[0] for node in nodes[:1]):
        quoted = f"{_QUOTES}{new}\n{_QUOTES}" if "\n" in new else f"{_QUOTES}{new}{_QUOTES}"
        indented = textwrap.indent(quoted, " " * place.col_offset)
        lines[place.lineno - 1 : place.end_lineno] = indented.split("\n")
    return "\n".join(lines)


def _documented(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            yield node
