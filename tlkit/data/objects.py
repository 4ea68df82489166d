"""Cut-out objects in two domains, drawn and photographed: the same classes with a different look."""

from __future__ import annotations

import numpy as np

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.assemble import build_dataset
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays, read_card
from tlkit.data.split import Dataset, Split

__all__ = ["DOMAINS", "load_cutouts", "load_objects", "object_splits"]

DOMAINS = ("drawn", "photographed")
_ROLES = ("train", "val", "test")
_SCHEMA = {
    "cutout": Field("image", (64, 64, 4), "red, green, blue and how opaque it is; it touches two sides"),
    "label": Field("label", about="what it is"),
    "group": Field("number", about="look-alikes share a number"),
}


def load_objects(
    domain: str = "drawn",
    *,
    per_class: int | None = None,
    seed: int = 0,
    background: tuple[int, int, int] = (255, 255, 255),
) -> Dataset:
    """Load objects of eleven classes on a plain background.

    Args:
        domain: `"drawn"` (clip art) or `"photographed"`. Both have the same classes in the same order.
        per_class: Keep this many training images per class; validation and test stay whole.
        seed: Chooses them.
        background: Red, green and blue in [0, 255] of what is not the object.

    Returns:
        Images of 64 x 64 pixels. Look-alikes, such as one drawing in two colours, are in one split.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> load_objects("photographed").class_names[:3]
        ['bird', 'fish', 'flower']
    """
    check_choice("domain", domain, DOMAINS)
    name = f"objects_{domain}"
    dataset = build_dataset(name, read_card(name), object_splits(domain, background))
    return dataset if per_class is None else dataset.take_per_class(per_class, seed)


def load_cutouts(domain: str = "drawn") -> ArrayDataset:
    """Load the same objects with their masks: `(64, 64, 4)`, to put on whatever ground.

    Raises:
        ValueError: If `domain` is neither `"drawn"` nor `"photographed"`.
    """
    check_choice("domain", domain, DOMAINS)
    return build_array_dataset(f"objects_{domain}", _read(domain))


def object_splits(domain: str, background: tuple[int, int, int] = (255, 255, 255)) -> dict[str, Split]:
    """The three splits of a domain, on a plain ground."""
    return {name: _on_plain_ground(cutouts, background) for name, cutouts in _read(domain).items()}


def _read(domain: str) -> dict[str, ArraySplit]:
    stored = read_arrays(f"objects_{domain}")
    arrays = {"cutout": stored["pixels"], "label": stored["label"].astype(np.int32), "group": stored["group"]}
    everything = ArraySplit(arrays, _SCHEMA, [str(name) for name in stored["classes"]], "cut-outs")
    rows = (np.flatnonzero(stored["role"] == number) for number in range(3))
    return {
        name: everything.select(np.random.default_rng(0).permutation(own))
        for name, own in zip(_ROLES, rows, strict=True)
    }


def _on_plain_ground(cutouts: ArraySplit, background: tuple[int, int, int]) -> Split:
    opaque = cutouts["cutout"][..., 3:].astype(np.uint16)
    ground = np.asarray(background, np.uint16) * (255 - opaque)
    images = (cutouts["cutout"][..., :3] * opaque + ground + 127) // 255
    return Split(images.astype(np.uint8), cutouts.labels, cutouts.class_names)
