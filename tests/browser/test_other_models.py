"""The widgets on models that are not the lessons' own: arrays as metrics, nested backbones, softmax, one output."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELLS = [
    """
import numpy as np, keras
from sklearn.datasets import load_digits
from tlkit_widgets import FreezeBoard, GradCam, LiveCurves
x, y = load_digits(n_class=3, return_X_y=True)
images = np.repeat(x.reshape(-1, 8, 8, 1) * 255 / 16, 3, axis=-1).astype("uint8")
hot = keras.utils.to_categorical(y, 3)
keras.utils.set_random_seed(0)
inner = keras.Input((8, 8, 3))
maps = keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="first")(inner)
maps = keras.layers.BatchNormalization(name="norm")(maps)
backbone = keras.Model(inner, keras.layers.Conv2D(8, 3, activation="relu", name="last")(maps), name="backbone")
image = keras.Input((8, 8, 3))
pooled = keras.layers.GlobalMaxPooling2D()(backbone(keras.layers.Rescaling(1 / 255)(image), training=False))
model = keras.Model(image, keras.layers.Dense(3, activation="softmax", name="head")(pooled))
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
live = LiveCurves("three classes")
""",
    """
history = model.fit(images, hot, validation_data=(images, hot), validation_freq=2, epochs=6, verbose=0, callbacks=live)
live
""",
    "cam = GradCam(model, images[:9], ['zero', 'one', 'two'], y[:9])\ncam",
    """
binary = keras.Model(image, keras.layers.Dense(1, activation="sigmoid")(pooled))
pair = GradCam(binary, images[:9], ["not one", "one"])
pair
""",
    """
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mean_squared_error")
board = FreezeBoard(model, (images, hot), (images, hot), epochs=4, learning_rate=0.1)
board.freeze_until("first")
board
""",
]


def test_other_models(lab):
    page = lab.page
    lab.open("other_models.ipynb", [cell.strip() for cell in CELLS]).run_all()
    assert lab.output_errors() == []
    panel = lab.cell(1).locator(".tlk-curves-panel").nth(1)
    expect(panel.get_by_text("f1 score, mean of 3 values")).to_be_visible()
    expect(panel.locator("path.tlk-curves-value")).to_have_count(3)
    panel.focus()
    for key in ("Home", "ArrowRight"):
        page.keyboard.press(key)
    expect(lab.cell(1).locator(".tlk-curves-values")).to_contain_text("value 2")
    shown = lab.cell(2).locator(".tlk-cam-classes button").first
    share = lab.value("int(round(100 * float(model.predict(images[:1], verbose=0).max())))")
    expect(shown).to_contain_text(f"{share} %")
    expect(lab.cell(3).locator(".tlk-cam-classes button")).to_have_count(2)
    _train(lab)
    lab.width(1280, 3400)
    for theme in ("light", "dark"):
        lab.theme(theme)
        for number, root in ((1, ".tlk-curves"), (2, ".tlk-cam"), (3, ".tlk-cam"), (4, ".tlk-board")):
            lab.screenshot(f"other_models_{number}_{theme}", lab.cell(number).locator(root).first)


def _train(lab) -> None:
    """The board trains with the model's own optimizer and loss, and its code names them."""
    board = lab.cell(4).locator(".tlk-board")
    board.get_by_role("button", name="Train", exact=True).click()
    lab.expect_value("[len(board.runs), board.busy, board._error]", [1, False, ""], timeout=180)
    board.get_by_role("button", name="Compare").click()
    expect(board.get_by_role("cell", name=re.compile(r"^val loss 0\.\d+ in epoch"))).to_be_visible()
    board.get_by_text("Show the code").click()
    expect(board.get_by_text("keras.optimizers.SGD(0.1, momentum=0.9)")).to_be_visible()
    expect(board.get_by_text("loss = 'mean_squared_error'")).to_be_visible()
