"""Augmentation of spectrograms: a hidden span of time and a hidden band of frequencies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_11_voices.shown import MASKING
from tlkit.exercises.trials import draws, mixed

__all__ = ["MASKED"]


def _draw(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(5, 250, (int(rng.integers(20, 30)), int(rng.integers(31, 45)))).round(1)


def _read(masked: Callable, picture: np.ndarray, frames: int, bands: int, seed: int) -> np.ndarray:
    """Return which cells an answer hid, `(num_bands, num_frames)`."""
    given = picture.copy()
    shape = picture.shape
    received = numbers_of(masked(given, frames, bands, seed), shape, f"Return a picture of the same shape, {shape}.")
    require(
        bool((given == picture).all()), "The picture that was passed has changed. Work on a copy: it is needed again."
    )
    changed = received != picture
    told = "A hidden cell is 0, and every other cell stays what it was."
    require(
        bool((received[changed] == 0).all()),
        f"{told} Yours has {received[changed & (received != 0)][:3]} in place of others.",
    )
    return changed


def _spans(hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows and columns that are hidden as a whole."""
    return np.flatnonzero(hidden.all(axis=1)), np.flatnonzero(hidden.all(axis=0))


def _one_span(places: np.ndarray) -> bool:
    return not len(places) or int(places[-1] - places[0]) == len(places) - 1


def whole_rows_and_columns_are_hidden(masked):
    """What is hidden is one span of whole columns and one of whole rows."""
    for rng in draws(4):
        picture = _draw(rng)
        frames, bands = int(rng.integers(4, 9)), int(rng.integers(4, 9))
        for _ in range(6):
            hidden = _read(masked, picture, frames, bands, int(rng.integers(10**6)))
            rows, columns = _spans(hidden)
            cross = np.zeros_like(hidden)
            cross[rows], cross[:, columns] = True, True
            told = "A span of time hides all of its bands, and a band is hidden at all times."
            require(bool((hidden == cross).all()), f"{told} Yours hides {hidden.sum()} cells that are no such cross.")
            require(
                _one_span(rows) and _one_span(columns), "Each span is in one piece: neighbours, not scattered ones."
            )


def widths_have_limits(masked):
    """No span is wider than asked for: `frames` for time, `bands` for frequency."""
    for rng in draws(2):
        for frames, bands in mixed([(9, 0), (0, 9), (2, 7), (7, 2)], rng):
            picture = _draw(rng)
            for _ in range(8):
                rows, columns = _spans(_read(masked, picture, frames, bands, int(rng.integers(10**6))))
                told = f"With frames={frames} and bands={bands}, you hid {len(columns)} frames and {len(rows)} bands."
                require(
                    len(columns) <= frames and len(rows) <= bands, f"{told} Columns are frames, and rows are bands."
                )


def widths_and_places_are_drawn(masked):
    """Widths from 0 to the largest all occur, and every place can be hidden."""
    for rng in draws(2):
        picture, most = _draw(rng), int(rng.integers(3, 5))
        found = [_spans(_read(masked, picture, most, most, int(rng.integers(10**6)))) for _ in range(150)]
        for axis, (name, size) in enumerate(zip(("bands", "frames"), picture.shape, strict=True)):
            widths = {len(spans[axis]) for spans in found}
            told = f"In 150 draws with at most {most} {name}, the widths were {sorted(widths)}"
            require(widths == set(range(most + 1)), f"{told}. Each from 0 to {most} must occur.")
            places = np.concatenate([spans[axis] for spans in found])
            ends = places.min() < 0.25 * size and places.max() >= 0.75 * size
            require(bool(ends), f"In 150 draws, only {name} {places.min()} to {places.max()} of {size} were hidden.")
            last = places.max() >= size - 3 and places.min() <= 2
            require(bool(last), f"Of {size} {name}, {places.min()} to {places.max()} were hidden: the ends never are.")


def the_seed_decides(masked):
    """The same seed hides the same, and another one something else."""
    for rng in draws(3):
        picture, seed = _draw(rng), int(rng.integers(10**6))
        one, again = (_read(masked, picture, 8, 8, seed) for _ in range(2))
        require(bool((one == again).all()), "The same seed must hide the same cells.")
        many = {_read(masked, picture, 8, 8, int(rng.integers(10**6))).tobytes() for _ in range(12)}
        require(len(many) > 8, f"Twelve seeds hid only {len(many)} different crosses.")


def reconciles_the_help(help_of_masks, prediction):
    """Your prediction is compared with your own trainings."""
    values = np.asarray(help_of_masks, float)
    require(
        values.ndim == 1 and len(values) > 1, "`help_of_masks` must hold one difference for each seed, as measured."
    )
    return (
        f"You predicted {prediction!r}. In your runs, masks changed the accuracy by {100 * values.mean():+.1f} points."
    )


MASKED = Exercise(
    id="11.6",
    title="Hidden spans",
    points=2,
    prediction=one_of(*MASKING),
    given={"help_of_masks": lambda rng: rng.normal(0, 0.02, 10)},
    hints=(
        "First the width, `rng.integers(0, frames + 1)`; then the start, so that the span ends inside the picture.",
        "`start = rng.integers(0, num_frames - width + 1)`; columns are frames, rows are bands.",
        "`copy = picture.copy(); copy[:, start : start + width] = 0`, and likewise for rows.",
    ),
    properties=(
        whole_rows_and_columns_are_hidden,
        widths_have_limits,
        widths_and_places_are_drawn,
        the_seed_decides,
        reconciles_the_help,
    ),
)
