"""A real JupyterLab in headless Chromium: one server a session, one browser a file, one page a test.

The server runs in directories of its own, so that neither the tester's settings nor another run can change a result.
Each test ends by asserting that the page raised no error and sent no request to another host.
"""

import contextlib
import json
import os
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient

from tests.browser.chromium import chromium
from tests.browser.server import ROOT, JupyterServer

RESULTS = Path(os.environ.get("TLKIT_TEST_RESULTS", ROOT / "test-results"))
# What Notebook 7.6 itself raises while it loads settings and layout, on an empty notebook too
NOTEBOOK_7 = ("reading 'schema'", "Command 'filebrowser:open-path' not registered")
READY = """() => {
  const panel = jupyterapp.shell.currentWidget;
  return panel?.context?.isReady && panel.sessionContext.session?.kernel?.connectionStatus === "connected";
}"""
IDLE = """() => {
  const panel = jupyterapp.shell.currentWidget;
  const cells = [...panel.content.model.cells].filter((c) => c.type === "code" && c.sharedModel.source.trim());
  const stopped = cells.some((c) => c.outputs.toJSON().some((o) => o.output_type === "error"));
  const idle = panel.sessionContext.session?.kernel?.status === "idle"
    && cells.every((c) => c.executionState !== "running" && (stopped || c.executionCount !== null));
  if (!idle) { window.idleSince = undefined; return false; }
  window.idleSince ??= performance.now();
  return performance.now() - window.idleSince > 150;
}"""


KINDS = (
    "button",
    "input[type=checkbox]",
    "input[type=range]",
    "input[type=radio]",
    "select",
    "summary",
    "[role=slider]",
    "canvas",
    "pre",
    "[role=application]",
)
SPILLS = """(root) => {
  const edge = root.getBoundingClientRect().right + 1;
  const scrolls = (el) => el !== root && (getComputedStyle(el).overflowX === "auto" || scrolls(el.parentElement));
  const beyond = (el) => el.offsetWidth && el.getBoundingClientRect().right > edge && !scrolls(el.parentElement);
  return [...root.querySelectorAll("button, input, select, summary, p, dd")].filter(beyond).map((el) => el.outerHTML);
}"""
STATES = """() => [...jupyterapp.shell.currentWidget.content.model.cells]
  .map((cell) => `${cell.executionCount} ${cell.executionState}`)"""


class Lab:
    """One browser page on the server, acting by JupyterLab's commands rather than by pixels."""

    def __init__(self, page, server: JupyterServer, name: str):
        self.page, self.server, self.name = page, server, name
        self.app, self.errors = "lab/tree", []
        self.requests: list[str] = []
        page.on("pageerror", self._note_error)
        page.on("request", lambda request: self.requests.append(request.url))

    def _note_error(self, error) -> None:
        if self.app != "notebooks" or not any(part in str(error) for part in NOTEBOOK_7):
            self.errors.append(str(error))

    def open(self, name: str, cells: list[str] | None = None, *, app: str = "lab/tree", ready: bool = True) -> "Lab":
        """Open notebook `name`; with `cells`, write it first. Text that starts with "# " is a Markdown cell.

        With `app="notebooks"` it opens in Notebook 7. With `ready=False` the kernel may be busy.
        """
        if cells is not None:
            new = nbformat.v4
            made = [new.new_markdown_cell(c) if c.startswith("# ") else new.new_code_cell(c) for c in cells]
            spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
            path = self.server.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(new.new_notebook(cells=made, metadata={"kernelspec": spec}), path)
        self.app = app
        reset = "&reset" if app.startswith("lab") else ""  # else the notebooks of other tests come back
        self.page.goto(f"{self.server.url}/{app}/{name}?token={self.server.token}{reset}")
        self.page.wait_for_function("window.jupyterapp?.shell", timeout=180_000)
        self.page.evaluate("async () => { await jupyterapp.restored; }")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=180_000)
        if ready:
            self.page.wait_for_function(READY, timeout=180_000)
        return self

    def command(self, name: str, args: dict | None = None, *, wait: bool = True) -> None:
        run = "jupyterapp.commands.execute(name, args)"
        self.page.evaluate(f"async ([name, args]) => {{ {'await ' * wait}{run}; }}", [name, args or {}])

    def run_all(self, *, wait: bool = True, timeout: float = 240) -> "Lab":
        self.command("notebook:run-all-cells", wait=False)
        if wait:
            self.wait_idle(timeout)
        return self

    def wait_idle(self, timeout: float = 240) -> None:
        """Wait (seconds) until the kernel is idle and each code cell has run, or one has failed."""
        try:
            self.page.wait_for_function(IDLE, timeout=timeout * 1000)
        except Exception as error:
            self.screenshot(f"not_idle_{self.name}")
            raise AssertionError(f"not idle after {timeout} s; cells: {self.page.evaluate(STATES)}") from error

    def run_cell(self, index: int, *, source: str | None = None, wait: bool = True) -> None:
        """Run one cell, after replacing its text when `source` is given."""
        self.page.evaluate(
            """([i, source]) => { const nb = jupyterapp.shell.currentWidget.content; nb.activeCellIndex = i;
            nb.deselectAll(); if (source !== null) nb.widgets[i].model.sharedModel.setSource(source); }""",
            [index, source],
        )
        self.command("notebook:run-cell", wait=wait)

    def shut_down(self) -> None:
        """Leave the page and end its kernel, as when a day's work is over."""
        path = self.page.evaluate("jupyterapp.shell.currentWidget.context.path")
        self.page.goto("about:blank")
        sessions = f"{self.server.url}/api/sessions"
        key = {"Authorization": f"token {self.server.token}"}
        for session in self.page.request.get(sessions, headers=key).json():
            if session["path"] == path:
                assert self.page.request.delete(f"{sessions}/{session['id']}", headers=key).ok

    def cell(self, index: int):
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def outputs(self, index: int) -> list[dict]:
        script = "(i) => jupyterapp.shell.currentWidget.content.widgets[i].model.outputs?.toJSON() ?? []"
        return self.page.evaluate(script, index)

    def output_errors(self) -> list[str]:
        """`name: message` of each error that a cell shows."""
        count = self.page.locator(".jp-Notebook .jp-Cell").count()
        outputs = [output for i in range(count) for output in self.outputs(i)]
        return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]

    def save(self) -> dict:
        """Save, and return the notebook as it is on disk."""
        self.command("docmanager:save")
        path = self.page.evaluate("jupyterapp.shell.currentWidget.context.path")
        return json.loads((self.server.root / path).read_text())

    def theme(self, kind: str) -> None:
        """Switch to the `"light"` or the `"dark"` theme."""
        self.command("apputils:change-theme", {"theme": f"JupyterLab {kind.title()}"})
        wanted = f"body[data-jp-theme-light='{str(kind == 'light').lower()}']"
        self.page.wait_for_selector(wanted, state="attached")
        self.page.wait_for_timeout(300)  # style sheets are swapped after the attribute

    def width(self, pixels: int, height: int = 1000) -> None:
        self.page.set_viewport_size({"width": pixels, "height": height})

    def screenshot(self, name: str, target=None) -> Path:
        """Keep a picture of the page, or of a locator, in `test-results/`."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{name}.png"
        (target or self.page).screenshot(path=path)
        return path

    @contextlib.contextmanager
    def kernel(self):
        """A second client on the notebook's kernel."""
        kernel_id = self.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.id")
        client = BlockingKernelClient(connection_file=str(self.server.home / "runtime" / f"kernel-{kernel_id}.json"))
        client.load_connection_file()
        client.start_channels()
        try:
            yield client
        finally:
            client.stop_channels()

    def execute(self, code: str, timeout: float = 60) -> None:
        """Run code in the notebook's kernel, past the page."""
        with self.kernel() as client:
            reply = client.execute(code, reply=True, store_history=False, timeout=timeout)["content"]
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", [str(reply)]))

    def value(self, expression: str, timeout: float = 30):
        """The value of an expression in the kernel, by JSON: what Python holds, not what the page says."""
        ask = {"value": f"__import__('json').dumps({expression})"}
        with self.kernel() as client:
            reply = client.execute("", user_expressions=ask, reply=True, store_history=False, timeout=timeout)
        result = reply["content"]["user_expressions"]["value"]
        assert result["status"] == "ok", result
        return json.loads(eval(result["data"]["text/plain"]))  # a JSON text within a Python literal

    def expect_value(self, expression: str, expected, timeout: float = 10) -> None:
        """Wait until the kernel holds `expected`: a click travels by another socket than this client's question."""
        end = time.monotonic() + timeout
        while (value := self.value(expression)) != expected and time.monotonic() < end:
            time.sleep(0.1)
        assert value == expected

    def serious_findings(self, selector: str) -> list[str]:
        """What axe-core finds serious or critical below `selector`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe_source())
        report = self.page.evaluate("(selector) => axe.run(selector)", selector)
        rules = [rule for rule in report["violations"] if rule["impact"] in ("serious", "critical")]
        return [f"{rule['id']} in {node['html'][:160]}" for rule in rules for node in rule["nodes"]]

    def press_command_keys(self, selector: str) -> None:
        """Press keys of JupyterLab's command mode on one control of each kind below `selector`.

        There `x` would cut the cell, `d d` delete it, and `b` and `a` add one.
        """
        cells = self.page.locator(".jp-Notebook .jp-Cell")
        count = cells.count()
        for kind in KINDS:
            control = self.page.locator(f"{selector} {kind}:visible").first
            if control.count() and control.is_enabled():
                control.focus()
                assert self.page.evaluate("document.activeElement !== document.body"), f"{kind} takes no focus"
                for key in ("x", "d", "d", "b", "a"):
                    self.page.keyboard.press(key)
                assert cells.count() == count, f"{kind} of {selector} let a key through"

    def zoom(self, factor: float) -> None:
        """As the browser's own zoom: fewer and larger pixels."""
        sizes = {"width": round(1280 / factor), "height": round(1000 / factor), "deviceScaleFactor": factor}
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setDeviceMetricsOverride", {**sizes, "mobile": False})
        self.page.wait_for_timeout(300)

    def spills(self, selector: str) -> list[str]:
        """Controls below `selector` that reach beyond its width, unless they lie in a part that scrolls."""
        return self.page.locator(selector).first.evaluate(SPILLS)

    def second_tab(self, name: str) -> "Lab":
        """The same notebook in another tab, which shares the kernel."""
        other = Lab(self.page.context.new_page(), self.server, f"{self.name}_2")
        other.app = "lab/workspaces/second/tree"
        return other.open(name, app=other.app)

    def foreign_requests(self) -> list[str]:
        own = (self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:", "about:")
        return sorted({url for url in self.requests if not url.startswith(own)})

    def close(self) -> None:
        with contextlib.suppress(Exception):  # the page may be elsewhere, or the kernel gone
            if self.page.locator("body[data-jp-theme-light='false']").count():
                self.theme("light")  # it is a setting of the server
            self.page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.shutdown(); }")
        self.page.context.close()


def axe_source() -> str:
    """axe-core, from the package `axe-playwright-python` or from a file that `TLKIT_AXE` names."""
    path, found = os.environ.get("TLKIT_AXE"), find_spec("axe_playwright_python")
    if path is None and found is None and not os.environ.get("CI"):
        pytest.skip("axe-playwright-python is not installed")
    assert path or found, "CI needs axe-playwright-python"
    return Path(path or Path(str(found and found.origin)).with_name("axe.min.js")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    started = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield started
    started.stop()


@pytest.fixture
def lab(browser, server, request):
    """A fresh page; at the end no page error and no request to another host."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(120_000)  # a shared machine may be slow: only a fault takes that long
    context.set_default_navigation_timeout(180_000)
    opened = Lab(context.new_page(), server, request.node.name)
    yield opened
    opened.close()
    assert not opened.errors, f"errors in the page: {opened.errors}"
    assert not opened.foreign_requests(), f"requests left for another host: {opened.foreign_requests()}"
