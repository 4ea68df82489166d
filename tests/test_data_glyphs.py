"""Drawn characters: determinism, fonts, classes, and that the drawing is legible."""

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font

from tlkit.data.glyphs import GLYPH_CLASSES, GLYPH_FONTS, make_glyphs

FONTS = [name for names in GLYPH_FONTS.values() for name in names]


def test_shapes_and_counts():
    split = make_glyphs(3, size=24)
    assert split.images.shape == (3 * len(GLYPH_CLASSES), 24, 24, 3)
    assert np.bincount(split.labels).tolist() == [3] * len(GLYPH_CLASSES)
    assert split.class_names == GLYPH_CLASSES
    assert len(set(GLYPH_CLASSES)) == len(GLYPH_CLASSES) >= 50


def test_seed_fixes_every_pixel():
    one, same, other = (make_glyphs(2, size=16, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(one.images, same.images)
    assert np.array_equal(one.labels, same.labels)
    assert not np.array_equal(one.images, other.images)


def test_no_two_images_are_equal():
    split = make_glyphs(40, size=16, classes="AB")
    assert len(np.unique(split.images, axis=0)) == 80


def test_no_font_is_in_two_splits():
    assert len(FONTS) == len(set(FONTS))
    assert set(GLYPH_FONTS) == {"train", "val", "test"}


@pytest.mark.parametrize("name", FONTS)
def test_every_font_has_every_character(name):
    font = FT2Font(f"{matplotlib.get_data_path()}/fonts/ttf/{name}.ttf")
    assert [character for character in GLYPH_CLASSES if not font.get_char_index(ord(character))] == []


@pytest.mark.parametrize("fonts", ["train", "val", "test"])
def test_ink_stands_out_and_stays_inside(fonts):
    split = make_glyphs(20, size=64, fonts=fonts, classes="MW@", seed=1)
    luminance = split.images @ np.array([0.299, 0.587, 0.114])
    edge = np.concatenate([luminance[:, [0, -1]].reshape(60, -1), luminance[:, :, [0, -1]].reshape(60, -1)], axis=1)
    paper = np.median(edge, axis=1)
    far = abs(luminance - paper[:, None, None]) > 40
    assert far.mean(axis=(1, 2)).min() > 0.01, "no character to be seen"
    assert far[:, [0, -1]].mean() < 0.02, "the character is cut off"


def test_place_size_and_colour_vary():
    images = make_glyphs(60, size=32, classes="H").images.astype(float)
    assert images.mean(axis=(1, 2)).std(axis=0).min() > 40
    contrast = abs(images - np.median(images, axis=(1, 2), keepdims=True)).sum(axis=-1) > 100
    rows = [np.flatnonzero(image.any(axis=1)) for image in contrast if image.any()]
    heights = np.array([row[-1] - row[0] for row in rows])
    assert heights.max() > 1.5 * heights.min()
    assert np.std([row.mean() for row in rows]) > 2


@pytest.mark.slow
def test_classes_can_be_told_apart():
    from sklearn.linear_model import LogisticRegression

    def gradients(split):
        grey = split.images.mean(axis=-1)
        down, right = np.gradient(grey, axis=(1, 2))
        energy = np.stack([abs(down), abs(right), abs(down + right), abs(down - right)], axis=-1)
        cells = energy.reshape(-1, 6, 8, 6, 8, 4).mean(axis=(2, 4)).reshape(len(split), -1)
        return cells / np.linalg.norm(cells, axis=1, keepdims=True)

    train, test = (make_glyphs(150, size=48, seed=seed, classes="HOX=") for seed in (0, 1))
    model = LogisticRegression(C=100, max_iter=500).fit(gradients(train), train.labels)
    assert model.score(gradients(test), test.labels) > 0.6  # chance is 0.25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_per_class": 0}, "`num_per_class` must be an integer of at least 1. Received: 0"),
        ({"num_per_class": 1, "size": 4}, "`size` must be an integer of at least 8. Received: 4"),
        ({"num_per_class": 1, "fonts": "tests"}, r"one of \['test', 'train', 'val'\].*Received: 'tests'"),
        ({"num_per_class": 1, "fonts": ["NoSuchFont"]}, "Received: 'NoSuchFont'. See `GLYPH_FONTS`"),
        ({"num_per_class": 1, "classes": ""}, "`classes` must"),
        ({"num_per_class": 1, "classes": ["A", " "]}, "`classes` must.* ' '"),
        ({"num_per_class": 1, "classes": "AA"}, "`classes` must"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_glyphs(**arguments)
