"""How a catalogue differs from the English texts that it translates."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from typing import TYPE_CHECKING

from tlkit.languages.catalogues import PLACEHOLDER

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = ["compare", "lost"]

_KEPT = {
    "code": re.compile(r"`[^`]+`"),
    "number": re.compile(r"\d+(?:[.,]\d+)*"),
    "link": re.compile(r"\]\(([^)]+)\)"),
    "placeholder": PLACEHOLDER,
    "heading or item": re.compile(r"^(#+|-|\d+\.) ", re.MULTILINE),
}
_LONGEST = 60


def compare(texts: dict[str, list[str]], catalogue: Catalog) -> list[str]:
    """Return in words what is missing in a catalogue, has changed in English, is gone, or was lost in translation.

    Args:
        texts: The English texts, with the places where each stands.
        catalogue: Their translations.
    """
    entries = {str(message.id): message for message in catalogue if message.id}
    gone, found = [text for text in entries if text not in texts], []
    for text, places in texts.items():
        entry = entries.get(text)
        if entry and entry.string and not entry.fuzzy:
            found += [f"{places[0]}: the translation lacks {part}: {_short(text)}" for part in lost(text, entry.string)]
        elif (entry and entry.fuzzy) or difflib.get_close_matches(text, gone, 1):
            found.append(f"{places[0]}: changed since it was translated: {_short(text)}")
        else:
            found.append(f"{places[0]}: not translated: {_short(text)}")
    return found + [f"no longer said in English: {_short(text)}" for text in gone]


def lost(english: str, translation: str) -> list[str]:
    """Return what a translation must keep as it is, and doesn't: code, numbers, links, placeholders, headings, items.

    Example:
    >>> lost("Call `fit` for 10 epochs.", "Rufe `predict` zehn Epochen lang auf.")
    ['code `fit`', 'number 10']
    """
    return [
        f"{kind} {part}"
        for kind, pattern in _KEPT.items()
        for part in (Counter(_found(pattern, english)) - Counter(_found(pattern, translation)))
    ]


def _found(pattern: re.Pattern, text: str) -> list[str]:
    """Return what is found, without line breaks and the marks of decimals and thousands."""
    return [re.sub(r"(?<=\d)[.,](?=\d)", "", " ".join(part.split())) for part in pattern.findall(text)]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"
