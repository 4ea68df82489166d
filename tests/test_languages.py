"""Texts in other languages: found by what stands between their values, complete, and true to the English."""

import pytest
from babel.messages.catalog import Catalog

from tlkit.checks import Card, hint, predict
from tlkit.checks.cards import Result
from tlkit.checks.exercise import find_exercise
from tlkit.checks.grading import Outcome
from tlkit.languages import check_language, language, list_languages, page_words, translate
from tlkit.languages.catalogues import read_catalogue
from tlkit.languages.choice import FOLDER
from tlkit.languages.drift import compare, lost
from tlkit.languages.extract import texts_of_page, texts_of_python
from tlkit.lessons import catalogues
from tlkit.lessons.catalogues import english, faults, renew

CATALOGUES = sorted(FOLDER.glob("*/*.po"))
ENGLISH = {
    "# Why?\n\nCall `fit` for 10 epochs, see [this](https://keras.io).": ["cell-00"],
    "It has {num} rows.": ["a.py"],
}
GERMAN = ("# Warum?\n\nRufe `fit` für 10 Epochen auf, siehe [hier](https://keras.io).", "Es hat {num} Zeilen.")


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TLKIT_LANGUAGE", raising=False)


@pytest.fixture
def german(monkeypatch):
    monkeypatch.setenv("TLKIT_LANGUAGE", "de")


def _catalogue(*translations: str) -> Catalog:
    catalogue = Catalog("de")
    for text, translation in zip(ENGLISH, translations, strict=False):
        catalogue.add(text, translation)
    return catalogue


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_catalogue_is_complete_and_true_to_the_english(path):
    if read_catalogue(path).fuzzy:
        pytest.skip("its header says that it is not finished")
    assert faults(path.stem, path.parent.name) == []


def test_german_and_hindi_have_the_first_lessons_the_cards_and_the_widgets():
    finished = {(path.parent.name, path.stem) for path in CATALOGUES if not read_catalogue(path).fuzzy}
    domains = ("00_orientation", "01_feature_extraction", "kit", "widgets")
    assert finished >= {(code, domain) for code in ("de", "hi") for domain in domains}


def test_whole_catalogue_has_no_faults():
    assert compare(ENGLISH, _catalogue(*GERMAN)) == []


@pytest.mark.parametrize(
    ("texts", "catalogue", "expected"),
    [
        (ENGLISH, _catalogue(GERMAN[0]), ["a.py: not translated: It has {num} rows."]),
        (ENGLISH, _catalogue(GERMAN[0], ""), ["a.py: not translated: It has {num} rows."]),
        ({}, _catalogue("Alt"), ["no longer said in English: # Why? Call `fit` for 10 epochs"]),
        (
            {"It has {num} columns.": ["a.py"], next(iter(ENGLISH)): ["cell-00"]},
            _catalogue(*GERMAN),
            ["a.py: changed since it was translated: It has {num} columns.", "no longer said in English: It has {num}"],
        ),
        (ENGLISH, _catalogue(GERMAN[0], "Es hat Zeilen."), ["a.py: the translation lacks placeholder {num}"]),
    ],
    ids=["missing", "empty", "gone", "changed", "lost"],
)
def test_drift_is_found(texts, catalogue, expected):
    found = compare(texts, catalogue)
    assert len(found) == len(expected)
    assert all(one.startswith(start) for one, start in zip(found, expected, strict=True))


def test_fuzzy_translation_is_neither_complete_nor_shown(tmp_path, monkeypatch):
    catalogue = _catalogue(*GERMAN)
    catalogue["It has {num} rows."].flags.add("fuzzy")
    assert compare(ENGLISH, catalogue) == ["a.py: changed since it was translated: It has {num} rows."]


@pytest.mark.parametrize(
    ("translation", "expected"),
    [
        ("Warum?\n\nRufe `fit` für 10 Epochen auf, siehe [hier](https://keras.io).", "heading or item #"),
        ("# Warum?\n\nRufe `fitte` für 10 Epochen auf, siehe [hier](https://keras.io).", "code `fit`"),
        ("# Warum?\n\nRufe `fit` für 100 Epochen auf, siehe [hier](https://keras.io).", "number 10"),
        ("# Warum?\n\nRufe `fit` für 10 Epochen auf, siehe [hier](https://keras.de).", "link https://keras.io"),
    ],
)
def test_what_a_translation_lost_is_found(translation, expected):
    assert lost(next(iter(ENGLISH)), translation) == [expected]


def test_marks_of_decimals_and_thousands_and_line_breaks_in_code_may_differ():
    assert lost("1,000 images at 0.5, `a + b`", "1.000 Bilder bei 0,5, `a +\nb`") == []


def test_command_adds_what_is_new_and_keeps_what_is_translated(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogues, "english", lambda domain: {"One text here.": ["a.py"]})
    path = renew("kit", "de")
    assert read_catalogue(path).fuzzy
    path.write_text(path.read_text().replace('here."\nmsgstr ""', 'here."\nmsgstr "Ein Text hier."'))
    monkeypatch.setattr(catalogues, "english", lambda domain: {"One text here!": ["a.py"], "Quite another.": ["b.py"]})
    assert catalogues.main(["de"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "kit: a.py: changed since it was translated: One text here!",
        "kit: b.py: not translated: Quite another.",
    ]
    assert '#| msgid "One text here."' in path.read_text()


def test_domain_that_is_not_there():
    with pytest.raises(ValueError, match=r"one of kit, widgets, 00_orientation.*Received: '77_nothing'"):
        english("77_nothing")


def test_texts_of_python_are_sentences_that_a_learner_sees(tmp_path):
    source = '''"""A module."""
__all__ = ["One"]
class CheckFailed(Exception):
    """One of many."""
def has_rows(answer: "Some Type") -> None:
    """It has rows.

    More about it.
    """
    require(answer, f"It has {len(answer):.0f} rows, {'no more'!r} than that.")
    msg = "That is for who wrote the call."
    raise ValueError(msg)
def _helper():
    """Not a property."""
    msg = "The prediction is wrong."
    raise CheckFailed(msg)
TITLE, key = "Rows", "word"
'''
    (tmp_path / "a.py").write_text(source)
    found = ["It has rows.", "It has {len(answer)} rows, {'no more'} than that.", "no more", "The prediction is wrong."]
    assert texts_of_python(tmp_path / "a.py", properties=True) == [*found, "Rows"]
    assert texts_of_python(tmp_path / "a.py") == [*found[1:], "Rows"]


def test_texts_of_a_page_are_numbered():
    assert texts_of_page("say`${a + 1} of ${b}`; gainsay`no`; say`Train`") == ["{0} of {1}", "Train"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Read a learning curve", "Eine Lernkurve lesen"),
        (
            "Exercise 0.1 · Read a learning curve: 0.5 of 1 points so far",
            "Aufgabe 0.1 · Eine Lernkurve lesen: bisher 0.5 von 1 Punkten",
        ),
        ("Return one number, of seconds. Received: [1, 2].", "Gib eine Zahl zurück: die Sekunden. Erhalten: [1, 2]."),
        (
            "Counting only looks. Received 0.5000; the share is 0.2500.",
            "Zählen heißt nur nachsehen. Erhalten: 0.5000; der Anteil ist 0.2500.",
        ),
        ("finished after 5 epochs", "beendet nach 5 Epochen"),
        (
            "Return one of ['a', 'b']. Received: the function f.",
            "Gib eines von ['a', 'b'] zurück. Erhalten: die Funktion f.",
        ),
        ("Three of them lie within five points of the others.", None),
        ("Out of bag", None),  # what a lesson without a catalogue says is not translated in part
        ("Return one of the names, here ['a']. Received: 3.", None),
        ("Return a list of names. Received: 3.", None),
        ("Name a layer. Received: 3.", None),
        ("", None),
    ],
)
def test_text_is_found_by_what_stands_between_its_values(german, text, expected):
    assert translate(text) == (text if expected is None else expected)
    assert translate(text, "en") == text


def test_language_is_english_unless_it_is_chosen(monkeypatch):
    assert (language(), page_words()) == ("en", {})
    assert list_languages()[0] == "en"
    monkeypatch.setenv("TLKIT_LANGUAGE", "hi")
    assert language() == page_words()[""] == "hi"


def test_language_that_is_not_there(monkeypatch):
    expected = r"one of en \(English\), de \(German\), hi \(Hindi\)\. Received: 'hi-IN'"
    with pytest.raises(ValueError, match=expected):
        check_language("hi-IN")
    monkeypatch.setenv("TLKIT_LANGUAGE", "hi-IN")
    with pytest.raises(ValueError, match=expected):
        str(Card("Any card"))


def test_card_in_german(german):
    exercise = find_exercise("0.4")
    outcomes = [
        Outcome("The most likely name comes first", False, "The 4 most likely names are 1. Received 2."),
        Outcome("Each name keeps its own probability", True),
        Outcome("It gives `k` names, or all of them if there are fewer", True),
    ]
    card = Result(exercise, outcomes).card()
    assert str(card).splitlines() == [
        "Aufgabe 0.4 · Die wahrscheinlichsten Namen: bisher 0.67 von 1 Punkten",
        "✗ noch nicht: Der wahrscheinlichste Name steht zuerst. Die 4 wahrscheinlichsten Namen sind 1. Erhalten: 2.",
        "✓ bestanden: Jeder Name behält seine eigene Wahrscheinlichkeit.",
        "✓ bestanden: Es liefert `k` Namen, oder alle, wenn es weniger sind.",
        'Kommst du nicht weiter? `hint("0.4")` hilft; 3 von 3 Tipps sind übrig.',
    ]
    assert card._repr_html_().startswith('<div lang="de" style=')
    assert outcomes[0].message.startswith("The 4 most likely")  # what is kept and graded is English


def test_hint_and_prediction_in_german(german):
    assert str(hint("0.1")).startswith("Tipp 1 von 3 zu Aufgabe 0.1\nZwei Listen sind hier wichtig:")
    assert str(predict("0.1", "better")).startswith('Die Vorhersage zu 0.1 ist festgehalten: "better"\nFühre nun')
    assert "Die Vorhersage muss ein Prozentsatz von 0 bis 100 sein. Erhalten: 'x'." in str(predict("0.5", "x"))


def test_english_card_has_no_language():
    assert "lang=" not in Card("Any card")._repr_html_()
