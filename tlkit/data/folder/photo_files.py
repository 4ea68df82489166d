"""The files of a folder, with the splits that their folders name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Never

from tlkit.data.folder.findings import Scan
from tlkit.data.folder.split_words import read_split_names, split_word

__all__ = ["FoundFile", "place_files", "refuse", "unwrap", "without_level"]


@dataclass(frozen=True)
class FoundFile:
    """A file that may be a photo.

    Attributes:
        path: Where it lies.
        folders: The folders between the root and the file that may be its class, the outermost first.
        split: "train", "val" or "test"; `None` where nothing says it.
        class_name: Empty until it is known.
    """

    path: Path
    folders: tuple[str, ...] = ()
    split: str | None = None
    class_name: str = ""


def refuse(root: Path, problem: str, next_step: str, scan: Scan) -> Never:
    """Raise an error about what keeps a folder from being read, with what was found so far."""
    seen = [str(finding) for finding in scan.findings if finding.next_step]
    parts = [f"`path` cannot be read as classes of photos. {root}: {problem}", next_step, *seen]
    raise ValueError(" ".join(part for part in parts if part))


def place_files(
    root: Path, paths: Sequence[Path], scan: Scan, class_names: Sequence[str] | None = None
) -> list[FoundFile]:
    """Give each file its folders and, where folders say it, its split; folders that only wrap others are left out.

    Folders of `class_names` are not splits, whatever their names.
    """
    files = [FoundFile(path, path.relative_to(root).parts[:-1]) for path in paths]
    files = unwrap(files, scan)
    for level in range(max((len(file.folders) for file in files), default=0)):
        names = {file.folders[level] for file in files if len(file.folders) > level}
        found = None if names & set(class_names or ()) else _split_at(root, files, level, scan)
        if found is not None:
            return found
    return files


def unwrap(files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Leave out outer folders that all files share, as zip archives have them."""
    files, outer = list(files), []
    while True:
        inside = [file for file in files if file.folders]
        names = {file.folders[0] for file in inside}
        deep = sum(len(file.folders) > 1 for file in inside)
        if len(names) != 1 or len(inside) <= len(files) / 2 or deep <= len(inside) / 2:
            break
        outer += names
        files = [replace(file, folders=file.folders[1:]) if file.folders else file for file in files]
    if outer:
        scan.find("wrapped", f"All photos are in {'/'.join(outer)}/: the folders inside it are read.")
    return files


def _split_at(root: Path, files: list[FoundFile], level: int, scan: Scan) -> list[FoundFile] | None:
    """The files with their splits, if the folders at this level are splits."""
    here = [file for file in files if len(file.folders) > level]
    names = {file.folders[level] for file in here}
    splits = read_split_names(names)
    if not _are_splits(here, names, splits, level):
        return None
    if "train" not in splits.values():
        step = "Name the folder of photos to learn from train/, or move the class folders out of these."
        refuse(root, f"there are {_list_folders(splits)}, but no train/.", step, scan)
    if any(name.lower() != split for name, split in splits.items()):
        told = ", ".join(f"{name}/ as {splits[name]}" for name in sorted(splits))
        scan.find("splits", f"Folders are read as splits: {told}.")
    classes = _classes_in_split_names(splits)
    placed = []
    for file in files:
        name = file.folders[level] if len(file.folders) > level else ""
        if name in splits:
            folders = file.folders[:level] + classes[name] + without_level(file.folders, level)[level:]
            placed.append(replace(file, folders=folders, split=splits[name]))
        else:
            where = f"{name}/ is a folder beside train/ that is not val/ or test/" if name else "beside train/"
            scan.skip(file.path, where, "place")
    return placed


def _classes_in_split_names(splits: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """The class that each name of a split also gives, as in `cats_train`, `cats_test`, `dogs_train`, `dogs_test`."""
    rests = {name: (split_word(name) or ("", ""))[1] for name in splits}
    are_classes = len(set(rests.values())) > 1 and all(rests.values())
    return {name: (rest,) if are_classes else () for name, rest in rests.items()}


def _are_splits(here: list[FoundFile], names: set[str], splits: dict[str, str], level: int) -> bool:
    found = set(splits.values())
    if len(found) > 1 and len(splits) == len(names):
        return True
    with_folders = {file.folders[level] for file in here if len(file.folders) > level + 1}
    is_plain = len(found) > 1 or with_folders <= set(splits)  # there is nothing like it beside train/ alone
    return level == 0 and "train" in found and bool(with_folders & set(splits)) and is_plain


def without_level(folders: tuple[str, ...], level: int) -> tuple[str, ...]:
    """Leave one of the folders out."""
    return folders[:level] + folders[level + 1 :]


def _list_folders(names: dict[str, str]) -> str:
    return " and ".join(f"{name}/" for name in sorted(names))
