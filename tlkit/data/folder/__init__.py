"""Your own photos: find them with their classes and splits, read them, and report what was found."""

from tlkit.data.folder.dataset import Duplicate, FolderDataset
from tlkit.data.folder.findings import Finding, FolderWarning, Skipped
from tlkit.data.folder.read import images_from_folder

__all__ = ["Duplicate", "Finding", "FolderDataset", "FolderWarning", "Skipped", "images_from_folder"]
