"""Sounds as pictures: the log-mel spectrogram of one spoken word."""

from __future__ import annotations

import functools

import numpy as np

from tlkit.data.mel import mel_filters

__all__ = ["RATE", "SIDE", "log_mel", "resample"]

RATE = 8000  # samples a second that every sound is brought to: telephone quality, enough to tell words apart
SIDE = 64  # mel bands, and frames

_WINDOW = 256  # samples a frame: 32 ms
_FFT = 512
_LOWEST, _HIGHEST = 60.0, 3900.0  # Hz
_RANGE = 80.0  # dB below the loudest cell that are told apart
_QUIET = 0.03  # share of the peak below which a sound has not begun


def log_mel(samples: np.ndarray, rate: int, *, seconds: float | None = None) -> np.ndarray:
    """Draw the sound of a word: time from left to right, pitch from bottom to top.

    What is quiet before and after the word is cut off. High tones are raised first (pre-emphasis), because speech
    has less of them.

    Args:
        samples: `(num_samples,)`: one channel, of any scale.
        rate: Samples a second, in Hz.
        seconds: Time that the picture spans, with the word in its middle. By default the word fills the picture,
            however slowly it is said.

    Returns:
        `(64, 64)`, `uint8`: 64 mel bands from 60 to 3900 Hz, the lowest in the last row; 255 is the loudest cell,
        0 is 80 dB below it.

    Raises:
        ValueError: If `samples` is not one channel of finite numbers, or is silent; if `rate` or `seconds` is not
            above 0.

    Example:
        >>> log_mel(np.sin(np.arange(4000) * 0.3), 8000).shape
        (64, 64)
    """
    _check_times(rate, seconds)
    word = _trimmed(resample(_checked(samples), rate))
    if seconds is not None:
        word = _centred(word, round(seconds * RATE))
    word = np.append(word[0], word[1:] - 0.95 * word[:-1])
    power = abs(np.fft.rfft(_frames(word) * np.hanning(_WINDOW), _FFT)) ** 2  # (frames, 257)
    decibels = 10 * np.log10(power @ _mel_bank().T + 1e-10)  # (frames, bands)
    shown = np.clip(decibels - decibels.max() + _RANGE, 0, _RANGE) * (255 / _RANGE)
    return np.round(shown.T[::-1]).astype(np.uint8)


def _check_times(rate: int, seconds: float | None) -> None:
    if not isinstance(rate, (int, np.integer)) or rate < 1:
        msg = f"`rate` must be an integer number of samples per second, at least 1. Received: {rate!r}."
        raise ValueError(msg)
    if seconds is not None and not seconds > 0:
        msg = f"`seconds` must be above 0, or `None` to fill the picture. Received: {seconds!r}."
        raise ValueError(msg)


def _checked(samples: np.ndarray) -> np.ndarray:
    values = np.asarray(samples, np.float64)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        msg = f"`samples` must be finite, of shape (num_samples,): one channel. Received: shape {values.shape}"
        raise ValueError(msg + ("." if np.isfinite(values).all() else ", with NaN or infinity."))
    peak = abs(values).max()
    if peak == 0:
        msg = "`samples` must hold a sound. Received: silence. Record it again, or leave it out."
        raise ValueError(msg)
    return values / peak


def resample(samples: np.ndarray, rate: int) -> np.ndarray:
    """Bring a sound of `rate` samples a second to 8000; what telephones would not carry is filtered out."""
    if rate == RATE:
        return samples
    from scipy.signal import resample_poly

    shared = int(np.gcd(rate, RATE))
    return resample_poly(samples, RATE // shared, rate // shared)


def _trimmed(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(abs(samples) > _QUIET * abs(samples).max())
    return samples[max(0, loud[0] - 200) : loud[-1] + 400]


def _centred(word: np.ndarray, length: int) -> np.ndarray:
    missing = max(0, length - len(word))
    return np.pad(word, (missing // 2, missing - missing // 2))[:length]


def _frames(word: np.ndarray) -> np.ndarray:
    """64 windows at equal distances from the first sample to the last: `(64, 256)`."""
    padded = np.pad(word, _WINDOW // 2)
    starts = np.linspace(0, len(word) - 1, SIDE).round().astype(int)
    return padded[starts[:, None] + np.arange(_WINDOW)]


@functools.cache
def _mel_bank() -> np.ndarray:
    """Triangles of equal width in mel: `(64, 257)`."""
    return mel_filters(SIDE, _FFT, RATE, lowest=_LOWEST, highest=_HIGHEST)
