"""Mel filters: triangles that are equally wide to the ear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.audio import mel_filters
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.trials import draws, mixed

__all__ = ["FILTERS"]

Case = tuple[int, int, int, float, float]  # bands, FFT length, rate, lowest and highest in Hz


def _mel(hertz):
    return 2595 * np.log10(1 + np.asarray(hertz) / 700)


def _hertz(mel):
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def _triangles(corners: np.ndarray, fft_length: int, rate: int) -> np.ndarray:
    pitch = np.arange(fft_length // 2 + 1) * rate / fft_length
    return np.stack([np.interp(pitch, corners[k : k + 3], [0, 1, 0]) for k in range(len(corners) - 2)])


def _truth(bands: int, fft_length: int, rate: int, lowest: float, highest: float) -> np.ndarray:
    return _triangles(_hertz(np.linspace(_mel(lowest), _mel(highest), bands + 2)), fft_length, rate)


def _draw(rng: np.random.Generator, *, bands: int | None = None) -> Case:
    rate = int(rng.choice([8000, 11025, 16000, 22050]))
    bands = int(rng.integers(4, 14)) if bands is None else bands
    return bands, int(rng.choice([512, 1024])), rate, float(rng.uniform(20, 200)), float(rng.uniform(0.35, 0.5) * rate)


def _slips(case: Case) -> list[tuple[np.ndarray, str]]:
    bands, fft_length, rate, lowest, highest = case
    truth = _truth(*case)
    corners = _hertz(np.linspace(_mel(lowest), _mel(highest), bands + 2))
    natural = 700 * (np.exp(np.linspace(np.log1p(lowest / 700), np.log1p(highest / 700), bands + 2) * 2) - 1)
    widths = (corners[2:] - corners[:-2])[:, None]
    sums = np.where(truth.sum(axis=1) > 0, truth.sum(axis=1), 1)[:, None]
    pitch = np.arange(fft_length // 2 + 1) * rate / fft_length
    to_the_end = _hertz(np.linspace(_mel(0), _mel(rate / 2), bands + 2))
    return [
        (
            _triangles(np.linspace(lowest, highest, bands + 2), fft_length, rate),
            "Corners are equally far apart in *mel*, not in Hz.",
        ),
        (truth[::-1], "The lowest band comes first."),
        (2 * truth / widths, "Each triangle is 1 high in its middle; yours have equal areas."),
        (truth / sums, "Each triangle is 1 high in its middle; yours have a sum of 1."),
        (
            _triangles(to_the_end, fft_length, rate),
            "The corners lie between `lowest` and `highest`; yours span all frequencies.",
        ),
        (_triangles(natural, fft_length, rate), "Go back from mel to Hz by the inverse of the same formula."),
        (
            _triangles(_mel(corners), fft_length, rate),
            "Your corners are still in mel, and the columns are in Hz: bring the corners back to Hz.",
        ),
        (
            np.stack([np.interp(_mel(pitch), _mel(corners[k : k + 3]), [0, 1, 0]) for k in range(bands)]),
            "Your lines are straight in mel; they rise and fall along straight lines in *Hz*.",
        ),
        (_truth(bands, fft_length, 2 * rate, lowest, highest), "The last column stands for half of the rate."),
    ]


def _rounded(received: np.ndarray, case: Case) -> bool:
    """Whether most triangles have their corners at columns, by any of the usual ways to round."""
    bands, fft_length, rate, lowest, highest = case
    places = _hertz(np.linspace(_mel(lowest), _mel(highest), bands + 2)) / rate
    ways = np.floor((fft_length + 1) * places), np.floor(fft_length * places), np.round(fft_length * places)
    tables = [_triangles(columns * rate / fft_length, fft_length, rate) for columns in ways]
    return any(
        np.mean([close(*rows, atol=1e-6) for rows in zip(received, table, strict=True)]) > 0.5 for table in tables
    )


def _expect(filters: Callable, case: Case, why: str) -> np.ndarray:
    truth = _truth(*case)
    message = f"{case[0]} bands over a transform of {case[1]} samples are a table of the shape {truth.shape}."
    received = numbers_of(filters(*case), truth.shape, message)
    if received.min() < -1e-9:
        why = "A triangle is 0 outside of its corners, and never below."
    elif not close(received, truth, atol=1e-5) and _rounded(received, case):
        why = "Your corners are rounded to columns; leave them where they are, between two columns."
    found = next((said for wrong, said in _slips(case) if close(received, wrong, atol=1e-6)), why)
    row = int(abs(received - truth).max(axis=1).argmax())
    fine = close(received, truth, atol=1e-5)
    require(fine, f"Band {row} of {case[0]}, from {case[3]:.0f} to {case[4]:.0f} Hz, is another triangle. {found}")
    return received


def corners_are_equal_in_mel(filters):
    """The corners of the triangles lie at equal distances in mel."""
    for rng in draws(4):
        _expect(filters, _draw(rng), "There are `num_bands + 2` corners, and each band has three of them.")


def one_band_is_one_triangle(filters):
    """One band is one triangle between the two ends, and two bands share their corners."""
    for rng in draws(3):
        for bands in mixed([1, 2], rng):
            _expect(filters, _draw(rng, bands=bands), "Band k rises from corner k to corner k + 1 and falls to k + 2.")


def middles_are_one_and_neighbours_add_up(filters):
    """Between the first and the last middle, each frequency belongs to two neighbours that add up to 1."""
    for rng in draws(3):
        case = _draw(rng, bands=int(rng.integers(5, 12)))
        truth, received = _truth(*case), _expect(filters, case, "One rises where the other falls.")
        inside = truth.sum(axis=0) > 1 - 1e-9
        fine = inside.any() and close(received[:, inside].sum(axis=0), np.ones(int(inside.sum())), atol=1e-5)
        require(fine, "Where one triangle falls, the next one rises: between the outer middles, they add up to 1.")


def rate_and_length_place_the_columns(filters):
    """Column j stands for `j * rate / fft_length` Hz, at any rate and length."""
    for rng in draws(2):
        bands, _, _, lowest, _ = _draw(rng)
        for rate, fft_length in mixed([(8000, 512), (16000, 512), (16000, 1024), (8000, 1024)], rng):
            case = bands, fft_length, rate, lowest, float(rng.uniform(3000, 3900))
            _expect(filters, case, "Column j stands for `j * rate / fft_length` Hz.")


FILTERS = Exercise(
    id="11.2",
    title="Mel filters",
    points=3,
    kit_has=(mel_filters,),
    hints=(
        "`mel = 2595 * np.log10(1 + hertz / 700)`, and back: `hertz = 700 * (10 ** (mel / 2595) - 1)`.",
        "The corners: `np.linspace(mel(lowest), mel(highest), num_bands + 2)`, back in Hz. The columns: "
        "`np.fft.rfftfreq(fft_length, 1 / rate)`.",
        "`np.interp(columns, corners[k : k + 3], [0, 1, 0])` is band k.",
    ),
    properties=(
        corners_are_equal_in_mel,
        one_band_is_one_triangle,
        middles_are_one_and_neighbours_add_up,
        rate_and_length_place_the_columns,
    ),
)
