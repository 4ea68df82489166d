"""Own photos: a folder of class folders becomes a dataset. Nothing is written there."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tlkit.data.assemble import describe_counts
from tlkit.data.duplicates import group_duplicates
from tlkit.data.scan import Photo, Skipped, find_files, read_photos
from tlkit.data.split import Dataset, Split, Vault

__all__ = ["Duplicate", "FolderDataset", "images_from_folder"]

_SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Duplicate:
    """Files with the same picture, all of which are in one split.

    Attributes:
        paths: Two or more.
        is_exact: Whether the decoded pixels are equal; otherwise they are nearly equal.
        class_names: The classes that the files lie in. More than one is a mistake in the labels, most likely.
    """

    paths: tuple[Path, ...]
    is_exact: bool
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FolderDataset(Dataset):
    """A dataset from a folder, with what was not used and what was found twice.

    Attributes:
        skipped: Files and folders that were not used, each with the reason.
        duplicates: Pictures found more than once.
    """

    skipped: list[Skipped] = field(repr=False)
    duplicates: list[Duplicate] = field(repr=False)


def images_from_folder(
    path: str | os.PathLike[str],
    *,
    size: int = 64,
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
    min_per_class: int = 10,
) -> FolderDataset:
    """Make a dataset of own photos; each class in a folder of its name.

    Photos may have any size and mode; transparent pixels become white, EXIF rotation is applied, of an animation
    the first frame is taken, and the middle square is resized. What cannot be used is listed in `skipped` with
    the reason. Equal and nearly equal pictures (see `duplicates`) are kept in one split.

    Args:
        path: The folder with `class/...`, or with `train/class/...` and `test/class/...` or `val/class/...`.
            Given splits are kept, except that a photo of which the test split (or, after that, the validation
            split) has a copy leaves the others; missing splits are taken from the training photos.
        size: Height and width in pixels, at least 8.
        val_share: Share of each class for validation, above 0; with `test_share` below 0.9.
        test_share: Share of each class for the test.
        seed: Chooses the splits.
        min_per_class: Different photos that a class needs, at least 3.

    Raises:
        FileNotFoundError: If `path` does not exist.
        NotADirectoryError: If it is no folder.
        ValueError: If there are fewer than two classes, a class has too few photos, or an argument is out of
            its range.
    """
    _check_arguments(size, val_share, test_share, min_per_class)
    root = _check_folder(Path(path).expanduser())
    skipped: list[Skipped] = []
    files = find_files(root, skipped)
    names = sorted({file.class_name for file in files})
    if len(names) < 2:
        raise ValueError(_explain_too_few_classes(root, names, skipped))
    photos = read_photos(files, size, skipped)
    groups = group_duplicates([photo.decoded for photo in photos])
    labels = np.array([names.index(photo.file.class_name) for photo in photos], int)
    places = np.array([photo.file.split or "train" for photo in photos], object)
    _drop_copies(photos, groups, places, skipped)
    _check_counts(names, labels, groups, places, min_per_class)
    given = {photo.file.split for photo in photos}
    shares = {"test": test_share, "val": val_share}
    missing = {split: share for split, share in shares.items() if split not in given}
    pool = np.flatnonzero(places == "train")
    places[pool] = _deal(labels[pool], groups[pool], missing, seed)
    splits = {split: _make_split(photos, labels, names, np.flatnonzero(places == split)) for split in _SPLITS}
    _check_splits(splits, min_per_class)
    return _build(root, splits, skipped, _list_duplicates(photos, groups))


def _check_arguments(size: int, val_share: float, test_share: float, min_per_class: int) -> None:
    for name, value, lowest in (("size", size, 8), ("min_per_class", min_per_class, 3)):
        if not isinstance(value, (int, np.integer)) or value < lowest:
            msg = f"`{name}` must be an integer of at least {lowest}. Received: {value!r}."
            raise ValueError(msg)
    if not (val_share > 0 and test_share > 0 and val_share + test_share < 0.9):
        msg = (
            "`val_share` and `test_share` must be above 0, and below 0.9 together. "
            f"Received: {val_share!r} and {test_share!r}. Try 0.2 and 0.2."
        )
        raise ValueError(msg)


def _check_folder(root: Path) -> Path:
    if root.is_dir():
        return root
    if root.exists():
        msg = f"`path` must be a folder of class folders. Received a file: {root}. Unpack an archive first."
        raise NotADirectoryError(msg)
    siblings = [entry.name for entry in root.parent.iterdir() if entry.is_dir()] if root.parent.is_dir() else []
    near = difflib.get_close_matches(root.name, siblings, n=1)
    guess = f" Did you mean {root.parent / near[0]}?" if near else f" Seen from {Path.cwd()}."
    msg = f"`path` does not exist. Received: {root}.{guess}"
    raise FileNotFoundError(msg)


def _explain_too_few_classes(root: Path, names: list[str], skipped: list[Skipped]) -> str:
    inner = root / names[0] if names else root
    hint = ""
    if names and sum(entry.is_dir() for entry in inner.iterdir()) >= 2:
        hint = f" Did you mean {inner}?"
    found = ", ".join(names) or "none"
    reasons = "".join(f" {item.path.name}: {item.reason}." for item in skipped[:3])
    return f"`path` must hold at least two class folders with files. {root} has: {found}.{hint}{reasons}"


def _drop_copies(photos: list[Photo], groups: np.ndarray, places: np.ndarray, skipped: list[Skipped]) -> None:
    """Take copies of test photos out of training and validation, then those of validation out of training."""
    for keeper, losers in (("test", ("val", "train")), ("val", ("train",))):
        kept = {groups[row]: photos[row].file.path for row in np.flatnonzero(places == keeper)[::-1]}
        for row in np.flatnonzero(np.isin(places, losers)):
            if groups[row] in kept:
                places[row] = "dropped"
                skipped.append(Skipped(photos[row].file.path, f"the same picture as {keeper}: {kept[groups[row]]}"))


def _check_counts(
    names: list[str], labels: np.ndarray, groups: np.ndarray, places: np.ndarray, min_per_class: int
) -> None:
    pool = places == "train"
    found = [len(np.unique(groups[pool & (labels == label)])) for label in range(len(names))]
    poor = [f"{name!r} has {count}" for name, count in zip(names, found, strict=True) if count < min_per_class]
    if poor:
        msg = (
            f"Each class needs at least {min_per_class} different, usable photos to learn from and split, but "
            f"{', '.join(poor)}. Add photos, take the class folder out, or pass a smaller `min_per_class` "
            "(at least 3)."
        )
        raise ValueError(msg)


def _deal(labels: np.ndarray, groups: np.ndarray, shares: dict[str, float], seed: int) -> np.ndarray:
    """Deal whole groups to splits, each class by the shares: `(num_photos,)` names of splits."""
    rng = np.random.default_rng(seed)
    numbers, sizes = np.unique(groups, return_counts=True)
    order = rng.permutation(len(numbers))
    order = order[np.argsort(sizes[order], kind="stable")]  # single photos first: copies fall to training
    places = np.full(len(labels), "train", object)
    totals = np.bincount(labels)
    filled = {split: np.zeros(len(totals), int) for split in shares}
    for number in numbers[order]:
        rows = np.flatnonzero(groups == number)
        label = labels[rows[0]]
        for split, share in shares.items():
            target = max(1, int(share * totals[label]))
            if filled[split][label] == 0 or filled[split][label] + len(rows) <= target:
                places[rows] = split
                np.add.at(filled[split], labels[rows], 1)
                break
    return places


def _make_split(photos: list[Photo], labels: np.ndarray, names: list[str], rows: np.ndarray) -> Split:
    size = photos[0].decoded.image.shape[0]
    images = np.array([photos[row].decoded.image for row in rows], "uint8").reshape(-1, size, size, 3)
    return Split(images, labels[rows], names)


def _check_splits(splits: dict[str, Split], min_per_class: int) -> None:
    for name, split in splits.items():
        empty = np.flatnonzero(np.bincount(split.labels, minlength=len(split.class_names)) == 0)
        if len(empty):
            msg = (
                f"Class {split.class_names[empty[0]]!r} has no photo in the {name} split. Each class needs photos in "
                f"each given folder, and {min_per_class} that have no copy in another class: see `duplicates`."
            )
            raise ValueError(msg)


def _list_duplicates(photos: Sequence[Photo], groups: np.ndarray) -> list[Duplicate]:
    found = []
    numbers, counts = np.unique(groups, return_counts=True)
    for number in numbers[counts > 1]:
        members = [photos[row] for row in np.flatnonzero(groups == number)]
        found.append(
            Duplicate(
                paths=tuple(photo.file.path for photo in members),
                is_exact=len({photo.decoded.digest for photo in members}) == 1,
                class_names=tuple(sorted({photo.file.class_name for photo in members})),
            )
        )
    return found


def _build(root: Path, splits: dict[str, Split], skipped: list[Skipped], duplicates: list[Duplicate]) -> FolderDataset:
    return FolderDataset(
        name=root.resolve().name,
        class_names=splits["train"].class_names,
        card=_write_card(root, splits, skipped, duplicates),
        train=splits["train"],
        val=splits["val"],
        test=Vault(splits["test"]),
        skipped=skipped,
        duplicates=duplicates,
    )


def _write_card(root: Path, splits: dict[str, Split], skipped: list[Skipped], duplicates: list[Duplicate]) -> str:
    mixed = sum(len(duplicate.class_names) > 1 for duplicate in duplicates)
    lines = [
        f"# {root.resolve().name}: your own photos",
        "",
        f"{len(duplicates)} pictures were found more than once ({mixed} of them in more than one class); "
        f"{len(skipped)} files or folders were not used.",
        "",
        *[f"- `{item.path.name}`: {item.reason}" for item in skipped[:10]],
        *([f"- and {len(skipped) - 10} more: see `skipped`"] if len(skipped) > 10 else []),
        "",
        describe_counts(splits),
        "",
    ]
    return "\n".join(lines)
