"""Alternative texts for the figures of matplotlib that a cell shows."""

from __future__ import annotations

import html
import os
from typing import TYPE_CHECKING, Any

from IPython import get_ipython
from IPython.core.pylabtools import print_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["describe_figures"]


def describe_figures() -> None:
    """Give each figure of matplotlib that this notebook shows from now on an alternative text."""
    if (shell := get_ipython()) is not None:
        formatter = shell.display_formatter.mimebundle_formatter
        formatter.for_type_by_name("matplotlib.figure", "Figure", _bundle)


def _bundle(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """The text in the metadata, and where the front end leaves these out as HTML, too."""
    from tlkit.plots.words import describe_figure

    text = describe_figure(figure)
    data = {}
    if "JPY_SESSION_NAME" in os.environ:  # JupyterLab shows a PNG without the alternative text of its metadata
        picture = print_figure(figure, base64=True)
        data["text/html"] = f'<img alt="{html.escape(text)}" src="data:image/png;base64,{picture}">'
    return data, {"image/png": {"alt": text}}
