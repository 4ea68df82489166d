"""Names that a parent has seen, and that are in the test."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["find_twins", "plain_name"]


def plain_name(name: str) -> str:
    """Return the letters and digits of a name, in lower case, without accents, spaces and marks of punctuation.

    Example:
        >>> plain_name("Côte d\u2019Ivoire"), plain_name("St. Lucia")
        ('cotedivoire', 'stlucia')
    """
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if letter.isalnum())


def find_twins(train: Sequence[str], test: Sequence[str]) -> list[int]:
    """Return the places in `test` of names that are in `train`, too, once both are written plainly.

    Example:
        >>> find_twins(["São Tomé", "Chad"], ["Niger", "sao tome"])
        [1]
    """
    known = {plain_name(name) for name in train}
    return [place for place, name in enumerate(test) if plain_name(name) in known]
