"""The card that ends a lesson: kept with the progress, empty where nothing was written, never in the way."""

import pytest

from tlkit.checks import Exercise, one_of, predict
from tlkit.checks import exercise as exercise_module
from tlkit.checks.exercise import register
from tlkit.checks.lesson_card import lesson_card
from tlkit.checks.record import read_record


def fine(answer):
    """It is fine."""


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    common = {"points": 1, "hints": ("a", "b", "c"), "properties": (fine,)}
    register(
        Exercise(id="97.1", title="Which?", prediction=one_of("a", "b"), **common),
        Exercise(id="97.2", title="How many?", prediction=lambda answer: None, **common),
        Exercise(id="97.3", title="Without a guess", **common),
        Exercise(id="96.1", title="Elsewhere", **common),
    )
    yield
    for name in [name for name in exercise_module._REGISTERED if name.startswith(("96.", "97."))]:
        del exercise_module._REGISTERED[name]


def stub():
    raise NotImplementedError()


def beliefs():
    return {"97.1": "b, after all", "97.2": "few"}


def test_card_holds_the_three_columns():
    predict("97.1", "a")
    predict("97.2", {"x": [1, 2]})
    card = lesson_card(97, measured={"97.1": "b, in 5 of 5 seeds"}, believed=beliefs)
    assert card.rows[1:] == (
        ("97.1 Which?", "a", "b, in 5 of 5 seeds", "b, after all"),
        ("97.2 How many?", "x: 1, 2", "–", "few"),
    )
    assert card.state == "right"


def test_card_is_kept_for_another_notebook():
    lesson_card(97, measured={"97.1": "b"}, believed=beliefs)
    assert lesson_card(97).rows[1] == ("97.1 Which?", "–", "b", "b, after all")
    assert read_record()["exercises"]["97.1"]["believed"] == "b, after all"


def test_later_words_replace_earlier_ones_and_empty_ones_do_not():
    lesson_card(97, believed={"97.1": "first"})
    lesson_card(97, believed={"97.1": "second", "97.2": " "})
    assert [row[3] for row in lesson_card(97, believed={}).rows[1:]] == ["second", "–"]


@pytest.mark.parametrize("unwritten", [None, stub, lambda: None])
def test_what_is_not_written_leaves_the_column_empty(unwritten):
    card = lesson_card(97, measured={"97.1": "b"}, believed=unwritten)
    assert [row[3] for row in card.rows[1:]] == ["–", "–"]
    assert "2 of 2 entries in the last column are not written yet" in str(card)


def test_mistake_in_the_learners_words_is_said_and_stops_nothing():
    card = lesson_card(97, believed=lambda: ["97.1"])
    assert "`believed` must be a dictionary of texts" in str(card)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"lesson": 96}, r"`lesson` must .* with predictions: .*97.*\]\. Received: 96\."),
        ({"lesson": 97, "measured": {"97.3": "x"}}, r"`measured` must .*\['97.1', '97.2'\]\. Received: \['97.3'\]"),
        ({"lesson": 97, "believed": {"1.1": "x"}}, r"`believed` must .* Received: \['1.1'\]"),
        ({"lesson": 97, "measured": "text"}, r"`measured` must .* Received: 'text'"),
    ],
)
def test_card_refuses(arguments, match):
    with pytest.raises(ValueError, match=match):
        lesson_card(**arguments)
