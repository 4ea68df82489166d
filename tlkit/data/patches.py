"""Patches of real photographs: `textures` and `tissue`.

Training, validation and test regions of each photo are separate arrays, so that no patch can reach
across. Within a region patches overlap.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tlkit.data.embedded_arrays import read_arrays
from tlkit.data.split import Split

__all__ = ["Box", "cut_patches", "cut_texture_splits", "cut_tissue_splits"]

_TEXTURE_COUNTS = {"train": 150, "val": 50, "test": 60}
_TISSUE_COUNTS = {"train": 60, "val": 30, "test": 40}
# The share of a patch that is gland, by class; patches between the classes are not used.
_GLAND_SHARE = {"border": (0.35, 0.65), "gland": (0.9, 1.0), "stroma": (0.0, 0.1)}
_MIN_DEVIATION = 3.0  # in grey levels of 255: less is an empty patch (sky, margin)

Box = tuple[slice, slice]


def cut_texture_splits(size: int) -> dict[str, Split]:
    """Cut patches of 48 to 68 pixels of the photos, brought to `size` pixels.

    Returns:
        `train`, `val` and `test`; grey (the three channels are equal), with the grey level and the contrast
        of each patch drawn at random, so that neither gives the class away.
    """
    regions = read_arrays("textures")
    names = sorted({key.split("/")[0] for key in regions})

    def cut(name: str, split: str, count: int) -> np.ndarray:
        return cut_patches(regions[f"{name}/{split}"], count, size, key=f"textures/{name}/{split}")

    return _assemble(cut, names, _TEXTURE_COUNTS)


def cut_tissue_splits(size: int) -> dict[str, Split]:
    """Cut patches of 48 to 68 pixels, labelled by the share of the stain that marks glands.

    Returns:
        `train`, `val` and `test`; grey as the textures are, because the colour is the label.
    """
    bands = read_arrays("tissue")

    def cut(name: str, split: str, count: int) -> np.ndarray:
        gland, (lowest, highest) = bands[f"gland/{split}"], _GLAND_SHARE[name]
        return cut_patches(
            bands[f"grey/{split}"],
            count,
            size,
            key=f"tissue/{name}/{split}",
            accept=lambda box: lowest <= gland[box].mean() <= highest,
        )

    return _assemble(cut, sorted(_GLAND_SHARE), _TISSUE_COUNTS)


def _assemble(cut: Callable[[str, str, int], np.ndarray], names: list[str], counts: dict[str, int]) -> dict[str, Split]:
    splits = {}
    for split, count in counts.items():
        images = np.concatenate([cut(name, split, count) for name in names])
        labels = np.repeat(np.arange(len(names)), count)
        order = np.random.default_rng(0).permutation(len(labels))
        splits[split] = Split(images[order], labels[order], names)
    return splits


def cut_patches(
    region: np.ndarray, count: int, size: int, *, key: str, accept: Callable[[Box], bool] = lambda _: True
) -> np.ndarray:
    """Cut patches at random places, the same at each call: `(count, size, size, 3)`, `uint8`.

    Args:
        region: `(height, width)`, `uint8`; patches may overlap within it.
        count: Patches.
        size: Height and width that they are brought to, in pixels.
        key: Decides the places, the grey levels and the contrasts.
        accept: Says of a place, as a pair of slices, whether it is used.

    Raises:
        RuntimeError: If no usable place is found.
    """
    rng = np.random.default_rng(zlib.crc32(key.encode()))
    images = np.empty((count, size, size, 3), "uint8")
    for image in images:
        patch = _draw_patch(region, rng, accept)
        image[:] = _finish(patch, size, rng)[..., None]
    return images


def _draw_patch(region: np.ndarray, rng: np.random.Generator, accept: Callable[[Box], bool]) -> np.ndarray:
    for _ in range(10_000):
        side = rng.integers(48, 69)
        top, left = (rng.integers(0, length - side + 1) for length in region.shape)
        box = (slice(top, top + side), slice(left, left + side))
        if region[box].std() >= _MIN_DEVIATION and accept(box):
            return region[box]
    msg = "No usable patch was found in 10,000 draws: the embedded region does not fit its class."
    raise RuntimeError(msg)


def _finish(patch: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Resize, then give it a random mean (95 to 160) and deviation (30 to 60): `(size, size)`, `uint8`."""
    mean, deviation = rng.uniform(95, 160), rng.uniform(30, 60)
    grey = (patch - patch.mean()) / patch.std() * deviation + mean
    resized = Image.fromarray(grey.astype("float32")).resize((size, size), Image.Resampling.LANCZOS)
    return np.clip(np.asarray(resized), 0, 255).astype("uint8")
