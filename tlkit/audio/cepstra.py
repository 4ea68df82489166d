"""Mel-frequency cepstral coefficients: the shape of a spectrum in a few numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.fft import dct

__all__ = ["mfcc"]


def mfcc(log_mel: ArrayLike, number: int = 13) -> np.ndarray:
    """Return mel-frequency cepstral coefficients: the first numbers of a cosine transform over the bands.

    Coefficient 0 is the loudness of a frame, coefficient 1 whether low or high bands prevail, and so on to finer
    shapes. Pitch, which shows in fine lines, is left out with the rest.

    Args:
        log_mel: `(..., num_bands, num_frames)`, logarithms, the lowest band first (a picture of `log_mel` has it last).
        number: Coefficients to keep, from 1 to `num_bands`.

    Returns:
        `(..., number, num_frames)`: the orthonormal DCT-II.

    Raises:
        ValueError: If `log_mel` has fewer than two axes, or `number` is out of its range.

    Reference:
        Davis and Mermelstein (1980), [Comparison of parametric representations for monosyllabic word
        recognition](https://doi.org/10.1109/TASSP.1980.1163420).

    Example:
    >>> mfcc([[1.0, 2.0], [1.0, 4.0]], 2).round(3).tolist()
    [[1.414, 4.243], [0.0, -1.414]]
    """
    values = np.asarray(log_mel, float)
    if values.ndim < 2 or not 1 <= number <= values.shape[-2]:
        msg = (
            "`log_mel` must be (..., num_bands, num_frames), with 1 <= number <= num_bands. "
            f"Received shape {values.shape} and number {number}."
        )
        raise ValueError(msg)
    return np.asarray(dct(values, axis=-2, norm="ortho"))[..., :number, :]
