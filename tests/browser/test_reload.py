"""What was drawn stays: a page reloaded while `fit` holds the kernel, a second tab, a dead kernel, a saved notebook."""

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.test_live_curves import FIT, SETUP

pytestmark = pytest.mark.browser

SO_FAR = re.compile("^So far. Training curves. probe: ")
# Run, and then without a number, as the kernel that counted is gone
DEAD = """() => { const cell = jupyterapp.shell.currentWidget.content.widgets[4].model;
  return cell.executionState !== "running" && jupyterapp.shell.currentWidget.sessionContext.session.kernel; }"""
MAP = """
from tlkit_widgets import FeatureMap
FeatureMap(x[:40], np.zeros((40, 8, 8, 3), "uint8"), y[:40], ["low", "high"])
"""


def _interrupt(lab, kernel_id: str) -> None:
    reply = lab.page.request.post(f"{lab.server.url}/api/kernels/{kernel_id}/interrupt?token={lab.server.token}")
    assert reply.ok, reply.status


def test_a_page_reloaded_while_fit_runs_shows_what_was_drawn(lab):
    page = lab.page
    cells = [f"{SETUP}\nlive.trace_interval = 0.5", FIT.format(100_000) + ";"]
    lab.open("reload.ipynb", cells).run_all(wait=False)
    trace = page.get_by_role("img", name=SO_FAR, include_hidden=True)
    expect(trace).to_have_count(1, timeout=120_000)
    expect(page.locator(".tlk-curves-panel").first).to_be_visible()
    expect(trace).not_to_be_visible()  # the live curves are
    kernel = page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
    lab.save()  # as JupyterLab does by itself every two minutes, and as it offers when a page is left
    lab.load("reload.ipynb", ready=False)
    expect(trace).to_be_visible(timeout=60_000)
    assert page.locator(".tlk-curves").count() == 0, "the kernel is busy: it can give no live view"
    lab.screenshot("reload_while_fit_runs")
    _interrupt(lab, kernel)
    expect(page.locator(".tlk-curves-panel")).to_have_count(2, timeout=120_000)
    expect(trace).not_to_be_visible()
    drawn = "[live.curves.ended, len(live.view.data['0/epoch/loss']) // 2 == live.curves.num_epochs > 2]"
    lab.expect_value(drawn, ["stopped by you", True], timeout=60)
    tab = lab.tab("reload.ipynb")
    expect(tab.page.locator(".tlk-curves-panel")).to_have_count(2, timeout=60_000)


def test_a_dead_kernel_and_a_notebook_opened_later_leave_the_pictures(lab):
    page = lab.page
    lab.open("later.ipynb", [SETUP, FIT.format(3) + ";", MAP.strip(), "live", "import os\nos._exit(1)"])
    for i in range(4):
        lab.run_cell(i)
    expect(page.locator(".tlk-curves-panel")).to_have_count(2)
    lab.save()
    lab.run_cell(4, wait=False)
    page.wait_for_function(DEAD, timeout=120_000)
    if (dialog := page.locator(".jp-Dialog-button")).count():  # it says so, unless the new kernel is quick
        dialog.last.click()
    expect(page.locator(".tlk-curves-panel")).to_have_count(2)
    expect(page.locator(".tlk-map canvas")).to_be_visible()
    lab.clear()
    lab.load("later.ipynb")
    expect(page.get_by_text("model not found")).to_have_count(0)
    for index, name in enumerate(("Training curves. probe: 3 epochs", "Scatter plot of 40", "Training curves"), 1):
        expect(lab.cell(index).get_by_role("img", name=re.compile(f"^{name}"))).to_be_visible()
    lab.screenshot("saved_notebook_opened_later")
    _exported(lab.server.root / "later.ipynb")


def _exported(path) -> None:
    """As a page of HTML: three pictures, each with its words, and no state of a widget."""
    assert "widgets" not in path.read_text().split('"metadata"')[-1]
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    page = path.with_suffix(".html").read_text()
    assert len(re.findall(r'<img[^>]*alt="(?:Training curves|Scatter plot)', page)) == 3
    assert "widget-state" not in page
