"""Read a sound file: WAV, FLAC, OGG and whatever else libsndfile reads."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np

__all__ = ["read_sound"]


def read_sound(file: str | os.PathLike | bytes) -> tuple[np.ndarray, int]:
    """Read a sound: its samples, and how many there are per second.

    Args:
        file: A path, or the content of a file.

    Returns:
        `(num_samples,)`, `float64`, mostly in [-1, 1], channels averaged; and the rate in Hz.

    Raises:
        ValueError: If it is no sound that can be read.
    """
    import soundfile

    name = "the content" if isinstance(file, bytes) else Path(file).name
    try:
        samples, rate = soundfile.read(io.BytesIO(file) if isinstance(file, bytes) else os.fspath(file))
    except soundfile.LibsndfileError as error:
        msg = f"{name} is not a readable sound ({error.error_string}). Save it as WAV or FLAC."
        raise ValueError(msg) from error
    return samples.mean(axis=1) if samples.ndim == 2 else samples, rate
