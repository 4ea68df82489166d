"""Leave out spans of time and bands of frequency: to train with, or to hear what is left."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tlkit.audio.transform import istft, stft

__all__ = ["mask_spans", "mask_wave"]


def mask_spans(
    pictures: ArrayLike, rng: np.random.Generator, *, frames: int = 12, bands: int = 12, value: float = 0.0
) -> np.ndarray:
    """Hide one span of time and one of frequency in each picture, drawn anew for each: a cheap new speaker.

    Args:
        pictures: `(num_pictures, num_bands, num_frames)`.
        rng: Draws widths from 0 to the largest, and then places.
        frames: Largest width in time, from 0 to `num_frames`.
        bands: Largest height in frequency, from 0 to `num_bands`.
        value: What is put there.

    Returns:
        A changed copy, of the same shape and type.

    Raises:
        ValueError: If the shape or a width is out of its range.

    Reference:
        Park et al. (2019), [SpecAugment](https://arxiv.org/abs/1904.08779), without its warp of time.

    Example:
    >>> masked = mask_spans(np.ones((100, 8, 8)), np.random.default_rng(0), frames=2, bands=0)
    >>> sorted(set((masked == 0).sum(axis=(1, 2)).tolist()))
    [0, 8, 16]
    """
    changed = np.array(pictures)
    if changed.ndim != 3 or not 0 <= bands <= changed.shape[1] or not 0 <= frames <= changed.shape[2]:
        msg = (
            "`pictures` must be (num_pictures, num_bands, num_frames), and widths must lie between 0 and these. "
            f"Received shape {changed.shape}, {frames} frames, {bands} bands."
        )
        raise ValueError(msg)
    for picture in changed:
        for turned, most in ((picture, bands), (picture.T, frames)):
            width = int(rng.integers(0, most + 1))
            start = int(rng.integers(0, len(turned) - width + 1))
            turned[start : start + width] = value
    return changed


def mask_wave(samples: ArrayLike, keep: ArrayLike, *, window: int = 256, hop: int = 64) -> np.ndarray:
    """Return what is left of a sound if parts of its spectrogram are silenced.

    Args:
        samples: `(num_samples,)`. Silence is put around it, so that each sample is in as many frames as any other.
        keep: `(num_rows, num_columns)`, bool: a grid over the spectrogram, all of its frequencies and all of its time.
            The first row is the highest.
        window: As in `stft`.
        hop: As in `istft`.

    Returns:
        `(num_samples,)`.

    Raises:
        ValueError: If `keep` has no two axes, or `stft` refuses the rest.

    Example:
    >>> time = np.arange(4000) / 8000
    >>> low, high = np.sin(2 * np.pi * 300 * time), np.sin(2 * np.pi * 3000 * time)
    >>> left = mask_wave(low + high, [[False], [True]])
    >>> bool(abs(left - low)[256:3700].max() < 0.01)
    True
    """
    grid, values = np.asarray(keep, bool), np.asarray(samples, float)
    if grid.ndim != 2 or not grid.size:
        msg = f"`keep` must be (num_rows, num_columns), not empty. Received shape {grid.shape}."
        raise ValueError(msg)
    spectrum = stft(np.pad(values, (window, 2 * window)), window, hop)
    frames, bins = spectrum.shape
    rows = len(grid) - 1 - np.arange(bins) * len(grid) // bins
    middles = np.arange(frames) * hop + window // 2 - window  # as samples of the sound
    columns = np.clip(middles * grid.shape[1] // len(values), 0, grid.shape[1] - 1)
    left = istft(spectrum * grid[rows[None], columns[:, None]], window, hop)
    return left[window : window + len(values)]
