"""The character error rate: letters to change, to leave out or to insert, per letter of the right names."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from tlkit.backbones.spelling import character_error_rate
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_15_english_to_hindi.shown import BASELINES
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["ERROR_RATE"]

Case = tuple[list[str], list[str]]


def _word(rng: np.random.Generator, low: int = 3, high: int = 10) -> str:
    return "".join(rng.choice(list("कखगनमरलसहपatni"), int(rng.integers(low, high))))


def _changed(word: str, rng: np.random.Generator, number: int) -> str:
    """A word with so many letters changed, left out or inserted, at places that are drawn."""
    letters = list(word)
    for _ in range(number):
        place, kind = int(rng.integers(len(letters) + 1)), rng.choice(["change", "leave out", "insert"])
        new = [str(rng.choice(list("बदजxyz")))] if kind != "leave out" else []
        letters[place : place + (kind != "insert")] = new
    return "".join(letters)


def _exchanged(word: str) -> str:
    """A word with two neighbours exchanged, the first ones that differ."""
    place = next((row for row in range(len(word) - 1) if word[row] != word[row + 1]), 0)
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


@lru_cache(maxsize=10_000)
def _edits(one: str, other: str, change: int = 1) -> int:
    """Edit distance, from the ends of both; `change` is the cost of a changed letter."""
    if not one or not other:
        return len(one) + len(other)
    if one[-1] == other[-1]:
        return _edits(one[:-1], other[:-1], change)
    return min(
        _edits(one[:-1], other, change) + 1,
        _edits(one, other[:-1], change) + 1,
        _edits(one[:-1], other[:-1], change) + change,
    )


@lru_cache(maxsize=10_000)
def _with_exchanges(one: str, other: str) -> int:
    """A mistake: two neighbours that are exchanged count as one edit."""
    if not one or not other:
        return len(one) + len(other)
    ways = [_with_exchanges(one[:-1], other) + 1, _with_exchanges(one, other[:-1]) + 1]
    ways.append(_with_exchanges(one[:-1], other[:-1]) + (one[-1] != other[-1]))
    if len(one) > 1 and one[-2:] == other[-2:][::-1]:
        ways.append(_with_exchanges(one[:-2], other[:-2]) + 1)
    return min(ways)


def _truth(said: list[str], names: list[str]) -> float:
    return sum(map(_edits, said, names)) / sum(map(len, names))


def _by_place(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _slips(said: list[str], names: list[str]) -> list[tuple[float, str]]:
    edits = [_edits(one, other) for one, other in zip(said, names, strict=True)]
    pairs, total = list(zip(said, names, strict=True)), sum(map(len, names))
    longest = [max(len(one), len(other)) for one, other in pairs]
    one_side = [sum(a != b for a, b in zip(one, other, strict=False)) for one, other in pairs]
    found = [
        (float(np.mean([n / len(name) for n, name in zip(edits, names, strict=True)])), "Add up first, then divide."),
        (sum(edits) / len(names), "Divide by the number of letters, not of names."),
        (float(sum(edits)), "Divide by the number of letters of the right names."),
        (sum(edits) / max(1, sum(map(len, said))), "Divide by the letters of the *right* names."),
        (sum(edits) / sum(longest), "Divide by the letters of the right names, also where the answer is longer."),
        (sum(map(_by_place, said, names)) / total, "A letter left out shifts the others: they are not all wrong."),
        (sum(one_side) / total, "Letters that are missing or too many count, too."),
        (sum(_edits(*pair, 2) for pair in pairs) / total, "To change a letter is *one* step, not two."),
        (sum(map(_with_exchanges, said, names)) / total, "Two letters that are exchanged are two edits, not one."),
        (float(np.mean([one != other for one, other in pairs])), "This counts names: a name can be nearly right."),
        (1 - _truth(said, names), "This is the share that is right: the error is asked for."),
        (min(1.0, _truth(said, names)), "The rate may exceed 1: too many letters are wrong ones."),
    ]
    return [(float(value), text) for value, text in found]


def _expect(error_rate: Callable, case: Case, why: str) -> None:
    said, names = case
    truth, slips = _truth(said, names), _slips(said, names)
    received = one_number(error_rate(list(said), list(names)), "letters wrong for each letter")
    told = (
        f"Said {said[:3]}, right {names[:3]}, {len(names)} in all: the rate is {truth:.5g}. Received: {received:.5g}."
    )
    require(close(received, truth, rtol=1e-5, atol=1e-8), f"{told} {slip(received, slips, why)}")


def letters_to_mend_are_counted(error_rate):
    """It counts the fewest letters to change, to leave out or to insert."""
    for rng in draws(4):
        names = [_word(rng, 4) for _ in range(int(rng.integers(4, 8)))]
        said = [_exchanged(names[0]), *(_changed(name, rng, int(rng.integers(0, 4))) for name in names[1:])]
        order = rng.permutation(len(names)).tolist()
        said, names = [said[row] for row in order], [names[row] for row in order]
        _expect(error_rate, (said, names), "This is the edit distance (Levenshtein), summed over the names.")


def a_letter_left_out_is_one(error_rate):
    """A letter left out at the front, or one too many, is one mistake."""
    for rng in draws(3):
        for kind in mixed(["left out", "too many"], rng):
            names = [_word(rng, 6) for _ in range(3)]
            said = [name[1:] if kind == "left out" else "x" + name for name in names]
            _expect(error_rate, (said, names), "The other letters are right, each one place off.")


def long_names_count_more(error_rate):
    """Each letter counts alike, so a long name counts more than a short one."""
    for rng in draws(4):
        names = [_word(rng, 2, 4), _word(rng, 12, 16), _word(rng, 7, 9)]
        said = [_word(rng, 2, 4), _changed(names[1], rng, 2), names[2]]
        order = rng.permutation(3)
        case = [said[row] for row in order], [names[row] for row in order]
        _expect(error_rate, case, "Add up the mistakes of all names, then divide by all their letters.")


def nothing_said_and_much_said(error_rate):
    """Nothing said is wrong in every letter, the name itself in none, and too much may exceed 1."""
    for rng in draws(3):
        for kind in mixed(["nothing", "the same", "too much"], rng):
            names = [_word(rng) for _ in range(3)]
            said = {
                "nothing": ["", *names[1:]],
                "the same": list(names),
                "too much": [name[::-1] + _word(rng, 9, 14) for name in names],
            }[kind]
            _expect(error_rate, (said, names), "An empty text needs all letters to be inserted.")


def reconciles_the_baseline(baselines, prediction):
    """Your prediction is compared with your own run."""
    fine = isinstance(baselines, dict) and set(baselines) == set(BASELINES)
    require(fine, f"`baselines` must hold the share of letters wrong of {' and '.join(BASELINES)}, as measured.")
    told = ", ".join(f"{name} {value:.0%}" for name, value in baselines.items())
    return f"You predicted that fewer letters are wrong by {prediction!r}. Measured: {told}."


ERROR_RATE = Exercise(
    id="15.4",
    title="Letters wrong",
    points=3,
    prediction=one_of(*BASELINES),
    given={"baselines": lambda rng: {name: float(rng.uniform(0.2, 0.4)) for name in BASELINES}},
    kit_has=(character_error_rate,),
    hints=(
        "For two texts, fill a table: row i, column j holds the mistakes between the first i and the first j letters.",
        "Each cell is the least of: above + 1, left + 1, and above left + (0 if both letters are the same, else 1).",
        "The first row is 0, 1, 2 ..., and so is the first column. At last, divide the sum by all right letters.",
    ),
    properties=(
        letters_to_mend_are_counted,
        a_letter_left_out_is_one,
        long_names_count_more,
        nothing_said_and_much_said,
        reconciles_the_baseline,
    ),
)
