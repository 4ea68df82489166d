"""Wrong answers made by machine: a right one with one operation changed, and ones that look at nothing.

`changed_functions` rewrites the source of a function, one place at a time. `blind_functions` are constants, random
values and the input itself; `formed_functions` have the right form and other numbers. `tests.mutations` runs them.
"""

import ast
import collections
import inspect
import itertools
import linecache
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tlkit.checks.held import held
from tlkit.exercises.toys import hidden_rng

__all__ = ["Recorder", "blind_functions", "changed_functions", "different_values", "formed_functions"]

_TIGHTER = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq}
_TURNED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Is: ast.IsNot, ast.IsNot: ast.Is}
_OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
_OTHER |= {ast.Pow: ast.Mult, ast.Mod: ast.FloorDiv, ast.And: ast.Or, ast.Or: ast.And}
_NAMES = {
    "max": ["min"], "min": ["max"], "maximum": ["minimum"], "minimum": ["maximum"], "argmax": ["argmin"],
    "argmin": ["argmax"], "mean": ["median", "max", "sum"], "median": ["mean", "min"], "sum": ["mean", "max"],
    "ceil": ["floor"], "floor": ["ceil"], "any": ["all"], "all": ["any"], "std": ["var"], "var": ["std"],
}  # fmt: skip
_UNWRAPPED = {"abs", "sorted", "exp", "log", "sqrt", "square", "cumsum", "diff", "reversed", "set", "sort"}
_STATEMENTS = (ast.Assign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While)
_NO_MATTER = {
    "strict",
    "verbose",
    "num_parallel_calls",
    "seed",
    "random_state",
}  # they say nothing of the value
_SMALLEST = 0.011  # below it a number of a program is a tolerance or a guard against 0
_MOST_VALUES = 6


def changed_functions(function: Callable) -> Iterator[tuple[str, Callable]]:
    """Yield a name and a function for each single change of a function's source; equal names are numbered, `#2`.

    Args:
        function: With source, not nested in another.
    """
    source, names = textwrap.dedent(inspect.getsource(function)), collections.Counter()
    for number in itertools.count():
        changes = _changes(ast.parse(source))
        change = next(itertools.islice(changes, number, None), None)
        if change is None:
            return
        tree, what = change
        names[what] += 1
        again = f" #{names[what]}" if names[what] > 1 else ""
        yield f"{function.__name__}: {what}{again}", _compiled(tree, function, number)


def _compiled(tree: ast.AST, function: Callable, number: int) -> Callable:
    text = ast.unparse(ast.fix_missing_locations(tree))
    where = f"<{function.__name__}, change {number}>"
    linecache.cache[where] = (len(text), None, text.splitlines(keepends=True), where)
    namespace = dict(function.__globals__)
    exec(compile(text, where, "exec"), namespace)
    return namespace[function.__name__]


def _changes(tree: ast.Module) -> Iterator[tuple[ast.Module, str]]:
    """Yield the tree itself after each change, and the change in words; each must be used before the next is made."""
    for parent in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(parent)):
            for place, node in _children(parent, field, value):
                before = ast.unparse(node) if isinstance(node, ast.expr | ast.stmt) else ""
                for new in _instead_of(node, parent):
                    _put(parent, field, place, new)
                    yield tree, f"{_short(before)} -> {_short(ast.unparse(new))}"
                    _put(parent, field, place, node)


def _children(parent: ast.AST, field: str, value: Any) -> list[tuple[int | None, ast.AST]]:
    if isinstance(parent, ast.FunctionDef) and field in ("args", "decorator_list", "returns"):
        return []
    items: list = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
    is_body = isinstance(parent, ast.FunctionDef) and field == "body"
    return [(place, node) for place, node in items if isinstance(node, ast.AST) and not (is_body and _is_text(node))]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _short(text: str) -> str:
    return " ".join(text.split())[:90] or "nothing"


def _instead_of(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a part of a program."""
    if isinstance(node, _STATEMENTS) and not _is_text(node):
        yield ast.Pass()
    if isinstance(node, ast.Constant) and _is_seed(parent):
        return
    yield from next((other(node) for kind, other in _CHANGES.items() if isinstance(node, kind)), ())


def _other_compare(node: ast.Compare) -> list[ast.expr]:
    kinds = [table[type(op)] for op in node.ops for table in (_TIGHTER, _TURNED) if type(op) in table]
    return [ast.Compare(node.left, [kind()], node.comparators) for kind in kinds if len(node.ops) == 1]


def _other_operation(node: Any) -> list[ast.AST]:
    parts = {name: getattr(node, name) for name in node._fields}
    return [type(node)(**parts | {"op": _OTHER[type(node.op)]()})] if type(node.op) in _OTHER else []


def _without_sign(node: ast.UnaryOp) -> list[ast.expr]:
    return [node.operand] if isinstance(node.op, ast.Not | ast.USub) else []


def _other_choice(node: ast.IfExp) -> list[ast.expr]:
    return [ast.IfExp(node.test, node.orelse, node.body), node.body, node.orelse]


def _other_constant(node: ast.Constant) -> list[ast.expr]:
    return [ast.Constant(value) for value in _near(node.value)]


def _is_seed(parent: ast.AST) -> bool:
    name = parent.func.attr if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute) else ""
    return name == "default_rng" or getattr(parent, "arg", None) in _NO_MATTER


def _near(value: object) -> list:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1, value - 1]
    return [value * 1.1] if isinstance(value, float) and abs(value) > _SMALLEST else []


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    for row in (row for row, keyword in enumerate(node.keywords) if keyword.arg not in _NO_MATTER):
        yield ast.Call(node.func, node.args, node.keywords[:row] + node.keywords[row + 1 :])
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for other in _NAMES.get(name, []):
        func = ast.Attribute(node.func.value, other, ast.Load()) if isinstance(node.func, ast.Attribute) else None
        yield ast.Call(func or ast.Name(other, ast.Load()), node.args, node.keywords)
    if name in _UNWRAPPED and len(node.args) == 1:
        yield node.args[0]


class Recorder:
    """Calls a right answer and keeps what it returned, for answers that return only such values."""

    def __init__(self, function: Callable):
        self._function, self.values = function, []

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        value = self._function(*args, **kwargs)
        self.values.append(value)
        return value


def different_values(seen: list) -> list:
    """Return the values without those that look like an earlier one."""
    return list({repr(value)[:500]: value for value in seen}.values())


def blind_functions(seen: list) -> Iterator[tuple[str, Callable]]:
    """Yield answers that do not look at what they are asked: constants, random choices among right values, the input.

    Args:
        seen: Values that a right answer returned in an earlier check.
    """
    different, rng = different_values(seen), hidden_rng()
    for value in [*different[:_MOST_VALUES], 0, 1, -1.0, 0.5, float("nan"), float("inf"), "", [], {}, True]:
        yield f"always {_short(repr(value))}", lambda *_, __value=value, **__: __value
    yield "a random right value", lambda *_, **__: different[rng.integers(len(different))] if different else 0
    yield "a random number", lambda *_, **__: rng.normal()
    for place in range(4):
        yield f"argument {place}", lambda *args, __place=place, **_: args[min(__place, len(args) - 1)]


def formed_functions(right: Callable) -> Iterator[tuple[str, Callable]]:
    """Yield answers in the form of the right one with its numbers replaced: by 0, by 1, by NaN, by noise."""
    for name, new in {"0": 0.0, "1": 1.0, "nan": float("nan"), "noise": None}.items():
        yield f"{name} in the right form", lambda *args, __new=new, **kwargs: _filled(right(*args, **kwargs), __new)


def _filled(value: Any, new: float | None) -> Any:
    """Return a value with its numbers replaced, by random ones for `None`; one without numbers is no value at all."""
    value = held(value)
    replaced = _replaced(value, new)
    return replaced if repr(replaced) != repr(value) else None


def _replaced(value: Any, new: float | None) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(_replaced(part, new) for part in value)
    if isinstance(value, dict):
        return {key: _replaced(part, new) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return hidden_rng().uniform(size=value.shape) if new is None else np.full(value.shape, new)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(hidden_rng().uniform()) if new is None else new
    return value


_CHANGES: dict[type, Callable] = {
    ast.Compare: _other_compare,
    ast.BinOp: _other_operation,
    ast.AugAssign: _other_operation,
    ast.BoolOp: _other_operation,
    ast.UnaryOp: _without_sign,
    ast.IfExp: _other_choice,
    ast.Constant: _other_constant,
    ast.Call: _other_calls,
}
