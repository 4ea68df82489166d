"""The spectrogram: the power of each frequency in each short frame of a waveform."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.audio import stft
from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.lesson_11_voices.shown import WINDOWS
from tlkit.exercises.trials import draws, mixed

__all__ = ["POWER"]


def _truth(samples: np.ndarray, window: int, hop: int) -> np.ndarray:
    return _powers(samples, window, hop, _hann(window))


def _powers(samples: np.ndarray, window: int, hop: int, taper: np.ndarray) -> np.ndarray:
    starts = range(0, len(samples) - window + 1, hop)
    return np.stack([abs(np.fft.rfft(samples[start : start + window] * taper)) ** 2 for start in starts])


def _hann(window: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)


def _draw(rng: np.random.Generator) -> tuple[np.ndarray, int, int]:
    """Two tones in noise, a window of an even length, and a hop."""
    window = 2 * int(rng.integers(8, 40))
    hop = int(rng.integers(3, window))
    time = np.arange(int(rng.integers(6 * window, 9 * window)))
    tones = [np.sin(2 * np.pi * rng.uniform(0.03, 0.45) * time + rng.uniform(0, 6)) for _ in range(2)]
    return rng.uniform(0.2, 5) * (tones[0] + tones[1] + 0.2 * rng.normal(size=len(time))), window, hop


def _slips(samples: np.ndarray, window: int, hop: int) -> list[tuple[np.ndarray, str]]:
    truth = _truth(samples, window, hop)
    plain = "Each frame needs the Hann window: cut off sharply, a tone leaks into all frequencies."
    return [
        (_powers(samples, window, hop, np.ones(window)), plain),
        (
            _powers(samples, window, hop, np.hanning(window)),
            "`np.hanning` is symmetric: divide by `window`, not by one less.",
        ),
        (np.sqrt(truth), "Power is the *square* of the absolute value."),
        (truth / window, "Do not divide: the power is the plain square of the absolute value."),
    ]


def _expect(power: Callable, samples: np.ndarray, window: int, hop: int, why: str) -> np.ndarray:
    truth = _truth(samples, window, hop)
    message = (
        f"{len(samples)} samples, a window of {window} and a hop of {hop} give whole frames and frequencies of the "
        f"shape {truth.shape}: frames in rows, `window // 2 + 1` frequencies in columns."
    )
    received = numbers_of(power(samples.copy(), window, hop), truth.shape, message)
    found = next((said for wrong, said in _slips(samples, window, hop) if close(received, wrong, atol=1e-6)), why)
    most = float(abs(received - truth).max())
    fine = close(received, truth, rtol=1e-4, atol=1e-6 * truth.max())
    require(fine, f"Your powers differ from the spectrogram's by up to {most:.4g}. {found}")
    return received


def frames_and_frequencies(power):
    """Each whole frame has a row, and each frequency up to half of the rate has a column."""
    for rng in draws(3):
        samples, window, hop = _draw(rng)
        for short in mixed([0, 1, 2], rng):
            shorter = samples[: len(samples) - short]
            _expect(power, shorter, window, hop, "Frame k begins at sample k * hop.")


def a_window_weighs_each_frame(power):
    """Each frame is weighted by a periodic Hann window before it is transformed."""
    for rng in draws(4):
        why = "Multiply each frame by `0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)`."
        _expect(power, *_draw(rng), why)


def a_tone_is_found_at_its_frequency(power):
    """A tone is loudest in the column of its frequency, at the time when it sounds."""
    for rng in draws(4):
        window = 2 * int(rng.integers(16, 40))
        columns = rng.choice(np.arange(3, window // 2 - 3), 2, replace=False)
        time = np.arange(8 * window)
        samples = np.where(
            time < 4 * window, *(np.sin(2 * np.pi * column * time / window + rng.uniform(0, 6)) for column in columns)
        )
        received = _expect(power, samples, window, window, "Transform each frame by itself, in the order of time.")
        found = [int(row) for row in received.argmax(axis=1)]
        told = f"The first half is a tone in column {columns[0]}, the second in {columns[1]}; yours are {found}."
        require(found == [*[int(columns[0])] * 4, *[int(columns[1])] * 4], told)


def a_louder_sound_has_more_power(power):
    """A sound of twice the amplitude has four times the power."""
    for rng in draws(3):
        samples, window, hop = _draw(rng)
        for factor in mixed([0.5, 2.0], rng):
            _expect(power, factor * samples, window, hop, "Nothing may be scaled: the amplitude counts.")


def reconciles_the_window(prediction, sharpness):
    """Your prediction is compared with the spectrograms that you saw."""
    fine = isinstance(sharpness, dict) and set(sharpness) == set(WINDOWS)
    require(fine, f"`sharpness` must hold one number for each of {', '.join(WINDOWS)}, as measured.")
    told = ", ".join(f"{name} {value:.0f}" for name, value in sharpness.items())
    return f"You predicted {prediction!r}. The smaller of the two gaps, by the window: {told} dB."


POWER = Exercise(
    id="11.1",
    title="The spectrogram",
    points=3,
    prediction=one_of(*WINDOWS),
    given={"sharpness": lambda rng: {name: float(rng.integers(0, 20)) for name in WINDOWS}},
    kit_has=(stft,),
    hints=(
        "Frames begin at 0, hop, 2 * hop, ...; the last one that is whole begins at most at `len(samples) - window`.",
        "`np.lib.stride_tricks.sliding_window_view(samples, window)[::hop]` are the frames, one in each row.",
        "`abs(np.fft.rfft(frames * hann, axis=1)) ** 2`.",
    ),
    properties=(
        frames_and_frequencies,
        a_window_weighs_each_frame,
        a_tone_is_found_at_its_frequency,
        a_louder_sound_has_more_power,
        reconciles_the_window,
    ),
)
