"""Record words with the browser's microphone, or add sound files, and read the waves and labels in Python."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import traitlets
from scipy.io import wavfile

from tlkit.choices import check_choice
from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import RATE, resample
from tlkit_widgets.shared.kit_widget import PALETTE, KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["Clips", "WordRecorder"]

SHORTEST, LONGEST = 0.1, 10.0  # seconds of a clip
_FAINT, _CLIPPED = 0.01, 0.99  # peaks: nothing to be heard in it, and more than the microphone can tell
_MAX_WORDS = 12


class Clips(NamedTuple):
    """What was recorded, in the order of recording.

    Attributes:
        waves: For each clip `(num_samples,)`, `float64`, mostly in [-1, 1], 8000 samples a second.
        labels: `(num_clips,)`, `int64`: the number of the word in `words`.
    """

    waves: list[np.ndarray]
    labels: np.ndarray


class WordRecorder(KitWidget):
    """A recorder for words: choose a word, record it several times, hear each clip, delete those that went wrong.

    The browser asks for the microphone first. Sounds go from the page to the kernel of this notebook and nowhere else:
    no file is written, and a saved notebook only holds how many clips there were. Files (WAV, FLAC, OGG, MP3) can be
    added in place of recordings.

    Args:
        words: Two to twelve different words; each becomes a class.
        seconds: How long a recording lasts, from 0.5 to 10.

    Attributes:
        word: The chosen word, which the next clip gets as its label.

    Raises:
        ValueError: If words or seconds are out of their range.

    Example:
    >>> recorder = WordRecorder(["yes", "no"])
    >>> recorder.add(0.5 * np.sin(np.arange(44100) / 20), 44100, "no")
    >>> waves, labels = recorder.clips
    >>> len(waves[0]), labels.tolist()
    (8000, [1])
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.4, 2.0)

    word = traitlets.Unicode().tag(sync=True)
    _words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _seconds = traitlets.Float().tag(sync=True)
    _listed = traitlets.List().tag(sync=True)  # of each clip: number, word, seconds, whether it is too loud
    _error = traitlets.Unicode().tag(sync=True)  # why the last sound was not taken

    def __init__(self, words: Sequence[str], *, seconds: float = 1.5):
        names = [words] if isinstance(words, str) else list(words)
        if not 2 <= len(set(names)) == len(names) <= _MAX_WORDS or not all(isinstance(n, str) and n for n in names):
            msg = f"`words` must be 2 to {_MAX_WORDS} different words, such as ['yes', 'no']. Received: {words!r}."
            raise ValueError(msg)
        if not 0.5 <= seconds <= LONGEST:
            msg = f"`seconds` must lie between 0.5 and {LONGEST:g}. Received: {seconds!r}."
            raise ValueError(msg)
        self._clips: dict[int, tuple[str, np.ndarray]] = {}
        self._next = 0
        super().__init__(_words=names, word=names[0], _seconds=float(seconds))
        self.on_msg(self._answer)

    @property
    def words(self) -> list[str]:
        """The words, in the order of their numbers."""
        return list(self._words)

    @property
    def clips(self) -> Clips:
        """The waves, and the number of the word of each."""
        labels = [self.words.index(word) for word, _ in self._clips.values()]
        return Clips([wave for _, wave in self._clips.values()], np.array(labels, int))

    def add(self, samples, rate: int, word: str) -> None:
        """Add a clip, as a recording does.

        Args:
            samples: `(num_samples,)`, finite, in [-1, 1], from 0.1 to 10 seconds, not silent.
            rate: Samples a second, in Hz.
            word: One of `words`.

        Raises:
            ValueError: If the sound cannot be used, or the word is none of `words`.
        """
        check_choice("word", word, self.words)
        wave = resample(_checked(samples, rate), rate)
        self._clips[self._next] = word, wave
        self._next += 1
        self._tell()

    def delete(self, clip: int) -> None:
        """Delete a clip by its place in `clips`; -1 is the last."""
        self._drop(list(self._clips)[clip])

    def describe(self) -> str:
        counts = ", ".join(f"{word} {count}" for word, count in self._counts().items())
        return f"Recorded clips of each word: {counts}."

    def __repr__(self) -> str:
        return f"WordRecorder({len(self.words)} words, {len(self._clips)} clip{'s' * (len(self._clips) != 1)})"

    def _counts(self) -> dict[str, int]:
        said = [word for word, _ in self._clips.values()]
        return {word: said.count(word) for word in self.words}

    def _drop(self, number: int) -> None:
        self._clips.pop(number, None)  # it may have been pressed twice
        self._tell()

    def _tell(self) -> None:
        self._listed = [
            [number, word, len(wave) / RATE, bool(abs(wave).max() >= _CLIPPED)]
            for number, (word, wave) in self._clips.items()
        ]

    def _answer(self, _widget, content: dict, buffers: list) -> None:
        """Do what the page asks for; a sound that cannot be used is told there."""
        kinds: dict[str, Callable] = {
            "recorded": lambda: self.add(np.frombuffer(buffers[0], "<f4"), content["rate"], content["word"]),
            "file": lambda: self.add(*read_sound(bytes(buffers[0])), content["word"]),
            "play": lambda: self._send_sound(content["clip"]),
            "delete": lambda: self._drop(content["clip"]),
        }
        self._error = ""
        try:
            kinds[content["kind"]]()
        except ValueError as error:
            self._error = str(error).replace("the content", "The file")

    def _send_sound(self, clip: int) -> None:
        """Send a clip back to the page as WAV: what is heard there is what Python has."""
        if clip in self._clips:
            _, wave = self._clips[clip]
            buffer = io.BytesIO()
            wavfile.write(buffer, RATE, np.round(np.clip(wave / abs(wave).max(), -1, 1) * 32767).astype(np.int16))
            self.send({"kind": "sound", "clip": clip}, [buffer.getvalue()])

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        counts = self._counts()
        bars = ax.barh(list(counts), list(counts.values()), color=PALETTE[0])
        ax.bar_label(bars, padding=3)
        ax.invert_yaxis()
        ax.set_xlim(0, max(5, *counts.values()) * 1.1)
        ax.set_xlabel("recorded clips")

    @traitlets.validate("word")
    def _known(self, proposal):
        check_choice("word", proposal["value"], self._words)
        return proposal["value"]


def _checked(samples, rate: int) -> np.ndarray:
    values = np.array(samples, float)
    if values.ndim != 1 or not np.isfinite(values).all() or not isinstance(rate, (int, np.integer)) or rate < 1000:
        msg = "A clip must be one channel of finite numbers, with a whole rate of at least 1000. Received: shape "
        raise ValueError(msg + f"{values.shape} and rate {rate!r}.")
    if not SHORTEST * rate <= len(values) <= LONGEST * rate:
        seconds = len(values) / rate
        msg = f"A clip lasts from {SHORTEST:g} to {LONGEST:g} seconds, one word long. Received: {seconds:.2f} seconds."
        raise ValueError(msg)
    if abs(values).max() < _FAINT:
        msg = "Nothing was heard in this clip. Is the microphone muted, or too far away? It was not kept."
        raise ValueError(msg)
    return values
