"""Every kind of widget of the book, clicked: it answers without a kernel, or says that it needs one."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.book import ROOT, Book

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _needs_states(lesson):
    if not (ROOT / "notebooks" / "states" / f"{lesson}.json").exists():
        pytest.skip(f"no states are kept: run `python -m tlkit.lessons.build --execute {lesson[:2]}`")


def _answers(shown, root, act):
    place, notice = shown.widget(root)
    before = place.screenshot()
    act(place)
    shown.page.wait_for_timeout(200)
    assert place.screenshot() != before
    expect(notice).to_be_hidden()


@pytest.fixture(scope="module")
def gallery_page(browser, book_address):
    opened = Book(browser, book_address).open("lessons/99_gallery.html")
    opened.enliven()
    yield opened
    opened.page.close()


@pytest.fixture
def gallery(gallery_page):
    yield gallery_page
    assert gallery_page.problems == []


def test_feature_map_selects_an_image_and_moves_by_keys(gallery):
    place, notice = gallery.widget(".tlk-map")
    before = place.inner_text()
    place.locator("input[type=range]").first.focus()
    gallery.page.keyboard.press("ArrowLeft")
    moved = place.inner_text()
    assert moved != before
    place.get_by_text("random", exact=True).click()
    assert place.inner_text() != moved
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
    _answers(gallery, root, act)


@pytest.mark.parametrize(
    ("lesson", "root", "act"),
    [
        ("10_words", ".tlk-near", lambda place: place.locator("button").nth(2).click()),
        ("12_finding_objects", ".tlk-boxboard", lambda place: place.locator("input[type=range]").press("PageUp")),
        ("15_english_to_hindi", ".tlk-attention", lambda place: place.locator("select").select_option(index=1)),
    ],
)
def test_widgets_that_stand_in_their_lessons_answer(book, lesson, root, act):
    _needs_states(lesson)
    book.open(f"lessons/{lesson}.html").enliven()
    _answers(book, root, act)


def test_a_text_that_was_not_asked_names_those_that_were(book):
    _needs_states("15_english_to_hindi")
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
