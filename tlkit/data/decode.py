"""Read one image file of unknown make, or say why it cannot be used."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["DecodedImage", "UnusableImage", "decode_image"]

# Formats that a file's first bytes tell for sure; not EPS, which starts another program.
Image.init()
_FORMATS = sorted({"AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP"} & set(Image.OPEN))
_MAX_MEGAPIXELS = 80
_MIN_SIDE = 8


class UnusableImage(Exception):
    """An image cannot be used; the message is the reason."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An image at the size asked for, with what tells whether another one is the same.

    Attributes:
        image: `(size, size, 3)`, `uint8` in [0, 255].
        digest: Hash of the decoded pixels: equal for the same picture in two lossless formats.
        bits: `(2,)`, `uint64`: whether brightness rises to the right and downwards on an 8 x 8 grid.
        thumbnail: `(16, 16)`, `float32`: brightness in [0, 255].
    """

    image: np.ndarray
    digest: bytes
    bits: np.ndarray
    thumbnail: np.ndarray


def decode_image(file: IO[bytes], size: int) -> DecodedImage:
    """Decode the first frame, turn it as its EXIF data says, crop the middle square and resize it.

    Transparent pixels become white; 16-bit and floating-point greys are scaled to 8 bits.

    Raises:
        UnusableImage: If it is no image, damaged, larger than 80 megapixels or smaller than 8 pixels.
    """
    try:
        rgb = _read_rgb(file, size)
    except UnidentifiedImageError as error:
        msg = "not an image of a known format"
        raise UnusableImage(msg) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        msg = f"larger than {_MAX_MEGAPIXELS} megapixels"
        raise UnusableImage(msg) from error
    except MemoryError as error:
        msg = "too large for the memory"
        raise UnusableImage(msg) from error
    except UnusableImage:
        raise
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, EOFError, KeyError, ...
        msg = f"damaged ({error or type(error).__name__})"
        raise UnusableImage(msg) from error
    return _describe(rgb, size)


def _read_rgb(file: IO[bytes], size: int) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(file, formats=_FORMATS) as image:
            _check_dimensions(*image.size)
            image.draft(None, (4 * size, 4 * size))  # JPEG: decode a large photo at a fraction of its size
            return _to_rgb(_turn(image))


def _check_dimensions(width: int, height: int) -> None:
    if width * height > _MAX_MEGAPIXELS * 1_000_000:
        msg = f"{width * height / 1e6:.0f} megapixels: larger than {_MAX_MEGAPIXELS}"
        raise UnusableImage(msg)
    if min(width, height) < _MIN_SIDE:
        msg = f"{width} x {height} pixels: a side is shorter than {_MIN_SIDE}"
        raise UnusableImage(msg)


def _turn(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data is no reason to lose the picture
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bits(np.asarray(image, "float64"), image.mode)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        return Image.alpha_composite(white, rgba).convert("RGB")
    return image.convert("RGB")


def _to_8_bits(values: np.ndarray, mode: str) -> np.ndarray:
    """Scale [0, 1] of floats, [0, 65535] of integers, or else the range found, to [0, 255]."""
    values = np.nan_to_num(values)
    lowest, highest = values.min(), values.max()
    top = 65535 if mode != "F" else 1 if highest <= 1 else 255
    if lowest < 0 or highest > top:
        values, top = values - lowest, max(highest - lowest, 1e-9)
    return (values * (255 / top)).round().astype("uint8")


def _describe(rgb: Image.Image, size: int) -> DecodedImage:
    pixels = f"{rgb.size}".encode() + rgb.tobytes()
    grey = rgb.convert("L")
    rise_x = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), "int16")
    rise_y = np.asarray(grey.resize((8, 9), Image.Resampling.BOX), "int16")
    bits = [np.packbits(np.diff(rise_x, axis=1) > 0), np.packbits(np.diff(rise_y, axis=0) > 0)]
    return DecodedImage(
        image=np.asarray(ImageOps.fit(rgb, (size, size), Image.Resampling.BICUBIC)),
        digest=hashlib.sha256(pixels).digest(),
        bits=np.concatenate(bits).view("uint64"),
        thumbnail=np.asarray(grey.resize((16, 16), Image.Resampling.BOX), "float32"),
    )
