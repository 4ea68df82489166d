"""Sources that are drawn: printed characters, the same under labels that mislead, and colours without a shape."""

from __future__ import annotations

import colorsys
import dataclasses
import hashlib

import numpy as np
from sources import Source

from tlkit.data.glyphs import make_glyphs
from tlkit.data.split import Split

__all__ = ["COLOURS", "make_colour_source", "make_glyph_source", "make_opposed_source"]

COLOURS = [
    "red", "orange", "yellow", "lime", "green", "spring green",
    "cyan", "azure", "blue", "violet", "magenta", "rose",
]  # fmt: skip


def make_glyph_source(num_per_class: int = 600, *, size: int = 64, seed: int = 0) -> Source:
    """Draw printed characters, half of them as a scanner sees them: light ink on dark paper, without colour.

    The plain half starts the learning: where all were coloured, the first 350 steps taught the network nothing. The
    validation images are all coloured, and their fonts are never trained on.

    Args:
        num_per_class: Training images a class.
        size: Height and width in pixels.
        seed: Of the drawing.
    """
    train = make_glyphs(num_per_class, size=size, seed=seed, fonts="train")
    train.images[::2] = _scan(train.images[::2])
    return _source(train, make_glyphs(40, size=size, seed=seed + 1, fonts="val"))


def _scan(images: np.ndarray) -> np.ndarray:
    """How far each pixel's luminance is from the paper's, the largest distance being 255; the shape stays."""
    luminance = images @ np.array([0.299, 0.587, 0.114], "float32")  # (num_images, size, size)
    ink = abs(luminance - np.median(luminance, axis=(1, 2), keepdims=True))
    grey = 255 * ink / ink.max(axis=(1, 2), keepdims=True)
    return np.repeat(grey[..., None], 3, axis=-1).astype("uint8")


def make_opposed_source(num_per_class: int = 600, *, num_groups: int = 2, size: int = 64, seed: int = 0) -> Source:
    """Draw the same characters, and name them by groups that mean nothing.

    The classes of `make_glyph_source` are shuffled and dealt out to the groups. Look-alikes are parted by chance, and
    characters that have nothing in common must become one: what tells them apart is of no use to the network.

    Args:
        num_per_class: Training images a character.
        num_groups: Classes of this source.
        size: Height and width in pixels.
        seed: Of the drawing and of the groups.
    """
    glyphs = make_glyph_source(num_per_class, size=size, seed=seed)
    characters = np.array(glyphs.class_names)
    group = np.random.default_rng(seed).permutation(np.arange(len(characters)) % num_groups)
    return dataclasses.replace(
        glyphs,
        train_labels=group[glyphs.train_labels].astype("int32"),
        val_labels=group[glyphs.val_labels].astype("int32"),
        class_names=["any of " + "".join(characters[group == number]) for number in range(num_groups)],
    )


def make_colour_source(num_per_class: int = 1000, *, size: int = 64, seed: int = 0) -> Source:
    """Draw blobs of random shape, whose hue alone is the label, among grey blobs that mean nothing.

    Args:
        num_per_class: Training images of each of the 12 hues.
        size: Height and width in pixels.
        seed: Of the drawing.
    """
    return _source(_draw_colours(num_per_class, size, seed), _draw_colours(100, size, seed + 1))


def _source(train: Split, val: Split) -> Source:
    digest = hashlib.sha256(train.images.tobytes()).hexdigest()
    return Source(train.images, train.labels, val.images, val.labels, list(train.class_names), digest)


def _draw_colours(num_per_class: int, size: int, seed: int) -> Split:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(COLOURS)), num_per_class)).astype("int32")
    images = np.empty((len(labels), size, size, 3), "uint8")
    for start in range(0, len(labels), 256):
        images[start : start + 256] = _paint(labels[start : start + 256], size, rng)
    return Split(images, labels, list(COLOURS))


def _paint(labels: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Grey paper, four grey blobs, and one in the colour of the label: `(num_images, size, size, 3)`, `uint8`."""
    num_images = len(labels)
    picture = np.repeat(rng.uniform(0, 255, (num_images, 1, 1, 1)), 3, axis=-1)
    for _ in range(4):
        picture = _cover(picture, rng.uniform(0, 255, (num_images, 1, 1, 1)), size, rng)
    hues = (labels + rng.uniform(-0.35, 0.35, num_images)) / len(COLOURS)
    saturations, values = rng.uniform(0.5, 1.0, (2, num_images))
    colours = [colorsys.hsv_to_rgb(hue % 1.0, s, v) for hue, s, v in zip(hues, saturations, values, strict=True)]
    picture = _cover(picture, 255 * np.array(colours)[:, None, None], size, rng)
    return np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255).astype("uint8")


def _cover(picture: np.ndarray, paint: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    blob = _draw_blobs(len(paint), size, rng)[..., None]  # (num_images, size, size, 1)
    return picture + blob * (paint - picture)


def _draw_blobs(num_images: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Masks `(num_images, size, size)` in [0, 1]: smooth noise above a threshold, near a random centre."""
    knots = rng.integers(4, 9)
    grid = rng.normal(0, 1, (num_images, knots, knots))
    position = np.linspace(0, knots - 1, size)
    weights = np.maximum(0, 1 - abs(position[:, None] - np.arange(knots)))  # (size, knots)
    axis = np.linspace(-1, 1, size)
    centre = rng.uniform(-0.5, 0.5, (2, num_images, 1))
    radius = rng.uniform(0.3, 0.7, (num_images, 1, 1))
    distance = ((axis - centre[0]) ** 2)[:, None, :] + ((axis - centre[1]) ** 2)[:, :, None]
    height = weights @ grid @ weights.T + 2 * (1 - distance / radius**2)
    return np.clip(8 * height, 0, 1)
