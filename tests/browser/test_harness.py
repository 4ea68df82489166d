"""The harness itself: it sees what a page does, and it can fail."""

import pytest

pytestmark = pytest.mark.browser


def test_runs_a_notebook_and_reads_the_kernel(lab):
    lab.open("harness.ipynb", ["# Title", "answer = 6 * 7\nanswer", "1 / 0"]).run_all(wait=False)
    lab.wait_idle()
    assert lab.outputs(1)[0]["data"]["text/plain"] == "42"
    assert lab.output_errors() == ["ZeroDivisionError: division by zero"]
    lab.execute("answer += 1")
    assert lab.value("answer") == 43
    assert lab.save()["cells"][1]["execution_count"] == 1


def test_both_themes(lab):
    lab.open("themes.ipynb", ["1"])
    color = "getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()"
    lab.theme("dark")
    dark = lab.page.evaluate(color)
    lab.theme("light")
    assert lab.page.evaluate(color) != dark


def test_notices_foreign_requests_and_page_errors(lab):
    lab.open("watch.ipynb", ["1"])
    lab.page.evaluate("fetch('http://kit.invalid/x').catch(() => {})")
    lab.page.evaluate("setTimeout(() => { throw new Error('planted'); })")
    lab.page.wait_for_timeout(300)
    assert lab.foreign_requests() == ["http://kit.invalid/x"]
    assert lab.errors == ["planted"]
    lab.requests.clear()
    lab.errors.clear()
