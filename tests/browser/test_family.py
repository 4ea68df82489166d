"""The smaller widgets in JupyterLab: each acts on Python, is drawn in both themes, and has no serious fault for axe."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

CELLS = [
    """
import numpy as np, keras
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from tlkit_widgets import AugmentationPreview, BackbonePicker, Confusion, GainMap, GradCam
x, y = load_digits(n_class=5, return_X_y=True)
images = np.repeat(x.reshape(-1, 8, 8, 1) * 255 / 16, 3, axis=-1).astype("uint8")
names = [f"digit {i}" for i in range(5)]
scores = LogisticRegression(C=1e-5, max_iter=50).fit(x[:60], y[:60]).decision_function(x[60:260])
confusion = Confusion(y[60:260], scores, images[60:260], names)
confusion
""",
    """
image = keras.Input((8, 8, 3))
maps = keras.layers.Conv2D(8, 3, activation="relu", name="maps")(keras.layers.Rescaling(1 / 255)(image))
network = keras.Model(image, keras.layers.Dense(5, name="head")(keras.layers.GlobalMaxPooling2D()(maps)))
network.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
network.fit(images[:300], y[:300], epochs=3, verbose=0)
cam = GradCam(network, images[300:340], names, y[300:340])
cam
""",
    "preview = AugmentationPreview(images[:5], [names[i] for i in y[:5]], rotation=0.1)\npreview",
    "picker = BackbonePicker(input_size=32)\npicker",
    """
draws = np.random.default_rng(0).normal(0, 0.2, (4, 4, 10))
gains = GainMap(draws, ["glyphs", "colours", "shuffled labels", "other"], [1, 3, 10, 30], num_seeds=1)
gains
""",
]
ROOTS = [".tlk-confusion", ".tlk-cam", ".tlk-augment", ".tlk-picker", ".tlk-gain"]


def test_family(lab):
    page = lab.page
    lab.open("family.ipynb", [cell.strip() for cell in CELLS]).run_all()
    assert lab.output_errors() == []

    page.get_by_role("button", name="true digit 2, predicted digit 2").click()
    expect(page.get_by_text("digit 2, predicted correctly")).to_be_visible()
    lab.expect_value("confusion.selected", [2, 2])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    lab.expect_value("confusion.selected", [2, 3])

    cell = lab.cell(1)
    cell.locator(".tlk-cam-classes button").nth(1).click()
    lab.expect_value("cam.class_index is None", False)
    cell.get_by_label("image", exact=True).fill("7")
    lab.expect_value("[cam.index, cam.class_index]", [7, None])
    expect(cell.get_by_text("Image 7: bright places")).to_be_visible()

    lab.cell(2).get_by_label("zoom").fill("0.4")
    expect(lab.cell(2).get_by_text("keras.layers.RandomZoom(0.4)")).to_be_visible()
    lab.cell(2).get_by_role("button", name="Draw again").click()
    lab.expect_value("preview.seed", 1)

    lab.cell(3).get_by_role("button", name="ImageNet top 1").click()
    lab.cell(3).get_by_label("Part of a name").fill("mobilenet_v3")
    lab.cell(3).get_by_role("radio", name="mobilenet_v3_large").check()
    lab.expect_value("picker.selected", "mobilenet_v3_large")
    lab.cell(3).get_by_label("Part of a name").fill("")
    lab.cell(4).get_by_role("button", name="Draw other seeds").click()
    lab.expect_value("gains.draw", 1)
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(5)

    for root in ROOTS:
        lab.press_command_keys(root)
    found = {}
    for theme in ("light", "dark"):
        lab.theme(theme)
        for i, root in enumerate(ROOTS):
            widget = lab.cell(i).locator(root)
            widget.scroll_into_view_if_needed()
            lab.screenshot(f"family_{root.removeprefix('.tlk-')}_{theme}", widget)
            if problems := lab.serious_findings(f".jp-Cell:nth-child({i + 1}) {root}"):
                found[theme, root] = problems
    assert not found, "\n".join(f"{key}: {text}" for key, texts in found.items() for text in texts)
    lab.narrow()
    for i, root in enumerate(ROOTS):
        widget = lab.cell(i).locator(root)
        assert widget.evaluate("(el) => el.scrollWidth <= el.clientWidth"), f"{root} is wider than its cell"
        lab.screenshot(f"family_{root.removeprefix('.tlk-')}_narrow", widget)
    lab.zoom(2)
    assert [spilled for root in ROOTS for spilled in lab.spills(root)] == []
