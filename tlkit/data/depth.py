"""Pictures of more than 8 bits a channel: read their values, and choose what is black and white."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import IO, Self

import numpy as np
from PIL import Image, ImageFile, ImageOps

__all__ = ["Span", "is_deep", "read_values", "to_8_bits"]

_BITS = (8, 10, 12, 14, 16)


@dataclass(frozen=True)
class Span:
    """The lowest and the highest value of one picture or of many.

    Example:
        >>> Span(3, 4001).scale()
        Span(low=0, high=4095, is_float=False)
    """

    low: float
    high: float
    is_float: bool = False

    @classmethod
    def of(cls, values: np.ndarray, *, is_float: bool = False) -> Self:
        """Return the span of a picture's brightness or colours; a fourth channel, opacity, is left out."""
        colours = values[..., :3] if values.ndim == 3 else values
        return cls(float(colours.min()), float(colours.max()), is_float)

    def join(self, other: Span) -> Span:
        """Return the span of both."""
        return Span(min(self.low, other.low), max(self.high, other.high), self.is_float)

    def scale(self) -> Span:
        """Return the values of black and white: 0 and the least usual maximum that holds these, or these themselves."""
        usual = [2**bits - 1 for bits in _BITS]
        for top in [1, *usual] if self.is_float else usual:
            if self.low >= 0 and self.high <= top:
                return Span(0, top, self.is_float)
        return self


def is_deep(image: Image.Image) -> bool:
    """Whether an opened, not yet loaded image holds more than 8 bits a channel."""
    return image.mode.startswith("I") or image.mode == "F" or _has_deep_colour(image)


def read_values(image: ImageFile.ImageFile, file: IO[bytes]) -> np.ndarray:
    """Return the values as they are in the file, turned as its EXIF data says; `nan` becomes 0.

    Pillow reads of 16-bit colours the upper byte alone. The lower one is read by a second pass in which the two
    bytes are said to be in the other order.

    Args:
        image: Opened, not yet loaded.
        file: Where it was opened from.

    Returns:
        `(height, width)` or `(height, width, channels)`, `float64`.
    """
    if not _has_deep_colour(image):
        return np.nan_to_num(_turned(image))
    swapped = [tile._replace(args=_swap_bytes(tile.args)) for tile in image.tile]
    high = _turned(image)
    file.seek(0)
    with Image.open(file, formats=[image.format or ""]) as again:
        again.tile = swapped
        return 256 * high + _turned(again)


def to_8_bits(values: np.ndarray, scale: Span) -> np.ndarray:
    """Bring the scale's low and high to 0 and 255; a fourth channel, opacity, has a scale of its own."""
    share = (values - scale.low) / max(scale.high - scale.low, 1e-9)
    if values.ndim == 3 and values.shape[-1] == 4:
        share[..., 3] = values[..., 3] / Span.of(values[..., 3]).scale().high
    return (share.clip(0, 1) * 255).round().astype("uint8")


def _has_deep_colour(image: Image.Image) -> bool:
    modes = [_raw_mode(tile.args) for tile in getattr(image, "tile", [])]
    return image.mode in ("RGB", "RGBA") and bool(modes) and all(mode[:3] == "RGB" and ";16" in mode for mode in modes)


def _raw_mode(args) -> str:
    return args if isinstance(args, str) else str(args[0]) if args else ""


def _swap_bytes(args):
    mode = _raw_mode(args)
    order = mode[-1] if mode[-1] in "BL" else "BL"[sys.byteorder == "little"]  # N is the machine's own
    swapped = mode[:-1] + {"B": "L", "L": "B"}[order]
    return swapped if isinstance(args, str) else (swapped, *args[1:])


def _turned(image: Image.Image) -> np.ndarray:
    image.load()
    return np.asarray(ImageOps.exif_transpose(image), "float64")
