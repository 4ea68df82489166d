"""A spectrogram to draw on: what is covered is silenced, and what is left can be heard."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

import numpy as np
import traitlets
from scipy.io import wavfile

from tlkit.audio import decibels, mask_wave, stft
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["SpectrogramBoard"]

MAX_SECONDS = 10.0
_SECONDS, _OVERLAP = 0.032, 4  # of a frame, and how many frames hold each sample
_SHOWN = 3  # guesses


class SpectrogramBoard(KitWidget):
    """The spectrogram of a sound under a grid of cells, each of which can be covered.

    Draw with the pointer, or walk with the arrow keys and press the space bar. What is covered is silenced in the
    sound; both sounds can be played, and a listener of your own says what it hears in what is left.

    Args:
        samples: `(num_samples,)`, finite, not silent, from 0.064 to 10 seconds.
        rate: Samples a second, in Hz, at least 1000.
        name_it: Takes samples `(num_samples,)` and returns a probability for each name, such as `{"yes": 0.9, "no":
            0.1}`. Without it nobody listens but you.
        rows: Bands of the grid.
        columns: Spans of time of the grid.

    Attributes:
        covered: The covered cells, `row * columns + column`; row 0 is the highest band.
        left: `(num_samples,)`: the sound without them.
        guesses: The likeliest names of what is left, at most three, each as `[name, probability]`; none for silence.

    Raises:
        ValueError: If a sound or a number is out of its range.

    Example:
    >>> time = np.arange(4000) / 8000
    >>> tones = np.sin(2 * np.pi * 500 * time) + np.sin(2 * np.pi * 3000 * time)
    >>> board = SpectrogramBoard(tones, 8000, rows=4, columns=8)
    >>> board.cover(hertz=(2000, 4000))
    >>> len(board.covered), bool(abs(np.fft.rfft(board.left))[1500] < 1)
    (16, True)
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.4, 3.2)

    covered = traitlets.List(traitlets.Int()).tag(sync=True)
    guesses = traitlets.List().tag(sync=True)
    _first_guesses = traitlets.List().tag(sync=True)
    _grid = traitlets.List(traitlets.Int()).tag(sync=True)  # rows, columns
    _span = traitlets.List(traitlets.Float()).tag(sync=True)  # seconds, highest frequency in Hz
    _levels = traitlets.Bytes().tag(sync=True)  # (bins, frames), 0 to 255, the highest first
    _size = traitlets.List(traitlets.Int()).tag(sync=True)  # bins, frames
    _whole_wave = traitlets.Bytes().tag(sync=True)  # WAV
    _left_wave = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        samples,
        rate: int,
        *,
        name_it: Callable[[np.ndarray], Mapping[str, float]] | None = None,
        rows: int = 12,
        columns: int = 24,
    ):
        self._samples, self._rate, self._name_it = _checked(samples, rate), rate, name_it
        if not (2 <= rows <= 32 and 2 <= columns <= 64):
            msg = f"`rows` must lie between 2 and 32, `columns` between 2 and 64. Received: {rows} and {columns}."
            raise ValueError(msg)
        self._window = 2 * round(_SECONDS * rate / 2)
        self._hop = max(1, self._window // _OVERLAP)
        power = abs(stft(self._samples, self._window, self._hop)) ** 2
        self._image = np.round(255 / 80 * (decibels(power, 80) + 80)).astype(np.uint8).T[::-1]
        super().__init__(
            _grid=[rows, columns],
            _span=[len(self._samples) / rate, rate / 2],
            _levels=self._image.tobytes(),
            _size=list(self._image.shape),
            _whole_wave=self._wave_of(self._samples),
        )
        self._listen()
        self._first_guesses = self.guesses

    @property
    def left(self) -> np.ndarray:
        """`(num_samples,)`: the sound without what is covered."""
        keep = np.ones(self._grid, bool)
        keep.ravel()[self.covered] = False
        return mask_wave(self._samples, keep, window=self._window, hop=self._hop) if self.covered else self._samples

    def cover(self, *, hertz: tuple[float, float] = (0, np.inf), seconds: tuple[float, float] = (0, np.inf)) -> None:
        """Cover the cells whose middle lies in a band of frequencies and in a span of time, besides those covered."""
        rows, columns = self._grid
        pitch = self._span[1] * (rows - 0.5 - np.arange(rows)) / rows
        time = self._span[0] * (np.arange(columns) + 0.5) / columns
        inside = _between(pitch, hertz)[:, None] & _between(time, seconds)[None]
        self.covered = sorted({*self.covered, *np.flatnonzero(inside).tolist()})

    def reset(self) -> None:
        """Uncover all, as the button does."""
        self.covered = []

    def describe(self) -> str:
        share = len(self.covered) / (self._grid[0] * self._grid[1])
        text = (
            f"Spectrogram of {self._span[0]:.2f} seconds, up to {self._span[1]:.0f} Hz; {share:.0%} of it is covered."
        )
        if self._name_it is not None:
            text += f" In what is left, {self._heard()}."
        return text

    def __repr__(self) -> str:
        return f"SpectrogramBoard({self._span[0]:.2f} seconds, {len(self.covered)} cells covered)"

    @traitlets.observe("covered")
    def _listen(self, change=None) -> None:
        left = self.left
        with self.hold_sync():
            self._left_wave = self._wave_of(left)
            self.guesses = self._guesses_of(left)

    def _guesses_of(self, samples: np.ndarray) -> list:
        if self._name_it is None or abs(samples).max() < 1e-3 * abs(self._samples).max():
            return []
        found = sorted(self._name_it(samples).items(), key=lambda pair: -pair[1])
        return [[str(name), float(probability)] for name, probability in found[:_SHOWN]]

    def _heard(self) -> str:
        if not self.guesses:
            return "nothing is heard"
        return "the listener hears " + ", ".join(f"{name} {chance:.0%}" for name, chance in self.guesses)

    def _wave_of(self, samples: np.ndarray) -> bytes:
        buffer = io.BytesIO()
        loudest = abs(self._samples).max()
        levels = np.round(np.clip(0.9 * samples / loudest, -1, 1) * 32767).astype(np.int16)
        wavfile.write(buffer, self._rate, levels)
        return buffer.getvalue()

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        extent = (0, self._span[0], 0, self._span[1] / 1000)
        ax.imshow(self._image, aspect="auto", cmap="magma", extent=extent)
        cells = np.zeros(self._grid)
        cells.ravel()[self.covered] = 1
        ax.imshow(np.ones_like(cells), aspect="auto", cmap="Greys", vmin=0, vmax=1.6, alpha=0.8 * cells, extent=extent)
        ax.set_xlabel("seconds")
        ax.set_ylabel("kHz")
        ax.set_title(self._heard() if self._name_it else "What is covered is silenced", loc="left", fontsize=10)

    @traitlets.validate("covered")
    def _inside(self, proposal):
        cells = sorted(set(proposal["value"]))
        if cells and not 0 <= cells[0] <= cells[-1] < self._grid[0] * self._grid[1]:
            msg = f"`covered` must hold cells from 0 to {self._grid[0] * self._grid[1] - 1}. Received: {cells}."
            raise ValueError(msg)
        return cells


def _checked(samples, rate: int) -> np.ndarray:
    values = np.asarray(samples, float)
    fine = values.ndim == 1 and np.isfinite(values).all() and rate >= 1000
    if not fine or not 2 * _SECONDS * rate <= len(values) <= MAX_SECONDS * rate or not abs(values).max() > 0:
        msg = (
            "`samples` must be one channel of finite numbers, not silent, from 0.064 to 10 seconds, with a rate of at "
            f"least 1000. Received shape {values.shape} and rate {rate}."
        )
        raise ValueError(msg)
    return values


def _between(values: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    return (values >= ends[0]) & (values <= ends[1])
