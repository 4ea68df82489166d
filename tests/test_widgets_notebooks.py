"""Widgets where no page is: executed by nbclient, compared by nbval, and a cell whose time is out."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
SETUP = """
from tlkit_widgets import FeatureMap, LiveCurves
import keras, numpy as np, time
x, y = np.random.default_rng(0).normal(size=(64, 4)), np.arange(64) % 2
model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
live = LiveCurves("probe")
"""
FIT = "history = model.fit(x, y, epochs=3, verbose=0, callbacks=[live])"
MAP = "FeatureMap(x, np.zeros((64, 8, 8, 3), 'uint8'), y, ['cat', 'dog'])"
FOREVER = """
slow = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(0.05))
model.fit(x, y, epochs=10_000, verbose=0, callbacks=[live, slow])
"""


def notebook(*cells):
    cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in cells]
    spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})


def execute(made, **options):
    return nbclient.NotebookClient(made, timeout=120, store_widget_state=False, **options).execute()


@pytest.fixture(scope="module", autouse=True)
def _importable():
    """Kernels find the package as this process does, installed or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(str(ROOT / part) for part in ("", "widgets")))
        patch.delenv("JPY_SESSION_NAME", raising=False)
        yield


@pytest.fixture(scope="module")
def executed():
    return execute(notebook(SETUP, FIT, MAP, "live"))


def test_a_picture_with_its_description_is_kept(executed):
    (left,) = executed.cells[1].outputs
    assert set(left.data) == {"image/png", "text/plain"}  # the live view is gone
    assert base64.b64decode(left.data["image/png"]).startswith(b"\x89PNG")
    assert "probe: 3 epochs, finished" in left.metadata["image/png"]["alt"]
    assert left.data["text/plain"] == "training curves"
    (shown,) = executed.cells[2].outputs
    assert "image/png" in shown.data
    assert shown.data["text/plain"] == "FeatureMap(64 images, 2 classes, 1 cut)"
    assert "widgets" not in executed.metadata


def test_nbval_finds_the_same_again(executed, tmp_path):
    path = tmp_path / "executed.ipynb"
    nbformat.write(executed, path)
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=180, cwd=tmp_path, check=False)
    assert "4 passed" in result.stdout, result.stdout[-2000:]


def test_a_training_whose_time_is_out_fails():
    made = notebook(SETUP, FOREVER)
    with pytest.raises((nbclient.exceptions.CellTimeoutError, nbclient.exceptions.CellExecutionError)):
        execute(made, timeout_func=lambda cell: 8 if "10_000" in cell.source else 120, interrupt_on_timeout=True)
    assert [output.ename for output in made.cells[1].outputs if output.output_type == "error"] == ["KeyboardInterrupt"]
