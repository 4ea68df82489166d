"""Windows of a picture of sound, and from what is said of them to what is said of the clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["cut_windows", "join_windows"]


def cut_windows(pictures: ArrayLike, width: int, hop: int) -> np.ndarray:
    """Cut pictures into windows of `width` frames, `hop` frames apart.

    Args:
        pictures: `(num_clips, num_bands, num_frames)`.
        width: Frames in a window, from 1 to `num_frames`.
        hop: Frames from one window to the next, at least 1.

    Returns:
        `(num_clips, num_windows, num_bands, width)`, in the order of time.

    Raises:
        ValueError: If the shape, `width` or `hop` is out of its range.

    Example:
    >>> cut_windows(np.zeros((5, 64, 64)), 16, 8).shape
    (5, 7, 64, 16)
    """
    values = np.asarray(pictures)
    if values.ndim != 3 or not 1 <= width <= values.shape[2] or hop < 1:
        msg = (
            "`pictures` must be (num_clips, num_bands, num_frames), with 1 <= width <= num_frames and hop >= 1. "
            f"Received shape {values.shape}, width {width}, hop {hop}."
        )
        raise ValueError(msg)
    windows = np.lib.stride_tricks.sliding_window_view(values, width, axis=2)[:, :, ::hop]
    return windows.transpose(0, 2, 1, 3).copy()


def join_windows(log_probabilities: ArrayLike, clips: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Join what is said of windows to what is said of clips: the mean of the logarithms, as if windows were witnesses.

    Args:
        log_probabilities: `(num_windows, num_classes)`.
        clips: `(num_windows,)`, the clip of each window, in any order.

    Returns:
        `(names, scores)`: the clips, sorted, and `(num_clips, num_classes)`. The largest score names a clip.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
    >>> join_windows(np.log([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]]), [7, 7, 3])[1].argmax(axis=1).tolist()
    [1, 0]
    """
    scores, numbers = np.asarray(log_probabilities, float), np.asarray(clips)
    if scores.ndim != 2 or numbers.shape != scores.shape[:1]:
        msg = (
            "`log_probabilities` must be (num_windows, num_classes), and `clips` (num_windows,). "
            f"Received shapes {scores.shape} and {numbers.shape}."
        )
        raise ValueError(msg)
    names, places = np.unique(numbers, return_inverse=True)
    total = np.zeros((len(names), scores.shape[1]))
    np.add.at(total, places, scores)
    return names, total / np.bincount(places)[:, None]
