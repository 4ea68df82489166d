"""Rules of a lesson's notebooks that a program can check: style, stored results, stubs.

Each function returns its findings as sentences; an empty list means that all is well. The build prints them, the
tests demand that there are none.
"""

import ast
import re

__all__ = ["result_faults", "stub_faults", "style_faults"]

MAX_LINES, MAX_LINES_DEFINITION = 15, 25
_FORBIDDEN = {
    r"^\s*[!%]": "runs a shell command or a magic (`!` or `%`); lessons are plain Python",
    r"\bclear_output\b": "calls clear_output, which flickers and loses other output",
    r"""["'](/(home|Users|tmp|root|work|mnt|content)/|[A-Za-z]:\\\\)""": "holds an absolute path",
    r"\bpip install\b": "installs packages",
}


def style_faults(notebook: dict) -> list[str]:
    """Return where an instructor's notebook violates the style of lessons.

    The rules: the title is a question; "You will" with three bullets; minutes stated; "What we saw"; "References"; one
    setup cell that seeds; cells of at most 15 lines, 25 for definitions, imports apart; no shell, magics,
    `clear_output` or absolute paths; an essay or check for each exercise.
    """
    texts = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        *_frame_faults("\n\n".join(texts), notebook),
        *_setup_faults(code),
        *_cell_faults(code),
        *_pair_faults(code),
    ]


def _frame_faults(text: str, notebook: dict) -> list[str]:
    you_will = re.search(r"You will.*?\n((?:\s*[-*] .*\n?(?:  .*\n?)*)+)", text)
    bullets = re.findall(r"^\s*[-*] ", you_will.group(1), re.MULTILINE) if you_will else []
    demands = {
        "the title must be a question": notebook["metadata"]["tlkit"]["title"].endswith("?"),
        '"You will" must be followed by three bullets': len(bullets) == 3,
        "the minutes must be stated in the text and in the header": "minutes" in text
        and bool(notebook["metadata"]["tlkit"].get("minutes")),
        'a section "What we saw" is missing': bool(re.search(r"^#+ What we saw", text, re.MULTILINE)),
        'a section "References" is missing': bool(re.search(r"^#+ References", text, re.MULTILINE)),
    }
    return [fault for fault, is_met in demands.items() if not is_met]


def _setup_faults(code: list[dict]) -> list[str]:
    if not re.search(r"^import (keras|numpy)\b", "\n".join(cell["source"] for cell in code), re.MULTILINE):
        return []  # it draws nothing
    seeding = [cell for cell in code if "set_random_seed(" in cell["source"] or "default_rng(" in cell["source"]]
    if not code or not seeding or seeding[0] is not code[0]:
        return ["the first code cell must be the setup cell and call keras.utils.set_random_seed"]
    calls = sum(cell["source"].count("keras.utils.set_random_seed(") for cell in code[1:] if not _marks(cell))
    return ["keras.utils.set_random_seed is called outside the setup cell"] if calls else []


def _cell_faults(code: list[dict]) -> list[str]:
    found = []
    for cell in code:
        lines = [line for line in cell["source"].split("\n") if line.strip() and not _is_import(line)]
        if len(lines) > _limit(cell["source"]):
            found.append(f"cell {cell['id']} has {len(lines)} lines; at most {_limit(cell['source'])}")
        for pattern, fault in _FORBIDDEN.items():
            if re.search(pattern, cell["source"], re.MULTILINE):
                found.append(f"cell {cell['id']} {fault}")
    return found


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _limit(source: str) -> int:
    return MAX_LINES_DEFINITION if re.search(r"^(def|class|@)", source, re.MULTILINE) else MAX_LINES


def _pair_faults(code: list[dict]) -> list[str]:
    ids = {
        kind: {_exercise(cell) for cell in code if cell["id"].startswith(f"{kind}-")} for kind in ("exercise", "check")
    }
    unchecked = [f"exercise {name} has no check cell" for name in sorted(ids["exercise"] - ids["check"])]
    calls = [cell for cell in code if cell["id"].startswith("check-") and not _calls_own_check(cell)]
    return unchecked + [f'cell {cell["id"]} must end with check("{_exercise(cell)}", ...)' for cell in calls]


def _exercise(cell: dict) -> str:
    """Return `"1.3"` for the cells `exercise-1-3`, `check-1-3` and `exercise-1-3-predict`."""
    return ".".join(cell["id"].split("-")[1:3])


def _calls_own_check(cell: dict) -> bool:
    last = ast.parse(cell["source"]).body[-1:]
    return bool(last) and ast.unparse(last[0]).startswith(f"check('{_exercise(cell)}'")


def _marks(cell: dict) -> dict:
    return cell["metadata"].get("nbgrader", {})


def stub_faults(notebook: dict) -> list[str]:
    """Return what would stop "Run All" in an unsolved learner's notebook.

    A stub belongs inside a function: then its cell runs, and the check says "not attempted" instead of failing. And
    no other cell may call such a function: it would raise its NotImplementedError.
    """
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    answers = [cell for cell in code if _marks(cell).get("solution")]
    return [*_bare_stubs(answers), *_early_uses(code, answers)]


def _bare_stubs(answers: list[dict]) -> list[str]:
    return [
        f"cell {cell['id']}: the solution must be inside a function; otherwise, its stub stops the whole notebook"
        for cell in answers
        if any(isinstance(node, ast.Raise) for node in _outside_functions(ast.parse(cell["source"])))
    ]


def _early_uses(code: list[dict], answers: list[dict]) -> list[str]:
    functions = {
        node.name
        for cell in answers
        for node in ast.parse(cell["source"]).body
        if isinstance(node, ast.FunctionDef) and "raise NotImplementedError()" in ast.unparse(node)
    }
    return [
        f"cell {cell['id']} calls {name}, which raises until the learner has written it"
        for cell in code
        if cell not in answers
        for name in sorted(functions & _called(ast.parse(cell["source"])))
    ]


def _called(tree: ast.AST) -> set[str]:
    """Return the names of functions that a cell calls, without those that are parameters there."""
    nodes = list(ast.walk(tree))
    names = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return names - {node.arg for node in nodes if isinstance(node, ast.arg)}


def _outside_functions(node: ast.AST) -> list[ast.AST]:
    found = [node]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            found += _outside_functions(child)
    return found


def result_faults(notebook: dict) -> list[str]:
    """Return why an executed notebook does not hold the results of one clean run from top to bottom."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    counts = [cell["execution_count"] for cell in code]
    found = []
    if any(count is None for count in counts):
        found.append("execution counts are missing: it was not executed, or was cleared")
    elif counts != list(range(1, len(code) + 1)):
        found.append(f"cells were not executed once each, in order: counts {counts}")
    outputs = [output for cell in code for output in cell["outputs"]]
    found += [f"a cell failed with {o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    if any(output.get("name") == "stderr" for output in outputs):
        found.append("a cell wrote to stderr, which learners see as a red box")
    if silent := [cell["id"] for cell in code if _must_show(cell) and not cell["outputs"]]:
        found.append(f"outputs are missing: cells {', '.join(silent)} end with a value and show none")
    return found


def _must_show(cell: dict) -> bool:
    """A cell that ends with `check(...)` or `print(...)` cannot have an empty output."""
    last = ast.parse(cell["source"]).body[-1:]
    return bool(last) and ast.unparse(last[0]).startswith(("check(", "print(", "predict("))
