"""Datasets, splits, own image folders, and the test vault."""

from tlkit.data.glyphs import make_glyphs
from tlkit.data.paths import cache_dir, data_dir
from tlkit.data.split import Dataset, Split, Vault

__all__ = ["Dataset", "Split", "Vault", "cache_dir", "data_dir", "make_glyphs"]
