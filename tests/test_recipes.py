"""Recipes of real data: packages are checked before they are read, and the same package gives the same bytes twice."""

import gzip
import hashlib
import shutil
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from tlkit.data import data_dir


@pytest.fixture(scope="module")
def recipes():
    """The modules of the recipes, which are scripts beside the data and no package."""
    folder = str(data_dir() / "recipes")
    sys.path.insert(0, folder)
    try:
        names = ("fetch", "store", "rda", "make_glosses", "make_names", "make_objects", "make_shops", "voices")
        yield type("Recipes", (), {name: __import__(name) for name in names})
    finally:
        sys.path.remove(folder)


def stand_in(recipes, folder, files, monkeypatch):
    """A tiny wheel in place of a package, and the client that copies it."""
    wheel = folder / "stand_in-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    package = recipes.fetch.Package("pip", "stand-in", "1", hashlib.sha256(wheel.read_bytes()).hexdigest())
    copy = [sys.executable, "-c", f"import shutil; shutil.copy({str(wheel)!r}, '.')"]
    monkeypatch.setattr(recipes.fetch.Package, "download", property(lambda self: copy))
    return package


NOUNS = """  1 a line of the licence
00000001 10 n 02 hot_air 0 claptrap 0 000 | loud and empty talk; "that was hot air"
00000002 10 n 01 talk 0 001 @ 00000001 n 0000 | what is said by people
00000003 03 n 01 entity 0 000 | that which is
00000004 13 n 01 pie 0 001 @ 00000002 n 0000 | a baked dish of fruit
"""
VERBS = "00000009 30 v 01 bake 0 000 01 + 08 00 | cook in an oven\n"


def test_the_same_package_gives_the_same_bytes(recipes, tmp_path, monkeypatch):
    files = {"usr/share/wordnet/data.noun": NOUNS, "usr/share/wordnet/data.verb": VERBS}
    package = stand_in(recipes, tmp_path, files, monkeypatch)
    written = []
    for run in ("one", "two"):
        folder = tmp_path / run
        folder.mkdir()
        monkeypatch.setattr(recipes.store, "FOLDER", folder)
        monkeypatch.setattr(
            recipes.make_glosses, "unpack", lambda _, at=folder: recipes.fetch.unpack(package, folder=at)
        )
        recipes.make_glosses.main()
        written.append((folder / "glosses.npz").read_bytes())
    assert written[0] == written[1]
    with np.load(tmp_path / "one" / "glosses.npz") as arrays:
        assert arrays["gloss"].tobytes().decode().split("\n") == [
            "loud and empty talk", "what is said by people", "a baked dish of fruit", "cook in an oven",
        ]  # fmt: skip
        assert arrays["words"].tobytes().decode().split("\n")[0] == "hot air, claptrap"
        topics = arrays["topics"][arrays["topic"]].tolist()
        assert topics == ["noun.communication", "noun.communication", "noun.food", "verb.change"]
        assert arrays["hypernym"].tolist() == [-1, 0, 1, -1]
    kept = next((tmp_path / "one").glob("stand-in-*"))
    (kept / "mark").touch()
    assert recipes.fetch.unpack(package, folder=tmp_path / "one") == kept
    assert (kept / "mark").exists(), "a package that is there is not fetched again"


def test_another_package_than_the_recipe_knows_is_refused(recipes, tmp_path, monkeypatch):
    package = stand_in(recipes, tmp_path, {"a": "b"}, monkeypatch)
    other = recipes.fetch.Package("pip", "stand-in", "1", "0" * 64)
    with pytest.raises(ValueError, match=rf"has SHA-256 {package.sha256}; the recipe was written for 0000"):
        recipes.fetch.unpack(other, folder=tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_client_that_fails_is_quoted(recipes, tmp_path, monkeypatch):
    fail = [sys.executable, "-c", "import sys; sys.exit('no such package')"]
    monkeypatch.setattr(recipes.fetch.Package, "download", property(lambda self: fail))
    with pytest.raises(RuntimeError, match=r"failed: no such package.*apt-get update"):
        recipes.fetch.unpack(recipes.fetch.WORDNET, folder=tmp_path)


def test_packages_are_fetched_by_name_and_version(recipes):
    assert recipes.fetch.WORDNET.download == ["apt-get", "download", "wordnet-base=1:3.0-37"]
    assert recipes.fetch.BABEL.download[-1] == "babel==2.19.0"
    packages = [found for found in vars(recipes.fetch).values() if isinstance(found, recipes.fetch.Package)]
    assert len(packages) >= 6
    assert all(len(package.sha256) == 64 for package in [*packages, *recipes.fetch.DIGIT_VOICES.values()])


@pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")
def test_a_debian_package_is_unpacked(recipes, tmp_path, monkeypatch):
    root = tmp_path / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: stand-in\nVersion: 1\nArchitecture: all\nMaintainer: nobody <no@body>\nDescription: none\n"
    )
    (root / "usr").mkdir()
    (root / "usr" / "data").write_text("content")
    deb = tmp_path / "stand-in_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", root, deb], check=True, capture_output=True)
    package = recipes.fetch.Package("apt", "stand-in", "1", hashlib.sha256(deb.read_bytes()).hexdigest())
    monkeypatch.setattr(recipes.fetch.Package, "download", property(lambda self: ["cp", str(deb), "."]))
    assert (recipes.fetch.unpack(package, folder=tmp_path / "kept") / "usr" / "data").read_text() == "content"


# ---------------------------------------------------------------- R's files


def integers(*numbers):
    return struct.pack(f">{len(numbers)}i", *numbers)


def text(value):
    return integers(9, len(value)) + value.encode()


def texts(*values):
    return integers(16, len(values)) + b"".join(map(text, values))


def symbol(value):
    return integers(1) + text(value)


def test_a_data_frame_of_r_is_read(recipes, tmp_path):
    levels = integers(2 + 1024) + symbol("levels") + texts("low", "high") + integers(254)
    factor = integers(13 + 512, 3, 2, 1, 2) + levels
    numbers = integers(14, 3) + struct.pack(">3d", 1.5, 2.5, -1.0)
    whole = integers(13, 3, 7, 8, 9)
    names = integers(2 + 1024) + symbol("names") + texts("level", "price", "week")
    classes = integers(2 + 1024) + symbol("class") + texts("data.frame") + integers(254)
    frame = integers(19 + 512, 3) + factor + numbers + whole + names + classes
    content = b"RDX2\nX\n" + integers(2, 0, 0) + integers(2 + 1024) + symbol("sales") + frame + integers(254)
    for name, stored in (("plain.rda", content), ("packed.rda", gzip.compress(content))):
        (tmp_path / name).write_bytes(stored)
        found = recipes.rda.read_rda(tmp_path / name)["sales"]
        assert list(found) == ["level", "price", "week"]
        assert found["level"].tolist() == ["high", "low", "high"]
        assert found["price"].tolist() == [1.5, 2.5, -1.0]
        assert found["week"].tolist() == [7, 8, 9]


def test_what_is_no_file_of_r_is_refused(recipes, tmp_path):
    (tmp_path / "x.rda").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"no `\.rda` file in XDR format: it begins with b'somethi'"):
        recipes.rda.read_rda(tmp_path / "x.rda")


# ---------------------------------------------------------------- rules of the recipes


def cutout(shape, colour):
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[shape] = (*colour, 255)
    pixels[10:20, 12:20, :3] += 40
    return pixels


def test_look_alikes_are_grouped(recipes):
    tall, wide = (slice(5, 60), slice(10, 40)), (slice(20, 45), slice(0, 64))
    pixels = np.stack(
        [
            cutout(tall, (200, 30, 30)),
            cutout(tall, (30, 30, 200)),
            cutout(tall, (90, 90, 90))[:, ::-1],
            cutout(wide, (90, 200, 90)),
            cutout(wide, (9, 9, 9)),
        ]
    )
    pixels[4, 30:40, :30, 3] = 0
    groups = recipes.make_objects.group_look_alikes(
        pixels, np.zeros(5, int), ["apple", "red", "blue", "boat_01", "boat_02"]
    )
    assert groups[0] == groups[1] == groups[2] != groups[3]
    assert groups[3] == groups[4], "their names differ in their numbers"
    assert len(set(groups)) == 2


def test_groups_have_one_role(recipes):
    labels, groups = np.repeat([0, 1], 30), np.repeat(np.arange(20), 3)
    roles = recipes.make_objects.deal_out(labels, groups)
    assert all(len(set(roles[groups == group])) == 1 for group in groups)
    assert all(np.bincount(roles[labels == label], minlength=3).min() >= 3 for label in (0, 1))
    markets = [f"market {number // 4}" for number in range(40)]
    roles = recipes.make_shops.deal_out(markets)
    assert all(
        len({role for role, found in zip(roles, markets, strict=True) if found == market}) == 1 for market in markets
    )
    assert np.bincount(roles).tolist() == [20, 4, 16] or np.bincount(roles).min() >= 4


def test_silhouettes_squares_and_specks_are_left_out(recipes):
    usable = recipes.make_objects.is_usable
    rng = np.random.default_rng(0)
    good = np.zeros((64, 64, 4), np.uint8)
    good[10:50, 10:50] = 255
    good[10:50, 10:50, :3] = rng.integers(0, 255, (40, 40, 3))
    flat, square, speck = good.copy(), rng.integers(0, 255, (64, 64, 4), dtype="uint8"), good.copy()
    flat[10:50, 10:50, :3] = 7
    square[..., 3] = 255
    speck[..., 3] = 0
    speck[30:33, 30:33, 3] = 255
    assert usable(good)
    assert not any(map(usable, (flat, square, speck)))


def test_words_of_targets_are_not_heard_in_pre_training(recipes):
    voices = recipes.voices
    assert len(voices.SOURCE_WORDS) == len(set(voices.SOURCE_WORDS)) == 80
    assert not set(voices.SOURCE_WORDS) & set(voices.TARGET_WORDS) | set(voices.SOURCE_WORDS) & set(voices.DIGITS)
    assert not {voice.accent for voice in voices.TARGET_VOICES} & set(voices.SOURCE_ACCENTS)
