"""Read from the folders of photos which class each is of, or say why that is not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tlkit.counts import count
from tlkit.data.folder.findings import Scan, list_names
from tlkit.data.folder.photo_files import FoundFile, refuse, unwrap, without_level
from tlkit.data.folder.split_words import (
    are_contents,
    class_in_file_name,
    class_key,
    rank_as_group,
    read_split_names,
    split_word,
)

__all__ = ["keep_classes", "leave_out_unlearnable", "read_classes"]

SPLITS = ("train", "val", "test")
_MIN_PER_PREFIX = 3  # files that a class named in file names needs, to be believed
_MOST = 0.9  # share of the files whose names must tell a class


def read_classes(
    root: Path, files: Sequence[FoundFile], scan: Scan, class_names: Sequence[str] | None = None
) -> list[FoundFile]:
    """Give each file its class; files that have none are noted in `scan`.

    Args:
        root: For messages.
        files: From `place_files`.
        scan: Takes what was found.
        class_names: The folders that are classes; by default they are told from the names.

    Raises:
        ValueError: If it is not clear which folders are the classes.
    """
    if class_names is not None:
        return _read_given_classes(files, class_names, scan)
    files = unwrap(_without_strays(files, scan), scan)
    if len({file.folders for file in files}) < 2:
        files = _read_file_names(files, scan)
    else:
        files = _choose_level(root, files, scan)
    _check_names(root, files, scan)
    return files


def _last_folder(file: FoundFile) -> str:
    """The folder as a class, unless it tells a split or what is done with the files."""
    name = file.folders[-1] if file.folders else ""
    return "" if are_contents([name]) or split_word(name) in [(split, "") for split in SPLITS] else name


def keep_classes(files: Sequence[FoundFile], class_names: Sequence[str], scan: Scan) -> list[FoundFile]:
    """Leave out what is in no class of `class_names`, and spell the classes as they are spelled there."""
    find = _class_finder(class_names)
    kept = []
    for file in files:
        name = find(file.class_name)
        if name is None:
            scan.skip(file.path, f"its class {file.class_name!r} is not in `class_names`", "other")
        else:
            kept.append(replace(file, class_name=name))
    missing = [name for name in class_names if name not in {file.class_name for file in kept}]
    if missing:
        there = list_names(sorted({file.class_name for file in files}), 12)
        msg = f"`class_names` has {missing[0]!r}, but no photo is of that class. There are: {there or 'none'}."
        raise ValueError(msg)
    return kept


def leave_out_unlearnable(files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Leave out classes that only the validation or test folder has."""
    learned = {file.class_name for file in files if file.split in (None, "train")}
    only = sorted({file.class_name for file in files} - learned)
    if only:
        told = f"{list_names(only)} {'is' if len(only) == 1 else 'are'} in no training folder, and not used."
        kept = {file.split for file in files if file.class_name in learned}
        lost = sorted({file.split for file in files if file.split} - kept)
        told += "".join(f" Nothing is left of the {split} folder: that split is dealt anew." for split in lost)
        step = f"Give classes the same names in each folder: train/ has {list_names(sorted(learned), 6)}."
        scan.find("only in test", told, step)
    for file in files:
        if file.class_name not in learned:
            scan.skip(file.path, "its class is in no training folder", "other")
    return [file for file in files if file.class_name in learned]


def _without_strays(files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Leave out loose files beside class folders, and a test split without class folders."""
    for split in (None, "train", "val", "test"):
        of_split = [file for file in files if file.split == split]
        loose = [file for file in of_split if not file.folders]
        with_folders = any(file.folders for file in files)
        if not loose or not with_folders or len(loose) > len(files) / 2:
            continue
        if split in ("val", "test") and len(loose) == len(of_split):
            scan.find(
                "unlabelled",
                f"The {split} folder has {count(len(loose), 'photo')} without class folders: without labels they "
                f"measure nothing. The {split} split is taken from the training photos.",
                "Put them into class folders, or name their labels in labels.csv (columns: file, label).",
                [file.path for file in loose],
            )
        for file in loose:
            scan.skip(file.path, "not in a class folder", "place")
        files = [file for file in files if file.split != split or file.folders]
    return list(files)


def _choose_level(root: Path, files: list[FoundFile], scan: Scan) -> list[FoundFile]:
    """Read the class from the outer or the inner of nested folders, whichever is clearly not a year or a place."""
    deep = [file for file in files if len(file.folders) > 1]
    outer, inner = ({file.folders[level] for file in deep} for level in (0, 1))
    if len(inner) == 1 and sum(len(file.folders) > 2 for file in deep) > len(deep) / 2:  # tells nothing
        return _choose_level(root, [replace(file, folders=without_level(file.folders, 1)) for file in files], scan)
    if len(deep) <= len(files) / 2 or len(inner) == 1:
        return _take_outer(files, deep, "", scan)
    ranks = rank_as_group({file.folders[0] for file in files}), rank_as_group(inner)
    if ranks[0] > ranks[1]:
        return _take_inner(root, files, outer, scan)
    if ranks[0] < ranks[1]:
        return _take_outer(files, deep, "", scan)
    keys = Counter(key for _, key in {(file.folders[0], class_key(file.folders[1])) for file in deep})
    if sum(number > 1 for number in keys.values()) >= len(keys) / 2:
        problem = f"the classes may be {list_names(sorted(outer))}, or {list_names(sorted(inner))} in each of them."
        step = f"Pass {_call(outer)} or {_call(inner)}."
        step += f" If {list_names(sorted(outer))} are splits, name them train/ and test/." if len(outer) < 4 else ""
        refuse(root, problem, step, scan)
    step = f"If the inner folders are the classes, pass {_call(inner)}."
    if len({file.folders[:2] for file in deep}) == len(outer):  # one in each: it tells nothing more
        step = ""
    return _take_outer(files, deep, step, scan)


def _take_outer(files: list[FoundFile], deep: list[FoundFile], next_step: str, scan: Scan) -> list[FoundFile]:
    inner = sorted({file.folders[1] for file in deep})
    if inner and not are_contents(inner):
        told = f"Folders in class folders count for the outer class: {list_names(inner)}."
        scan.find("nested", told, next_step)
    return [replace(file, class_name=file.folders[0]) for file in files]


def _take_inner(root: Path, files: list[FoundFile], outer: set[str], scan: Scan) -> list[FoundFile]:
    pairs = {(file.folders[0], class_key(file.folders[1])) for file in files if len(file.folders) > 1}
    if len(pairs) == len({key for _, key in pairs}):
        told = f"No class is in more than one of the outer folders ({list_names(sorted(outer))}): a network may learn "
        told += "to tell these apart, by their light or their camera, and not the classes."
        scan.find("confounded", told, "Add photos of each class from each of them.")
    scan.find(
        "groups",
        f"The outer folders ({list_names(sorted(outer))}) tell when, where or of whom the photos are. The classes are "
        "the folders inside them, and photos of all outer folders are mixed in each split.",
        "To measure on a new place, time or person, put their folders into train/ and test/.",
    )
    for file in files:
        if len(file.folders) < 2:
            scan.skip(file.path, "not in a class folder", "place")
    inside = [replace(file, folders=file.folders[1:]) for file in files if len(file.folders) > 1]
    return _choose_level(root, inside, scan)


def _read_file_names(files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Read classes from names such as `cat.1.jpg`; where these do not say so clearly, the folder is the class."""
    names = {file.path: class_in_file_name(file.path) for file in files}
    learned = [file for file in files if file.split in (None, "train")]
    keys = Counter(class_key(names[file.path] or "") for file in learned)
    keys.pop("", None)
    named = sum(number for number in keys.values() if number >= _MIN_PER_PREFIX)
    if len(keys) < 2 or named < _MOST * len(learned):
        return [replace(file, class_name=_last_folder(file)) for file in files]
    example = next(file for file in learned if names[file.path])
    scan.find(
        "file names",
        f"There are no class folders: the classes are read from the file names, as in {example.path.name}.",
        "If they are not classes, put the photos into class folders.",
    )
    read = []
    for file in files:
        name = names[file.path] or ""
        if keys[class_key(name)] >= _MIN_PER_PREFIX:
            read.append(replace(file, class_name=name))
        else:
            scan.skip(file.path, "its name says no class", "unnamed")
    return read


def _read_given_classes(files: Sequence[FoundFile], class_names: Sequence[str], scan: Scan) -> list[FoundFile]:
    find = _class_finder(class_names)
    read = []
    for file in files:
        candidates = [*reversed(file.folders), class_in_file_name(file.path) or ""]
        name = next((found for each in candidates if (found := find(each))), None)
        if name is None:
            scan.skip(file.path, "in no folder of `class_names`", "place")
        else:
            read.append(replace(file, class_name=name))
    around = {folder for file in read for folder in file.folders[:-1]} - set(class_names)
    if len(around) > 1:
        told = f"Photos of all folders around the classes ({list_names(sorted(around))}) are mixed in each split."
        scan.find("groups", told, "If some are for testing, name them train/ and test/.")
    missing = [name for name in class_names if name not in {file.class_name for file in read}]
    if missing:
        folders = sorted({name for file in files for name in file.folders})
        msg = f"`class_names` has {missing[0]!r}, but no folder of that name holds a photo. "
        msg += f"There are: {list_names(folders, 12) or 'no folders'}."
        raise ValueError(msg)
    return read


def _class_finder(class_names: Sequence[str]) -> Callable[[str], str | None]:
    """Finds a class by its exact name, or by another spelling where that is of one class only."""
    keys = Counter(class_key(name) for name in class_names)
    by_key = {class_key(name): name for name in class_names if keys[class_key(name)] == 1}
    return lambda name: name if name in class_names else by_key.get(class_key(name))


def _check_names(root: Path, files: Sequence[FoundFile], scan: Scan) -> None:
    names = sorted({file.class_name for file in files if file.class_name})
    if len(names) < 2:
        return
    if rank_as_group(names) == 3:
        problem = f"the folders tell when or where the photos were taken ({list_names(names)}), not what they show."
    elif are_contents(names) or len(set(read_split_names(names).values())) > 1:
        problem = f"the folders tell what the photos are for ({list_names(names)}), not what they show."
    else:
        return
    step = "Make a folder for each class, or list files and labels in labels.csv; "
    step += f"if these are the classes, pass {_call(names)}."
    refuse(root, problem, step, scan)


def _call(names: Sequence[str] | set[str]) -> str:
    shown = ", ".join(repr(name) for name in sorted(names)[:6]) + (", ..." if len(names) > 6 else "")
    return f"class_names=[{shown}]"
