"""LiveCurves in JupyterLab: drawn while `fit` runs, stopped by the button, left as a picture, and explored again."""

import re
from statistics import median

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
    calm = f"{SETUP}\nlive.trace_interval = 600"  # a slow machine would leave a picture of the curves so far, too
    lab.open("live_curves.ipynb", [calm, FIT.format(500) + ";", "after = len(live.curves.history['loss'])"])
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
    drawn = "(svg) => +svg.getAttribute('viewBox').split(' ')[2] === svg.clientWidth"
    assert panels.first.evaluate(drawn), "JupyterLab hides the page while it changes its theme"
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


GROW = """
batches = np.arange(1, 10_001) / 500
lines = {"0/batch/loss": np.exp(-batches), "0/batch/accuracy": 1 - np.exp(-batches)}
noise = np.random.default_rng(0).normal(size=10_000) / 20

def grow(begin, end):
    for i in range(begin, end, 100):
        points = {name: np.stack([batches, y + noise], 1)[i : i + 100].ravel().tolist() for name, y in lines.items()}
        live.view.push(points)
        time.sleep(0.05)
    live.view.status = f"{end} points per line"
"""
# Milliseconds that each animation frame's drawing takes, which the view does nowhere else
RECORD = """() => {
  const ask = window.requestAnimationFrame;
  window.drawn = [];
  window.requestAnimationFrame = (act) => ask.call(window, (time) => {
    const began = performance.now();
    act(time);
    window.drawn.push(performance.now() - began);
  });
}"""


def test_ten_thousand_points_stay_smooth(lab):
    """Only new points travel, and a frame with 10,000 points per line is drawn about as fast as one with few."""
    payloads: list[int] = []
    hear = lambda frame: payloads.append(len(frame))  # noqa: E731
    lab.page.on("websocket", lambda socket: socket.on("framereceived", hear))
    lab.open("many.ipynb", [SETUP, GROW.strip(), "live"]).run_all()
    lab.page.evaluate(RECORD)
    few, middle, many = (_grow(lab, payloads, *span) for span in ((0, 1000), (1000, 2000), (2000, 10_000)))
    print("kB for 1,000 new points and ms to draw a frame:", few, middle, many)
    assert many[0] < 1.2 * middle[0]
    assert many[1] < 3 * few[1] + 20  # a busy machine slows both
    lengths = "(all) => all.map((path) => path.getAttribute('d').split('L').length)"
    drawn = lab.page.locator(".tlk-curves-panel path.tlk-curves-batch").evaluate_all(lengths)
    assert 500 < min(drawn) <= max(drawn) < 5000  # thinned to the pixels, spikes kept
    lab.screenshot("live_curves_ten_thousand", lab.page.locator(".tlk-curves"))


def _grow(lab, payloads: list[int], begin: int, end: int) -> tuple[float, float]:
    """Let both lines grow; return kB received for 1,000 points of them, and the median time of a frame in ms."""
    payloads.clear()
    lab.page.evaluate("window.drawn.length = 0")
    lab.execute(f"grow({begin}, {end})")
    expect(lab.page.get_by_text(f"{end} points per line")).to_have_count(1)
    return round(sum(payloads) / (end - begin), 1), round(median(lab.page.evaluate("window.drawn")), 1)
