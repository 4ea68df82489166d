"""Printed characters, drawn on demand from the fonts that come with matplotlib."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tlkit.data.split import Split

__all__ = ["GLYPH_CLASSES", "GLYPH_FONTS", "make_glyphs"]

# Look-alikes are left out: a pair that a turn, a change of size or another font makes equal (O 0 o, l I 1,
# c C, s S, v V, w W, x X, z Z, k K, p P, u U, y Y, j J, 9 q).
GLYPH_CLASSES = list("0123456789ABCDEFGHJKLMNPQRSTUVWXYZabdefghimnrt#%&@?+=()[]")

# No font file is in two splits; a family may be (an upright face here, a bold one there).
GLYPH_FONTS = {
    "train": [
        "DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Oblique",
        "DejaVuSerif", "DejaVuSerif-BoldItalic", "STIXGeneral", "STIXGeneralBolIta", "cmr10", "cmss10",
    ],
    "val": ["DejaVuSans-BoldOblique", "DejaVuSerif-Bold", "STIXGeneralItalic"],
    "test": ["DejaVuSansMono-Bold", "DejaVuSerif-Italic", "STIXGeneralBol", "cmb10", "cmtt10"],
}  # fmt: skip

_CHUNK = 256


def make_glyphs(
    num_per_class: int,
    *,
    size: int = 64,
    seed: int = 0,
    fonts: str | Sequence[str] = "train",
    classes: Sequence[str] = GLYPH_CLASSES,
) -> Split:
    """Draw printed characters in a random font, place, size, angle and colour on a random background.

    Args:
        num_per_class: Images a class.
        size: Height and width in pixels, at least 8.
        seed: The same seed gives the same images (with the same releases of Pillow and matplotlib).
        fonts: `"train"`, `"val"`, `"test"` (disjoint lists, see `GLYPH_FONTS`), or names of font files.
        classes: The characters, one per class.

    Returns:
        `len(classes) * num_per_class` images in mixed order. Angle within 25 degrees, height of a capital
        letter a third to three quarters of the picture, the whole character inside it, the luminances of ink
        and paper at least 60 of 255 apart before a pattern of at most 30 is added to the paper.

    Raises:
        ValueError: If an argument is out of its range, or if a font is unknown.

    Example:
        >>> make_glyphs(2, size=32, classes="AB")
        Split(4 images of 32 x 32 pixels, 2 classes)
    """
    _check_at_least("num_per_class", num_per_class, 1)
    _check_at_least("size", size, 8)
    _check_classes(classes)
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat(np.arange(len(classes)), num_per_class)).astype("int32")
    names = _font_names(fonts)
    images = np.empty((len(labels), size, size, 3), "uint8")
    for start in range(0, len(labels), _CHUNK):
        chunk = labels[start : start + _CHUNK]
        masks = _draw_masks([classes[label] for label in chunk], names, size, rng)
        images[start : start + _CHUNK] = _colour(masks, rng)
    return Split(images, labels, list(classes))


def _check_at_least(name: str, value: int, lowest: int) -> None:
    if not isinstance(value, (int, np.integer)) or value < lowest:
        msg = f"`{name}` must be an integer of at least {lowest}. Received: {value!r}."
        raise ValueError(msg)


def _check_classes(classes: Sequence[str]) -> None:
    if not len(classes) or len(set(classes)) < len(classes) or not all(name.strip() for name in classes):
        msg = f"`classes` must be different characters that leave ink, at least one. Received: {classes!r}."
        raise ValueError(msg)


def _font_names(fonts: str | Sequence[str]) -> list[str]:
    if isinstance(fonts, str) and fonts not in GLYPH_FONTS:
        msg = f"`fonts` must be one of {sorted(GLYPH_FONTS)} or a list of font names. Received: {fonts!r}."
        raise ValueError(msg)
    return list(GLYPH_FONTS[fonts] if isinstance(fonts, str) else fonts)


def _draw_masks(characters: list[str], names: list[str], size: int, rng: np.random.Generator) -> np.ndarray:
    """Coverage by the character, `(num_images, size, size)`, `uint8` in [0, 255]."""
    masks = np.empty((len(characters), size, size), "uint8")
    fonts = rng.integers(len(names), size=len(characters))
    draws = rng.uniform(-1.0, 1.0, (len(characters), 4))  # angle, size, shift to the right, shift down
    for row, character in enumerate(characters):
        glyph = _render(names[fonts[row]], character, size)
        masks[row] = _place(glyph, size, draws[row])
    return masks


@functools.lru_cache(maxsize=4096)
def _render(font_name: str, character: str, size: int) -> Image.Image:
    """A character in white on black, cropped to its ink; a capital letter is about `0.7 * size` high."""
    font = _load_font(font_name, size)
    left, top, right, bottom = font.getbbox(character)
    image = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), character, fill=255, font=font)
    return image


@functools.lru_cache(maxsize=256)
def _load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    try:
        return ImageFont.truetype(str(folder / f"{name}.ttf"), size)
    except OSError as error:
        msg = f"`fonts` must name files of {folder}. Received: {name!r}. See `GLYPH_FONTS` for names that work."
        raise ValueError(msg) from error


def _place(glyph: Image.Image, size: int, draw: np.ndarray) -> np.ndarray:
    """Turn, shrink and shift a glyph so that all of it stays within `size` pixels."""
    angle, scale = np.deg2rad(25.0) * draw[0], 0.73 + 0.27 * draw[1]
    cos, sin = np.cos(angle), np.sin(angle)
    width, height = glyph.size
    turned = np.array([width * cos + height * abs(sin), width * abs(sin) + height * cos])
    scale = min(scale, 0.95 * size / turned.max())
    shift = draw[2:] * (size - scale * turned) / 2
    # PIL maps output to input pixels: undo the shift, then the scale and the turn, about the centres.
    a, b = cos / scale, sin / scale
    x, y = size / 2 + shift
    matrix = (a, b, width / 2 - a * x - b * y, -b, a, height / 2 + b * x - a * y)
    return np.asarray(glyph.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR))


def _colour(masks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paint each character on a background: `(num_images, size, size, 3)`, `uint8` in [0, 255]."""
    num_images, size = masks.shape[:2]
    ink, paper = _draw_colours(num_images, rng)
    stripes = _clouds(num_images, size, rng)[..., None]  # (num_images, size, size, 1), in [-1, 1]
    background = paper[:, None, None] + stripes * rng.uniform(0, 30, (num_images, 1, 1, 3)).astype("float32")
    share = masks[..., None].astype("float32") / 255
    picture = background + share * (ink[:, None, None] - background)
    picture += rng.integers(-6, 7, masks.shape, dtype="int8")[..., None]
    return np.clip(picture, 0, 255).astype("uint8")


def _draw_colours(num_images: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two colours per image, `(num_images, 3)` in [0, 255], whose luminances lie at least 60 apart."""
    ink, paper = rng.uniform(0, 255, (2, num_images, 3)).astype("float32")
    weights = np.array([0.299, 0.587, 0.114], "float32")
    for _ in range(100):
        close = abs((ink - paper) @ weights) < 60
        if not close.any():
            break
        ink[close], paper[close] = rng.uniform(0, 255, (2, int(close.sum()), 3)).astype("float32")
    return ink, paper


def _clouds(num_images: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth random patterns in [-1, 1]: a coarse grid, interpolated linearly, `(num_images, size, size)`."""
    grid = rng.uniform(-1, 1, (num_images, 5, 5)).astype("float32")
    position = np.linspace(0, 4, size, dtype="float32")
    weights = np.maximum(0, 1 - abs(position[:, None] - np.arange(5, dtype="float32")))  # (size, 5)
    return weights @ grid @ weights.T
