"""Scripts of one layout: letters are moved from block to block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.data.names import to_devanagari
from tlkit.exercises.lesson_15_english_to_hindi.shown import MOVED
from tlkit.exercises.trials import draws, mixed
from tlkit.translation import move_script

__all__ = ["MOVE"]

_BLOCKS = (0x900, 0x980, 0xA00, 0xA80, 0xB00, 0xB80, 0xC00, 0xC80, 0xD00)  # Devanagari to Malayalam
_OTHERS = "abcxyz -.'()…अக中"


def _draw(rng: np.random.Generator, source: int, *, others: bool = False, edges: bool = False) -> str:
    """Letters of a block, perhaps its first and last places, and perhaps letters that do not belong to it."""
    places = rng.integers(5, 0x70, int(rng.integers(5, 12))).tolist() + ([0, 0x7F] if edges else [])
    letters = [chr(source + place) for place in places]
    if others:
        outside = [letter for letter in _OTHERS if not source <= ord(letter) < source + 0x80]
        letters += rng.choice(outside, 4).tolist()
    return "".join(mixed(letters, rng))


def _truth(text: str, source: int, target: int) -> str:
    moved = []
    for letter in text:
        place = ord(letter) - source
        moved.append(chr(target + place) if 0 <= place <= 0x7F else letter)
    return "".join(moved)


def _all_moved(text: str, by: int) -> str:
    return "".join(chr(max(0, ord(letter) + by)) for letter in text)


def _slips(text: str, source: int, target: int) -> list[tuple[str, str]]:
    inside = [letter for letter in text if source <= ord(letter) < source + 0x80]
    by = target - source
    beyond = "".join(chr(ord(letter) + by) if ord(letter) >= source else letter for letter in text)
    short = "".join(chr(ord(a) + by) if source <= ord(a) < source + 0x7F else a for a in text)
    late = "".join(chr(ord(a) + by) if source < ord(a) < source + 0x80 else a for a in text)
    wide = "".join(chr(ord(a) + by) if source <= ord(a) <= source + 0x80 else a for a in text)
    return [
        (text, "Nothing has moved: letters of the block from `source` on are to be moved."),
        (_all_moved(text, by), "Only letters of the block are moved: spaces and other letters stay as they are."),
        (beyond, "The block ends after 128 places: what lies beyond it stays as it is."),
        (short, "The block has 128 places: its last one is `source + 127`."),
        (late, "The first place of the block, `source`, belongs to it."),
        (wide, "The block has 128 places: `source + 128` is no longer in it."),
        (_truth("".join(inside), source, target), "Letters that are not in the block stay where they are."),
        (_all_moved(text, -by), "The letters moved the wrong way: from `source` to `target`."),
        (_truth(text, target, source), "The letters moved the wrong way: from `source` to `target`."),
    ]


def _expect(move: Callable, text: str, source: int, target: int, why: str) -> None:
    received, truth = held(move(text, source, target)), _truth(text, source, target)
    require(isinstance(received, str), f"Return a text. Received: {in_words(received)}.")
    if received == truth:
        return
    told = next((said for value, said in _slips(text, source, target) if value == received), why)
    case = f"{text!r}, from block {source:#x} to {target:#x}, is {truth!r}."
    require(False, f"{case} Received: {received!r}. {told}")


def _two_blocks(rng: np.random.Generator) -> tuple[int, int]:
    source, target = rng.choice(_BLOCKS, 2, replace=False)
    return int(source), int(target)


def letters_keep_their_places(move):
    """Each letter has the same place in the other block, whichever blocks they are."""
    for rng in draws(5):
        source, target = _two_blocks(rng)
        _expect(move, _draw(rng, source), source, target, "Its code point changes by `target - source`.")


def other_letters_stay(move):
    """Spaces, marks and letters of other scripts stay as they are, in their order."""
    for rng in draws(5):
        source, target = _two_blocks(rng)
        _expect(move, _draw(rng, source, others=True), source, target, "Look at each letter's code point first.")


def the_block_has_128_places(move):
    """The first and the last of its 128 places belong to the block, and their neighbours do not."""
    for rng in draws(4):
        source, target = _two_blocks(rng)
        beside = [chr(source - 1), chr(source + 0x80)]
        text = "".join(mixed([*_draw(rng, source, edges=True), *beside], rng))
        _expect(move, text, source, target, "The block goes from `source` to `source + 127`.")


def there_and_back_changes_nothing(move):
    """Moved there and back, a text is what it was; the empty text stays empty."""
    for rng in draws(3):
        source, target = _two_blocks(rng)
        text = _draw(rng, source)
        for each, (one, other) in mixed([(text, (source, target)), ("", (source, target))], rng):
            _expect(move, each, one, other, "Its code point changes by `target - source`.")
        _expect(move, _truth(text, source, target), target, source, "This is the way back.")


def reconciles_the_move(moved, prediction):
    """Your prediction is compared with your own run."""
    fine = isinstance(moved, dict) and set(moved) == {"Bengali letters", "moved to Hindi's"}
    require(fine, "`moved` must hold the share of letters wrong before and after the move, as measured.")
    told = ", ".join(f"{name} {value:.0%} wrong" for name, value in moved.items())
    return f"You predicted that the move helps {prediction!r}. Measured: {told}."


MOVE = Exercise(
    id="15.7",
    title="Move a script",
    points=2,
    prediction=one_of(*MOVED),
    given={
        "moved": lambda rng: {
            "Bengali letters": float(rng.uniform(0.9, 1.1)),
            "moved to Hindi's": float(rng.uniform(0.4, 0.6)),
        }
    },
    kit_has=(move_script, to_devanagari),
    hints=(
        "`ord(letter)` is a letter's code point, and `chr(number)` the letter of a code point.",
        "Where `source <= ord(letter) < source + 128`, it becomes `chr(ord(letter) - source + target)`.",
        "`text.translate({source + place: target + place for place in range(128)})`.",
    ),
    properties=(
        letters_keep_their_places,
        other_letters_stay,
        the_block_has_128_places,
        there_and_back_changes_nothing,
        reconciles_the_move,
    ),
)
