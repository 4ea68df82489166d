"""Cut the bands that the `tissue` patches come from, find where the stain is, and write `tissue.npz`.

    python datasets/recipes/make_tissue.py

Needs scikit-image, whose bundled photograph `ihc.png` it reads.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skimage
import store
from PIL import Image
from skimage.color import rgb2hed
from skimage.filters import gaussian, threshold_otsu

# Rows of the photo, at least 8 apart; each band has glands and connective tissue.
BANDS = {"train": (0, 228), "val": (236, 344), "test": (352, 512)}


def find_gland(photo: np.ndarray) -> np.ndarray:
    """Where the brown stain (DAB) is dense after smoothing by 4 pixels: `(height, width)`, 0 or 1.

    Stains are separated as by [Ruifrok and Johnston, 2001](https://pubmed.ncbi.nlm.nih.gov/11531144/).
    """
    stain = gaussian(rgb2hed(photo)[..., 2], sigma=4)
    return (stain > threshold_otsu(stain)).astype("uint8")


def main() -> None:
    """Write the grey photo and the gland mask, one array a band each."""
    image = Image.open(Path(skimage.__file__).parent / "data" / "ihc.png").convert("RGB")
    grey, gland = np.asarray(image.convert("L")), find_gland(np.asarray(image))
    arrays = {}
    for split, (top, bottom) in BANDS.items():
        arrays[f"grey/{split}"], arrays[f"gland/{split}"] = grey[top:bottom], gland[top:bottom]
    store.write_arrays("tissue", arrays)


if __name__ == "__main__":
    main()
