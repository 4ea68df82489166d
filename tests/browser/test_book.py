"""The site of the book: small, whole, no other host, nothing serious for axe, found by its search, and printed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.book import ROOT, Book
from tests.browser.lab import RESULTS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GALLERY = "lessons/99_gallery.html"
# Those whose widgets' states are kept: in others, widgets are pictures
LESSONS = [f"lessons/{path.stem}.html" for path in sorted((ROOT / "notebooks" / "states").glob("*.json"))]
KINDS = ("index.html", "method.html", "pitfalls.html", "reference/tlkit.measure.html", "cards/textures.html", GALLERY)


def test_the_site_is_small(book_site):
    assert sum(path.stat().st_size for path in book_site.rglob("*") if path.is_file()) < 25e6


def test_the_first_page_is_small(book):
    book.open("index.html").page.wait_for_load_state("networkidle")
    assert len(book.sizes) > 5
    assert sum(each["responseBodySize"] for each in book.sizes.values()) < 1e6


def test_no_page_loads_from_another_host(book_site):
    loads = re.compile(r"""<(?:script|img|iframe|source|audio)[^>]*\ssrc=["']?(?:https?:)?//|@import\s+["']?http""")
    sheets = re.compile(r"""<link[^>]*rel=["']?stylesheet[^>]*href=["']?(?:https?:)?//|url\(["']?https?:""")
    texts = [path for path in book_site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(texts) > 50
    bad = [path.name for path in texts if loads.search(path.read_text()) or sheets.search(path.read_text())]
    assert bad == []


@pytest.mark.parametrize("name", LESSONS, ids=lambda name: Path(name).stem)
def test_all_widgets_of_a_lesson_come_alive(book, name):
    count = book.open(name).enliven()
    assert count == book.page.locator(".book-alive").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS, ids=lambda name: Path(name).stem)
def test_nothing_serious_for_axe(browser, book_address, name, scheme):
    book = Book(browser, book_address, scheme).open(name)
    book.enliven()
    book.page.wait_for_timeout(300)  # transitions of the theme's colours
    problems, found = list(book.problems), book.serious()  # axe itself looks for style sheets where none are
    RESULTS.mkdir(exist_ok=True)
    book.page.screenshot(path=RESULTS / f"book_{Path(name).stem}_{scheme}.png", full_page=True)
    assert book.page.evaluate("document.body.dataset.jpThemeLight") == str(scheme == "light").lower()
    book.page.close()
    assert (found, problems) == ([], [])


def test_search_works_when_the_site_is_opened_as_files(browser, book_site):
    book = Book(browser, "file:")
    book.page.goto(f"{(book_site / 'search.html').as_uri()}?q=batchnorm")
    expect(book.page.locator("#search-results li").first).to_be_visible()
    book.page.goto((book_site / GALLERY).as_uri())
    assert book.enliven() > 10
    book.page.close()
    assert book.problems == []


def test_print_keeps_the_widgets_and_drops_the_frame(book):
    book.open(GALLERY).enliven()
    book.page.emulate_media(media="print")
    assert book.page.locator(".bd-sidebar-primary").is_hidden()
    assert all(place.bounding_box()["height"] > 50 for place in book.page.locator(".book-alive").all())
