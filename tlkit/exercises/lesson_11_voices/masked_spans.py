"""Augmentation of spectrograms: a hidden span of time and a hidden band of frequencies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import chisquare

from tlkit.audio import mask_spans
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_11_voices.shown import MASKING
from tlkit.exercises.trials import draws, mixed

__all__ = ["MASKED"]

_LUCK = 1e-6  # how seldom an answer that is right may be told that it is not


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
        several = [_read(masked, picture, frames, bands, int(rng.integers(10**6))) for _ in range(6)]
        require(any(hidden.any() for hidden in several), "In six draws, nothing was hidden at all.")
        for hidden in several:
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
            several = [_read(masked, picture, frames, bands, int(rng.integers(10**6))) for _ in range(8)]
            require(any(hidden.any() for hidden in several), "In eight draws, nothing was hidden at all.")
            for rows, columns in map(_spans, several):
                told = f"With frames={frames} and bands={bands}, you hid {len(columns)} frames and {len(rows)} bands."
                require(
                    len(columns) <= frames and len(rows) <= bands, f"{told} Columns are frames, and rows are bands."
                )


def widths_and_places_are_drawn(masked):
    """All widths have the same chance, and so have all places of a span of one width."""
    for rng in draws(1):
        # One axis at a time: whole columns could not be told where all rows are hidden
        for axis, size in mixed([(0, 2), (0, 3), (1, 2), (1, 3)], rng):
            shape, limits = [4, 4], [0, 0]
            shape[axis], limits[axis] = size, 2
            picture, seeds = rng.uniform(5, 250, shape).round(1), rng.integers(10**9, size=700)
            found = [_spans(_read(masked, picture, limits[1], limits[0], int(seed)))[axis] for seed in seeds]
            spans = [(len(places), int(places[0]) if len(places) else 0) for places in found]
            _expect_all_alike(spans, size, 2, ("bands", "frames")[axis])


def _expect_all_alike(spans: list[tuple[int, int]], size: int, most: int, name: str) -> None:
    """Compare how often each width and start occurred with how often it should."""
    widths = np.bincount([width for width, _ in spans], minlength=most + 1)
    told = f"Of {size} {name}, at most {most} of them hidden, {len(spans)} draws hid"
    counts = ", ".join(f"{width} of them {count} times" for width, count in enumerate(widths))
    fine = chisquare(widths).pvalue > _LUCK
    require(fine, f"{told} {counts}. Each width from 0 to {most} must have the same chance.")
    for width in range(1, min(most, size - 1) + 1):  # one as wide as the picture has one place only
        starts = np.bincount([start for own, start in spans if own == width], minlength=size - width + 1)
        fine = chisquare(starts).pvalue > _LUCK
        where = f"{told} {width} of them from place 0, 1, ... on {starts.tolist()} times."
        require(fine, f"{where} The last place is {size - width}, and all must have the same chance.")


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
    kit_has=(mask_spans,),
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
