"""Images as points: what looks similar to a network, layer by layer."""

from tlkit_widgets.feature_map.widget import FeatureMap

__all__ = ["FeatureMap"]
