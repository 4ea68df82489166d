"""Lessons in other languages: the texts alone differ, work that was begun is kept, and grades are the same."""

import json
from datetime import datetime

import pytest

from tests.grading_notebooks import LESSON, cell_id, right_answers, write_submission
from tests.needs import NEEDS_SANDBOX, give_up
from tlkit import cli
from tlkit.grading.find import Found, read_submission
from tlkit.grading.lesson_plan import read_plan
from tlkit.lessons.catalog import find_lesson, list_lessons
from tlkit.lessons.code_texts import statements, with_texts
from tlkit.lessons.learner import sign
from tlkit.lessons.notebook import notebook_text, read_notebook
from tlkit.lessons.start_lab import lab_environment
from tlkit.lessons.translation import lesson_bytes, lesson_texts, said_of_language, translated
from tlkit.lessons.workspace import open_workspace, reset_lesson

NOW = datetime(2026, 1, 31, 14, 22, 33)
NOTES = {"de": "> **Entwurf.** Eine Maschine", "hi": "> **मसौदा।** इस पाठ का अनुवाद मशीन"}
TRANSLATED = [(name, code) for name in ("00_orientation", "01_feature_extraction") for code in ("de", "hi")]


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TLKIT_WORKSPACE", str(tmp_path / "workspace"))
    monkeypatch.delenv("TLKIT_LANGUAGE", raising=False)


def _both(name: str, code: str) -> tuple[dict, dict]:
    shipped = read_notebook(find_lesson(name).path)
    return shipped, translated(shipped, name, code)


@pytest.mark.parametrize(("name", "code"), TRANSLATED)
def test_texts_alone_are_translated_and_a_draft_says_so(name, code):
    shipped, other = _both(name, code)
    texts = lesson_texts(shipped)
    assert len(texts) > 40
    for before, after in zip(shipped["cells"], other["cells"], strict=True):
        assert (before["id"] in texts) == (before["source"] != after["source"])
        assert _signed_anew(before) == _signed_anew(after)
        assert before["cell_type"] == "markdown" or statements(before["source"]) == statements(after["source"])
    assert NOTES[code] in other["cells"][0]["source"]
    assert sum(NOTES[code] in cell["source"] for cell in other["cells"]) == 1
    assert other["metadata"]["tlkit"].pop("language") == code
    assert other["metadata"] == shipped["metadata"]


def _signed_anew(cell: dict) -> dict:
    """The cell without its text and without nbgrader's checksum of it."""
    marks = {name: mark for name, mark in cell["metadata"].get("nbgrader", {}).items() if name != "checksum"}
    return cell | {"source": "", "metadata": cell["metadata"] | {"nbgrader": marks}}


def test_exercises_and_checks_are_explained_and_signed():
    cells = {cell["id"]: cell for cell in _both("01_feature_extraction", "de")[1]["cells"]}
    assert (
        cells["exercise-1-4"]["source"]
        == '''def split_dataset(dataset, num_val):
    """Teile ein `tf.data.Dataset` ohne Batches: Gib `train_ds, val_ds` zurück, mit `num_val` Bildern im zweiten.

    Elemente sind Paare (Bild, Label), nach Klassen gespeichert; `len(dataset)` funktioniert. Kein Bild darf je in
    beiden Teilen sein, in keinem Durchgang.
    """
    # YOUR CODE HERE
    raise NotImplementedError()'''
    )
    assert cells["check-1-7"]["source"].startswith("# Ausprobiert an einer Klasse, die nie vorhergesagt wird")
    before = cells["check-1-7"]["metadata"]["nbgrader"]
    sign(cells["check-1-7"], marks := dict(before, checksum=""))
    assert marks == before


@pytest.mark.parametrize("new", ['Quotes """ end it.', "A backslash \\"])
def test_text_that_would_change_the_code_stays_english(new):
    source = 'def two():\n    """Return 2."""\n    return 2'
    assert with_texts(source, lambda text: new) == source
    assert with_texts(source, lambda text: "Gib 2 zurück.") == source.replace("Return 2.", "Gib 2 zurück.")


def test_text_that_has_changed_in_english_is_shown_in_english():
    shipped = read_notebook(find_lesson("0").path)
    shipped["cells"][2]["source"] += " And more."
    other = translated(shipped, "00_orientation", "de")
    assert other["cells"][2]["source"] == shipped["cells"][2]["source"]
    assert other["cells"][4]["source"].startswith("Das Netz war auf Fotos")


def test_lesson_without_a_translation_is_the_file_itself():
    lesson = find_lesson("2")
    assert lesson_bytes(lesson.path, "de") == lesson.path.read_bytes()
    assert lesson_bytes(lesson.path, "en") == lesson.path.read_bytes()


def test_begun_lesson_keeps_its_language_and_others_change(tmp_path):
    open_workspace(tmp_path)
    begun, other = tmp_path / "00_orientation.ipynb", tmp_path / "01_feature_extraction.ipynb"
    begun.write_text("my work")
    opened = open_workspace(tmp_path, language="hi")
    assert (opened.updated, opened.kept) == ((other.name,), (begun.name,))
    assert begun.read_text() == "my work"
    assert other.read_bytes() == lesson_bytes(find_lesson("1").path, "hi")
    again = open_workspace(tmp_path, language="hi")
    assert (again.added, again.updated, again.kept) == ((), (), (begun.name,))
    assert open_workspace(tmp_path).updated == (other.name,)  # back to English
    assert other.read_bytes() == find_lesson("1").path.read_bytes()


def test_reset_gives_a_begun_lesson_in_another_language(tmp_path):
    open_workspace(tmp_path)
    begun = tmp_path / "00_orientation.ipynb"
    begun.write_text("my work")
    kept = reset_lesson("0", tmp_path, now=NOW, language="de")
    assert kept is not None
    assert kept.read_text() == "my work"
    assert begun.read_bytes() == lesson_bytes(find_lesson("0").path, "de")
    assert open_workspace(tmp_path, language="de").kept == ()


def test_lab_in_hindi(tmp_path, capsys):
    folder = tmp_path / "work"
    assert cli.main(["lab", "--language", "hi", "--prepare", "--dir", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert "Lessons 0 and 1 in Hindi; the others are in English." in said
    assert NOTES["hi"] in read_notebook(folder / "00_orientation.ipynb")["cells"][0]["source"]
    assert (folder / "02_fine_tuning.ipynb").read_bytes() == find_lesson("2").path.read_bytes()
    assert len(list(folder.glob("*.ipynb"))) == len(list_lessons())
    (folder / "00_orientation.ipynb").write_text("my work")
    assert cli.main(["lab", "--language", "de", "--prepare", "--dir", str(folder)]) == 0
    kept = "Kept your 00_orientation.ipynb. There is another version: `tlkit reset 00 --language de`"
    assert kept in capsys.readouterr().out
    assert cli.main(["reset", "0", "--language", "de", "--dir", str(folder)]) == 0
    assert NOTES["de"] in read_notebook(folder / "00_orientation.ipynb")["cells"][0]["source"]


def test_lab_in_a_language_that_is_not_there(tmp_path, capsys):
    assert cli.main(["lab", "--language", "fr", "--prepare", "--dir", str(tmp_path / "work")]) == 2
    assert "one of en (English), de (German), hi (Hindi). Received: 'fr'" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


def test_kernels_learn_the_language_from_the_environment(tmp_path, monkeypatch):
    assert lab_environment(tmp_path, "hi")["TLKIT_LANGUAGE"] == "hi"
    assert lab_environment(tmp_path)["TLKIT_LANGUAGE"] == "en"
    monkeypatch.setenv("TLKIT_LANGUAGE", "de")
    assert lab_environment(tmp_path)["TLKIT_LANGUAGE"] == "de"
    assert cli.main(["lab", "--prepare", "--dir", str(tmp_path / "work")]) == 0
    assert NOTES["de"] in read_notebook(tmp_path / "work" / "00_orientation.ipynb")["cells"][0]["source"]


def test_what_is_said_of_a_language():
    assert said_of_language("de") == "Lessons 0 and 1 in German; the others are in English."
    assert said_of_language("fr") == "All lessons are in English."


def _answered(notebook: dict, answers: dict[str, str]) -> dict:
    cells = [cell | {"source": answers.get(cell["id"], cell["source"])} for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


@pytest.mark.slow
@NEEDS_SANDBOX
def test_grades_do_not_depend_on_the_language(tmp_path, monkeypatch):
    from tlkit.grading.judging.judge import Judge

    wrong, stubs = "def per_class(y_true, y_pred, num_classes):\n    return 1", _both(LESSON, "hi")
    monkeypatch.setenv("TLKIT_LANGUAGE", "hi")
    results = []
    with Judge() as judge:
        if fault := judge.sandbox_fault():
            give_up(f"no sandbox here: {fault}")
        for learner, given in zip(("ana", "asha"), stubs, strict=True):
            sources = {cell["id"]: cell["source"] for cell in given["cells"]}
            elsewhere = {cell_id("1.1"): sources[cell_id("1.1")]}  # the stub is left, the answer stands in a new cell
            notebook = _answered(given, right_answers() | {cell_id("1.7"): wrong} | elsewhere)
            own = {"cell_type": "code", "id": "own", "metadata": {}, "source": right_answers()[cell_id("1.1")]}
            notebook["cells"].insert(1, own | {"outputs": [], "execution_count": None})
            path = write_submission(tmp_path, learner, json.loads(notebook_text(notebook)))
            result = judge.grade(read_submission(Found(path, learner, LESSON), read_plan(LESSON)), b"secret")
            results.append([(one.id, one.status, one.points, one.messages) for one in result.exercises])
    assert results[0] == results[1]
    assert [status for _, status, *_ in results[0]][:6] == ["right"] * 6
    said = str({name: messages for name, *_, messages in results[0]}["1.7"])
    assert "Return a dictionary with the keys" in said  # graders read English


@pytest.mark.parametrize(
    "source", ["x = 1\0", "%time x", "x = " + "(" * 5000, "-" * 20_000 + "1"], ids=["zero", "magic", "open", "deep"]
)
def test_what_python_cannot_read_is_compared_as_it_is(source):
    assert statements(source) == source
