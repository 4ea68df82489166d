"""Lesson 0 without a mouse and without sight: by keys alone, and by what a screen reader is told."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.lesson import Lesson

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PREDICTION = """def my_outcome():
    return "better"
"""
WRONG = """def top_names(probabilities, names, k):
    return [(names[i], float(probabilities[i])) for i in np.argsort(probabilities)[-k:]]
"""
READ_OUT = ('slider "Frozen up to here"', 'button "head: ', 'button "Train"', 'combobox "rate"', "term: parameters")
# Notes in `window.heard` what changes in live regions, which a screen reader says without being asked
LISTEN = """() => {
  window.heard = [];
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const region = (target.nodeType === 1 ? target : target.parentElement)?.closest(
        "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]");
      if (region?.textContent.trim()) window.heard.push(region.textContent.trim());
    }
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""
FOCUSED = "(el) => el === document.activeElement"
# Pictures that say nothing: neither by `alt` nor by a label
SILENT = """(all) => all.filter((el) => !(el.getAttribute("alt") ?? el.getAttribute("aria-label") ?? "").trim())
  .map((el) => el.outerHTML.slice(0, 200))"""


def test_a_learner_works_by_keys_and_by_ear(lab):
    lesson = Lesson(lab, "00_orientation").open()
    lab.page.evaluate(LISTEN)
    lab.page.locator(".jp-Notebook").focus()
    _run_to_the_board(lab)
    _freeze_all_but_the_head(lab)
    _train_and_hear(lab)
    _read_the_curves(lab)
    _lock_a_prediction(lab, lesson)
    _be_checked(lab, lesson)
    _every_picture_says_something(lab, lesson)
    _nothing_is_lost_at_200_percent(lab)
    assert lab.output_errors() == []


def _keys(lab, *keys: str) -> None:
    for key in keys:
        lab.page.keyboard.press(key)


def _run_to_the_board(lab) -> None:
    """The title, the imports, a text, and the board."""
    _keys(lab, *["Shift+Enter"] * 4)
    lab.execute("None", timeout=240)  # answered when all before it is done
    expect(lab.page.get_by_role("slider", name="Frozen up to here")).to_be_visible()
    _keys(lab, "Escape", "ArrowUp")  # back to the cell of the board


def _tab_to(lab, target, *, most: int = 40) -> None:
    for _ in range(most):
        _keys(lab, "Tab")
        if target.evaluate(FOCUSED):
            return
    focused = lab.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    pytest.fail(f"{target} is not reached by {most} presses of Tab, which end at {focused}")


def _freeze_all_but_the_head(lab) -> None:
    line = lab.page.get_by_role("slider", name="Frozen up to here")
    _tab_to(lab, line)
    _keys(lab, "End", "ArrowLeft")
    expect(line).to_have_attribute("aria-valuetext", "conv_1, 13 of 14 blocks")
    lab.expect_value("[weight.path.split('/')[0] for weight in model.trainable_weights]", ["head", "head"])


def _train_and_hear(lab) -> None:
    """A screen reader says by itself that training began, and how it ended."""
    _tab_to(lab, lab.page.get_by_role("button", name="Train", exact=True))
    _keys(lab, "Enter")
    expect(lab.page.get_by_role("button", name="Compare")).to_be_enabled(timeout=180_000)
    heard = lab.page.evaluate("window.heard")
    assert "training" in heard
    assert "finished after 5 epochs" in heard


def _read_the_curves(lab) -> None:
    """The name of a panel says where its curves ended; the arrow keys read them epoch by epoch."""
    accuracy = lab.page.get_by_role("application", name=re.compile(r"^accuracy: .* validation \d+\.\d %"))
    expect(accuracy).to_be_visible()
    lab.page.evaluate("window.heard.length = 0")
    _tab_to(lab, accuracy)
    _keys(lab, "Home", "ArrowRight")
    assert any(text.startswith("epoch 2: ") and "accuracy validation" in text for text in _heard(lab))
    spoken = lab.page.locator(".tlk-board").aria_snapshot()
    for part in READ_OUT:
        assert part in spoken, f"{part!r} is not among what is read out:\n{spoken}"


def _heard(lab) -> list[str]:
    lab.page.wait_for_function("window.heard.length")
    return lab.page.evaluate("window.heard")


def _write(lab, index: int, source: str) -> None:
    """Go to a cell by arrow keys, replace its text, run it and the next code cell."""
    _keys(lab, "Escape")
    here = "jupyterapp.shell.currentWidget.content.activeCellIndex"
    for _ in range(100):
        if (at := lab.page.evaluate(here)) == index:
            break
        _keys(lab, "ArrowDown" if at < index else "ArrowUp")
    _keys(lab, "Enter", "ControlOrMeta+a")
    lab.page.keyboard.insert_text(source)
    _keys(lab, "Shift+Enter", "Shift+Enter")
    lab.execute("None", timeout=120)


def _lock_a_prediction(lab, lesson) -> None:
    _write(lab, lesson.index("def my_outcome"), PREDICTION)
    expect(lesson.cell('predict("0.1"')).to_contain_text("locked")


def _be_checked(lab, lesson) -> None:
    _write(lab, lesson.index("def top_names"), WRONG)
    card = lesson.cell('check("0.4"')
    expect(card).to_contain_text("not yet")  # in words, not by colour alone
    assert "ascending order" in card.locator(".jp-OutputArea").aria_snapshot()


def _every_picture_says_something(lab, lesson) -> None:
    lesson.run("examples = data.train", "LiveCurves(", "small = np.stack", "Progress(0)")
    pictures = lab.page.locator(".jp-OutputArea :is(img, canvas, [role=img])")
    assert pictures.count() >= 4
    assert pictures.evaluate_all(SILENT) == []
    sheet = lab.page.get_by_role("img", name=re.compile("^Thirteen surfaces to tell apart. 13 pictures. "))
    expect(sheet).to_be_visible()


def _nothing_is_lost_at_200_percent(lab) -> None:
    lab.zoom(2)
    for selector in (".tlk-board", ".tlk-progress"):
        widget = lab.page.locator(selector).first
        widget.scroll_into_view_if_needed()
        lab.screenshot(f"lesson-0-zoom-200-{selector.removeprefix('.tlk-')}")
        assert widget.evaluate("(el) => el.scrollWidth <= el.clientWidth"), selector
        assert lab.spills(selector) == [], selector
