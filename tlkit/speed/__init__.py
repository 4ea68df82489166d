"""Never run the frozen part twice: cut the model, keep its features, and train the rest with graphs that stay warm."""

import tlkit.quiet_start

from tlkit.speed.cache import Features, cache_features
from tlkit.speed.cost import CutCost, describe_cut
from tlkit.speed.disk import CacheEntry, clear_cache, list_cache
from tlkit.speed.feature_store import MEMORY_LIMIT
from tlkit.speed.fit import fit
from tlkit.speed.frozen_split import FrozenSplit, split_frozen
from tlkit.speed.together import fit_together
from tlkit.speed.views import Views, cache_views

__all__ = [
    "MEMORY_LIMIT",
    "CacheEntry",
    "CutCost",
    "Features",
    "FrozenSplit",
    "Views",
    "cache_features",
    "cache_views",
    "clear_cache",
    "describe_cut",
    "fit",
    "fit_together",
    "list_cache",
    "split_frozen",
]
