"""The rules that hold the package together: who may import whom, what loads TensorFlow, what must agree."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tlkit.paths import package_root

ROOT = package_root()
ORDER = (
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## The order of modules")[2].partition("\n## ")[0]
)
ROWS = [[cell.strip() for cell in line.split("|")[1:4]] for line in ORDER.splitlines() if re.match(r"\| \d", line)]


def _named(module: str) -> str:
    """Return the whole name of a module that the table names."""
    return {"__init__": "tlkit", "tlkit_widgets": "tlkit_widgets"}.get(module, f"tlkit.{module}")


LEVELS = {_named(name): int(level) for level, names, _ in ROWS for name in re.findall(r"`(\w+)`", names)}
WITHIN_A_LEVEL = {
    (_named(own), _named(other)) for *_, edges in ROWS for own, other in re.findall(r"`(\w+)` → `(\w+)`", edges)
}
FRONT_ENDS = {"ipywidgets", "IPython", "anywidget", "tlkit_widgets"}
PARSER_OF_CELLS = ("tlkit.grading.sandbox.inside.magics", "IPython.core.inputtransformer2")  # a pure function
LOUD = {"keras", "tensorflow"}
WIDGETS = ROOT / "widgets" / "tlkit_widgets"
ROOMS = sorted(path.parent for path in WIDGETS.glob("*/__init__.py"))  # folders of widgets, and what they share
FILES = sorted([*(ROOT / "tlkit").rglob("*.py"), *WIDGETS.rglob("*.py")])


def _unit(module: str) -> str:
    """Return the part of a module's name that has a level, as `tlkit.data` for `tlkit.data.split`."""
    return "tlkit_widgets" if module.startswith("tlkit_widgets") else ".".join(module.split(".")[:2])


def _module(path: Path) -> str:
    base = ROOT / "widgets" if "tlkit_widgets" in path.parts else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def _imports(tree: ast.AST) -> set[str]:
    nodes = list(ast.walk(tree))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in (node for node in nodes if isinstance(node, ast.ImportFrom)):
        assert node.level == 0, "imports are absolute"
        from_tlkit = node.module == "tlkit"
        names |= {f"tlkit.{alias.name}" for alias in node.names} if from_tlkit else {node.module or ""}
    return names


def _wrong_edges(module: str, source: str) -> list[str]:
    own, found = _unit(module), []
    for name in sorted(_imports(ast.parse(source))):
        top = name.split(".")[0]
        if top in FRONT_ENDS and own != "tlkit_widgets" and (module, name) != PARSER_OF_CELLS:
            found.append(f"{module} imports the front end {name}")
        if top == "tlkit" and not _may_import(own, _unit(name)):
            found.append(f"{module} imports {name}, which is not on a lower level")
    return found


def _may_import(own: str, other: str) -> bool:
    if other in (own, "tlkit.__version__") or (own, other) in WITHIN_A_LEVEL:
        return True
    return LEVELS.get(other, 9) < LEVELS.get(own, -9)


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_imports_go_down(path):
    assert _wrong_edges(_module(path), path.read_text(encoding="utf-8")) == []


def _edges(files: dict[str, Path]) -> dict[str, set[str]]:
    """Return, for each module, those that it imports anywhere; a package stands for its `__init__`."""
    found = {}
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
        names |= {str(node.module) for node in nodes} | _imports(tree)
        found[module] = {name for name in names if name in files} - {module}
    return found


def _circle(edges: dict[str, set[str]]) -> list[str]:
    """Return modules that import each other round about, or an empty list."""
    left = dict(edges)
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]
    way = [next(iter(sorted(left)))] if left else []
    while way and way[-1] not in way[:-1]:
        way.append(min(left[way[-1]] & left.keys()))
    return way[way.index(way[-1]) :] if way else []


@pytest.mark.slow
def test_nothing_is_imported_in_a_circle():
    edges = _edges({_module(path): path for path in FILES if path.stem != "__init__"})
    assert _circle(edges) == []


def test_a_circle_is_found():
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == ["b", "c", "b"]
    assert _circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("tlkit.data.split", "from tlkit.backbones import load_backbone", "not on a lower level"),
        ("tlkit.checks.run", "import tlkit.lessons.catalog", "not on a lower level"),
        ("tlkit.plots", "import ipywidgets", "imports the front end ipywidgets"),
        ("tlkit.lessons.start_lab", "def f():\n    from IPython import display", "imports the front end IPython"),
        ("tlkit.measure", "from tlkit import cli", "not on a lower level"),
    ],
)
def test_wrong_import_is_found(module, source, expected):
    assert expected in _wrong_edges(module, source)[0]


def test_a_widget_is_a_python_file_with_its_page_or_a_folder():
    page_files = [path for path in WIDGETS.glob("*.*") if path.suffix in (".js", ".css")]
    assert page_files
    assert [path.name for path in page_files if not path.with_suffix(".py").exists()] == []
    for room in (room for room in ROOMS if room.name != "shared"):
        assert {"widget.py", "widget.js", "widget.css"} <= {path.name for path in room.iterdir()}


def test_what_stands_in_the_folder_of_a_widget_belongs_to_it_alone():
    modules = [path for path in FILES if path.is_relative_to(WIDGETS)]
    assert [wrong for path in modules for wrong in _from_other_rooms(path, path.read_text(encoding="utf-8"))] == []
    scripts = {path: re.findall(r'from "(.+)"', path.read_text(encoding="utf-8")) for path in WIDGETS.rglob("*.js")}
    for path, names in scripts.items():
        for place in ((path.parent / name).resolve() for name in names):
            assert place.parent in (path.parent, WIDGETS / "shared"), f"{path} imports {place}"


def _from_other_rooms(path: Path, source: str) -> list[str]:
    """Return imports from within the folder of another widget: what it gives others is in its `__init__`."""
    rooms = {room.name for room in ROOMS} - {"shared", path.parent.name}
    names = [name.split(".") for name in sorted(_imports(ast.parse(source)))]
    return [".".join(n) for n in names if n[0] == "tlkit_widgets" and len(n) > 2 and n[1] in rooms]


def test_an_import_from_another_widgets_folder_is_found():
    path = WIDGETS / "grad_cam" / "widget.py"
    assert _from_other_rooms(path, "from tlkit_widgets.freeze_board.network import moved") != []
    assert _from_other_rooms(path, "from tlkit_widgets.freeze_board import FreezeBoard") == []
    assert _from_other_rooms(path, "from tlkit_widgets.shared.ending import read_ending") == []


def test_the_order_of_modules_names_each_and_no_other():
    assert {_unit(_module(path)) for path in FILES} == set(LEVELS)
    assert {LEVELS[own] - LEVELS[other] for own, other in WITHIN_A_LEVEL} == {0}


@pytest.mark.parametrize("path", FILES, ids=_module)
def test_each_module_lists_its_public_names(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    is_lesson = path.stem.startswith("lesson_")
    has_code = any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ImportFrom) for node in tree.body)
    assert "__all__" in assigned or is_lesson or not has_code


@pytest.mark.parametrize(
    "module", ["tlkit", "tlkit.cli", "tlkit.checks", "tlkit.lessons.catalog", "tlkit.data", "tlkit.devices"]
)
def test_import_loads_no_tensorflow(module):
    code = f"import sys, {module}; print([n for n in ('tensorflow', 'keras', 'IPython') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


# The import's name where it is not the package's, and what is used without an import.
IMPORTED_AS = {"pillow": "PIL", "scikit-image": "skimage", "scikit-learn": "sklearn"}
STARTED = {"jupyterlab": "started by `tlkit lab`"}


@pytest.mark.slow
def test_each_dependency_is_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = {re.split(r"[<>=\[]", item)[0] for item in project["dependencies"]}
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in [*FILES, *(ROOT / "notebooks/src").glob("*.py")]]
    imported = {name.split(".")[0] for tree in trees for name in _imports(tree)}
    used = {package for package in packages if IMPORTED_AS.get(package, package) in imported}
    assert packages - used == set(STARTED)


def _top_imports(path: Path) -> list[str]:
    """Return what a file imports at its top, in order."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [name for node in body if isinstance(node, ast.Import | ast.ImportFrom) for name in sorted(_imports(node))]


def _starts_quietly(path: Path) -> bool:
    """Whether a file, or its package before it, imports `tlkit.quiet_start` before Keras and TensorFlow."""
    names = [*_top_imports(path.with_name("__init__.py")), *_top_imports(path)]
    loud = next(i for i, name in enumerate(names) if name.split(".")[0] in LOUD)
    return "tlkit.quiet_start" in names[:loud]


@pytest.mark.slow
def test_keras_is_imported_quietly():
    with_keras = [path for path in FILES if LOUD & {name.split(".")[0] for name in _top_imports(path)}]
    assert len(with_keras) > 50
    assert [_module(path) for path in with_keras if not _starts_quietly(path)] == []


def test_conda_environment_equals_pyproject():
    yaml = pytest.importorskip("yaml")
    path = ROOT / "environment.yml"
    conda = yaml.safe_load(path.read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    plain = [item for item in conda["dependencies"] if isinstance(item, str)]
    pip = next(item["pip"] for item in conda["dependencies"] if isinstance(item, dict))
    python = next(item for item in plain if item.startswith("python"))
    assert python.removeprefix("python") == project["requires-python"]
    assert sorted(_packages([*plain, *pip])) == sorted(project["dependencies"])


def test_workflows_and_container_use_supported_pythons():
    yaml = pytest.importorskip("yaml")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    low, high = (int(number) for number in re.findall(r"3\.(\d+)", project["requires-python"]))
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    supported = [f"3.{minor}" for minor in range(low, high)]
    assert jobs["whole"]["strategy"]["matrix"]["python"] == supported
    assert set(jobs["fast"]["strategy"]["matrix"]["python"]) <= set(supported)
    container = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^FROM python:(3\.\d+)-", container, re.M)[1] in supported


def _packages(items: list[str]) -> list[str]:
    """Leave out Python, pip, and the kit itself, which conda's file installs from the folder."""
    return [item for item in items if not item.startswith(("python", "pip", "-"))]
