"""The pages in a real browser: nothing serious by axe-core in light and dark, no script runs, no request leaves."""

from pathlib import Path

import pytest

from tests.browser.chromium import chromium
from tests.grading_results import EVIL, LESSON, exercise, graded, made_up_class
from tlkit.grading.reports.report_files import write_reports
from tlkit.grading.reports.similarity import SimilarPair

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[Path]:
    hostile = exercise("90.1", 0, 2, "wrong", messages=(EVIL, f"`{EVIL}`"), failed=(EVIL, "x"))
    results = [*made_up_class(), graded("mallory", hostile)]
    pairs = {LESSON: [SimilarPair("ada", "mallory", 0.8, (EVIL,))]}
    paths = write_reports(results, tmp_path_factory.mktemp("report"), ("html",), pairs=pairs)
    return [path for path in paths if path.stem in ("report", "bob", "fay", "mallory")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages(browser, pages, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(color_scheme=scheme, bypass_csp=True)  # axe-core itself is a script
    requests, alerts = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    for path in pages:
        page.goto(path.as_uri())
        for details in page.locator("details").all():
            details.evaluate("(el) => { el.open = true; }")
        found = axe.run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert requests == [path.as_uri() for path in pages]
    assert alerts == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_policy_would_stop_what_slips_through(browser, pages, tmp_path):
    page = browser.new_page()
    text = pages[0].read_text(encoding="utf-8")
    slipped = tmp_path / "slipped.html"
    slipped.write_text(text.replace("</main>", "<script>document.title = 'ran'</script></main>"), encoding="utf-8")
    page.goto(slipped.as_uri())
    assert page.title() == "Class report"
