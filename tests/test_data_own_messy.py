"""Tables, recordings and boxes as people have them: what is guessed is told, what would be misread is refused."""

import json
import os
from datetime import date, timedelta

import numpy as np
import pytest
import soundfile
from PIL import Image

from tlkit.data import boxes_from_coco, series_from_csv, sounds_from_folder, texts_from_csv

DAYS = [str(date(2026, 1, 1) + timedelta(number)) for number in range(40)]


def write(path, head, rows):
    path.write_text("\n".join([head, *(";".join(map(str, row)) for row in rows)]), "utf-8")
    return path


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["neg", "Neg ", "pos", "pos"], ["neg", "pos"]),
        (["neg", "neg\u200b", "pos", "POS"], ["neg", "pos"]),
        (["0", "0.0", "1", "1.0"], ["0", "1"]),
    ],
)
def test_spellings_of_a_label_are_one_class_and_that_is_told(tmp_path, labels, names):
    rows = [(f"text {number}", labels[number % 4]) for number in range(48)]
    dataset = texts_from_csv(write(tmp_path / "t.csv", "text;label", rows))
    assert [name.lower() for name in dataset.class_names] == names
    assert ("are read as one" in repr(dataset)) == (names != ["0", "1"])


def test_a_missing_label_is_left_out_and_told(tmp_path):
    rows = [(f"text {number}", ["neg", "pos", "NaN"][number % 3]) for number in range(60)]
    dataset = texts_from_csv(write(tmp_path / "t.csv", "text;label", rows))
    assert dataset.class_names == ["neg", "pos"]
    assert "20 not used, such as: t.csv, line 4: no label: 'NaN'" in repr(dataset)


def test_an_error_says_what_was_left_out(tmp_path):
    rows = [("same", ["neg", "pos"][number % 2]) for number in range(20)]
    with pytest.raises(ValueError, match=r"20 not used, such as: t.csv, line 2: the same text has another label"):
        texts_from_csv(write(tmp_path / "t.csv", "text;label", rows))
    rows = [(day, "3,5") for day in DAYS]
    with pytest.raises(ValueError, match="no number in column 'value': '3,5'"):
        series_from_csv(write(tmp_path / "s.csv", "date;value", rows), value="value")


def test_dates_of_two_kinds_are_refused(tmp_path):
    rows = [(day if number % 2 else "01.02.2026", number) for number, day in enumerate(DAYS)]
    with pytest.raises(ValueError, match=r"20 of 40 times.*'01\.02\.2026' in line 2"):
        series_from_csv(write(tmp_path / "s.csv", "date;value", rows), value="value")


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        ([(day, 1) for day in DAYS[:15] + DAYS[25:]], "up to 11 apart, mostly 1"),
        ([(day, 1) for day in DAYS * 2], "pass it as `series`"),
        ([(day, f"1.{number:03}") for number, day in enumerate(DAYS)], "if they mark thousands"),
        ([(day, number + 0.5) for number, day in enumerate(DAYS)], ""),
    ],
    ids=["gap", "twice", "thousands", "plain"],
)
def test_what_is_odd_in_series_is_told(tmp_path, rows, note):
    dataset = series_from_csv(write(tmp_path / "s.csv", "date;value", rows), value="value")
    assert note in " ".join(dataset.notes)
    assert bool(dataset.notes) == bool(note)


def test_numbers_beyond_what_is_kept_are_left_out(tmp_path):
    rows = [(day, "1e300" if number == 3 else 1) for number, day in enumerate(DAYS)]
    dataset = series_from_csv(write(tmp_path / "s.csv", "date;value", rows), value="value")
    assert [item.where for item in dataset.skipped] == ["s.csv, line 5"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "t.csv")
    with pytest.raises(OSError, match="no regular file"):
        texts_from_csv(tmp_path / "t.csv")


def record(folder, *names, first=0):
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(first, first + 12):
            noise = np.random.default_rng([number, *name.encode()]).normal(0, 0.1, 2000)
            soundfile.write(folder / name / f"{number}.wav", noise, 8000)


def test_spellings_of_a_word_are_one_class(tmp_path):
    record(tmp_path, "yes", "no")
    record(tmp_path / "more", "Yes", first=20)
    (tmp_path / "more" / "Yes").rename(tmp_path / "yes ")
    (tmp_path / "more").rmdir()
    dataset = sounds_from_folder(tmp_path)
    assert dataset.class_names == ["no", "yes"]
    assert "are read as one, 'yes'" in repr(dataset)


def test_splits_of_sounds_are_no_classes(tmp_path):
    record(tmp_path / "train", "yes", "no")
    record(tmp_path / "test", "yes", "no", first=20)
    with pytest.raises(ValueError, match=r"are splits \(test, train\), not classes"):
        sounds_from_folder(tmp_path)


def test_a_speaker_that_may_be_missing_is_told(tmp_path):
    record(tmp_path, "yes", "no")
    with pytest.raises(ValueError, match="`speaker` finds no one in its name"):
        sounds_from_folder(tmp_path, speaker="(x)?")


@pytest.fixture
def coco(tmp_path):
    """Writes 12 photos, and what it is given as their annotations; returns what `boxes_from_coco` says."""
    (tmp_path / "photos").mkdir()
    told = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]}
    for number in range(12):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 48, 3), dtype="uint8")
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
        told["images"].append({"id": number, "file_name": f"{number}.png", "width": 48, "height": 40})
        told["annotations"].append({"image_id": number, "category_id": 1 + number % 2, "bbox": [5, 5, 20, 20]})

    def read(change):
        change(told)
        (tmp_path / "boxes.json").write_text(json.dumps(told), "utf-8-sig")
        return boxes_from_coco(tmp_path / "boxes.json", tmp_path / "photos", size=32)

    return read


def test_files_of_another_computer_and_doubled_boxes(coco):
    def change(told):
        for entry, folder in zip(told["images"], ["", "/home/ann/", "C:\\pics\\", "photos/"] * 3, strict=True):
            entry.update(file_name=folder + entry["file_name"], width=str(entry["width"]), height=None)
        told["annotations"].append(told["annotations"][0])

    dataset = coco(change)
    assert [item.reason for item in dataset.skipped] == ["the same box again"]
    assert len(dataset.train) + len(dataset.val) + dataset.test.num_items == 12


def test_deep_photos_and_pipes_are_left_out(coco, tmp_path):
    def change(told):
        for number in (12, 13):
            told["images"].append({"id": number, "file_name": f"{number}.png"})
        Image.fromarray(np.full((40, 48), 30000, "uint16")).save(tmp_path / "photos" / "12.png")
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "photos" / "13.png")

    assert sorted(item.where for item in coco(change).skipped) == ["12.png", "13.png"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda told: told["categories"].clear(), "no box that can be used.*no category has the id 1"),
        (lambda told: told["annotations"].clear(), "no box that can be used"),
        (lambda told: [each.update(iscrowd=1) for each in told["annotations"]], "no box.*a crowd"),
        (lambda told: [each.update(bbox=[0.1, 0.1, 0.5, 0.5]) for each in told["annotations"]], "between 0 and 1"),
        (lambda told: told["images"][1].update(id=0), "ids of photos more than once: 0"),
        (lambda told: told["categories"][1].update(id=1), "ids of categories more than once: 1"),
        (lambda told: told["categories"][1].update(name="Cat "), "names of categories more than once: 'cat'"),
        (lambda told: told["categories"][1].update(name=None), "the name of a category must be a text"),
        (lambda told: told["images"][0].update(id=[1]), "an id must be a number or a text"),
        (lambda told: told["annotations"][0].update(image_id={}), "an id must be a number or a text"),
    ],
    ids=["categories", "none", "crowd", "shares", "photo twice", "category twice", "name twice", "name", "id", "of id"],
)
def test_boxes_that_would_be_read_wrongly_are_refused(coco, change, message):
    with pytest.raises(ValueError, match=message):
        coco(change)
