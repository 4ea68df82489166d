"""Your own time series, from a table with one line for each series and time."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from tlkit.data.arrays import ArraySplit, Field
from tlkit.data.csv_rows import Row, read_rows
from tlkit.data.given import LeftOut, check_file, check_shares
from tlkit.data.own import OwnDataset, build_own, deal_groups, tell_skipped

__all__ = ["series_from_csv"]

_MIN_SERIES, _MIN_TIMES = 5, 10
_MOST_ODD = 0.05  # share of times that may be unreadable
_GAP = 2.5  # steps of time that are a gap
_LARGEST = float(np.finfo(np.float32).max)
_TAKEN = ("value", "known", "series", "times")  # what the arrays are called

Cells = dict[str, dict[float, list[float]]]


def series_from_csv(
    path: str | os.PathLike[str],
    *,
    value: str,
    time: str = "date",
    series: str | None = None,
    covariates: Sequence[str] = (),
    by: str = "time",
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
) -> OwnDataset:
    """Make a data set of your own series: sales of shops, temperatures of stations, pulses of people.

    Series are laid on one axis of time, whose steps are all times of the table. A time that a series lacks is 0 there,
    and `known` is false. Lines without a number, or with a time that the series has already, are listed in `skipped`.

    Args:
        path: A CSV file in UTF-8 with a header; cells may be separated by commas, semicolons, tabs or bars.
        value: Name of the column to forecast.
        time: Name of the column of times: numbers, or dates as 2026-03-31.
        series: Name of the column that tells the series apart; by default there is one.
        covariates: Names of further columns of numbers, as prices.
        by: `"time"`: all series are in each split, the last times in the test, those before in validation.
            `"series"`: each series is in one split alone, whole: is what was learned of others good for a new one?
        val_share: Share of the times, or of the series, for validation, above 0; with `test_share` below 0.9.
        test_share: Share for the test.
        seed: Chooses the splits where they are by series.

    Returns:
        Arrays `value`, `known`, `series`, and one for each covariate; `times` is the axis of time, in days where the
        table has dates.

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it cannot be read, or there are fewer than 10 times, or, split by series, 5 series.
    """
    check_shares(val_share, test_share)
    if by not in ("time", "series"):
        msg = f"`by` must be 'time' or 'series'. Received: {by!r}."
        raise ValueError(msg)
    file, skipped = check_file("path", path, "a CSV file"), []
    numbers = (value, *covariates)
    _check_names(numbers)
    columns = [("value", value), ("time", time), *(("covariates", name) for name in covariates)]
    rows = read_rows(file, [*columns, ("series", series)] if series else columns, skipped)
    cells = _read_cells(file.name, rows, time, series, numbers, skipped)
    _check_times(file.name, rows, time)
    everything = _as_split(cells, numbers, skipped)
    notes = [*_note_gaps(everything["times"]), *_note_thousands(rows, numbers)]
    if any("already has this time" in item.reason for item in skipped) and not series:
        notes.append("Some times are told more than once. If a column tells series apart, pass it as `series`.")
    if by == "series":
        _check_number("series", len(everything), _MIN_SERIES, "Split by time: `by='time'`.")
        groups, labels = np.arange(len(everything)), np.zeros(len(everything), int)
        parts = deal_groups(groups, labels, val_share=val_share, test_share=test_share, seed=seed)
        splits = {part: everything.select(own) for part, own in parts.items()}
    else:
        splits = _split_times(everything, val_share, test_share)
    return build_own(file.stem, splits, skipped, notes=notes)


def _check_times(name: str, rows: list[Row], time: str) -> None:
    """Raise a `ValueError` where times are written in several ways: one of them would be left out."""
    odd = [row for row in rows if _as_time(row.cells[time]) is None]
    if _MOST_ODD * len(rows) < len(odd) < len(rows):
        msg = f"{name} has {len(odd)} of {len(rows)} times in column {time!r} that are no numbers and no dates as "
        msg += f"2026-03-31, such as {odd[0].cells[time]!r} in line {odd[0].number}. Write all alike."
        raise ValueError(msg)


def _note_gaps(times: np.ndarray) -> list[str]:
    """A note where the steps of the axis of time differ much: some times are missing in all series."""
    steps = np.diff(times[0].astype(float))
    usual = float(np.median(steps))
    if steps.max() < _GAP * usual:
        return []
    return [f"Times are up to {steps.max():g} apart, mostly {usual:g}: what lies between is not filled in."]


def _note_thousands(rows: list[Row], numbers: Sequence[str]) -> list[str]:
    """Notes on columns whose points may stand for thousands."""
    notes = []
    for column in numbers:
        pointed = [row.cells[column] for row in rows if "." in row.cells[column]]
        if pointed and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", cell) for cell in pointed):
            told = f"Column {column!r} is read with decimal points ({pointed[0]} is {float(pointed[0]):g}): "
            notes.append(f"{told}if they mark thousands, take them out.")
    return notes


def _check_names(numbers: Sequence[str]) -> None:
    taken = [name for name in numbers[1:] if name in _TAKEN or numbers.count(name) > 1]
    if taken:
        msg = f"`covariates` must differ from each other, from `value` and from {', '.join(_TAKEN)}. "
        raise ValueError(msg + f"Received: {taken[0]!r}. Rename the column.")


def _read_cells(
    name: str, rows: list[Row], time: str, series: str | None, numbers: Sequence[str], skipped: list[LeftOut]
) -> Cells:
    """Numbers by series and time."""
    cells: Cells = {}
    for row in rows:
        where = f"{name}, line {row.number}"
        when = _as_time(row.cells[time])
        found = [_as_number(row.cells[column]) for column in numbers]
        if when is None or None in found:
            column = time if when is None else numbers[found.index(None)]
            kind = "time" if when is None else "number"
            skipped.append(LeftOut(where, f"no {kind} in column {column!r}: {row.cells[column]!r}"))
            continue
        own = cells.setdefault(row.cells[series] if series else "", {})
        if when in own:
            skipped.append(LeftOut(where, f"the series already has this time: {row.cells[time]!r}"))
        else:
            own[when] = [number for number in found if number is not None]
    return cells


def _as_number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if abs(number) < _LARGEST else None


def _as_time(cell: str) -> float | None:
    """A number, or the days of a date since 1970."""
    try:
        return (datetime.fromisoformat(cell).replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds() / 86400
    except ValueError:
        return _as_number(cell)


def _as_split(cells: Cells, numbers: Sequence[str], skipped: list[LeftOut]) -> ArraySplit:
    times = sorted({when for own in cells.values() for when in own})
    _check_number(
        "times",
        len(times),
        _MIN_TIMES,
        "Is `time` the column of times, as numbers or 2026-03-31?" + tell_skipped(skipped),
    )
    place = {when: column for column, when in enumerate(times)}
    values = np.zeros((len(numbers), len(cells), len(times)), np.float32)
    known = np.zeros(values.shape[1:], bool)
    for row, own in enumerate(cells.values()):
        columns = [place[when] for when in own]
        values[:, row, columns] = np.array(list(own.values()), np.float32).T
        known[row, columns] = True
    names = ["value", *numbers[1:]]
    schema = {name: Field("series", (None,), f"column {column!r}") for name, column in zip(names, numbers, strict=True)}
    schema |= {"known": Field("mask", (None,), "times that the series has"), "series": Field("text", about="its name")}
    schema["times"] = Field("series", (None,), "when: as in the table, dates as days since 1970")
    arrays = dict(zip(names, values, strict=True)) | {"known": known, "series": np.array(list(cells), object)}
    arrays["times"] = np.repeat(np.array(times, np.float32)[None], len(cells), 0)
    return ArraySplit(arrays, schema, noun="series")


def _split_times(everything: ArraySplit, val_share: float, test_share: float) -> dict[str, ArraySplit]:
    """The same series in consecutive stretches of time."""
    num_times = everything["times"].shape[1]
    ends = [round(num_times * (1 - val_share - test_share)), round(num_times * (1 - test_share))]
    stretches = {"train": slice(None, ends[0]), "val": slice(*ends), "test": slice(ends[1], None)}

    def cut(times: slice) -> ArraySplit:
        arrays = {name: array if array.ndim == 1 else array[:, times] for name, array in everything.arrays.items()}
        return ArraySplit(arrays, everything.schema, noun=everything.noun)

    return {part: cut(times) for part, times in stretches.items()}


def _check_number(noun: str, found: int, needed: int, step: str) -> None:
    if found < needed:
        msg = f"At least {needed} {noun} are needed to learn from and split. Received: {found}. {step}"
        raise ValueError(msg)
