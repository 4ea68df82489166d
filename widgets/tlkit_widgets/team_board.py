"""A team whose members are switched on and off: what each knows, what their vote makes of it, and what it costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import traitlets

from tlkit.ensembles import soft_vote
from tlkit.ensembles.chances import as_chances, as_classes
from tlkit_widgets.shared.kit_widget import PALETTE
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, sheet_of

__all__ = ["TeamBoard"]

MAX_MEMBERS, MAX_SHOWN = 8, 30


class TeamBoard(SpriteWidget):
    """A matrix of members and images, with the equal vote of those members that are switched on.

    A cell is filled with a tick if the member names the image rightly, and empty with a cross otherwise. Switch
    members on and off with the buttons before their rows: the row of the vote, its share of right answers and the price
    follow.

    Args:
        probabilities: `(num_members, num_images, num_classes)`, at least 0; each row sums to 1. At most 8 members.
        labels: `(num_images,)`, integers that name columns of the probabilities.
        names: One name for each member.
        milliseconds: What each member costs for one image, at least 0.
        images: `(num_shown, h, w, 3)`, `(num_shown, h, w, 1)` or `(num_shown, h, w)`, values in [0, 255]; at most 30.
        rows: For each image shown its row among the `num_images`; `None` means the first ones.

    Attributes:
        on: For each member, whether it votes. If none does, there is no answer, and the accuracy is 0.
        accuracy: The share of all images that the vote names rightly, in [0, 1].
        milliseconds: What the members that are switched on cost together.
        right: For each image shown, whether the vote names it rightly.
        alone: For each member, the share that it names rightly alone.

    Example:
    >>> chances = [[[0.9, 0.1], [0.6, 0.4]], [[0.8, 0.2], [0.1, 0.9]]]
    >>> board = TeamBoard(chances, [0, 1], ["a", "b"], [1, 2], np.zeros((2, 8, 8, 3), "uint8"))
    >>> board.alone, board.accuracy, board.milliseconds
    ([0.5, 1.0], 1.0, 3.0)
    >>> board.on = [True, False]
    >>> board.accuracy, board.right
    (0.5, [True, False])
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (7.2, 3.0)

    on = traitlets.List(traitlets.Bool()).tag(sync=True)
    accuracy = traitlets.Float().tag(sync=True)
    milliseconds = traitlets.Float().tag(sync=True)
    right = traitlets.List(traitlets.Bool()).tag(sync=True)
    alone = traitlets.List(traitlets.Float()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _prices = traitlets.List(traitlets.Float()).tag(sync=True)
    _cells = traitlets.List().tag(sync=True)  # for each member, whether it names each shown image rightly

    def __init__(self, probabilities, labels, names, milliseconds, images, *, rows=None):
        self._chances = as_chances(probabilities, 3)
        self._labels = as_classes(labels, *self._chances.shape[1:])
        self._rows = _rows(rows, len(images), len(self._labels))
        self._named = self._chances.argmax(axis=2) == self._labels
        prices = [float(each) for each in milliseconds]
        count = len(self._chances)
        fine = len(names) == len(prices) == count and count <= MAX_MEMBERS
        if not fine or not all(0 <= each < np.inf for each in prices):
            msg = (
                f"Each of at most {MAX_MEMBERS} members needs a name and a price of at least 0. Received {count} "
                f"members, {len(names)} names and the prices {prices}."
            )
            raise ValueError(msg)
        super().__init__(
            on=[True] * count,
            alone=self._named.mean(axis=1).tolist(),
            names=list(names),
            _prices=prices,
            _cells=self._named[:, self._rows].tolist(),
            **sheet_of(images, 56),
        )
        self._count_votes()

    @traitlets.observe("on")
    def _count_votes(self, change=None) -> None:
        """Let the members that are switched on vote."""
        team = np.flatnonzero(self.on)
        named = np.zeros(len(self._labels), bool)
        if len(team):
            named = soft_vote(self._chances[team]).argmax(axis=1) == self._labels
        with self.hold_sync():
            self.accuracy = float(named.mean())
            self.right = named[self._rows].tolist()
            self.milliseconds = float(sum(self._prices[place] for place in team))

    def what_if(self) -> Iterable[dict[str, list[bool]]]:
        """Every team."""
        return ({"on": list(team)} for team in itertools.product([True, False], repeat=len(self.names)))

    def reset(self) -> None:
        """Switch all members on, as the button does."""
        self.on = [True] * len(self.names)

    def describe(self) -> str:
        team = [name for name, on in zip(self.names, self.on, strict=True) if on]
        who = " and ".join([", ".join(team[:-1]), team[-1]] if len(team) > 1 else team) or "nobody"
        best = int(np.argmax(self.alone))
        return (
            f"The vote of {who} names {self.accuracy:.0%} of {len(self._labels)} images rightly, for "
            f"{self.milliseconds:.2f} ms an image. The best member alone, {self.names[best]}, names "
            f"{self.alone[best]:.0%}."
        )

    def __repr__(self) -> str:
        return f"TeamBoard({len(self.names)} members, {len(self._labels)} images, {len(self._rows)} of them shown)"

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        rows = [*self._cells, self.right]
        for place, cells in enumerate(rows):
            on = place == len(rows) - 1 or self.on[place]
            colour = PALETTE[0] if place < len(rows) - 1 else PALETTE[2]
            columns = np.arange(len(cells))
            ticks = np.array(cells, bool)
            ax.scatter(columns[ticks], 0 * columns[ticks] - place, s=60, marker="s", c=colour, alpha=1 if on else 0.25)
            ax.scatter(columns[~ticks], 0 * columns[~ticks] - place, s=16, marker="x", c="#5f6b76", linewidths=0.9)
        told = [f"{name} {share:.0%}{'' if on else ' (off)'}" for name, share, on in self._told()]
        ax.set_yticks(-np.arange(len(rows)), [*told, f"vote {self.accuracy:.0%}"])
        ax.set_xticks([])
        ax.set_title(f"Filled: named rightly. The vote costs {self.milliseconds:.2f} ms", loc="left", fontsize=10)
        ax.spines[:].set_visible(False)

    def _told(self) -> list[tuple[str, float, bool]]:
        return list(zip(self.names, self.alone, self.on, strict=True))

    @traitlets.validate("on")
    def _one_for_each(self, proposal):
        if len(proposal["value"]) != len(self._chances):
            wanted = f"`on` must say of each of the {len(self._chances)} members whether it votes."
            msg = f"{wanted} Received: {proposal['value']}."
            raise ValueError(msg)
        return proposal["value"]


def _rows(rows, num_shown: int, num_images: int) -> np.ndarray:
    """The rows of the images that are shown."""
    places = np.arange(num_shown) if rows is None else np.asarray(rows)
    fine = places.shape == (num_shown,) and places.dtype.kind in "iu" and 1 <= num_shown <= MAX_SHOWN
    if not fine or places.min() < 0 or places.max() >= num_images:
        msg = (
            f"`rows` must be a row below {num_images} for each of 1 to {MAX_SHOWN} images. Received: {rows} for "
            f"{num_shown} images."
        )
        raise ValueError(msg)
    return places
