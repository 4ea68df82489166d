"""Datasets with splits that share no image, own image folders, and the test vault."""

from tlkit.data.catalog import DatasetInfo, list_datasets, load_dataset
from tlkit.data.embedded import check_embedded
from tlkit.data.folder import Duplicate, FolderDataset, images_from_folder
from tlkit.data.glyphs import make_glyphs
from tlkit.data.paths import cache_dir, data_dir
from tlkit.data.scan import Skipped
from tlkit.data.split import Dataset, Split, Vault

__all__ = [
    "Dataset",
    "DatasetInfo",
    "Duplicate",
    "FolderDataset",
    "Skipped",
    "Split",
    "Vault",
    "cache_dir",
    "check_embedded",
    "data_dir",
    "images_from_folder",
    "list_datasets",
    "load_dataset",
    "make_glyphs",
]
