"""Cut the regions that the `textures` patches come from, and write `textures.npz`.

    python datasets/recipes/make_textures.py

Needs scikit-image and scikit-learn, whose bundled photographs it reads.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage
import sklearn.datasets
import store
from PIL import Image

# Boxes are left, top, right, bottom in pixels of the photo (of `retina.jpg`: after halving it).
# They share no pixel, and lie at least 4 pixels apart where they are cut from one surface.
BOXES = {
    "brick": ("brick.png", (0, 0, 512, 280), (0, 288, 512, 380), (0, 388, 512, 512)),
    "coins": ("coins.png", (0, 0, 205, 303), (210, 0, 282, 303), (287, 0, 384, 303)),
    "grass": ("grass.png", (0, 0, 512, 280), (0, 288, 512, 380), (0, 388, 512, 512)),
    "gravel": ("gravel.png", (0, 0, 512, 280), (0, 288, 512, 380), (0, 388, 512, 512)),
    "handwriting": ("text.png", (0, 0, 220, 172), (226, 0, 314, 172), (320, 0, 448, 172)),
    "leaves": ("china.jpg", (375, 300, 556, 427), (562, 160, 640, 427), (20, 347, 200, 427)),
    "moon": ("moon.png", (0, 0, 512, 250), (0, 256, 512, 350), (0, 356, 512, 512)),
    "pagoda": ("china.jpg", (80, 105, 200, 325), (204, 105, 272, 325), (276, 105, 346, 325)),
    "petals": ("flower.jpg", (185, 90, 435, 215), (185, 220, 310, 345), (315, 220, 435, 345)),
    "print": ("page.png", (0, 0, 200, 136), (206, 0, 282, 136), (288, 0, 384, 136)),
    "stars": ("hubble_deep_field.jpg", (0, 0, 450, 440), (460, 0, 640, 440), (650, 0, 1000, 440)),
    "vessels": ("retina.jpg", (150, 90, 570, 248), (160, 256, 680, 340), (130, 440, 560, 600)),
    "wood": ("coffee.png", (490, 140, 600, 285), (0, 250, 78, 400), (470, 292, 600, 400)),
}


def read_grey(name: str) -> np.ndarray:
    """Luminance of a bundled photo, `(height, width)`, `uint8` in [0, 255]."""
    folders = [Path(skimage.__file__).parent / "data", Path(sklearn.datasets.__file__).parent / "images"]
    path = next(folder / name for folder in folders if (folder / name).exists())
    image = Image.open(path).convert("L")
    return np.asarray(image.reduce(2) if name == "retina.jpg" else image)


def main() -> None:
    """Write one array for each class and split, named `class/split`."""
    arrays = {}
    for name, (photo, *boxes) in BOXES.items():
        grey = read_grey(photo)
        for split, (left, top, right, bottom) in zip(("train", "val", "test"), boxes, strict=True):
            arrays[f"{name}/{split}"] = grey[top:bottom, left:right]
    store.write_arrays("textures", arrays)


if __name__ == "__main__":
    main()
