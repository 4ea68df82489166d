"""The gallery runs from the top in JupyterLab, and each widget is there: their pictures are those of the README."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from tlkit.paths import notebooks_dir

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "99_gallery.ipynb"
NAMES = ("map", "curves:not(.tlk-board *)", "board", "gain", "confusion", "cam", "augment", "picker", "progress")
OF_LATER_LESSONS = ("advice", "moons", "proto", "dial", "team", "spectrogram", "recorder")


def test_gallery_runs_and_shows_each_widget(lab):
    shutil.copy(notebooks_dir() / NAME, lab.server.root)
    lab.open(NAME).run_all(timeout=600)
    assert lab.output_errors() == []
    lab.width(1280, 2200)
    for name in (*NAMES, *OF_LATER_LESSONS):
        widget = lab.page.locator(f".tlk-{name}").first
        expect(widget).to_be_visible()
        widget.scroll_into_view_if_needed()
        lab.page.wait_for_timeout(100)
        lab.screenshot(f"gallery_{name.split(':')[0]}", widget)
    expect(lab.page.get_by_role("button", name="Plan as at first")).to_be_visible()  # PlanBoard, drawn by plotly
    _explore(lab)
    outputs = [output for cell in lab.save()["cells"] for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    _train_and_compare(lab)


def _explore(lab) -> None:
    """The figure of plotly is live without a network, and keeps its height in the other theme."""
    plot = lab.page.locator(".js-plotly-plot").first
    for theme in ("dark", "light"):
        lab.theme(theme)
        plot.scroll_into_view_if_needed()
        plot.locator(".points path").first.hover(force=True)
        expect(plot.locator(".hoverlayer")).to_contain_text("ImageNet accuracy")
        lab.screenshot(f"gallery_tradeoff_{theme}", plot)
        assert plot.bounding_box()["height"] > 400


def _train_and_compare(lab) -> None:
    """Two cuts, trained by the buttons on real images: the picture that stands first in the README."""
    page, board = lab.page, lab.page.locator(".tlk-board")
    rows = board.locator(".tlk-board-runs tbody tr")
    board.get_by_label("epochs").fill("8")
    for number, (preset, rate) in enumerate([("Head only", "0.003"), ("Last half", "0.0003")], 1):
        board.get_by_role("button", name=preset).click()
        board.locator(".tlk-board-train select").select_option(rate)
        board.get_by_role("button", name="Train").click()
        lab.expect_value("[len(board.runs), board.busy, board._error]", [number, False, ""], timeout=300)
        if number == 1:  # two open by themselves
            board.get_by_role("button", name="Compare").click()
        expect(rows).to_have_count(number)
        expect(rows.first).to_be_visible()
    expect(rows.get_by_text("best", exact=True)).to_be_visible()
    assert lab.value("board.runs[1]['best']['value']") > 2 / 13
    names = lab.value("[run['name'] for run in board.runs]")
    assert names == ["head only, rate 0.003, 20 per class", "from expanded_conv_6, rate 0.0003, 20 per class"]
    expect(board.get_by_text(re.compile("^measured"))).to_be_visible()
    gap = board.locator(".tlk-board-buttons").evaluate("(row) => getComputedStyle(row).gap")
    assert gap == "6px", "the rules that all widgets share came again, with another widget, and won"
    for theme in ("dark", "light"):
        lab.theme(theme)
        board.scroll_into_view_if_needed()
        page.wait_for_timeout(300)
        lab.screenshot(f"gallery_board_compared_{theme}", board)
