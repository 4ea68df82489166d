"""Texts as numbers of letters, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["FIRST_LETTER", "Letters"]

FIRST_LETTER = 4  # 0 is padding, 1 the end, 2 and 3 begin a text (in one of two languages)
_END = 1


class Letters:
    """An alphabet with numbers: 0 is padding, 1 the end, 2 and 3 begin a text; letters follow.

    Attributes:
        alphabet: The letters, in the order of their numbers.

    Example:
        >>> letters = Letters("abc")
        >>> letters.encode(["cab"], length=5)
        array([[6, 4, 5, 1, 0]], dtype=int32)
        >>> letters.decode([[6, 4, 5, 1, 0]])
        ['cab']
    """

    def __init__(self, alphabet: Iterable[str]):
        self.alphabet = "".join(sorted(set(alphabet)))
        self._numbers = {letter: number for number, letter in enumerate(self.alphabet, FIRST_LETTER)}

    def __len__(self) -> int:
        """How many numbers there are, the four marks included."""
        return FIRST_LETTER + len(self.alphabet)

    def encode(self, texts: Sequence[str], length: int = 20) -> np.ndarray:
        """Numbers of the letters, then the end: `(num_texts, length)`, `int32`.

        Raises:
            ValueError: If a text has a letter that the alphabet lacks, or is too long.
        """
        numbers = np.zeros((len(texts), length), np.int32)
        for row, text in enumerate(texts):
            strange = sorted(set(text) - set(self._numbers))
            if strange or len(text) >= length:
                why = f"letters that the alphabet lacks: {''.join(strange)!r}" if strange else f"{len(text)} letters"
                msg = f"`texts` must be written in the alphabet, with at most {length - 1} letters. "
                raise ValueError(msg + f"Received: {text!r}, with {why}. Leave it out.")
            numbers[row, : len(text) + 1] = [*(self._numbers[letter] for letter in text), _END]
        return numbers

    def decode(self, numbers: Sequence[Sequence[int]] | np.ndarray) -> list[str]:
        """What `encode` was given: each text up to its end."""
        return ["".join(self._letters_until_end(row)) for row in numbers]

    def _letters_until_end(self, row: Iterable[int]) -> Iterable[str]:
        for number in row:
            if number == _END:
                return
            if number >= FIRST_LETTER:
                yield self.alphabet[number - FIRST_LETTER]
