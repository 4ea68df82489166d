"""The datasets by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.data import online
from tlkit.data.assemble import build_dataset, grey_to_rgb, resize_split, split_rows, without_copies
from tlkit.data.embedded import read_card
from tlkit.data.glyphs import make_glyphs
from tlkit.data.patches import cut_texture_splits, cut_tissue_splits
from tlkit.data.split import Dataset, Split

__all__ = ["DatasetInfo", "list_datasets", "load_dataset"]


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset is, without loading it.

    Attributes:
        name: For `load_dataset`.
        title: One line for a person.
        num_classes: Number of classes.
        num_images: Images in all splits together; `None` where only the download knows.
        size: Height and width in pixels unless another `size` is asked for.
        online: Whether the first use downloads it.
        about: What it is good for.
    """

    name: str
    title: str
    num_classes: int
    num_images: int | None
    size: int
    online: bool
    about: str


def list_datasets() -> list[DatasetInfo]:
    """Return what `load_dataset` can load; those that need no network come first.

    Example:
        >>> [info.name for info in list_datasets() if not info.online]
        ['textures', 'digits', 'glyphs', 'tissue']
    """
    return list(_INFOS)


def load_dataset(
    name: str = "textures", *, per_class: int | None = None, size: int | None = None, seed: int = 0
) -> Dataset:
    """Load a dataset, split into training, validation and test.

    Args:
        name: See `list_datasets()`.
        per_class: Keep this many *training* images a class. Validation and test stay whole, and are the
            same images whatever `per_class` and `seed` are, so that results can be compared.
        size: Height and width in pixels, at least 8. By default the dataset's own.
        seed: Chooses the training images where `per_class` limits them.

    Returns:
        Splits without a common image; the test split lies in a `Vault`, new at each call.

    Raises:
        ValueError: If an argument is out of its range.
        ConnectionError: If an online dataset has not been downloaded and cannot be.

    Example:
        >>> load_dataset("textures", per_class=20)
        Dataset(name='textures', ..., test=Vault(780 images, never opened))
    """
    info = _look_up(name)
    size = info.size if size is None else size
    _check_size(size)
    splits = _LOADERS[name](size)
    splits["val"] = without_copies(splits["val"], [splits["test"]])
    splits["train"] = without_copies(splits["train"], [splits["val"], splits["test"]])
    if per_class is not None:
        splits["train"] = splits["train"].take_per_class(per_class, seed)
    return build_dataset(name, read_card(name), {key: resize_split(split, size) for key, split in splits.items()})


def _look_up(name: str) -> DatasetInfo:
    names = [info.name for info in list_datasets()]
    if name not in names:
        near = difflib.get_close_matches(str(name).lower(), names, n=1, cutoff=0.4)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        msg = (
            f"`name` must be one of {', '.join(names)}. Received: {name!r}.{guess} "
            "For a folder of your own, call `images_from_folder(path)`."
        )
        raise ValueError(msg)
    return _INFOS[names.index(name)]


def _check_size(size: int) -> None:
    if not isinstance(size, (int, np.integer)) or not 8 <= size <= 1024:
        msg = f"`size` must be an integer of 8 to 1024 pixels. Received: {size!r}."
        raise ValueError(msg)


def _load_digits(size: int) -> dict[str, Split]:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)  # (1797, 64), 0 to 16
    images = grey_to_rgb(pixels.reshape(-1, 8, 8) * (255 / 16))
    names = [str(digit) for digit in range(10)]
    parts = split_rows(labels, [0.6, 0.2])
    return {
        key: Split(images[rows], labels[rows], names) for key, rows in zip(("train", "val", "test"), parts, strict=True)
    }


def _load_glyphs(size: int) -> dict[str, Split]:
    counts = {"train": 60, "val": 20, "test": 20}
    return {
        key: make_glyphs(count, size=size, seed=seed, fonts=key) for seed, (key, count) in enumerate(counts.items())
    }


_INFOS = [
    DatasetInfo(
        "textures", "Surfaces in real photographs", 13, 3380, 64, False,
        "Patches of 12 photos, grey: brick, grass, gravel and more. The target of the first lessons.",
    ),
    DatasetInfo(
        "digits", "Handwritten digits", 10, 1797, 64, False,
        "Real scans of 8 x 8 pixels, enlarged: a target that looks like no photograph.",
    ),
    DatasetInfo(
        "glyphs", "Printed characters", 57, 5700, 64, False,
        "Letters, digits and signs drawn from fonts; the test characters are in fonts never seen in training.",
    ),
    DatasetInfo(
        "tissue", "Colon tissue under the microscope", 3, 390, 64, False,
        "Patches of one stained section: small, medical, and labelled by its stain.",
    ),
    DatasetInfo(
        "cifar10", "CIFAR-10 photographs", 10, None, 32, True,
        "60,000 small photos of animals and vehicles; 170 MB.",
    ),
    DatasetInfo(
        "fashion_mnist", "Fashion-MNIST clothes", 10, None, 28, True,
        "70,000 grey pictures of clothes; 31 MB.",
    ),
    DatasetInfo(
        "flowers", "Flower photographs", 5, None, 128, True,
        "3,670 photos of five kinds of flower; 229 MB.",
    ),
    DatasetInfo(
        "cats_vs_dogs", "Cats and dogs", 2, None, 128, True,
        "3,000 photos, as in TensorFlow's tutorial; 69 MB.",
    ),
]  # fmt: skip

# Each takes a size in pixels, which sources with a size of their own may ignore.
_LOADERS: dict[str, Callable[[int], dict[str, Split]]] = {
    "textures": cut_texture_splits,
    "digits": _load_digits,
    "glyphs": _load_glyphs,
    "tissue": cut_tissue_splits,
    "cifar10": online.load_cifar10,
    "fashion_mnist": online.load_fashion_mnist,
    "flowers": online.load_flowers,
    "cats_vs_dogs": online.load_cats_vs_dogs,
}
