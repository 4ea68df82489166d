"""What of the kit a learner's code may see in the sandbox: all but lessons, solutions and the checks of exercises."""

import ast
import hashlib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from tlkit.data import cache_dir, data_dir
from tlkit.lessons.percent import parse_percent
from tlkit.paths import notebooks_dir, package_root

__all__ = ["Mount", "mounts", "public_part", "without_answers"]

Mount = tuple[str, str, str]  # what to do, source, target: as bubblewrap's options say it


def mounts() -> list[Mount]:
    """Return what the sandbox shows, parents first: `("--ro-bind", source, target)` or `("--tmpfs", "", target)`."""
    package = package_root() / "tlkit"
    prefixes = {Path(sys.base_prefix), Path(sys.prefix)}
    shown = [*prefixes, package, package_root() / "widgets" / "tlkit_widgets", data_dir()]
    found: list[Mount] = [("--ro-bind", str(path), str(path)) for path in shown if path.is_dir() and not _in_usr(path)]
    found.append(("--ro-bind", str(_checks_without_answers(package / "checks")), str(package / "checks")))
    found += [("--tmpfs", "", str(path)) for path in (package / "_notebooks",) if path.is_dir()]
    return sorted(dict.fromkeys(found), key=lambda mount: len(Path(mount[2]).parts))


def _in_usr(path: Path) -> bool:
    return path.is_relative_to("/usr") and not path.is_relative_to("/usr/local")


def _checks_without_answers(folder: Path) -> Path:
    """Return a copy of `tlkit/checks` in which what checks exercises keeps only what the notebooks import of it."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    files = {f"{name}.py": text for name, text in without_answers(texts, _imported_by_notebooks()).items()}
    key = hashlib.sha256(repr(files).encode()).hexdigest()[:16]
    target = cache_dir() / "grading" / f"checks-{key}"
    if not target.is_dir():
        _write_folder(files, target)
    return target


def _write_folder(files: dict[str, str], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=target.parent))
    for name, text in files.items():
        (temporary / name).write_text(text, encoding="utf-8")
    os.chmod(temporary, 0o755)
    try:
        os.rename(temporary, target)
    except OSError:  # another process was faster
        shutil.rmtree(temporary)


def without_answers(texts: dict[str, str], wanted: dict[str, set[str]]) -> dict[str, str]:
    """Return the sources of `tlkit/checks`, by module: whole, but for the lessons' files and what only they import.

    Args:
        texts: Sources by name of the module.
        wanted: By module, the names that notebooks import from it.
    """
    imports = {name: _imports_of(text) for name, text in texts.items()}
    lessons = [name for name in texts if re.fullmatch(r"lesson_\d\d", name)]
    checking = _reached(lessons, imports) - _reached(["__init__"], imports)
    parts, wanted = {}, {name: set(wanted.get(name, ())) for name in checking}
    while stale := [name for name in checking if parts.get(name, ("", None))[1] != wanted[name]]:
        for name in stale:
            text = public_part(texts[name], wanted[name])
            parts[name] = text, set(wanted[name])
            for other, names in _imports_of(text).items():
                wanted.get(other, set()).update(names)
    return {name: parts[name][0] if name in checking else text for name, text in texts.items()}


def _imports_of(source: str) -> dict[str, set[str]]:
    """Return the modules of `tlkit.checks` that a source imports, and which of their names."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "tlkit.checks":
            found |= {alias.name: found.get(alias.name, set()) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tlkit.checks."):
            names = {alias.name for alias in node.names}
            found.setdefault(str(node.module).removeprefix("tlkit.checks."), set()).update(names)
    return found


def _reached(start: list[str], imports: dict[str, dict[str, set[str]]]) -> set[str]:
    """Return the modules that `start` imports, directly or not, and `start` itself."""
    found = dict.fromkeys(start)
    waiting = list(found)
    while waiting:
        more = [name for name in imports[waiting.pop()] if name in imports and name not in found]
        found |= dict.fromkeys(more)
        waiting += more
    return set(found)


def _imported_by_notebooks() -> dict[str, set[str]]:
    """Return, by module of `tlkit.checks`, the names that the lessons' notebooks import from it."""
    found: dict[str, set[str]] = {}
    for path in sorted((notebooks_dir() / "src").glob("[0-9][0-9]_*.py")):
        cells = parse_percent(path.read_text(encoding="utf-8")).cells
        for source in (cell.source for cell in cells if cell.kind == "code"):
            for name, names in _imports_of(source).items():
                found.setdefault(name, set()).update(names)
    return found


def public_part(source: str, names: set[str]) -> str:
    """Return the statements of a module that define `names`, and what these need.

    Example:

    >>> print(public_part("import math\\nTWO = 2\\nFOUR = TWO * 2\\ndef _answer(): return math.pi", {"FOUR"}))
    TWO = 2
    FOUR = TWO * 2
    """
    body = [statement for statement in ast.parse(source).body if not isinstance(statement, ast.Expr)]
    kept: set[int] = set()
    wanted = set(names)
    while True:
        more = {n for n, statement in enumerate(body) if n not in kept and _binds(statement) & wanted}
        if not more:
            break
        kept |= more
        wanted |= {node.id for n in more for node in ast.walk(body[n]) if isinstance(node, ast.Name)}
    future = [
        statement for statement in body if isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
    ]
    chosen = [*future, *(_narrowed(body[n], wanted) for n in sorted(kept) if body[n] not in future)]
    return "\n".join(ast.unparse(statement) for statement in chosen)


def _narrowed(statement: ast.stmt, wanted: set[str]) -> ast.stmt:
    """Leave out of an import what nobody wants of it."""
    if isinstance(statement, ast.ImportFrom):
        statement.names = [alias for alias in statement.names if (alias.asname or alias.name) in wanted]
    return statement


def _binds(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
