"""The datasets by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.choices import check_choice
from tlkit.data import online
from tlkit.data.assemble import build_dataset, grey_to_rgb, resize_split, split_rows, without_copies
from tlkit.data.embedded_arrays import read_card
from tlkit.data.glyphs import make_glyphs
from tlkit.data.objects import object_splits
from tlkit.data.patches import cut_texture_splits, cut_tissue_splits
from tlkit.data.split import Dataset, Split
from tlkit.paths import data_dir

__all__ = ["DatasetInfo", "list_datasets", "load_dataset"]


@dataclass(frozen=True)
class DatasetInfo:
    """What a dataset is, without loading it.

    Attributes:
        name: For `load_dataset`, or of the function that `loader` names.
        title: One line for a person.
        num_classes: Number of classes; 0 where there are none.
        num_images: Images, or items of its kind, in all splits together; `None` where only the download knows.
        size: Height and width in pixels unless another `size` is asked for; 0 where the items are no images.
        online: Whether the first use downloads it.
        about: What it is good for.
        kind: `"images"`, `"texts"`, `"names"`, `"series"`, `"sounds"` or `"boxes"`.
        licence: In short; the card says more.
        files: The embedded files that it is read from.
        loader: The function of `tlkit.data` that loads it.
    """

    name: str
    title: str
    num_classes: int
    num_images: int | None
    size: int
    online: bool
    about: str
    kind: str = "images"
    licence: str = "see the card"
    files: tuple[str, ...] = ()
    loader: str = "load_dataset"

    @property
    def num_bytes(self) -> int:
        """Bytes of the embedded files."""
        return sum((data_dir() / file).stat().st_size for file in self.files)


def list_datasets(kind: str | None = "images") -> list[DatasetInfo]:
    """Return the data sets of a kind; among images, those that need no network come first.

    Args:
        kind: `"images"`, which `load_dataset` loads, `"texts"`, `"names"`, `"series"`, `"sounds"` or `"boxes"`, whose
            `loader` says how; `None` for all.

    Raises:
        ValueError: If there is no such kind.

    Example:
        >>> [info.name for info in list_datasets() if not info.online]
        ['textures', 'digits', 'glyphs', 'tissue', 'objects_drawn', 'objects_photographed']
        >>> [info.loader for info in list_datasets("texts")]
        ['load_glosses', 'load_sms_spam']
    """
    everything = [*_INFOS, *OTHER_INFOS]
    if kind is None:
        return everything
    check_choice("kind", kind, dict.fromkeys(info.kind for info in everything))
    return [info for info in everything if info.kind == kind]


def load_dataset(
    name: str = "textures", *, per_class: int | None = None, size: int | None = None, seed: int = 0
) -> Dataset:
    """Load a dataset, split into training, validation and test.

    Args:
        name: See `list_datasets()`.
        per_class: Keep this many *training* images per class. Validation and test stay whole, and are the
            same images whatever `per_class` and `seed` are, so that results can be compared.
        size: Height and width in pixels, at least 8. By default the dataset's own.
        seed: Chooses the training images where `per_class` limits them.

    Returns:
        Splits without a common image; the test split is in a `Vault`, a new one for each call.

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
    others = {info.name: info.loader for info in OTHER_INFOS}
    if name in others:
        msg = f"`name` must be a data set of images. Received: {name!r}. Call `{others[name]}()` of `tlkit.data`."
        raise ValueError(msg)
    names = [info.name for info in _INFOS]
    check_choice("name", name, names, "For a folder of your own, call `images_from_folder(path)`.")
    return _INFOS[names.index(name)]


def _check_size(size: int) -> None:
    if not isinstance(size, (int, np.integer)) or not 8 <= size <= 1024:
        msg = f"`size` must be an integer of 8 to 1024 pixels. Received: {size!r}."
        raise ValueError(msg)


def _load_digits(_size: int) -> dict[str, Split]:
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
        licence="CC0 and others", files=("textures.npz",),
    ),
    DatasetInfo(
        "digits", "Handwritten digits", 10, 1797, 64, False,
        "Real scans of 8 x 8 pixels, enlarged: a target that looks like no photograph.",
        licence="CC BY 4.0",
    ),
    DatasetInfo(
        "glyphs", "Printed characters", 57, 5700, 64, False,
        "Letters, digits and signs drawn from fonts; the test characters are in fonts never seen in training.",
        licence="Apache-2.0",
    ),
    DatasetInfo(
        "tissue", "Colon tissue under the microscope", 3, 390, 64, False,
        "Patches of one stained section: small, medical, and labelled by its stain.",
        licence="no known restrictions", files=("tissue.npz",),
    ),
    DatasetInfo(
        "objects_drawn", "Clip art of animals, plants and things", 11, 470, 64, False,
        "Drawings on a plain background: the source domain for a different look at the same classes.",
        licence="public domain", files=("objects_drawn.npz",),
    ),
    DatasetInfo(
        "objects_photographed", "Photographs of the same, cut out", 11, 234, 64, False,
        "Photographed objects on a plain background: the target domain for the drawn ones.",
        licence="GPL-2", files=("objects_photographed.npz",),
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
    DatasetInfo(
        "bloodmnist", "Blood cells under the microscope", 8, None, 28, True,
        "17,092 photos of single cells of eight kinds, from MedMNIST; 35 MB.",
        licence="CC BY 4.0",
    ),
]  # fmt: skip

OTHER_INFOS = [
    DatasetInfo(
        "glosses", "Definitions from WordNet, by topic", 10, 4700, 0, False,
        "Ten topics of nouns and ten of verbs as targets, 85,000 pairs to pre-train on.",
        "texts", "WordNet 3.0", ("glosses.npz",), "load_glosses",
    ),
    DatasetInfo(
        "names", "Names in English and seven other languages", 0, 1062, 0, False,
        "Letter by letter from English to Hindi, with five parent languages and a foreign one.",
        "names", "Unicode-3.0", ("names.npz",), "load_names",
    ),
    DatasetInfo(
        "shops", "Weekly sales of cheese and orange juice", 0, 171, 0, False,
        "Series of 88 retailers and 83 stores, with prices and displays.",
        "series", "GPL-2+", ("shops.npz",), "load_shops",
    ),
    DatasetInfo(
        "words_spoken", "Spoken words, digits and letters", 10, 720, 0, False,
        "Log-mel spectrograms; each voice is in one split only. Words are synthesised, letters are spoken by people.",
        "sounds", "Apache-2.0, GPL-2+, CC BY-SA 3.0, CC BY 3.0",
        ("words_spoken.npz", "letters_spoken.npz", "digits_spoken.npz", "digits_heard.npz"), "load_words_spoken",
    ),
    DatasetInfo(
        "scenes", "Objects on surfaces, with boxes and masks", 11, None, 64, False,
        "Composed from cut-outs and photographed surfaces, in any number: where is what?",
        "boxes", "GPL-2, CC0 and others",
        ("objects_photographed.npz", "objects_drawn.npz", "textures.npz"), "make_scenes",
    ),
    DatasetInfo(
        "sms_spam", "Short messages, wanted or spam", 2, None, 0, True,
        "5,574 messages that people received, few of them spam; 0.2 MB.",
        "texts", "CC BY 4.0", (), "load_sms_spam",
    ),
    DatasetInfo(
        "spoken_digits", "Digits said by real people", 10, None, 0, True,
        "2,500 recordings of the Free Spoken Digit Dataset, split by speaker; 12 MB.",
        "sounds", "CC BY-SA 4.0", (), "load_spoken_digits",
    ),
]  # fmt: skip

# Each takes a size in pixels, which sources with a size of their own may ignore.
_LOADERS: dict[str, Callable[[int], dict[str, Split]]] = {
    "textures": cut_texture_splits,
    "digits": _load_digits,
    "glyphs": _load_glyphs,
    "tissue": cut_tissue_splits,
    "objects_drawn": lambda _: object_splits("drawn"),
    "objects_photographed": lambda _: object_splits("photographed"),
    "cifar10": online.load_cifar10,
    "fashion_mnist": online.load_fashion_mnist,
    "flowers": online.load_flowers,
    "cats_vs_dogs": online.load_cats_vs_dogs,
    "bloodmnist": online.load_blood,
}
