"""From a waveform to its short-time spectrum, to decibels, and back to a waveform."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["decibels", "istft", "stft"]

_LEAST = 1e-10  # of a power, before its logarithm is taken


def stft(samples: ArrayLike, window: int, hop: int) -> np.ndarray:
    """Return the short-time Fourier transform: the spectra of overlapping frames, each under a periodic Hann window.

    Args:
        samples: `(num_samples,)`, one channel.
        window: Samples in a frame, at least 2 and at most `num_samples`.
        hop: Samples from one frame to the next, at least 1.

    Returns:
        `(num_frames, window // 2 + 1)`, complex; `num_frames = 1 + (num_samples - window) // hop`: no sample is made up
        at the ends. Bin k is at `k * rate / window` Hz.

    Raises:
        ValueError: If `samples` is not one finite channel of at least one frame, or a length is too small.

    Reference:
        Allen and Rabiner (1977), [A unified approach to short-time Fourier analysis and
        synthesis](https://doi.org/10.1109/PROC.1977.10770).

    Example:
    >>> tone = np.cos(2 * np.pi * 1000 * np.arange(800) / 8000)
    >>> spectrum = stft(tone, window=200, hop=100)
    >>> spectrum.shape, abs(spectrum[0]).argmax() * 8000 / 200
    ((7, 101), np.float64(1000.0))
    """
    values = _one_channel(samples)
    if window < 2 or hop < 1 or len(values) < window:
        msg = (
            "`window` must lie between 2 and the number of samples, and `hop` must be at least 1. "
            f"Received: window {window}, hop {hop}, {len(values)} samples."
        )
        raise ValueError(msg)
    frames = np.lib.stride_tricks.sliding_window_view(values, window)[::hop]
    return np.fft.rfft(frames * _hann(window), axis=1)


def istft(spectrum: ArrayLike, window: int, hop: int) -> np.ndarray:
    """Return the waveform whose short-time spectrum is nearest to the given one, by least squares.

    Frames are transformed back, weighted by the window once more, and added where they overlap.

    Args:
        spectrum: `(num_frames, window // 2 + 1)`, complex, as `stft` returns it, changed or not.
        window: As in `stft`.
        hop: As in `stft`, at most `window`.

    Returns:
        `(window + (num_frames - 1) * hop,)`: what `stft` took, up to samples at the ends that no window weighs.

    Raises:
        ValueError: If the shape does not fit `window`, or `hop` is out of its range.

    Reference:
        Griffin and Lim (1984), [Signal estimation from modified short-time Fourier
        transform](https://doi.org/10.1109/TASSP.1984.1164317).

    Example:
    >>> samples = np.random.default_rng(0).normal(size=600)
    >>> bool(np.allclose(istft(stft(samples, 200, 50), 200, 50)[1:], samples[1:]))
    True
    """
    values = np.asarray(spectrum)
    if values.ndim != 2 or values.shape[1] != window // 2 + 1 or not 1 <= hop <= window:
        msg = (
            f"`spectrum` must be (num_frames, {window // 2 + 1}) for a window of {window}, and 1 <= hop <= window. "
            f"Received shape {values.shape} and a hop of {hop}."
        )
        raise ValueError(msg)
    taper = _hann(window)
    frames = np.fft.irfft(values, window, axis=1) * taper
    total, weight = np.zeros((2, window + (len(values) - 1) * hop))
    for number, frame in enumerate(frames):
        total[number * hop : number * hop + window] += frame
        weight[number * hop : number * hop + window] += taper**2
    return np.divide(total, weight, out=np.zeros_like(total), where=weight > _LEAST)


def decibels(power: ArrayLike, span: float = 80.0) -> np.ndarray:
    """Return powers in decibels below the largest of them.

    Args:
        power: Of any shape, at least 0, in any unit; not all 0.
        span: What is quieter than this many decibels below the largest is set to it, above 0.

    Returns:
        As many values in [-span, 0].

    Raises:
        ValueError: If a power is negative or not finite, all are 0, or `span` is not above 0.

    Example:
    >>> decibels([100, 10, 0]).tolist()
    [0.0, -10.0, -80.0]
    """
    values = np.asarray(power, float)
    if not values.size or not np.isfinite(values).all() or values.min() < 0 or values.max() == 0 or not span > 0:
        msg = f"`power` must be finite, at least 0 and not silent; `span` must be above 0. Received a span of {span!r}."
        raise ValueError(msg)
    least = values.max() * 10 ** (-span / 10)
    return 10 * np.log10(np.maximum(values, least) / values.max())


def _one_channel(samples: ArrayLike) -> np.ndarray:
    values = np.asarray(samples, float)
    if values.ndim != 1 or not np.isfinite(values).all():
        msg = f"`samples` must be finite, of shape (num_samples,): one channel. Received shape {values.shape}."
        raise ValueError(msg)
    return values


def _hann(window: int) -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
