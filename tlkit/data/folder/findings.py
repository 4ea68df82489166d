"""What a folder of photos holds that its owner should know: sentences, each with a next step where one is due."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Finding", "FolderWarning", "Scan", "Skipped", "list_names", "printable"]

_TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"  # show what follows in another direction


class FolderWarning(UserWarning):
    """Something in a folder of photos that its owner should look at."""


@dataclass(frozen=True)
class Skipped:
    """A file or folder that was not used, and why.

    Attributes:
        path: Where it lies.
        reason: In words.
        kind: What it has in common with others, such as `"damaged"` or `"HEIC"`.
    """

    path: Path
    reason: str
    kind: str = ""


@dataclass(frozen=True)
class Finding:
    """One sentence about a folder.

    Attributes:
        kind: A short name, such as `"imbalance"`, to find it by.
        sentence: What was found, and what was done about it.
        next_step: What to do now; empty where nothing needs to be done. A finding with a next step leads to a warning.
        paths: The files that it is about, if it is about single files.
    """

    kind: str
    sentence: str
    next_step: str = ""
    paths: tuple[Path, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".strip()


@dataclass(eq=False)
class Scan:
    """Collects what is found on the way through a folder."""

    skipped: list[Skipped] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def skip(self, path: Path, reason: str, kind: str = "") -> None:
        """Note a file or folder that is not used."""
        self.skipped.append(Skipped(path, reason, kind))

    def find(self, kind: str, sentence: str, next_step: str = "", paths: Iterable[Path] = ()) -> None:
        """Note a finding."""
        self.findings.append(Finding(kind, sentence, next_step, tuple(paths)))


def list_names(names: Sequence[str | Path], limit: int = 3) -> str:
    """Write the first few names; for a path, its last part.

    Example:
        >>> list_names(["a", "b", "c", "d", "e"])
        'a, b, c and 2 more'
    """
    short = [printable(name.name if isinstance(name, Path) else str(name)) for name in names]
    more = f" and {len(short) - limit} more" if len(short) > limit else ""
    return ", ".join(short[:limit]) + more


def printable(name: str) -> str:
    r"""Write what a terminal would act on, or cannot show, as Python does: line breaks, half letters, turned text.

    Example:
        >>> printable("red\nant"), printable("Käfer 🐜")
        ('red\\nant', 'Käfer 🐜')
    """
    is_plain = [unicodedata.category(each) not in ("Cc", "Cs") and each not in _TURNING for each in name]
    return "".join(each if plain else ascii(each)[1:-1] for each, plain in zip(name, is_plain, strict=True))
