"""Reports: complete, readable by a spreadsheet and a browser, and harmless whatever a learner wrote."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest

from tests.grading_results import EVIL, LESSON, exercise, graded, made_up_class, refused
from tlkit.grading.reports.report_files import page_name, write_reports
from tlkit.grading.reports.similarity import SimilarPair
from tlkit.grading.reports.summary import summarise
from tlkit.grading.reports.tables import BY_HAND, canvas_table, csv_text, detail_table, moodle_table

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "=cmd|' /C calc'!A0", "＝1"]
EVERYTHING = ("csv", "json", "html", "canvas", "moodle")


class Page(HTMLParser):
    """The elements, attributes and text of a page, as a browser would find them."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.attributes, self.text = [], {}, ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value)

    def handle_data(self, data):
        self.text += data


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def _texts(folder, results, **more) -> dict[str, str]:
    paths = write_reports(results, folder, EVERYTHING, **more)
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in paths}


def test_every_file_is_written_and_again_the_same(tmp_path):
    texts = _texts(tmp_path, made_up_class())
    learners = [f"learners/{name}.html" for name in ("ada", "bob", "carl", "dora", "eve", "fay", "gus")]
    assert [*texts] == ["grades.csv", "grades.json", "report.html", *learners, "canvas.csv", "moodle.csv"]
    assert _texts(tmp_path, made_up_class()) == texts
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")) == sorted(texts)  # no left-overs


def test_unknown_format():
    with pytest.raises(ValueError, match=r"`formats` must be among csv.* Received: 'htm'. Did you mean 'html'"):
        write_reports([], None, ["htm"])


def test_details_hold_every_exercise():
    rows = detail_table(made_up_class())
    assert len(rows) == 1 + 5 * 3 + 2
    assert rows[4][:6] == ["bob", LESSON, f"{LESSON}.ipynb", "graded", "90.1", "Class means"]
    assert rows[4][6:10] == ["partial", "1", "2", "You took the sum: divide by the number of rows."]
    assert rows[3][6:9] == ["manual", "", "1"]  # no points, rather than 0, for what nobody has read
    assert rows[-1][3] == "crashed"
    assert rows[-1][9] == "The process was ended from inside."


def test_canvas():
    table = canvas_table(made_up_class())
    assert table[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LESSON, f"{LESSON} free text"]
    assert table[1] == ["Points Possible", "", "", "", "", "3.5", "1"]
    assert table[2] == ["ada", "", "", "ada", "", "3.5", ""]
    assert table[-1] == ["gus", "", "", "gus", "", "", ""]  # not graded: Canvas keeps what it has
    assert {len(row) for row in table} == {7}


def test_moodle():
    table = moodle_table(made_up_class())
    assert table[0] == ["username", f"{LESSON} (of 3.5)", f"{LESSON} free text (of 1)"]
    assert table[2] == ["bob", "2.5", ""]


def test_text_that_a_person_graded_is_exported():
    read = exercise("90.3", 0.5, 1, "manual", messages=(BY_HAND,))
    results = [graded("ada", exercise("90.1", 2, 2, "right"), read)]
    assert moodle_table(results)[1] == ["ada", "2", "0.5"]
    assert detail_table(results)[2][6:9] == ["manual", "0.5", "1"]


def test_two_lessons_are_two_columns_and_a_learner_one_row():
    results = [
        graded("ada", exercise("91.1", 1, 2, "partial"), lesson="91_next"),
        graded("bob", exercise("90.1", 2, 2, "right")),
        graded("ada", exercise("90.1", 2, 2, "right")),
    ]
    assert moodle_table(results)[1:] == [["ada", "2", "1"], ["bob", "2", ""]]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text):
    results = [graded(text, exercise(text, 0, 1, "wrong", messages=(text,), failed=(text,))), refused("zoe", text)]
    for table in (detail_table(results), canvas_table(results), moodle_table(results)):
        cells = [cell for row in _rows(csv_text(table)) for cell in row]
        assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))] == []
        assert any(text in cell for cell in cells)  # nothing is lost


@pytest.mark.parametrize("text", ["a,b", 'a"b', "a\nb", "a;b", "ä", "2.5"])
def test_cells_come_back_as_they_were(text):
    assert _rows(csv_text([[text, "x"]])) == [[text, "x"]]


@pytest.mark.parametrize(
    "where", ["learner", "lesson", "id", "title", "message", "failed", "file", "reason", "similar"]
)
def test_nothing_of_a_learner_becomes_markup(where, tmp_path):
    def evil(name: str, otherwise: str) -> str:
        return EVIL if name == where else otherwise

    wrong = exercise(
        evil("id", "90.1"), 0, 2, "wrong", messages=(evil("message", "No."),), failed=(evil("failed", "x"),)
    )
    object.__setattr__(wrong, "title", evil("title", "Class means"))
    results = [
        graded(evil("learner", "ada"), wrong, lesson=evil("lesson", LESSON)),
        refused("bob", evil("reason", "No.")),
    ]
    object.__setattr__(results[0], "file", evil("file", "a.ipynb"))
    pair = SimilarPair(results[0].learner, "bob", 0.9, (evil("similar", "exercise-90-1"),))
    texts = _texts(tmp_path, results, pairs={LESSON: [pair]})
    pages = {name: Page(text) for name, text in texts.items() if name.endswith(".html")}
    for page in pages.values():
        assert {"script", "img"}.isdisjoint(page.tags)
        assert [name for name in page.attributes if name.startswith("on")] == []
    assert any("<script>" in page.text and "{{ 7*7 }}" in page.text for page in pages.values())  # it is shown as text
    assert json.loads(texts["grades.json"])["results"][0]["learner"] == results[0].learner


def test_pages_ask_nobody_and_run_nothing(tmp_path):
    for name, text in _texts(tmp_path, made_up_class()).items():
        if name.endswith(".html"):
            page = Page(text)
            assert page.attributes["content"][1] == "default-src 'none'; style-src 'unsafe-inline'"
            assert {"script", "link", "iframe", "object"}.isdisjoint(page.tags)
            assert all(href.startswith("learners/") for href in page.attributes.get("href", []))
            assert "http" not in text.replace("http-equiv", "")
            assert "prefers-color-scheme: dark" in text


def test_page_of_the_class_says_what_is_hard_and_why(tmp_path):
    text = _texts(tmp_path, made_up_class())["report.html"]
    said = re.sub(r"\s+", " ", Page(text).text)
    assert "7 submissions" in said
    assert "5 with text to read" in said
    assert "2 not graded" in said
    assert said.index("90.1 Class means 40 %") < said.index("90.2 Shuffled 80 %")
    assert "is mean3" in said.replace(" 3", "3")
    assert "2 × You took the sum: divide by the number of rows." in said
    assert "1 × Expected means # and #, got [#. #.]." in said
    assert "The process was ended from inside." in said


def test_learners_see_only_themselves(tmp_path):
    texts = _texts(tmp_path, made_up_class(), pairs={LESSON: [SimilarPair("bob", "carl", 0.9, ("exercise-90-1",))]})
    assert "carl" in texts["report.html"]
    page = Page(texts["learners/bob.html"])
    assert "You took the sum" in page.text
    assert "partly right" in page.text
    assert [name for name in ("ada", "carl", "dora", "alike") if name in page.text] == []
    assert "no notebook" in Page(texts["learners/fay.html"]).text


def test_distribution_counts_every_graded_submission_once():
    lesson = summarise(made_up_class())[0]
    assert lesson.bins == (0, 0, 1, 0, 2, 0, 0, 1, 0, 1)  # of 3.5, for nobody has read the texts
    top = summarise([graded("ada", exercise("90.1", 2, 2, "right"))])[0]
    assert top.bins[-1] == 1


def test_nothing_graded_is_a_report_too(tmp_path):
    texts = _texts(tmp_path, [refused("fay", "No notebook.")])
    assert "– of 0 mean" in re.sub(r"\s+", " ", Page(texts["report.html"]).text)
    assert "0 learners" in Page(_texts(tmp_path, [])["report.html"]).text


@pytest.mark.parametrize(
    "hostile", ["../../etc/passwd", "", ".", "a/b", "a\\b", "x" * 300, "\ud800", "ada\n", "ＡＤＡ", "ADA"]
)
def test_page_names_stay_in_their_folder_and_apart(hostile):
    name = page_name(hostile)
    assert re.fullmatch(r"[\w._-]{1,90}\.html", name)
    assert name.lower() not in (page_name("ada"), page_name("passwd"), page_name(name[:-5].lower()))


def test_class_of_300_is_a_matter_of_seconds(tmp_path):
    template = made_up_class()[3]
    results = [graded(f"learner{i:03d}", *template.exercises) for i in range(300)]
    assert len(write_reports(results, tmp_path)) == 303
    assert (tmp_path / "report.html").stat().st_size < 2_000_000
