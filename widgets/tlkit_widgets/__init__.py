"""The interactive parts of tlkit: one widget, one Python file, one JavaScript file."""

from tlkit_widgets.feature_map import FeatureMap

__all__ = ["FeatureMap"]
