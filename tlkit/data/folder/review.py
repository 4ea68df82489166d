"""What was found in the photos of a folder, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.counts import count
from tlkit.data.decode import DecodedImage
from tlkit.data.folder.dataset import Duplicate
from tlkit.data.folder.findings import Scan, Skipped, list_names
from tlkit.data.folder.formats import FORMATS
from tlkit.data.folder.scan import Photo
from tlkit.data.split import Split

__all__ = ["review_counts", "review_duplicates", "review_photos", "review_skipped"]

_MAX_RATIO = 5  # of the largest class to the smallest
_MIN_TEST = 10  # test photos of the smallest class

# kind: what the files are, and the next step
_SKIPPED = {
    "damaged": ("damaged or not an image", "Open them in a viewer; copy or download them again."),
    "unreadable": ("not readable", "Give yourself permission to read them."),
    "place": ("in no class folder", "Move them into class folders."),
    "unnamed": ("with no class in the name", "Name them like the others, or remove them."),
    "unlabelled": ("without a label", "Add a row with file and label for each to the table, or take the files out."),
    "link": ("links that are not followed", "Copy what they lead to."),
    "empty": ("without a photo", "If one is a class, put photos into it."),
    "name": ("with a name that is no text", "Rename them."),
    "mask": ("masks or marks of other photos", "If they are photos of a class, rename them."),
    "other": ("of other classes", ""),
    "helper": ("hidden, or helpers of the system", ""),
    "no images": ("no images", ""),
}
_SKIPPED |= {each.name: (each.name, each.next_step) for each in FORMATS if each.name not in _SKIPPED}
# note: the sentence after the number of pictures, and the next step
_NOTES = {
    "frames": (
        "with several frames or pages: the first of each is used",
        "To use the others, save each as a file; keep those of one film or document in one split.",
    ),
    "wide": (
        "more than twice as wide as high, or as high as wide: only the middle square is used",
        "If what matters is at the ends, crop them yourself.",
    ),
    "faint": (
        "almost without contrast: blank, black, masks, or on another scale of grey levels",
        "Look at them; bring their values to 0 to 255, or take them out.",
    ),
    "transparent": ("with transparent parts: these are white now", ""),
    "cmyk": ("in the printer's colours CMYK, brought to RGB without a colour profile", ""),
    "small": ("smaller than `size`: enlarged, which adds no detail", ""),
}


def review_skipped(scan: Scan) -> None:
    """Note in `scan` what was skipped, by what the files have in common."""
    by_kind: dict[str, list[Skipped]] = {}
    for item in scan.skipped:
        by_kind.setdefault(item.kind, []).append(item)
    for kind, items in by_kind.items():
        if kind in _SKIPPED:
            told, next_step = _SKIPPED[kind]
            number = count(len(items), "folder" if kind == "empty" else "file")
            names = [item.path.name + (f": {item.reason}" if kind == "damaged" else "") for item in items]
            sentence = f"{number} not used ({told}): {list_names(names)}."
            scan.find(kind.split(",")[0], sentence, next_step, [item.path for item in items])


def review_photos(photos: Sequence[Photo], scan: Scan) -> None:
    """Note in `scan` what was decided to make all photos alike."""
    for note, (told, next_step) in _NOTES.items():
        paths = [photo.file.path for photo in photos if note in photo.decoded.notes]
        if paths:
            sentence = f"{count(len(paths), 'picture')} {told}: {list_names(paths)}."
            scan.find(note, sentence, next_step, paths)
    for is_float in (False, True):
        decoded = {photo.file.path: photo.decoded for photo in photos}
        _review_scale(
            {path: each for path, each in decoded.items() if each.span and each.span.is_float == is_float}, scan
        )


def _review_scale(photos: dict[Path, DecodedImage], scan: Scan) -> None:
    scales = [each.scale for each in photos.values() if each.scale]
    spans = [each.span for each in photos.values() if each.span]
    if not scales:
        return
    black, white = scales[0].low, scales[0].high
    lowest, highest = min(span.low for span in spans), max(span.high for span in spans)
    kind = "real numbers" if scales[0].is_float else "whole numbers of more than 8 bits"
    told = f"{count(len(photos), 'picture')} in {kind}, {lowest:g} to {highest:g}: {black:g} became black, {white:g} "
    told += f"white: {list_names(list(photos))}."
    is_usual = black == 0 and white in (1, 65535)
    step = "" if is_usual else "If white is another value, save them as 8 bits yourself."
    scan.find("scale", told, step, photos)


def review_duplicates(duplicates: Sequence[Duplicate], scan: Scan) -> None:
    """Note in `scan` pictures found more than once."""
    mixed = [duplicate for duplicate in duplicates if len(duplicate.class_names) > 1]
    if len(duplicates) > len(mixed):
        number = count(len(duplicates) - len(mixed), "picture")
        paths = [path for duplicate in duplicates if duplicate not in mixed for path in duplicate.paths]
        told = f"{number} found more than once in one class, equal or nearly equal: {list_names(paths)}. "
        scan.find("copies", told + "Copies are in one split.", "", paths)
    if mixed:
        shown = "; ".join(_tell_copies(duplicate) for duplicate in mixed[:3])
        more = f"; and {len(mixed) - 3} more" if len(mixed) > 3 else ""
        scan.find(
            "copies in two classes",
            f"{count(len(mixed), 'picture')} in more than one class: {shown}{more}. Copies are in one split.",
            "Delete the copy with the wrong label; all are listed in `duplicates`.",
            [path for duplicate in mixed for path in duplicate.paths],
        )


def _tell_copies(duplicate: Duplicate) -> str:
    names = [f"{path.parent.name}/{path.name}" for path in duplicate.paths]
    return f"{list_names(names)} ({'equal' if duplicate.is_exact else 'nearly equal'})"


def review_counts(names: Sequence[str], splits: dict[str, Split], scan: Scan) -> None:
    """Note in `scan` classes that are much larger than others, and a test with few photos."""
    counts = {name: np.bincount(split.labels, minlength=len(names)) for name, split in splits.items()}
    total = np.sum(list(counts.values()), axis=0)
    largest, smallest = int(total.argmax()), int(total.argmin())
    if total[largest] >= _MAX_RATIO * total[smallest]:
        scan.find(
            "imbalance",
            f"{names[largest]!r} has {total[largest]} photos, {names[smallest]!r} {total[smallest]}: always answering "
            f"{names[largest]!r} is right {total[largest] / total.sum():.0%} of the time.",
            "Judge by the recall of each class (`classification_report`), not by accuracy; collect more for the small "
            "classes, or weight them with `class_weight`.",
        )
    test = counts["test"]
    if test.min() < _MIN_TEST:
        rough = 100 / np.sqrt(test.sum())  # half the width of a 95 % interval around 50 %
        scan.find(
            "few",
            f"The test has {count(int(test.sum()), 'photo')}, {test.min()} in the smallest class: it measures accuracy "
            f"to about {rough:.0f} points up or down, and the recall of a class far less well.",
            "Collect more photos, and don't make choices by small differences.",
        )
