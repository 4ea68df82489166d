"""MFCC: a clip in a few numbers, the means and deviations of its cepstral coefficients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.fft import dct

from tlkit.audio import mfcc
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_11_voices.shown import SOURCES
from tlkit.exercises.trials import draws, mixed

__all__ = ["CEPSTRA"]


def _coefficients(log_mel: np.ndarray) -> np.ndarray:
    return np.asarray(dct(log_mel, axis=0, norm="ortho"))


def _joined(coefficients: np.ndarray) -> np.ndarray:
    return np.concatenate([coefficients.mean(axis=1), coefficients.std(axis=1)])


def _truth(log_mel: np.ndarray, number: int) -> np.ndarray:
    return _joined(_coefficients(log_mel)[:number])


def _draw(rng: np.random.Generator, *, bands: int | None = None) -> tuple[np.ndarray, int]:
    """Decibels that change smoothly with frequency and time, and how many coefficients to keep."""
    bands = int(rng.integers(12, 30)) if bands is None else bands
    frames = int(rng.integers(10, 40))
    waves = [
        rng.normal()
        * np.cos(
            rng.uniform(0, 3) * np.linspace(0, np.pi, bands)[:, None] + rng.uniform(0, 6) * np.linspace(0, 1, frames)
        )
        for _ in range(4)
    ]
    return 12 * sum(waves) - 40 + rng.normal(size=(bands, frames)), int(rng.integers(3, 9))


def _slips(log_mel: np.ndarray, number: int) -> list[tuple[np.ndarray, str]]:
    kept = _coefficients(log_mel)[:number]
    pairs = np.stack([kept.mean(axis=1), kept.std(axis=1)], axis=1).ravel()
    along_time = np.asarray(dct(log_mel, axis=1, norm="ortho"))
    uneven = kept * np.where(np.arange(number) == 0, np.sqrt(2), 1)[:, None]
    over_bands = "The transform goes over the bands, and the mean over time."
    return [
        (_joined(_coefficients(log_mel)[1 : number + 1]), "Coefficient 0, the loudness, is kept, too."),
        (_joined(np.asarray(dct(log_mel, axis=0))[:number]), 'The transform is orthonormal: `norm="ortho"`.'),
        (_joined(log_mel[:number]), "These are the lowest bands; the cosine transform over the bands is missing."),
        (
            _joined(_coefficients(log_mel[::-1])[:number]),
            "The lowest band is the first row; yours is turned upside down.",
        ),
        *((_joined(each), over_bands) for each in (along_time[:, :number].T, along_time[:number])),
        (
            _joined(uneven),
            "Coefficient 0 has a factor of its own: it is `sqrt(1 / num_bands)`, where the others have "
            "`sqrt(2 / num_bands)`.",
        ),
        (_joined(np.asarray(dct(log_mel, 3, axis=0, norm="ortho"))[:number]), "The transform is DCT-II, `type=2`."),
        (np.concatenate([np.median(kept, axis=1), kept.std(axis=1)]), "Take means over time, not medians."),
        (_joined(_coefficients(log_mel)[-number:]), "Keep the *first* coefficients, the coarse shape."),
        (np.concatenate([kept.mean(axis=1), kept.var(axis=1)]), "Return deviations, not variances."),
        (
            np.concatenate([kept.mean(axis=1), kept.std(axis=1, ddof=1)]),
            "Divide by the number of frames: `std` as NumPy does it.",
        ),
        (pairs, "First all means, then all deviations."),
        (np.concatenate([kept.std(axis=1), kept.mean(axis=1)]), "First all means, then all deviations."),
    ]


def _expect(describe: Callable, log_mel: np.ndarray, number: int, why: str) -> np.ndarray:
    truth = _truth(log_mel, number)
    message = f"{number} coefficients are {2 * number} numbers: their means over time, then their deviations."
    received = numbers_of(describe(log_mel.copy(), number), truth.shape, message)
    found = next((said for wrong, said in _slips(log_mel, number) if close(received, wrong, rtol=1e-4)), why)
    fine = close(received, truth, rtol=1e-4, atol=1e-4)
    place = int(abs(received - truth).argmax())
    require(fine, f"Number {place} of {2 * number} is {truth[place]:.4g}. Received: {received[place]:.4g}. {found}")
    return received


def means_and_deviations_of_cosines(describe):
    """It holds the means and the deviations over time of the first coefficients of an orthonormal DCT-II."""
    for rng in draws(4):
        _expect(describe, *_draw(rng), '`scipy.fft.dct(log_mel, axis=0, norm="ortho")[:number]`, then over the frames.')


def all_coefficients_may_be_kept(describe):
    """Any number of coefficients can be kept, up to all bands."""
    for rng in draws(2):
        bands = int(rng.integers(8, 16))
        for number in mixed([1, 2, bands], rng):
            _expect(describe, _draw(rng, bands=bands)[0], number, "Keep `number` coefficients.")


def loudness_is_in_the_first_number_only(describe):
    """A louder recording changes the first mean, and nothing else."""
    for rng in draws(3):
        log_mel, number = _draw(rng)
        louder = log_mel + float(rng.uniform(3, 20))
        quiet, loud = (
            _expect(describe, each, number, "Nothing may be scaled to a mean of 0.") for each in (log_mel, louder)
        )
        require(close(quiet[1:], loud[1:], atol=1e-3), "A louder recording changes only the first mean.")


def the_order_of_frames_does_not_count(describe):
    """It does not know in which order the frames came: that is what MFCC means throw away."""
    for rng in draws(3):
        log_mel, number = _draw(rng)
        _expect(describe, log_mel[:, rng.permutation(log_mel.shape[1])], number, "Take means over time, in no order.")


def reconciles_the_winner(by_source, prediction):
    """Your prediction is compared with your own measurement."""
    fine = isinstance(by_source, dict) and set(by_source) >= set(SOURCES)
    require(fine, f"`by_source` must hold the accuracies of {', '.join(SOURCES)}, as measured.")
    told = ", ".join(f"{name} {np.mean(values):.0%}" for name, values in by_source.items())
    return f"You predicted {prediction!r}. With three labels a word and voices never heard: {told}."


CEPSTRA = Exercise(
    id="11.5",
    title="MFCC",
    points=2,
    prediction=one_of(*SOURCES),
    given={"by_source": lambda rng: {name: rng.uniform(0.2, 0.8, 10) for name in SOURCES}},
    kit_has=(mfcc,),
    hints=(
        "The bands are the rows: transform along `axis=0`, and average along `axis=1`.",
        '`scipy.fft.dct(log_mel, axis=0, norm="ortho")` is DCT-II; keep its first `number` rows.',
        "`np.concatenate([kept.mean(axis=1), kept.std(axis=1)])`.",
    ),
    properties=(
        means_and_deviations_of_cosines,
        all_coefficients_may_be_kept,
        loudness_is_in_the_first_number_only,
        the_order_of_frames_does_not_count,
        reconciles_the_winner,
    ),
)
