"""Folders as people have them: each is studied rightly, and what was decided is said, or it is refused in words."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlkit.study import Settings, read_study_photos
from tlkit.study.refusals import refuse_unfit

NUM_PHOTOS = 12  # of each class, enough for three splits
SETTINGS = Settings(size=32)


def save_photos(folder: Path, *names: str, number: int = NUM_PHOTOS, suffix: str = "png", first: int = 0) -> None:
    """Photos that all differ, in a folder for each name."""
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for each in range(first, first + number):
            photo(f"{name}/{each}").save(folder / name / f"{each:03}.{suffix}")


def photo(name: str, mode: str = "RGB") -> Image.Image:
    """Coarse noise of its own for each name."""
    rng = np.random.default_rng(list(name.encode()))
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return coarse.resize((48, 40), Image.Resampling.BICUBIC).convert(mode)


def in_folders(root: Path) -> Path:
    save_photos(root, "ant", "bee")
    return root


def with_a_note(root: Path) -> Path:
    (in_folders(root) / "ant" / "notes.txt").write_text("eaten")
    return root


def with_a_cut_photo(root: Path) -> Path:
    path = in_folders(root) / "bee" / "cut.png"
    path.write_bytes((root / "bee" / "000.png").read_bytes()[:200])
    return root


def with_an_empty_file(root: Path) -> Path:
    (in_folders(root) / "bee" / "empty.jpg").write_bytes(b"")
    return root


def with_a_page_for_a_photo(root: Path) -> Path:
    (in_folders(root) / "ant" / "saved.jpg").write_text("<!doctype html><title>403</title>")
    return root


def with_an_empty_class(root: Path) -> Path:
    (in_folders(root) / "wasp").mkdir()
    return root


def with_stray_photos(root: Path) -> Path:
    photo("stray").save(in_folders(root) / "stray.png")
    return root


def with_hidden_files(root: Path) -> Path:
    (in_folders(root) / "ant" / "._000.png").write_bytes(b"\0\5\x16\7")
    (root / ".DS_Store").write_bytes(b"\0")
    (root / "__MACOSX").mkdir()
    return root


def with_doubles_across_labels(root: Path) -> Path:
    (in_folders(root) / "bee" / "again.png").write_bytes((root / "ant" / "000.png").read_bytes())
    return root


def with_doubles_across_splits(root: Path) -> Path:
    for split in ("train", "test"):
        save_photos(root / split, "ant", "bee", first=100 * (split == "test"))
    (root / "test" / "ant" / "again.png").write_bytes((root / "train" / "ant" / "000.png").read_bytes())
    return root


def in_splits(root: Path) -> Path:
    for number, split in enumerate(("train", "val", "test")):
        save_photos(root / split, "ant", "bee", first=100 * number)
    return root


def inside_another_folder(root: Path) -> Path:
    in_folders(root / "download (1)" / "insects")
    return root


def inside_an_archive(root: Path) -> Path:
    in_folders(root / "insects")
    with zipfile.ZipFile(root / "insects.zip", "w") as archive:
        for path in (root / "insects").rglob("*.png"):
            archive.write(path, path.relative_to(root))
    return root / "insects.zip"


def in_spellings(root: Path) -> Path:
    save_photos(root, "Ant", "bee")
    save_photos(root, "ant ", first=100)
    return root


def lopsided(root: Path) -> Path:
    save_photos(root, "ant", number=150)
    save_photos(root, "bee")
    return root


def in_file_names(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    for name in ("ant", "bee"):
        for number in range(NUM_PHOTOS):
            photo(f"{name}{number}").save(root / f"{name}_{number:03}.png")
    return root


def in_a_table(root: Path) -> Path:
    in_file_names(root)
    rows = [f"{path.name},{path.name[:3]}" for path in sorted(root.glob("*.png"))]
    (root / "labels.csv").write_text("\n".join(["file,label", *rows]))
    return root


def in_grey_and_palette(root: Path) -> Path:
    in_folders(root)
    for mode in ("L", "P", "RGBA", "1"):
        photo(f"in {mode}", mode).save(root / "ant" / f"{mode}.png")
    return root


def turned_by_exif(root: Path) -> Path:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo("turned").save(in_folders(root) / "ant" / "turned.jpg", exif=exif)
    return root


def of_16_bits(root: Path) -> Path:
    deep = np.random.default_rng(0).integers(0, 65536, (40, 48), dtype=np.uint16)
    Image.fromarray(deep).save(in_folders(root) / "ant" / "deep.png")
    return root


def of_one_class(root: Path) -> Path:
    save_photos(root, "ant")
    return root


def of_three_photos(root: Path) -> Path:
    save_photos(root, "ant", "bee", number=3)
    return root


def of_amounts(root: Path) -> Path:
    save_photos(root, "0.5", "1.5", "2.25")
    return root


def of_several_labels(root: Path) -> Path:
    save_photos(root, "ant", "bee", "ant and bee", "bee and wasp", "wasp", "ant and wasp")
    return root


def of_no_photos(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    (root / "readme.md").write_text("soon")
    return root


def of_nobody(root: Path) -> Path:
    return root / "nowhere"


STUDIED: list[tuple[Callable[[Path], Path], int, str]] = [
    (in_folders, 24, ""),
    (with_a_note, 24, ""),
    (with_a_cut_photo, 24, "cut.png"),
    (with_an_empty_file, 24, "empty.jpg"),
    (with_a_page_for_a_photo, 24, "saved.jpg"),
    (with_an_empty_class, 24, "wasp"),
    (with_stray_photos, 24, "stray.png"),
    (with_hidden_files, 24, ""),
    (with_doubles_across_labels, 25, "again.png"),
    (with_doubles_across_splits, 48, "again.png"),
    (in_splits, 72, ""),
    (inside_another_folder, 24, ""),
    (inside_an_archive, 24, ""),
    (in_spellings, 36, "Ant"),
    (lopsided, 162, "bee"),
    (in_file_names, 24, "file names"),
    (in_a_table, 24, ""),
    (in_grey_and_palette, 28, ""),
    (turned_by_exif, 25, ""),
]
REFUSED: list[tuple[Callable[[Path], Path], str]] = [
    (of_16_bits, "8 bits"),
    (of_one_class, "one class|two classes|at least 2"),
    (of_three_photos, "min_per_class|photos"),
    (of_amounts, "regression"),
    (of_several_labels, "one label"),
    (of_no_photos, "photo|image"),
    (of_nobody, "nowhere"),
]


@pytest.mark.parametrize(("build", "num_photos", "said"), STUDIED, ids=[row[0].__name__ for row in STUDIED])
def test_what_can_be_studied_is_read_whole_and_decisions_are_said(build, num_photos, said, tmp_path):
    path = build(tmp_path / "photos")
    before = sorted((tmp_path / "photos").rglob("*"))
    photos = read_study_photos(path, SETTINGS, unpack_to=tmp_path / "work")
    refuse_unfit(photos, are_named=False)
    splits = [photos.dataset.train, photos.dataset.val]
    assert sum(len(split.labels) for split in splits) + photos.dataset.test.num_images == num_photos
    assert said in photos.describe()
    assert sorted((tmp_path / "photos").rglob("*")) == before  # nothing is written into the folder


@pytest.mark.parametrize(("build", "why"), REFUSED, ids=[row[0].__name__ for row in REFUSED])
def test_what_cannot_be_studied_is_refused_with_the_reason(build, why, tmp_path):
    path = build(tmp_path / "photos")
    with pytest.raises((ValueError, OSError), match=why):
        refuse_unfit(read_study_photos(path, SETTINGS), are_named=False)
