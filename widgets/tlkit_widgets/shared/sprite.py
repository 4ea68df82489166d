"""Many small pictures as one sheet: a page loads one image, and shows any of them without asking the kernel."""

import io
import math
from typing import Any

import numpy as np
import traitlets
from PIL import Image

from tlkit_widgets.shared.kit_widget import KitWidget

__all__ = ["SpriteWidget", "as_pixels", "check_labels", "make_sprite", "sheet_of"]

MAX_IMAGES = 3000  # of one page: beyond this pictures are too many to look at and too heavy to send


class SpriteWidget(KitWidget):
    """A widget that has pictures on one sheet; `**sheet_of(images, side)` sets its traits."""

    _sprite = traitlets.Bytes().tag(sync=True)
    _columns = traitlets.Int().tag(sync=True)
    _thumb = traitlets.Int().tag(sync=True)  # side of a picture, in pixels


def sheet_of(images, side: int) -> dict[str, Any]:
    """Return the traits of a `SpriteWidget` that shows these images; the arguments are those of `make_sprite`."""
    sprite, columns = make_sprite(images, side)
    return {"_sprite": sprite, "_columns": columns, "_thumb": side}


def make_sprite(images, side: int, *, quality: int = 85) -> tuple[bytes, int]:
    """JPEG sheet of `images` in reading order, and its number of columns.

    Args:
        images: Array of shape (n, h, w, 3), (n, h, w, 1) or (n, h, w), values in [0, 255], or floats in
            [0, 1]; or a list of such images.
        side: Side of each picture on the sheet, in pixels.
        quality: JPEG quality in [1, 95].

    >>> sheet, columns = make_sprite(np.zeros((5, 8, 8, 3), "uint8"), 4)
    >>> columns, Image.open(io.BytesIO(sheet)).size
    (3, (12, 8))
    """
    scale = _scale(images)
    columns = math.ceil(math.sqrt(len(images)))
    sheet = Image.new("RGB", (columns * side, math.ceil(len(images) / columns) * side))
    for i, image in enumerate(images):
        picture = Image.fromarray(_as_rgb(image, scale)).resize((side, side), Image.Resampling.BILINEAR)
        sheet.paste(picture, (i % columns * side, i // columns * side))
    buffer = io.BytesIO()
    sheet.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue(), columns


def _as_rgb(image, scale: float) -> np.ndarray:
    """(h, w), (h, w, 1) or (h, w, 3) -> uint8 (h, w, 3)."""
    array = np.asarray(image)
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3):
        msg = f"`images` must have shape (n, h, w, 3), (n, h, w, 1) or (n, h, w). Received an image of {array.shape}."
        raise ValueError(msg)
    return np.broadcast_to((array * scale).round().astype("uint8"), (*array.shape[:2], 3))


def as_pixels(images: np.ndarray) -> np.ndarray:
    """uint8 in [0, 255], from the same or from floats in [0, 255] or [0, 1].

    >>> as_pixels(np.array([0.0, 0.5, 1.0])).tolist()
    [0, 128, 255]
    """
    return (images * _scale(images)).round().astype("uint8") if len(images) else images.astype("uint8")


def _scale(images) -> float:
    """1 for values in [0, 255]; 255 for floats that never pass 1, as `tlkit.plots.show_images` takes them."""
    low, high = min(np.min(image) for image in images), max(np.max(image) for image in images)
    if low < 0 or high > 255:
        msg = f"`images` must be in [0, 255]. Received: [{low:g}, {high:g}]. Undo the preprocessing."
        raise ValueError(msg)
    return 255.0 if np.asarray(images[0]).dtype.kind == "f" and high <= 1 else 1.0


def check_labels(labels, num_images: int, class_names: list[str], *, name: str = "labels") -> np.ndarray:
    """`labels` as int (n,): one index of `class_names` for each image."""
    array = np.asarray(labels)
    if array.shape != (num_images,) or not 1 <= num_images <= MAX_IMAGES:
        msg = (
            f"`images` and `{name}` must be of one length between 1 and {MAX_IMAGES}. Received: {num_images} images "
            f"and {name} of shape {array.shape}. Pass a part, for example `images[:{min(max(num_images, 1), 500)}]`."
        )
        raise ValueError(msg)
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= len(class_names):
        msg = (
            f"`{name}` must be integers in [0, {len(class_names)}), as `class_names` has {len(class_names)} names. "
            f"Received: {array.dtype} in [{array.min()}, {array.max()}]."
        )
        raise ValueError(msg)
    return array.astype(int)
