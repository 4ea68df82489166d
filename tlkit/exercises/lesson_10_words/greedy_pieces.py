"""Words cut from the left into the longest known pieces."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.data.texts import WordPieces
from tlkit.exercises.trials import draws

__all__ = ["CUT"]

LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyzABCDEF"))
UNKNOWN = "[UNK]"


def _letters(rng: np.random.Generator, number: int) -> str:
    return "".join(rng.choice(LETTERS, number))


def _greedy(word: str, known: set[str]) -> list[str]:
    """The truth, from the far end of the word inwards: another way than the kit's."""
    found, rest, mark = [], word, ""
    while rest:
        fits = [mark + rest[:size] for size in range(len(rest), 0, -1) if mark + rest[:size] in known]
        if not fits:
            return [UNKNOWN]
        found.append(fits[0])
        rest, mark = rest[len(fits[0]) - len(mark) :], "##"
    return found


def _shortest(word: str, known: set[str]) -> list[str]:
    found, start = [], 0
    while start < len(word):
        mark = "##" if start else ""
        ends = [end for end in range(start + 1, len(word) + 1) if mark + word[start:end] in known]
        if not ends:
            return [UNKNOWN]
        found.append(mark + word[start : ends[0]])
        start = ends[0]
    return found


def _partly(word: str, known: set[str]) -> list[str]:
    """A mistake: what could be cut is kept, and the rest becomes unknown."""
    for end in range(len(word), 0, -1):
        pieces = _greedy(word[:end], known)
        if pieces != [UNKNOWN]:
            return [*pieces, UNKNOWN] if end < len(word) else pieces
    return [UNKNOWN]


def _case(rng: np.random.Generator) -> tuple[str, set[str]]:
    """A word of a stem and two endings, and pieces in which a longer stem, or a shorter one, is known, too."""
    stem, middle, last = (_letters(rng, int(rng.integers(2, 5))) for _ in range(3))
    word = stem + middle + last
    pieces = {stem, stem[:-1], stem + middle[0], "##" + middle, "##" + middle[1:], "##" + last, "##" + last[0]}
    if len(middle) > 2:
        pieces.add("##" + middle[1:-1])
    letters = {mark + letter for mark in ("", "##") for letter in word}
    others = {_letters(rng, 3) for _ in range(4)}
    return word, pieces | letters | others


def _too_greedy(rng: np.random.Generator) -> tuple[str, set[str]]:
    """A word that shorter pieces would cut, but not the longest ones."""
    stem, middle, last = (_letters(rng, 3) for _ in range(3))
    return stem + middle + last, {stem, stem + middle[0], "##" + middle, "##" + last}


def _slips(word: str, known: set[str], truth: list[str]) -> list[tuple[list[str], str]]:
    bare = [piece.removeprefix("##") for piece in truth]
    marked = {"##" + piece for piece in known if not piece.startswith("##")}
    return [
        (_shortest(word, known), "It is the *longest* known piece that is taken, not the shortest."),
        (bare, "A piece within a word begins with `##`."),
        ([bare[0], *("##" + piece for piece in bare[1:])], "A piece in another place is another piece."),
        (_partly(word, known), "If any part cannot be cut, the whole word becomes `[UNK]`, and nothing else."),
        ([], "A word that cannot be cut becomes `[UNK]`: it does not disappear."),
        (truth[::-1], "The pieces come in the order of the word."),
        ([word], "This word is not in the vocabulary: it cannot stay whole."),
        ([UNKNOWN], "This word can be cut: look for the longest piece that begins it."),
        (list(word), "There are longer known pieces than single letters."),
        (_greedy(word, known | marked), "Within a word only pieces with `##` may be used."),
    ]


def _expect(cut: Callable, word: str, known: set[str], why: str) -> None:
    truth = _greedy(word, known)
    received = held(cut(word, set(known)))
    pieces = received.tolist() if isinstance(received, np.ndarray) else received
    fine = isinstance(pieces, list | tuple) and all(isinstance(each, str) for each in pieces)
    require(fine, f"Return a list of pieces, as `['play', '##ing']`. Received: {in_words(received)}.")
    given = [str(each) for each in pieces]
    told = f"{word!r} is cut into {truth}. Received: {given}."
    if truth == [UNKNOWN] and "".join(each.removeprefix("##") for each in given) == word:
        require(False, f"{told} The longest piece is never given back, even if its rest cannot be cut.")
    why = next((message for value, message in _slips(word, known, truth) if given == value), why)
    require(given == truth, f"{told} {why}")


def the_longest_piece_first(cut):
    """From the left, the longest known piece is taken, again and again."""
    for rng in draws(8):
        word, known = _case(rng)
        _expect(cut, word, known, "Begin with the whole rest of the word, and shorten it until it is known.")


def a_known_word_stays_whole(cut):
    """A word that is known stays whole, whatever else is known."""
    for rng in draws(4):
        word, known = _case(rng)
        _expect(cut, word, known | {word}, "The whole word is the longest piece.")
        _expect(cut, word, known | {"##" + word}, "A piece with `##` cannot begin a word.")


def pieces_within_are_marked(cut):
    """Within a word, only pieces with the mark count."""
    for rng in draws(6):
        word, known = _case(rng)
        rest = word[len(_greedy(word, known)[0]) :]
        _expect(cut, word, known | {rest}, "Within a word, look up `'##' + part`.")


def an_unknown_rest_makes_the_word_unknown(cut):
    """Where a rest cannot be cut, the whole word is unknown."""
    for rng in draws(4):
        word, known = _case(rng)
        strange = word + "é" if rng.random() < 0.5 else "é" + word
        _expect(cut, strange, known, "A letter that no piece holds makes the word `[UNK]`.")
        _expect(cut, word, known, "This one can be cut.")
        _expect(cut, *_too_greedy(rng), "Where no piece fits a rest, the word becomes `[UNK]`.")


CUT = Exercise(
    id="10.1",
    title="The longest piece first",
    points=2,
    kit_has=(WordPieces,),
    hints=(
        "Keep a place in the word, from which the next piece begins; at first it is 0.",
        "Try ends from `len(word)` down to `start + 1`; look up `word[start:end]`, with `##` before it if `start > 0`.",
        "`for end in range(len(word), start, -1): piece = mark + word[start:end]`; none known: return `['[UNK]']`.",
    ),
    properties=(
        the_longest_piece_first,
        a_known_word_stays_whole,
        pieces_within_are_marked,
        an_unknown_rest_makes_the_word_unknown,
    ),
)
