"""What the names of folders and files say: a split, a class, a year or a place, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

__all__ = [
    "are_contents",
    "are_marks",
    "class_in_file_name",
    "class_key",
    "find_joined_names",
    "rank_as_group",
    "read_split_names",
    "split_word",
]

SPLIT_WORDS = {
    **dict.fromkeys(["train", "training", "trn"], "train"),
    **dict.fromkeys(["val", "valid", "validation", "validate", "dev", "development"], "val"),
    **dict.fromkeys(["test", "testing", "tst", "holdout", "heldout"], "test"),
    **dict.fromkeys(["eval", "evaluation", "evaluate"], "eval"),
}
INVISIBLE = "\u200b\u2060\ufeff\u00ad"  # spaces without width, and a hyphen that shows at the end of a line only
_CONTENT = {
    "data", "dataset", "dir", "file", "files", "folder", "image", "images", "img", "imgs", "jpeg", "jpg", "photo",
    "photos", "pic", "pics", "picture", "pictures", "png", "raw", "sample", "samples", "set", "split",
}  # fmt: skip
_NOT_PHOTOS = {
    "annotation", "annotations", "box", "boxes", "gt", "label", "labels", "mask", "masks", "target",
}  # fmt: skip
_CAMERA_NAMES = {
    "c", "dji", "dsc", "dscf", "dscn", "file", "frame", "gopr", "image", "img", "mvi", "p", "page", "photo", "pic",
    "picture", "pxl", "sample", "scan", "screenshot", "snap", "video", "vid", "whatsapp_image",
}  # fmt: skip
_TIME = (
    r"(?:spring|summer|autumn|fall|winter|season|year|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*)"
)
_DATE = re.compile(
    rf"({_TIME}[\W_]*)?(19|20)\d\d([\W_]*(\d{{1,2}}|{_TIME})){{0,3}}|\d{{1,2}}[._-]\d{{1,2}}[._-](\d\d){{1,2}}"
)
_OCCASION = re.compile(
    r"(batch|cam|camera|day|device|dir|field|fold|folder|group|location|lot|month|part|place|plot|roll|round|run|series|"
    r"session|set|site|station|trial|visit|week|year)s?([\W_]+[a-z]|[\W_]*\d+)"
)
_PERSON = re.compile(r"(case|patient|person|subject|user)s?([\W_]+[a-z]|[\W_]*\d+)")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_JOINT = re.compile(r"\s*[+&,;|]\s*|[\s_-]+(?:and|und|et|y)[\s_-]+|__+")


def class_key(name: str) -> str:
    """Return what spellings of one name have in common: letters without case, however they are composed.

    Example:
        >>> class_key("Fire Ant ") == class_key("fire_ant")
        True
    """
    plain = unicodedata.normalize("NFKC", "".join(each for each in name if each not in INVISIBLE)).casefold()
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", "_", unicodedata.normalize("NFC", plain).strip())


def split_word(name: str) -> tuple[str, str] | None:
    """Return the split that a name means, and what else it says; `None` if it means none.

    Example:
        >>> split_word("seg_train"), split_word("TestImages")
        (('train', 'seg'), ('test', ''))
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = re.findall(r"[a-z]+", re.sub(r"(?i)(hold|held)[\W_]+out", r"\1out", spaced).lower())
    for place, word in enumerate(words):
        split = _split_of_word(word)
        rest = [other for other in words[:place] + words[place + 1 :] if other not in _CONTENT]
        if split and not _NOT_PHOTOS & set(rest):
            return split, " ".join(rest)
    return None


def _split_of_word(word: str) -> str | None:
    if word in SPLIT_WORDS:
        return SPLIT_WORDS[word]
    endings = [word.removesuffix(content) for content in _CONTENT if word.endswith(content)]
    return next((SPLIT_WORDS[each] for each in endings if each in SPLIT_WORDS), None)


def read_split_names(names: Collection[str]) -> dict[str, str]:
    """Return which of the names are splits, and which splits they are.

    What a name says beside the split must be said by another split's name, too, unless all names speak of splits
    and one of nothing else: `seg_train` and `seg_test` are splits, and so are `train`, `test_easy` and `test_hard`;
    `train_station` and `test_tube` are not. `evaluation` means the test, or, beside a test, validation.

    Example:
        >>> read_split_names(["seg_train", "seg_test", "notes"])
        {'seg_train': 'train', 'seg_test': 'test'}
    """
    found = {name: word for name in names if (word := split_word(name))}
    rests = {rest: {split for split, other in found.values() if other == rest} for _, rest in found.values()}
    all_speak = len(found) == len(names) and "" in rests
    splits = {name: split for name, (split, rest) in found.items() if not rest or len(rests[rest]) > 1 or all_speak}
    second = "val" if "test" in splits.values() else "test"
    return {name: second if split == "eval" else split for name, split in splits.items()}


def rank_as_group(names: Collection[str]) -> int:
    """Say how likely names tell when, where or of whom photos were taken, rather than what is in them.

    Returns:
        3 for dates and occasions (`2023`, `site_a`), 2 for persons (`patient_07`), 1 for other numbers, 0 for words.
    """
    lower = [name.strip().lower() for name in names]
    if all(_DATE.fullmatch(name) or _OCCASION.fullmatch(name) for name in lower):
        return 3
    if all(_PERSON.fullmatch(name) for name in lower):
        return 2
    return int(all(_NUMBER.fullmatch(name) for name in lower))


def are_contents(names: Iterable[str]) -> bool:
    """Whether the names tell how the files are used (`images`, `masks`), not what is in them."""
    return all(class_key(name) in _CONTENT | _NOT_PHOTOS for name in names)


def are_marks(name: str) -> bool:
    """Whether a folder's name says that it holds marks in other photos, such as `masks`."""
    return class_key(name) in _NOT_PHOTOS


def class_in_file_name(path: Path) -> str | None:
    """Return the words before (or after) the number in a file's name, unless a camera or program wrote them.

    Example:
        >>> class_in_file_name(Path("cat.12.jpg")), class_in_file_name(Path("IMG_0042.jpg"))
        ('cat', None)
    """
    stem = unicodedata.normalize("NFC", path.stem)
    found = re.fullmatch(r"(?P<name>.*[^\W\d_])[\W_]*\(?\d+\)?", stem)
    found = found or re.fullmatch(r"\d+[\W_]+(?P<name>[^\W\d_].*)", stem)
    name = found["name"].strip(" ._-(") if found else ""
    return name if name and class_key(name) not in _CAMERA_NAMES else None


def find_joined_names(names: Collection[str]) -> list[str]:
    """Return the names that seem to join several: `ants+bees`; with `ants` and `bees` also `ants_bees`.

    Example:
        >>> find_joined_names(["ants", "bees", "ants_and_bees", "salt and pepper"])
        ['ants_and_bees']
    """
    keys = Counter(class_key(name) for name in names)
    joined = []
    for name in names:
        parts = [class_key(part) for part in _JOINT.split(name)]
        pieces = class_key(name).split("_")
        spelled_out = all(part for part in parts) and len(parts) > 1
        has_sign = re.search(r"[+&,;|]", name) is not None
        is_joined = spelled_out and (has_sign or any(part in keys for part in parts))
        if is_joined or (len(pieces) > 1 and all(piece in keys for piece in pieces)):
            joined.append(name)
    return joined
