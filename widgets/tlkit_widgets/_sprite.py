"""Many small pictures as one sheet: a page loads one image, and shows any of them without asking the kernel."""

import io
import math

import numpy as np
from PIL import Image

__all__ = ["make_sprite"]


def make_sprite(images, side: int, *, quality: int = 85) -> tuple[bytes, int]:
    """JPEG sheet of `images` in reading order, and its number of columns.

    Args:
        images: Array of shape (n, h, w, 3), (n, h, w, 1) or (n, h, w), values in [0, 255]; or a list of such images.
        side: Side of each picture on the sheet, in pixels.
        quality: JPEG quality in [1, 95].

    >>> sheet, columns = make_sprite(np.zeros((5, 8, 8, 3), "uint8"), 4)
    >>> columns, Image.open(io.BytesIO(sheet)).size
    (3, (12, 8))
    """
    _check_range(images)
    columns = math.ceil(math.sqrt(len(images)))
    sheet = Image.new("RGB", (columns * side, math.ceil(len(images) / columns) * side))
    for i, image in enumerate(images):
        picture = Image.fromarray(_as_rgb(image)).resize((side, side), Image.Resampling.BILINEAR)
        sheet.paste(picture, (i % columns * side, i // columns * side))
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue(), columns


def _as_rgb(image) -> np.ndarray:
    """(h, w), (h, w, 1) or (h, w, 3) -> uint8 (h, w, 3)."""
    array = np.asarray(image)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3):
        msg = f"`images` must have shape (n, h, w, 3), (n, h, w, 1) or (n, h, w). Received an image of {array.shape}."
        raise ValueError(msg)
    return np.broadcast_to(array.round().astype("uint8"), (*array.shape[:2], 3))


def _check_range(images) -> None:
    """Values in [0, 255]; fractions that never pass 1 are taken for images divided by 255."""
    low, high = min(np.min(image) for image in images), max(np.max(image) for image in images)
    fractions = np.asarray(images[0]).dtype.kind == "f" and high <= 1
    if low < 0 or high > 255 or fractions:
        msg = f"`images` must be in [0, 255]. Received: [{low:g}, {high:g}]. Undo the preprocessing or the division."
        raise ValueError(msg)
