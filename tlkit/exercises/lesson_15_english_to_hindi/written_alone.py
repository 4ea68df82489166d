"""Writing letter by letter, each from those that were written before."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from tlkit.backbones.spelling import spell
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_15_english_to_hindi.shown import ALONE
from tlkit.exercises.trials import draws, mixed
from tlkit.translation import write_greedily

__all__ = ["WRITE"]


class _Language:
    """Scores of the next letter after any letters, drawn anew; the end comes after `stop` letters, or never."""

    def __init__(self, rng: np.random.Generator, stop: int | None):
        self.width, self.stop = int(rng.integers(9, 20)), stop
        self.begin, self.end = (int(each) for each in rng.choice(np.arange(self.width), 2, replace=False))
        self._seed = int(rng.integers(1 << 40))

    def __call__(self, said: Iterable) -> np.ndarray:
        letters = [int(letter) for letter in said]
        require(
            letters[:1] == [self.begin],
            f"`next_scores` was called with {letters}; it needs the letters so far, with `begin`, {self.begin}, first.",
        )
        require(len(letters) < 60, "Your function goes on after the end, or after `longest` letters.")
        scores = np.random.default_rng([self._seed, *letters]).normal(size=self.width)
        scores[self.begin] = -9
        scores[self.end] = 9 if len(letters) - 1 == self.stop else -9  # whoever asks beyond the end gets more letters
        return scores

    def truth(self, longest: int) -> list[int]:
        """What is written alone."""
        letters: list[int] = []
        for _ in range(longest):
            letter = int(self([self.begin, *letters]).argmax())
            if letter == self.end:
                break
            letters.append(letter)
        return letters

    def without_memory(self, number: int) -> list[list[int]]:
        """What is written by an answer that forgets what it wrote: all from the beginning, or from the last letter."""
        first = int(self([self.begin]).argmax())
        last = [first]
        while len(last) < number:
            last.append(int(self([self.begin, last[-1]]).argmax()))
        return [[first] * number, last]


def _read(write: Callable, language: _Language, longest: int) -> list[int]:
    message = "Return a list of numbers of letters, such as `[7, 5, 12]`."
    received = held(write(language, language.begin, language.end, longest))
    values = received.tolist() if isinstance(received, np.ndarray) else received
    fine = isinstance(values, list | tuple) and all(type(each) in (int, float) for each in values)
    require(fine, f"{message} Received: {in_words(received)}.")
    return [int(each) for each in values]


def _expect(write: Callable, language: _Language, longest: int, why: str) -> None:
    truth = language.truth(longest)
    slips = [
        ([language.begin, *truth], "`begin` is no letter: leave it out of what you return."),
        ([*truth, language.end], "The end is no letter: leave it out of what you return."),
        ([language.begin, *truth, language.end], "`begin` and the end are no letters: leave them out."),
        (truth[:-1], "The last letter is missing."),
        *((each, "Each letter follows from *all* that were written before.") for each in _forgetful(language, truth)),
    ]
    received = _read(write, language, longest)
    told = next((text for value, text in slips if received == value), why)
    if len(received) > len(truth) and received[: len(truth)] == truth and language.end not in received:
        told = "Nothing follows the end: whatever else the network would say is no part of the name."
    if len(received) > longest and received[: len(truth)] == truth:
        told = f"At most {longest} letters are to be written, even if no end has come."
    case = f"With begin={language.begin}, end={language.end}, longest={longest}: the name is {truth}."
    require(received == truth, f"{case} Received: {received}. {told}")


def _forgetful(language: _Language, truth: list[int]) -> list[list[int]]:
    return language.without_memory(len(truth)) if truth else []


def each_letter_follows_from_those_written(write):
    """Each letter is the likeliest one after all that were written before."""
    for rng in draws(4):
        language = _Language(rng, stop=int(rng.integers(4, 9)))
        _expect(write, language, 19, "Take the place of the greatest score, append it, and ask again.")


def it_stops_at_the_end(write):
    """The end closes the name, and is no letter of it; a name may have none."""
    for rng in draws(3):
        for stop in mixed([0, 1, int(rng.integers(2, 6))], rng):
            _expect(write, _Language(rng, stop=stop), 19, "Stop as soon as the end is the likeliest.")


def it_stops_after_the_longest_name(write):
    """Where the end never comes, it stops after `longest` letters."""
    for rng in draws(3):
        for longest in mixed([1, int(rng.integers(3, 12))], rng):
            _expect(write, _Language(rng, stop=None), longest, "Count the letters that were written.")


def the_end_may_come_last(write):
    """Names of just `longest` letters, and shorter by one, are written whole."""
    for rng in draws(3):
        stop = int(rng.integers(3, 9))
        for longest in mixed([stop, stop + 1, stop - 1], rng):
            _expect(write, _Language(rng, stop=stop), longest, "At most `longest` letters, however the name ends.")


def reconciles_writing_alone(by_help, prediction):
    """Your prediction is compared with your own run."""
    fine = isinstance(by_help, dict) and set(by_help) == {"told the right letters", "alone"}
    require(fine, "`by_help` must hold the share of letters wrong of both, as measured.")
    told = ", ".join(f"{name} {value:.0%} wrong" for name, value in by_help.items())
    return f"You predicted {prediction!r}. Measured: {told}."


WRITE = Exercise(
    id="15.3",
    title="Write alone",
    points=3,
    prediction=one_of(*ALONE),
    given={
        "by_help": lambda rng: {
            "told the right letters": float(rng.uniform(0.1, 0.2)),
            "alone": float(rng.uniform(0.2, 0.4)),
        }
    },
    kit_has=(write_greedily, spell),
    hints=(
        "Keep a list `said` that starts as `[begin]`, and call `next_scores(said)` again and again.",
        "`letter = int(np.argmax(next_scores(said)))`; if it is `end`, stop, otherwise append it.",
        "`while len(said) <= longest: ...`, and at last `return said[1:]`.",
    ),
    properties=(
        each_letter_follows_from_those_written,
        it_stops_at_the_end,
        it_stops_after_the_longest_name,
        the_end_may_come_last,
        reconciles_writing_alone,
    ),
)
