"""A Keras callback that draws while `fit` runs, with a stop button that works."""

from tlkit_widgets.live_curves.callback import LiveCurves
from tlkit_widgets.live_curves.widget import CurvesView

__all__ = ["CurvesView", "LiveCurves"]
