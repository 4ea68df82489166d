"""The report of a study, opened as a file: no network, no error, nothing serious for axe, in both themes."""

import pytest

from tests.browser.lab import axe_source
from tests.study_photos import make_folder, small_study
from tlkit.study import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    alike = {"red": (130, 118, 118), "blue": (118, 118, 130)}  # so alike that there are errors to show
    folder = make_folder(tmp_path_factory.mktemp("report") / "photos", 30, alike)
    return write_report(small_study(folder, trains=False), folder.parent / "report.html", seconds=30)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_opens_by_itself(browser, report, scheme, tmp_path):
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1000, "height": 900})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: problems.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(report.as_uri())
    page.locator("#comparison .main-svg").first.wait_for()
    assert page.locator(".plotly-graph-div .main-svg").count() >= 3
    page.evaluate(axe_source())
    found = page.evaluate("axe.run()")["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")] == []
    page.screenshot(path=tmp_path / f"{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.set_viewport_size({"width": 380, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")  # plotly redraws in a while
    assert not [each for each in problems if not each.startswith("data:") and not each.startswith("blob:")]
    page.close()
