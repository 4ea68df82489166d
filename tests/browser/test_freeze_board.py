"""FreezeBoard in JupyterLab: tiles, line and Train act on the model; a real backbone; both themes; a narrow page."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SETUP = """
import numpy as np
from tlkit.backbones import add_head, load_backbone
from tlkit_widgets import FreezeBoard

rng = np.random.default_rng(0)
images = rng.integers(0, 256, (64, 64, 64, 3)).astype("uint8")
labels = np.arange(64) % 2
images[labels == 1, ::4] = 255  # stripes
backbone = load_backbone("mobilenet_v3_small", weights=None, input_shape=(64, 64, 3))
model = add_head(backbone, 2)
board = FreezeBoard(model, (images, labels), (images, labels), epochs=2)
""".strip()
FROZEN = "[layer.trainable for layer in model.layers if layer.name.endswith('_project')]"


def test_board_acts_on_a_real_backbone(lab):
    page = lab.page
    lab.open("freeze_board.ipynb", [SETUP, "board"]).run_all()
    tile = page.get_by_role("button", name="expanded_conv_3:")
    tile.click()
    expect(tile).to_have_attribute("aria-pressed", "true")
    lab.expect_value("model.get_layer('expanded_conv_3_project').trainable", False)
    lab.screenshot("freeze_board_light")

    line = page.get_by_role("slider", name="Frozen up to here")
    page.get_by_role("button", name="All learn").click()
    box, target = line.bounding_box(), page.get_by_role("button", name="expanded_conv_8:").bounding_box()
    page.mouse.move(box["x"] + 7, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"], target["y"] + 20, steps=8)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuetext", "expanded_conv_8, 10 of 14 blocks")
    lab.expect_value("board.states.count('frozen')", 10)

    lab.execute("model.get_layer('head').trainable = False")  # code, past the page
    lab.run_cell(1, source="model.get_layer('conv_1').trainable = False\nboard")
    expect(page.get_by_text("head is frozen")).to_be_visible()

    page.get_by_role("button", name="Head only").click()
    expect(page.get_by_text("head is frozen")).to_have_count(0)
    tile.focus()
    for key in ("x", "ArrowRight", "f"):
        page.keyboard.press(key)
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    lab.expect_value("board.states.count('frozen')", 6)
    page.get_by_role("button", name="Last half").click()
    page.locator(".tlk-board-train select").select_option("0.0003")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("cell", name="2, finished")).to_be_visible(timeout=120_000)
    expect(page.locator(".tlk-board-curves .tlk-curves-panel")).to_have_count(2)
    lab.expect_value("[len(board.runs), min(board.moved[7:]) > 0, max(board.moved[:7])]", [1, True, 0])
    page.get_by_text("Layers of expanded_conv_4").click()
    page.get_by_text("Show the code").click()
    page.locator(".tlk-board").evaluate("(el) => el.scrollIntoView()")
    lab.screenshot("freeze_board_trained_light")
    lab.theme("dark")
    lab.screenshot("freeze_board_trained_dark", page.locator(".tlk-board"))
    lab.command("application:toggle-left-area")
    lab.width(600)
    page.wait_for_timeout(300)
    lab.screenshot("freeze_board_narrow_dark", page.locator(".tlk-board"))
    root = page.locator(".tlk-board")
    assert root.evaluate("(el) => el.scrollWidth <= el.clientWidth"), "the board is wider than its cell"


def test_stop_ends_a_training_that_the_button_began(lab):
    page = lab.page
    lab.open("freeze_stop.ipynb", [SETUP, "board.freeze_until('conv_1'); board.epochs = 500; board"]).run_all()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"epoch ([2-9]|\d\d+) of 500"))).to_be_visible(timeout=120_000)
    assert lab.value("board.busy")  # the kernel answers while the training runs
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("cell", name="stopped by you")).to_be_visible(timeout=30_000)
    lab.expect_value("[board.busy, board._error]", [False, ""])


FAMILIES = ("mobilenet_v3_small", "resnet50", "efficientnet_b0", "densenet121", "inception_v3", "nasnet_mobile")
BUILD = """
from tlkit.backbones import load_backbone
from tlkit_widgets import FreezeBoard
board = FreezeBoard(load_backbone({!r}, weights=None, input_shape=(96, 96, 3)))
board
""".strip()


@pytest.mark.slow
def test_every_family_can_be_drawn_and_cut(lab):
    page = lab.page
    lab.open("families.ipynb", [BUILD.format(name) for name in FAMILIES]).run_all()
    for i, name in enumerate(FAMILIES):
        board = lab.cell(i).locator(".tlk-board")
        board.scroll_into_view_if_needed()
        num_tiles = board.locator(".tlk-board-tile").count()
        assert 10 <= num_tiles <= 25, name
        board.get_by_role("button", name="Last half").click()
        expect(board.locator(".tlk-board-tile[data-state=frozen]")).to_have_count(num_tiles // 2)
        too_long = "(all) => all.filter((el) => el.scrollHeight > el.clientHeight + 1).map((el) => el.textContent)"
        assert board.locator(".tlk-board-label").evaluate_all(too_long) == [], name
        page.wait_for_timeout(100)
        lab.screenshot(f"freeze_board_{name}", board)
