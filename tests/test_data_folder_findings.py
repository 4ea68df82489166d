"""What is odd in the photos themselves is said where the learner looks, with the next step."""

import io
import shutil
import struct
import sys
import types
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tlkit.data import FolderWarning, Split, images_from_folder
from tlkit.data import decode as decode_module
from tlkit.data.assemble import resize_split, without_copies
from tlkit.data.decode import decode_image

pytestmark = pytest.mark.filterwarnings("ignore::tlkit.data.FolderWarning")


def scene(seed, side=40):
    grid = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype="uint8")
    return Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC)


@pytest.fixture
def pets(tmp_path):
    for start, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(12):
            scene([start, number]).save(tmp_path / name / f"{number}.png")
    return tmp_path


def read(root, **arguments):
    return images_from_folder(root, size=32, **arguments)


def found(dataset):
    return {finding.kind: finding for finding in dataset.findings}


def decode(content, size=40):
    return decode_image(io.BytesIO(content), size)


def deep_png(values):
    """A PNG of 16 bits a channel; `values` is `(height, width, 3 or 4)`."""
    height, width, channels = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def deep_tiff(values, **options):
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, photometric="rgb" if values.ndim == 3 else "minisblack", **options)
    return buffer.getvalue()


def ramp(top, channels=None):
    values = np.tile(np.linspace(0, top, 40), (40, 1))
    return values if channels is None else np.stack([values, values[:, ::-1], np.full_like(values, top)], axis=-1)


COLOURS = ramp(4095, 3).round().astype("uint16")


@pytest.mark.parametrize(
    "content",
    [
        deep_png(COLOURS),
        deep_png(np.dstack([COLOURS, np.full((40, 40), 65535, "uint16")])),
        *(deep_tiff(COLOURS, byteorder=order, compression=how) for order in "<>" for how in (None, "zlib")),
    ],
)
def test_12_bits_in_16_bit_colours(content):
    decoded = decode(content)
    assert decoded.span.high == 4095
    assert abs(decoded.image - ramp(255, 3)).max() <= 1


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (ramp(1000).astype("uint16"), (0, 1023)),
        (ramp(4095).astype("uint16"), (0, 4095)),
        (ramp(60000).astype("uint16"), (0, 65535)),
        (ramp(0.9).astype("float32"), (0, 1)),
        (ramp(250).astype("float32"), (0, 255)),
        (ramp(300).astype("float32") - 100, (-100, 200)),
    ],
)
def test_scale_of_grey_levels(values, scale):
    decoded = decode(deep_tiff(values))
    assert (decoded.scale.low, decoded.scale.high) == scale
    expected = (values.astype(float) - scale[0]) / (scale[1] - scale[0]) * 255
    assert abs(decoded.image[..., 0] - expected).max() <= 1


def test_not_a_number_is_black():
    values = ramp(1).astype("float32")
    values[:, 20:] = np.nan
    assert decode(deep_tiff(values)).image[:, 25:].max() == 0


def test_a_plane_for_each_colour_is_refused_not_read_wrongly():
    content = deep_tiff(np.moveaxis(COLOURS, -1, 0), planarconfig="separate")
    with pytest.raises(Exception, match="plane for each colour: save it again as PNG"):
        decode(content)


def test_scans_of_a_folder_have_one_scale(tmp_path):
    for start, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(12):
            grey = np.asarray(scene([start, number]).convert("L"), "uint16")
            dimmer = 4 if name == "dog" else 16  # the dogs' scans alone look like 10 bits
            Image.fromarray(grey * np.uint16(dimmer)).save(tmp_path / name / f"{number}.png")
    dataset = read(tmp_path)
    means = [dataset.train.images[dataset.train.labels == label].mean() for label in (0, 1)]
    assert means[0] == pytest.approx(128, abs=25)
    assert means[0] / means[1] == pytest.approx(4, rel=0.25), "each class has a scale of its own"
    assert "0 became black, 4095 white" in found(dataset)["scale"].sentence
    assert "save them as 8 bits yourself" in found(dataset)["scale"].next_step


def pages(path):
    frames = [scene([9, number]) for number in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def veiled(path):
    Image.merge("RGBA", [*scene(7).split(), scene(8).getchannel("R")]).save(path)


@pytest.mark.parametrize(
    ("name", "save", "kind", "step"),
    [
        ("a.gif", pages, "frames", "save each as a file"),
        ("a.tiff", pages, "frames", "save each as a file"),
        ("a.png", lambda path: scene(77, 90).resize((90, 30)).save(path), "wide", "crop them yourself"),
        ("a.png", lambda path: Image.new("RGB", (40, 40), (3, 5, 4)).save(path), "faint", "Look at them"),
        ("a.jpg", lambda path: scene(77).convert("CMYK").save(path), "cmyk", ""),
        ("a.png", lambda path: scene(77).resize((20, 20)).save(path), "small", ""),
        ("a.png", veiled, "transparent", ""),
    ],
)  # fmt: skip
def test_what_was_decided_is_said(pets, name, save, kind, step):
    save(pets / "cat" / name)
    finding = found(read(pets))[kind]
    assert [path.name for path in finding.paths] == [name]
    assert name in finding.sentence
    assert step in finding.next_step
    assert bool(step) == bool(finding.next_step)


HEIC = b"\0\0\0\x18ftypheic" + bytes(100)


@pytest.mark.parametrize(
    ("name", "content", "kind", "step"),
    [
        ("a.HEIC", HEIC, "HEIC", "pip install pillow-heif"),
        ("an_iphone_says.jpg", HEIC, "HEIC", "pip install pillow-heif"),
        ("a.nef", b"II*\0" + bytes(100), "camera raw", "Export them as JPEG"),
        ("a.pdf", b"%PDF-1.7" + bytes(100), "PDF documents", "pdftoppm"),
        ("a.mp4", b"\0\0\0\x18ftypisom" + bytes(100), "videos", "ffmpeg"),
        ("a.mov", bytes(100), "videos", "ffmpeg"),
        ("a.svg", b"<svg/>", "vector graphics", "as PNG"),
        ("a.dcm", bytes(200), "medical scans", "pydicom"),
        ("a.npy", b"\x93NUMPY" + bytes(100), "arrays", "Image.fromarray"),
        ("a.zip", b"PK\x03\x04" + bytes(100), "archives", "Unpack"),
        ("a.avif", bytes(100), "damaged", "download them again"),
        ("empty.jpg", b"", "damaged", "download them again"),
        ("notes.txt", b"hello", "no images", ""),
        ("Thumbs.db", b"x", "helper", ""),
    ],
)
def test_what_a_file_is_and_how_to_make_a_photo_of_it(pets, name, content, kind, step):
    (pets / "cat" / name).write_bytes(content)
    dataset = read(pets)
    finding = found(dataset)[kind]
    assert step in finding.next_step
    assert name in repr(dataset), "what was skipped is shown by name"
    assert [item.path.name for item in dataset.skipped] == [name]


def test_many_skipped_files_are_named_and_counted(pets):
    for number in range(9):
        (pets / "cat" / f"x{number}.jpg").touch()
    assert "9 files not used (damaged or not an image): x0.jpg: empty file" in repr(read(pets))
    assert "and 6 more" in repr(read(pets))


def test_a_folder_of_other_formats_says_how_to_convert(pets):
    for path in [*pets.rglob("*.png")]:
        path.with_suffix(".HEIC").write_bytes(HEIC)
        path.unlink()
    with pytest.raises(
        ValueError, match=r"none of its 24 files could be read.*24 files .*HEIC.*pip install pillow-heif"
    ):
        read(pets)
    shutil.rmtree(pets / "dog")
    (pets / "dog").mkdir()
    for number in range(12):
        scene([1, number]).save(pets / "dog" / f"{number}.png")
    with pytest.raises(ValueError, match=r"'cat' has 0\..*12 files .*HEIC.*pip install pillow-heif"):
        read(pets)


def test_the_plugin_for_heic_is_used_where_it_is_installed(pets, monkeypatch):
    """A stand-in registers a reader as pillow-heif does."""
    used = []
    monkeypatch.setitem(
        sys.modules, "pillow_heif", types.SimpleNamespace(register_heif_opener=lambda: used.append("HEIF"))
    )
    decode_module._formats.cache_clear()
    read(pets)
    decode_module._formats.cache_clear()
    assert used


def camera(path, seed, scratched):
    rng = np.random.default_rng(seed)
    still = np.asarray(scene(5, 64), float)
    photo = Image.fromarray(np.clip(still + rng.normal(0, 4, still.shape), 0, 255).astype("uint8"))
    if scratched:
        x, y = rng.integers(5, 40, 2)
        ImageDraw.Draw(photo).line([x, y, x + 15, y + 10], fill="white", width=3)
    photo.save(path)


@pytest.mark.parametrize("scratched", [True, False])
def test_photos_of_a_fixed_camera_are_no_copies(tmp_path, scratched):
    for number in range(30):
        for name in ("good", "bad"):
            (tmp_path / name).mkdir(exist_ok=True)
            camera(tmp_path / name / f"{number}.png", [number, name == "bad"], scratched and name == "bad")
    shutil.copy(tmp_path / "good" / "3.png", tmp_path / "good" / "copy.png")
    dataset = read(tmp_path)
    assert len(dataset.train) + len(dataset.val) + dataset.test.num_images == 61
    assert "61 photos show nearly the same picture" in found(dataset)["one scene"].sentence
    assert "train/ or test/" in found(dataset)["one scene"].next_step
    assert [{path.name for path in each.paths} for each in dataset.duplicates] == [{"3.png", "copy.png"}]


def test_small_things_on_one_ground_are_no_copies(tmp_path):
    rng = np.random.default_rng(1)
    for name in ("ball", "box"):
        (tmp_path / name).mkdir()
        for number in range(30):
            photo = Image.new("RGB", (128, 128), "white")
            x, y = rng.integers(10, 100, 2)
            draw = ImageDraw.Draw(photo)
            shape = draw.ellipse if name == "ball" else draw.rectangle
            shape([x, y, x + 16, y + 16], fill=(60, 60, 60))
            photo.save(tmp_path / name / f"{number}.png")
    dataset = read(tmp_path)
    assert len(dataset.train) + len(dataset.val) + dataset.test.num_images == 60
    assert dataset.duplicates == []


def test_one_class_before_a_fixed_camera(pets):
    shutil.rmtree(pets / "cat")
    (pets / "cat").mkdir()
    for number in range(20):
        camera(pets / "cat" / f"{number}.png", number, False)
    assert len(found(read(pets))["one scene"].paths) == 20


def test_a_burst_in_a_large_class_stays_in_one_split(pets):
    for number in range(12, 40):
        scene([0, number]).save(pets / "cat" / f"{number}.png")
    for number in range(12):
        camera(pets / "cat" / f"burst{number}.png", number, False)
    dataset = read(pets)
    assert "one scene" not in found(dataset)
    burst = [[path.name.startswith("burst") for path in split.paths] for split in (dataset.train, dataset.val)]
    assert sorted(map(sum, burst)) == [0, 12]


def test_copies_under_two_labels_are_named(pets):
    shutil.copy(pets / "cat" / "3.png", pets / "dog" / "wrong.png")
    scene([0, 4]).resize((60, 60)).save(pets / "dog" / "larger.jpg", quality=80)
    finding = found(read(pets))["copies in two classes"]
    assert "2 pictures" in finding.sentence
    assert "cat/3.png, dog/wrong.png (equal)" in finding.sentence
    assert "dog/larger.jpg (nearly equal)" in finding.sentence
    assert "wrong label" in finding.next_step


def test_copies_across_given_splits_are_named(pets, tmp_path):
    for split in ("train", "test"):
        shutil.copytree(pets / "cat", tmp_path / "given" / split / "cat")
        shutil.copytree(pets / "dog", tmp_path / "given" / split / "dog")
    for number in range(12, 30):
        for start, name in enumerate(("cat", "dog")):
            scene([start, number]).save(tmp_path / "given" / "train" / name / f"{number}.png")
    finding = found(read(tmp_path / "given"))["copies across splits"]
    assert len(finding.paths) == 24
    assert "too good" in finding.next_step


def test_imbalance_and_few_photos(pets):
    assert "imbalance" not in found(read(pets))
    assert "4 photos, 2 in the smallest class" in found(read(pets))["few"].sentence
    for number in range(12, 120):
        scene([0, number]).save(pets / "cat" / f"{number}.png")
    finding = found(read(pets))["imbalance"]
    assert "'cat' has 120 photos, 'dog' 12" in finding.sentence
    assert "right 91% of the time" in finding.sentence
    assert "recall of each class" in finding.next_step


def test_nothing_to_say(tmp_path):
    for start, name in enumerate(("cat", "dog")):
        (tmp_path / name).mkdir()
        for number in range(60):
            scene([start, number]).save(tmp_path / name / f"{number}.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error", FolderWarning)
        dataset = read(tmp_path)
    assert dataset.findings == []
    assert "\n" not in repr(dataset)


def test_paths_name_the_file_of_each_image(pets):
    dataset = read(pets)
    for split in (dataset.train, dataset.train.take_per_class(3, seed=1), dataset.val, dataset.test.open("to check")):
        assert len(split.paths) == len(split)
        for path, image, label in zip(split.paths, split.images, split.labels, strict=True):
            assert path.parent.name == split.class_names[label]
            assert np.array_equal(image, decode(path.read_bytes(), 32).image)
    wrong = dataset.train.labels == 0
    assert {path.parent.name for path in dataset.train.paths[wrong]} == {"cat"}
    assert {path.parent.name for path in dataset.train.select(wrong).paths} == {"cat"}


def test_paths_stay_with_images_that_are_resized_or_left_out(pets):
    split = read(pets).train
    first = split.select(np.arange(len(split)) < 1)
    assert list(without_copies(split, [first]).paths) == list(split.paths[1:])
    assert list(resize_split(split, 16).paths) == list(split.paths)


def test_paths_are_checked():
    images, labels = np.zeros((3, 8, 8, 3), "uint8"), np.zeros(3, int)
    assert Split(images, labels, ["a"]).select(np.array([0, 2])).paths is None
    with pytest.raises(ValueError, match=r"one path per image, 3\. Received: 2"):
        Split(images, labels, ["a"], ["x", "y"])
