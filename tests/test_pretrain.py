"""The pre-training recipe: a killed run that goes on ends where an unbroken one ends."""

import importlib
import json
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

REPOSITORY = Path(__file__).parents[1]
RECIPE = REPOSITORY / "datasets" / "recipes" / "pretrain.py"
STAGES = [[1, 32, 0.0, 0.001, 1.0], [3, 32, 0.001, 0.0, 0.5, 0.5, 0.1]]

pytestmark = pytest.mark.skipif(not RECIPE.exists(), reason="the recipes are not part of an installed copy")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two classes of noise, dark and bright: enough images for two batches."""
    root = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for name, low in (("dark", 0), ("bright", 128)):
        (root / name).mkdir()
        for number in range(90):
            pixels = rng.integers(low, low + 128, (32, 32, 3), dtype="uint8")
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


def _command(folder: Path, work: Path) -> list[str]:
    options = ["--path", folder, "--work", work, "--name", "run", "--stages", json.dumps(STAGES), "--dry-run"]
    return [sys.executable, str(RECIPE), "folder", *map(str, options), "--alpha", "0.75"]


def _record(work: Path) -> dict:
    file = work / "run" / "record.json"
    return json.loads(file.read_text()) if file.exists() else {"curve": []}


@pytest.mark.slow
def test_a_killed_run_goes_on_with_the_same_schedule(folder, tmp_path):
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    subprocess.run(_command(folder, unbroken), cwd=REPOSITORY, check=True, timeout=300, capture_output=True)
    process = subprocess.Popen(
        _command(folder, broken), cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 240
    while not _record(broken)["curve"] and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = len(_record(broken)["curve"])
    assert 1 <= done < 4, "the run was to be killed between its first and its last epoch"
    subprocess.run(_command(folder, broken), cwd=REPOSITORY, check=True, timeout=300, capture_output=True)
    first, second = _record(unbroken)["curve"], _record(broken)["curve"]
    assert [epoch["epoch"] for epoch in second] == [1, 2, 3, 4]
    for one, other in zip(first, second, strict=True):
        assert one["loss"] == pytest.approx(other["loss"], rel=0.02)


@pytest.mark.slow
@pytest.mark.large
def test_networks_are_compared_within_their_cpu_time(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPE.parent))
    compare, procedural = (importlib.import_module(name) for name in ("compare", "procedural"))
    source = procedural.make_colour_source(12, size=32)
    row = compare.measure("mobilenet_v3_small", 0.75, source, minutes=0.1)
    assert row["parameters"] > 500_000
    assert row["predict_images_per_cpu_s"] > row["train_images_per_cpu_s"] > 0
    assert 0 <= row["val_accuracy"] <= 1


def test_the_rate_of_a_comparison_follows_the_time_that_is_used(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPE.parent))
    compare = importlib.import_module("compare")
    budget, model = compare.Budget(100.0), types.SimpleNamespace(optimizer=types.SimpleNamespace(), stop_training=None)
    budget.set_model(model)
    found = []
    for seconds in (0.0, 7.5, 15.0, 57.5, 100.0, 120.0):
        monkeypatch.setattr(budget, "used", lambda seconds=seconds: seconds)
        budget.on_train_batch_begin(0)
        found.append((model.optimizer.learning_rate, model.stop_training))
    rates, stops = zip(*found, strict=True)
    assert rates == pytest.approx([0, 0.0005, 0.001, 0.0005, 0, 0])
    assert stops == (False, False, False, False, True, True)
