"""LiveCurves in JupyterLab: drawn while `fit` runs, stopped by the button, left as a picture, and explored again."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SETUP = """
import time
import keras, numpy as np
from tlkit_widgets import LiveCurves

x = np.random.default_rng(0).normal(size=(640, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.SGD(0.02), loss, metrics=["accuracy"])
slow = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(0.005))
live = LiveCurves("probe", phase="feature extraction")
""".strip()
LATER = re.compile(r"epoch ([3-9]|\d\d+) of 500")
FIT = "model.fit(x, y, validation_split=0.2, batch_size=16, epochs={}, verbose=0, callbacks=[live, slow])"


def test_stop_while_fit_holds_the_kernel(lab):
    page = lab.page
    lab.open("live_curves.ipynb", [SETUP, FIT.format(500) + ";", "after = len(live.curves.history['loss'])"])
    lab.run_all(wait=False)
    stop = page.get_by_role("button", name="Stop training")
    expect(page.get_by_text(LATER)).to_be_visible(timeout=60_000)
    expect(page.locator(".tlk-curves-panel")).to_have_count(2)
    page.locator(".tlk-curves-panel").first.hover()
    expect(page.locator(".tlk-curves-values")).to_contain_text("loss training")
    lab.screenshot("live_curves_running_light")
    stop.click()
    lab.wait_idle(20)
    assert lab.output_errors() == []
    assert lab.value("[live.curves.ended, after < 500, model.stop_training]") == ["stopped by you", True, True]
    picture = lab.cell(1).get_by_role("img", name=re.compile("^Training curves. probe: .* stopped by you"))
    expect(picture).to_be_visible()  # the live view has become one
    assert not lab.cell(1).locator(".tlk-curves").count()
    (output,) = lab.save()["cells"][1]["outputs"]
    assert set(output["data"]) == {"image/png", "text/html", "text/plain"}
    assert "stopped by you" in output["metadata"]["image/png"]["alt"]
    lab.screenshot("live_curves_left_light")


def test_two_phases_two_runs_reload_and_themes(lab):
    page = lab.page
    second = "live.phase('fine-tuning')\n" + FIT.format(4)
    third = "live.start('other start', phase='all at once')\n" + FIT.format(6)
    lab.open("live_phases.ipynb", [SETUP, FIT.format(5) + ";", second + ";", third + ";", "live"]).run_all()
    panels = page.locator(".tlk-curves-panel")
    expect(panels).to_have_count(2)
    expect(panels.first.get_by_text("fine-tuning")).to_be_visible()
    expect(panels.first.get_by_text("all at once")).to_have_count(0)  # a single phase needs no mark
    assert lab.value("[[p.name for p in run.phases] for run in live.runs]") == [
        ["feature extraction", "fine-tuning"],
        ["all at once"],
    ]
    page.get_by_label("smoothing of batches").fill("0.9")
    page.get_by_label("learning rate").check()
    expect(panels).to_have_count(3)
    page.get_by_role("button", name="other start").click()
    page.get_by_role("button", name="other start").click()
    panels.first.focus()
    for key in ("Home", "ArrowRight", "x"):
        page.keyboard.press(key)
    expect(page.locator(".tlk-curves-values")).to_contain_text("epoch 2: probe: loss training")
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(5)
    lab.expect_value("[live.view.smoothing, live.view.learning_rate]", [0.9, True])
    page.locator(".tlk-curves").scroll_into_view_if_needed()
    lab.screenshot("live_curves_explored_light")
    lab.theme("dark")
    lab.screenshot("live_curves_explored_dark", page.locator(".tlk-curves"))
    lab.narrow()
    lab.screenshot("live_curves_narrow_dark", page.locator(".tlk-curves"))
    assert page.locator(".tlk-curves").evaluate("(el) => el.scrollWidth <= el.clientWidth")
    lab.save()
    lab.load("live_phases.ipynb")  # a reload: the kernel still has all points
    expect(panels).to_have_count(3, timeout=20_000)
    expect(page.get_by_role("button", name="other start")).to_be_visible()


def test_stop_in_notebook_7(lab):
    lab.write("notebook7.ipynb", [SETUP, FIT.format(500) + ";"])
    lab.load("notebook7.ipynb", app="notebooks").run_all(wait=False)
    expect(lab.page.get_by_text(LATER)).to_be_visible(timeout=60_000)
    lab.screenshot("live_curves_notebook_7")
    lab.page.get_by_role("button", name="Stop training").click()
    lab.wait_idle(20)
    assert lab.output_errors() == []
    assert lab.value("live.curves.ended") == "stopped by you"
