"""The look that all figures share.

Figures are light cards with dark text, not transparent: no grey reaches a contrast of 4.5 on white and on JupyterLab's
dark background alike, so a transparent figure must be faint in one of the two.
"""

from __future__ import annotations

import base64
import io
from html import escape

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["COLORS", "MARKERS", "FigureHTML", "figure_html", "finish", "new_axes"]

# Okabe and Ito (2008), https://jfly.uni-koeln.de/color, the five that stand out most from the card first.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
# Colour is never the only difference.
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
CARD, INK, FAINT = "#FBFBF9", "#222222", "#D5D5D2"


def new_axes(ax: Axes | None, size: tuple[float, float] = (5.0, 3.2)) -> Axes:
    """`ax` itself, or the Axes of a new figure of `size` inches, in the common style."""
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    figure = _figure_of(ax)
    figure.set_facecolor(CARD)
    figure.set_dpi(max(figure.get_dpi(), 110))
    ax.set_facecolor(CARD)
    for side, spine in ax.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(INK)
    ax.tick_params(colors=INK, labelsize=9)
    ax.grid(True, color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def _figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    if figure is None:
        msg = "`ax` must belong to a figure. Received an Axes that was removed from its figure."
        raise ValueError(msg)
    return figure


def finish(ax: Axes, title: str | None, xlabel: str = "", ylabel: str = "") -> Axes:
    """Write the title, which says the finding, and the labels of the axes, with units."""
    if title:
        ax.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK, wrap=True)
    if xlabel:
        ax.set_xlabel(xlabel, color=INK, fontsize=9.5)
    if ylabel:
        ax.set_ylabel(ylabel, color=INK, fontsize=9.5)
    return ax


class FigureHTML:
    """A picture with a text for those who cannot see it. JupyterLab shows it as an `<img>` with `alt`."""

    def __init__(self, png: bytes, alt: str) -> None:
        self.png = png
        self.alt = alt

    def __repr__(self) -> str:
        return self.alt

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode("ascii")
        return f'<img alt="{escape(self.alt)}" style="max-width: 100%" src="data:image/png;base64,{data}">'


def figure_html(figure: Figure | Axes, alt: str) -> FigureHTML:
    """Draw a figure with an alternative text, and close it so that it is shown once.

    JupyterLab 4 gives a matplotlib figure no `alt`, hence this.

    Args:
        figure: A figure, or an Axes of it.
        alt: What a sighted reader takes from the picture, in a sentence or two.

    Returns:
        An object that a notebook shows when it ends a cell.

    Raises:
        ValueError: On an empty `alt`.

    Example:
    >>> from tlkit.plots import plot_curves
    >>> figure_html(plot_curves({"loss": [2.0, 1.0]}), "The training loss halves in two epochs.")
    The training loss halves in two epochs.
    """
    if not alt.strip():
        msg = f"`alt` must say what the picture shows. Received {alt!r}. Write a sentence or two."
        raise ValueError(msg)
    whole = _figure_of(figure) if isinstance(figure, Axes) else figure
    buffer = io.BytesIO()
    # No software version in the file: the same data give the same bytes.
    whole.savefig(buffer, format="png", metadata={"Software": None}, facecolor=whole.get_facecolor())
    plt.close(whole)
    return FigureHTML(buffer.getvalue(), alt.strip())
