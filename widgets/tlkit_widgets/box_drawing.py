"""Draw boxes round the objects in your own photos, and name them: a file in COCO's format, kept at every change."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import traitlets
from PIL import Image

from tlkit.files import write_whole
from tlkit_widgets.shared.kit_widget import PALETTE, KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["BoxDrawing"]

MAX_PHOTOS, MAX_CLASSES = 200, 8
_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
_LONGEST = 640  # pixels of the side that is sent to the page


class BoxDrawing(KitWidget):
    """Your photos one after the other, to draw boxes on.

    Draw with the pointer. Or press *Add a box*: the arrow keys move it, with the shift key they resize it, and Delete
    removes it. A box gets the name that is chosen above; choose another name while a box has the focus to rename it.
    Every change is written to the file at once, and read from there when the widget is made again.

    Args:
        folder: The photos: JPEG, PNG, WebP or BMP files in it, at most 200.
        class_names: What there is to be found, at most 8 names.
        annotations: The JSON file in COCO's format, which `tlkit.data.boxes_from_coco` reads; by default `boxes.json`
            in the folder.

    Attributes:
        boxes: For each photo a list of `[left, top, right, bottom, name]`, in pixels of the photo as it is stored.
        shown: The photo on the board.
        files: The names of the photos.

    Raises:
        FileNotFoundError: If the folder does not exist or holds no photo.
        ValueError: If the names are too many or not different, or the file is not one of this widget.
    """

    _esm = esm(__file__)
    _css = style(__file__, "boxes")
    _figure_size = (5.6, 4.2)

    boxes = traitlets.List().tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    files = traitlets.List(traitlets.Unicode()).tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _photo = traitlets.Bytes().tag(sync=True)  # JPEG of the shown photo
    _sizes = traitlets.List().tag(sync=True)  # width and height of each photo

    def __init__(
        self,
        folder: str | os.PathLike[str],
        class_names: Sequence[str],
        *,
        annotations: str | os.PathLike[str] | None = None,
    ):
        self._folder, names = Path(folder).expanduser(), list(class_names)
        self.file = Path(annotations).expanduser() if annotations else self._folder / "boxes.json"
        if not 1 <= len(set(names)) == len(names) <= MAX_CLASSES:
            msg = f"`class_names` must hold 1 to {MAX_CLASSES} different names. Received: {names}."
            raise ValueError(msg)
        files = _photos_in(self._folder)
        sizes = [Image.open(self._folder / name).size for name in files]
        super().__init__(
            files=files,
            class_names=names,
            boxes=_read(self.file, files, names),
            _sizes=[list(size) for size in sizes],
        )
        self._show()

    def annotations(self) -> dict:
        """Return the boxes in COCO's format."""
        pairs = list(zip(self.files, self._sizes, strict=True))
        images = [{"id": k, "file_name": name, "width": w, "height": h} for k, (name, (w, h)) in enumerate(pairs, 1)]
        rows = [(image, box) for image, own in enumerate(self.boxes, 1) for box in own]
        entries = [
            {
                "id": number,
                "image_id": image,
                "category_id": self.class_names.index(name) + 1,
                "bbox": [left, top, right - left, bottom - top],
                "area": (right - left) * (bottom - top),
                "iscrowd": 0,
            }
            for number, (image, (left, top, right, bottom, name)) in enumerate(rows, 1)
        ]
        categories = [{"id": k, "name": name} for k, name in enumerate(self.class_names, 1)]
        return {"images": images, "annotations": entries, "categories": categories}

    def describe(self) -> str:
        told = f"{sum(map(len, self.boxes))} boxes on {sum(map(bool, self.boxes))} of {len(self.files)} photos"
        return f"{told}, kept in {self.file.name}. Shown is {self.files[self.shown]}."

    def __repr__(self) -> str:
        return f"BoxDrawing({len(self.files)} photos, {sum(map(len, self.boxes))} boxes)"

    @traitlets.observe("boxes")
    def _keep(self, change=None) -> None:
        if self._photo:
            write_whole(self.file, json.dumps(self.annotations(), indent=1) + "\n")

    @traitlets.observe("shown")
    def _show(self, change=None) -> None:
        photo = Image.open(self._folder / self.files[self.shown]).convert("RGB")
        photo.thumbnail((_LONGEST, _LONGEST))
        buffer = io.BytesIO()
        photo.save(buffer, "JPEG", quality=88)
        self._photo = buffer.getvalue()

    def _draw(self, figure) -> None:
        from matplotlib.patches import Rectangle

        ax, (width, height) = figure.subplots(), self._sizes[self.shown]
        ax.imshow(Image.open(io.BytesIO(self._photo)), extent=(0, width, height, 0))
        ax.set_axis_off()
        for left, top, right, bottom, name in self.boxes[self.shown]:
            colour = PALETTE[self.class_names.index(name)]
            ax.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, ec=colour, lw=2))
            ax.text(left, top, name, color="white", backgroundcolor=colour, fontsize=8)

    @traitlets.validate("boxes")
    def _boxes_on_photos(self, proposal):
        photos = proposal["value"]
        if len(photos) != len(self.files):
            msg = f"`boxes` must hold a list for each of the {len(self.files)} photos. Received: {len(photos)}."
            raise ValueError(msg)
        for box in (box for own in photos for box in own):
            if len(box) != 5 or box[4] not in self.class_names or not (box[0] < box[2] and box[1] < box[3]):
                msg = f"A box is [left, top, right, bottom, name] with a name of {self.class_names}. Received: {box}."
                raise ValueError(msg)
        return photos

    @traitlets.validate("shown")
    def _there(self, proposal):
        if not 0 <= proposal["value"] < len(self.files):
            msg = f"`shown` must be a photo from 0 to {len(self.files) - 1}. Received: {proposal['value']}."
            raise ValueError(msg)
        return proposal["value"]


def _photos_in(folder: Path) -> list[str]:
    files = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _ENDINGS) if folder.is_dir() else []
    if not 1 <= len(files) <= MAX_PHOTOS:
        msg = f"`folder` must hold 1 to {MAX_PHOTOS} photos. {folder}, seen from {Path.cwd()}, holds {len(files)}."
        raise FileNotFoundError(msg)
    return files


def _read(file: Path, files: list[str], names: list[str]) -> list[list]:
    """The boxes of an earlier session, for each photo; what cannot be kept is an error, not a loss."""
    found: list[list] = [[] for _ in files]
    if not file.exists():
        return found
    told = json.loads(file.read_text("utf-8"))
    photos, kinds = ({entry["id"]: entry for entry in told[key]} for key in ("images", "categories"))
    for entry in told["annotations"]:
        photo, name = photos[entry["image_id"]]["file_name"], kinds[entry["category_id"]]["name"]
        if photo not in files or name not in names:
            msg = (
                f"{file.name} has a box of {name!r} on {photo!r}, which is not among the names or photos given. Give "
                "them, too, or another file in `annotations`: otherwise this box would be lost."
            )
            raise ValueError(msg)
        left, top, width, height = entry["bbox"]
        found[files.index(photo)].append([left, top, left + width, top + height, name])
    return found
