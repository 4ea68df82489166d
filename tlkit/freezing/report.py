"""What learns and what doesn't, as numbers and as a table."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass

import keras

from tlkit.freezing.blocks import Block, blocks

__all__ = ["BlockRow", "FreezeReport", "freeze_report", "table_html", "table_text"]

_HEADER = ("block", "layers", "parameters", "learning", "state", "BatchNorm")


@dataclass(frozen=True)
class BlockRow:
    """A block in a `FreezeReport`.

    Attributes:
        name: The name of the block.
        num_layers: Its layers.
        num_parameters: Its scalars.
        num_trainable: Those that gradients change.
        state: `"frozen"`, `"learning"` or `"partly"`, leaving BatchNorm aside.
        num_bn: Its BatchNorm layers.
        num_bn_learning: Those whose statistics move in training.
    """

    name: str
    num_layers: int
    num_parameters: int
    num_trainable: int
    state: str
    num_bn: int
    num_bn_learning: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the printed table."""
        bn = f"{self.num_bn_learning} of {self.num_bn} learn" if self.num_bn else "–"
        numbers = (f"{self.num_layers}", f"{self.num_parameters:,}", f"{self.num_trainable:,}")
        return (self.name, *numbers, self.state, bn)


@dataclass(frozen=True)
class FreezeReport:
    """What learns in a model.

    Attributes:
        num_trainable: Scalars that gradients change.
        num_frozen: All others, including the moving statistics of BatchNorm.
        blocks: One row per block, in the order of the data.
        needs_compile: The model was compiled before: call `compile()` again, or `fit()` may ignore the flags.
    """

    num_trainable: int
    num_frozen: int
    blocks: tuple[BlockRow, ...]
    needs_compile: bool

    @property
    def num_bn(self) -> int:
        """BatchNorm layers of the model."""
        return sum(row.num_bn for row in self.blocks)

    @property
    def num_bn_learning(self) -> int:
        """BatchNorm layers whose statistics move in training."""
        return sum(row.num_bn_learning for row in self.blocks)

    @property
    def summary(self) -> str:
        """One or two sentences."""
        text = f"{self.num_trainable:,} parameters learn, {self.num_frozen:,} are frozen; "
        text += f"{self.num_bn_learning} of {self.num_bn} BatchNorm layers learn."
        return f"{text} Call compile() again before fit()." if self.needs_compile else text

    def __repr__(self) -> str:
        return f"{self.summary}\n{table_text(_HEADER, [row.cells for row in self.blocks])}"

    def _repr_html_(self) -> str:
        return table_html(self.summary, _HEADER, [row.cells for row in self.blocks])


def freeze_report(model: keras.Model) -> FreezeReport:
    """Report what learns in a model, by its current flags, without changing anything.

    Raises:
        ValueError: If the model is subclassed or not built.
    """
    trainable = {id(weight) for weight in model.trainable_weights}
    num_trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    rows = tuple(_row(block, trainable) for block in blocks(model))
    return FreezeReport(num_trainable, model.count_params() - num_trainable, rows, bool(model.compiled))


def table_text(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Align columns: the first on the left, the others on the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    lines = []
    for row in (header, *rows):
        first, *rest = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))  # noqa: B905
        lines.append("  ".join((first, *rest)))
    return "\n".join(lines)


def table_html(caption: str, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table with a caption and column headers; text is escaped, colours are left to the theme."""
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    caption = f'<caption style="text-align:left">{html.escape(caption)}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(block: Block, trainable: set[int]) -> BlockRow:
    weights = {id(weight): math.prod(weight.shape) for layer in block.layers for weight in layer.weights}
    return BlockRow(
        name=block.name,
        num_layers=len(block.layers),
        num_parameters=block.num_parameters,
        num_trainable=sum(size for key, size in weights.items() if key in trainable),
        state=block.state,
        num_bn=len(block.batchnorms),
        num_bn_learning=sum(layer.trainable for layer in block.batchnorms),
    )
