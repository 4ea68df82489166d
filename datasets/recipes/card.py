"""The card of a weight file, written from the record of the run that made it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

__all__ = ["draw_filters", "write_card"]

DATA = {
    "photos": (
        "[Tiny ImageNet](http://cs231n.stanford.edu/tiny-imagenet-200.zip): photos of 64 x 64 pixels, 200 classes of "
        "ImageNet. The images are not in this repository. ImageNet's terms allow non-commercial research and "
        "education; use these weights for teaching, too."
    ),
    "glyphs": "Printed characters, drawn by `tlkit.data.make_glyphs` from the fonts that matplotlib brings along.",
}
_TEMPLATE = """# Weights `{name}`

Written by `datasets/recipes/pretrain.py` from `datasets/weights/{name}.record.json`; every figure stands there.

- **Network**: `{architecture}`, width {alpha}, images of {size} x {size} pixels in [0, 255]; kernels in half precision.
- **Data**: {data}
- **Command**: `python datasets/recipes/pretrain.py {source} --path ...` ({epochs} epochs, {train_images} images each,
  {cpu_minutes} CPU minutes on two shared cores; keras {keras}, tensorflow {tensorflow}).
- **Accuracy** on {val_images} validation images that were never trained on, single network, one view an image:
  **{accuracy} %** (95 % interval: {accuracy} ± {half_width}); {float32} % before the kernels were rounded
  to half precision.
- **Good for**: features of natural images at 64 pixels, where labels are few.
- **Bad at**: its own classes, as the accuracy says. Small print, fine detail, images far from photos: measure before
  you trust it.

![The first layer's filters](weights-{name}-filters.png)

The first layer's filters, each scaled to its own range.
"""


def write_card(path: Path, name: str, record: dict) -> None:
    """Write the card.

    Args:
        path: The Markdown file.
        name: Of the weights.
        record: The run's record with its results, as `pretrain.export` stores it.
    """
    recipe, percent = record["recipe"], lambda key: f"{100 * record[key]:.1f}"
    facts = {key: record[key] for key in ("train_images", "val_images", "cpu_minutes")}
    text = _TEMPLATE.format(
        name=name, source=name if name in DATA else "folder", data=DATA.get(name, "A folder of own photos."),
        architecture=recipe["architecture"], alpha=recipe["alpha"], size=recipe["stages"][-1][1],
        epochs=len(record["curve"]), accuracy=percent("val_accuracy"), half_width=percent("val_half_width"),
        float32=percent("val_accuracy_float32"), keras=record["versions"]["keras"],
        tensorflow=record["versions"]["tensorflow"], **facts,
    )  # fmt: skip
    path.write_text(text, encoding="utf-8")


def draw_filters(kernel: np.ndarray, path: Path, *, zoom: int = 16) -> None:
    """Draw the filters `(height, width, 3, num_filters)` side by side, eight in a row."""
    low, high = kernel.min(axis=(0, 1, 2)), kernel.max(axis=(0, 1, 2))
    scaled = (255 * (kernel - low) / np.maximum(high - low, 1e-9)).astype("uint8")
    large = scaled.repeat(zoom, axis=0).repeat(zoom, axis=1)
    tiles = np.pad(large, ((4, 4), (4, 4), (0, 0), (0, 0)), constant_values=255)
    rows = [np.hstack([*np.moveaxis(tiles[..., start : start + 8], -1, 0)]) for start in range(0, tiles.shape[3], 8)]
    Image.fromarray(np.vstack(rows)).save(path)
