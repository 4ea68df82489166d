"""Scenes with several objects: boxes, masks and classes are exact, because the scenes are put together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays
from tlkit.data.objects import DOMAINS, load_cutouts

__all__ = ["make_scenes"]

MAX_OBJECTS = 4
_SHARES = (0.3, 0.55)  # of the scene's side: the longer side of an object
_MAX_COVERED = 0.25  # of an object, by those in front of it
_COUNTS = {"val": 0.25, "test": 0.5}  # scenes, for each one of training
_SCHEMA = {
    "image": Field("image", (None, None, 3), "the scene"),
    "boxes": Field("boxes", (MAX_OBJECTS, 4), "left, top, right, bottom of what is visible; 0 beyond the objects"),
    "classes": Field("label", (MAX_OBJECTS,), "what is in each box, as a number of `class_names`; -1 for none"),
    "masks": Field("mask", (MAX_OBJECTS, None, None), "the pixels of each object that are visible"),
}


def make_scenes(
    num_scenes: int = 200,
    *,
    domain: str = "photographed",
    classes: Sequence[str] | None = None,
    size: int = 64,
    seed: int = 0,
) -> ArrayDataset:
    """Put one to four cut-outs on photographed surfaces.

    Objects and surfaces of training, validation and test are those of `load_cutouts` and `textures`: none is in two
    splits. The surfaces are grey photographs in a random tint.

    Args:
        num_scenes: Number of training scenes, from 8 to 5,000; validation has a quarter as many, the test half as many.
        domain: The domain of the objects, `"drawn"` or `"photographed"`.
        classes: Which of them, by name; all eleven by default.
        size: Height and width in pixels, from 64 to 128.
        seed: Decides everything that is drawn.

    Returns:
        Scenes with their boxes, classes and masks; the test is in a vault.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> make_scenes(8).train["boxes"].shape
        (8, 4, 4)
    """
    _check_range("num_scenes", num_scenes, 8, 5000)
    _check_range("size", size, 64, 128)
    check_choice("domain", domain, DOMAINS)
    cutouts, grounds = load_cutouts(domain), _read_grounds()
    names = list(cutouts.class_names if classes is None else classes)
    for name in names:
        check_choice("classes", name, cutouts.class_names)
    parts = {"train": cutouts.train, "val": cutouts.val, "test": cutouts.test.open("to make scenes of its objects")}
    splits = {}
    for number, (part, objects) in enumerate(parts.items()):
        rng, count = np.random.default_rng([seed, number]), max(2, round(num_scenes * _COUNTS.get(part, 1)))
        shown = [objects.select(objects.labels == cutouts.class_names.index(name))["cutout"] for name in names]
        scenes = [_draw_scene(shown, grounds[part], size, rng) for _ in range(count)]
        arrays = {key: np.stack([scene[key] for scene in scenes]) for key in _SCHEMA}
        splits[part] = ArraySplit(arrays, _SCHEMA, names, "scenes")
    return build_array_dataset("scenes", splits)


def _check_range(argument: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, (int, np.integer)) or not low <= value <= high:
        msg = f"`{argument}` must be an integer of {low} to {high}. Received: {value!r}."
        raise ValueError(msg)


def _read_grounds() -> dict[str, list[np.ndarray]]:
    regions = sorted(read_arrays("textures").items())
    return {part: [region for key, region in regions if key.endswith(part)] for part in ("train", "val", "test")}


def _draw_scene(
    cutouts: list[np.ndarray], grounds: list[np.ndarray], size: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """One scene out of the cut-outs of each class, `(num, 64, 64, 4)`: every class is as likely."""
    image = _draw_ground(grounds[rng.integers(len(grounds))], size, rng)
    masks, classes = np.zeros((MAX_OBJECTS, size, size), bool), np.full(MAX_OBJECTS, -1, np.int32)
    placed = 0
    for _ in range(rng.integers(1, MAX_OBJECTS + 1)):
        label = int(rng.integers(len(cutouts)))
        pixels, place = _place(cutouts[label][rng.integers(len(cutouts[label]))], size, rng)
        mask = np.zeros((size, size), bool)
        mask[place] = pixels[..., 3] > 127
        if mask.any() and not _covers_too_much(mask, masks[:placed]):
            opaque = pixels[..., 3:] * np.float32(1 / 255)
            image[place] += (pixels[..., :3] - image[place]) * opaque
            masks[:placed] &= ~mask
            masks[placed], classes[placed] = mask, label
            placed += 1
    return {"image": np.round(image).astype(np.uint8), "boxes": _boxes(masks), "classes": classes, "masks": masks}


def _draw_ground(region: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """A square of a surface in a random tint, `(size, size, 3)`, `float32` in [0, 255]."""
    side = int(rng.integers(64, min(128, *region.shape) + 1))
    top, left = (int(rng.integers(0, length - side + 1)) for length in region.shape)
    square = Image.fromarray(region[top : top + side, left : left + side]).resize((size, size), Image.Resampling.BOX)
    grey = np.asarray(square, np.float32)[..., None]
    tint = rng.uniform(0.7, 1.3, 3).astype(np.float32)
    return np.clip(60 + 0.5 * grey * tint + np.float32(rng.uniform(-20, 20)), 0, 255)


def _place(cutout: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, tuple[slice, slice]]:
    """The object in a random size, perhaps mirrored, `(side, side, 4)`, and the square of the scene that it takes."""
    side = round(size * rng.uniform(*_SHARES))
    image = Image.fromarray(cutout[:, ::-1] if rng.random() < 0.5 else cutout)
    # Premultiplied while it shrinks: what is transparent lends no colour.
    small = image.convert("RGBa").resize((side, side), Image.Resampling.BOX).convert("RGBA")
    top, left = rng.integers(0, size - side + 1, 2)
    return np.asarray(small, np.float32), (slice(top, top + side), slice(left, left + side))


def _covers_too_much(mask: np.ndarray, masks: np.ndarray) -> bool:
    """Whether an object would hide more than a quarter of what is still seen of another one."""
    seen = masks.sum((1, 2))
    return bool(((masks & mask).sum((1, 2)) > _MAX_COVERED * seen).any())


def _boxes(masks: np.ndarray) -> np.ndarray:
    """Smallest boxes round masks, `(num, 4)`; 0 where a mask is empty."""
    boxes = np.zeros((len(masks), 4), np.float32)
    for row, mask in enumerate(masks):
        if mask.any():
            rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            boxes[row] = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    return boxes
