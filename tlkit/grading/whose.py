"""Which files are submissions, and whose.

The folder decides whose a file is. What the file is called is believed only where many learners' files lie in one
folder, and there a learning platform's own part of the name before what the learner chose.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tlkit.grading.learner_names import NamedFile, name_key, read_file_name, read_folder_name, safe_name
from tlkit.grading.roster import Roster

__all__ = ["Found", "find_submissions", "sorted_out"]

_NBGRADERS = "submitted"  # the folder in a course in which nbgrader collects
_LEAST_SHARED = 2  # learners whose files lie side by side in a folder


@dataclass(frozen=True)
class Found:
    """A file to grade.

    Attributes:
        path: Where it is.
        learner: Id of the learner, safe as part of a file name.
        lesson: Name of a lesson, or the file's stem, made safe, if it names none.
        conflict: Why it must not be graded although it is there, such as that it bears another learner's name.
        is_late: What a learning platform wrote into the name; `None` if none did.
    """

    path: Path
    learner: str
    lesson: str
    conflict: str = ""
    is_late: bool | None = None


def find_submissions(paths: Iterable[Path], lessons: Sequence[str], roster: Roster | None = None) -> list[Found]:
    """Return the files to grade, folders searched without following links, in order of learner and lesson.

    Args:
        paths: Notebooks, and folders of notebooks.
        lessons: Names of the lessons.
        roster: Names a learner by the login; without it, by what the folder or file is called.
    """
    return sorted_out(paths, lessons, roster or Roster())[0]


def _files(paths: Iterable[Path], lessons: Sequence[str]) -> dict[Path, Path]:
    """Return the notebooks, each with the folder in which learners' folders or files lie."""
    given = list(dict.fromkeys(Path(os.path.abspath(path)) for path in paths))
    folders = [path for path in given if path.is_dir() and not path.is_symlink()]
    roots = {folder: _root(folder, folders, lessons) for folder in folders}
    found = {file: roots[folder] for folder in folders for file in _notebooks_below(folder)}
    alone = [path for path in given if path not in roots]
    together = len({path.parent for path in alone}) < _LEAST_SHARED
    return found | {path: path.parent if together else _above(path.parent, lessons) for path in alone}


def _root(folder: Path, folders: list[Path], lessons: Sequence[str]) -> Path:
    """Return the folder of learners: a given one, or the one around those given together, as `submitted/*` gives them.

    Folders given together are learners', unless each of them holds the files of several.
    """
    together = [other for other in folders if other.parent == folder.parent]
    is_root = len(together) < _LEAST_SHARED or all(_is_shared(other, lessons) for other in together)
    return folder if is_root else folder.parent


def _is_shared(folder: Path, lessons: Sequence[str]) -> bool:
    named = (read_file_name(path.stem, lessons) for path in folder.glob("*.ipynb"))
    return len({one.owners[0] if one.owners else one.claim for one in named} - {""}) >= _LEAST_SHARED


def _above(folder: Path, lessons: Sequence[str]) -> Path:
    return folder.parent.parent if folder.name in lessons else folder.parent


def _notebooks_below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(where, name) for name in sorted(names) if name.endswith(".ipynb"))


# --- whose they are


@dataclass(frozen=True)
class _Candidate:
    """A file, what its name says, whose it is by all that is known, and how much that is worth."""

    path: Path
    named: NamedFile
    owners: tuple[str, ...]
    lesson: str
    by_folder: bool

    @property
    def rank(self) -> tuple:
        """The lowest rank is graded: a learner's folder before a file name, the exact name, then the latest."""
        exact = (not self.named.lesson, self.named.is_copy, bool(self.named.claim))
        return (not self.by_folder, *exact, -_changed_at(self.path), str(self.path))


def sorted_out(
    paths: Iterable[Path], lessons: Sequence[str], roster: Roster
) -> tuple[list[Found], list[tuple[Path, str]]]:
    """Return one file for each learner and lesson, and the others with the reason why they are left out."""
    candidates = [_candidate(path, root, lessons) for path, root in _files(paths, lessons).items()]
    learners = _learner_ids({one.owners: roster.find(*one.owners) for one in candidates})
    others = {name_key(name): learners[one.owners] for one in candidates for name in one.owners}
    groups: dict[tuple[str, str], list[tuple[_Candidate, str]]] = defaultdict(list)
    for one in candidates:
        learner = learners[one.owners]
        groups[learner, one.lesson].append((one, _contradiction(one, learner, others, roster)))
    found, left_out = [], []
    for (learner, lesson), own in sorted(groups.items()):
        (first, why), *rest = sorted(own, key=lambda pair: (bool(pair[1]), pair[0].rank))
        is_late = first.named.is_late if first.named.owners else None
        found.append(Found(first.path, learner, lesson, why, is_late))
        same = f"{learner} has another file for {lesson}, {first.path.name!r}, which counts."
        left_out += [(one.path, reason or same) for one, reason in rest]
    return found, left_out


def _candidate(path: Path, root: Path, lessons: Sequence[str]) -> _Candidate:
    named = read_file_name(path.stem, lessons)
    below = list(path.relative_to(root).parts[:-1])
    if below[:1] == [_NBGRADERS]:
        below = below[1:]
    folders = [name for name in below if name not in lessons]
    lesson = named.lesson or next((name for name in reversed(path.parts[:-1]) if name in lessons), "")
    if folders or below:
        owners = read_folder_name(folders[0] if folders else root.name)
    elif named.owners or named.claim:
        return _Candidate(path, named, named.owners or (named.claim,), lesson, False)
    else:
        around = next(name for name in (root.name, root.parent.name, "nameless") if name and name not in lessons)
        owners = read_folder_name(around if lesson else path.stem)
    return _Candidate(path, named, owners, lesson or safe_name(path.stem), bool(lesson))


def _learner_ids(found: Mapping[tuple[str, ...], str | None]) -> dict[tuple[str, ...], str]:
    """Return the learner's id for each owner. Names that differ only in case stay two, told apart by a mark."""
    named = {owners: learner or safe_name(owners[0]) for owners, learner in found.items()}
    spellings: dict[str, set[str]] = defaultdict(set)
    for learner in named.values():
        spellings[learner.lower()].add(learner)
    alone = {learner for own in spellings.values() for learner in own if len(own) == 1 or learner == learner.lower()}
    return {owners: one if one in alone else safe_name(f"{one}/") for owners, one in named.items()}


def _contradiction(one: _Candidate, learner: str, others: Mapping[str, str], roster: Roster) -> str:
    """Return why a file must not be graded: its own name and its folder, or the platform, name different learners."""
    claim, owner = one.named.claim, one.owners[0]
    if not claim or not (one.by_folder or one.named.owners):
        return ""
    meant = roster.find(claim) or others.get(name_key(claim), "")
    is_own = meant == learner or name_key(claim) in map(name_key, (learner, *one.owners))
    by_platform = bool(one.named.owners) or len(one.owners) > 1  # there, learners call their files what they like
    if is_own or (by_platform and not meant):
        return ""
    return (
        f"The file's name says {claim!r}, and its folder or the platform says {owner!r}. It counts for nobody: "
        "rename it if it belongs here."
    )


def _changed_at(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
