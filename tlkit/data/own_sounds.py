"""Your own recordings: a folder of class folders with sound files."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tlkit.data.arrays import ArraySplit, Field
from tlkit.data.folder.split_words import read_split_names
from tlkit.data.given import LeftOut, check_folder, check_shares
from tlkit.data.own import OwnDataset, build_own, check_classes, deal_groups, group_equal, merge_labels
from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import log_mel

__all__ = ["sounds_from_folder"]

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".aif", ".aiff")
_MIN_SECONDS = 0.05
_SCHEMA = {
    "picture": Field("spectrogram", (64, 64), "the log-mel picture of the sound"),
    "label": Field("label", about="the class"),
    "speaker": Field("text", about="who speaks, as the file's name says; empty where it does not"),
    "file": Field("text", about="the path below the folder"),
}


class _Clip(NamedTuple):
    file: str
    class_name: str
    speaker: str
    picture: np.ndarray
    digest: bytes


def sounds_from_folder(
    path: str | os.PathLike[str],
    *,
    speaker: str | None = None,
    seconds: float | None = None,
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
    min_per_class: int = 10,
) -> OwnDataset:
    """Make a data set of your own recordings of words; each class is in a folder with its name.

    Any rate and number of channels will do. What cannot be used (no sound, silent, shorter than 0.05 seconds) is listed
    in `skipped`, and the same sound under two names is in one split.

    Args:
        path: The folder with `class/...`; WAV, FLAC, OGG, MP3 or AIFF.
        speaker: A regular expression whose first group, found in a file's name, says who speaks, as `r"_([a-z]+)_"` in
            `7_theo_3.wav`. Each speaker is in one split alone. Without it the test tells how well the *same* people are
            understood.
        seconds: Time that a picture spans; by default the word fills it: see `log_mel`.
        val_share: Share for validation, above 0; with `test_share` below 0.9.
        test_share: Share for the test.
        seed: Chooses the splits.
        min_per_class: Different sounds that a class needs, at least 3.

    Raises:
        FileNotFoundError: If the folder does not exist.
        ValueError: If there are fewer than two classes, a class has too few sounds, there are fewer than three
            speakers, or an argument is out of its range.
    """
    check_shares(val_share, test_share)
    root, skipped, pattern = check_folder(path), [], _compile(speaker)
    clips = [clip for file in _find_files(root, skipped) if (clip := _read(root, file, pattern, seconds, skipped))]
    _check_no_splits(root, {clip.class_name for clip in clips})
    classes, notes = merge_labels([clip.class_name for clip in clips])
    names = sorted(set(classes))
    labels = np.array([names.index(name) for name in classes], int)
    groups = group_equal([clip.digest for clip in clips])
    check_classes(names, labels, groups, min_per_class, "sounds", f"The folder {root.name}", skipped)
    speakers = [clip.speaker for clip in clips]
    if pattern is not None:
        _check_speakers(speakers)
    arrays = {
        "picture": np.stack([clip.picture for clip in clips]),
        "label": labels,
        "speaker": np.array(speakers, object),
        "file": np.array([clip.file for clip in clips], object),
    }
    everything = ArraySplit(arrays, _SCHEMA, names, "sounds")
    together = groups if pattern is None else _join(groups, group_equal(speakers))
    parts = deal_groups(together, labels, val_share=val_share, test_share=test_share, seed=seed)
    splits = {part: everything.select(rows) for part, rows in parts.items()}
    return build_own(root.resolve().name, splits, skipped, [clip.file for clip in clips], groups, notes)


def _check_no_splits(root: Path, names: set[str]) -> None:
    splits = read_split_names(names)
    if "train" in splits.values() and len(splits) == len(names):
        msg = (
            f"The folders in {root.name} are splits ({', '.join(sorted(names))}), not classes; splits are dealt here. "
        )
        raise ValueError(msg + "Pass the folder of one of them, or move the class folders out.")


def _compile(speaker: str | None) -> re.Pattern | None:
    if speaker is None:
        return None
    try:
        pattern = re.compile(speaker)
    except re.error as error:
        msg = f"`speaker` must be a regular expression. Received: {speaker!r} ({error})."
        raise ValueError(msg) from error
    if pattern.groups < 1:
        msg = f"`speaker` must have a group in parentheses: who speaks. Received: {speaker!r}. Try r'_([a-z]+)_'."
        raise ValueError(msg)
    return pattern


def _find_files(root: Path, skipped: list[LeftOut]) -> list[Path]:
    found = []
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        inner = file.relative_to(root)
        if any(part.startswith(".") for part in inner.parts) or "__MACOSX" in inner.parts:
            continue
        if len(inner.parts) < 2:
            skipped.append(LeftOut(str(inner), "not in a class folder"))
        elif file.suffix.lower() not in SUFFIXES:
            skipped.append(LeftOut(str(inner), f"not a sound file: {file.suffix or 'no suffix'}"))
        else:
            found.append(file)
    return found


def _read(
    root: Path, file: Path, pattern: re.Pattern | None, seconds: float | None, skipped: list[LeftOut]
) -> _Clip | None:
    """Read one file, or note why it is not used."""
    inner = str(file.relative_to(root))
    found = pattern.search(file.name) if pattern else None
    if pattern and not (found and found.group(1)):
        skipped.append(LeftOut(inner, f"`speaker` finds no one in its name: {pattern.pattern!r}"))
        return None
    try:
        samples, rate = read_sound(file)
        if len(samples) < _MIN_SECONDS * rate:
            skipped.append(LeftOut(inner, f"shorter than {_MIN_SECONDS} seconds"))
            return None
        picture = log_mel(samples, rate, seconds=seconds)
    except (OSError, ValueError) as error:
        skipped.append(LeftOut(inner, str(error)))
        return None
    name = found.group(1) if found else ""
    return _Clip(inner, file.relative_to(root).parts[0], name, picture, hashlib.blake2b(samples.tobytes()).digest())


def _check_speakers(speakers: list[str]) -> None:
    names = sorted(set(speakers))
    if len(names) < 3:
        msg = (
            f"Each split needs a speaker of its own, but `speaker` found {', '.join(names)}. "
            "Record three people or more, or leave `speaker` out: then the test is by people heard in training."
        )
        raise ValueError(msg)


def _join(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Groups of what is together in either: `(num_items,)`."""
    joined = other.copy()
    for number in np.unique(one):
        members = np.unique(joined[one == number])
        joined[np.isin(joined, members)] = members[0]
    return joined
