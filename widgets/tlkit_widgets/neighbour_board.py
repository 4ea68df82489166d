"""Type a sentence, and see its nearest texts before and after a network has read a lot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import traitlets

from tlkit.text import nearest
from tlkit_widgets.shared.kit_widget import PALETTE, KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["NeighbourBoard"]

Encoder = Callable[[list[str]], np.ndarray]
MAX_LETTERS = 300


class NeighbourBoard(KitWidget):
    """Two lists side by side: the nearest texts by one encoder and by another.

    Type a sentence and press Enter, or press one of the buttons with examples.

    Args:
        texts: `(num_texts,)`: the texts among which neighbours are looked for.
        names: `(num_texts,)`: a short name for each, as the words that a definition defines.
        encoders: Two encoders by their names, the first for the left list. Each takes a list of texts and returns
            vectors `(num_texts, width)`.
        examples: Sentences for the buttons; the first is shown at the start.
        number: Neighbours in each list, 1 to 10.

    Attributes:
        text: The sentence.
        neighbours: For each encoder a list of `[name, text, cosine]`, the nearest first.

    Raises:
        ValueError: If there are not two encoders, no example, or not one name for each text.

    Example:
    >>> def by_length(texts):
    ...     return np.array([[len(text), 1.0] for text in texts])
    >>> def by_a(texts):
    ...     return np.array([[text.count("a"), 1.0] for text in texts])
    >>> encoders = {"length": by_length, "letters a": by_a}
    >>> board = NeighbourBoard(["aaa", "b"], ["A", "B"], encoders, ["c"], number=1)
    >>> [found[0][0] for found in board.neighbours.values()]
    ['B', 'B']
    >>> board.text = "aac"
    >>> [found[0][0] for found in board.neighbours.values()]
    ['A', 'A']
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (8.4, 3.0)

    text = traitlets.Unicode().tag(sync=True)
    neighbours = traitlets.Dict().tag(sync=True)
    _examples = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _most = traitlets.Int(MAX_LETTERS).tag(sync=True)

    def __init__(
        self,
        texts: Sequence[str],
        names: Sequence[str],
        encoders: dict[str, Encoder],
        examples: Sequence[str],
        *,
        number: int = 5,
    ):
        self._texts, self._names = [str(each) for each in texts], [str(each) for each in names]
        _check(self._texts, self._names, encoders, examples, number)
        self._number, self._encoders = number, dict(encoders)
        self._tables = {name: np.asarray(encode(self._texts)) for name, encode in encoders.items()}
        super().__init__(text=examples[0], _examples=list(examples))
        self._look_up()

    @traitlets.observe("text")
    def _look_up(self, change=None) -> None:
        self.neighbours = {name: self._nearest(name) for name in self._encoders}

    def _nearest(self, name: str) -> list[list]:
        if not self.text.strip():
            return []
        asked = np.asarray(self._encoders[name]([self.text]))
        rows, cosines = nearest(asked, self._tables[name], number=self._number)
        return [
            [self._names[row], self._texts[row], float(cosine)] for row, cosine in zip(rows[0], cosines[0], strict=True)
        ]

    @traitlets.validate("text")
    def _short_enough(self, proposal) -> str:
        return proposal["value"][:MAX_LETTERS]

    def what_if(self) -> Iterable[dict[str, str]]:
        """Every example."""
        return ({"text": text} for text in self._examples)

    def describe(self) -> str:
        if not self.text.strip():
            return "No sentence yet."
        told = "; ".join(f"{name}: {', '.join(each[0] for each in found)}" for name, found in self.neighbours.items())
        return f"Neighbours of {self.text!r}. By {told}."

    def __repr__(self) -> str:
        return f"NeighbourBoard({len(self._texts)} texts, {' and '.join(self._encoders)})"

    def _draw(self, figure) -> None:
        figure.suptitle(f"Neighbours of “{_short(self.text, 80)}”", x=0.01, ha="left", fontsize=10)
        for column, (axes, (name, found)) in enumerate(
            zip(figure.subplots(1, 2), self.neighbours.items(), strict=True)
        ):
            axes.axis("off")
            axes.set_title(name, loc="left", fontsize=10, color=PALETTE[1 - column])
            for place, (word, text, cosine) in enumerate(found):
                line = f"{cosine:.2f}  {_short(word, 22)}: {_short(text, 34)}"
                axes.text(0, 0.95 - place / self._number, line, fontsize=8, va="top", parse_math=False)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _check(texts: list[str], names: list[str], encoders: dict, examples: Sequence[str], number: int) -> None:
    if len(encoders) != 2 or not examples or len(texts) != len(names) or not 1 <= number <= min(10, len(texts)):
        msg = (
            "There must be two encoders, one example at least, a name for each text, and `number` must be from 1 to "
            f"{min(10, len(texts))}. Received {len(encoders)} encoders, {len(examples)} examples, {len(texts)} texts "
            f"with {len(names)} names, and {number!r}."
        )
        raise ValueError(msg)
