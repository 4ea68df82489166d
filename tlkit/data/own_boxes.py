"""Your own photos with boxes, in COCO's format."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from tlkit.data.arrays import ArraySplit, Field
from tlkit.data.folder.split_words import class_key
from tlkit.data.given import LeftOut, check_file, check_shares
from tlkit.data.own import OwnDataset, build_own, deal_groups, group_equal

__all__ = ["boxes_from_coco"]

_MIN_IMAGES = 10
_KEYS = {
    "images": ("id", "file_name"),
    "annotations": ("image_id", "category_id", "bbox"),
    "categories": ("id", "name"),
}
_IDS = {"images": ("id",), "categories": ("id",), "annotations": ("image_id", "category_id")}
_GREY = 114  # of the bars beside a photo that is not square


def boxes_from_coco(
    annotations: str | os.PathLike[str],
    images: str | os.PathLike[str],
    *,
    size: int = 96,
    val_share: float = 0.2,
    test_share: float = 0.2,
    seed: int = 0,
) -> OwnDataset:
    """Make a data set of your own photos with boxes, as Label Studio, CVAT and others export them for COCO.

    Photos are scaled as a whole, with grey bars beside what is not square, and not turned: boxes are told of the stored
    pixels. Boxes are cut off at the border of the photo; boxes told twice, those of crowds, without area, or of unknown
    photos or categories are listed in `skipped`, as are photos that cannot be read. The same photo twice is in one
    split.

    Args:
        annotations: The JSON file, with `images`, `annotations` and `categories`.
        images: The folder that its `file_name`s are in.
        size: Height and width in pixels, at least 32.
        val_share: Share of the photos for validation, above 0; with `test_share` below 0.9.
        test_share: Share for the test.
        seed: Chooses the splits.

    Returns:
        Arrays `image`, `boxes` (left, top, right, bottom in pixels of the scaled photo, 0 beyond the last), `classes`
        (-1 beyond the last) and `file`, as `make_scenes` gives them.

    Raises:
        FileNotFoundError: If the file or the folder does not exist.
        ValueError: If the file is not in COCO's format, ids or names of categories are not unique, no box can be used,
            boxes are shares and no pixels, or fewer than 10 photos can be used.
    """
    check_shares(val_share, test_share)
    if not isinstance(size, (int, np.integer)) or size < 32:
        msg = f"`size` must be an integer of at least 32 pixels. Received: {size!r}."
        raise ValueError(msg)
    file, skipped = check_file("annotations", annotations, "a JSON file in COCO's format"), []
    told, folder = _read_json(file), Path(images).expanduser()
    if not folder.is_dir():
        msg = f"`images` must be the folder of the photos. Received: {folder}. Seen from {Path.cwd()}."
        raise FileNotFoundError(msg)
    _check_ids(file, told)
    names = {category["id"]: category["name"] for category in told["categories"]}
    boxes_of = _read_boxes(told, names, skipped)
    photos = [photo for entry in told["images"] if (photo := _read_photo(folder, entry, size, skipped)) is not None]
    if len(photos) < _MIN_IMAGES:
        msg = f"At least {_MIN_IMAGES} photos are needed. Received: {len(photos)} that can be read in {folder}."
        raise ValueError(msg + "".join(f" {item.where}: {item.reason}." for item in skipped[:3]))
    everything = _as_split(photos, boxes_of, list(names), list(names.values()), skipped)
    _check_boxes(file, everything, skipped)
    groups = group_equal([photo["image"].tobytes() for photo in photos])
    labels = np.zeros(len(photos), int)
    parts = deal_groups(groups, labels, val_share=val_share, test_share=test_share, seed=seed)
    splits = {part: everything.select(rows) for part, rows in parts.items()}
    return build_own(file.stem, splits, skipped, [photo["file"] for photo in photos], groups)


def _read_json(file: Path) -> dict:
    try:
        told = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = f"{file.name} is not JSON: {error}. Export the annotations again, in COCO's format."
        raise ValueError(msg) from error
    for key, needed in _KEYS.items():
        entries = told.get(key) if isinstance(told, dict) else None
        if not isinstance(entries, list):
            msg = f"{file.name} is not in COCO's format: it lacks a list {key!r}. Export the annotations as COCO."
            raise ValueError(msg)
        poor = next((entry for entry in entries if not isinstance(entry, dict) or not set(needed) <= set(entry)), None)
        if poor is not None:
            msg = f"{file.name} is not in COCO's format: each of {key!r} needs {', '.join(needed)}. Received: {poor!r}."
            raise ValueError(msg)
    return told


def _check_ids(file: Path, told: dict) -> None:
    """Raise a `ValueError` where ids or names of categories do not tell things apart."""
    ids = [(key, entry[name]) for key, names in _IDS.items() for entry in told[key] for name in names]
    odd = next((pair for pair in ids if not isinstance(pair[1], (int, str))), None)
    if odd is not None:
        msg = f"{file.name} is not in COCO's format: an id must be a number or a text. Received in {odd[0]!r}: "
        raise ValueError(msg + f"{odd[1]!r}.")
    unnamed = next((entry for entry in told["categories"] if not isinstance(entry["name"], str)), None)
    if unnamed is not None:
        msg = f"{file.name}: the name of a category must be a text. Received: {unnamed['name']!r}."
        raise ValueError(msg)
    kinds = {
        "ids of photos": [entry["id"] for entry in told["images"]],
        "ids of categories": [entry["id"] for entry in told["categories"]],
        "names of categories": [class_key(entry["name"]) for entry in told["categories"]],
    }
    for kind, values in kinds.items():
        twice = [value for value, number in Counter(values).items() if number > 1]
        if twice:
            msg = f"{file.name} has {kind} more than once: {', '.join(map(repr, twice[:3]))}. Files that are put "
            raise ValueError(msg + "together need new ids, and a category needs one name.")


def _check_boxes(file: Path, everything: ArraySplit, skipped: list[LeftOut]) -> None:
    """Raise a `ValueError` where no box is left."""
    used = everything["boxes"][everything["classes"] >= 0]
    if not len(used):
        msg = f"{file.name} has no box that can be used: a detector needs boxes."
        raise ValueError(msg + "".join(f" {item.where}: {item.reason}." for item in skipped[:3]))


def _read_boxes(told: dict, names: dict, skipped: list[LeftOut]) -> dict[object, list[tuple[list[float], object]]]:
    """Boxes as left, top, right, bottom in pixels of the photo, with their category, by photo."""
    known, found = {entry["id"] for entry in told["images"]}, defaultdict(list)
    for number, entry in enumerate(told["annotations"]):
        reason = _reason_to_skip(entry, known, names)
        if reason:
            skipped.append(LeftOut(f"annotation {entry.get('id', number)}", reason))
        else:
            left, top, width, height = map(float, entry["bbox"])
            box = ([left, top, left + width, top + height], entry["category_id"])
            if box in found[entry["image_id"]]:
                skipped.append(LeftOut(f"annotation {entry.get('id', number)}", "the same box again"))
            else:
                found[entry["image_id"]].append(box)
    sides = [side for boxes in found.values() for box, _ in boxes for side in box]
    if sides and max(sides) <= 1:
        msg = f"All boxes lie between 0 and 1: shares of the photo. COCO's are in pixels. Received: {sides[:4]}. "
        raise ValueError(msg + "Multiply them by width and height, or export again as COCO.")
    return found


def _reason_to_skip(entry: dict, photos: set, names: dict) -> str:
    box = entry["bbox"]
    is_box = isinstance(box, list) and len(box) == 4 and all(isinstance(side, (int, float)) for side in box)
    if not is_box or not np.isfinite(box).all():
        return f"`bbox` must be four numbers. Received: {box!r}"
    if entry["image_id"] not in photos:
        return f"no photo has the id {entry['image_id']!r}"
    if entry["category_id"] not in names:
        return f"no category has the id {entry['category_id']!r}"
    if entry.get("iscrowd"):
        return "a crowd, not one object"
    return "a box without area" if min(box[2:]) <= 0 else ""


def _read_photo(folder: Path, entry: dict, size: int, skipped: list[LeftOut]) -> dict | None:
    """The scaled photo, its id, file, scale and place; or note why it is not used."""
    name = str(entry["file_name"])
    path = _find(folder, name)
    if path is None:
        skipped.append(LeftOut(name, f"no such file in {folder}"))
        return None
    try:
        with Image.open(path) as opened:
            if opened.mode.startswith("I") or opened.mode == "F":
                skipped.append(LeftOut(name, "more than 8 bits a channel: save it as 8 bits"))
                return None
            photo = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        skipped.append(LeftOut(name, f"cannot be read ({error})"))
        return None
    width, height = photo.size
    if str(entry.get("width") or width) != str(width) or str(entry.get("height") or height) != str(height):
        told = f"{entry.get('width')} x {entry.get('height')}"
        skipped.append(LeftOut(name, f"{width} x {height} pixels, but its boxes are told for {told}"))
        return None
    scale = size / max(photo.size)
    small = photo.resize([max(1, round(side * scale)) for side in photo.size], Image.Resampling.BOX)
    left, top = (size - small.width) // 2, (size - small.height) // 2
    canvas = Image.new("RGB", (size, size), (_GREY, _GREY, _GREY))
    canvas.paste(small, (left, top))
    area = np.array([left, top, left + small.width, top + small.height])
    return {"id": entry["id"], "file": name, "image": np.asarray(canvas), "scale": scale, "area": area}


def _find(folder: Path, name: str) -> Path | None:
    """The file of that name; one that is named with folders of another computer is looked for by its last part."""
    plain = name.replace("\\", "/")
    return next((path for path in (folder / plain, folder / plain.split("/")[-1]) if path.is_file()), None)


def _as_split(
    photos: list[dict], boxes_of: dict, numbers: list, names: list[str], skipped: list[LeftOut]
) -> ArraySplit:
    longest = max(1, *(len(boxes_of[photo["id"]]) for photo in photos))
    boxes, classes = np.zeros((len(photos), longest, 4), np.float32), np.full((len(photos), longest), -1, np.int32)
    for row, photo in enumerate(photos):
        left, top = photo["area"][:2]
        place = 0
        for box, category in boxes_of[photo["id"]]:
            scaled = np.array(box) * photo["scale"] + [left, top, left, top]
            cut = np.clip(scaled, photo["area"][[0, 1, 0, 1]], photo["area"][[2, 3, 2, 3]])
            if (cut[2:] - cut[:2]).min() <= 0:
                skipped.append(LeftOut(photo["file"], f"a box outside the photo: {box}"))
                continue
            boxes[row, place], classes[row, place] = cut, numbers.index(category)
            place += 1
    schema = {
        "image": Field("image", (None, None, 3), "the photo, scaled, with grey bars"),
        "boxes": Field("boxes", (None, 4), "left, top, right, bottom in pixels; 0 beyond the last"),
        "classes": Field("label", (None,), "number of the class of each box; -1 beyond the last"),
        "file": Field("text", about="as the table names it"),
    }
    arrays = {"image": np.stack([photo["image"] for photo in photos]), "boxes": boxes, "classes": classes}
    arrays["file"] = np.array([photo["file"] for photo in photos], object)
    return ArraySplit(arrays, schema, names, "photos")
