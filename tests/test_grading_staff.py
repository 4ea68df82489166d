"""What teaching staff ask of `tlkit grade`: late days, points by hand, comments, numbers, feedback, a second look."""

import csv
import io
import json
import os
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from tests.grading_notebooks import LESSON, cell_id, make_notebook, write_submission
from tests.grading_results import EVIL, exercise, graded
from tests.test_grading_report import Page
from tests.test_grading_report_publish import ANSWER
from tlkit import cli
from tlkit.grading import grade as command
from tlkit.grading.find import read_submissions
from tlkit.grading.keep import SubmissionResult, read_results, write_result
from tlkit.grading.reports.summary import summarise

pytestmark = pytest.mark.slow

WRONG = {"messages": (f"You took the sum. {EVIL}",), "failed": ("is_mean",)}
TEXT = "I believe my figures. $x$ =1+1 \ud800"


def _exercises(points: float) -> tuple:
    status = {0: "wrong", 1: "partial", 2: "right"}[points]
    return exercise("1.3", points, 2, status, **(WRONG if points < 2 else {})), exercise("1.8", 0, 2, "manual")


@pytest.fixture
def course(tmp_path, monkeypatch) -> list[str]:
    """A graded class: `tlkit grade` with its results, where the grading itself is made up."""
    submitted, out = tmp_path / "submitted", tmp_path / "grades"
    submitted.mkdir()
    for learner, points in {"ana": 2, "bob": 1, "eva": 0}.items():
        cells = {cell_id("1.3"): ANSWER.replace("features", f"f_{learner}"), "essay-1-8": TEXT}
        path = write_submission(submitted, learner, make_notebook(cells))
        os.utime(path, (10**9, 10**9))
        (one,) = read_submissions([path])
        result = replace(graded(learner, *_exercises(points), lesson=LESSON), sha256=one.sha256)
        write_result(out, replace(result, max_points=4.0))
    monkeypatch.setattr(command, "grade_submissions", lambda *_, **__: [])
    return ["grade", str(submitted), "--out", str(out)]


def _table(course: list[str], name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO((Path(course[3]) / name).read_text(encoding="utf-8"), newline="")))


def _column(course: list[str], name: str, head: str) -> list[str]:
    heads, *rows = _table(course, name)
    return [row[heads.index(head)] for row in rows]


def test_late_days_are_in_every_table(course, tmp_path):
    deadlines = tmp_path / "deadlines.csv"
    deadlines.write_text("lesson,due,learner\n1,2001-09-07 12:00,\n1,2001-12-01,bob\n")
    assert cli.main([*course, "--deadlines", str(deadlines), "--late-penalty", "25", "--canvas", "--moodle"]) == 0
    assert [row[5] for row in _table(course, "canvas.csv")[2:]] == ["1", "1", "0"]
    assert [row[1] for row in _table(course, "moodle.csv")[1:]] == ["1", "1", "0"]
    assert _column(course, "grades.csv", "days_late") == ["2", "2", "0", "0", "2", "2"]
    assert _column(course, "grades.csv", "points") == ["2", "", "1", "", "0", ""]
    assert _column(course, "grades.csv", "counted") == ["1", "", "1", "", "0", ""]
    assert json.loads((Path(course[3]) / "grades.json").read_text())["results"][0]["late_share"] == 0.5
    page = " ".join(Page((Path(course[3]) / "learners" / "ana.html").read_text()).text.split())
    assert "2 days late: 50 % of 2 points lost" in page
    assert "2 days late, −50 %" in " ".join(Page((Path(course[3]) / "report.html").read_text()).text.split())


def _fill_in(course: list[str], learner: str, name: str, points: str, comment: str) -> None:
    heads, *rows = _table(course, "by_hand.csv")
    line = next((row for row in rows if (row[0], row[2]) == (learner, name)), None)
    if line is None:
        line = [learner, LESSON, name, "", "", ""]
        rows.append(line)
    line[3:5] = [points, comment]
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows([heads, *rows])
    (Path(course[3]) / "by_hand.csv").write_text("\ufeff" + file.getvalue(), encoding="utf-8")


def test_points_and_comments_by_hand_outlive_every_run(course):
    assert cli.main([*course, "--moodle"]) == 0
    assert _column(course, "by_hand.csv", "exercise") == ["1.8"] * 3
    assert _column(course, "by_hand.csv", "answer")[0].startswith("I believe my figures.")
    assert [row[2] for row in _table(course, "moodle.csv")[1:]] == ["", "", ""]
    _fill_in(course, "ana", "1.8", "1,5", "Which figure?")
    assert cli.main(course) == 0
    _fill_in(course, "eva", "1.3", "0.5", f"-{EVIL}")
    for _ in range(2):
        assert cli.main([*course, "--moodle", "--resume"]) == 0
        assert [row[1:] for row in _table(course, "moodle.csv")[1:]] == [["2", "1.5"], ["1", ""], ["0.5", ""]]
        assert _column(course, "grades.csv", "comment")[1] == "Which figure?"
        pages = [Page((Path(course[3]) / "learners" / f"{name}.html").read_text()) for name in ("ana", "eva")]
        assert "Comment: Which figure?" in pages[0].text
        assert "changed the points from 0 to 0.5" in pages[1].text
        assert "script" not in pages[1].tags
    assert len(_table(course, "by_hand.csv")) == 5


@pytest.mark.parametrize(("points", "match"), [("3", r"in \[0, 2\]"), ("two", "must be numbers")])
def test_points_by_hand_that_cannot_be(course, capsys, points, match):
    assert cli.main(course) == 0
    _fill_in(course, "ana", "1.8", points, "")
    assert cli.main(course) == 2
    assert match.replace("\\", "") in capsys.readouterr().err


def test_what_is_gone_from_the_folder_is_gone_from_the_tables(course, capsys):
    assert cli.main([*course, "--canvas"]) == 0
    (Path(course[1]) / f"bob_{LESSON}.ipynb").unlink()
    assert cli.main([*course, "--canvas", "--resume"]) == 0
    out = Path(course[3])
    assert "1 results of files that are gone" in capsys.readouterr().out
    for name in ("report.html", "grades.csv", "grades.json", "canvas.csv"):
        assert "bob" not in (out / name).read_text()
    assert sorted(path.name for path in (out / "learners").iterdir()) == ["ana.html", "eva.html"]
    assert (out / "results" / f"bob--{LESSON}.json").exists()


def test_numbers_instead_of_names(course):
    assert cli.main([*course, "--anonymous", "--canvas"]) == 0
    out = Path(course[3])
    numbers = dict(_table(course, "names.csv")[1:])
    assert sorted(numbers.values()) == ["ana", "bob", "eva"]
    assert {path.stem for path in (out / "learners").iterdir()} == {Path(n).stem for n in _page_stems(numbers)}
    for name in ("report.html", "grades.csv", "grades.json", "by_hand.csv"):
        assert not [who for who in ("ana_", "ana<", "ana,", '"ana"', "bob_") if who in (out / name).read_text()], name
    assert [row[0] for row in _table(course, "canvas.csv")[2:]] == ["ana", "bob", "eva"]
    number = next(number for number, learner in numbers.items() if learner == "ana")
    _fill_in(course, number, "1.8", "2", "Well said.")
    assert cli.main([*course, "--moodle"]) == 0  # with names again: what was written stays
    assert _table(course, "moodle.csv")[1] == ["ana", "2", "2"]
    assert "ana" in _column(course, "by_hand.csv", "learner")


def _page_stems(numbers: dict[str, str]) -> list[str]:
    from tlkit.grading.reports.report_files import page_name

    return [page_name(number) for number in numbers]


def test_feedback_stands_in_the_learners_own_notebook(course):
    _fill = cli.main([*course, "--feedback"])
    assert _fill == 0
    path = Path(course[3]) / "feedback" / f"eva--{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    names = [cell["id"] for cell in notebook["cells"]]
    assert names[0] == "feedback"
    assert names[names.index("exercise-1-3") + 1] == "feedback-1-3"
    assert names[names.index("essay-1-8") + 1] == "feedback-1-8"
    said = next(cell for cell in notebook["cells"] if cell["id"] == "feedback-1-3")["source"]
    assert "You took the sum." in said
    assert {"script", "img"}.isdisjoint(Page(said).tags)
    assert "f_eva" in next(cell for cell in notebook["cells"] if cell["id"] == "exercise-1-3")["source"]


def test_a_file_that_has_changed_gets_no_feedback(course, capsys):
    path = Path(course[1]) / f"eva_{LESSON}.ipynb"
    path.write_text(path.read_text() + "\n")
    assert cli.main([*course, "--feedback"]) == 0
    assert f"No feedback notebook for eva, {LESSON}: the file has changed" in capsys.readouterr().out


def test_alike_submissions_stand_side_by_side(course):
    assert cli.main(course) == 0
    out = Path(course[3])
    links = [href for href in Page((out / "report.html").read_text()).attributes["href"] if href.startswith("alike/")]
    assert len(set(links)) == 3
    page = Page((out / links[0]).read_text())
    assert page.tags.count("pre") == 2
    assert page.tags.count("mark") >= 8
    assert "for number, (images, own) in enumerate(dataset):" in page.text


def test_item_analysis():
    def lesson(*points: float) -> list[SubmissionResult]:
        return [
            graded(
                f"l{i}", exercise("1", p, 2, "partial"), exercise("2", i, 4, "partial"), exercise("3", 0, 1, "manual")
            )
            for i, p in enumerate(points)
        ]

    rising = {one.id: one for one in summarise(lesson(0, 1, 2))[0].exercises}
    assert (rising["1"].discrimination, rising["1"].tried, rising["3"].discrimination) == (1.0, 3, None)
    falling = {one.id: one for one in summarise(lesson(2, 1, 0))[0].exercises}
    assert falling["1"].discrimination == -1.0
    assert {one.discrimination for one in summarise(lesson(1, 1, 1))[0].exercises} == {None}


def test_regrade_says_what_changed_and_leaves_all_others(course, monkeypatch, capsys):
    def again(submissions, *_):
        for one in submissions:
            better = replace(exercise("1.8", 0, 2, "not attempted"))
            new = graded(one.learner, exercise("1.3", 2, 2, "right"), better, lesson=LESSON)
            yield replace(new, sha256=one.sha256, max_points=4.0)

    monkeypatch.setattr(command, "_grade_each", again)
    before = {one.learner: one for one in read_results(Path(course[3]))}
    assert cli.main([*course, "--regrade", "eva", "1.3"]) == 0
    said = capsys.readouterr().out
    assert f"eva, {LESSON}: 1.3: 0 (wrong), now 2 (right)." in said
    assert "1.8" not in said.split("by_hand")[0]
    after = {one.learner: one for one in read_results(Path(course[3]))}
    assert (after["ana"], after["bob"]) == (before["ana"], before["bob"])
    assert [one.status for one in after["eva"].exercises] == ["right", "manual"]
    assert cli.main([*course, "--regrade", "eva"]) == 0
    assert "1.8: 0 (manual), now 0 (not attempted)." in capsys.readouterr().out
    assert cli.main([*course, "--regrade", "nobody"]) == 2
    assert cli.main([*course, "--regrade", "eva", "1.99"]) == 2
    assert "Received: '1.99'" in capsys.readouterr().err


def test_ctrl_c_says_what_is_kept_and_how_to_go_on(course, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "grade_submissions", interrupted)
    assert cli.main(course) == 130
    said = capsys.readouterr().err
    assert "of 3 submissions are graded and kept in" in said
    assert "with --resume to continue" in said


def test_a_result_that_cannot_be_written_costs_itself_only(course, tmp_path, monkeypatch, capsys):
    monkeypatch.undo()
    written = []

    def full(out, result):
        if result.learner == "bob":
            raise OSError(28, "No space left on device")
        written.append(result.learner)

    monkeypatch.setattr(command, "write_result", full)
    monkeypatch.setattr(command, "_grade_each", lambda some, *_: (graded(one.learner, lesson=LESSON) for one in some))
    done = command.grade_submissions(read_submissions([Path(course[1])]), tmp_path / "new")
    assert written == [one.learner for one in done] == ["ana", "eva"]
    assert "No space left" in capsys.readouterr().err


def test_likeness_that_fails_costs_no_report(course, monkeypatch, capsys):
    from tlkit.grading import publish

    def broken(*_):
        raise MemoryError

    monkeypatch.setattr(publish, "similar_pairs", broken)
    assert cli.main(course) == 0
    assert "were not looked for: MemoryError" in capsys.readouterr().err
    assert (Path(course[3]) / "report.html").exists()


def test_roster_is_checked(course, tmp_path, capsys):
    roster = tmp_path / "roster.csv"
    roster.write_text("login,name\nana,Ana Ruiz\nbob,\nzoe,Zoe Late\n")
    assert cli.main([*course, "--roster", str(roster)]) == 0
    said = capsys.readouterr().out
    assert f"Roster: nothing from zoe for {LESSON}." in said
    assert "Not in the roster: eva." in said
