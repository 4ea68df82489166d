"""The rules that hold the package together: who may import whom, what loads TensorFlow, what must agree."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tlkit.paths import package_root

ROOT = package_root()
LEVELS = {
    **dict.fromkeys(["tlkit", "tlkit.paths", "tlkit.quiet"], -1),
    **dict.fromkeys(["tlkit.data", "tlkit.devices"], 0),
    **dict.fromkeys(["tlkit.backbones", "tlkit.freezing", "tlkit.curves", "tlkit.restart"], 1),
    **dict.fromkeys(
        ["tlkit.speed", "tlkit.measure", "tlkit.plots", "tlkit.probes", "tlkit.tuning", "tlkit.domains"], 2
    ),
    **dict.fromkeys(["tlkit.checks", "tlkit.lessons", "tlkit.doctor"], 3),
    "tlkit.grading": 4,
    **dict.fromkeys(["tlkit.cli", "tlkit.__main__"], 5),
    "tlkit_widgets": 6,
}
# Edges within a level, one way only: freezing and restarting name backbones, figures draw what was measured, a
# distance between domains is asked of a probe.
WITHIN_A_LEVEL = {
    ("tlkit.freezing", "tlkit.backbones"),
    ("tlkit.restart", "tlkit.backbones"),
    ("tlkit.plots", "tlkit.measure"),
    ("tlkit.domains", "tlkit.probes"),
}
FRONT_ENDS = {"ipywidgets", "IPython", "anywidget", "tlkit_widgets"}
FILES = sorted([*(ROOT / "tlkit").rglob("*.py"), *(ROOT / "widgets" / "tlkit_widgets").rglob("*.py")])


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
        if top in FRONT_ENDS and own != "tlkit_widgets":
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


@pytest.mark.parametrize(
    ("module", "source", "expected"),
    [
        ("tlkit.data.split", "from tlkit.backbones import load_backbone", "not on a lower level"),
        ("tlkit.checks.run", "import tlkit.lessons.catalog", "not on a lower level"),
        ("tlkit.plots", "import ipywidgets", "imports the front end ipywidgets"),
        ("tlkit.lessons.lab", "def f():\n    from IPython import display", "imports the front end IPython"),
        ("tlkit.measure", "from tlkit import cli", "not on a lower level"),
    ],
)
def test_wrong_import_is_found(module, source, expected):
    assert expected in _wrong_edges(module, source)[0]


def test_each_module_has_a_level():
    assert {_unit(_module(path)) for path in FILES} <= set(LEVELS)


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


def _packages(items: list[str]) -> list[str]:
    """Leave out Python, pip, and the kit itself, which conda's file installs from the folder."""
    return [item for item in items if not item.startswith(("python", "pip", "-"))]
