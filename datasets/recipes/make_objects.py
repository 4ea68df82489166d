"""Write `objects_drawn.npz` and `objects_photographed.npz`: cut-outs of 64 pixels with their masks, in twelve classes.

    python datasets/recipes/make_objects.py

The collections are mixed; what is kept is decided by the rules of `is_usable`, and look-alikes are one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import store
from fetch import OPENCLIPART, TUXPAINT, unpack
from PIL import Image

SIDE = 64
MAX_PIXELS = 40_000_000
DRAWN = {
    "bird": ("animals/birds",),
    "fish": ("animals/fish",),
    "flower": ("plants/flowers",),
    "fruit": ("food/fruit",),
    "insect": ("animals/bugs",),
    "instrument": ("recreation/music",),
    "mammal": ("animals/mammals",),
    "sign": ("transportation/roadsigns",),
    "tool": ("tools",),
    "vegetable": ("food/vegetables", "food/pumpkin", "food/pomodori", "food/zucca"),
    "vehicle": ("transportation/vehicles", "transportation/boating/boat_", "transportation/boating/sailboat"),
}
PHOTOGRAPHED = {
    "bird": ("animals/birds",),
    "fish": ("animals/fish",),
    "flower": ("plants/flowers",),
    "fruit": ("food/fruit",),
    "insect": ("animals/insects",),
    "instrument": ("hobbies/music",),
    "mammal": ("animals/mammals",),
    "sign": ("town/roadsigns",),
    "tool": ("household/tools",),
    "vegetable": ("food/vegetables",),
    "vehicle": ("vehicles", "military/vehicles"),
}
CLASSES = tuple(DRAWN)
# What the collections file under a class, but is not one; and drawings or changed copies among the photographs.
_LEFT_OUT = re.compile(
    r"cartoon|weapons|toys|_mirror|_flip"
    r"|birds/.*(tux|manager|platter)|fish/(amibe|crawfish|dolphin|bluewhale|orca|paesaggio|lobster|shrimp)"
    r"|flowers/(cactus|plastic)|fruit/(.*juice|pie|champignon|tree|turkey|slate|straw_tote|gumnut)"
    r"|(bugs|insects)/(lumaca|virus|mostri|ragn|spider|.*slug|woodlouse)|mammals/.*(sleeping|emule|post_|tramonto|hedgehog)"
    r"|music/(45_rpm|cd_|.*note|.*clef|.*staff|a_man|bach|beethov|boombox|.*croche|fifties|gramo|handel|headph|jazz|micro"
    r"|piano_theory|vinyl)"
    r"|roadsigns/(.*cone|arrow)|vehicles/(crossroads|curve|cycle_|lighthouse|quay|bus_symbol|toy|.*spoke|wheel)"
    r"|sailboat_illustration_labels|tools/(airbrush|bottle|bussola|compass|cell|digital|electric_l|ferro|gallows|.*burner"
    r"|hurricane|insect|ironing|kexi|lampada|lock|mattone|metal_c|natural|nunchaku|padlock|paint_roller_(b|w)|pan|route"
    r"|scolap|smoke|telescope|.*umbrella|v.*cleaner|binoc|cog_|engren|ruota|secchio|.*vacuum|toothbrush)",
    re.IGNORECASE,
)
_SAME_OUTLINE = 0.93  # share of the union of two masks that both cover
_SAME_SHADES = 0.6  # correlation of the brightness within them
_EQUAL_OUTLINE = (
    0.97  # whatever the shades, as a drawing and its lines alone; not of signs: all of them are round or so
)
_SHARES = (0.6, 0.2)  # of the groups, for training and for validation


def read_cutout(file: Path) -> np.ndarray | None:
    """The object alone, centred: `(64, 64, 4)`, `uint8`; `None` where the file is damaged, empty or huge."""
    try:
        image = Image.open(file)
        if image.width * image.height > MAX_PIXELS:
            return None
        image = image.reduce(max(1, max(image.size) // 512)) if image.mode == "RGBA" else image.convert("RGBA")
    except (OSError, Image.DecompressionBombError):
        return None
    box = image.getchannel("A").point([255 * (alpha > 16) for alpha in range(256)]).getbbox()
    if box is None:
        return None
    image = image.crop(box).convert("RGBa")  # premultiplied: what is transparent lends no colour
    scale = SIDE / max(image.size)
    image = image.resize([max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX).convert("RGBA")
    canvas = Image.new("RGBA", (SIDE, SIDE))
    canvas.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    pixels = np.asarray(canvas).copy()
    pixels[pixels[..., 3] == 0] = 0
    return pixels


def is_usable(pixels: np.ndarray) -> bool:
    """Whether it is cut out (not a whole square), large enough to see, and more than a silhouette of one colour."""
    mask = pixels[..., 3] > 127
    if not 0.08 < mask.mean() < 0.97:
        return False
    return pixels[mask][:, :3].astype(float).std(axis=0).max() > 12


def read_classes(folder: Path, of_class: dict[str, tuple[str, ...]]) -> Iterator[tuple[np.ndarray, int, str]]:
    """Usable cut-outs with their class and their file's name, in the order of the names."""
    for name, folders in of_class.items():
        files = sorted(folder.rglob("*.png"))
        for path, file in ((file.relative_to(folder).as_posix(), file) for file in files):
            if path.startswith(folders) and not _LEFT_OUT.search(path):
                pixels = read_cutout(file)
                if pixels is not None and is_usable(pixels):
                    yield pixels, CLASSES.index(name), file.stem


def group_look_alikes(pixels: np.ndarray, labels: np.ndarray, stems: list[str]) -> np.ndarray:
    """Number the groups: the same outline and shades, perhaps mirrored, or names that differ in numbers: `(num,)`."""
    groups = np.arange(len(pixels))
    shaped = labels != CLASSES.index("sign")
    alike = look_alikes(pixels, shaped) | look_alikes(pixels, shaped, mirrored=True)
    for one, two in [*np.argwhere(np.triu(alike, 1)), *_same_names(stems)]:
        groups[groups == groups[two]] = groups[one]
    return np.unique(groups, return_inverse=True)[1]


def look_alikes(pixels: np.ndarray, shaped: np.ndarray, *, mirrored: bool = False) -> np.ndarray:
    """Whether two cut-outs are variants of one drawing: `(num, num)`.

    Args:
        pixels: `(num, 64, 64, 4)`.
        shaped: `(num,)`: whether an outline alone tells a drawing from others.
        mirrored: Whether to compare each with the others' mirror images.
    """
    mask, shades = _outline_and_shades(pixels)
    mask_other, shades_other = _outline_and_shades(pixels[:, :, ::-1]) if mirrored else (mask, shades)
    both = mask @ mask_other.T
    outline = both / (mask.sum(1)[:, None] + mask_other.sum(1) - both)
    equal = (outline > _EQUAL_OUTLINE) & shaped[:, None] & shaped
    return equal | (outline > _SAME_OUTLINE) & (shades @ shades_other.T > _SAME_SHADES)


def _outline_and_shades(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mask = (pixels[..., 3] > 127).reshape(len(pixels), -1).astype(np.float32)
    grey = pixels[..., :3].mean(-1).reshape(len(pixels), -1) * mask
    grey = (grey - (grey.sum(1) / mask.sum(1))[:, None]) * mask
    return mask, grey / np.maximum(np.linalg.norm(grey, axis=1, keepdims=True), 1e-9)


def _same_names(stems: list[str]) -> Iterator[tuple[int, int]]:
    first: dict[str, int] = {}
    for row, stem in enumerate(stems):
        yield first.setdefault(re.sub(r"[\d_.-]+|(?<=_)(bw|bn|colour)(?=_|$)", " ", stem).strip().lower(), row), row


def deal_out(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """0 for training, 1 for validation, 2 for the test, group by group: `(num_objects,)`."""
    roles, rng = np.zeros(len(labels), np.uint8), np.random.default_rng(0)
    for label in np.unique(labels):
        own = rng.permutation([group for group in np.unique(groups) if labels[groups == group][0] == label])
        sizes = np.array([(groups == group).sum() for group in own])
        place = (sizes.cumsum() - sizes / 2) / sizes.sum()
        for group, share in zip(own, place, strict=True):
            roles[groups == group] = np.searchsorted(np.cumsum(_SHARES), share)
    return roles


def write(name: str, folder: Path, of_class: dict[str, tuple[str, ...]]) -> None:
    """Read one collection, group, deal out, write."""
    pixels, labels, stems = zip(*read_classes(folder, of_class), strict=True)
    groups = group_look_alikes(np.stack(pixels), np.array(labels), list(stems))
    # A drawing that is filed under two classes stays in the first.
    kept = np.array(labels) == np.array(labels)[np.unique(groups, return_index=True)[1]][groups]
    pixels, labels, stems = np.stack(pixels)[kept], np.array(labels, np.uint8)[kept], np.array(stems)[kept]
    groups = groups[kept]
    arrays = {"pixels": pixels, "label": labels, "group": groups.astype(np.uint16), "role": deal_out(labels, groups)}
    store.write_arrays(name, arrays | {"classes": np.array(CLASSES), "file": stems})
    print(dict(zip(CLASSES, np.bincount(labels).tolist(), strict=True)), len(set(groups)), "groups")


def main() -> None:
    """Write both domains."""
    write("objects_drawn", unpack(OPENCLIPART) / "usr/share/openclipart/png", DRAWN)
    write("objects_photographed", unpack(TUXPAINT) / "usr/share/tuxpaint/stamps", PHOTOGRAPHED)


if __name__ == "__main__":
    main()
