"""Which functions of the kit, or of scikit-learn, an answer calls: an exercise may ask for what these have as well.

It reads the answer's code, and that of the learner's own functions that it names. Who copies the text of the kit's
function into the cell is not found: two alike submissions are, by `tlkit grade`.
"""

import dis
import functools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["PACKAGES", "full_name", "kit_functions_in"]

PACKAGES = ("tlkit", "sklearn")


def full_name(function: Callable) -> str:
    """Return module and name of a function or class, as `"tlkit.measure.interval.paired_interval"`."""
    return f"{function.__module__}.{function.__qualname__}"


def kit_functions_in(answer: object) -> set[str]:
    """Return the full names of the functions and classes of the kit and of scikit-learn that an answer names.

    Example:
    >>> from tlkit.checks import hint
    >>> "tlkit.checks.learner_calls.hint" in kit_functions_in(lambda number: hint(number))
    True
    """
    if hasattr(answer, "kit_functions"):  # a function of another process, which looks for itself
        return answer.kit_functions()
    found = {full_name(answer)} if _is_of_kit(getattr(answer, "__module__", None)) else set()
    left, seen = _parts(answer), {id(answer)}
    while left:
        value = left.pop()
        if id(value) not in seen:
            seen.add(id(value))
            if not _is_of_kit(getattr(value, "__module__", None)):
                left += _parts(value)
            elif hasattr(value, "__qualname__"):
                found.add(full_name(value))
    return found


def _is_module_of_kit(value: object) -> bool:
    return isinstance(value, types.ModuleType) and _is_of_kit(value.__name__)


def _is_of_kit(module: object) -> bool:
    return isinstance(module, str) and module.split(".")[0] in PACKAGES


def _parts(value: Any) -> list:
    """Return what a function of the learner's names, or what a class of theirs is made of."""
    if isinstance(value, types.FunctionType):
        return list(_named_values(value))
    if isinstance(value, functools.partial):
        return [value.func]
    if isinstance(value, type) and value.__module__ == "__main__":
        return [*value.__bases__, *vars(value).values()]
    return [value.__func__] if hasattr(value, "__func__") else []


def _named_values(function: types.FunctionType) -> Iterator[Any]:
    """Yield what the names in a function's code stand for, attributes of the kit's modules among them."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)
    known = function.__globals__ | {name: cell.cell_contents for name, cell in cells if _is_full(cell)}
    for code in _codes(function.__code__):
        values = [known[name] for name in (*code.co_names, *code.co_freevars) if name in known]
        imported = [step.argval for step in dis.get_instructions(code) if step.opname == "IMPORT_NAME"]
        modules = [value for value in values if _is_module_of_kit(value)]
        modules += [sys.modules[name] for name in imported if _is_of_kit(name) and name in sys.modules]
        for module in modules:  # those within it as well, as in `tlkit.measure.paired_interval`
            modules += [
                part
                for name in code.co_names
                if _is_module_of_kit(part := vars(module).get(name)) and part not in modules
            ]
        yield from values
        yield from (getattr(module, name) for module in modules for name in code.co_names if hasattr(module, name))


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield a code object and those of the functions defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _is_full(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
