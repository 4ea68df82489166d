"""Own texts, sounds, series and boxes: what is wrong in them is said, and nothing leaks between splits."""

import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from tlkit.data import boxes_from_coco, series_from_csv, sounds_from_folder, texts_from_csv
from tlkit.data.own import deal_groups


def splits_of(dataset):
    return {"train": dataset.train, "val": dataset.val, "test": dataset.test.open("to check it")}


def write(folder, name, text, encoding="utf-8"):
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


def table_of_texts(separator=",", count=15):
    lines = [f"note number {row} about {kind}{separator}{kind}" for row in range(count) for kind in ("cats", "dogs")]
    return "\n".join([f"text{separator}label", *lines])


# ---------------------------------------------------------------- texts


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_texts_are_read_whatever_separates_them(tmp_path, separator, encoding):
    dataset = texts_from_csv(write(tmp_path, "mine.csv", table_of_texts(separator), encoding))
    assert dataset.class_names == ["cats", "dogs"]
    assert sum(map(len, splits_of(dataset).values())) == 30
    for split in splits_of(dataset).values():
        assert all(split.class_names[label] in text for text, label in zip(split["text"], split.labels, strict=True))
    assert "mine: your own texts" in dataset.card


def test_equal_texts_stay_together_and_contradictions_leave(tmp_path):
    extra = [
        "A note: twice!;cats",
        "a NOTE twice;cats",
        "torn;cats",
        "Torn.;dogs",
        ";cats",
        "no label;",
    ]
    dataset = texts_from_csv(write(tmp_path, "mine.csv", "\n".join([table_of_texts(";"), *extra])))
    where = [
        {"a note twice", "a note: twice!"} & {text.lower() for text in split["text"]}
        for split in splits_of(dataset).values()
    ]
    assert sorted(map(len, where)) == [0, 0, 2]
    assert dataset.duplicates == [("line 32", "line 33")]
    assert [(item.where, item.reason) for item in dataset.skipped] == [
        ("mine.csv, line 36", "nothing in column 'text'"),
        ("mine.csv, line 37", "nothing in column 'label'"),
        ("mine.csv, line 34", "the same text has another label elsewhere"),
        ("mine.csv, line 35", "the same text has another label elsewhere"),
    ]
    assert "4 were not used" in dataset.card


def test_letters_of_every_script_tell_texts_apart(tmp_path):
    names = {"один": "a", "два": "a", "तीन": "a", "три": "b", "四": "b", "पाँच": "b"}
    lines = [f"{name} {row},{kind}" for name, kind in names.items() for row in range(5)]
    dataset = texts_from_csv(write(tmp_path, "mine.csv", "\n".join(["text,label", *lines])))
    assert (dataset.skipped, dataset.duplicates) == ([], [])


def test_a_line_with_too_many_cells_is_left_out(tmp_path):
    dataset = texts_from_csv(write(tmp_path, "mine.csv", table_of_texts() + "\none, two,cats"))
    assert [item.reason for item in dataset.skipped] == [
        "3 cells, but the header has 2: put cells with a separator in double quotes"
    ]


def test_a_cell_may_hold_line_breaks_and_separators(tmp_path):
    text = table_of_texts() + '\n"one, two\nthree",cats'
    found = splits_of(texts_from_csv(write(tmp_path, "mine.csv", text)))
    assert any("one, two\nthree" in split["text"] for split in found.values())


@pytest.mark.parametrize(
    ("text", "encoding", "options", "message"),
    [
        ("", "utf-8", {}, "mine.csv is empty. It must have a header"),
        ("text,label\nna\u00efve,cats", "latin-1", {}, r"not UTF-8 \(line 2\). Save it as 'CSV UTF-8'"),
        (
            table_of_texts(),
            "utf-8",
            {"text": "texts"},
            r"`text` must be one of text, label. Received: 'texts'.*Did you mean 'text'",
        ),
        ("text,label,label\na,b,c", "utf-8", {}, "more than one column 'label'"),
        ('text,label\n"open,cats', "utf-8", {}, "line 2.*double quotes"),
        ("text,label\none,cats\ntwo,cats", "utf-8", {}, "at least two classes. Received: cats"),
        (
            table_of_texts(count=5),
            "utf-8",
            {},
            "at least 10 different texts, but 'cats' has 5, 'dogs' has 5. Add texts",
        ),
        (
            table_of_texts(),
            "utf-8",
            {"min_per_class": 2},
            "`min_per_class` must be an integer of at least 3. Received: 2",
        ),
        (table_of_texts(), "utf-8", {"val_share": 0}, "`val_share` and `test_share` must be above 0"),
        (
            table_of_texts(),
            "utf-8",
            {"label": "text"},
            r"'note number.*and 25 more classes.*Column 'text' names them",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said(tmp_path, text, encoding, options, message):
    with pytest.raises(ValueError, match=message):
        texts_from_csv(write(tmp_path, "mine.csv", text, encoding), **options)


def test_a_missing_table_is_looked_for(tmp_path):
    write(tmp_path, "reviews.csv", table_of_texts())
    with pytest.raises(FileNotFoundError, match=r"does not exist.*Did you mean 'reviews\.csv'\?"):
        texts_from_csv(tmp_path / "review.csv")
    with pytest.raises(IsADirectoryError, match="Received a folder"):
        texts_from_csv(tmp_path)


def test_groups_are_dealt_whole_and_by_shares():
    rng = np.random.default_rng(0)
    groups, labels = np.repeat(np.arange(60), rng.integers(1, 4, 60)), None
    labels = rng.integers(0, 3, len(groups))
    parts = deal_groups(groups, labels, val_share=0.2, test_share=0.2, seed=0)
    assert sorted(np.concatenate(list(parts.values())).tolist()) == list(range(len(groups)))
    found = [set(groups[rows]) for rows in parts.values()]
    assert sum(map(len, found)) == len(set.union(*found))
    for label in range(3):
        shares = [np.mean(np.isin(np.flatnonzero(labels == label), rows)) for rows in parts.values()]
        assert np.allclose(shares, [0.6, 0.2, 0.2], atol=0.1)


# ---------------------------------------------------------------- sounds


def tone(pitch, seconds=0.3, rate=16000):
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)


def record(root, suffix="wav", people=("ann", "bob", "cy", "dee")):
    for class_name, pitch in (("high", 900), ("low", 200)):
        (root / class_name).mkdir(parents=True, exist_ok=True)
        for place, person in enumerate(people):
            for number in range(4):
                sound = tone(pitch + 37 * place + 5 * number)
                soundfile.write(root / class_name / f"{number}_{person}_x.{suffix}", sound, 16000)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg"])
def test_sounds_are_read_and_drawn(tmp_path, suffix):
    record(tmp_path, suffix)
    dataset = sounds_from_folder(tmp_path)
    assert dataset.class_names == ["high", "low"]
    splits = splits_of(dataset)
    assert sum(map(len, splits.values())) == 32
    heights = {name: [] for name in dataset.class_names}
    for split in splits.values():
        for picture, label in zip(split["picture"], split.labels, strict=True):
            heights[split.class_names[label]].append(int(picture.astype(int).sum(1).argmax()))
    assert max(heights["high"]) < min(heights["low"]), "high tones are drawn above low ones"


@pytest.mark.slow
def test_speakers_are_kept_apart(tmp_path):
    record(tmp_path)
    found = [set(split["speaker"]) for split in splits_of(sounds_from_folder(tmp_path, speaker=r"_([a-z]+)_")).values()]
    assert sum(map(len, found)) == 4
    assert all(found)
    mixed = [set(split["speaker"]) for split in splits_of(sounds_from_folder(tmp_path)).values()]
    assert mixed == [{""}] * 3


def test_what_is_no_sound_is_said(tmp_path):
    record(tmp_path)
    (tmp_path / "high" / "notes.txt").write_text("hello")
    (tmp_path / "high" / "broken.wav").write_bytes(b"RIFF nothing")
    (tmp_path / "high" / "empty.wav").write_bytes(b"")
    (tmp_path / "loose.wav").write_bytes(b"RIFF")
    (tmp_path / "high" / ".hidden.wav").write_bytes(b"RIFF")
    soundfile.write(tmp_path / "high" / "silent.wav", np.zeros(8000), 8000)
    soundfile.write(tmp_path / "high" / "short.wav", tone(300, 0.02), 16000)
    soundfile.write(tmp_path / "high" / "stereo.wav", np.stack([tone(500), tone(500)], 1), 16000)
    soundfile.write(tmp_path / "low" / "copy.wav", tone(200), 16000)
    dataset = sounds_from_folder(tmp_path)
    reasons = {item.where: item.reason for item in dataset.skipped}
    assert set(reasons) == {
        "high/notes.txt", "high/broken.wav", "high/empty.wav", "loose.wav", "high/silent.wav", "high/short.wav",
    }  # fmt: skip
    assert reasons["high/notes.txt"] == "not a sound file: .txt"
    assert "not a readable sound" in reasons["high/broken.wav"]
    assert "silence" in reasons["high/silent.wav"]
    assert reasons["high/short.wav"] == "shorter than 0.05 seconds"
    assert dataset.duplicates == [("low/0_ann_x.wav", "low/copy.wav")]
    assert sum(map(len, splits_of(dataset).values())) == 34


@pytest.mark.parametrize(
    ("speaker", "message"),
    [
        ("(", "must be a regular expression"),
        ("_[a-z]+_", r"must have a group in parentheses.*Try r'_\(\[a-z\]\+\)_'"),
        (r"(x)\.wav", r"Each split needs a speaker of its own, but `speaker` found x\. Record three"),
    ],
)
def test_bad_patterns_for_speakers(tmp_path, speaker, message):
    record(tmp_path)
    with pytest.raises(ValueError, match=message):
        sounds_from_folder(tmp_path, speaker=speaker)


def test_folders_of_sounds_are_checked(tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` does not exist"):
        sounds_from_folder(tmp_path / "no")
    (tmp_path / "only").mkdir()
    with pytest.raises(ValueError, match=r"at least two classes. Received: none"):
        sounds_from_folder(tmp_path)


# ---------------------------------------------------------------- series


def table_of_series(shops=8, weeks=20):
    lines = [
        f"shop {shop},2026-01-{week + 1:02},{shop + week},{0.5 * week}"
        for week in range(weeks)
        for shop in range(shops)
    ]
    return "\n".join(["shop,date,sales,price", *reversed(lines)])


def test_series_are_split_by_time(tmp_path):
    dataset = series_from_csv(
        write(tmp_path, "mine.csv", table_of_series()), value="sales", series="shop", covariates=["price"]
    )
    splits = splits_of(dataset)
    assert [split["value"].shape for split in splits.values()] == [(8, 12), (8, 4), (8, 4)]
    assert splits["train"]["times"].max() < splits["val"]["times"].min()
    assert splits["val"]["times"].max() < splits["test"]["times"].min()
    for split in splits.values():
        week = split["times"] - splits["train"]["times"].min()
        shop = np.array([int(name.split()[1]) for name in split["series"]])[:, None]
        assert np.array_equal(split["value"], shop + week)
        assert np.array_equal(split["price"], 0.5 * week)
        assert split["known"].all()


def test_series_are_split_by_name(tmp_path):
    file = write(tmp_path, "mine.csv", table_of_series())
    splits = splits_of(series_from_csv(file, value="sales", series="shop", by="series"))
    names = [set(split["series"]) for split in splits.values()]
    assert sum(map(len, names)) == 8
    assert len(set.union(*names)) == 8
    assert all(split["value"].shape[1] == 20 for split in splits.values())


def test_gaps_and_bad_lines_are_told(tmp_path):
    lines = table_of_series(2, 20).split("\n")
    del lines[1]  # the last week of the second shop
    lines += [
        "shop 0,2026-01-05,7,1",
        "shop 0,soon,7,1",
        "shop 1,2026-02-01,many,1",
        "shop 1,2026-02-02,inf,1",
        "shop 1,,1,1",
    ]
    dataset = series_from_csv(write(tmp_path, "mine.csv", "\n".join(lines)), value="sales", series="shop")
    assert [item.reason for item in dataset.skipped] == [
        "nothing in column 'date'",
        "the series already has this time: '2026-01-05'",
        "no time in column 'date': 'soon'",
        "no number in column 'sales': 'many'",
        "no number in column 'sales': 'inf'",
    ]
    test = dataset.test.open("to check it")
    row = test["series"].tolist().index("shop 1")
    assert test["known"][row].tolist() == [True, True, True, False]
    assert test["value"][row, -1] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"value": "sale"}, r"`value` must be one of shop, date.*Did you mean 'sales'"),
        ({"value": "sales", "time": "day"}, "`time` must be one of"),
        ({"value": "sales", "covariates": ["cost"]}, "`covariates` must be one of"),
        ({"value": "sales", "covariates": ["price", "price"]}, "must differ from each other"),
        ({"value": "sales", "by": "week"}, "`by` must be 'time' or 'series'. Received: 'week'"),
        ({"value": "sales", "time": "shop", "series": "date"}, "At least 10 times are needed.*Received: 0"),
    ],
)
def test_bad_arguments_of_series(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        series_from_csv(write(tmp_path, "mine.csv", table_of_series()), **options)


def test_few_series_are_split_by_time(tmp_path):
    with pytest.raises(ValueError, match=r"At least 5 series.*Received: 3. Split by time: `by='time'`"):
        series_from_csv(write(tmp_path, "m.csv", table_of_series(3)), value="sales", series="shop", by="series")


# ---------------------------------------------------------------- boxes


def coco(folder, count=12):
    """Photos of 100 x 50 pixels with one bright box each."""
    told = {"images": [], "annotations": [], "categories": [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}]}
    for number in range(count):
        pixels = np.full((50, 100, 3), number, np.uint8)
        pixels[10:30, 20 + number : 60 + number] = 255
        Image.fromarray(pixels).save(folder / f"{number}.png")
        told["images"].append({"id": number, "file_name": f"{number}.png", "width": 100, "height": 50})
        box = [20 + number, 10, 40, 20]
        told["annotations"].append(
            {"id": number, "image_id": number, "category_id": 7 if number % 2 else 3, "bbox": box}
        )
    return told


def read(folder, told, **options):
    return boxes_from_coco(write(folder, "boxes.json", json.dumps(told)), folder, **options)


def test_boxes_follow_the_scaled_photo(tmp_path):
    dataset = read(tmp_path, coco(tmp_path), size=64)
    assert dataset.class_names == ["cat", "dog"]
    for split in splits_of(dataset).values():
        for image, boxes, classes, file in zip(
            split["image"], split["boxes"], split["classes"], split["file"], strict=True
        ):
            rows, columns = np.nonzero(image[..., 0] > 200)
            bright = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            assert np.allclose(boxes[0], bright, atol=1.01)
            assert split.class_names[classes[0]] == ("cat" if int(file.split(".")[0]) % 2 else "dog")
            assert (image[:15] == 114).all(), "a bar of grey above a wide photo"


def test_bad_boxes_and_photos_are_told(tmp_path):
    told = coco(tmp_path)
    more = [
        {"id": 90, "image_id": 0, "category_id": 7, "bbox": [80, 40, 90, 90]},  # cut off at the border
        {"id": 91, "image_id": 99, "category_id": 7, "bbox": [0, 0, 5, 5]},
        {"id": 92, "image_id": 0, "category_id": 1, "bbox": [0, 0, 5, 5]},
        {"id": 93, "image_id": 0, "category_id": 7, "bbox": [0, 0, 0, 5]},
        {"id": 94, "image_id": 0, "category_id": 7, "bbox": [0, 0, 5]},
        {"id": 95, "image_id": 0, "category_id": 7, "bbox": [0, 0, 5, 5], "iscrowd": 1},
        {"id": 96, "image_id": 0, "category_id": 7, "bbox": [200, 10, 5, 5]},
    ]
    told["annotations"] += more
    told["images"] += [{"id": 50, "file_name": "lost.png"}, {"id": 51, "file_name": "bad.png"}]
    told["images"].append({"id": 52, "file_name": "0.png", "width": 200, "height": 100})
    (tmp_path / "bad.png").write_bytes(b"no picture")
    dataset = read(tmp_path, told, size=100)
    reasons = {item.where: item.reason for item in dataset.skipped}
    assert reasons["annotation 91"] == "no photo has the id 99"
    assert reasons["annotation 92"] == "no category has the id 1"
    assert reasons["annotation 93"] == "a box without area"
    assert "must be four numbers" in reasons["annotation 94"]
    assert reasons["annotation 95"] == "a crowd, not one object"
    assert reasons["lost.png"].startswith("no such file in")
    assert reasons["bad.png"].startswith("cannot be read")
    assert {item.reason for item in dataset.skipped if item.where == "0.png"} == {
        "100 x 50 pixels, but its boxes are told for 200 x 100",
        "a box outside the photo: [200.0, 10.0, 205.0, 15.0]",
    }
    split = next(split for split in splits_of(dataset).values() if "0.png" in split["file"])
    assert split["boxes"][split["file"].tolist().index("0.png")][1].tolist() == [80, 65, 100, 75]


def test_the_same_photo_twice_is_in_one_split(tmp_path):
    told = coco(tmp_path)
    for number in range(4):
        (tmp_path / f"copy{number}.png").write_bytes((tmp_path / f"{number}.png").read_bytes())
        told["images"].append({"id": 100 + number, "file_name": f"copy{number}.png"})
    dataset = read(tmp_path, told)
    assert ("0.png", "copy0.png") in dataset.duplicates
    for split in splits_of(dataset).values():
        for number in range(4):
            assert (f"{number}.png" in split["file"]) == (f"copy{number}.png" in split["file"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told: told.pop("categories"), "lacks a list 'categories'"),
        (lambda told: told["images"][0].pop("file_name"), r"each of 'images' needs id, file_name. Received"),
        (lambda told: told["images"].clear(), "At least 10 photos are needed. Received: 0"),
    ],
)
def test_what_is_no_coco_is_said(tmp_path, change, message):
    told = coco(tmp_path)
    change(told)
    with pytest.raises(ValueError, match=message):
        read(tmp_path, told)


def test_paths_and_size_of_boxes_are_checked(tmp_path):
    told = coco(tmp_path)
    with pytest.raises(ValueError, match="`size` must be an integer of at least 32"):
        read(tmp_path, told, size=16)
    with pytest.raises(FileNotFoundError, match="`images` must be the folder"):
        boxes_from_coco(write(tmp_path, "b.json", json.dumps(told)), tmp_path / "no")
    with pytest.raises(ValueError, match=r"is not JSON.*Export the annotations again"):
        boxes_from_coco(write(tmp_path, "b.json", "{"), tmp_path)
