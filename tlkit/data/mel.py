"""The mel scale: equal steps sound equally far apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["hertz_to_mel", "mel_filters", "mel_to_hertz"]


def hertz_to_mel(hertz: ArrayLike) -> np.ndarray:
    """Return pitches in mel, `2595 log10(1 + hertz / 700)`, of frequencies in Hz, of any shape.

    Reference:
        O'Shaughnessy (1987), Speech communication: human and machine; the [mel
        scale](https://en.wikipedia.org/wiki/Mel_scale).

    Example:
    >>> hertz_to_mel([0, 700]).round(1).tolist()
    [0.0, 781.2]
    """
    return 2595 * np.log10(1 + np.asarray(hertz, float) / 700)


def mel_to_hertz(mel: ArrayLike) -> np.ndarray:
    """Return frequencies in Hz of pitches in mel: the inverse of `hertz_to_mel`.

    Example:
    >>> float(mel_to_hertz(hertz_to_mel(440.0)).round(6))
    440.0
    """
    return 700 * (10 ** (np.asarray(mel, float) / 2595) - 1)


def mel_filters(num_bands: int, fft_length: int, rate: int, *, lowest: float, highest: float) -> np.ndarray:
    """Return triangles of equal width in mel, each of height 1 in its middle.

    The `num_bands + 2` corners lie at equal distances in mel. Band k rises from corner k to corner k + 1 and falls to
    corner k + 2, both straight in Hz.

    Args:
        num_bands: Number of bands, at least 1.
        fft_length: Samples that were transformed for each frame.
        rate: Samples a second, in Hz.
        lowest: Lowest corner, in Hz, at least 0.
        highest: Highest corner, in Hz, above `lowest`, at most half of `rate`.

    Returns:
        `(num_bands, fft_length // 2 + 1)`, in [0, 1], the lowest band first.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    >>> mel_filters(2, 8, 8000, lowest=0, highest=4000).round(2).tolist()
    [[0.0, 0.68, 0.0, 0.0, 0.0], [0.0, 0.32, 0.91, 0.45, 0.0]]
    """
    if num_bands < 1 or not 0 <= lowest < highest <= rate / 2:
        msg = (
            "`num_bands` must be at least 1, and 0 <= lowest < highest <= rate / 2. "
            f"Received: {num_bands} bands from {lowest} to {highest} Hz at a rate of {rate}."
        )
        raise ValueError(msg)
    edges = mel_to_hertz(np.linspace(hertz_to_mel(lowest), hertz_to_mel(highest), num_bands + 2))
    pitch = np.fft.rfftfreq(fft_length, 1 / rate)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (pitch - low) / (middle - low), (high - pitch) / (high - middle)
    return np.maximum(0, np.minimum(rising, falling))
