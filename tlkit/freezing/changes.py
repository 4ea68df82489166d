"""What an audit found, weight by weight and as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tlkit.choices import nearest_or_all
from tlkit.freezing.report import table_html, table_text

__all__ = ["AuditReport", "WeightChange"]

_HEADER = ("block", "weights that moved", "BatchNorm statistics that moved")


@dataclass(frozen=True)
class WeightChange:
    """What training did to one weight array.

    Attributes:
        block: Name of its block.
        layer: Name of its layer.
        weight: Its own name: `"kernel"`, `"moving_mean"`, ...
        is_statistic: Whether it is a moving statistic of BatchNorm, which no gradient changes.
        is_kernel: Whether it is a matrix or more.
        max_change: Largest absolute change; NaN if it is no longer finite.
        moved: Whether any value changed at all.
    """

    block: str
    layer: str
    weight: str
    is_statistic: bool
    is_kernel: bool
    max_change: float
    moved: bool


@dataclass(frozen=True)
class AuditReport:
    """What moved in training.

    Attributes:
        changes: One for each weight array, in the order of the data flow.
        stale: The flags have been changed since the model was first trained after its last `compile()`: Keras
            ignores the change, and so does this audit. `compile()` and audit again.
        num_steps: Batches that were trained on: one, or more if one does not move everything that may learn.
        notes: What else a learner should know, in sentences: skipped steps, trainable weights that did not move, and
            what could not be judged.
    """

    changes: tuple[WeightChange, ...]
    stale: bool
    num_steps: int = 1
    notes: tuple[str, ...] = ()

    @property
    def num_weights(self) -> int:
        """Weight arrays, without BatchNorm's statistics."""
        return sum(not change.is_statistic for change in self.changes)

    @property
    def num_moved(self) -> int:
        """Those of them that moved."""
        return sum(change.moved and not change.is_statistic for change in self.changes)

    @property
    def num_kernels(self) -> int:
        """Kernels: weight arrays with two axes or more."""
        return sum(change.is_kernel for change in self.changes)

    @property
    def num_kernels_moved(self) -> int:
        """Those of them that moved."""
        return sum(change.is_kernel and change.moved for change in self.changes)

    @property
    def num_bn_statistics(self) -> int:
        """Moving statistics: two for each BatchNorm layer."""
        return sum(change.is_statistic for change in self.changes)

    @property
    def num_bn_moved(self) -> int:
        """Those of them that moved."""
        return sum(change.moved and change.is_statistic for change in self.changes)

    def moved(self, name: str) -> bool:
        """Whether any weight of a layer or block moved, BatchNorm's statistics excluded.

        Raises:
            ValueError: If no layer or block of that name has weights.
        """
        return any(change.moved and not change.is_statistic for change in self._of(name))

    def statistics_moved(self, name: str) -> bool:
        """Whether any BatchNorm statistic of a layer or block moved.

        Raises:
            ValueError: If no layer or block of that name has weights.
        """
        return any(change.moved and change.is_statistic for change in self._of(name))

    @property
    def summary(self) -> str:
        """What moved, and the notes."""
        text = f"{self.num_moved} of {self.num_weights} weights moved, "
        text += f"{self.num_bn_moved} of {self.num_bn_statistics} BatchNorm statistics moved."
        stale = "The flags were changed after training: call compile() to make them count."
        return " ".join([text, *([stale] if self.stale else []), *self.notes])

    def __repr__(self) -> str:
        return f"{self.summary}\n{table_text(_HEADER, self._rows())}"

    def _repr_html_(self) -> str:
        return table_html(self.summary, _HEADER, self._rows())

    def _of(self, name: str) -> list[WeightChange]:
        found = [change for change in self.changes if name in (change.block, change.layer)]
        if not found:
            allowed = dict.fromkeys(name for change in self.changes for name in (change.block, change.layer))
            msg = f"`name` must be a layer or block with weights. Received: {name!r}.{nearest_or_all(name, allowed)}"
            raise ValueError(msg)
        return found

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for block in dict.fromkeys(change.block for change in self.changes):
            kinds = [[c.moved for c in self.changes if c.block == block and c.is_statistic is s] for s in (False, True)]
            rows.append((block, *(f"{sum(kind)} of {len(kind)}" if kind else "–" for kind in kinds)))
        return rows
