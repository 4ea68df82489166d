"""Your own texts with labels, from a table."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace

import numpy as np

from tlkit.data.arrays import ArraySplit, Field
from tlkit.data.csv_rows import Row, read_rows
from tlkit.data.given import LeftOut, check_file, check_shares
from tlkit.data.own import (
    OwnDataset,
    build_own,
    check_classes,
    deal_groups,
    group_equal,
    merge_labels,
)

__all__ = ["texts_from_csv"]

_SCHEMA = {"text": Field("text", about="as in the table"), "label": Field("label", about="the class")}


def texts_from_csv(
    path: str | os.PathLike[str],
    *,
    text: str = "text",
    label: str = "label",
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
    min_per_class: int = 10,
) -> OwnDataset:
    """Make a data set of your own texts: a table with one text and one label per line.

    Labels that differ only in case or spaces are one class, which `notes` tells. Lines that lack one of them are listed
    in `skipped`. Texts with the same words, in whatever case and punctuation, are in one split, and listed in
    `duplicates`; where their labels differ, all of them are left out.

    Args:
        path: A CSV file in UTF-8 with a header; cells may be separated by commas, semicolons, tabs or bars.
        text: Name of the column of texts.
        label: Name of the column of labels.
        val_share: Share for validation, above 0; with `test_share` below 0.9.
        test_share: Share for the test.
        seed: Chooses the splits.
        min_per_class: Different texts that a class needs, at least 3.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it cannot be read, has fewer than two classes, or a class has too few texts.
    """
    check_shares(val_share, test_share)
    file, skipped = check_file("path", path, "a CSV file"), []
    rows = read_rows(file, [("text", text), ("label", label)], skipped)
    rows, notes = _with_merged_labels(file.name, rows, label, skipped)
    keys = [" ".join(re.findall(r"\w+", row.cells[text].lower())) or row.cells[text] for row in rows]
    rows, keys = _without_contradictions(file.name, rows, keys, label, skipped)
    names = sorted({row.cells[label] for row in rows})
    groups = group_equal(keys)
    labels = np.array([names.index(row.cells[label]) for row in rows], int)
    check_classes(names, labels, groups, min_per_class, "texts", f"Column {label!r}", skipped)
    arrays = {"text": np.array([row.cells[text] for row in rows], object), "label": labels}
    everything = ArraySplit(arrays, _SCHEMA, names, "texts")
    parts = deal_groups(groups, labels, val_share=val_share, test_share=test_share, seed=seed)
    places = [f"line {row.number}" for row in rows]
    return build_own(
        file.stem, {part: everything.select(own) for part, own in parts.items()}, skipped, places, groups, notes
    )


def _with_merged_labels(name: str, rows: list[Row], label: str, skipped: list[LeftOut]) -> tuple[list[Row], list[str]]:
    """Give spellings of one label one name, and leave out rows whose label says that there is none."""
    labels, notes = merge_labels([row.cells[label] for row in rows])
    kept = []
    for row, name_of_class in zip(rows, labels, strict=True):
        if name_of_class:
            kept.append(replace(row, cells={**row.cells, label: name_of_class}))
        else:
            skipped.append(LeftOut(f"{name}, line {row.number}", f"no label: {row.cells[label]!r}"))
    return kept, notes


def _without_contradictions(
    name: str, rows: list[Row], keys: list[str], label: str, skipped: list[LeftOut]
) -> tuple[list[Row], list[str]]:
    """Leave out texts that have two labels in the table: one of them is wrong, and nobody knows which."""
    pairs = {(key, row.cells[label]) for key, row in zip(keys, rows, strict=True)}
    torn = {key for key, count in Counter(key for key, _ in pairs).items() if count > 1}
    for row, key in zip(rows, keys, strict=True):
        if key in torn:
            skipped.append(LeftOut(f"{name}, line {row.number}", "the same text has another label elsewhere"))
    kept = [(row, key) for row, key in zip(rows, keys, strict=True) if key not in torn]
    return [row for row, _ in kept], [key for _, key in kept]
