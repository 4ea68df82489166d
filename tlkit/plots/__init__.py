"""Data to matplotlib figures that are readable in JupyterLab's light and dark themes, and by colour-blind readers."""

from tlkit.plots.classes import plot_confusion, plot_embedding
from tlkit.plots.curves import plot_curves, plot_learning_curves
from tlkit.plots.images import show_images
from tlkit.plots.paired import plot_paired
from tlkit.plots.style import FigureHTML, figure_html

__all__ = [
    "FigureHTML",
    "figure_html",
    "plot_confusion",
    "plot_curves",
    "plot_embedding",
    "plot_learning_curves",
    "plot_paired",
    "show_images",
]
