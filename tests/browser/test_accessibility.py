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
board.runs = [{"name": "a", "num_learning": 1, "epochs": 1, "ended": "finished", "seconds": 1.0, "best": None}]
board
""",
}


def test_no_serious_finding(lab):
    lab.open("axe.ipynb", [cell.strip() for cell in CELLS.values()]).run_all()
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
