"""Spoken words as log-mel pictures, split by who speaks."""

from __future__ import annotations

import numpy as np

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays

__all__ = ["DIGITS", "SCHEMA", "load_digit_waves", "load_real_digits", "load_words_spoken"]

_WORDS = ["up", "down", "left", "right", "yes", "no", "stop", "go", "on", "off"]
DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_CLASSES = {"words": _WORDS, "digits": DIGITS, "letters": list("abcdefghijklmnopqrstuvwxyz")}
_FILES = {"words": "words_spoken", "digits": "words_spoken", "letters": "letters_spoken"}
_SPEAKERS = {
    "words": {"val": ("awb", "m7", "f3"), "test": ("slt", "f5", "Lee", "linda")},
    "letters": {"val": ("it", "nl"), "test": ("en", "pt_BR", "nds")},
}
SCHEMA = {
    "picture": Field("spectrogram", (64, 64), "64 mel bands, the lowest in the last row; the word fills the width"),
    "label": Field("label", about="which word"),
    "speaker": Field("text", about="who speaks: a synthesiser's voice, or a person, named by the language"),
}


def load_words_spoken(part: str = "words", *, per_class: int | None = None, seed: int = 0) -> ArrayDataset:
    """Load pictures of spoken words, drawn by `log_mel`. No voice is in two splits.

    Args:
        part: `"words"`, ten words by twelve synthesised voices; `"digits"`, the digits by the same; or
            `"letters"`, letters of the alphabet, said by fourteen people in fourteen languages.
        per_class: Keep this many training clips a word; validation and test stay whole.
        seed: Chooses them.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> load_words_spoken("words").class_names[:2]
        ['up', 'down']
    """
    check_choice("part", part, _CLASSES)
    everything = _read(_FILES[part], part)
    of_split = _SPEAKERS["letters" if part == "letters" else "words"]
    held = {name: np.isin(everything["speaker"].astype(str), speakers) for name, speakers in of_split.items()}
    rows = {"train": ~held["val"] & ~held["test"]} | held
    splits = {
        name: everything.select(np.random.default_rng(0).permutation(np.flatnonzero(kept)))
        for name, kept in rows.items()
    }
    return build_array_dataset("words_spoken", splits, per_class, seed)


def load_real_digits() -> ArraySplit:
    """Load the digits said by real people, once each, in English, Spanish, French, Italian and Russian: 50 clips.

    They are for a look and a first try. Ten clips a language measure nothing.
    """
    return _read("digits_spoken", "digits")


def load_digit_waves() -> list[np.ndarray]:
    """Load ten sounds: the English digits zero to nine, said once each by Allison Smith.

    They are for listening. Nobody else is heard, so that they measure nothing.

    Returns:
        Ten waveforms `(num_samples,)`, `float32` in [-1, 1], with 8000 samples a second.

    Example:
        >>> len(load_digit_waves())
        10
    """
    stored = read_arrays("digits_heard")
    bent = stored["mu_law"].astype(np.float64) / 127.5 - 1
    samples = np.sign(bent) * np.expm1(abs(bent) * np.log(256)) / 255
    return np.split(samples.astype(np.float32), np.cumsum(stored["length"])[:-1])


def _read(file: str, part: str) -> ArraySplit:
    stored = read_arrays(file)
    arrays = {key: stored[f"{part}/{key}"] for key in ("picture", "label", "speaker")}
    arrays |= {"label": arrays["label"].astype(np.int32), "speaker": arrays["speaker"].astype(object)}
    return ArraySplit(arrays, SCHEMA, _CLASSES[part], "clips")
