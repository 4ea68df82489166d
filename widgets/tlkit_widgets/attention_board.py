"""Which letters does a network look at while it writes a name in another script?"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import traitlets
from matplotlib.font_manager import FontProperties

from tlkit.backbones.spelling import spell
from tlkit.data.names import load_name_letters
from tlkit.translation import attention_maps, shift_right
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["AttentionBoard"]

KEPT_NAMES = ("nepal", "monaco", "south asia", "delhi", "london", "peru")  # of the book
LONGEST, ALPHABETS = 18, load_name_letters()
_FONT = Path(__file__).parent / "shared" / "fonts" / "devanagari.ttf"
_FACE = '@font-face { font-family: "tlkit Devanagari"; src: url(data:font/ttf;base64,%s); }\n'


class AttentionBoard(KitWidget):
    """A name written letter by letter by several networks, with the letters that each of them looks at.

    Type an English name and press Enter, choose a network, and move the slider to write one letter after the other.

    Args:
        networks: By name: models from `load_network("names_...")`, or tuned ones.
        text: An English name of at most 18 letters.

    Attributes:
        text: The English name, in lower case.
        network: The name of the network that is shown.
        place: How many letters are shown as written.
        written: What the network writes.
        weights: `(num_written, num_letters)`: the share of attention of each English letter, the mean of both blocks,
            for each letter written; the mark of the end is left out, and rows sum to 1.

    Raises:
        ValueError: If there is no network, or a text cannot be read.

    Example:
    >>> from tlkit.backbones import load_network
    >>> board = AttentionBoard({"Marathi": load_network("names_mr_ne")}, "nepal")
    >>> board.written
    'नेपाल'
    """

    _esm = esm(__file__)
    _css = _FACE % base64.b64encode(_FONT.read_bytes()).decode() + style(__file__)
    _figure_size = (5.6, 4.0)

    text = traitlets.Unicode().tag(sync=True)
    network = traitlets.Unicode().tag(sync=True)
    place = traitlets.Int().tag(sync=True)
    written = traitlets.Unicode().tag(sync=True)
    weights = traitlets.List().tag(sync=True)
    _source = traitlets.Unicode().tag(sync=True)  # the name that `weights` belong to
    _problem = traitlets.Unicode().tag(sync=True)
    _names = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, networks: Mapping[str, object], text: str = "nepal"):
        if not networks:
            msg = "`networks` must hold at least one network by its name. Received: none."
            raise ValueError(msg)
        if problem := _why_unreadable(text):
            msg = f"`text` must be an English name. Received: {text!r}: {problem}"
            raise ValueError(msg)
        self._networks = dict(networks)
        super().__init__(_names=list(self._networks), network=next(iter(self._networks)), text=text)
        self._write()

    def what_if(self) -> Iterable[dict[str, str]]:
        """A few names, written by each network."""
        return ({"network": name, "text": text} for name in self._names for text in KEPT_NAMES)

    def describe(self) -> str:
        last = ""
        if self.place:
            letter = self._source[int(np.argmax(self.weights[self.place - 1]))]
            last = f" It looks most at {letter!r} for the letter shown last."
        return f"{self.network} writes {self.written!r} for {self._source!r}; {self.place} letters are shown.{last}"

    def __repr__(self) -> str:
        return f"AttentionBoard({self._source!r}, {self.network!r} writes {self.written!r})"

    @traitlets.observe("text", "network")
    def _write(self, change=None) -> None:
        """Let the network write the name; where that is unreadable, it says why, and goes on with the one before."""
        with self.hold_sync():
            self._problem = _why_unreadable(self.text)
            name, model = self._source if self._problem else self.text.strip().lower(), self._networks[self.network]
            written = spell(model, [name])[0][: LONGEST + 1]  # an untrained network may never come to an end
            letters, before = (
                alphabet.encode([text]) for alphabet, text in zip(ALPHABETS, (name, written), strict=True)
            )
            maps = attention_maps(model, letters, shift_right(before)).mean(axis=0)[0, : len(written), : len(name)]
            self._source, self.written = name, written
            self.weights = [[float(share) for share in row] for row in maps / maps.sum(axis=1, keepdims=True)]
            self.place = len(written)

    @traitlets.validate("network")
    def _known(self, proposal):
        if proposal["value"] not in self._networks:
            msg = f"`network` must be one of {', '.join(self._networks)}. Received: {proposal['value']!r}."
            raise ValueError(msg)
        return proposal["value"]

    @traitlets.validate("place")
    def _inside(self, proposal):
        return int(np.clip(proposal["value"], 0, len(self.written)))

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        shown = np.full((max(1, len(self.written)), len(self._source)), np.nan)
        shown[: self.place] = self.weights[: self.place] or np.nan
        ax.imshow(shown, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        ax.set_xticks(range(len(self._source)), [letter.replace(" ", "␣") for letter in self._source])
        prefixes = [self.written[: place + 1] for place in range(self.place)]
        ax.set_yticks(range(self.place), prefixes, fontproperties=FontProperties(fname=_FONT), fontsize=13)
        ax.set_title(f"{self.network}: what is looked at, letter by letter", loc="left", fontsize=10)


def _why_unreadable(text: str) -> str:
    """Say why a name cannot be read, if so."""
    known, name = ALPHABETS[0].alphabet, text.strip().lower()
    strange = sorted(set(name) - set(known))
    if strange:
        return f"the networks know no {' '.join(strange)}. Write letters, spaces or hyphens."
    return "" if 1 <= len(name) <= LONGEST else f"it has {len(name)} letters, and 1 to {LONGEST} can be read."
