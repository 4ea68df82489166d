"""axe-core over the widgets in both themes: nothing serious or critical."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELLS = {
    ".tlk-map": """
import numpy as np
from sklearn.datasets import load_digits
from tlkit_widgets import FeatureMap
images, labels = load_digits(n_class=4, return_X_y=True)
images, labels = images[:80], labels[:80]
features = {"trained": {"a": images[:, :9], "b": images}, "random": {"a": images[:, :2], "b": images[:, :3]}}
FeatureMap(features, images.reshape(-1, 8, 8) * 15, labels, list("0123"), selected=3)
""",
    ".tlk-curves": """
import keras
from tlkit_widgets import LiveCurves
model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
live = LiveCurves()
model.fit(np.ones((20, 2)), np.arange(20) % 2, epochs=3, verbose=0, callbacks=[live])
live
""",
    ".tlk-board": """
from tlkit_widgets import FreezeBoard
x = image = keras.Input((8, 8, 3))
for i in range(10):
    x = keras.layers.Conv2D(2, 3, padding="same", name=f"block_{i}_conv")(x)
network = keras.Model(image, keras.layers.Dense(2, name="head")(keras.layers.GlobalAveragePooling2D()(x)))
board = FreezeBoard(network, (np.ones((8, 8, 8, 3)), np.arange(8) % 2))
board.freeze_until("block_3")
board.moved = [0.1] * 11
run = {"name": "a", "cut": "all learn", "learning_rate": 0.1, "images_per_class": "4", "num_learning": 1, "epochs": 1}
run |= {"ended": "finished", "seconds": 1.0, "epoch_seconds": 0.5, "best": None}
board.runs = [run, run]
board
""",
    ".tlk-progress": """
from tlkit_widgets import Progress
Progress()
""",
}


def test_no_serious_finding_in_either_theme_and_no_key_gets_out(lab):
    lab.open("axe.ipynb", [cell.strip() for cell in CELLS.values()]).run_all()
    assert lab.output_errors() == []
    _in_both_themes(lab)
    for selector in CELLS:
        lab.press_command_keys(selector)
    _enlarged(lab)
    _without_motion(lab)


def _enlarged(lab) -> None:
    """At 200 % nothing is lost: what is wider than the page scrolls within its own part."""
    lab.zoom(2)
    for i, selector in enumerate(CELLS):
        widget = lab.cell(i).locator(selector).first
        assert widget.evaluate("(el) => el.clientWidth") < 640
        widget.scroll_into_view_if_needed()
        lab.screenshot(f"zoom_200_{selector.removeprefix('.tlk-')}", widget)
        assert lab.spills(f".jp-Cell:nth-child({i + 1}) {selector}") == [], selector


def _without_motion(lab) -> None:
    moving = "(el) => getComputedStyle(el).transitionDuration"
    line = lab.page.locator(".tlk-board-line")
    assert line.evaluate(moving) != "0s"
    lab.page.emulate_media(reduced_motion="reduce")
    assert line.evaluate(moving) == "0s"
    assert lab.page.locator(".tlk *").evaluate_all(f"(all) => all.every((el) => ({moving})(el) === '0s')")


def _in_both_themes(lab) -> None:
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        for i, selector in enumerate(CELLS):
            widget = lab.cell(i).locator(selector).first
            expect(widget).to_be_visible()
            widget.scroll_into_view_if_needed()
            for details in widget.locator("details").all():
                details.evaluate("(el) => { el.open = true; }")
            if problems := lab.serious_findings(f".jp-Cell:nth-child({i + 1}) {selector}"):
                found[theme, selector] = problems
    assert not found, "\n".join(f"{key}: {text}" for key, texts in found.items() for text in texts)


def test_axe_would_see_a_fault(lab):
    lab.open("axe_fault.ipynb", ["1"])
    lab.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<div id=bad><button></button></div>')")
    assert any("button-name" in text for text in lab.serious_findings("#bad"))
