"""FeatureMap in JupyterLab: slider, switch, pointer and keys reach the kernel; themes, narrow page, saved picture."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Scanned digits, and three stand-ins for layers that need no network: pixels, blurred pixels, class directions.
SETUP = """
import numpy as np
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from tlkit_widgets import FeatureMap

images, labels = load_digits(n_class=6, return_X_y=True)
images, labels = images[:240], labels[:240]
learned = LinearDiscriminantAnalysis().fit_transform(images, labels)
noise = np.random.default_rng(0).normal(size=(3, 240, 8))
sources = {
    "pre-trained": {"block_1": images[:, :24], "block_2": images, "block_3": learned},
    "random": dict(zip(["block_1", "block_2", "block_3"], noise)),
}
pictures = images.reshape(-1, 8, 8, 1) * 255 / 16
feature_map = FeatureMap(sources, pictures, labels, [f"digit {i}" for i in range(6)])
"""

# Whether the colour of the first class in the present theme is among the canvas' pixels
COLORED = """() => {
  const canvas = document.querySelector(".tlk-map canvas"), g = canvas.getContext("2d");
  const wanted = parseInt(getComputedStyle(canvas).getPropertyValue("--tlk-c0").slice(1), 16);
  const bytes = g.getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < bytes.length; i += 4) {
    if ((bytes[i] << 16 | bytes[i + 1] << 8 | bytes[i + 2]) === wanted && bytes[i + 3] === 255) return true;
  }
  return false;
}"""


@pytest.fixture
def opened(lab):
    lab.open("feature_map.ipynb", [SETUP.strip(), "feature_map"]).run_all()
    expect(lab.page.get_by_role("application", name="240 images of 6 classes")).to_be_visible()
    return lab


def test_slider_switch_pointer_and_keys_reach_the_kernel(opened):
    _slider_and_switch(opened)
    _click_selects_and_shows_neighbours(opened)
    _keys_stay_in_the_widget(opened)


def _slider_and_switch(opened) -> None:
    page = opened.page
    slider = page.get_by_role("slider", name="Layer of the cut")
    expect(slider).to_have_attribute("aria-valuetext", "block_3, 3 of 3")
    slider.focus()
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "block_2, 2 of 3")
    page.locator(".tlk-segments").get_by_text("random", exact=True).click()
    expect(page.get_by_role("radio", name="random")).to_be_checked()
    opened.expect_value("[feature_map.cut, feature_map.source]", ["block_2", "random"])
    opened.execute("feature_map.cut = 'block_1'; feature_map.source = 'pre-trained'")
    expect(slider).to_have_attribute("aria-valuetext", "block_1, 1 of 3")


def _click_selects_and_shows_neighbours(opened) -> None:
    page, canvas = opened.page, opened.page.get_by_role("application")
    box = canvas.bounding_box()
    for step in range(5, 60):  # along a diagonal until a point is met
        canvas.hover(position={"x": box["width"] * step / 64, "y": box["height"] * step / 64})
        if page.locator(".tlk-map-card:visible").count():
            break
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text("nearest neighbours are also digit")).to_be_visible()
    expect(page.locator(".tlk-map-tiles figure")).to_have_count(5)
    opened.expect_value("feature_map.selected is None", False)
    expect(page.locator(".tlk-map-same")).to_have_count(round(5 * opened.value("feature_map.same_class")))
    opened.screenshot("feature_map_selected_light")
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".tlk-map-tiles")).to_have_count(0)
    opened.expect_value("feature_map.selected", None)


def _keys_stay_in_the_widget(opened) -> None:
    canvas = opened.page.get_by_role("application")
    canvas.focus()
    canvas.press("PageDown")
    canvas.press("Enter")
    expect(opened.page.get_by_text("nearest neighbours are also digit 1")).to_be_visible()
    opened.expect_value("feature_map.selected", 1)
    for key in ("ArrowUp", "ArrowRight", "x", "d", "d", "b"):  # `x` cuts a cell, `d d` deletes one, `b` adds one
        canvas.press(key)
    expect(opened.page.locator(".jp-Notebook .jp-Cell")).to_have_count(2)
    canvas.press("Escape")
    expect(opened.page.locator(".tlk-map-tiles")).to_have_count(0)


def test_themes_narrow_page_and_saved_picture(opened):
    page = opened.page
    opened.execute("feature_map.selected = 7")
    page.get_by_label("show images as points").check()
    expect(page.locator(".tlk-map-tiles figure")).to_have_count(5)
    opened.theme("dark")
    opened.screenshot("feature_map_images_dark")
    page.get_by_label("show images as points").uncheck()
    opened.execute("feature_map.selected = None")
    for theme in ("light", "dark"):
        opened.theme(theme)
        page.wait_for_function(COLORED, timeout=8000)  # the points, not only the legend
    opened.narrow()
    opened.screenshot("feature_map_narrow_dark", page.locator(".tlk-map"))
    root = page.locator(".tlk-map")
    assert root.evaluate("(el) => el.scrollWidth <= el.clientWidth"), "the widget is wider than its cell"
    assert "image/png" in opened.save()["cells"][1]["outputs"][0]["data"]
    opened.execute("feature_map.freeze()")
    expect(opened.cell(1).locator("img")).to_be_visible()
    (output,) = opened.save()["cells"][1]["outputs"]
    assert set(output["data"]) == {"image/png", "text/html", "text/plain"}
    assert output["metadata"]["image/png"]["alt"].startswith("Scatter plot of 240 images")
