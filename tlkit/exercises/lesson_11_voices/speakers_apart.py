"""Few labelled clips of some speakers, and a test by speakers that were never heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.audio import draw_by_speaker
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_11_voices.shown import FLATTERED
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["APART"]


@dataclass(frozen=True)
class _Case:
    """Clips: their words, who says them, and how many of both are asked for."""

    labels: np.ndarray
    speakers: np.ndarray
    shots: int
    num_speakers: int

    def said(self, draw: Callable, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `(train, test)`, rows in order."""
        received = held(draw(self.labels.copy(), self.speakers.copy(), self.shots, self.num_speakers, seed))
        fine = isinstance(received, list | tuple) and len(received) == 2
        require(fine, "Return two lists of rows: those for training and those for the test.")
        return self._rows(received[0]), self._rows(received[1])

    def _rows(self, received: object) -> np.ndarray:
        values = np.asarray(received, dtype=object)
        size = values.size
        require(
            not size or not all(isinstance(value, bool | np.bool_) for value in values.ravel()),
            "This is a mask, `True` or `False` for each clip. Return the rows where it is true: `np.flatnonzero(...)`.",
        )
        rows = numbers_of(received, (size,), "Return rows of `labels` in one dimension.")
        fine = np.isin(rows, np.arange(len(self.labels))).all() and len(set(rows.tolist())) == size
        require(bool(fine), f"Rows are whole numbers from 0 to {len(self.labels) - 1}, none of them twice.")
        return np.sort(rows.astype(int))


def _draw(rng: np.random.Generator, *, num_speakers: int | None = None) -> _Case:
    """Some speakers say each word some times, in any order."""
    names = np.array(random_names(int(rng.integers(6, 9)), rng))
    words = rng.choice(50, int(rng.integers(3, 5)), replace=False)
    counts = rng.integers(3, 6, (len(names), len(words)))
    speakers = np.repeat(np.repeat(names, len(words)), counts.ravel())
    labels = np.repeat(np.tile(words, len(names)), counts.ravel())
    order = rng.permutation(len(labels))
    chosen = int(rng.integers(2, 5)) if num_speakers is None else num_speakers
    return _Case(labels[order], speakers[order], int(rng.integers(2, 4)), chosen)


def _people(number: int) -> str:
    return "1 speaker" if number == 1 else f"{number} speakers"


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(10**6))


def no_speaker_is_in_both(draw):
    """No speaker of the training is in the test."""
    for rng in draws(5):
        case = _draw(rng)
        train, test = case.said(draw, _seed(rng))
        require(len(train) > 0 and len(test) > 0, "Both parts need clips.")
        both = np.intersect1d(case.speakers[train], case.speakers[test])
        speak = "speaks" if len(both) == 1 else "speak"
        told = f"{' and '.join(both[:2])} {speak} in both: the test would tell how well *these* voices are known."
        require(not len(both), f"{told} Draw speakers first, then clips.")


def each_word_has_its_shots(draw):
    """Each word has `shots` clips for training, from all drawn speakers together."""
    for rng in draws(3):
        for num_speakers in mixed([1, 2, 4], rng):
            case = _draw(rng, num_speakers=num_speakers)
            train, test = case.said(draw, _seed(rng))
            words, counts = np.unique(case.labels[train], return_counts=True)
            fine = len(words) == len(np.unique(case.labels)) and (counts == case.shots).all()
            require(
                bool(fine),
                f"{_people(num_speakers)} and {case.shots} shots: each word needs {case.shots} clips in all, "
                f"however many speakers there are. Yours have {counts.tolist()}.",
            )
            known = len(np.unique(case.speakers)) - len(np.unique(case.speakers[test]))
            require(
                known == num_speakers,
                f"All clips but those of {_people(num_speakers)} are for the test. Yours lacks those of "
                f"{_people(known)}.",
            )


def all_clips_of_the_others_are_the_test(draw):
    """All clips of all other speakers are the test."""
    for rng in draws(4):
        case = _draw(rng)
        _, test = case.said(draw, _seed(rng))
        others = np.flatnonzero(np.isin(case.speakers, np.unique(case.speakers[test])))
        told = f"The speakers of your test have {len(others)} clips; your test has {len(test)} of them."
        require(len(test) == len(others), f"{told} Take all.")


def the_seed_draws_speakers_and_clips(draw):
    """The same seed draws the same; other seeds draw other speakers, and other clips of the same ones."""
    for rng in draws(2):
        case, seed = _draw(rng, num_speakers=2), _seed(rng)
        one, again = (case.said(draw, seed)[0].tolist() for _ in range(2))
        require(one == again, "The same seed must draw the same rows, or two networks could not be compared.")
        drawn = {tuple(np.unique(case.speakers[case.said(draw, _seed(rng))[0]])) for _ in range(16)}
        require(
            len(drawn) > 4,
            f"Sixteen seeds drew the speakers of the training in {len(drawn)} ways. Draw them by chance.",
        )
        names = np.unique(case.speakers)
        few = _draw(rng, num_speakers=1)
        few = _Case(few.labels, np.where(few.speakers == np.unique(few.speakers)[0], names[0], names[1]), few.shots, 1)
        trains = {tuple(few.said(draw, _seed(rng))[0]) for _ in range(16)}
        require(
            len(trains) > 4,
            f"With two speakers, sixteen seeds drew {len(trains)} trainings. Draw the clips by chance, too.",
        )


def reconciles_the_leak(leaks, prediction):
    """Your prediction is compared with your own measurement."""
    values = np.asarray(leaks, float)
    require(values.ndim == 1 and len(values) > 1, "`leaks` must hold one difference for each seed, as measured.")
    return f"You predicted {prediction!r}. Here, the same voices flatter by {100 * values.mean():.1f} points."


APART = Exercise(
    id="11.4",
    title="Speakers apart",
    points=3,
    prediction=one_of(*FLATTERED),
    given={"leaks": lambda rng: rng.normal(0.1, 0.02, 10)},
    kit_has=(draw_by_speaker,),
    hints=(
        "First draw names: `rng.choice(np.unique(speakers), num_speakers, replace=False)`.",
        "`inside = np.isin(speakers, chosen)`; all rows where it is false are the test.",
        "For each word: `rng.choice(np.flatnonzero(inside & (labels == word)), shots, replace=False)`.",
    ),
    properties=(
        no_speaker_is_in_both,
        each_word_has_its_shots,
        all_clips_of_the_others_are_the_test,
        the_seed_draws_speakers_and_clips,
        reconciles_the_leak,
    ),
)
