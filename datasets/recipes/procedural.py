"""Sources that are drawn: printed characters, the same labelled by their font, and colours without a shape."""

from __future__ import annotations

import colorsys
import hashlib

import numpy as np
from image_sources import Source
from PIL import Image

from tlkit.data.glyphs import GLYPH_CLASSES, make_glyphs
from tlkit.data.split import Split

__all__ = ["COLOURS", "OPPOSED_FONTS", "make_colour_source", "make_glyph_source", "make_opposed_source"]

OPPOSED_FONTS = ["DejaVuSans", "DejaVuSans-Bold", "STIXGeneral", "STIXGeneralBolIta"]
COLOURS = [
    "red", "orange", "yellow", "lime", "green", "spring green",
    "cyan", "azure", "blue", "violet", "magenta", "rose",
]  # fmt: skip


def make_glyph_source(num_per_class: int = 600, *, size: int = 64, seed: int = 0) -> Source:
    """Draw printed characters, half of them as a scanner sees them: light ink on dark paper, fine or coarse.

    The plain half starts the learning: where all were coloured, the first 350 steps taught the network nothing. The
    validation images are all coloured, and their fonts are never trained on.

    Args:
        num_per_class: Training images per class.
        size: Height and width in pixels.
        seed: Of the drawing.
    """
    train = make_glyphs(num_per_class, size=size, seed=seed, fonts="train")
    train.images[::2] = _scan(train.images[::2])
    pixels = np.random.default_rng(seed).integers(8, 25, len(train))
    for row in range(0, len(train), 4):
        train.images[row] = _scan_coarsely(train.images[row], pixels[row])
    return _source(train, make_glyphs(40, size=size, seed=seed + 1, fonts="val"))


def _scan(images: np.ndarray) -> np.ndarray:
    """How far each pixel's luminance is from the paper's, the largest distance being 255; the shape stays."""
    luminance = images @ np.array([0.299, 0.587, 0.114], "float32")  # (num_images, size, size)
    ink = abs(luminance - np.median(luminance, axis=(1, 2), keepdims=True))
    grey = 255 * ink / ink.max(axis=(1, 2), keepdims=True)
    return np.repeat(grey[..., None], 3, axis=-1).astype("uint8")


def _scan_coarsely(image: np.ndarray, pixels: int) -> np.ndarray:
    """Cut out the character, as large as its longer side, and let it have few pixels; enlarged to the same size."""
    rows, columns = (np.flatnonzero((image[..., 0] > 100).any(axis=axis)) for axis in (1, 0))
    half = max(np.ptp(rows), np.ptp(columns)) / 2 + 1
    y, x = rows[[0, -1]].mean(), columns[[0, -1]].mean()
    cut = Image.fromarray(image).crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    coarse = cut.resize((pixels, pixels), Image.Resampling.BOX)
    return np.asarray(coarse.resize(image.shape[1::-1], Image.Resampling.BICUBIC))


def make_opposed_source(num_per_class: int = 3420, *, size: int = 64, seed: int = 0) -> Source:
    """Draw the same characters, and label them by their font: what a reader must ignore.

    One character is torn into as many classes as there are fonts, and all characters of a font must become one: the
    opposite of what tells characters apart. Half of the training images are plain, as in `make_glyph_source`.

    Args:
        num_per_class: Training images a font, in multiples of the number of characters.
        size: Height and width in pixels.
        seed: Of the drawing.
    """
    num_per_character = max(1, num_per_class // len(GLYPH_CLASSES))
    train = _draw_fonts(num_per_character, size, seed)
    train.images[::2] = _scan(train.images[::2])
    return _source(train, _draw_fonts(4, size, seed + len(OPPOSED_FONTS)))


def _draw_fonts(num_per_character: int, size: int, seed: int) -> Split:
    """Every character in each of `OPPOSED_FONTS`, in mixed order."""
    drawn = [
        make_glyphs(num_per_character, size=size, seed=seed + number, fonts=[font]).images
        for number, font in enumerate(OPPOSED_FONTS)
    ]
    images, labels = np.concatenate(drawn), np.repeat(np.arange(len(drawn), dtype="int32"), len(drawn[0]))
    order = np.random.default_rng(seed).permutation(len(labels))
    return Split(images[order], labels[order], list(OPPOSED_FONTS))


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
