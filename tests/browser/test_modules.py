"""The widgets' ES modules in a bare page: `tests/js/*.test.js` run in the browser, without JupyterLab or a kernel."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
HOST = "http://widgets.test"
FILES = sorted((ROOT / "tests" / "js").glob("*.test.js"))


def serve(route):
    """Answer for a host that does not exist, from the repository's files: no server, no port."""
    name = route.request.url.removeprefix(f"{HOST}/")
    if not name:
        return route.fulfill(body="<!doctype html><html lang=en><title>widgets</title><body>", content_type="text/html")
    path = ROOT / name
    kind = {".js": "text/javascript", ".css": "text/css"}[path.suffix]
    return route.fulfill(body=path.read_bytes(), content_type=kind) if path.exists() else route.fulfill(status=404)


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context()
    context.route(f"{HOST}/**", serve)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_module(page, path):
    page.goto(f"{HOST}/")
    run = "async (test) => { await import(test); return (await import('/tests/js/harness.js')).run(); }"
    results = page.evaluate(run, f"/tests/js/{path.name}")
    failed = [f"{r['name']}\n{r['error']}" for r in results if r["error"]]
    assert results, f"{path.name} holds no test"
    assert not failed, "\n\n".join(failed)


def test_each_widget_and_the_book_have_a_module_test():
    widgets = [path for path in (ROOT / "widgets").rglob("*.js") if "export default" in path.read_text()]
    names = {path.parent.name if path.stem == "widget" else path.stem for path in widgets}
    assert names | {"book"} == {path.name.removesuffix(".test.js") for path in FILES}
