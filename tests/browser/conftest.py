"""A real JupyterLab in headless Chromium: one server and one browser for all tests here, and mostly one page.

The server runs in directories of its own, so that neither the tester's settings nor another run can change a result.
Each test ends by asserting that the page raised no error and sent no request to another host.
"""

import contextlib
import os
from pathlib import Path

import pytest

from tests.browser.book import Book, build_book, serve
from tests.browser.chromium import chromium
from tests.browser.lab import Lab
from tests.browser.server import JupyterServer


# A package's scope, not the session's: Playwright's event loop must be gone when the tests of other folders begin.
@pytest.fixture(scope="package")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture(scope="package")
def server(tmp_path_factory):
    started = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    yield started
    started.stop()


@pytest.fixture(scope="package")
def _pages():
    """The page in use, if there is one."""
    return []


@pytest.fixture
def lab(browser, server, _pages):
    """A page without a notebook; at the end no page error and no request to another host."""
    opened = _pages.pop() if _pages else Lab.start(browser, server)
    opened.errors.clear()
    opened.requests.clear()
    yield opened
    try:
        opened.clear()
        _pages.append(opened)
    except Exception:  # it is elsewhere, or its kernel is gone: the next test gets a page of its own
        with contextlib.suppress(Exception):
            opened.close()
    assert not opened.errors, f"errors in the page: {opened.errors}"
    assert not opened.foreign_requests(), f"requests left for another host: {opened.foreign_requests()}"


@pytest.fixture(scope="package")
def book_site(tmp_path_factory):
    """The folder of the book, built anew unless `TLKIT_BOOK` names one."""
    built = os.environ.get("TLKIT_BOOK")
    return Path(built) if built else build_book(tmp_path_factory.mktemp("book") / "site")


@pytest.fixture(scope="package")
def book_address(book_site):
    with serve(book_site) as address:
        yield address


@pytest.fixture
def book(browser, book_address):
    opened = Book(browser, book_address)
    yield opened
    opened.page.close()
    assert opened.problems == []
