"""Names: whose a file is, going by what it is called, and how a name becomes part of a file's name.

How learning platforms name files was read in the sources of Canvas
([content_zipper.rb](https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb): `NAME_USER_FILE_...`
with `_LATE` after the name of one who was late) and of Moodle
([downloader.php](https://github.com/moodle/moodle/blob/main/public/mod/assign/classes/downloader.php): a folder
`NAME_NUMBER_assignsubmission_file`, or the same in front of the file's name).
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["NamedFile", "is_safe", "name_key", "read_file_name", "read_folder_name", "safe_name"]

_LONGEST_BYTES = 80  # two of them, two marks and an ending stay below the limit of file systems, 255 bytes
_MARK = 8
_EXTRA = "._@+-"
_CANVAS = re.compile(r"(?P<who>.+?)(?P<late>_LATE)?_(?P<number>[1-9]\d*)_[1-9]\d*_(?P<file>.+)")
_CANVAS_NAMELESS = re.compile(r"(?P<late>LATE_)?(?P<who>anon)_(?P<number>[^_]+)_[1-9]\d*_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<file>.*)")
_COPY = r"(?P<copy>(?:-Copy\d+| ?\(\d+\)|-\d+| - Copy)*)"


@dataclass(frozen=True)
class NamedFile:
    """What a file's name says; none of it is believed where a folder says something else.

    Attributes:
        lesson: Name of a lesson, or "".
        claim: Whose it is according to the part that the learner chose, or "".
        owners: Whose it is according to a learning platform, the more exact name first; empty if none gave the name.
        is_copy: Whether the name ends like that of a copy: `-Copy1`, ` (1)`, `-1`.
        is_late: Whether the platform calls it late.
    """

    lesson: str
    claim: str = ""
    owners: tuple[str, ...] = ()
    is_copy: bool = False
    is_late: bool = False


def read_file_name(stem: str, lessons: Sequence[str]) -> NamedFile:
    """Return what a file's name, without its ending, says about lesson and learner.

    Example:

    >>> read_file_name("lovelaceada_LATE_17_4021_01_demo-1", ["01_demo"])
    NamedFile(lesson='01_demo', claim='', owners=('lovelaceada_17', 'lovelaceada'), is_copy=True, is_late=True)
    """
    stem = _composed(stem)
    found = _CANVAS_NAMELESS.fullmatch(stem) or _MOODLE.fullmatch(stem) or _CANVAS.fullmatch(stem)
    if found and (own := _own_part(found["file"], lessons)):
        return NamedFile(own["lesson"], own["who"] or "", _owners(found), bool(own["copy"]), _is_late(found))
    own = _own_part(stem, lessons)
    return NamedFile(own["lesson"], own["who"] or "", is_copy=bool(own["copy"])) if own else NamedFile("")


def read_folder_name(name: str) -> tuple[str, ...]:
    """Return whose a folder is, the more exact name first.

    Example:

    >>> read_folder_name("Ada Lovelace_4021_assignsubmission_file"), read_folder_name("ada")
    (('Ada_Lovelace_4021', 'Ada Lovelace'), ('ada',))
    """
    found = _MOODLE.fullmatch(_composed(name))
    return _owners(found) if found and not found["file"] else (_composed(name),)


def safe_name(name: str) -> str:
    """Return a name made of letters of any script, digits and `. _ @ + -`; a changed one carries a mark of what it was.

    Composed and decomposed letters are the same name; it begins with a letter or a digit and has at most 89 bytes.

    Example:

    >>> safe_name("ana.ruiz"), safe_name("मीरा")
    ('ana.ruiz', 'मीरा')
    >>> safe_name("../../etc/passwd")
    'etc_passwd-3754d6cb'
    """
    name = _composed(name)
    plain = "".join(char if _is_kept(char) else "_" for char in name)
    plain = re.sub(r"_{2,}|-{2,}", "_", plain)
    plain = re.sub(r"^[\W_]+", "", plain)
    plain = plain.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip("-")
    if plain and plain == name:
        return plain
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK]
    return f"{plain.rstrip('-_') or 'nameless'}-{mark}"


def is_safe(name: str) -> bool:
    """Whether a name has the form of those that `safe_name` gives."""
    fits = len(name.encode("utf-8", "replace")) <= _LONGEST_BYTES + _MARK + 1 and "--" not in name
    return fits and name == _composed(name) and all(map(_is_kept, name)) and name[:1].isalnum()


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: case, composition and blanks do not count.

    `strauß` and `strauss` are two names; `str.casefold` would make them one.
    """
    return " ".join(_composed(name).lower().split())


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _is_kept(char: str) -> bool:
    """Whether a character is a letter, a vowel sign or another mark on one, a digit, or one of a few signs."""
    return char in _EXTRA or unicodedata.category(char)[0] in "LMN"


def _own_part(stem: str, lessons: Sequence[str]) -> re.Match | None:
    names = "|".join(map(re.escape, lessons))
    return re.fullmatch(rf"(?:(?P<who>.*)[_ -])?(?P<lesson>{names}){_COPY}", stem, re.DOTALL) if lessons else None


def _owners(found: re.Match) -> tuple[str, ...]:
    who = found["who"].strip("_ ")
    exact = f"{who}_{found['number']}".replace(" ", "_")
    return (exact,) if who == "anon" else (exact, who)


def _is_late(found: re.Match) -> bool:
    return bool(found.groupdict().get("late"))
