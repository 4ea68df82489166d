"""The map of sources and targets: what it reads, how it pairs, and what it says of its goals."""

import zipfile

import keras
import numpy as np
import pytest
from PIL import Image

from tests.benchmarks import transfer_map, transfer_work
from tlkit.data import Split

CELLS = {
    "scratch | digits 10": {"scores": [0.70, 0.72, 0.74]},
    "glyphs probe | digits 10": {"scores": [0.80, 0.83, 0.83]},
    "colours probe | digits 10": {"scores": [0.71, 0.70, 0.75]},
    "opposed probe | digits 10": {"scores": [0.50, 0.53, 0.53]},
    "glyphs fine-tuned | digits 10": {"scores": [0.90, 0.92, 0.94]},
    "scratch | textures 5": {"scores": [0.20, 0.21, 0.22]},
}


def test_table_marks_what_an_interval_decides():
    lines = transfer_map.draw_table(CELLS).splitlines()
    assert lines[0] == "| way | digits 10 per class | textures 5 per class |"
    assert lines[2] == "| scratch | 72.0 | 21.0 |"
    assert lines[3] == "| glyphs probe | **82.0 (+10.0 [7.5, 12.5])** | – |"
    assert lines[4].startswith("| colours probe | 72.0 (+0.0 [")


def test_goals_are_met_missed_or_left_out():
    lines = transfer_map.draw_goals(CELLS).splitlines()[2:]
    assert [line.rsplit("|", 2)[1].strip() for line in lines] == ["yes", "**no**", "yes"]
    assert "glyphs probe beats scratch" in lines[0]
    assert "scratch beats colours probe" in lines[1]


def test_a_margin_must_be_reached(monkeypatch):
    for points, met in ((9, "yes"), (11, "**no**")):
        goal = transfer_map.Goal("glyphs probe", "scratch", "digits 10", points)
        monkeypatch.setattr(transfer_map, "GOALS", (goal,))
        assert transfer_map.draw_goals(CELLS).endswith(f"| {met} |")


def test_what_replaced_weights_have_done_is_forgotten(monkeypatch):
    monkeypatch.setattr(transfer_work, "list_sources", lambda: {"glyphs": "new"})
    versions = {"scratch": "none", "glyphs probe": "new", "glyphs fine-tuned": "old"}
    kept = transfer_map._valid({name: {"weights": version} for name, version in versions.items()})
    assert list(kept) == ["scratch", "glyphs probe"]


@pytest.fixture(params=["folder", "zip"])
def photos(request, tmp_path):
    """Two classes, 8 training images and 2 test images each, of 16 pixels; the name of a file is its grey value."""
    root = tmp_path / "photos"
    for part, values in (("train", range(0, 80, 10)), ("test", (200, 210))):
        for name in ("cat", "dog"):
            (root / part / name).mkdir(parents=True)
            for value in values:
                Image.new("RGB", (16, 16), (value,) * 3).save(root / part / name / f"{value:03}.png")
    if request.param == "folder":
        return root
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path))
    return tmp_path / "photos.zip"


def test_photos_are_read_from_a_folder_or_a_zip(photos):
    target = transfer_work.read_target("photos10", photos)
    assert target.num_classes == 2
    assert target.train.images.shape == (12, 64, 64, 3)
    assert [np.bincount(part.labels).tolist() for part in (target.train, target.val, target.test)] == [
        [6, 6], [2, 2], [2, 2]
    ]  # fmt: skip
    values = [set(part.images[:, 0, 0, 0].tolist()) for part in (target.train, target.val, target.test)]
    assert values == [{0, 10, 20, 30, 40, 50}, {60, 70}, {200, 210}]


@pytest.fixture(scope="module")
def target():
    """Dark and bright images."""
    rng = np.random.default_rng(0)
    labels = np.tile([0, 1], 10).astype("int32")
    images = (rng.integers(0, 60, (20, 8, 8, 3)) + 190 * labels[:, None, None, None]).astype("uint8")
    split = Split(images, labels, ["dark", "bright"])
    return transfer_work.Target("toy", split, split, split)


def test_a_probe_learns_from_few_and_is_judged_on_all(target):
    image = keras.Input((8, 8, 3))
    prober = transfer_work.Prober(keras.Model(image, keras.layers.Conv2D(4, 3)(image)))
    assert prober.score(target, 3, 0, 1.0) == 1.0


def test_choices_are_made_on_validation_images_with_another_draw():
    calls = []

    def score(seed, choice, part="test"):
        calls.append((seed, choice, part))
        return {1.0: 0.3, 2.0: 0.9, 3.0: 0.5}[choice] - seed / 1000

    best, scores = transfer_work.choose_and_score(score, (1.0, 2.0, 3.0), range(2))
    assert (best, scores) == (2.0, [0.9, 0.899])
    assert calls == [(100, 1.0, "val"), (100, 2.0, "val"), (100, 3.0, "val"), (0, 2.0, "test"), (1, 2.0, "test")]


@pytest.mark.parametrize(("num_images", "epochs"), [(10, 60), (100, 60), (200, 30), (1000, 12)])
def test_every_training_has_the_same_budget(num_images, epochs):
    assert transfer_work.num_epochs(num_images) == epochs


@pytest.mark.parametrize(("num_images", "size"), [(5, 5), (30, 30), (65, 33), (100, 34), (200, 34)])
def test_no_batch_is_left_with_a_few_images(num_images, size):
    assert transfer_work.batch_size(num_images) == size
    assert num_images % size == 0 or num_images % size > size - 5


def test_there_is_a_place_for_the_map():
    text = transfer_map.README.read_text("utf-8")
    assert text.index(transfer_map.BEGIN) < text.index(transfer_map.END)
