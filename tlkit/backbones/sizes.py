"""Images larger than those that embedded weights were trained on."""

from __future__ import annotations

import warnings

from tlkit.backbones.embedded_weights import EmbeddedWeights

__all__ = ["ImageSizeWarning", "warn_of_large_images"]


class ImageSizeWarning(UserWarning):
    """Images are larger than those that the weights were trained on."""


def warn_of_large_images(entry: EmbeddedWeights, input_shape: tuple) -> None:
    """Warn whoever called `load_backbone` or `load_classifier` if a side is longer than the weights know."""
    sides = [side for side in input_shape[:2] if side is not None]
    if max(sides, default=0) <= entry.input_size:
        return
    msg = (
        f"`input_shape` is {tuple(input_shape)}, but the embedded weights {entry.name!r} were trained on images of "
        f"{entry.input_size} x {entry.input_size} pixels. Larger images do not help them: from twice that side on they "
        f"measured worse. Read the images at `size={entry.input_size}`, or take weights of larger images, such as "
        "weights='imagenet'."
    )
    warnings.warn(msg, ImageSizeWarning, stacklevel=4)
