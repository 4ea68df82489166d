"""Careful fine-tuning: find a learning rate, give each depth its own, and measure how far the features drift."""

import tlkit.quiet_start

from tlkit.tuning.cka import linear_cka
from tlkit.tuning.layerwise import LayerwiseAdam, block_factors, make_layerwise_adam
from tlkit.tuning.search import RateSearch, find_learning_rate

__all__ = [
    "LayerwiseAdam",
    "RateSearch",
    "block_factors",
    "find_learning_rate",
    "linear_cka",
    "make_layerwise_adam",
]
