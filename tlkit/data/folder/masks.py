"""Pictures that mark something in other photos (masks, drawn labels) are no photos to learn from."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from tlkit.data.folder.findings import Scan
from tlkit.data.folder.split_words import are_contents, are_marks

__all__ = ["leave_out_masks"]

_MASK = re.compile(r"(.+?)[ _-]+(annotations?|gt|labels?|masks?|seg|segmentation|trimap)([ _-]?\d+)?", re.IGNORECASE)


def leave_out_masks(root: Path, paths: Sequence[Path], scan: Scan, class_names: Collection[str] = ()) -> list[Path]:
    """Leave out `masks/` beside `images/`, and `1_mask.png` beside `1.png`; each is noted in `scan`.

    Example:
        >>> cat, mask = Path("p/cat/1.png"), Path("p/cat/1_mask.png")
        >>> [path.name for path in leave_out_masks(Path("p"), [cat, mask], Scan())]
        ['1.png']
    """
    folders = {folder for path in paths for folder in path.parents if folder.is_relative_to(root)}
    with_photos = {folder.parent for folder in folders if are_contents([folder.name]) and not are_marks(folder.name)}
    masks = {
        folder
        for folder in folders
        if are_marks(folder.name) and folder.parent in with_photos and folder.name not in class_names
    }
    names = {(path.parent, path.stem) for path in paths}
    kept = []
    for path in paths:
        found = _MASK.fullmatch(path.stem)
        if masks & set(path.parents) or (found and (path.parent, found[1]) in names):
            scan.skip(path, "marks something in another photo", "mask")
        else:
            kept.append(path)
    return kept
