"""The list of a class: who takes part, and under which name each one's files come.

A CSV file with a heading: `login`, and any of `name`, `e-mail`, `file name`. The last is the name of the learner's
folder, or the part of a file's name that says whose it is, where that is none of the others. A gradebook that Canvas
exported is such a file: what it says of a learner is kept, so that Canvas finds the learner again.
"""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tlkit.choices import did_you_mean
from tlkit.grading.learner_names import name_key, read_folder_name, safe_name

__all__ = ["Person", "Roster", "read_csv", "read_roster"]

_HEADS = {
    "login": ("login", "username", "user", "sis login id"),
    "name": ("name", "full name", "student"),
    "email": ("e-mail", "email", "mail", "email address", "e-mail address"),
    "file": ("file name", "file", "filename", "folder"),
}
_HEADS_OF_CANVAS = {"canvas_id": ("id",), "sis_id": ("sis user id",), "section": ("section",)}


@dataclass(frozen=True)
class Person:
    """One line of the roster; what is not given is empty."""

    login: str
    name: str = ""
    email: str = ""
    file: str = ""
    canvas_id: str = ""
    sis_id: str = ""
    section: str = ""

    @property
    def learner(self) -> str:
        """The id under which this person's results are kept."""
        return safe_name(self.login)


class Roster:
    """Finds the person whom a name means. A name that means two people means nobody."""

    def __init__(self, people: Iterable[Person] = ()):
        self.people = {person.learner: person for person in people}
        self._exact, self._full = _index(self.people, _exact_names), _index(self.people, _full_names)

    def find(self, *names: str) -> str | None:
        """Return the learner's id of the first name that means exactly one person; logins come before full names."""
        found = (index.get(name_key(name), set()) for name in names for index in (self._exact, self._full))
        return next((next(iter(own)) for own in found if len(own) == 1), None)

    def missing(self, learners: Iterable[str]) -> list[Person]:
        """Return who is not among these learners."""
        there = set(learners)
        return [person for learner, person in self.people.items() if learner not in there]

    def unknown(self, learners: Iterable[str]) -> list[str]:
        """Return which of these learners the roster does not have; none if there is no roster."""
        return sorted(set(learners) - set(self.people)) if self.people else []


def read_roster(path: Path) -> Roster:
    """Read a roster.

    Raises:
        ValueError: If the file has no column `login`, or two people have the same login.
    """
    rows = read_csv(path, _HEADS, needed="login")
    if "sis login id" in path.read_text(encoding="utf-8-sig").split("\n", 1)[0].lower():  # elsewhere, `ID` may be any
        rows = read_csv(path, _HEADS | _HEADS_OF_CANVAS, needed="login")
    people = [Person(**row) for row in rows if row["login"]]
    if twice := [login for login, count in Counter(name_key(one.login) for one in people).items() if count > 1]:
        msg = f"Each login may occur only once in {path.name}. Received twice: {', '.join(twice)}."
        raise ValueError(msg)
    return Roster(people)


def read_csv(path: Path, heads: dict[str, tuple[str, ...]], *, needed: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file, by our own names of the columns; a column that is not there is empty.

    Commas, semicolons and tabs are understood, and so are headings in upper case.

    Args:
        path: In UTF-8.
        heads: For each of our names, the headings that mean it.
        needed: The column that must be there.

    Raises:
        ValueError: If it cannot be read, or the needed column is missing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path.name} must be a CSV file in UTF-8: {error}. Save it again as `CSV UTF-8`."
        raise ValueError(msg) from error
    first = text.split("\n", 1)[0]
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
    own = {name: known for name, meant in heads.items() for known in _columns(table, meant)}
    if needed not in own:
        said = [head.strip() for head in (table or [[]])[0]]
        msg = f"{path.name} needs a column {needed!r}. Received: {said}.{did_you_mean(needed, said)}"
        raise ValueError(msg)
    return [{name: _cell(row, own.get(name)) for name in heads} for row in table[1:] if any(map(str.strip, row))]


def _columns(table: list[list[str]], meant: tuple[str, ...]) -> list[int]:
    return [column for column, head in enumerate((table or [[]])[0]) if name_key(head) in meant]


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def _index(people: dict[str, Person], names: Callable[[Person], Iterator[str]]) -> dict[str, set[str]]:
    index: dict[str, set[str]] = defaultdict(set)
    for learner, person in people.items():
        for name in filter(None, names(person)):
            index[name_key(name)].add(learner)
    return index


def _exact_names(person: Person) -> Iterator[str]:
    yield from (person.login, person.learner, person.email, person.file)
    if person.canvas_id:
        yield from (f"{name}_{person.canvas_id}" for name in _sortable(person.name))
    yield from read_folder_name(person.file)


def _full_names(person: Person) -> Iterator[str]:
    yield person.name
    yield from _sortable(person.name)


def _sortable(name: str) -> Iterator[str]:
    """Yield a name with each of its words first, with blanks, and as Canvas writes it before a file: without."""
    words = re.findall(r"\w+", name)
    for first in range(len(words)):
        turned = words[first:] + words[:first]
        yield from ("".join(turned), " ".join(turned))
