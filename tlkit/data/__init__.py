"""Datasets with splits that share no item, own data, and the test vault."""

from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.datasets import DatasetInfo, list_datasets, load_dataset
from tlkit.data.embedded_arrays import check_embedded
from tlkit.data.folder import Duplicate, Finding, FolderDataset, FolderWarning, Skipped, images_from_folder
from tlkit.data.given import LeftOut
from tlkit.data.glosses import load_gloss_pairs, load_glosses
from tlkit.data.glyphs import make_glyphs
from tlkit.data.names import load_names
from tlkit.data.objects import load_cutouts, load_objects
from tlkit.data.online_others import load_sms_spam, load_spoken_digits
from tlkit.data.own import OwnDataset
from tlkit.data.own_boxes import boxes_from_coco
from tlkit.data.own_series import series_from_csv
from tlkit.data.own_sounds import sounds_from_folder
from tlkit.data.own_texts import texts_from_csv
from tlkit.data.scenes import make_scenes
from tlkit.data.shops import load_shops, shop_window
from tlkit.data.spectrograms import log_mel
from tlkit.data.split import Dataset, Split, Vault
from tlkit.data.spoken import load_digit_waves, load_real_digits, load_words_spoken
from tlkit.data.texts import WordPieces
from tlkit.paths import cache_dir, data_dir

__all__ = [
    "ArrayDataset",
    "ArraySplit",
    "Dataset",
    "DatasetInfo",
    "Duplicate",
    "Field",
    "Finding",
    "FolderDataset",
    "FolderWarning",
    "LeftOut",
    "OwnDataset",
    "Skipped",
    "Split",
    "Vault",
    "WordPieces",
    "boxes_from_coco",
    "cache_dir",
    "check_embedded",
    "data_dir",
    "images_from_folder",
    "list_datasets",
    "load_cutouts",
    "load_dataset",
    "load_digit_waves",
    "load_gloss_pairs",
    "load_glosses",
    "load_names",
    "load_objects",
    "load_real_digits",
    "load_shops",
    "load_sms_spam",
    "load_spoken_digits",
    "load_words_spoken",
    "log_mel",
    "make_glyphs",
    "make_scenes",
    "series_from_csv",
    "shop_window",
    "sounds_from_folder",
    "texts_from_csv",
]
