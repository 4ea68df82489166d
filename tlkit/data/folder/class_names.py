"""What the names of classes say: two spellings of one, numbers, several labels in one."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tlkit.data.folder.findings import Scan, list_names
from tlkit.data.folder.photo_files import FoundFile
from tlkit.data.folder.split_words import INVISIBLE, class_key, find_joined_names

__all__ = ["merge_spellings", "review_names"]

_VAGUE = re.compile(
    r"(new|untitled)_folder.*|backup|bad|copy|deleted|dupes|duplicates?|misc|none|old|rejected|rejects|"
    r"(to|not)_(do|sort|label)|todo|temp|tmp|trash|unclassified|unknown|unlabell?ed|unsorted|various"
)


def merge_spellings(files: Sequence[FoundFile], scan: Scan) -> list[FoundFile]:
    """Read names that differ only in case, spaces or composed letters as one class, in the most frequent spelling."""
    spellings: dict[str, Counter[str]] = {}
    for file in files:
        spellings.setdefault(class_key(file.class_name), Counter())[file.class_name] += 1
    chosen = {key: _clean(found.most_common(1)[0][0]) for key, found in spellings.items()}
    for key, found in spellings.items():
        if len(found) > 1:
            show = repr if len({_clean(name) for name in found}) == len(found) else ascii  # shows what looks alike
            told = ", ".join(f"{show(name)} ({number})" for name, number in sorted(found.items()))
            scan.find(
                "spelling",
                f"{told} are read as one class, {chosen[key]!r}: they differ only in case, spaces, hyphens, signs that "
                "cannot be seen or how letters are composed.",
                "Give them the same name, or clearly different names if they are two classes.",
            )
    return [replace(file, class_name=chosen[class_key(file.class_name)]) for file in files]


def _clean(name: str) -> str:
    return unicodedata.normalize("NFC", "".join(each for each in name if each not in INVISIBLE)).strip()


def review_names(names: Sequence[str], scan: Scan) -> None:
    """Note in `scan` what the names of the classes should make their owner think about."""
    vague = [name for name in names if _VAGUE.fullmatch(class_key(name))]
    if vague:
        told = f"{list_names(vague)}: such names often mean photos that nobody has sorted; here they are classes."
        scan.find("vague", told, "Take such folders, or rows of a table, out if they are none.")
    if len({re.sub(r"[+-]?\d+([.,]\d+)?", "0", name) for name in names}) == 1:
        scan.find(
            "numbers",
            f"The classes differ only in a number ({list_names(names)}): they are learned as names, without an order.",
            "If the numbers are amounts (an age, a count, a mark), this is regression: an answer that is nearly right "
            "counts here as wrong.",
        )
    for name in find_joined_names(names):
        scan.find(
            "several labels",
            f"The class {name!r} seems to join several labels; it is learned as one more class of its own.",
            "For photos that show several things, each with a label, a classifier of one label is the wrong tool: "
            "take these photos out, or give each the label that matters.",
        )
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(_stem(name), []).append(name)
    for found in alike.values():
        if len(found) > 1:
            told = f"{' and '.join(map(repr, found))} are different classes, though their names look alike."
            scan.find("look-alikes", told, "If they are one, give their folders one name.")


def _stem(name: str) -> str:
    """The name without a plural's s, and without what systems add to the name of a copy."""
    return re.sub(r"_?(\(\d+\)|copy|kopie|copie)(_\d+)?$", "", class_key(name)).strip().removesuffix("s")
