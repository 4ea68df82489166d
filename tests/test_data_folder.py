"""Own photos in folders: every make of file, duplicates, layouts and errors."""

import builtins
import io
import os
import re
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlkit.data import images_from_folder
from tlkit.data.decode import UnusableImage, decode_image
from tlkit.data.duplicates import group_duplicates

pytestmark = pytest.mark.filterwarnings("ignore::tlkit.data.FolderWarning")
PHOTOS10 = Path(__file__).parents[2] / "shared/data/photos10.zip"


def scene(seed, side=40):
    """A random smooth picture: no two seeds are nearly equal."""
    grid = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype="uint8")
    return Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC)


def fill(folder, count, start):
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + count):
        scene(number).save(folder / f"{number}.png")


@pytest.fixture
def pets(tmp_path):
    """Two classes of ten photos."""
    root = tmp_path / "pets"
    fill(root / "cat", 10, 0)
    fill(root / "dog", 10, 100)
    return root


def state(root):
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_size) for path in sorted(root.rglob("*"))}


def skipped(dataset):
    return {item.path.name: item.reason for item in dataset.skipped}


def all_splits(dataset):
    return {"train": dataset.train, "val": dataset.val, "test": dataset.test.open("to check it")}


def counts(dataset):
    return {name: np.bincount(split.labels).tolist() for name, split in all_splits(dataset).items()}


def place_of(dataset, image):
    small = np.asarray(image.convert("RGB").resize((64, 64), Image.Resampling.BICUBIC)).astype(float)
    return [
        name for name, split in all_splits(dataset).items() for other in split.images if abs(small - other).mean() < 6
    ]


def test_splits_are_stratified_and_fixed_by_the_seed(pets):
    before = state(pets)
    one, same, other = (images_from_folder(pets, seed=seed) for seed in (0, 0, 1))
    assert counts(one) == counts(other) == {"train": [6, 6], "val": [2, 2], "test": [2, 2]}
    assert np.array_equal(one.train.images, same.train.images)
    assert not np.array_equal(one.train.images, other.train.images)
    assert (one.name, one.class_names, one.skipped, one.duplicates) == ("pets", ["cat", "dog"], [], [])
    assert state(pets) == before, "something was written"
    images = np.concatenate([split.images for split in all_splits(one).values()])
    assert len(np.unique(images, axis=0)) == 20


def test_labels_belong_to_the_images(pets):
    dataset = images_from_folder(pets, size=40)
    cats = {scene(number).tobytes() for number in range(10)}
    for split in all_splits(dataset).values():
        assert [int(image.tobytes() not in cats) for image in split.images] == split.labels.tolist()


def save_grey16(path):
    ramp = np.tile(np.linspace(0, 65535, 40), (40, 1)).astype("uint16")
    Image.fromarray(ramp).save(path)


def save_float(path):
    Image.fromarray(np.tile(np.linspace(0, 1, 40, dtype="float32"), (40, 1))).save(path)


def save_transparent(path):
    Image.fromarray(np.tile(np.array([255, 0, 0, 0], "uint8"), (40, 40, 1))).save(path)


def save_transparent_palette(path):
    Image.new("RGB", (40, 40), "red").quantize(2).save(path, transparency=0)


def save_animated(path):
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def save_turned(path):
    image = Image.new("RGB", (40, 80), "red")  # red above, blue below; to be turned to the right
    image.paste("blue", (0, 40, 40, 80))
    exif = Image.Exif()
    exif[0x0112] = 8
    image.save(path, exif=exif, quality=95)


@pytest.mark.parametrize(
    ("name", "save", "expected"),
    [
        ("grey.png", lambda path: Image.new("L", (40, 40), 77).save(path), (77, 77, 77)),
        ("one_bit.png", lambda path: Image.new("1", (40, 40), 1).save(path), (255, 255, 255)),
        ("palette.gif", lambda path: Image.new("P", (40, 40), 0).save(path), (0, 0, 0)),
        ("alpha.png", save_transparent, (255, 255, 255)),
        ("palette_alpha.png", save_transparent_palette, (255, 255, 255)),
        ("grey_alpha.png", lambda path: Image.new("LA", (40, 40), (10, 255)).save(path), (10, 10, 10)),
        ("cmyk.jpg", lambda path: Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(path), (254, 0, 0)),
        ("grey16.png", save_grey16, (127, 127, 127)),
        ("float.tiff", save_float, (127, 127, 127)),
        ("animated.gif", save_animated, (255, 0, 0)),
        ("picture.webp", lambda path: Image.new("RGB", (40, 40), "red").save(path, lossless=True), (255, 0, 0)),
        ("wide.png", lambda path: Image.new("RGB", (900, 9), "red").save(path), (255, 0, 0)),
    ],
)
def test_modes_and_formats(tmp_path, name, save, expected):
    save(tmp_path / name)
    with open(tmp_path / name, "rb") as file:
        image = decode_image(file, 32).image
    assert image.shape == (32, 32, 3)
    assert image.dtype == np.uint8
    assert image.mean(axis=(0, 1)) == pytest.approx(expected, abs=3)


def test_16_bit_grey_keeps_its_gradient(tmp_path):
    save_grey16(tmp_path / "a.png")
    with open(tmp_path / "a.png", "rb") as file:
        row = decode_image(file, 40).image[20, :, 0].astype(int)
    assert (row[0], row[-1]) == (0, 255)
    assert np.all(np.diff(row) > 0)


def test_exif_rotation_is_applied(tmp_path):
    save_turned(tmp_path / "a.jpg")
    with open(tmp_path / "a.jpg", "rb") as file:
        image = decode_image(file, 32).image.astype(int)
    red = image[:, :8, 0].mean(), image[:, -8:, 0].mean()
    assert red[0] > 200 > 50 > red[1], "not turned, or to the wrong side"


def test_large_photo_is_decoded_like_a_small_one(tmp_path):
    scene(5, 1600).save(tmp_path / "a.jpg", quality=95)
    with open(tmp_path / "a.jpg", "rb") as file:
        image = decode_image(file, 32).image.astype(float)
    assert abs(image - np.asarray(scene(5, 1600).resize((32, 32), Image.Resampling.BOX))).mean() < 4


def bomb(path):
    """A PNG of 30,000 x 30,000 pixels in a few bytes."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)))


def truncated(path):
    scene(999, 200).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:-400])


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("empty.jpg", lambda path: path.touch(), "empty file"),
        ("notes.jpg", lambda path: path.write_text("not a picture at all"), "not an image"),
        ("table.csv", lambda path: path.write_text("a,b\n1,2\n"), "not an image"),
        (
            "vector.eps",
            lambda path: path.write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
            "not an image",
        ),
        ("cut.jpg", truncated, "damaged"),
        ("cut.png", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00"), "damaged|not an image"),
        ("bomb.png", bomb, "megapixels"),
        ("large.png", lambda path: Image.new("1", (10_000, 8_500)).save(path), "85 megapixels"),
        ("dot.png", lambda path: Image.new("RGB", (3, 50)).save(path), "3 x 50 pixels"),
        (".hidden.png", lambda path: scene(900).save(path), "hidden"),
        ("Thumbs.db", lambda path: path.write_bytes(b"x"), "helper file"),
        ("gone.png", lambda path: path.symlink_to("nowhere.png"), "broken link"),
        ("loop.png", lambda path: path.symlink_to("loop.png"), "link|cannot be read"),
        ("pipe.png", os.mkfifo, "not a regular file") if hasattr(os, "mkfifo") else ("", None, ""),
        ("folder", lambda path: path.symlink_to(path.parent.parent), "link to a folder"),
    ],
)
def test_unusable_file_is_listed_and_skipped(pets, name, make, reason):
    if make is None:
        pytest.skip("no pipes here")
    make(pets / "cat" / name)
    dataset = images_from_folder(pets)
    assert set(skipped(dataset)) == {name}
    assert re.search(reason, skipped(dataset)[name])
    assert counts(dataset)["train"] == [6, 6]
    assert f"`{name}`" in dataset.card


def test_the_limit_of_another_program_changes_no_reason(pets, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80_000_000)
    Image.new("1", (10_000, 8_500)).save(pets / "cat" / "large.png")
    assert skipped(images_from_folder(pets)) == {"large.png": "85 megapixels: larger than 80"}


def test_unreadable_file_and_folder(pets, monkeypatch):
    """By permissions where they bind, else (as root) by a failing `open`."""
    scene(700).save(pets / "cat" / "locked.png")
    (pets / "cat" / "locked.png").chmod(0)
    if os.access(pets / "cat" / "locked.png", os.R_OK):
        real = builtins.open

        def refuse(path, *args, **kwargs):
            if str(path).endswith("locked.png"):
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *args, **kwargs)

        monkeypatch.setattr(builtins, "open", refuse)
    dataset = images_from_folder(pets)
    assert skipped(dataset) == {"locked.png": "cannot be read (Permission denied)"}


def test_wrong_name_and_nested_folders_count(pets):
    scene(800).save(pets / "cat" / "really_a_png.jpg", "PNG")
    scene(801).save(pets / "cat" / "no_extension", "PNG")
    (pets / "cat" / "more" / "deep").mkdir(parents=True)
    scene(802).save(pets / "cat" / "more" / "deep" / "a.bmp")
    (pets / "cat" / "link.png").symlink_to(pets / "dog" / ".." / "cat" / "more" / "deep" / "a.bmp")
    dataset = images_from_folder(pets)
    assert dataset.skipped == []
    assert sum(count[0] for count in counts(dataset).values()) == 14
    assert [len(duplicate.paths) for duplicate in dataset.duplicates] == [2]


def test_empty_class_folder_and_loose_file_are_listed(pets):
    (pets / "bird").mkdir()
    (pets / "__MACOSX").mkdir()
    (pets / "readme.txt").write_text("hello")
    dataset = images_from_folder(pets)
    assert dataset.class_names == ["cat", "dog"]
    assert skipped(dataset)["bird"] == "a folder without a file"
    assert skipped(dataset)["readme.txt"] == "not an image"
    assert "helper" in skipped(dataset)["__MACOSX"]


@pytest.mark.parametrize("seed", range(5))
def test_copies_stay_in_one_split(pets, seed):
    shutil.copy(pets / "cat" / "3.png", pets / "cat" / "copy.png")
    scene(3).save(pets / "cat" / "lossless.bmp")
    scene(104).save(pets / "dog" / "again.jpg", quality=60)
    scene(104).resize((90, 90)).point(lambda value: min(255, value + 5)).save(pets / "dog" / "larger.webp")
    dataset = images_from_folder(pets, seed=seed)
    found = {tuple(sorted(path.name for path in item.paths)): item.is_exact for item in dataset.duplicates}
    assert found == {("3.png", "copy.png", "lossless.bmp"): True, ("104.png", "again.jpg", "larger.webp"): False}
    for number in (3, 104):
        places = place_of(dataset, scene(number))
        assert len(places) == 3
        assert len(set(places)) == 1


def test_same_picture_in_two_classes_is_reported(pets):
    shutil.copy(pets / "cat" / "3.png", pets / "dog" / "wrong.png")
    dataset = images_from_folder(pets)
    assert dataset.duplicates[0].class_names == ("cat", "dog")
    assert "1 pictures were found more than once (1 of them in more than one class)" in dataset.card
    assert len(set(place_of(dataset, scene(3)))) == 1


def test_different_pictures_are_not_duplicates():
    decoded = []
    for number in range(300):
        buffer = io.BytesIO()
        scene(number).save(buffer, "PNG")
        decoded.append(decode_image(buffer, 32))
    assert group_duplicates(decoded).tolist() == list(range(300))
    assert group_duplicates([*decoded[:100], *decoded[:100]]).tolist() == [*range(100), *range(100)]
    assert group_duplicates([]).tolist() == []


def test_given_splits_are_kept(tmp_path):
    for class_number, name in enumerate(("cat", "dog")):
        fill(tmp_path / "train" / name, 15, 1000 * class_number)
        fill(tmp_path / "Test" / name, 4, 1000 * class_number + 500)
    dataset = images_from_folder(tmp_path)
    assert counts(dataset) == {"train": [12, 12], "val": [3, 3], "test": [4, 4]}
    fill(tmp_path / "valid" / "cat", 2, 5000)
    fill(tmp_path / "valid" / "dog", 2, 6000)
    fill(tmp_path / "notes", 1, 7000)
    dataset = images_from_folder(tmp_path)
    assert counts(dataset) == {"train": [15, 15], "val": [2, 2], "test": [4, 4]}
    assert "beside train/" in skipped(dataset)["7000.png"]


def test_copies_of_given_test_photos_leave_training(tmp_path):
    for class_number, name in enumerate(("cat", "dog")):
        fill(tmp_path / "train" / name, 15, 1000 * class_number)
        fill(tmp_path / "test" / name, 4, 1000 * class_number + 500)
    shutil.copy(tmp_path / "test" / "cat" / "501.png", tmp_path / "train" / "cat" / "leak.png")
    dataset = images_from_folder(tmp_path)
    assert "the same picture as test" in skipped(dataset)["leak.png"]
    assert place_of(dataset, scene(501)) == ["test"]
    assert len(dataset.duplicates) == 1


def test_class_with_too_few_photos(pets):
    for number in range(3, 10):
        (pets / "cat" / f"{number}.png").unlink()
    with pytest.raises(ValueError, match=r"at least 10 different, usable photos.* 'cat' has 3\. Add photos"):
        images_from_folder(pets)
    assert counts(images_from_folder(pets, min_per_class=3)) == {"train": [1, 6], "val": [1, 2], "test": [1, 2]}


def test_copies_do_not_count_as_photos(pets):
    for number in range(1, 10):
        shutil.copy(pets / "cat" / "0.png", pets / "cat" / f"{number}.png")
    with pytest.raises(ValueError, match="'cat' has 1"):
        images_from_folder(pets)


def test_class_of_damaged_files_is_an_error_not_a_missing_class(pets):
    (pets / "bird").mkdir()
    (pets / "bird" / "a.jpg").write_text("broken")
    with pytest.raises(ValueError, match="'bird' has 0"):
        images_from_folder(pets)


def test_wrong_paths(pets, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"does not exist.*Did you mean 'pets'\?"):
        images_from_folder(tmp_path / "pet")
    with pytest.raises(NotADirectoryError, match="Unpack an archive"):
        images_from_folder(pets / "cat" / "0.png")
    with pytest.raises(
        ValueError, match=r"its 10 photos are in no class folders.*Make a folder for each class, or .*labels\.csv"
    ):
        images_from_folder(pets / "cat")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 2}, "`size` must be an integer of at least 8. Received: 2"),
        ({"min_per_class": 2}, "`min_per_class` must be an integer of at least 3. Received: 2"),
        ({"val_share": 0}, "must be above 0.*Received: 0 and 0.2"),
        ({"test_share": 0.8}, "below 0.9 together. Received: 0.2 and 0.8"),
        ({"val_share": float("nan")}, "Received: nan"),
    ],
)
def test_bad_arguments(pets, arguments, message):
    with pytest.raises(ValueError, match=message):
        images_from_folder(pets, **arguments)


def test_decode_error_names_the_reason(tmp_path):
    (tmp_path / "a").write_bytes(b"GIF89a")
    with open(tmp_path / "a", "rb") as file, pytest.raises(UnusableImage, match=r"damaged|not an image"):
        decode_image(file, 32)


@pytest.mark.slow
@pytest.mark.skipif(not PHOTOS10.exists(), reason="photos10.zip is not here")
def test_photos10(tmp_path):
    with zipfile.ZipFile(PHOTOS10) as archive:
        archive.extractall(tmp_path)
    dataset = images_from_folder(tmp_path / "photos10", size=32)
    assert dataset.num_classes == 10
    assert dataset.test.num_images == 1000
    assert len(dataset.train) + len(dataset.val) + len(dataset.skipped) == 2000
    assert np.bincount(dataset.val.labels).min() >= 35
