"""Which folders are classes and which are splits: read rightly and in words, or refused with what to pass."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlkit.data import FolderWarning, images_from_folder
from tlkit.data.folder.split_words import (
    class_in_file_name,
    class_key,
    find_joined_names,
    rank_as_group,
    read_split_names,
)

pytestmark = pytest.mark.filterwarnings("ignore::tlkit.data.FolderWarning")
_drawn = iter(range(10**9))


def fill(folder, count=12, name="{}.png"):
    """Put random smooth pictures into a folder, all different."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        grid = np.random.default_rng(next(_drawn)).integers(0, 256, (6, 6, 3), dtype="uint8")
        Image.fromarray(grid).resize((24, 24), Image.Resampling.BICUBIC).save(folder / name.format(number))


def make(root, *folders, count=12):
    for folder in folders:
        fill(root / folder, count)
    return root


def read(root, **arguments):
    return images_from_folder(root, size=16, **arguments)


def found(dataset):
    return {finding.kind: finding for finding in dataset.findings}


def sizes(dataset):
    return len(dataset.train), len(dataset.val), dataset.test.num_images


PETS = ("cats", "dogs")


@pytest.mark.parametrize(
    ("train", "other", "split"),
    [
        ("training_set", "test_set", "test"),
        ("train", "evaluation", "test"),
        ("seg_train", "seg_test", "test"),
        ("Train", "TEST", "test"),
        ("train_images", "test_images", "test"),
        ("TrainImages", "TestImages", "test"),
        ("train", "holdout", "test"),
        ("train", "hold_out", "test"),
        ("trainset", "valid", "val"),
        ("training", "dev", "val"),
        ("train2017", "val2017", "val"),
        ("01_train", "02_validation", "val"),
    ],
)
def test_names_of_splits(tmp_path, train, other, split):
    make(tmp_path, *(f"{folder}/{name}" for folder in (train, other) for name in PETS), count=20)
    dataset = read(tmp_path)
    assert dataset.class_names == ["cats", "dogs"]
    assert sizes(dataset) == {"test": (32, 8, 40), "val": (32, 40, 8)}[split]
    if {train.lower(), other.lower()} != {"train", "test"}:
        assert f"{other}/ as {split}" in found(dataset)["splits"].sentence


def test_evaluation_beside_a_test_is_validation():
    assert read_split_names(["train", "test", "eval"]) == {"train": "train", "test": "test", "eval": "val"}


@pytest.mark.parametrize("names", [["train_station", "test_tube"], ["trainers", "tests_of_time"], ["dogs", "train"]])
def test_classes_whose_names_speak_of_splits_are_no_splits(tmp_path, names):
    assert read(make(tmp_path, *names)).class_names == sorted(names)


def test_several_tests_and_classes_in_the_names_of_splits(tmp_path):
    make(tmp_path / "faces", *(f"{s}/{name}" for s in ("Training", "PublicTest", "PrivateTest") for name in PETS))
    make(tmp_path / "joined", *(f"{name}_{split}" for name in PETS for split in ("train", "test")))
    assert sizes(read(tmp_path / "faces")) == (20, 4, 48)
    dataset = read(tmp_path / "joined")
    assert (dataset.class_names, dataset.test.num_images) == (["cats", "dogs"], 24)


def test_splits_in_classes_and_around_years(tmp_path):
    make(tmp_path / "a", *(f"{name}/{split}" for name in PETS for split in ("train", "test")))
    make(tmp_path / "b", *(f"{y}/{s}/{name}" for y in (2023, 2024) for s in ("train", "test") for name in PETS))
    for root, num_test in ((tmp_path / "a", 24), (tmp_path / "b", 48)):
        dataset = read(root)
        assert dataset.class_names == ["cats", "dogs"]
        assert dataset.test.num_images == num_test


@pytest.mark.parametrize(
    "outer",
    [
        ("2023", "2024"),
        ("summer 2023", "2024-05"),
        ("site1", "site 2"),
        ("batch_a", "batch_b"),
        ("patient_01", "patient_7"),
    ],
)
def test_years_and_places_around_classes(tmp_path, outer):
    dataset = read(make(tmp_path, *(f"{folder}/{name}" for folder in outer for name in PETS)))
    assert dataset.class_names == ["cats", "dogs"]
    assert outer[0] in found(dataset)["groups"].sentence
    assert "put their folders into train/ and test/" in found(dataset)["groups"].next_step


def test_years_that_share_no_class(tmp_path):
    dataset = read(make(tmp_path, "2023/cats", "2024/dogs", "2025/cats"))
    assert dataset.class_names == ["cats", "dogs"]


def test_years_in_classes(tmp_path):
    dataset = read(make(tmp_path, *(f"{name}/{year}" for name in PETS for year in (2023, 2024))))
    assert dataset.class_names == ["cats", "dogs"]
    assert "2023, 2024" in found(dataset)["nested"].sentence


@pytest.mark.parametrize("names", [("2023", "2024"), ("site1", "site2"), ("images", "files"), ("train", "test", "x")])
def test_folders_that_are_no_classes_are_refused(tmp_path, names):
    make(tmp_path, *names)
    with pytest.raises(ValueError, match=r"not what they show.*Make a folder for each class.*class_names=\["):
        read(tmp_path)
    assert read(tmp_path, class_names=names).class_names == list(names)
    assert read(tmp_path, class_names=names[:2]).class_names == list(names[:2])


def test_two_readings_are_refused_with_both(tmp_path):
    make(tmp_path, *(f"{place}/{name}" for place in ("lyon", "paris") for name in PETS))
    with pytest.raises(ValueError, match=r"class_names=\['lyon', 'paris'\] or class_names=\['cats', 'dogs'\]"):
        read(tmp_path)
    assert read(tmp_path, class_names=PETS).class_names == ["cats", "dogs"]
    assert read(tmp_path, class_names=["paris", "lyon"]).class_names == ["paris", "lyon"]


def test_inner_folders_that_are_not_shared_count_for_the_outer(tmp_path):
    dataset = read(make(tmp_path, "animals/cat", "animals/dog", "vehicles/car", "vehicles/ship"))
    assert dataset.class_names == ["animals", "vehicles"]
    assert "class_names=['car', 'cat', 'dog', 'ship']" in found(dataset)["nested"].next_step
    assert read(tmp_path, class_names=["dog", "ship"]).class_names == ["dog", "ship"]


def test_outer_folders_of_archives(tmp_path):
    make(tmp_path, *(f"data/data/{split}/images/{name}" for split in ("train", "test") for name in PETS))
    (tmp_path / "__MACOSX").mkdir()
    dataset = read(tmp_path)
    assert (dataset.class_names, dataset.test.num_images) == (["cats", "dogs"], 24)
    assert "All photos are in data/data/" in repr(dataset)


def test_a_folder_that_all_share_inside_tells_nothing(tmp_path):
    assert read(make(tmp_path, *(f"{y}/roi/{name}" for y in (2023, 2024) for name in PETS))).class_names == [
        "cats",
        "dogs",
    ]


def test_other_photos_beside_train_alone(tmp_path):
    dataset = read(make(tmp_path, "train/cats", "train/dogs", "examples"))
    assert dataset.class_names == ["cats", "dogs"]
    assert "beside train/" in dataset.skipped[0].reason


def test_stray_photos_are_named(tmp_path):
    make(tmp_path, *(f"{year}/{name}" for year in (2023, 2024) for name in PETS))
    fill(tmp_path, 1, "loose.png")
    fill(tmp_path / "2023", 1, "stray.png")
    dataset = read(tmp_path)
    assert dataset.class_names == ["cats", "dogs"]
    assert {path.name for path in found(dataset)["place"].paths} == {"loose.png", "stray.png"}


def test_classes_in_file_names(tmp_path):
    for name in PETS:
        fill(tmp_path / "flat", 12, name + ".{}.png")
        fill(tmp_path / "kaggle" / "train", 12, name + "_{}.png")
    fill(tmp_path / "kaggle" / "test1", 12)
    for folder in ("flat", "kaggle"):
        dataset = read(tmp_path / folder)
        assert dataset.class_names == ["cats", "dogs"]
        assert sum(sizes(dataset)) == 24
        assert "file names, as in cats" in found(dataset)["file names"].sentence
    assert len(found(dataset)["unnamed"].paths) == 12


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat.1.jpg", "cat"), ("american_bulldog_10.jpg", "american_bulldog"), ("cat (2).png", "cat"),
        ("012_cat.jpg", "cat"), ("IMG_0001.jpg", None), ("DSC0001.jpg", None), ("PXL_20230501.jpg", None),
        ("WhatsApp Image 2023.jpg", None), ("0001.jpg", None), ("holiday.jpg", None), ("2023-05-01 12.30.jpg", None),
    ],
)  # fmt: skip
def test_class_in_file_name(name, expected):
    assert class_in_file_name(Path(name)) == expected


def test_flat_folders_and_one_class_get_a_next_step(tmp_path):
    fill(tmp_path / "flat", 12, "IMG_{}.png")
    fill(tmp_path / "flat", 12, "DSC_{}.png")
    make(tmp_path / "splits", "train", "test")
    for folder in ("flat", "splits"):
        with pytest.raises(
            ValueError, match=r"24 photos are in no class folders.*Make a folder for each class.*labels\.csv"
        ):
            read(tmp_path / folder)
    make(tmp_path / "one", "cats")
    with pytest.raises(ValueError, match=r"one class only, 'cats'\. Add a folder of photos of something else"):
        read(tmp_path / "one")
    make(tmp_path / "none", "val/cats", "test/cats")
    with pytest.raises(ValueError, match=r"but no train/\. Name the folder"):
        read(tmp_path / "none")


def test_a_test_folder_without_classes_is_no_test(tmp_path):
    dataset = read(make(tmp_path, "train/cats", "train/dogs", "test"))
    assert dataset.test.num_images == 4
    assert "without labels" in found(dataset)["unlabelled"].sentence
    assert "labels.csv" in found(dataset)["unlabelled"].next_step


def test_a_class_that_only_the_test_has_is_left_out(tmp_path):
    dataset = read(make(tmp_path, *(f"{s}/{name}" for s in ("train", "test") for name in PETS), "test/birds"))
    assert dataset.class_names == ["cats", "dogs"]
    assert "birds" in found(dataset)["only in test"].sentence


def test_spellings_of_one_class(tmp_path):
    names = ["Ants", "ants", "bees", "bees ", *(unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))]
    dataset = read(make(tmp_path, *names))
    assert dataset.class_names == ["Ants", "bees", "café"]
    told = [finding.sentence for finding in dataset.findings if finding.kind == "spelling"]
    assert len(told) == 3
    assert "'Ants' (12), 'ants' (12) are read as one class, 'Ants'" in told[0]
    assert r"'cafe\u0301' (12), 'caf\xe9' (12)" in told[2]
    assert read(tmp_path, class_names=["Ants", "ants"]).class_names == ["Ants", "ants"], "asked for, as they are"


def test_signs_that_mean_something_are_no_spelling(tmp_path):
    names = ["-1", "1", "A+", "A-", "A"]
    assert read(make(tmp_path, *names)).class_names == sorted(names)


@pytest.mark.parametrize(
    ("names", "kind", "said", "step"),
    [
        (("21", "35", "47"), "numbers", "21, 35, 47", "regression"),
        (("age_20", "age_25", "age_30"), "numbers", "age_20, age_25, age_30", "regression"),
        (("0-10 years", "11-20 years"), "numbers", "11-20 years", "regression"),
        (("ants", "bees", "ants+bees"), "several labels", "'ants+bees'", "one label"),
        (("ants", "bees", "ants_and_bees"), "several labels", "'ants_and_bees'", "one label"),
        (("ants", "bees", "ants,bees"), "several labels", "'ants,bees'", "one label"),
        (("ants", "bees", "bees ants"), "several labels", "'bees ants'", "one label"),
        (("cat", "cat (1)", "dogs"), "look-alikes", "'cat' and 'cat (1)'", "one name"),
        (("cat", "cat copy", "dogs"), "look-alikes", "'cat' and 'cat copy'", "one name"),
        (("cat", "cats", "dogs"), "look-alikes", "'cat' and 'cats'", "one name"),
    ],
)
def test_names_that_make_one_think(tmp_path, names, kind, said, step):
    finding = found(read(make(tmp_path, *names)))[kind]
    assert said in finding.sentence
    assert step in finding.next_step


def test_plain_names_raise_no_doubt(tmp_path):
    names = ["salt and pepper", "black_and_white", "rock", "station", "camel"]
    assert find_joined_names(names) == []
    assert [rank_as_group([name]) for name in names] == [0] * 5
    assert len({class_key(name) for name in names}) == 5
    assert {"few", "small"} >= set(found(read(make(tmp_path, *names))))


@pytest.mark.parametrize(
    ("names", "message"),
    [("cats", "must be a list.*'cats'"), (["cats"], "must be a list"), (["cats", "cats"], "two or more different"),
     (["cats", "wolves"], r"has 'wolves', but no folder.*There are: cats, dogs")],
)  # fmt: skip
def test_bad_class_names(tmp_path, names, message):
    make(tmp_path, *PETS)
    with pytest.raises(ValueError, match=message):
        read(tmp_path, class_names=names)


def test_one_warning_with_every_next_step(tmp_path):
    make(tmp_path, "Ants", "ants", "21")
    with pytest.warns(FolderWarning) as caught:
        dataset = read(tmp_path)
    steps = [finding.next_step for finding in dataset.findings if finding.next_step]
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert all(step in str(caught[0].message) for step in steps)
    assert all(str(finding) in repr(dataset) and finding.sentence in dataset.card for finding in dataset.findings)
