"""Headless Chromium, as Debian and others ship it."""

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest

__all__ = ["chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these the browser itself calls home, which "no request to another host" could not tell from the page.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone that beeps; a test gives a page the permission
]


@contextlib.contextmanager
def chromium() -> Iterator:
    """A started browser. Where there is none the test is skipped, but in CI that is a failure.

    Playwright keeps an event loop running in this thread, in which other tests could not start their own: so it lives
    for a module of tests, not for the session.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is on PATH")
    assert path, f"CI needs a browser, and none of {', '.join(NAMES)} is on PATH"
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS, headless=True)
        yield started
        started.close()
