"""The book, built and served on this machine, and a page of it in a browser."""

import contextlib
import functools
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.browser.lab import axe_source

__all__ = ["Book", "build_book", "serve"]

ROOT = Path(__file__).resolve().parents[2]


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def build_book(folder: Path) -> Path:
    """Build the book in a folder, without a warning."""
    command = [sys.executable, str(ROOT / "docs" / "book"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine, and give the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Book:
    """A page of the book, and what it asked for and complained of."""

    def __init__(self, browser, address, scheme="light"):
        self.address, self.problems, self.sizes = address, [], {}
        self.page = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 1000})
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", self._ask)
        self.page.on("response", self._hear)
        self.page.on("requestfinished", lambda request: self.sizes.update({request.url: request.sizes()}))

    def _note(self, message):
        if message.type == "error":
            self.problems.append(message.text)

    def _hear(self, response):
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.url}")

    def _ask(self, request):
        if not request.url.startswith((self.address, "data:", "blob:", "file:")):
            self.problems.append(request.url)

    def open(self, name):
        self.page.goto(f"{self.address}/{name}", wait_until="load")
        return self

    def enliven(self):
        """Scroll to each widget until all are alive."""
        for place in self.page.locator(".book-widget").all():
            place.scroll_into_view_if_needed()
            alive = "(place) => place.classList.contains('book-alive')"
            self.page.wait_for_function(alive, arg=place.element_handle())
        return self.page.locator(".book-widget").count()

    def widget(self, root):
        """The first widget of a kind that is alive, and the line that says what needs a kernel."""
        board = "" if root == ".tlk-board" else ":not(:has(.tlk-board))"  # which has curves of its own
        place = self.page.locator(f".book-widget:has({root}){board}").first
        place.wait_for(state="visible")
        place.scroll_into_view_if_needed()
        return place, place.locator(".book-notice")

    def serious(self):
        self.page.evaluate(axe_source())
        found = self.page.evaluate("axe.run()")["violations"]
        return [
            (each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in ("serious", "critical")
        ]
