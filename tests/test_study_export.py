"""What a study leaves: the same predictions without tlkit, the same weights from plain Keras, a page of its own."""

import csv
import json
import re
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

from tests.study_photos import make_folder, make_photo, small_study
from tlkit import study_command
from tlkit.backbones import add_head
from tlkit.cli import main
from tlkit.data.decode import decode_image
from tlkit.probes import linear_probe
from tlkit.study import export_study, write_report
from tlkit.study.export import SelfTestFailed
from tlkit.study.export.programs.predict import read_photo
from tlkit.study.export.write import self_test
from tlkit.study.journal import Journal, JournalMismatch
from tlkit.study.report.evidence import calibration, expected_calibration_error, strangeness, worst_errors
from tlkit.study.source_networks import put_probe_into_head
from tlkit.study_command import as_options

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_folder(tmp_path_factory.mktemp("study") / "photos <of> colours")


@pytest.fixture(scope="module", params=["probe", "network"])
def study(request, folder):
    """A study of which either kind of contestant is the choice."""
    return small_study(folder, trains=request.param == "network")


@pytest.fixture(scope="module")
def left(study, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    export_study(study, out, root=folder)
    return out


def test_the_model_predicts_the_same_without_tlkit(study, left):
    assert self_test(study, left / "model.keras") <= 1e-5


def test_other_formats_predict_the_same_without_keras(study, folder, tmp_path):
    files = ("model.tflite", "model.onnx")
    written = export_study(study, tmp_path, root=folder, formats=["litert", "onnx"])
    assert written[-2:] == [tmp_path / name for name in files]
    program = "import sys; sys.modules['keras'] = sys.modules['tensorflow'] = None; import predict; predict.main()"
    photo = next(iter(study.test.paths))
    for name in files:
        command = [sys.executable, "-c", program, photo, "--model", name, "--csv", f"{name}.csv"]
        subprocess.run(command, check=True, cwd=tmp_path)
        with open(tmp_path / f"{name}.csv", newline="", encoding="utf-8") as table:
            shares = [float(share) for share in list(csv.reader(table))[1][2:]]
        np.testing.assert_allclose(shares, study.test.probabilities[0], atol=1e-5)


def test_a_format_that_cannot_be_written_is_refused_before_anything_is(study, folder, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="Received: 'onx'"):
        export_study(study, tmp_path / "out", root=folder, formats=["onx"])
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"needs tf2onnx and onnxruntime. .*tlkit\[serve\]"):
        export_study(study, tmp_path / "out", root=folder, formats=["onnx"])
    assert not (tmp_path / "out").exists()


def test_another_model_fails_the_self_test(study, left, tmp_path):
    broken = shutil.copytree(left, tmp_path / "broken")
    model = keras.saving.load_model(broken / "model.keras")
    head = model.get_layer("head")
    head.set_weights([head.get_weights()[0], head.get_weights()[1] + np.array([0.01, 0])])
    model.save(broken / "model.keras")
    with pytest.raises(SelfTestFailed, match="not to be used"):
        self_test(study, broken / "model.keras")


def test_the_record_holds_what_the_study_found(study, left):
    record = json.loads((left / "study.json").read_text("utf-8"))
    assert record["settings"]["seeds"] == 2
    assert record["photos"]["classes"] == {"blue": 20, "red": 20}
    assert record["test"]["accuracy"] == study.test.accuracy
    assert record["verdict"]["sentence"] == study.verdict.sentence
    assert len(record["outcomes"]) == len(study.outcomes)
    assert "seconds" not in json.dumps(record)


def test_the_model_holds_layers_of_keras_alone(left):
    model = keras.saving.load_model(left / "model.keras")
    assert {type(layer).__module__.partition(".")[0] for layer in model.layers} == {"keras"}


def test_plain_keras_reaches_the_same_weights(left, folder):
    done = subprocess.run(
        [sys.executable, left / "train.py", folder], capture_output=True, text=True, check=True, timeout=300, cwd=left
    )
    difference = float(re.search(r"model\.keras: (\S+)", done.stdout).group(1))
    assert difference < 1e-5, done.stdout


def test_predict_names_files_and_writes_all_probabilities(left, folder, tmp_path, capsys):
    photos = sorted((folder / "red").iterdir())[:2]
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    table = tmp_path / "out.csv"
    assert main(["predict", str(left / "model.keras"), *map(str, photos), str(broken), "--csv", str(table)]) == 1
    printed = capsys.readouterr()
    assert printed.out.count(".png: ") == 2
    assert "broken.jpg: not read" in printed.err
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [row["file"] for row in rows] == [str(photo) for photo in photos]
    assert all(float(row["red"]) + float(row["blue"]) == pytest.approx(1, abs=1e-5) for row in rows)


def test_what_is_no_model_of_a_study_is_refused(tmp_path, capsys):
    assert main(["predict", str(tmp_path / "other.keras"), "a.jpg"]) == 2
    assert "tlkit study FOLDER" in capsys.readouterr().err


def test_the_report_needs_no_network_and_escapes_names(study, tmp_path):
    page = write_report(study, tmp_path / "report.html", seconds=60).read_text("utf-8")
    body = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href)="([^"]*)"', body)
    assert addresses
    assert all(re.match(r"data:image/png;base64,|https://arxiv\.org/", address) for address in addresses)
    assert not re.search(r"<script[^>]*src=|<link|@import|url\(", page.partition("<main>")[0].partition("<script>")[0])
    assert "photos &lt;of&gt; colours" in body
    assert "<of>" not in body
    assert study.verdict.sentence in body


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "CMYK", "1"])
@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff", "gif", "bmp"])
def test_photos_are_read_as_they_were_learned_from(tmp_path, mode, suffix):
    photo = make_photo(np.random.default_rng(0), (120, 80, 160)).resize((300, 200)).convert(mode)
    path = tmp_path / f"photo.{suffix}"
    try:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by 90 degrees
        photo.save(path, exif=exif) if suffix in ("jpg", "png", "webp", "tiff") else photo.save(path)
    except (OSError, KeyError, ValueError):
        return  # a format that cannot hold this mode
    with open(path, "rb") as file:
        np.testing.assert_array_equal(read_photo(path, 64), decode_image(file, 64).image)


@pytest.mark.parametrize("num_classes", [2, 3])
def test_a_head_says_what_its_probe_says(num_classes):
    rng = np.random.default_rng(0)
    backbone = keras.Sequential([keras.Input((4, 4, 5)), keras.layers.Identity()])
    maps, labels = rng.normal(3, 2, (60, 4, 4, 5)).astype("float32"), np.arange(60) % num_classes
    probe = linear_probe(maps.mean(axis=(1, 2)), labels)
    model = add_head(backbone, num_classes)
    put_probe_into_head(probe, model.get_layer("head"))
    shares = np.asarray(keras.ops.softmax(model(maps)))
    np.testing.assert_allclose(shares, probe.predict_proba(maps.mean(axis=(1, 2))), atol=1e-5)


def test_a_model_that_is_as_sure_as_it_is_right_has_no_calibration_error():
    labels = np.array([0] * 80 + [1] * 20)
    sure = np.tile([0.8, 0.2], (100, 1))
    bins = calibration(labels, sure, most_bins=1)
    assert expected_calibration_error(bins) == pytest.approx(0)
    assert expected_calibration_error(
        calibration(labels, np.tile([0.99, 0.01], (100, 1)), most_bins=1)
    ) == pytest.approx(0.19)


def test_the_worst_errors_are_the_surest_wrong_ones():
    shares = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    assert worst_errors(np.array([1, 1, 1, 0]), shares).tolist() == [0, 3, 1]


def test_what_lies_far_away_is_strange():
    rng = np.random.default_rng(0)
    known = rng.normal(0, 0.05, (100, 8)) + np.eye(8)[0]
    distances, usual = strangeness(known, np.stack([np.eye(8)[0], np.eye(8)[1]]))
    assert distances[0] < usual < distances[1]


def test_a_folder_with_a_study_is_not_overwritten(folder, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "journal.jsonl").write_text(json.dumps({"name": "settings", "value": {}}) + "\n")
    assert main(["study", str(folder), "--out", str(tmp_path)]) == 2
    assert "--resume" in capsys.readouterr().err


def test_a_look_at_the_photos_trains_nothing(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study_command, "_run", lambda *given: pytest.fail("nothing is to be run"))
    assert main(["study", str(folder), "--check-only", "--out", str(tmp_path / "study")]) == 0
    printed = capsys.readouterr().out
    assert "blue: " in printed
    assert "would take about" in printed
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--backbones", "fotos"], "photos"),
        (["--min-per-class", "999"], "pass a smaller --min-per-class"),
        (["--group-by", "x("], "--group-by must be a regular expression"),
        (["--class-names", "red", "grey"], "--class-names has 'grey'"),
    ],
    ids=["backbones", "least", "groups", "classes"],
)
def test_the_command_speaks_of_its_options(given, said, folder, tmp_path, capsys):
    assert main(["study", str(folder), "--check-only", "--out", str(tmp_path / "study"), *given]) == 2
    assert said in capsys.readouterr().err


def test_classes_at_two_depths_are_to_be_named_as_the_command_takes_them():
    said = as_options("Pass class_names=['cat', 'big dog'] or class_names=['monday', 'tuesday'].")
    assert said == "Pass --class-names cat 'big dog' or --class-names monday tuesday."


def test_a_study_that_is_interrupted_says_how_to_go_on(folder, tmp_path, capsys, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("tlkit.study.run_study", interrupt)
    assert main(["study", str(folder), "--out", str(tmp_path / "study")]) == 130
    assert "--resume" in capsys.readouterr().err


def test_a_study_that_is_another_one_says_what_differs(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.check("settings", {"size": 64, "seeds": 5}, "Pass the same.")
    with pytest.raises(JournalMismatch, match=r"other settings: size was 64 and is 96\. Pass the same\.$"):
        journal.check("settings", {"size": 96, "seeds": 5}, "Pass the same.")
    journal.check("photos", "3f9a", "Take another folder.")
    with pytest.raises(JournalMismatch, match=r"other photos\. Take another folder\.$"):
        journal.check("photos", "77be", "Take another folder.")
