"""Two moons that turn away from their labels, and how much a network is told to align them."""

from __future__ import annotations

import numpy as np
import traitlets

from tlkit_widgets.shared.kit_widget import PALETTE, KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["MoonsBoard"]

REACH = 2.2  # the picture shows [-REACH, REACH] in both directions


class MoonsBoard(KitWidget):
    """Drag the angle of the target and the strength of the adaptation; the decision boundary follows.

    Everything is computed when the board is made, one fit for each angle and strength, so that dragging waits for
    nothing. The labels of the target are in the vault: without them, you see its points in grey, how right the network
    is on the *source*, and how often a critic still tells the domains apart. Open the vault to see what you chose.

    Args:
        fit: A function of the labelled source, its labels, the unlabelled target and a strength, that returns something
            with `predict_proba`, as `tlkit.adaptation.Dann` does.
        moons: A function of an angle in degrees that returns points `(num_rows, 2)` and classes 0 and 1, `(num_rows,)`.
            At 0 degrees it gives the source.
        angles: Increasing, in degrees, at least 2.
        strengths: Increasing, at least 0, at least 2.
        resolution: Cells of the picture in each direction.

    Attributes:
        angle: Which of the angles, an index.
        strength: Which of the strengths, an index.
        opened: Whether the labels of the target are shown.
        source_accuracies: For each angle, for each strength: in [0, 1].
        target_accuracies: The same, on the target.
        told_apart: The same: how often a linear critic tells the domains apart by what the network says, 0.5 by chance.
    """

    _esm = esm(__file__)
    _css = style(__file__)

    angles = traitlets.List(traitlets.Float()).tag(sync=True)
    strengths = traitlets.List(traitlets.Float()).tag(sync=True)
    angle = traitlets.Int(0).tag(sync=True)
    strength = traitlets.Int(0).tag(sync=True)
    opened = traitlets.Bool(False).tag(sync=True)
    source_accuracies = traitlets.List().tag(sync=True)
    target_accuracies = traitlets.List().tag(sync=True)
    told_apart = traitlets.List().tag(sync=True)
    _resolution = traitlets.Int().tag(sync=True)
    _reach = traitlets.Float(REACH).tag(sync=True)
    _grids = traitlets.Bytes().tag(sync=True)  # (angles, strengths, resolution, resolution) uint8: chance of class 1
    _source = traitlets.List().tag(sync=True)  # [x, y, class] of each row
    _targets = traitlets.List().tag(sync=True)  # for each angle
    _figure_size = (4.6, 4.8)

    def __init__(self, fit, moons, *, angles, strengths, resolution: int = 40):
        angles, strengths = _dial("angles", angles), _dial("strengths", strengths)
        source, labels = moons(0.0)
        targets = [moons(angle) for angle in angles]
        grid = _cells(resolution)
        pictures = np.empty((len(angles), len(strengths), resolution, resolution), np.uint8)
        scores = np.empty((3, len(angles), len(strengths)))
        for i, (target, classes) in enumerate(targets):
            for j, strength in enumerate(strengths):
                network = fit(source, labels, target, strength)
                chances = [network.predict_proba(points)[:, 1] for points in (source, target, grid)]
                pictures[i, j] = np.round(255 * chances[2]).reshape(resolution, resolution)
                right = [
                    np.mean((chance > 0.5) == own) for chance, own in zip(chances, (labels, classes), strict=False)
                ]
                scores[:, i, j] = *right, _told_apart(*chances[:2])
        super().__init__(
            angles=angles,
            strengths=strengths,
            source_accuracies=scores[0].tolist(),
            target_accuracies=scores[1].tolist(),
            told_apart=scores[2].tolist(),
            _resolution=resolution,
            _grids=pictures.tobytes(),
            _source=_rows(source, labels),
            _targets=[_rows(*each) for each in targets],
        )
        self._pictures = pictures

    def open_vault(self) -> str:
        """Show the labels of the target, and say what the present choice is worth."""
        self.opened = True
        return self.describe()

    def describe(self) -> str:
        i, j = self.angle, self.strength
        text = (
            f"Moons turned by {self.angles[i]:g} degrees, strength {self.strengths[j]:g}: "
            f"{self.source_accuracies[i][j]:.0%} right on the source, domains told apart {self.told_apart[i][j]:.0%}"
        )
        return f"{text}; {self.target_accuracies[i][j]:.0%} right on the target." if self.opened else f"{text}."

    def __repr__(self) -> str:
        return f"MoonsBoard({len(self.angles)} angles, {len(self.strengths)} strengths)"

    def _draw(self, figure) -> None:
        ax = figure.subplots()
        side = (-REACH, REACH)
        chances = self._pictures[self.angle, self.strength]
        ax.imshow(chances, extent=(*side, *side), cmap="PuOr", vmin=0, vmax=255, alpha=0.5, interpolation="bilinear")
        source, target = (np.array(rows) for rows in (self._source, self._targets[self.angle]))
        for name, rows, marker in (("source", source, "o"), ("target", target, "^")):
            known = name == "source" or self.opened
            colours = [PALETTE[0 if label else 1] if known else PALETTE[7] for label in rows[:, 2]]
            ax.scatter(rows[:, 0], rows[:, 1], s=16, c=colours, marker=marker, label=name, linewidths=0)
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_title(
            f"{self.angles[self.angle]:g}°, strength {self.strengths[self.strength]:g}", loc="left", fontsize=10
        )
        ax.legend(loc="upper right", fontsize=8)

    @traitlets.validate("angle", "strength")
    def _on_the_dial(self, proposal):
        name, value = proposal["trait"].name, proposal["value"]
        last = len(self.angles if name == "angle" else self.strengths) - 1
        if not 0 <= value <= max(last, 0):
            msg = f"`{name}` is an index from 0 to {last}. Received: {value}."
            raise ValueError(msg)
        return value


def _dial(name: str, values) -> list[float]:
    dial = [float(value) for value in values]
    if len(dial) < 2 or sorted(set(dial)) != dial:
        msg = f"`{name}` must be at least 2 increasing numbers. Received: {dial}."
        raise ValueError(msg)
    return dial


def _cells(resolution: int) -> np.ndarray:
    """The centres of the picture's cells, rows from the top, `(resolution², 2)`."""
    edge = REACH * (1 - 1 / resolution)
    along = np.linspace(-edge, edge, resolution)
    x, y = np.meshgrid(along, along[::-1])
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _told_apart(source: np.ndarray, target: np.ndarray) -> float:
    """The best accuracy of a threshold on the chances of both domains, either way round, each domain one half."""
    cuts = np.unique(np.concatenate([source, target]))
    below = [np.mean(part[:, None] < cuts, axis=0) for part in (source, target)]
    return float(0.5 + 0.5 * np.abs(below[0] - below[1]).max())


def _rows(points: np.ndarray, labels: np.ndarray) -> list[list[float]]:
    return np.column_stack([np.round(points, 3), labels]).tolist()
