"""JupyterLab in a page, acted on by its commands rather than by pixels, and the kernel behind it."""

import contextlib
import json
import os
import time
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient

from tests.browser.server import ROOT, JupyterServer

__all__ = ["Lab"]

RESULTS = Path(os.environ.get("TLKIT_TEST_RESULTS", ROOT / "test-results"))
LAB = "lab/tree"
# What JupyterLab itself raises when a kernel dies while it asks for something
KERNEL_GONE = ("Canceled future for",)
# What Notebook 7.6 itself raises while it loads settings and layout, on an empty notebook too
NOTEBOOK_7 = ("reading 'schema'", "Command 'filebrowser:open-path' not registered")
READY = """([path, ready]) => {
  const panel = jupyterapp.shell.currentWidget;
  if (!panel?.context?.isReady || panel.context.path !== path) return false;
  const shown = panel.node.querySelectorAll(".jp-Notebook .jp-Cell").length; // long notebooks come in parts
  if (shown !== panel.content.model.cells.length) return false;
  return shown && (!ready || panel.sessionContext.session?.kernel?.connectionStatus === "connected");
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
CLEAR = """async () => {
  for (const panel of [...jupyterapp.shell.widgets("main")].filter((one) => one.sessionContext)) {
    await panel.sessionContext.shutdown();
    panel.dispose();
  }
  jupyterapp.shell.expandLeft();
}"""
STATES = """() => [...jupyterapp.shell.currentWidget.content.model.cells]
  .map((cell) => `${cell.executionCount} ${cell.executionState}`)"""
SPILLS = """(root) => {
  const edge = root.getBoundingClientRect().right + 1;
  const scrolls = (el) => el !== root && (getComputedStyle(el).overflowX === "auto" || scrolls(el.parentElement));
  const beyond = (el) => el.offsetWidth && el.getBoundingClientRect().right > edge && !scrolls(el.parentElement);
  return [...root.querySelectorAll("button, input, select, summary, p, dd")].filter(beyond).map((el) => el.outerHTML);
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
SIZE = {"width": 1280, "height": 1000}


class Lab:
    """One page on the server, which many tests use one after the other: JupyterLab takes seconds to load.

    Attributes:
        errors: What any page of the context raised.
        requests: Addresses that any page of the context asked for.
    """

    def __init__(self, page, server: JupyterServer):
        self.page, self.server = page, server
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.context.on("weberror", self._note_error)
        page.context.on("request", lambda request: self.requests.append(request.url))

    @classmethod
    def start(cls, browser, server: JupyterServer) -> "Lab":
        context = browser.new_context(viewport=SIZE)
        context.set_default_timeout(120_000)  # a shared machine may be slow: only a fault takes that long
        context.set_default_navigation_timeout(180_000)
        return cls(context.new_page(), server)

    def _note_error(self, event) -> None:
        known = KERNEL_GONE + (NOTEBOOK_7 if event.page and "/notebooks/" in event.page.url else ())
        if not any(part in str(event.error) for part in known):
            self.errors.append(str(event.error))

    def open(self, name: str, cells: list[str] | None = None) -> "Lab":
        """Open notebook `name`; with `cells`, write it first. Text that starts with "# " is a Markdown cell."""
        if cells is not None:
            self.write(name, cells)
        if self.page.evaluate("window.jupyterapp?.name === 'JupyterLab'"):
            self.command("docmanager:open", {"path": name})
            self.page.wait_for_function(READY, arg=[name, True])
            return self
        return self.load(name)

    def load(self, name: str, *, app: str = LAB, ready: bool = True) -> "Lab":
        """Load the page anew with notebook `name`. With `ready=False` the kernel may be busy."""
        reset = "&reset" if app.startswith("lab") else ""  # else the notebooks of other tests come back
        self.page.goto(f"{self.server.url}/{app}/{name}?token={self.server.token}{reset}")
        self.page.wait_for_function("window.jupyterapp?.shell", timeout=180_000)
        self.page.evaluate("async () => { await jupyterapp.restored; }")
        self.page.wait_for_function(READY, arg=[name, ready], timeout=180_000)
        return self

    def write(self, name: str, cells: list[str]) -> None:
        new = nbformat.v4
        made = [new.new_markdown_cell(c) if c.startswith("# ") else new.new_code_cell(c) for c in cells]
        spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        nbformat.write(new.new_notebook(cells=made, metadata={"kernelspec": spec}), self.server.root / name)

    def tab(self, name: str, app: str = "lab/workspaces/second/tree") -> "Lab":
        """Notebook `name` in another tab, which shares the kernel; `"notebooks"` is Notebook 7."""
        other = Lab(self.page.context.new_page(), self.server)
        return other.load(name, app=app)

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
            self.screenshot("not_idle")
            raise AssertionError(f"not idle after {timeout} s; cells: {self.page.evaluate(STATES)}") from error

    def run_cell(self, index: int, *, source: str | None = None, wait: bool = True) -> None:
        """Run one cell, after replacing its text when `source` is given."""
        self.page.evaluate(
            """([i, source]) => { const nb = jupyterapp.shell.currentWidget.content; nb.activeCellIndex = i;
            nb.deselectAll(); if (source !== null) nb.widgets[i].model.sharedModel.setSource(source); }""",
            [index, source],
        )
        self.command("notebook:run-cell", wait=wait)

    def clear(self) -> None:
        """Close the notebooks, end their kernels, and make the page as it was."""
        for page in self.page.context.pages:
            if page != self.page:
                page.close()
        self.page.emulate_media(reduced_motion="no-preference")
        self.page.set_viewport_size(SIZE)
        if self.page.locator("body[data-jp-theme-light='false']").count():
            self.theme("light")  # it is a setting of the server
        self.page.evaluate(CLEAR)

    def close(self) -> None:
        self.page.context.close()

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

    def narrow(self, height: int = 1000) -> None:
        """A page of 600 pixels without the file browser."""
        self.page.evaluate("jupyterapp.shell.collapseLeft()")
        self.width(600, height)
        self.page.wait_for_timeout(300)

    def width(self, pixels: int, height: int = 1000) -> None:
        self.page.set_viewport_size({"width": pixels, "height": height})

    def zoom(self, factor: int) -> None:
        """As by the browser's own zoom, without the file browser: the page has room for less."""
        self.page.evaluate("jupyterapp.shell.collapseLeft()")
        self.width(SIZE["width"] // factor, SIZE["height"] // factor)
        self.page.wait_for_timeout(300)

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
        client.start_channels(hb=False)  # nobody asks for the heartbeat, and each one takes sockets
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

    def spills(self, selector: str) -> list[str]:
        """Controls below `selector` that reach beyond its width, unless they lie in a part that scrolls."""
        return self.page.locator(selector).first.evaluate(SPILLS)

    def foreign_requests(self) -> list[str]:
        own = (self.server.url, self.server.url.replace("http", "ws"), "data:", "blob:", "about:")
        return sorted({url for url in self.requests if not url.startswith(own)})


def axe_source() -> str:
    """axe-core, from the package `axe-playwright-python` or from a file that `TLKIT_AXE` names."""
    path, found = os.environ.get("TLKIT_AXE"), find_spec("axe_playwright_python")
    if path is None and found is None and not os.environ.get("CI"):
        pytest.skip("axe-playwright-python is not installed")
    assert path or found, "CI needs axe-playwright-python"
    return Path(path or Path(str(found and found.origin)).with_name("axe.min.js")).read_text(encoding="utf-8")
