"""What a figure says in words, for who cannot see it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

__all__ = ["describe_figure"]

MOST = 30  # captions that are read out


def describe_figure(figure: Figure) -> str:
    """Return titles, axes, lines and captions of a figure as sentences.

    A text of your own says more: see `figure_html`.

    Example:
    >>> from tlkit.plots import plot_curves
    >>> ax = plot_curves({"loss": [2.0, 1.0]}, title="The loss halves")
    >>> describe_figure(ax.figure)
    'The loss halves. Across: epoch (passes over the training images). Upwards: loss. training: 2 to 1.'
    """
    parts = [figure.get_suptitle(), *(part for axes in figure.axes for part in _parts(axes))]
    return " ".join(map(_sentence, filter(None, map(_one_line, parts)))) or "A figure without any text."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _parts(axes: Axes) -> list[str]:
    titles = [axes.get_title(loc=place) for place in ("left", "center", "right")]
    pictures = [f"{len(axes.images)} pictures" if len(axes.images) > 1 else ""]
    labels = [f"{name}: {text}" if text else "" for name, text in _labels(axes)]
    captions = list(dict.fromkeys(_one_line(text.get_text()) for text in axes.texts))
    return [*titles, *pictures, *labels, *map(_say_line, axes.lines), _listed(captions)]


def _labels(axes: Axes) -> Iterable[tuple[str, str]]:
    return ("Across", axes.get_xlabel()), ("Upwards", axes.get_ylabel())


def _say_line(line: Line2D) -> str:
    """From where to where a line leads that the legend names."""
    name, values = str(line.get_label()), np.asarray(line.get_ydata(), float)
    if name.startswith("_") or not values.size:
        return ""
    return f"{name}: {_scaled(line, values[0]):.3g} to {_scaled(line, values[-1]):.3g}"


def _scaled(line: Line2D, value: float) -> float:
    """A value as its axis writes it."""
    formatter = line.axes.yaxis.get_major_formatter() if line.axes else None
    return formatter.convert_to_pct(value) if isinstance(formatter, PercentFormatter) else value


def _listed(captions: list[str]) -> str:
    more = f", and {len(captions) - MOST} more" if len(captions) > MOST else ""
    return ", ".join(filter(None, captions[:MOST])) + more


def _one_line(text: str) -> str:
    return " ".join(text.split())
