"""Labels in a table: read by clear rules, and what does not fit is named with the next step."""

import csv

import numpy as np
import pytest
from PIL import Image

from tlkit.data import images_from_folder
from tlkit.data.folder.label_tables import BadTable, read_table

pytestmark = pytest.mark.filterwarnings("ignore::tlkit.data.FolderWarning")
ROWS = [(f"{letter}{number:02}.png", name) for letter, name in (("a", "cat"), ("b", "dog")) for number in range(15)]


def draw(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    name = f"{path.parent.name}/{path.stem}"
    grid = np.random.default_rng([*name.encode()]).integers(0, 256, (6, 6, 3), dtype="uint8")
    Image.fromarray(grid).resize((24, 24), Image.Resampling.BICUBIC).save(path)


def write(path, rows, header=("file", "label"), *, encoding="utf-8", separator=","):
    with open(path, "w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerows([*([header] if header else []), *rows])
    return path


@pytest.fixture
def root(tmp_path):
    for name, _ in ROWS:
        draw(tmp_path / "pets" / "photos" / name)
    return tmp_path / "pets"


def read(root, **arguments):
    return images_from_folder(root, size=16, **arguments)


def found(dataset):
    return {finding.kind: finding for finding in dataset.findings}


def labels_by_name(dataset):
    splits = dataset.train, dataset.val, dataset.test.open("to check it")
    return {
        path.name: split.class_names[label]
        for split in splits
        for path, label in zip(split.paths, split.labels, strict=True)
    }


@pytest.mark.parametrize(
    ("file_of", "header", "options"),
    [
        (lambda name: name, ("file", "label"), {}),
        (lambda name: f"photos/{name}", ("Image Path", "Class"), {"separator": ";"}),
        (lambda name: f"C:\\data\\PHOTOS\\{name}", ("path", "Category"), {"encoding": "utf-16", "separator": "\t"}),
        (lambda name: name[:-4], ("id", "target"), {"encoding": "utf-8-sig"}),
        (lambda name: name.upper(), ("Filename", "Art"), {"encoding": "cp1252"}),
    ],
)
def test_columns_separators_and_encodings(root, file_of, header, options):
    write(root / "labels.csv", [(file_of(name), label) for name, label in ROWS], header, **options)
    dataset = read(root)
    assert labels_by_name(dataset) == dict(ROWS)
    assert f"pets/labels.csv (columns {header[0]!r} and {header[1]!r})" in found(dataset)["labels"].sentence


def test_the_column_is_told_from_its_values(root):
    rows = [(number, label, number * 2, f"photos/{name}") for number, (name, label) in enumerate(ROWS)]
    write(root / "train.csv", rows, ("id", "label", "width", "image"))
    assert labels_by_name(read(root)) == dict(ROWS)


def test_number_and_name_of_a_class(root):
    write(root / "a.csv", [(name, int(label == "dog"), label) for name, label in ROWS], ("file", "class", "label"))
    assert read(root).class_names == ["cat", "dog"]


def test_a_column_for_each_class(root):
    rows = [(name, int(label == "cat"), int(label == "dog")) for name, label in ROWS]
    write(root / "_classes.csv", rows, ("filename", "cat", "dog"))
    assert labels_by_name(read(root)) == dict(ROWS)


def test_splits_in_a_column_and_in_several_tables(root):
    rows = [(*row, "Testing" if row[0][1:] < "05" else "train") for row in ROWS]
    write(root / "meta.csv", rows, ("file", "label", "split"))
    assert read(root).test.num_images == 10
    (root / "meta.csv").unlink()
    write(root / "train.csv", [row[:2] for row in rows if row[2] == "train"])
    write(root / "val.csv", [row[:2] for row in rows if row[2] != "train"])
    write(root / "sample_submission.csv", [(name, "cat") for name, _ in ROWS])
    dataset = read(root)
    assert len(dataset.val) == 10
    assert labels_by_name(dataset) == dict(ROWS)


def test_same_name_in_two_folders_is_told_by_the_path(tmp_path):
    rows = [(f"{name}/{number}.png", name) for name in ("cat", "dog") for number in range(12)]
    for name, _ in rows:
        draw(tmp_path / "photos" / name)
    write(tmp_path / "labels.csv", rows)
    dataset = read(tmp_path)
    assert {path.parent.name == dataset.class_names[label] for path, label in
            zip(dataset.train.paths, dataset.train.labels, strict=True)} == {True}  # fmt: skip
    write(tmp_path / "labels.csv", [*rows, ("3.png", "cat")])
    assert "3.png" in found(read(tmp_path))["unclear files"].sentence


def test_what_does_not_fit_is_named(root):
    draw(root / "photos" / "extra.png")
    write(root / "labels.csv", [*ROWS, ("gone.png", "cat"), ("a00.png", "dog"), ("a01.png", "cat")])
    dataset = read(root)
    expected = {
        "missing files": "gone.png",
        "two labels": "a00.png",
        "named twice": "",
        "unlabelled": "a00.png, extra.png",
    }
    assert {kind: name in found(dataset)[kind].sentence for kind, name in expected.items()} == dict.fromkeys(
        expected, True
    )
    assert "delete their rows" in found(dataset)["missing files"].next_step
    assert labels_by_name(dataset) == dict(ROWS[1:])


def test_the_table_goes_before_folders_and_says_so(tmp_path):
    for name, label in ROWS:
        draw(tmp_path / label / name)
    wrong = [(name, "dog" if name == "a03.png" else label) for name, label in ROWS]
    write(tmp_path / "labels.csv", wrong)
    dataset = read(tmp_path)
    assert labels_by_name(dataset) == dict(wrong)
    assert "a03.png" in found(dataset)["table and folders"].sentence


def test_numbers_of_class_folders_get_the_names(tmp_path):
    for name, label in ROWS:
        draw(tmp_path / label / name)
    write(tmp_path / "labels.csv", [(name, int(label == "dog")) for name, label in ROWS])
    assert labels_by_name(read(tmp_path)) == dict(ROWS)


def test_a_table_of_something_else_is_left_alone(tmp_path):
    for name, label in ROWS:
        draw(tmp_path / label / name)
    write(tmp_path / "prices.csv", [(1, 2)], ("a", "b"))
    dataset = read(tmp_path)
    assert labels_by_name(dataset) == dict(ROWS)
    assert [item.path.name for item in dataset.skipped] == ["prices.csv"]


@pytest.mark.parametrize("name", ["labels.xlsx", "annotations.json", "labels.txt"])
def test_labels_in_another_kind_of_file(tmp_path, name):
    for number in range(12):
        draw(tmp_path / f"{number}.png")
    (tmp_path / name).write_text("0.png cat")
    with pytest.raises(ValueError, match=f"If {name} has the labels, save it as such a CSV"):
        read(tmp_path)


def test_a_bad_table_named_for_labels_is_told_beside_class_folders(tmp_path):
    for name, label in ROWS:
        draw(tmp_path / label / name)
    write(tmp_path / "labels.csv", [(1, 2)], ("a", "b"))
    finding = found(read(tmp_path))["table"]
    assert "no column of files" in finding.sentence
    assert "Repair it" in finding.next_step


def test_a_named_table(root, tmp_path):
    table = write(tmp_path / "elsewhere.csv", ROWS)
    assert labels_by_name(read(root, labels=table)) == dict(ROWS)
    assert read(root, labels=table, class_names=["dog", "cat"]).class_names == ["dog", "cat"]
    with pytest.raises(FileNotFoundError, match=r"`labels` does not exist. Received: no.csv"):
        read(root, labels="no.csv")
    write(table, [("x.png", "cat"), ("y.png", "dog")])
    with pytest.raises(ValueError, match=r"`labels` names no photo .*x\.png, y\.png.*a00\.png.*Write the names"):
        read(root, labels=table)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"is empty\. Write a header"),
        ("file,label\n", r"no row below its first line\. Write a header"),
        ("just one\ncolumn\n", r"one column: 'just one'\. Write a header"),
        ("a.png,cat\nb.png,dog\n", r"first line .* names no columns: a\.png, cat\. Write a header"),
        ("aa,bb,cc\n1,2,3\n", r"no column of files\. Received: aa, bb, cc\. Name it `file`"),
        ("file,bb,cc\na.png,x,y\n", r"no column of labels\. Received: file, bb, cc\. Name it `label`"),
        ("file,label,class\na.png,x,y\nb.png,x,z\n", r"2 columns that may be the label: label, class\. Keep one"),
        ("file,age\n" + "".join(f"{n}.png,{n}.5\n" for n in range(40)), r"40 different numbers: amounts.*regression"),
        ("file,label\n" + "".join(f"{n}.png,w{n}\n" for n in range(40)), r"something else in nearly every row"),
    ],
)
def test_bad_tables_say_what_to_do(root, content, message):
    (root / "labels.csv").write_text(content)
    with pytest.raises(BadTable, match=message):
        read_table(root / "labels.csv")
    with pytest.raises(ValueError, match=message):
        read(root)
    with pytest.raises(ValueError, match=message):
        read(root, labels=root / "labels.csv")
