"""Datasets that are downloaded on first use, with Keras' own downloader."""

from __future__ import annotations

import gzip
import io
import pickle
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import numpy as np

from tlkit.data.assemble import grey_to_rgb, split_rows
from tlkit.data.decode import decode_image
from tlkit.data.download import OnlineFile, fetch
from tlkit.data.split import Split

__all__ = ["BLOOD", "CATS_VS_DOGS", "CIFAR10", "FASHION", "FLOWERS"]
__all__ += ["load_blood", "load_cats_vs_dogs", "load_cifar10", "load_fashion_mnist", "load_flowers"]

# The one hash is the one that Keras checks itself; no other of these files has a published SHA-256.
CIFAR10 = OnlineFile(
    "cifar-10-python.tar.gz",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
FASHION = {
    name: OnlineFile(f"fashion-{name}.gz", f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}.gz")
    for name in (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    )
}
FLOWERS = OnlineFile(
    "flower_photos.tgz", "https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz"
)
CATS_VS_DOGS = OnlineFile(
    "cats_and_dogs_filtered.zip", "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip"
)

BLOOD = OnlineFile("bloodmnist.npz", "https://zenodo.org/records/10519652/files/bloodmnist.npz")

_CIFAR_NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
_FASHION_NAMES = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip

_BLOOD_NAMES = [
    "basophil", "eosinophil", "erythroblast", "immature granulocyte", "lymphocyte", "monocyte", "neutrophil",
    "platelet",
]  # fmt: skip


def load_cifar10(_size: int) -> dict[str, Split]:
    """CIFAR-10 at its own 32 pixels; a tenth of the training images is the validation split."""
    batches = {}
    with tarfile.open(fetch(CIFAR10)) as archive:
        for member in archive:
            name = PurePosixPath(member.name).name
            if name.startswith("data_batch_") or name == "test_batch":
                batches[name] = _unpickle(_read_member(archive, member))
    train = [batches[name] for name in sorted(batches) if name != "test_batch"]
    return _official_splits(
        (_cifar_images(train), np.concatenate([batch[b"labels"] for batch in train])),
        (_cifar_images([batches["test_batch"]]), np.array(batches["test_batch"][b"labels"])),
        _CIFAR_NAMES,
    )


def load_fashion_mnist(_size: int) -> dict[str, Split]:
    """Fashion-MNIST at its own 28 pixels; a tenth of the training images is the validation split."""
    arrays = {}
    for name, file in FASHION.items():
        content, is_images = gzip.decompress(fetch(file).read_bytes()), "images" in name
        values = np.frombuffer(content, "uint8", offset=16 if is_images else 8)
        arrays[name] = grey_to_rgb(values.reshape(-1, 28, 28)) if is_images else values
    train, test = (
        (arrays[f"{part}-images-idx3-ubyte"], arrays[f"{part}-labels-idx1-ubyte"]) for part in ("train", "t10k")
    )
    return _official_splits(train, test, _FASHION_NAMES)


def load_flowers(size: int) -> dict[str, Split]:
    """The five flowers: 70 % training, 15 % validation, 15 % test, the same for each class."""
    photos = []
    with tarfile.open(fetch(FLOWERS)) as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".jpg"):
                photos.append((PurePosixPath(member.name), _decode(_read_member(archive, member), size)))
    return _split_photos(photos, {"train": 0.7, "val": 0.15})


def load_cats_vs_dogs(size: int) -> dict[str, Split]:
    """Cats and dogs: the published training part; its validation part, halved, is validation and test."""
    photos: dict[str, list] = {"train": [], "validation": []}
    with zipfile.ZipFile(fetch(CATS_VS_DOGS)) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.suffix == ".jpg":
                photos[path.parts[-3]].append((path, _decode(archive.read(name), size)))
    halves = _split_photos(photos["validation"], {"val": 0.5})
    return _split_photos(photos["train"], {}, rest="train") | halves


def load_blood(_size: int) -> dict[str, Split]:
    """BloodMNIST at its own 28 pixels, with its official splits."""
    with np.load(fetch(BLOOD), allow_pickle=False) as arrays:
        return {
            part: Split(arrays[f"{part}_images"], arrays[f"{part}_labels"].ravel(), _BLOOD_NAMES)
            for part in ("train", "val", "test")
        }


def _official_splits(train: tuple, test: tuple, class_names: list[str]) -> dict[str, Split]:
    images, labels = train
    val, rest = split_rows(labels, [0.1])
    return {
        "train": Split(images[rest], labels[rest], class_names),
        "val": Split(images[val], labels[val], class_names),
        "test": Split(test[0], test[1], class_names),
    }


def _split_photos(photos: list, shares: dict[str, float], rest: str = "test") -> dict[str, Split]:
    photos = sorted(photos, key=lambda photo: str(photo[0]))
    names = sorted({path.parent.name for path, _ in photos})
    images = np.stack([image for _, image in photos])
    labels = np.array([names.index(path.parent.name) for path, _ in photos])
    parts = split_rows(labels, list(shares.values()))
    return {key: Split(images[rows], labels[rows], names) for key, rows in zip([*shares, rest], parts, strict=True)}


def _cifar_images(batches: list[dict]) -> np.ndarray:
    pixels = np.concatenate([batch[b"data"] for batch in batches])  # (num_images, 3072)
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _unpickle(content: bytes) -> dict:
    return pickle.loads(content, encoding="bytes")  # the archive's hash has been checked


def _read_member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    if file is None:
        msg = f"{member.name} in {Path(str(archive.name)).name} is not a file. Delete the archive to download it again."
        raise ValueError(msg)
    return file.read()


def _decode(content: bytes, size: int) -> np.ndarray:
    return decode_image(io.BytesIO(content), size).image
