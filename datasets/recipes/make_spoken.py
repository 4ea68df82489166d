"""Write pictures of spoken words: `words_spoken.npz`, `letters_spoken.npz` and `digits_spoken.npz`.

    python datasets/recipes/make_spoken.py

Synthesised words and digits (`voices.py` says what that needs), letters said by real people in their languages
(klettres), and digits said by real people (Asterisk). A picture keeps 16 of 256 shades: half the size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import store
import voices
from fetch import DIGIT_VOICES, KLETTRES, unpack

from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import log_mel

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LANGUAGES = ("cs", "da", "de", "en", "en_GB", "es", "fr", "hu", "it", "lt", "nb", "nds", "nl", "pt_BR")
CLIPS = {"flite": 6, "espeak-ng": 3}  # of each word, by each voice and accent


def synthesised(words: list[str], seed: int) -> Iterator[tuple[np.ndarray, int, str]]:
    """Pictures, numbers of words, and voices; the accents of a voice are one voice."""
    for label, word in enumerate(words):
        for number, voice in enumerate(voices.TARGET_VOICES):
            rng = np.random.default_rng([seed, label, number])
            for _ in range(CLIPS[voice.program]):
                yield voices.picture_of(voice, word, rng), label, voice.name


def letters(folder: Path) -> Iterator[tuple[np.ndarray, int, str]]:
    """Pictures, numbers of letters, and languages: one speaker each."""
    for language in LANGUAGES:
        listed = (folder / language / "sounds.xml").read_text("utf-8").split("<syllables>")[0]
        for letter, file in re.findall(r'name="(\w)"\s+file="([^"]+)"', listed):
            if letter.lower() in LETTERS and (folder / file).exists():
                yield log_mel(*read_sound(folder / file)), LETTERS.index(letter.lower()), language


def digits() -> Iterator[tuple[np.ndarray, int, str]]:
    """Pictures, digits, and languages."""
    for language, package in DIGIT_VOICES.items():
        for file in sorted((unpack(package) / "usr/share/asterisk/sounds").glob("*/digits/[0-9].wav")):
            yield log_mel(*read_sound(file)), int(file.stem), language


def as_arrays(clips: Iterator[tuple[np.ndarray, int, str]], part: str) -> dict[str, np.ndarray]:
    """Arrays to store, in 16 shades."""
    pictures, labels, speakers = zip(*clips, strict=True)
    shades = np.stack(pictures) // 16 * 16
    arrays = {"picture": shades, "label": np.array(labels, np.uint8), "speaker": np.array(speakers)}
    return {f"{part}/{key}": array for key, array in arrays.items()}


def main() -> None:
    """Say, fetch, write."""
    voices.check_versions()
    words, said = synthesised(voices.TARGET_WORDS, 1), synthesised(voices.DIGITS, 2)
    store.write_arrays("words_spoken", as_arrays(words, "words") | as_arrays(said, "digits"))
    store.write_arrays("letters_spoken", as_arrays(letters(unpack(KLETTRES) / "usr/share/klettres"), "letters"))
    store.write_arrays("digits_spoken", as_arrays(digits(), "digits"))


if __name__ == "__main__":
    main()
