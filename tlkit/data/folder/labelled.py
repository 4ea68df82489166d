"""Give files the classes that tables of labels name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tlkit.counts import count
from tlkit.data.folder.findings import Scan, list_names
from tlkit.data.folder.label_tables import BadTable, LabelRow, LabelTable, read_table
from tlkit.data.folder.photo_files import FoundFile
from tlkit.data.folder.split_words import class_key, read_split_names
from tlkit.data.given import check_file

__all__ = ["read_found_tables", "read_given_table"]


def read_given_table(root: Path, path: Path, files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Give files the classes of the table that the user names.

    Raises:
        FileNotFoundError: If it is neither there nor in `root`.
        ValueError: If it cannot be read, or names none of the files.
    """
    if not path.exists() and not (root / path).exists():
        msg = f"`labels` does not exist. Received: {path}. Seen from {Path.cwd()} and from {root}."
        raise FileNotFoundError(msg)
    table = read_table(check_file("labels", path if path.exists() else root / path, "a table of labels (CSV)"))
    labelled = label_files(files, [table], scan)
    if not labelled:
        names = list_names([row.file for row in table.rows])
        msg = f"`labels` names no photo in {root}. {table.path.name} names {names}; the folder has "
        msg += f"{list_names([file.path for file in files])}. Write the names as they are in the folder."
        raise ValueError(msg)
    return labelled


def read_found_tables(paths: Sequence[Path], files: Sequence[FoundFile], scan: Scan) -> list[FoundFile] | None:
    """Give files the classes of tables that are in the folder; `None` if there are none that name most of the files.

    Raises:
        BadTable: If a table cannot be used, and no folders show the classes.
    """
    tables, bad = _read_all(paths, scan)
    has_folders = len({file.folders for file in files}) > 1
    if has_folders:
        tables = _without_unnamed(tables, scan)
    num_named = sum(len(rows) for rows in _match(files, tables).rows.values())
    num_rows = sum(len(table.rows) for table in tables)
    is_used = num_named >= max(1, len(files) / 2) or (not has_folders and num_named >= max(1, num_rows / 2))
    if not is_used:
        there = list_names([file.path for file in files])
        for table in tables:
            names = list_names([row.file for row in table.rows])
            told = f"{table.path.name} names few of the photos: {names}, but the folder has {there}."
            bad[table.path] = f"{told} Write the names as they are in the folder."
    _tell_bad(bad, is_used or has_folders, scan)
    return label_files(files, tables, scan) if is_used else None


def _without_unnamed(tables: Sequence[LabelTable], scan: Scan) -> list[LabelTable]:
    """Leave out tables that say something else about photos in class folders: who took them, say."""
    for table in tables:
        if not table.is_named:
            told = f"{table.path.name} is not used: the folders tell the classes, and of its columns (read: "
            step = "If it holds the classes, name their column `label`, or pass it as `labels`."
            scan.find("table", f"{told}{table.columns}) none is named as a label.", step, [table.path])
    return [table for table in tables if table.is_named]


def _read_all(paths: Sequence[Path], scan: Scan) -> tuple[list[LabelTable], dict[Path, str]]:
    """The tables of labels, and why other tables are not."""
    tables, bad = [], {}
    for path in paths:
        try:
            if "submission" in path.stem.lower():  # made-up labels, to show what to hand in
                scan.skip(path, "an example of what to hand in, without labels", "no images")
            else:
                tables.append(read_table(path))
        except BadTable as error:
            bad[path] = str(error)
        except OSError as error:
            bad[path] = f"{path.name} cannot be read ({error.strerror or error})."
    return tables, bad


def _tell_bad(bad: dict[Path, str], has_classes: bool, scan: Scan) -> None:
    for path, reason in bad.items():
        if not has_classes:
            msg = f"{reason} Or take {path.name} out of the folder."
            raise BadTable(msg)
        if "label" in path.stem.lower():
            scan.find("table", f"A table is not used: {reason}", "Repair it, and it will be read.", [path])
        else:
            scan.skip(path, "not an image, and not a table of labels", "no images")


def label_files(files: Sequence[FoundFile], tables: Sequence[LabelTable], scan: Scan) -> list[FoundFile]:
    """Return the files with the classes and splits that the tables name.

    Files that the tables name but that are not there, that they name twice, or that they do not name, are noted in
    `scan`.
    """
    match = _match(files, tables)
    told = " and ".join(f"{table.path.parent.name}/{table.path.name} (columns {table.columns})" for table in tables)
    scan.find("labels", f"The classes are read from {told}.")
    for table in tables:
        for doubt, next_step in table.doubts:
            scan.find("table", doubt, next_step, [table.path])
    _tell_mismatches(match, scan)
    labelled = []
    for file in files:
        rows = match.rows.get(file.path, [])
        if len({class_key(row.label) for row in rows}) == 1 and rows[0].label:
            labelled.append(replace(file, class_name=rows[0].label, split=rows[0].split or file.split))
        else:
            reason = "several labels in the table" if len(rows) > 1 else "no label in the table"
            scan.skip(file.path, reason, "unlabelled")
    _compare_with_folders(labelled, scan)
    return _name_by_folders(labelled)


def _name_by_folders(files: list[FoundFile]) -> list[FoundFile]:
    """Where labels are only the numbers of class folders, take the folders' names."""
    pairs = {(file.folders[-1:], file.class_name) for file in files}
    folders, labels = {folder for folder, _ in pairs}, {label for _, label in pairs}
    is_number = all(label.isdecimal() for label in labels)
    if is_number and len(labels) > 1 and len(pairs) == len(folders) == len(labels) and () not in folders:
        return [replace(file, class_name=file.folders[-1]) for file in files]
    return files


@dataclass
class _Match:
    """Which rows name which files."""

    rows: dict[Path, list[LabelRow]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def _match(files: Sequence[FoundFile], tables: Sequence[LabelTable]) -> _Match:
    index = _FileIndex(file.path for file in files)
    splits = read_split_names([table.path.stem for table in tables]) if len(tables) > 1 else {}
    match = _Match()
    for table in tables:
        for row in table.rows:
            found = index.find(row.file, table.path)
            if len(found) == 1:
                row = replace(row, split=row.split or splits.get(table.path.stem))
                match.rows.setdefault(found[0], []).append(row)
            else:
                (match.unclear if found else match.missing).append(row.file)
    return match


def _tell_mismatches(match: _Match, scan: Scan) -> None:
    if match.missing:
        told = f"Named in the table, but not there: {count(len(match.missing), 'file')} ({list_names(match.missing)})."
        scan.find("missing files", told, "Add them, or delete their rows.")
    if match.unclear:
        told = f"Names in the table fit several files: {list_names(match.unclear)}; those rows are not used."
        scan.find("unclear files", told, "Write the folder before the name, as in train/1.jpg.")
    twice = {path: {row.label for row in rows} for path, rows in match.rows.items() if len(rows) > 1}
    torn = [path for path, labels in twice.items() if len({class_key(label) for label in labels}) > 1]
    if torn:
        told = f"The table gives {count(len(torn), 'file')} more than one label: {list_names(torn)}; not used."
        scan.find(
            "two labels", told, "Keep one row for each file; several labels for one photo are not supported.", torn
        )
    if len(twice) > len(torn):
        again = [path for path in twice if path not in torn]
        scan.find("named twice", f"The table names {count(len(again), 'file')} twice with one label.", "", again)


def _compare_with_folders(files: Sequence[FoundFile], scan: Scan) -> None:
    """Report photos in the folder of another class."""
    classes = {class_key(file.class_name) for file in files}
    torn = []
    for file in files:
        folders = {class_key(name) for name in file.folders} & classes
        if folders and class_key(file.class_name) not in folders:
            torn.append(file.path)
    if torn:
        told = f"{count(len(torn), 'photo')} in a folder of another class than the table says: {list_names(torn)}."
        scan.find(
            "table and folders", f"{told} The table is used.", "If the folders are right, remove the table.", torn
        )


class _FileIndex:
    """Finds the files that a cell may name: by the end of its path, with or without suffix, whatever the case."""

    def __init__(self, paths: Iterable[Path]):
        self._by_name: dict[str, list[Path]] = {}
        for path in paths:
            for key in {path.name.lower(), path.stem.lower()}:
                self._by_name.setdefault(key, []).append(path)

    def find(self, cell: str, table: Path) -> list[Path]:
        """Return the file, none, or several of the same name; those below the table's folder first."""
        parts = [part.lower() for part in re.split(r"[\\/]+", cell) if part not in ("", ".")]
        found = self._by_name.get(parts[-1], []) if parts else []
        for depth in range(2, len(parts) + 1):
            nearer = [path for path in found if _lies_in(path, parts[-depth:-1])]
            if not nearer:
                break
            found = nearer
        beside = [path for path in found if path.is_relative_to(table.parent)]
        return beside or found


def _lies_in(path: Path, folders: list[str]) -> bool:
    return [part.lower() for part in path.parts[-len(folders) - 1 : -1]] == folders
