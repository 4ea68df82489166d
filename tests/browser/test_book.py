"""The book in a browser: no other host, no error, nothing serious for axe, and every kind of widget answers."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import RESULTS, axe_source

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
GALLERY = "lessons/99_gallery.html"
LESSONS = [f"lessons/{path.stem}.html" for path in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))]
KINDS = ("index.html", "method.html", "pitfalls.html", "reference/tlkit.measure.html", "cards/textures.html", GALLERY)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The book, built anew unless `TLKIT_BOOK` names the folder of one."""
    if built := os.environ.get("TLKIT_BOOK"):
        return Path(built)
    folder = tmp_path_factory.mktemp("book") / "site"
    command = [sys.executable, str(ROOT / "docs" / "book"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


@pytest.fixture(scope="module")
def address(site):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=site))
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
            expect(place).to_have_class(re.compile("book-alive"))
        return self.page.locator(".book-widget").count()

    def widget(self, root):
        """The first widget of a kind, alive, and the line that says what needs a kernel."""
        board = "" if root == ".tlk-board" else ":not(:has(.tlk-board))"  # which has curves of its own
        place = self.page.locator(f".book-widget:has({root}){board}").first
        expect(place).to_be_visible()
        place.scroll_into_view_if_needed()
        return place, place.locator(".book-notice")

    def serious(self):
        self.page.evaluate(axe_source())
        found = self.page.evaluate("axe.run()")["violations"]
        return [(each["id"], each["nodes"][0]["html"][:200]) for each in found if each["impact"] in _SERIOUS]


_SERIOUS = ("serious", "critical")


@pytest.fixture
def book(browser, address):
    opened = Book(browser, address)
    yield opened
    opened.page.close()
    assert opened.problems == []


@pytest.fixture(scope="module")
def gallery_page(browser, address):
    opened = Book(browser, address).open(GALLERY)
    opened.enliven()
    yield opened
    opened.page.close()


@pytest.fixture
def gallery(gallery_page):
    yield gallery_page
    assert gallery_page.problems == []


def test_the_site_is_small(site):
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 25e6


def test_the_first_page_is_small(book):
    book.open("index.html").page.wait_for_load_state("networkidle")
    assert len(book.sizes) > 5
    assert sum(each["responseBodySize"] for each in book.sizes.values()) < 1e6


def test_no_page_loads_from_another_host(site):
    loads = re.compile(r"""<(?:script|img|iframe|source|audio)[^>]*\ssrc=["']?(?:https?:)?//|@import\s+["']?http""")
    sheets = re.compile(r"""<link[^>]*rel=["']?stylesheet[^>]*href=["']?(?:https?:)?//|url\(["']?https?:""")
    texts = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(texts) > 50
    bad = [path.name for path in texts if loads.search(path.read_text()) or sheets.search(path.read_text())]
    assert bad == []


@pytest.mark.parametrize("name", LESSONS, ids=lambda name: Path(name).stem)
def test_all_widgets_of_a_lesson_come_alive(book, name):
    count = book.open(name).enliven()
    assert count == book.page.locator(".book-alive").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KINDS, ids=lambda name: Path(name).stem)
def test_nothing_serious_for_axe(browser, address, name, scheme):
    book = Book(browser, address, scheme).open(name)
    book.enliven()
    book.page.wait_for_timeout(300)  # transitions of the theme's colours
    problems, found = list(book.problems), book.serious()  # axe itself looks for style sheets where none are
    RESULTS.mkdir(exist_ok=True)
    book.page.screenshot(path=RESULTS / f"book_{Path(name).stem}_{scheme}.png", full_page=True)
    assert book.page.evaluate("document.body.dataset.jpThemeLight") == str(scheme == "light").lower()
    book.page.close()
    assert (found, problems) == ([], [])


def test_search_works_when_the_site_is_opened_as_files(browser, site):
    book = Book(browser, "file:")
    book.page.goto(f"{(site / 'search.html').as_uri()}?q=batchnorm")
    expect(book.page.locator("#search-results li").first).to_be_visible()
    book.page.goto((site / GALLERY).as_uri())
    assert book.enliven() > 10
    book.page.close()
    assert book.problems == []


def test_print_keeps_the_widgets_and_drops_the_frame(gallery):
    gallery.page.emulate_media(media="print")
    assert gallery.page.locator(".bd-sidebar-primary").is_hidden()
    assert all(place.bounding_box()["height"] > 50 for place in gallery.page.locator(".book-alive").all())
    gallery.page.emulate_media(media="screen")


def test_feature_map_selects_an_image_and_moves_by_keys(gallery):
    place, notice = gallery.widget(".tlk-map")
    before = place.inner_text()
    place.locator("input[type=range]").first.focus()
    gallery.page.keyboard.press("ArrowLeft")
    assert place.inner_text() != before
    place.get_by_text("random", exact=True).click()
    assert place.locator("input[value=random]").is_checked() or "random" in place.inner_text()
    expect(notice).to_be_hidden()


def test_gain_map_draws_other_seeds(gallery):
    place, notice = gallery.widget(".tlk-gain")
    seeds = place.locator("input[type=range]")
    seeds.focus()
    gallery.page.keyboard.press("Home")
    expect(place.locator("output")).to_contain_text("1 of 5")
    shown = place.locator("table").inner_text()
    place.get_by_role("button", name="Draw other seeds").click()
    expect(place.locator("table")).not_to_have_text(shown)
    expect(notice).to_be_hidden()
    place.locator(".tlk-gain-cell").first.click()
    expect(place.locator(".tlk-gain-details")).to_contain_text("1 seed: no interval")


def test_confusion_opens_a_cell(gallery):
    place, notice = gallery.widget(".tlk-confusion")
    before = place.inner_text()
    place.get_by_role("button", name=re.compile("moon")).first.click()
    assert place.inner_text() != before
    expect(notice).to_be_hidden()


def test_live_curves_change_their_axis(gallery):
    place, notice = gallery.widget(".tlk-curves")
    panel = place.locator("svg").first
    before = panel.inner_html()
    place.get_by_label("log scale").check()
    gallery.page.wait_for_function("([el, before]) => el.innerHTML !== before", arg=[panel.element_handle(), before])
    expect(notice).to_be_hidden()


def test_backbone_picker_filters_and_says_what_needs_a_kernel(gallery):
    place, notice = gallery.widget(".tlk-picker")
    rows = place.locator("tbody tr")
    before = rows.count()
    place.locator("input[type=search], input[type=text]").first.fill("mobilenet")
    expect(rows).not_to_have_count(before)
    place.get_by_role("button", name=re.compile("Measure")).click()
    expect(notice).to_contain_text("needs a kernel: run tlkit lab, and open 99_gallery.ipynb")


def test_moons_turn(gallery):
    place, notice = gallery.widget(".tlk-moons")
    before = place.inner_text()
    place.locator("input[type=range]").first.focus()
    gallery.page.keyboard.press("ArrowLeft")
    assert place.inner_text() != before
    expect(notice).to_be_hidden()


def test_freeze_board_answers_a_cut_and_trains_it(gallery):
    place, notice = gallery.widget(".tlk-board")
    place.get_by_role("button", name="Last half").click()
    expect(place.locator(".tlk-board-title")).to_contain_text("Fine-tuning the last 7 of 14 blocks")
    expect(place).not_to_contain_text("7,501")
    expect(notice).to_be_hidden()
    curves = place.locator(".tlk-curves path")
    before = curves.count()
    place.get_by_role("button", name="Train", exact=True).click()
    expect(notice).to_contain_text("This training was recorded")
    assert curves.count() > before
    place.get_by_role("button", name="Measure").click()
    expect(notice).to_contain_text("This needs a kernel")


@pytest.mark.parametrize(
    ("root", "act"),
    [
        (".tlk-advice", lambda place: place.get_by_label("labelled source images at hand").check()),
        (".tlk-team", lambda place: place.get_by_role("switch").first.click()),
        (".tlk-dial", lambda place: place.get_by_role("button", name="Put the dial back").click()),
        (".tlk-cam", lambda place: place.locator("input[type=range]").first.press("ArrowRight")),
        (".tlk-augment", lambda place: place.locator("input[type=range]").first.press("ArrowRight")),
        (".tlk-proto", lambda place: place.locator("select").select_option(index=1)),
        (".tlk-recorder", lambda place: place.get_by_text("no", exact=True).first.click()),
    ],
)
def test_other_widgets_answer(gallery, root, act):
    place, notice = gallery.widget(root)
    before = place.screenshot()
    act(place)
    gallery.page.wait_for_timeout(200)
    assert place.screenshot() != before
    expect(notice).to_be_hidden()


@pytest.mark.parametrize(
    ("lesson", "root", "act"),
    [
        ("10_words", ".tlk-near", lambda place: place.locator("button").nth(2).click()),
        ("12_finding_objects", ".tlk-boxboard", lambda place: place.locator("input[type=range]").press("ArrowRight")),
        ("15_english_to_hindi", ".tlk-attention", lambda place: place.locator("select").select_option(index=1)),
    ],
)
def test_widgets_that_stand_in_their_lessons_answer(book, lesson, root, act):
    book.open(f"lessons/{lesson}.html").enliven()
    place, notice = book.widget(root)
    before = place.screenshot()
    act(place)
    book.page.wait_for_timeout(200)
    assert place.screenshot() != before
    expect(notice).to_be_hidden()


def test_a_text_that_was_not_asked_names_those_that_were(book):
    book.open("lessons/15_english_to_hindi.html").enliven()
    place, notice = book.widget(".tlk-attention")
    field = place.locator("input[type=text], input:not([type])").first
    field.fill("paris")
    field.press("Enter")
    expect(notice).to_contain_text("“monaco”")
    expect(field).not_to_have_value("paris")


@pytest.mark.parametrize(
    ("root", "act"),
    [
        (".tlk-augment", lambda place: place.locator("input[type=range]").last.press("ArrowRight")),
        (".tlk-cam", lambda place: place.locator("button").last.click()),
        (".tlk-spectrogram", lambda place: place.get_by_role("button", name="Uncover all").click()),
    ],
)
def test_what_was_not_recorded_goes_back_and_says_so(gallery, root, act):
    place, notice = gallery.widget(root)
    act(place)
    expect(notice).to_contain_text("needs a kernel: run tlkit lab")


def test_plotlys_figures_can_be_zoomed(gallery):
    figure = gallery.page.locator(".book-figure .main-svg").first
    figure.scroll_into_view_if_needed()
    ticks = gallery.page.locator(".book-figure .xtick").first
    expect(ticks).to_be_visible()
    before = gallery.page.locator(".book-figure .xaxislayer-above").first.inner_html()
    box = gallery.page.locator(".book-figure .nsewdrag").first.bounding_box()
    mouse, middle = gallery.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.3, middle)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.7, middle, steps=5)
    mouse.up()
    gallery.page.wait_for_function(
        "before => document.querySelector('.book-figure .xaxislayer-above').innerHTML !== before", arg=before
    )
