"""More folders, tables and archives as people have them: nothing is guessed in silence or ends in a traceback."""

import zipfile

import pytest

from tests.test_study_messy_folders import SETTINGS, in_file_names, in_folders, photo, save_photos
from tlkit.cli import main
from tlkit.data import images_from_folder
from tlkit.data.folder.findings import Scan, printable
from tlkit.data.folder.label_tables import read_table
from tlkit.data.folder.masks import leave_out_masks
from tlkit.study import Settings, read_study_photos
from tlkit.study.archives import unpack
from tlkit.study.export.programs.predict import load
from tlkit.study.journal import Journal, JournalMismatch
from tlkit.study.refusals import refuse_unfit


def described(path, **settings):
    photos = read_study_photos(path, Settings(**{"size": 32} | settings))
    refuse_unfit(photos, are_named="class_names" in settings)
    return len(photos) + photos.dataset.test.num_images, photos.class_names, photos.describe()


def write_table(root, rows, head="file,label", encoding="utf-8"):
    (root / "labels.csv").write_bytes("\n".join([head, *rows]).encode(encoding))


def rows_of(root):
    """A row for each photo of the files that `in_file_names` made, renamed so that only a table tells the classes."""
    rows = []
    for number, path in enumerate(sorted(in_file_names(root).glob("*.png"))):
        path.rename(root / f"{number:03}.png")
        rows.append((f"{number:03}.png", path.name[:3]))
    return rows


def test_masks_are_no_photos(tmp_path):
    in_folders(tmp_path / "images")
    save_photos(tmp_path / "masks", "ant", "bee", first=50)
    photo("mask").save(tmp_path / "images" / "ant" / "000_mask_1.png")
    number, names, told = described(tmp_path)
    assert (number, names) == (24, ["ant", "bee"])
    assert "25 files not used (masks" in told
    assert described(tmp_path, class_names=("ant", "bee"))[0] == 24


def test_a_class_may_be_called_masks(tmp_path):
    save_photos(tmp_path, "masks", "images")
    files = sorted(tmp_path.rglob("*.png"))
    assert leave_out_masks(tmp_path, files, Scan(), ["masks", "images"]) == files


def test_a_class_without_a_photo_is_told(tmp_path):
    (in_folders(tmp_path) / "wasp").mkdir()
    (tmp_path / "wasp" / "1.txt").write_text("soon")
    assert "1 folder not used (without a photo): wasp." in described(tmp_path)[2]


def test_a_class_that_is_another_class_is_refused(tmp_path):
    for path in sorted((in_folders(tmp_path) / "ant").iterdir()):
        (tmp_path / "ant - Copy").mkdir(exist_ok=True)
        (tmp_path / "ant - Copy" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(ValueError, match="'ant' are in class 'ant - Copy', too"):
        described(tmp_path)


def test_a_test_folder_with_other_names_is_told_to_be_lost(tmp_path):
    save_photos(tmp_path / "train", "ant", "bee")
    save_photos(tmp_path / "test", "ants", "bees", first=50)
    assert "Nothing is left of the test folder: that split is dealt anew." in described(tmp_path)[2]


def test_a_class_that_only_train_has_is_refused_with_a_way_out(tmp_path):
    save_photos(tmp_path / "train", "ant", "bee", "wasp")
    save_photos(tmp_path / "test", "ant", "bee", first=50)
    with pytest.raises(ValueError, match=r"'wasp' has no photo in the test split.*take test/ out"):
        described(tmp_path)


def test_classes_that_are_years_apart_are_told(tmp_path):
    save_photos(tmp_path / "2021", "ant")
    save_photos(tmp_path / "2022", "bee")
    assert "No class is in more than one of the outer folders" in described(tmp_path)[2]


def test_folders_that_may_be_splits_are_told(tmp_path):
    for split in ("Lehrdaten", "Pruefdaten"):
        save_photos(tmp_path / split, "ant", "bee", first=50 * (split == "Lehrdaten"))
    with pytest.raises(ValueError, match=r"are splits, name them train/ and test/"):
        described(tmp_path)
    assert "Lehrdaten, Pruefdaten) are mixed" in described(tmp_path, class_names=("ant", "bee"))[2]


def test_a_split_alone_is_no_class(tmp_path):
    save_photos(tmp_path, "train")
    with pytest.raises(ValueError, match="in no class folders"):
        described(tmp_path)


def test_invisible_signs_make_no_class(tmp_path):
    save_photos(tmp_path, "ant", "bee")
    save_photos(tmp_path, "ant\u200b", first=50)
    assert described(tmp_path)[1] == ["ant", "bee"]


def test_names_that_say_no_class_are_told(tmp_path):
    save_photos(tmp_path, "ant", "bee", "unsorted")
    assert "unsorted: such names often mean photos that nobody has sorted" in described(tmp_path)[2]


def test_a_name_that_is_no_text_is_told(tmp_path):
    in_folders(tmp_path)
    try:
        (tmp_path / "ant" / "\udcff.png").write_bytes(b"x")
    except (OSError, UnicodeError):
        pytest.skip("this system has no such names")
    assert "1 file not used (with a name that is no text): \\udcff.png" in described(tmp_path)[2]
    assert printable("\x1b[2J\u202e") == "\\x1b[2J\\u202e"


def test_what_is_hidden_is_told_where_nothing_else_is(tmp_path):
    save_photos(tmp_path, ".ant", ".bee")
    with pytest.raises(ValueError, match=r"no photo in it.*hidden.*\.ant"):
        described(tmp_path)


@pytest.mark.parametrize("missing", ["NaN", "n/a", "?", "null"])
def test_a_missing_label_is_no_class(tmp_path, missing):
    rows = [f"{file},{label if number % 6 else missing}" for number, (file, label) in enumerate(rows_of(tmp_path))]
    write_table(tmp_path, rows)
    number, names, told = described(tmp_path)
    assert (number, names) == (20, ["ant", "bee"])
    assert "4 files not used (without a label)" in told


def test_a_number_is_one_class_however_it_is_written(tmp_path):
    rows = [
        f"{file},{['0', '0.0'][n % 2] if label == 'ant' else 1}" for n, (file, label) in enumerate(rows_of(tmp_path))
    ]
    write_table(tmp_path, rows)
    assert described(tmp_path)[1] == ["0", "1"]


def test_what_is_guessed_about_a_table_is_told(tmp_path):
    rows = [f"{file},{label.replace('ant', 'Käfer')},a,red" for file, label in rows_of(tmp_path)]
    write_table(tmp_path, rows, "file,label,split,colour", "latin-1")
    told = described(tmp_path)[2]
    assert "labels.csv is not in UTF-8: it is read as Windows writes it (Käfer)" in told
    assert "'split' of labels.csv names no split in 24 rows (a)" in told
    assert "not read: colour" in told


def test_a_table_of_something_else_leaves_folders_their_say(tmp_path):
    rows = [f"{path.parent.name}/{path.name},{'Ann' if number % 2 else 'Bob'}"
            for number, path in enumerate(sorted(in_folders(tmp_path).rglob("*.png")))]  # fmt: skip
    write_table(tmp_path, rows, "file,photographer")
    _, names, told = described(tmp_path)
    assert names == ["ant", "bee"]
    assert "labels.csv is not used" in told
    assert described(tmp_path, labels=str(tmp_path / "labels.csv"))[1] == ["Ann", "Bob"]


def test_a_table_may_name_more_photos_than_there_are(tmp_path):
    rows = [f"{file},{label}" for file, label in rows_of(tmp_path)]
    write_table(tmp_path, [*rows, *(f"gone{number}.png,ant" for number in range(100))])
    number, _, told = described(tmp_path)
    assert number == 24
    assert "not there: 100 files" in told


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('file,label\n1.png,"ant\n2.png,bee\n', "line 3.*Close each quote"),
        ("file,label,note\n1.png,ant," + "x" * 200_000, "line 2.*field larger"),
    ],
)
def test_a_table_that_cannot_be_split_is_refused(tmp_path, content, message):
    (tmp_path / "labels.csv").write_text(content)
    with pytest.raises(ValueError, match=message):
        read_table(tmp_path / "labels.csv")


def test_excel_may_name_the_separator(tmp_path):
    (tmp_path / "labels.csv").write_text("sep=;\nfile;label\n1.png;a,b\n")
    assert read_table(tmp_path / "labels.csv").rows[0].label == "a,b"


def test_wrong_tables_and_classes_are_named(tmp_path):
    write_table(tmp_path, [f"{file},{label}" for file, label in rows_of(tmp_path)])
    with pytest.raises(ValueError, match=r"'wasp', but no photo is of that class. There are: ant, bee"):
        described(tmp_path, class_names=("ant", "wasp"))
    with pytest.raises(IsADirectoryError, match="`labels` must be a table"):
        described(tmp_path, labels=str(tmp_path))


def test_of_two_pairs_of_parentheses_the_first_counts_and_that_is_told(tmp_path):
    save_photos(tmp_path, "ant", "bee", number=30)
    assert "2 pairs of parentheses" in described(tmp_path, group_by=r"\d(\d)(\d)")[2]


def test_photos_that_do_not_fit_into_memory_are_refused(tmp_path):
    with pytest.raises(ValueError, match="`size` 1099511627776 is too large: 24 photos take"):
        images_from_folder(in_folders(tmp_path), size=1 << 40)


@pytest.mark.parametrize("settings", [{"size": 4096}, {"seeds": 10**9}])
def test_settings_have_a_most(settings):
    with pytest.raises(ValueError, match="must be at most"):
        Settings(**settings)


def zipped(path, members, flag=0):
    """An archive of members by name; all get a flag."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    content = bytearray(path.read_bytes())
    for start in range(len(content)) if flag else ():
        if content[start : start + 4] in (b"PK\1\2", b"PK\3\4"):
            content[start + (8 if content[start + 2] == 1 else 6)] |= flag
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("members", "flag", "message"),
    [
        ({"a.png": b"1"}, 1, "locked with a password"),
        ({"../a.png": b"1"}, 0, "outside of itself"),
        ({"/a.png": b"1"}, 0, "outside of itself"),
        ({}, 0, "holds no file"),
    ],
    ids=["password", "slip", "absolute", "empty"],
)
def test_archives_that_are_not_unpacked(tmp_path, members, flag, message):
    with pytest.raises(ValueError, match=message):
        unpack(zipped(tmp_path / "p.zip", members, flag), tmp_path)


def test_a_damaged_archive_is_refused(tmp_path):
    path = zipped(tmp_path / "p.zip", {"a.png": b"abcdefgh"})
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"abcdefgX"))
    with pytest.raises(ValueError, match=r"cannot be unpacked: Bad CRC.*Download it again"):
        unpack(path, tmp_path)
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ValueError, match="is no zip archive, or was cut off"):
        read_study_photos(path, SETTINGS, unpack_to=tmp_path)


def test_a_newer_archive_is_not_mixed_with_the_older_one(tmp_path):
    path = tmp_path / "p.zip"
    unpack(zipped(path, {"ant/1.png": b"1", "ant/2.png": b"2"}), tmp_path)
    folder = unpack(zipped(path, {"ant/1.png": b"1"}), tmp_path)
    assert [file.name for file in folder.rglob("*.png")] == ["1.png"]
    assert folder.name == "p"


def test_names_in_an_archive_are_read_as_they_were_meant(tmp_path):
    path = zipped(tmp_path / "p.zip", {"Kxxfer\\1.png": b"1"})
    path.write_bytes(path.read_bytes().replace(b"Kxxfer", "Käfer".encode()))
    assert (unpack(path, tmp_path) / "Käfer" / "1.png").exists()


@pytest.mark.parametrize("content", ["{x\n", "[1]\n", "3\n", "\0\n"])
def test_a_damaged_journal_is_refused(tmp_path, content):
    (tmp_path / "journal.jsonl").write_text('{"name": "a", "value": 1}\n' + content)
    with pytest.raises(JournalMismatch, match="is damaged"):
        Journal(tmp_path / "journal.jsonl")


@pytest.mark.parametrize("out", ["photos", "photos/results", "file", "file/results", "old"])
def test_results_are_not_written_where_they_do_harm(tmp_path, capsys, out):
    in_folders(tmp_path / "photos")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "model.keras").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert main(["study", str(tmp_path / "photos"), "--out", str(tmp_path / out)]) == 2
    assert "--out" in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", [None, "{", "[]", '{"classes": ["a"], "size": "big"}'])
def test_labels_that_are_missing_or_edited_are_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "labels.json").write_text(content)
    with pytest.raises(ValueError, match=r"labels\.json is (missing|damaged).*folder of the study"):
        load(tmp_path / "model.keras")


@pytest.mark.parametrize("classes", [["a"], ["a", "b", "c"]])
def test_labels_of_another_model_are_refused(tmp_path, monkeypatch, classes):
    (tmp_path / "labels.json").write_text(f'{{"classes": {classes}, "size": 8}}'.replace("'", '"'))
    runtimes = "tlkit.study.export.programs.predict._RUNTIMES"
    monkeypatch.setattr(runtimes, {".keras": lambda path: lambda photo: [0.5, 0.5]})
    with pytest.raises(ValueError, match="does not belong to the model"):
        load(tmp_path / "model.keras")


def test_reading_says_how_far_it_is(tmp_path):
    told = []
    read_study_photos(in_folders(tmp_path), SETTINGS, progress=lambda *where: told.append(where))
    assert told == [("reading photos", number, 24) for number in range(24)]
