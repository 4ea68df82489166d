"""The English texts that a file says, as they stand in a catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tlkit.languages.catalogues import PLACEHOLDER

__all__ = ["texts_of_page", "texts_of_python"]

_SAID = re.compile(r"\bsay`([^`]*)`")
_INSERTED = re.compile(r"\$\{[^{}]*\}")
_WORDS, _ONE_WORD = re.compile(r"(?<!\S)[^\w\s\"]*[^\W\d_]{2,}"), re.compile(r"[A-Z][a-z]+")
_NO_TEXT = (" lang=", "--jp", "object>", "</", "border-", "raise ")  # style sheets, HTML and code


def texts_of_python(path: Path, *, properties: bool = False) -> list[str]:
    """Return the sentences that a module holds, in order: f-strings with their expressions in braces.

    Left out are docstrings, single words, and the messages of errors other than `CheckFailed`: those are for who wrote
    the call, as Python's own are.

    Args:
        path: The module.
        properties: Whether the first lines of its public functions' docstrings name properties of exercises.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(node) for part in _not_shown(tree) for node in ast.walk(part)}
    found = [_as_message(node) for node in _strings(tree, skipped)]
    named = [_name_of_property(node) for node in tree.body] if properties else []
    return list(dict.fromkeys(text for text in [*named, *filter(_is_sentence, found)] if text))


def texts_of_page(script: str) -> list[str]:
    """Return what JavaScript says by the template tag `say`, in order, with its expressions as `{0}`, `{1}`, ...

    Example:
    >>> texts_of_page("h('p', {}, say`${at + 1} of ${count} blocks`)")
    ['{0} of {1} blocks']
    """
    return list(dict.fromkeys(_numbered(said) for said in _SAID.findall(script)))


def _numbered(said: str) -> str:
    parts = _INSERTED.split(said)
    return "".join(part + (f"{{{number}}}" if number < len(parts) - 1 else "") for number, part in enumerate(parts))


def _strings(node: ast.AST, skipped: set[int]) -> Iterator[ast.AST]:
    if id(node) in skipped:
        return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        if isinstance(node, ast.Constant):
            return
    for child in ast.iter_child_nodes(node):
        inner = child if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)) else ast.Pass()
        yield from _strings(inner, skipped)


def _not_shown(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield docstrings, formats, annotations, `__all__`, and what is raised as another error than `CheckFailed`."""
    for node in ast.walk(tree):
        body = getattr(node, "body", [])
        yield from (part for name in ("annotation", "returns") if (part := getattr(node, name, None)))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            yield node
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            yield node.format_spec
        for before, statement in zip([None, *body], body, strict=False) if isinstance(body, list) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield statement
            if isinstance(statement, ast.Raise) and not _raises_check_failed(statement):
                yield from (part for part in (before, statement) if isinstance(part, ast.Assign | ast.Raise))


def _raises_check_failed(statement: ast.Raise) -> bool:
    return isinstance(statement.exc, ast.Call) and ast.unparse(statement.exc.func) == "CheckFailed"


def _as_message(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    parts = node.values if isinstance(node, ast.JoinedStr) else []
    return "".join(str(p.value) if isinstance(p, ast.Constant) else f"{{{_said(p)}}}" for p in parts)


def _said(part: ast.AST) -> str:
    return re.sub(r"[{}]", "", ast.unparse(part.value)) if isinstance(part, ast.FormattedValue) else ""


def _name_of_property(node: ast.AST) -> str:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
        return ""
    return (ast.get_docstring(node) or "").split("\n")[0]


def _is_sentence(text: str) -> bool:
    literal = PLACEHOLDER.sub("", text)
    is_text = (" " in literal and _WORDS.search(literal)) or _ONE_WORD.fullmatch(text)
    return bool(is_text) and not any(mark in text for mark in _NO_TEXT)
