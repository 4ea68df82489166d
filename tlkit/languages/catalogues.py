"""Words in the language that is spoken, from the catalogues of [gettext](https://www.gnu.org/software/gettext/).

A catalogue, a `.po` file, holds pairs of an English text and its translation. Many English texts are made by f-strings:
there, the catalogue has the f-string with the expressions in braces, and a text is translated by what stands between
them. So code says what it has to say in English alone, and the text is translated where it is shown.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.languages.choice import ENGLISH, FOLDER, language

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog, Message

__all__ = ["PLACEHOLDER", "page_words", "read_catalogue", "translate"]

PLACEHOLDER = re.compile(r"\{[^{}]*\}")
# Letters of an f-string beside its expressions. With fewer than these, it matches nothing; only numbers, unless it has
# so many in one piece; and no English prose, which is of a lesson without a catalogue: no text is translated in part.
_LEAST, _MORE_THAN_NUMBERS, _IN_ONE_PIECE, _MORE_THAN_VALUES = 2, 11, 8, 25
_QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_PROSE = re.compile(r"\b(?:the|is|are|was|must|of|it|be|that|you|your|which|not)\b|[.?!]$", re.IGNORECASE)


def translate(text: str, code: str | None = None) -> str:
    """Return an English text of the kit in a language; a text that its catalogues lack is returned as it is.

    Args:
        text: A whole text, as it is shown.
        code: The language; by default, the one that is spoken.

    Example:
    >>> translate("Exercise 1.3 · Features, once: 2 of 3 points so far", "de")
    'Aufgabe 1.3 · Merkmale, einmal: bisher 2 von 3 Punkten'
    """
    code = code or language()
    if code == ENGLISH or not text.strip():
        return text
    return _translated(text, code)[0]


def page_words(code: str | None = None) -> dict[str, str]:
    """Return the translations of what the JavaScript of widgets says, and the code of the language under `""`."""
    code = code or language()
    return {} if code == ENGLISH else {"": code, **_page(code)}


def read_catalogue(path: Path) -> Catalog:
    """Read a `.po` file.

    Raises:
        ValueError: If it breaks the format.
    """
    from babel.messages.pofile import read_po  # English needs no catalogue

    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name, abort_invalid=True)


@functools.cache
def _messages(code: str) -> list[Message]:
    found = [message for path in sorted((FOLDER / code).glob("*.po")) for message in read_catalogue(path)]
    return [message for message in found if message.id and message.string and not message.fuzzy]


@functools.cache
def _exact(code: str) -> dict[str, str]:
    return {str(message.id): str(message.string) for message in _messages(code)}


@functools.cache
def _page(code: str) -> dict[str, str]:
    return {
        str(one.id): str(one.string)
        for one in _messages(code)
        if any(name.endswith(".js") for name, _ in one.locations)
    }


@functools.cache
def _patterns(code: str) -> list[tuple[re.Pattern, list[str], Message]]:
    """Return (pattern, names of its groups, message) of each f-string, first those that begin with a word."""
    made = [message for message in _messages(code) if PLACEHOLDER.search(str(message.id)) and _is_of_python(message)]
    made.sort(key=lambda message: str(message.id).startswith("{"))
    return [(_pattern(str(message.id)), PLACEHOLDER.findall(str(message.id)), message) for message in made]


def _is_of_python(message: Message) -> bool:
    return any(name.endswith(".py") for name, _ in message.locations)


def _pattern(text: str) -> re.Pattern:
    literal = PLACEHOLDER.split(text)
    if _letters(text) < _LEAST:
        return re.compile("(?!)")  # matches nothing
    is_free = _letters(text) >= _MORE_THAN_NUMBERS or max(map(_letters, literal)) >= _IN_ONE_PIECE
    return re.compile(("(.*?)" if is_free else r"([\d.,–-]*)").join(map(re.escape, literal)), re.DOTALL)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, PLACEHOLDER.sub("", text)))


@functools.lru_cache(4096)
def _translated(text: str, code: str) -> tuple[str, int]:
    """Return the translation, and how many letters of the text the catalogues know: the most, if there are several."""
    if text in _exact(code):
        return _exact(code)[text], len(text)
    best = text, 0
    for pattern, names, message in _patterns(code):
        if match := pattern.fullmatch(text):
            values = match.groups()
            parts = [_translated(value, code) for value in values]
            known = len(text) - sum(map(len, values)) + sum(number for _, number in parts)
            if known > best[1] and not _is_in_part(str(message.id), values, parts):
                words = dict(zip(names, (part for part, _ in parts), strict=True))
                best = _filled(str(message.string), words), known
    return best


def _is_in_part(english: str, values: tuple[str, ...], parts: list[tuple[str, int]]) -> bool:
    """Whether prose would stay English between words that are translated."""
    unknown = [value for value, (_, known) in zip(values, parts, strict=True) if not known]
    return _letters(english) < _MORE_THAN_VALUES and any(_PROSE.search(_QUOTED.sub("", value)) for value in unknown)


def _filled(translation: str, words: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: words.get(found[0], found[0]), translation)
