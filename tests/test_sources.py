"""What the embedded weights are made from: drawn sources, their recipes, and the cards that are written of them."""

import colorsys
import importlib
import json
import sys

import numpy as np
import pytest

from tlkit.data import data_dir
from tlkit.data.glyphs import GLYPH_FONTS

RECIPES = data_dir() / "recipes"
if not RECIPES.exists():
    pytest.skip("the recipes are not part of an installed copy", allow_module_level=True)
sys.path.insert(0, str(RECIPES))

augment, card, procedural, recipe = (
    importlib.import_module(name) for name in ("augment", "card", "procedural", "recipe")
)


@pytest.fixture(scope="module")
def glyphs():
    return procedural.make_glyph_source(4, size=32)


@pytest.fixture(scope="module")
def colours():
    return procedural.make_colour_source(20, size=32)


@pytest.mark.slow
def test_half_of_the_characters_are_plain(glyphs):
    grey = (glyphs.train_images == glyphs.train_images[..., :1]).all(axis=(1, 2, 3))
    assert grey[::2].all()
    assert not grey[1::2].any()
    fine, coarse = glyphs.train_images[2::4, :, :, 0], glyphs.train_images[::4, :, :, 0]
    assert (fine.max(axis=(1, 2)) >= 254).all(), "the ink is as light as can be"
    assert np.median(fine) < 40, "the paper is dark"
    assert (coarse > 128).mean() > 1.5 * (fine > 128).mean(), "coarse ones fill the picture"


def test_characters_are_balanced_and_drawn_alike_each_time(glyphs):
    assert np.bincount(glyphs.train_labels).tolist() == [4] * 57
    again = procedural.make_glyph_source(4, size=32)
    assert again.data_sha256 == glyphs.data_sha256
    assert np.array_equal(again.val_images, glyphs.val_images)


def test_opposed_tears_characters_apart_and_joins_fonts():
    opposed = procedural.make_opposed_source(2 * 57, size=32)
    assert opposed.class_names == procedural.OPPOSED_FONTS
    assert np.bincount(opposed.train_labels).tolist() == [2 * 57] * 4
    assert set(opposed.class_names) <= set(GLYPH_FONTS["train"]), "no font of the test characters"
    ink = (procedural._scan(opposed.val_images)[..., 0] > 128).mean(axis=(1, 2))
    light, bold = (ink[opposed.val_labels == number].mean() for number in (0, 1))
    assert bold > 1.3 * light, "a bold face has more ink"


def test_coarse_scans_fill_the_picture():
    image = np.zeros((64, 64, 3), "uint8")
    image[40:56, 10:14] = 255  # 16 x 4 pixels, far from the middle
    coarse = procedural._scan_coarsely(image, 8)[..., 0]
    rows, columns = (np.flatnonzero((coarse > 128).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) > 45
    assert abs(columns.mean() - 31.5) < 6


@pytest.mark.slow
def test_hue_is_the_label(colours):
    images = colours.train_images.astype("float32")
    chroma = images.max(axis=-1) - images.min(axis=-1)  # grey has none, but for the noise
    hits = 0
    for image, label, mask in zip(images, colours.train_labels, chroma > 60, strict=True):
        red, green, blue = np.median(image[mask], axis=0) / 255
        hits += round(12 * colorsys.rgb_to_hsv(red, green, blue)[0]) % 12 == label
    assert hits / len(images) > 0.95


def test_shape_says_nothing_about_the_colour(colours):
    """The blob's mask, averaged over a class, is the same for all classes but for the chance of the draw."""
    images = colours.train_images.astype("float32")
    masks = (images.max(axis=-1) - images.min(axis=-1) > 60).reshape(len(images), -1).mean(axis=1)
    means = [masks[colours.train_labels == label].mean() for label in range(12)]
    standard_error = masks.std() / np.sqrt(20)
    assert np.ptp(means) < 6 * standard_error


STAGES = (recipe.Stage(1, 48, 0.0, 0.002, 1.0), recipe.Stage(2, 64, 0.001, 0.0, 0.5, mix=0.5))


def test_learning_rate_follows_the_stages():
    schedule = recipe.StagedSchedule(STAGES, steps_per_epoch=10)
    rates = [float(schedule(step)) for step in (0, 5, 10, 20, 30, 40)]
    np.testing.assert_allclose(rates, [0.0, 0.001, 0.001, 0.0005, 0.0, 0.0], atol=1e-9)


@pytest.mark.parametrize(("epoch", "stage"), [(0, STAGES[0]), (1, STAGES[1]), (2, STAGES[1])])
def test_each_epoch_has_its_stage(epoch, stage):
    plan = recipe.Recipe(stages=STAGES)
    assert (plan.epochs, plan.stage_at(epoch)) == (3, stage)


def test_a_mixed_image_has_as_much_of_a_label_as_of_its_image():
    """Images filled with the number of their class: what CutMix gives can be counted."""
    labels = np.arange(64)
    images = np.broadcast_to(labels[:, None, None, None], (64, 32, 32, 3)).astype("uint8")
    targets = np.eye(64, dtype="float32")
    mixed, mixed_targets = (part.numpy() for part in augment.cut_mix(images, targets, 0.5, seed=(0, 3)))
    shares = np.stack([(mixed[..., 0] == label).mean(axis=(1, 2)) for label in labels], axis=1)
    np.testing.assert_allclose(mixed_targets, shares, atol=1e-6)
    assert 16 < ((mixed_targets > 0).sum(axis=1) == 2).sum() < 48, "about half of the images are mixed"
    again = augment.cut_mix(images, targets, 0.5, seed=(0, 3))[0].numpy()
    np.testing.assert_array_equal(mixed, again)


@pytest.mark.slow
def test_a_card_quotes_the_map(tmp_path, monkeypatch):
    cells = {
        "scratch | digits 10": {"scores": [0.50, 0.52, 0.54]},
        "random probe | digits 10": {"scores": [0.40, 0.43, 0.43], "weights": "seed 0"},
        "random probe | textures 5": {"scores": [0.10, 0.11, 0.12], "weights": "another draw"},
    }
    (tmp_path / "transfer_map.json").write_text(json.dumps({"cells": cells}))
    monkeypatch.setattr(card, "weights_dir", lambda: tmp_path)
    card.write_card("random", tmp_path)
    text = (tmp_path / "weights-random.md").read_text("utf-8")
    assert "| digits 10 | 52.0 | 42.0 (-10.0 [-12.5, -7.5]) |\n" in text
    assert "textures" not in text, "what other weights have done is not quoted"
    assert "do worse than training from scratch on digits 10" in text
    assert (tmp_path / "weights-random-filters.png").exists()
