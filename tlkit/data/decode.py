"""Read one image file of unknown origin, or say why it cannot be used."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import warnings
from dataclasses import dataclass
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tlkit.data.depth import Span, is_deep, read_values, to_8_bits

__all__ = ["DecodedImage", "UnknownFormat", "UnusableImage", "decode_image"]

# Formats that a file's first bytes tell for sure; not EPS, which starts another program.
_FORMATS = ["AVIF", "BMP", "GIF", "HEIF", "JPEG", "JPEG2000", "MPO", "PNG", "PPM", "TIFF", "WEBP"]
_MAX_MEGAPIXELS = 80
_MIN_SIDE = 8
_BITS_PER_SAMPLE, _PLANES = 258, 284  # tags of TIFF
_MAX_STRETCH = 2  # sides' ratio above which most of a picture lies outside its middle square
_MIN_CONTRAST = 16  # grey levels of 255


class UnusableImage(Exception):
    """An image cannot be used; the message is the reason."""


class UnknownFormat(UnusableImage):
    """The bytes are those of no image format that is read here."""


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An image at the size asked for, with what tells whether another one is the same.

    Attributes:
        image: `(size, size, 3)`, `uint8` in [0, 255].
        digest: Hash of the decoded pixels: equal for the same picture in two lossless formats.
        bits: `(2,)`, `uint64`: whether brightness rises to the right and downwards on an 8 x 8 grid.
        thumbnail: `(16, 16)`, `float32`: brightness in [0, 255].
        notes: What was decided on the way: "frames" (the first was taken), "cmyk", "transparent" (became white),
            "wide" (most lies outside the middle square), "small" (enlarged), "faint" (hardly any contrast).
        span: The values found in a picture of more than 8 bits a channel; `None` for others.
        scale: The values that became 0 and 255 of such a picture.
    """

    image: np.ndarray
    digest: bytes
    bits: np.ndarray
    thumbnail: np.ndarray
    notes: frozenset[str] = frozenset()
    span: Span | None = None
    scale: Span | None = None


def decode_image(file: IO[bytes], size: int, *, scale: Span | None = None) -> DecodedImage:
    """Decode the first frame, turn it as its EXIF data says, crop the middle square and resize it.

    Transparent pixels become white; values of more than 8 bits are brought to 8.

    Args:
        file: Opened for reading bytes.
        size: Height and width in pixels.
        scale: The values of more than 8 bits that become 0 and 255. By default it is guessed from this picture
            alone; pictures to be compared need one scale.

    Raises:
        UnknownFormat: If it is no image.
        UnusableImage: If it is damaged, larger than 80 megapixels or smaller than 8 pixels.
    """
    try:
        rgb, notes, span, scale = _read_rgb(file, size, scale)
    except UnidentifiedImageError as error:
        msg = "not an image of a known format"
        raise UnknownFormat(msg) from error
    except Image.DecompressionBombError as error:
        msg = f"larger than {_MAX_MEGAPIXELS} megapixels"
        raise UnusableImage(msg) from error
    except MemoryError as error:
        msg = "too large for memory"
        raise UnusableImage(msg) from error
    except UnusableImage:
        raise
    except Exception as error:  # decoders raise OSError, SyntaxError, struct.error, EOFError, KeyError, ...
        msg = f"damaged ({error or type(error).__name__})"
        raise UnusableImage(msg) from error
    return _describe(rgb, size, notes, span, scale)


@functools.cache
def _formats() -> list[str]:
    Image.init()
    with contextlib.suppress(ImportError):  # reads what iPhones save, where somebody installed it
        import pillow_heif  # pyrefly: ignore[missing-import]

        pillow_heif.register_heif_opener()
    return [name for name in _FORMATS if name in Image.OPEN]


def _read_rgb(file: IO[bytes], size: int, scale: Span | None) -> tuple:
    """The picture, what was decided, the values found and the scale; the last two are `None` up to 8 bits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `_check_dimensions` says what Pillow would warn of
        with Image.open(file, formats=_formats()) as image:
            _check_dimensions(*image.size)
            _check_planes(image)
            notes = _note(image, size)
            if is_deep(image):
                values = read_values(image, file)  # (height, width) or (height, width, channels)
                span = Span.of(values, is_float=image.mode == "F")
                scale = scale or span.scale()
                picture = Image.fromarray(to_8_bits(values, scale))
            else:
                image.draft(None, (4 * size, 4 * size))  # JPEG: decode a large photo at a fraction of its size
                picture, span, scale = _turn(image), None, None
            return _on_white(picture, notes), notes, span, scale


def _note(image: Image.Image, size: int) -> set[str]:
    short, long = sorted(image.size)
    found = {
        "frames": image.format != "MPO" and _has_frames(image),  # MPO: a photo with its preview
        "cmyk": image.mode == "CMYK",
        "wide": long > _MAX_STRETCH * short,
        "small": short < size,
    }
    return {name for name, holds in found.items() if holds}


def _has_frames(image: Image.Image) -> bool:
    try:
        return getattr(image, "is_animated", False)
    except Exception:  # the second frame is damaged; the first may be whole
        return False


def _check_dimensions(width: int, height: int) -> None:
    if width * height > _MAX_MEGAPIXELS * 1_000_000:
        msg = f"{width * height / 1e6:.0f} megapixels: larger than {_MAX_MEGAPIXELS}"
        raise UnusableImage(msg)
    if min(width, height) < _MIN_SIDE:
        msg = f"{width} x {height} pixels: a side is shorter than {_MIN_SIDE}"
        raise UnusableImage(msg)


def _check_planes(image: Image.Image) -> None:
    """Of a 16-bit TIFF with a plane for each colour, Pillow makes a wrong picture without an error."""
    tags = getattr(image, "tag_v2", {})
    if tags.get(_PLANES) == 2 and max(tags.get(_BITS_PER_SAMPLE, (8,))) > 8:
        msg = "a 16-bit TIFF with a plane for each colour: save it again as PNG"
        raise UnusableImage(msg)


def _turn(image: Image.Image) -> Image.Image:
    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data is no reason to lose the picture
        return image


def _on_white(image: Image.Image, notes: set[str]) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    if np.asarray(rgba.getchannel("A")).min() < 255:
        notes.add("transparent")
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def _describe(rgb: Image.Image, size: int, notes: set[str], span: Span | None, scale: Span | None) -> DecodedImage:
    pixels = f"{rgb.size}".encode() + rgb.tobytes()
    grey = rgb.convert("L")
    rise_x = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), "int16")
    rise_y = np.asarray(grey.resize((8, 9), Image.Resampling.BOX), "int16")
    bits = [np.packbits(np.diff(rise_x, axis=1) > 0), np.packbits(np.diff(rise_y, axis=0) > 0)]
    image = np.asarray(ImageOps.fit(rgb, (size, size), Image.Resampling.BICUBIC))
    return DecodedImage(
        image=image,
        digest=hashlib.sha256(pixels).digest(),
        bits=np.concatenate(bits).view("uint64"),
        thumbnail=np.asarray(grey.resize((16, 16), Image.Resampling.BOX), "float32"),
        notes=frozenset(notes | ({"faint"} if np.ptp(image) < _MIN_CONTRAST else set())),
        span=span,
        scale=scale,
    )
