"""Your own photos: a folder becomes a dataset. Nothing is written to the folder."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tlkit.counts import count
from tlkit.data.duplicates import group_duplicates, separate_scenes
from tlkit.data.folder.class_names import merge_spellings, review_names
from tlkit.data.folder.dataset import Duplicate, FolderDataset, build_dataset
from tlkit.data.folder.deal import Collection, split_photos
from tlkit.data.folder.findings import FolderWarning, Scan, list_names
from tlkit.data.folder.groups import check_pattern, group_by_path, join_groups
from tlkit.data.folder.labelled import read_found_tables, read_given_table
from tlkit.data.folder.layout import keep_classes, leave_out_unlearnable, read_classes
from tlkit.data.folder.masks import leave_out_masks
from tlkit.data.folder.photo_files import FoundFile, place_files, refuse
from tlkit.data.folder.review import review_counts, review_duplicates, review_photos, review_skipped
from tlkit.data.folder.scan import Photo, find_files, read_photos
from tlkit.data.given import check_folder, check_shares

__all__ = ["images_from_folder"]

_MOST_MEMORY = 0.5  # share of the computer's memory that photos may fill
_PUT_PHOTOS = "Put photos into it, in a folder for each class."
_OTHER_TABLES = (".txt", ".json", ".jsonl", ".xls", ".xlsx", ".ods", ".parquet", ".xml")  # may hold labels


def images_from_folder(
    path: str | os.PathLike[str],
    *,
    size: int = 64,
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
    min_per_class: int = 10,
    class_names: Sequence[str] | None = None,
    labels: str | os.PathLike[str] | None = None,
    group_by: str | None = None,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> FolderDataset:
    """Make a dataset of your own photos; each class in a folder of its name, or named in a table.

    Photos may have any size and mode; transparent pixels become white, EXIF rotation is applied, the first
    frame of an animation is taken, and the middle square is resized. What cannot be used is listed in `skipped` with
    the reason. Equal and nearly equal pictures (see `duplicates`) are kept in one split. What was decided or looks
    odd is said in `findings`, in the `repr` and on the card; what you should do something about leads to a warning.

    Args:
        path: The folder with `class/...`, or with `train/class/...` and `test/class/...` or `val/class/...`.
            Folders of years, places or persons around the classes, split names such as `seg_train` or `evaluation`,
            one outer folder of an archive, and file names such as `cat.1.jpg` are read, too. Where it is not clear
            what the classes are, an error says what to pass.
            Given splits are kept, except that a photo of which the test split (or, after that, the validation
            split) has a copy leaves the others; missing splits are taken from the training photos.
        size: Height and width in pixels, at least 8. Embedded weights are best at the size that they were trained
            for, mostly 64.
        val_share: Share of each class for validation, above 0; with `test_share` below 0.9.
        test_share: Share of each class for the test.
        seed: Chooses the splits.
        min_per_class: Different photos that a class needs, at least 3.
        class_names: The folders that are the classes, where the names of the folders do not tell. Other photos are
            left out.
        labels: A table (CSV) with a row for each photo: its file, its label and, if you like, its split. By default
            a table in the folder is read if it names most of the photos. See
            `tlkit.data.folder.label_tables.read_table`.
        group_by: A regular expression that finds in a photo's path, below `path`, what it shares with others: a
            specimen, a site, a camera, a day. Its first group counts, or the whole match if it has none. Photos of one
            group are in one split: otherwise the test asks for what was seen in training, and no copy betrays it.
        progress: Called with the files read, and all.

    Raises:
        FileNotFoundError: If `path` or `labels` does not exist.
        NotADirectoryError: If `path` is not a folder.
        ValueError: If the classes cannot be told or are fewer than two, a class has too few photos, or an argument
            is out of its range.

    Warns:
        FolderWarning: Once, with all findings that have a next step.
    """
    _check_least(size=(size, 8), min_per_class=(min_per_class, 3))
    check_shares(val_share, test_share)
    _check_class_names(class_names)
    if group_by is not None:
        check_pattern(group_by)
    root = check_folder(path)
    scan = Scan()
    files = _find_classes(root, scan, class_names, labels)
    _check_memory(len(files), size)
    photos = read_photos(files, size, scan, progress)
    review_skipped(scan)
    if not photos:
        refuse(root, f"none of its {count(len(files), 'file')} could be read as a photo.", "", scan)
    review_photos(photos, scan)
    names = list(class_names or sorted({file.class_name for file in files}))
    targets = np.array([names.index(photo.file.class_name) for photo in photos], int)
    groups = copies = _group(photos, targets, min_per_class, scan)
    if group_by is not None:
        groups = join_groups(copies, group_by_path(root, [photo.file.path for photo in photos], group_by, scan))
    shares = {"test": test_share, "val": val_share}
    pool = Collection(photos, names, targets, copies, groups)
    splits = split_photos(pool, shares, seed, min_per_class, scan)
    duplicates = _list_duplicates(photos, copies, scan)
    review_names(names, scan)
    review_counts(names, splits, scan)
    members = dict(zip((photo.file.path for photo in photos), groups.tolist(), strict=True))
    dataset = replace(build_dataset(root, splits, scan, duplicates), groups=members)
    _warn(root, dataset)
    return dataset


def _check_least(**arguments: tuple[int, int]) -> None:
    """Raise a `ValueError` unless each argument, given with its least value, is an integer that is not below it."""
    for name, (value, lowest) in arguments.items():
        if not isinstance(value, (int, np.integer)) or value < lowest:
            msg = f"`{name}` must be an integer of at least {lowest}. Received: {value!r}."
            raise ValueError(msg)


def _check_memory(num_files: int, size: int) -> None:
    """Raise a `ValueError` where so many photos of that size would fill the memory."""
    needed, there = 3 * num_files * size**2, _memory()
    if needed > _MOST_MEMORY * there:
        msg = (
            f"`size` {size} is too large: {count(num_files, 'photo')} take {needed / 1e9:,.0f} GB of memory, and this "
        )
        msg += f"computer has {there / 1e9:,.0f}. Pass a smaller `size`, or take photos out."
        raise ValueError(msg)


def _memory() -> float:
    """Bytes of memory; a guess where the system doesn't say."""
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):  # Windows has no `sysconf`
        return 16e9


def _check_class_names(names: Sequence[str] | None) -> None:
    if names is not None and (isinstance(names, str) or len(set(names)) < 2 or len(set(names)) < len(names)):
        msg = f"`class_names` must be a list of two or more different names of folders. Received: {names!r}."
        raise ValueError(msg)


def _find_classes(
    root: Path, scan: Scan, class_names: Sequence[str] | None, labels: str | os.PathLike[str] | None
) -> list[FoundFile]:
    """Find the files with their classes, in a table or in the folders."""
    paths, tables = find_files(root, scan)
    if not paths:
        review_skipped(scan)
        seen = " ".join(finding.sentence for finding in scan.findings if not finding.next_step)
        refuse(root, " ".join(["there is no photo in it.", seen]).strip(), _PUT_PHOTOS, scan)
    paths = leave_out_masks(root, paths, scan, class_names or ())
    files = place_files(root, paths, scan, class_names)
    if labels is not None:
        files = read_given_table(root, Path(labels).expanduser(), files, scan)
        for path in tables:
            if path.name != Path(labels).name:
                scan.skip(path, "not the table in `labels`", "no images")
    else:
        files = read_found_tables(tables, files, scan) or read_classes(root, files, scan, class_names)
    files = keep_classes(files, class_names, scan) if class_names else merge_spellings(files, scan)
    files = leave_out_unlearnable(files, scan)
    _check_classes(root, files, scan)
    return files


def _check_classes(root: Path, files: Sequence[FoundFile], scan: Scan) -> None:
    names = sorted({file.class_name for file in files})
    if len(names) > 1:
        return
    if names == [""]:
        problem = f"its {count(len(files), 'photo')} are in no class folders, and their names do not tell classes."
        step = "Make a folder for each class, or list the photos in labels.csv, under the columns file and label."
        others = [item.path for item in scan.skipped if item.path.suffix.lower() in _OTHER_TABLES]
        step += f" If {list_names(others)} has the labels, save it as such a CSV file." if others else ""
    else:
        problem = f"there is one class only, {names[0]!r}." if names else "there is no class."
        step = "Add a folder of photos of something else: a classifier tells at least two classes apart."
    review_skipped(scan)
    refuse(root, problem, step, scan)


def _group(photos: Sequence[Photo], targets: np.ndarray, min_per_class: int, scan: Scan) -> np.ndarray:
    """Number the photos so that copies have the same number; say where a fixed camera makes them look like copies."""
    images = [photo.decoded for photo in photos]
    groups, scenes = separate_scenes(group_duplicates(images), images, targets, min_per_class)
    paths = [photos[row].file.path for rows in scenes for row in rows]
    if paths:
        scan.find(
            "one scene",
            f"{count(len(paths), 'photo')} show nearly the same picture, as a fixed camera takes it: "
            f"{list_names(paths)}. They are used as different photos; only equal ones are kept in one split.",
            "If they are frames of a film, copies, or photos taken one after the other, put each series as a whole "
            "into train/ or test/. Otherwise, the test repeats what was learned. Check whether `size` still shows what "
            "differs.",
            paths,
        )
    return groups


def _list_duplicates(photos: Sequence[Photo], groups: np.ndarray, scan: Scan) -> list[Duplicate]:
    found = []
    numbers, counts = np.unique(groups, return_counts=True)
    for number in numbers[counts > 1]:
        members = [photos[row] for row in np.flatnonzero(groups == number).tolist()]
        found.append(
            Duplicate(
                paths=tuple(photo.file.path for photo in members),
                is_exact=len({photo.decoded.digest for photo in members}) == 1,
                class_names=tuple(sorted({photo.file.class_name for photo in members})),
            )
        )
    review_duplicates(found, scan)
    return found


def _warn(root: Path, dataset: FolderDataset) -> None:
    told = [f"- {finding}" for finding in dataset.findings if finding.next_step]
    if told:
        warnings.warn("\n".join([f"{root}: what to look at", *told]), FolderWarning, stacklevel=3)
