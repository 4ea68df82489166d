"""Texts in embedded files, cut into words, and words into pieces."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

__all__ = ["WordPieces", "join_texts", "split_texts", "words_of"]

_SPECIAL = ("[PAD]", "[UNK]", "[MASK]")
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def join_texts(texts: Iterable[str]) -> np.ndarray:
    """Texts without line breaks as bytes, `uint8`: an array that every NumPy can read without pickle."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def split_texts(stored: np.ndarray) -> np.ndarray:
    """What `join_texts` has joined: `(num_texts,)`, Python strings.

    Example:
        >>> split_texts(join_texts(["one", "two"])).tolist()
        ['one', 'two']
    """
    return np.array(stored.tobytes().decode().split("\n"), object)


def words_of(text: str) -> list[str]:
    """Lower-case words and numbers, without punctuation.

    Example:
        >>> words_of("A small cat, aged 3")
        ['a', 'small', 'cat', 'aged', '3']
    """
    return re.findall(r"[a-z]+|\d+", text.lower())


class WordPieces:
    """Frequent words whole; other words cut, from the left, into the longest known pieces.

    A piece within a word is marked `##`, as in [BERT](https://arxiv.org/abs/1810.04805). Piece 0 is padding, 1 stands
    for what cannot be cut, 2 for a masked piece.

    Attributes:
        vocabulary: The pieces, in the order of their numbers.

    Example:
        >>> pieces = WordPieces(["[PAD]", "[UNK]", "[MASK]", "cat", "##s"])
        >>> pieces(["cats", "a cat"], length=4)
        array([[3, 4, 0, 0],
               [1, 3, 0, 0]], dtype=int32)
    """

    def __init__(self, vocabulary: Sequence[str]):
        if tuple(vocabulary[:3]) != _SPECIAL:
            msg = f"`vocabulary` must begin with {', '.join(_SPECIAL)}. Received: {list(vocabulary[:3])}."
            raise ValueError(msg)
        self.vocabulary = list(vocabulary)
        self._numbers = {piece: number for number, piece in enumerate(self.vocabulary)}
        self._cut = functools.cache(self._cut_word)

    @classmethod
    def learn(cls, texts: Iterable[str], num_words: int = 8000, num_pieces: int = 2000) -> WordPieces:
        """Take the most frequent words, every letter, and the pieces that cover most of all words."""
        counts = Counter(word for text in texts for word in words_of(text))
        whole = [word for word, _ in counts.most_common(num_words)]
        letters = [mark + letter for mark in ("", "##") for letter in _LETTERS]
        known = dict.fromkeys([*_SPECIAL, *whole, *letters])
        frequent = (piece for piece, _ in _count_pieces(counts).most_common() if piece not in known)
        return cls([*known, *(piece for piece, _ in zip(frequent, range(num_pieces), strict=False))])

    def __call__(self, texts: Sequence[str], length: int = 20) -> np.ndarray:
        """Numbers of the first `length` pieces of each text: `(num_texts, length)`, `int32`, 0 for padding."""
        numbers = np.zeros((len(texts), length), np.int32)
        for row, text in enumerate(texts):
            found = [piece for word in words_of(text) for piece in self._cut(word)][:length]
            numbers[row, : len(found) or 1] = found or [1]
        return numbers

    def __len__(self) -> int:
        return len(self.vocabulary)

    def _cut_word(self, word: str) -> tuple[int, ...]:
        found, start = [], 0
        while start < len(word):
            mark = "##" if start else ""
            ends = (end for end in range(len(word), start, -1) if mark + word[start:end] in self._numbers)
            end = next(ends, None)
            if end is None:
                return (1,)
            found.append(self._numbers[mark + word[start:end]])
            start = end
        return tuple(found)


def _count_pieces(counts: Counter[str]) -> Counter[str]:
    """Worth of each part of 2 to 6 letters: its length, times the root of how often its words occur."""
    worth: Counter[str] = Counter()
    for word, count in counts.items():
        for start in range(len(word)):
            for end in range(start + 2, min(len(word), start + 6) + 1):
                if end - start < len(word):
                    worth[("##" if start else "") + word[start:end]] += count**0.5 * (end - start - 1)
    return worth
