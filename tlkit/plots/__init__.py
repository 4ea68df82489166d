"""Data to figures that are readable in JupyterLab's light and dark themes, and by colour-blind readers.

Those of `plot_...` are matplotlib's; those of `explore_...` are plotly's, with a still picture beside them.
"""

from tlkit.plots.class_plots import plot_confusion, plot_embedding
from tlkit.plots.images import show_images
from tlkit.plots.paired import plot_paired
from tlkit.plots.style import FigureHTML, figure_html
from tlkit.plots.tradeoff import Exploration, explore_tradeoff, pareto_front
from tlkit.plots.training_curves import plot_curves, plot_learning_curves
from tlkit.plots.words import describe_figure

__all__ = [
    "Exploration",
    "FigureHTML",
    "describe_figure",
    "explore_tradeoff",
    "figure_html",
    "pareto_front",
    "plot_confusion",
    "plot_curves",
    "plot_embedding",
    "plot_learning_curves",
    "plot_paired",
    "show_images",
]
