"""What `tlkit grade` does after grading: reports of everything in the folder, the gradebook, alike submissions."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.grading_results import exercise, graded
from tlkit import cli
from tlkit.grading import grade as command
from tlkit.grading import publish
from tlkit.grading.find import Submission, read_submissions
from tlkit.grading.keep import SubmissionResult, write_result
from tlkit.grading.publish import pairs_by_lesson
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

LESSON = "01_feature_extraction"
ANSWER = """
def extract_features(backbone, dataset):
    features, labels = [], []
    for number, (images, own) in enumerate(dataset):
        maps = backbone(images, training=False)
        features.extend(maps.numpy().mean(axis=(1, 2)).tolist())
        labels.extend(int(label) for label in own)
    return np.array(features), np.array(labels)
"""
OTHER = """
def extract_features(model, data):
    pooled = keras.Sequential([model, keras.layers.GlobalAveragePooling2D()])
    x = np.concatenate([np.asarray(batch) for batch, _ in data.as_numpy_iterator()])
    y = np.hstack(list(map(lambda pair: pair[1], data.as_numpy_iterator())))
    return pooled.predict(x, batch_size=len(x), verbose=0), y
"""


def _hand_in(folder: Path, learner: str, answer: str | None) -> None:
    _, notebook = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    for cell in notebook["cells"]:
        if cell["id"] == "exercise-1-3" and answer:
            cell["source"] = answer
    (folder / f"{learner}_{LESSON}.ipynb").write_text(json.dumps(notebook))


@pytest.fixture
def submitted(tmp_path) -> Path:
    folder = tmp_path / "submitted"
    folder.mkdir()
    renamed = ANSWER.replace("features", "f").replace("number, ", "i, ").replace("labels", "all_y")
    for learner, answer in {"ada": ANSWER, "bob": renamed, "carl": OTHER, "dora": None, "eve": None}.items():
        _hand_in(folder, learner, answer)
    (folder / f"zoe_{LESSON}.ipynb").write_text("no notebook")
    return folder


def _results(submissions: list[Submission]) -> list[SubmissionResult]:
    """Made-up results of the very files: two points for ada, one for all others."""
    return [
        replace(
            graded(one.learner, exercise("1.3", 1 + (one.learner == "ada"), 2, "partial"), lesson=LESSON),
            sha256=one.sha256,
        )
        for one in submissions
    ]


@pytest.mark.slow
def test_copies_are_paired_and_what_everybody_has_is_not(submitted):
    submissions = read_submissions([submitted])
    pairs = pairs_by_lesson(submissions, _results(submissions))
    assert [(pair.first, pair.second, pair.answers) for pair in pairs[LESSON]] == [("ada", "bob", ("exercise-1-3",))]


@pytest.mark.slow
def test_only_what_was_graded_is_compared(submitted):
    submissions = read_submissions([submitted])
    results = _results(submissions)
    _hand_in(submitted, "bob", ANSWER + "\n# changed since")
    assert pairs_by_lesson(submissions, results)[LESSON]
    assert pairs_by_lesson(read_submissions([submitted]), results) == {}


@pytest.fixture
def after_grading(submitted, tmp_path, monkeypatch):
    """`tlkit grade`, where the grading itself is done already: two results are in the folder."""
    out = tmp_path / "grades"
    for result in _results(read_submissions([submitted])):
        if result.learner in ("ada", "bob"):
            write_result(out, result)
    monkeypatch.setattr(command, "grade_submissions", lambda *_, **__: [])
    return out, ["grade", str(submitted), "--out", str(out)]


@pytest.mark.slow
def test_reports_by_default(after_grading, capsys):
    out, arguments = after_grading
    assert cli.main(arguments) == 0
    assert f"report.html: {out / 'report.html'}" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "alike",
        "grades.csv",
        "grades.json",
        "learners",
        "report.html",
        "results",
    ]
    assert "Compare these" in (out / "report.html").read_text()
    assert sorted(path.name for path in (out / "learners").iterdir()) == ["ada.html", "bob.html"]


@pytest.mark.slow
def test_canvas_and_moodle_alone(after_grading):
    out, arguments = after_grading
    assert cli.main([*arguments, "--format", "none", "--canvas", "--moodle"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["canvas.csv", "moodle.csv", "results"]
    assert (out / "moodle.csv").read_text().splitlines() == [f"username,{LESSON} (of 2)", "ada,2", "bob,1"]


@pytest.mark.slow
def test_points_of_a_person_go_into_the_tables(after_grading, monkeypatch, tmp_path):
    out, arguments = after_grading
    calls = []
    monkeypatch.setattr(
        publish, "update_gradebook", lambda path, results: calls.append((path, len(results))) or ["zoe"]
    )
    better = graded("ada", exercise("1.3", 1.5, 2, "partial"), lesson=LESSON)
    monkeypatch.setattr(publish, "with_manual_points", lambda path, results: [better])
    assert cli.main([*arguments, "--moodle", "--gradebook", str(tmp_path / "g.db")]) == 0
    assert calls == [(tmp_path / "g.db", 2)]
    assert (out / "moodle.csv").read_text().splitlines()[1:] == ["ada,1.5"]


@pytest.mark.slow
def test_reports_are_there_even_if_the_gradebook_is_not(after_grading, tmp_path, capsys):
    out, arguments = after_grading
    (tmp_path / "g.db").write_text("not a gradebook")
    assert cli.main([*arguments, "--gradebook", str(tmp_path / "g.db")]) == 2
    assert "must be an SQLite file of nbgrader" in capsys.readouterr().err
    assert (out / "report.html").exists()
