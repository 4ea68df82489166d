"""The gallery runs from the top in JupyterLab, and each widget is there: their pictures are those of the README."""

from pathlib import Path

import jupytext
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GALLERY = Path(__file__).resolve().parents[2] / "widgets" / "gallery.py"
NAMES = ("map", "curves:not(.tlk-board *)", "board", "confusion", "cam", "augment", "picker", "progress")


def test_gallery_runs_and_shows_each_widget(lab):
    jupytext.write(jupytext.read(GALLERY), lab.server.root / "gallery.ipynb")
    lab.open("gallery.ipynb").run_all()
    assert lab.output_errors() == []
    for name in NAMES:
        widget = lab.page.locator(f".tlk-{name}").first
        expect(widget).to_be_visible()
        widget.scroll_into_view_if_needed()
        lab.page.wait_for_timeout(100)
        lab.screenshot(f"gallery_{name.split(':')[0]}", widget)
    outputs = [output for cell in lab.save()["cells"] for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
