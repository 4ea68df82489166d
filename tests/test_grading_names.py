"""Whose a file is: by its folder, by what Canvas and Moodle call it, by a roster; and which of several counts."""

import json
import os
import subprocess

import pytest

from tests.grading_results import exercise, graded
from tlkit.grading.deadlines import read_deadlines
from tlkit.grading.find import collect, find_submissions
from tlkit.grading.keep import SubmissionResult, result_path, write_result
from tlkit.grading.learner_names import is_safe, safe_name
from tlkit.grading.reports.report_files import page_name
from tlkit.grading.reports.tables import canvas_table
from tlkit.grading.roster import Person, Roster, read_roster

LESSON = "01_feature_extraction"
LESSONS = ["00_orientation", LESSON]


def _put(folder, *names, changed=0):
    for number, name in enumerate(names):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"cells": [], "of": str(name)}))
        os.utime(file, (changed + number, changed + number))


def _whose(paths, roster=None) -> dict[str, str]:
    """Return by learner the file that counts, or the reason why none does."""
    found = find_submissions(paths, LESSONS, roster)
    assert len({(one.learner, one.lesson) for one in found}) == len(found)
    return {one.learner: one.conflict or one.path.name for one in found}


def _left_out(paths) -> dict[str, str]:
    return {path.name: why for path, why in collect(paths).left_out}


@pytest.mark.parametrize("layout", ["submitted/ana/{}", "submitted/ana/" + LESSON + "/{}", "submitted/ana/deep/er/{}"])
@pytest.mark.parametrize("given", ["submitted", "submitted/*", "."])
def test_a_name_that_contradicts_the_folder_is_refused_and_touches_nobody(tmp_path, layout, given):
    _put(tmp_path, layout.format(f"bob_{LESSON}.ipynb"), f"submitted/bob/{LESSON}.ipynb")
    paths = sorted(tmp_path.glob(given)) if "*" in given else [tmp_path / given]
    whose = _whose(paths)
    assert list(whose) == ["ana", "bob"]
    assert "'bob'" in whose["ana"]
    assert "'ana'" in whose["ana"]
    assert whose["bob"] == f"{LESSON}.ipynb"


@pytest.mark.parametrize("evil", [f"bob/{LESSON}.ipynb", f"bob/{LESSON}/{LESSON}.ipynb", f"x/bob_{LESSON}.ipynb"])
def test_a_folder_within_a_learners_folder_makes_nobody_else(tmp_path, evil):
    _put(tmp_path, f"ana/{evil}", f"bob/{LESSON}.ipynb")
    assert set(_whose([tmp_path])) == {"ana", "bob"}
    assert set(_whose(sorted(tmp_path.glob("*")))) == {"ana", "bob"}
    assert set(_whose([*tmp_path.glob("*/*.ipynb")])) <= {"ana", "bob"}


@pytest.mark.slow
def test_a_file_of_ones_own_counts_beside_one_that_contradicts(tmp_path):
    _put(tmp_path, f"ana/bob_{LESSON}.ipynb", f"ana/{LESSON}-Copy1.ipynb")
    assert _whose([tmp_path]) == {"ana": f"{LESSON}-Copy1.ipynb"}
    assert "'bob'" in _left_out([tmp_path])[f"bob_{LESSON}.ipynb"]


def test_files_of_many_side_by_side_are_told_apart_by_their_names(tmp_path):
    names = [f"ana_{LESSON}.ipynb", f"ana.ruiz_b_{LESSON}.ipynb", f"Bob-{LESSON}.ipynb", f"c d {LESSON}.ipynb"]
    _put(tmp_path, *names)
    assert sorted(_whose([tmp_path]).values()) == sorted(names)
    assert set(_whose([tmp_path])) == {"ana", "ana.ruiz_b", "Bob", safe_name("c d")}
    assert _whose([tmp_path / name for name in names]) == _whose([tmp_path])


def test_two_shared_folders_may_be_given_together(tmp_path):
    _put(tmp_path, f"one/ana_{LESSON}.ipynb", f"one/bob_{LESSON}.ipynb", f"two/eva_{LESSON}.ipynb")
    _put(tmp_path, "two/fay_00_orientation.ipynb")
    assert set(_whose([tmp_path / "one", tmp_path / "two"])) == {"ana", "bob", "eva", "fay"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([f"{LESSON}-Copy1", LESSON, f"{LESSON} (1)", f"{LESSON}-1"], LESSON),
        ([f"{LESSON}-Copy2", f"{LESSON} (1)", f"{LESSON}-1"], f"{LESSON}-1"),
        ([f"{LESSON}-1", f"{LESSON}-Copy2"], f"{LESSON}-Copy2"),
        ([f"ana_{LESSON}", LESSON], LESSON),
        ([f"ana_{LESSON}-1", f"ana_{LESSON}"], f"ana_{LESSON}"),
    ],
)
def test_the_exact_name_counts_and_then_the_latest(tmp_path, names, expected):
    _put(tmp_path / "ana", *(f"{name}.ipynb" for name in names))
    assert _whose([tmp_path]) == {"ana": f"{expected}.ipynb"}
    assert len(_left_out([tmp_path])) == len(names) - 1
    assert all("which counts" in why for why in _left_out([tmp_path]).values())


def test_canvas(tmp_path):
    _put(
        tmp_path,
        f"lovelaceada_17_4021_{LESSON}.ipynb",
        f"lovelaceada_17_4020_{LESSON}-1.ipynb",
        f"hopper_g_LATE_18_4022_my_{LESSON}.ipynb",
        f"zola_19_4023_lovelaceada_{LESSON}.ipynb",
        f"anon_x7Ab3_4024_{LESSON}.ipynb",
        f"王小明_20_4025_{LESSON}.ipynb",
    )
    whose = _whose([tmp_path])
    assert set(whose) == {"lovelaceada_17", "hopper_g_18", "zola_19", "anon_x7Ab3", "王小明_20"}
    assert whose["lovelaceada_17"] == f"lovelaceada_17_4021_{LESSON}.ipynb"
    assert "'lovelaceada'" in whose["zola_19"]
    late = {one.learner: one.is_late for one in find_submissions([tmp_path], LESSONS)}
    assert (late["hopper_g_18"], late["lovelaceada_17"]) == (True, False)


@pytest.mark.parametrize("form", ["{}_{}_assignsubmission_file/{}", "{}_{}_assignsubmission_file_/{}"])
def test_moodle(tmp_path, form):
    _put(tmp_path, form.format("Ada Lovelace", 4021, f"{LESSON}.ipynb"))
    _put(tmp_path, form.format("Grace Hopper", 4022, f"mine_{LESSON}.ipynb"))
    _put(tmp_path, form.format("Émile Zola", 4023, f"grace hopper_{LESSON}.ipynb"))
    whose = _whose([tmp_path])
    assert set(whose) == {"Ada_Lovelace_4021", "Grace_Hopper_4022", "Émile_Zola_4023"}
    assert "'grace hopper'" in whose["Émile_Zola_4023"]


def test_moodle_without_folders(tmp_path):
    _put(tmp_path, f"Ada Lovelace_4021_assignsubmission_file_{LESSON}.ipynb")
    _put(tmp_path, f"Participant_7_assignsubmission_file_x_{LESSON}.ipynb")
    assert set(_whose([tmp_path])) == {"Ada_Lovelace_4021", "Participant_7"}


def test_composed_and_decomposed_letters_are_one(tmp_path):
    _put(tmp_path, f"Rene\u0301/{LESSON}.ipynb", f"Ren\u00e9/{LESSON} (1).ipynb")
    assert _whose([tmp_path]) == {"Ren\u00e9": f"{LESSON}.ipynb"}
    assert safe_name("\u1112\u1161\u11ab") == "한"


@pytest.mark.parametrize("name", ["मीरा", "عائشة", "王小明", "Ольга", "กานต์", "נועה", "தமிழ்", "strauß", "O.Neill+1@x"])
def test_a_name_in_any_script_stays_as_it_is(name):
    assert safe_name(name) == name
    assert page_name(name).startswith(name)
    assert is_safe(name)


def test_names_that_only_look_alike_are_two(tmp_path):
    _put(tmp_path, *(f"{name}/{LESSON}.ipynb" for name in ("strauß", "strauss", "Ana", "ana", "a b", "a_b")))
    learners = set(_whose([tmp_path]))
    assert len({name.lower() for name in learners}) == 6
    assert {"strauß", "strauss", "ana", "a_b"} <= learners


@pytest.mark.parametrize(
    "name", ["-rf", "--help", "-", "−x", "\u0301x", ".hidden", "_", "𠀀" * 80, "x" * 250, "\udcff"]
)
def test_no_file_name_is_an_option_or_too_long(tmp_path, name):
    learner, lesson = safe_name(name), safe_name(name + "y")
    path = write_result(tmp_path, SubmissionResult(learner, lesson, "x.ipynb", "", "refused", "No."))
    for made in (path.name, page_name(learner), page_name(name)):
        assert made[0].isalnum()
        assert len(made.encode()) <= 255
    assert path == result_path(tmp_path, learner, lesson)


@pytest.mark.slow
def test_any_file_name_is_found_and_harms_nobody(tmp_path):
    longest = "𠀀" * 58 + "_" + LESSON[:1]  # no lesson, 255 bytes with its ending
    names = [f"ana_{LESSON}.ipynb", f"{longest[:61]}.ipynb", "\udcff\udcfe.ipynb", f"a\nb_{LESSON}.ipynb"]
    for name in names:
        (tmp_path / name).write_text("{}")
    found = collect([tmp_path]).submissions
    assert len(found) == 4
    for one in found:
        write_result(tmp_path / "out", SubmissionResult(one.learner, one.lesson, one.file, "", "refused", one.refusal))
    assert len(list((tmp_path / "out" / "results").iterdir())) == 4


# --- a roster


def _roster(tmp_path, text: str) -> Roster:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(path)


def test_roster_names_learners_by_their_login(tmp_path):
    roster = _roster(
        tmp_path,
        "\ufeffLogin;Name;E-mail;File name\nal1;Ada Lovelace;ada@x.org;\ngh2;Hopper, Grace;;\nez3;Émile Zola;;zola_99\n"
        "tm4;Toni Morrison;tm@x.org;\n",
    )
    submitted = tmp_path / "submitted"
    _put(submitted, f"lovelaceada_17_4021_{LESSON}.ipynb", f"Grace Hopper_{LESSON}.ipynb", f"zola_99_{LESSON}.ipynb")
    _put(submitted, f"zoe_{LESSON}.ipynb")
    learners = set(_whose([submitted], roster))
    assert learners == {"al1", "gh2", "ez3", "zoe"}
    assert roster.missing(learners) == [Person("tm4", "Toni Morrison", "tm@x.org")]
    assert roster.unknown(learners) == ["zoe"]


def test_a_name_of_two_people_means_nobody(tmp_path):
    roster = _roster(tmp_path, "login,name\na1,Kim Lee\na2,Kim Lee\nkim,Kim Other\n")
    assert roster.find("Kim Lee") is None
    assert roster.find("nobody", "A1") == "a1"
    assert roster.find("kim") == "kim"


def test_canvas_tells_two_people_of_one_name_apart_by_their_ids(tmp_path):
    roster = _roster(
        tmp_path,
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay\nPoints Possible,,,,,5\n"
        '"Lee, Kim",17,s1,kim1,A,\n"Lee, Kim",18,s2,kim2,B,\n"Student, Test",19,,,A,\n',
    )
    submitted = tmp_path / "submitted"
    _put(submitted, f"leekim_17_4021_{LESSON}.ipynb", f"leekim_LATE_18_4022_{LESSON}.ipynb")
    assert set(_whose([submitted], roster)) == {"kim1", "kim2"}
    results = [graded(name, exercise("90.1", 2, 2, "right")) for name in ("kim1", "kim2", "eva")]
    rows = [row[:5] for row in canvas_table(results, roster)[2:]]
    assert rows[::2] == [["eva", "", "", "eva", ""], ["Lee, Kim", "18", "s2", "kim2", "B"]]
    assert rows[1][:3] == ["Lee, Kim", "17", "s1"]


def test_an_id_in_a_list_of_ones_own_is_not_that_of_canvas(tmp_path):
    assert _roster(tmp_path, "login,id\nada,4711\n").people["ada"].canvas_id == ""


@pytest.mark.parametrize(
    ("text", "match"),
    [("name,email\nx,y\n", "needs a column 'login'"), ("", "needs a column"), ("login\na\nA\n", "Received twice: a")],
)
def test_roster_that_cannot_be_used(tmp_path, text, match):
    with pytest.raises(ValueError, match=match):
        _roster(tmp_path, text)


# --- deadlines


def _deadlines(tmp_path, text: str, **policy):
    path = tmp_path / "deadlines.csv"
    path.write_text(text)
    return read_deadlines(path, LESSONS, Roster(), **policy)


def _graded(learner: str, lesson: str = LESSON) -> SubmissionResult:
    return SubmissionResult(learner, lesson, "x.ipynb", "0" * 64, "graded", points=10, max_points=10)


@pytest.mark.slow
def test_deadline_extension_late_days_and_penalty(tmp_path):
    _put(tmp_path / "in", f"ana_{LESSON}.ipynb", f"bob_{LESSON}.ipynb", f"eva_{LESSON}.ipynb")
    for name, when in (("ana", "2026-11-30 23:59"), ("bob", "2026-12-02 00:30"), ("eva", "2026-12-02 00:30")):
        _touch(tmp_path / "in" / f"{name}_{LESSON}.ipynb", when)
    rules = _deadlines(
        tmp_path, "lesson,due,learner\n1,2026-11-30,\n01_feature_extraction,2026-12-05 12:00,eva\n", percent_a_day=20
    )
    results = [_graded(name) for name in ("ana", "bob", "eva")]
    submissions = collect([tmp_path / "in"]).submissions
    assert [(one.days_late, one.counted) for one in rules.apply(results, submissions)] == [(0, 10), (2, 6), (0, 10)]
    free = _deadlines(tmp_path, "lesson,due\n1,2026-11-30\n", percent_a_day=20, free_days=1)
    assert [(one.free_days, one.counted) for one in free.apply(results, submissions)] == [(0, 10), (1, 8), (1, 8)]
    harsh = _deadlines(tmp_path, "lesson,due\n1,2026-11-01\n", percent_a_day=100)
    assert {one.counted for one in harsh.apply(results, submissions)} == {0}


def _touch(path, when: str) -> None:
    seconds = subprocess.run(["date", "-d", when, "+%s"], capture_output=True, text=True, check=True).stdout
    os.utime(path, (int(seconds), int(seconds)))


@pytest.mark.slow
def test_free_days_go_to_the_first_deadlines(tmp_path):
    _put(tmp_path / "in", f"ana_{LESSON}.ipynb", "ana_00_orientation.ipynb", changed=4 * 86400)
    rules = _deadlines(tmp_path, "lesson,due\n0,1970-01-04 00:00\n1,1970-01-03 00:00\n", percent_a_day=10, free_days=2)
    results = [_graded("ana", "00_orientation"), _graded("ana")]
    zeroth, first = rules.apply(results, collect([tmp_path / "in"]).submissions)
    assert (first.free_days, zeroth.free_days) == (2, 0)


@pytest.mark.slow
def test_the_time_of_a_submission(tmp_path):
    _put(tmp_path, f"ana/{LESSON}/{LESSON}.ipynb", changed=10**9)
    rules = _deadlines(tmp_path, "lesson,due\n1,2001-09-10\n", percent_a_day=10)
    (late,) = rules.apply([_graded("ana")], collect([tmp_path]).submissions)
    assert late.days_late == 0
    (tmp_path / "ana" / LESSON / "timestamp.txt").write_text("2001-09-12 15:58:23.948203 UTC\n")
    (late,) = rules.apply([_graded("ana")], collect([tmp_path]).submissions)
    assert late.days_late == 2
    told = _deadlines(tmp_path, "lesson,due,learner,received\n1,2001-09-10,,\n1,,ana,2001-09-11 01:00\n")
    (late,) = told.apply([_graded("ana")], collect([tmp_path]).submissions)
    assert late.days_late == 1


@pytest.mark.slow
def test_canvas_knows_who_is_late(tmp_path):
    _put(tmp_path / "in", f"ana_17_4021_{LESSON}.ipynb", f"bob_LATE_18_4022_{LESSON}.ipynb", changed=10**9)
    rules = _deadlines(tmp_path, "lesson,due\n1,1999-01-01\n", percent_a_day=10)
    results = rules.apply([_graded("ana_17"), _graded("bob_18")], collect([tmp_path / "in"]).submissions)
    assert [one.days_late for one in results] == [0, 1]


@pytest.mark.parametrize(
    ("text", "match"), [("lesson,due\n7,2026-01-01\n", "its number"), ("lesson,due\n1,soon\n", "a day or a time")]
)
def test_deadlines_that_cannot_be_read(tmp_path, text, match):
    with pytest.raises(ValueError, match=match):
        _deadlines(tmp_path, text)
    with pytest.raises(ValueError, match="0 or more"):
        _deadlines(tmp_path, "lesson,due\n", free_days=-1)
