"""Embedded datasets: what is promised about splits, counts, seeds and the vault."""

import hashlib
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from tlkit import data
from tlkit.data import Split, Vault, check_embedded, data_dir, list_datasets, load_dataset
from tlkit.data.assemble import resize_split, split_rows, without_copies
from tlkit.data.embedded_arrays import read_arrays

EMBEDDED = [info.name for info in list_datasets("images") if not info.online]


@pytest.fixture(scope="module")
def datasets():
    return {name: load_dataset(name) for name in EMBEDDED}


def all_splits(dataset):
    return {"train": dataset.train, "val": dataset.val, "test": dataset.test.open("to check it")}


def digests(split):
    return {hashlib.sha256(image.tobytes()).hexdigest() for image in split.images}


def tiny_split(*counts, size=8):
    labels = np.repeat(np.arange(len(counts)), counts)
    images = np.random.default_rng(0).integers(0, 256, (len(labels), size, size, 3), dtype="uint8")
    return Split(images, labels, [f"class {label}" for label in range(len(counts))])


@pytest.mark.slow
@pytest.mark.parametrize("name", EMBEDDED)
def test_info_says_what_is_loaded(datasets, name):
    info = next(info for info in list_datasets() if info.name == name)
    splits = all_splits(datasets[name])
    assert datasets[name].num_classes == info.num_classes == len(set(datasets[name].class_names))
    assert sum(len(split) for split in splits.values()) == info.num_images
    for split in splits.values():
        assert split.images.shape == (len(split), info.size, info.size, 3)
        assert split.images.dtype == np.uint8
        assert split.labels.dtype == np.int32
        assert set(split.labels) == set(range(info.num_classes))
        assert (split.images.std(axis=(1, 2, 3)) > 1).all(), "an image without content"


@pytest.mark.slow
@pytest.mark.parametrize("name", EMBEDDED)
def test_no_image_is_in_two_splits(datasets, name):
    train, val, test = map(digests, all_splits(datasets[name]).values())
    assert not train & val
    assert not train & test
    assert not val & test


@pytest.mark.slow
@pytest.mark.parametrize("name", EMBEDDED)
def test_card_states_source_licence_difficulty_and_counts(datasets, name):
    card = datasets[name].card
    assert card.startswith(f"# {name}: ")
    assert re.search("licen[cs]e", card, re.IGNORECASE)
    assert "What is hard" in card
    assert f"| train | {len(datasets[name].train)} |" in card


@pytest.mark.parametrize("info", list_datasets(None), ids=lambda info: info.name)
def test_every_dataset_has_a_card(info):
    assert (data_dir() / "cards" / f"{info.name}.md").read_text(encoding="utf-8").startswith(f"# {info.name}: ")


def test_regions_of_a_photo_share_no_pixel():
    sys.path.insert(0, str(data_dir() / "recipes"))
    try:
        textures, tissue = (
            pytest.importorskip(name, exc_type=ImportError) for name in ("make_textures", "make_tissue")
        )
    finally:
        sys.path.pop(0)
    boxes = [(name, photo, box) for name, (photo, *of_class) in textures.BOXES.items() for box in of_class] + [
        ("tissue", "ihc.png", (0, top, 512, bottom)) for top, bottom in tissue.BANDS.values()
    ]
    for index, (_, photo, one) in enumerate(boxes):
        for _, other_photo, other in boxes[:index]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert photo != other_photo or apart, (photo, one, other)
    arrays = read_arrays("textures")
    for name, _, box in boxes[: -len(tissue.BANDS)]:
        assert (box[3] - box[1], box[2] - box[0]) in [
            arrays[f"{name}/{split}"].shape for split in ("train", "val", "test")
        ]


def test_stored_regions_are_those_of_the_recipe():
    pytest.importorskip("skimage")
    sys.path.insert(0, str(data_dir() / "recipes"))
    try:
        import make_textures
    finally:
        sys.path.pop(0)
    arrays = read_arrays("textures")
    for name, (photo, *boxes) in make_textures.BOXES.items():
        grey = make_textures.read_grey(photo)
        for split, (left, top, right, bottom) in zip(("train", "val", "test"), boxes, strict=True):
            assert np.array_equal(arrays[f"{name}/{split}"], grey[top:bottom, left:right])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["textures", "tissue"])
def test_colour_and_brightness_do_not_give_the_class_away(datasets, name):
    images, labels = datasets[name].train.images, datasets[name].train.labels
    assert (images == images[..., :1]).all()
    means = [images[labels == label].mean() for label in range(datasets[name].num_classes)]
    assert max(means) - min(means) < 20


def test_embedded_files_are_small_and_intact():
    index = json.loads((data_dir() / "index.json").read_text())
    assert set(index) == {path.name for path in data_dir().glob("*.npz")}
    assert sum(entry["bytes"] for entry in index.values()) < 12e6
    for file, entry in index.items():
        assert (data_dir() / file).stat().st_size == entry["bytes"]
    assert check_embedded() == []


def test_damaged_file_is_reported(tmp_path, monkeypatch):
    for path in data_dir().glob("*.[nj]*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "tissue.npz").write_bytes((tmp_path / "tissue.npz").read_bytes()[:-1])
    (tmp_path / "textures.npz").unlink()
    monkeypatch.setattr("tlkit.data.embedded_arrays.data_dir", lambda: tmp_path)
    problems = check_embedded()
    assert len(problems) == 2
    assert "textures.npz" in problems[0]
    assert "damaged" in problems[1]
    with pytest.raises(ValueError, match=r"tissue\.npz is damaged.*Reinstall"):
        load_dataset("tissue")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_per_class_limits_training_only(datasets, seed):
    dataset = load_dataset("textures", per_class=7, seed=seed)
    assert np.bincount(dataset.train.labels).tolist() == [7] * 13
    assert digests(dataset.train) < digests(datasets["textures"].train)
    assert np.array_equal(dataset.val.images, datasets["textures"].val.images)
    assert dataset.test.num_images == datasets["textures"].test.num_images


@pytest.mark.slow
def test_seed_chooses_the_training_images(datasets):
    choices = [digests(datasets["textures"].train.take_per_class(5, seed)) for seed in (0, 0, 1)]
    assert choices[0] == choices[1] != choices[2]


@pytest.mark.slow
def test_textures_allow_a_budget_of_100(datasets):
    assert np.bincount(datasets["textures"].take_per_class(100).train.labels).min() == 100


@pytest.mark.slow
def test_size_is_honoured():
    small, large = (load_dataset("tissue", size=size).train for size in (32, 96))
    assert small.images.shape[1:] == (32, 32, 3)
    assert large.images.shape[1:] == (96, 96, 3)
    assert np.array_equal(small.labels, large.labels)
    halved = large.images[:, ::3, ::3].astype(float)
    assert np.corrcoef(halved.ravel(), small.images.astype(float).ravel())[0, 1] > 0.9, "other patches at another size"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "texture"}, r"Received: 'texture'. Did you mean 'textures'\?"),
        ({"name": "Tissues"}, r"Did you mean 'tissue'\?"),
        ({"name": "xyzzy"}, r"one of textures, digits.*images_from_folder"),
        ({"name": None}, r"Received: None"),
        ({"size": 4}, r"`size` must be an integer of 8 to 1024 pixels. Received: 4"),
        ({"size": 64.0}, r"Received: 64\.0"),
        ({"per_class": 0}, r"at least 1. Received: 0"),
        ({"per_class": 2.5}, r"Received: 2\.5"),
        ({"per_class": 1000}, r"'brick' has only 150 images. Pass at most 150"),
    ],
)
def test_bad_arguments_of_load_dataset(arguments, message):
    with pytest.raises(ValueError, match=message):
        load_dataset(**arguments)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 8, 8, 3)), np.zeros(2, int), "must be uint8"),
        (np.zeros((2, 8, 8), "uint8"), np.zeros(2, int), r"shape \(num_images"),
        (np.zeros((2, 8, 8, 3), "uint8"), np.zeros(3, int), "one label per image"),
        (np.zeros((2, 8, 8, 3), "uint8"), np.array([0, 2]), r"must lie in \[0, 2\)"),
        (np.zeros((2, 8, 8, 3), "uint8"), np.array([-1, 1]), r"must lie in \[0, 2\)"),
    ],
)
def test_split_checks_its_arrays(images, labels, message):
    with pytest.raises(ValueError, match=message):
        Split(images, labels, ["a", "b"])


def test_take_per_class_is_exact_and_mixed():
    split = tiny_split(30, 20, 10)
    taken = split.take_per_class(10, seed=3)
    assert np.bincount(taken.labels).tolist() == [10, 10, 10]
    assert len(digests(taken)) == 30
    assert np.any(np.diff(taken.labels) < 0), "in the order of the classes"
    for image, label in zip(taken.images, taken.labels, strict=True):
        row = np.flatnonzero((split.images == image).all(axis=(1, 2, 3)))
        assert split.labels[row].tolist() == [label]


def test_vault_counts_and_reports():
    vault = Vault(tiny_split(2, 2))
    assert (vault.num_images, vault.num_opened, vault.log) == (4, 0, [])
    assert repr(vault) == "Vault(4 images, never opened)"
    assert len(vault.open("one")) == 4
    assert vault.report() == "opened once: 'one'"
    vault.open(" two ")
    assert vault.log == ["one", "two"]
    assert repr(vault) == "Vault(4 images, opened 2 times: 'one', 'two')"


@pytest.mark.parametrize("reason", ["", "  ", None, 3])
def test_vault_wants_a_reason(reason):
    vault = Vault(tiny_split(2, 2))
    with pytest.raises(ValueError, match="must say why"):
        vault.open(reason)
    assert vault.num_opened == 0


@pytest.mark.slow
def test_smaller_dataset_shares_the_vault(datasets):
    dataset = load_dataset("tissue")
    dataset.take_per_class(5).test.open("after a few images")
    assert dataset.test.num_opened == 1
    assert "opened once" in repr(dataset)


def test_helpers_of_assembly():
    split = tiny_split(3, 3)
    other = Split(split.images[2:4], split.labels[2:4], split.class_names)
    assert len(without_copies(split, [other])) == 4
    assert not digests(without_copies(split, [other])) & digests(other)
    assert without_copies(split, [tiny_split(2, size=16)]) is split
    parts = split_rows(np.repeat([0, 1], [10, 30]), [0.6, 0.2], seed=1)
    assert sorted(np.concatenate(parts).tolist()) == list(range(40))
    assert [np.sum(part < 10) for part in parts] == [6, 2, 2]
    assert resize_split(split, 8) is split
    assert resize_split(split, 16).images.shape == (6, 16, 16, 3)


def test_shrinking_averages_instead_of_picking():
    stripes = np.zeros((1, 64, 64, 3), "uint8")
    stripes[:, :, ::2] = 255
    shrunk = resize_split(Split(stripes, np.zeros(1, int), ["a"]), 16)
    assert abs(shrunk.images[:, 2:-2, 2:-2].astype(int) - 128).max() < 8


@pytest.mark.parametrize("shuffle", [False, True])
def test_tf_dataset_yields_each_image_once(shuffle):
    import tensorflow as tf

    split = tiny_split(10, 15)
    dataset = split.as_dataset(batch_size=4, shuffle=shuffle, seed=1)
    assert dataset.element_spec[0] == tf.TensorSpec((None, 8, 8, 3), tf.uint8)
    assert dataset.element_spec[1] == tf.TensorSpec((None,), tf.int32)
    assert int(dataset.cardinality()) == 7
    passes = []
    for _ in range(2):
        batches = list(dataset.as_numpy_iterator())
        images = np.concatenate([images for images, _ in batches])
        labels = np.concatenate([labels for _, labels in batches])
        assert digests(Split(images, labels, split.class_names)) == digests(split)
        rows = [int(np.flatnonzero((split.images == image).all(axis=(1, 2, 3)))[0]) for image in images]
        assert np.array_equal(labels, split.labels[rows])
        passes.append(rows)
    assert (passes[0] != passes[1]) == shuffle
    assert (passes[0] != list(range(25))) == shuffle


def test_seed_fixes_the_order():
    orders = []
    for seed in (1, 1, 2):
        batches = tiny_split(10, 15).as_dataset(25, shuffle=True, seed=seed).as_numpy_iterator()
        orders.append(next(batches)[0].tobytes())
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.slow
def test_import_loads_no_tensorflow():
    code = (
        "import sys, tlkit.data; tlkit.data.load_dataset('tissue'); print({'tensorflow', 'keras'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    folder = str(data_dir().parent) if data_dir().name == "datasets" else None
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, check=True)
    assert result.stdout.strip() == "set()"


def test_all_names_exist():
    assert all(hasattr(data, name) for name in data.__all__)


def test_installed_copy_is_found_beside_a_foreign_datasets_package(tmp_path, monkeypatch):
    (tmp_path / "datasets").mkdir()  # as Hugging Face's in site-packages
    monkeypatch.setattr("tlkit.paths._PACKAGE", tmp_path / "tlkit")
    with pytest.raises(FileNotFoundError, match=r"no index\.json in .*_data\. Reinstall"):
        data_dir()
    (tmp_path / "tlkit" / "_data").mkdir(parents=True)
    (tmp_path / "tlkit" / "_data" / "index.json").write_text("{}")
    assert data_dir() == tmp_path / "tlkit" / "_data"


def test_cache_dir_follows_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path / "cache"))
    assert data.cache_dir() == tmp_path / "cache"
    monkeypatch.delenv("TLKIT_CACHE")
    assert data.cache_dir().parts[-2:] == (".cache", "tlkit")
