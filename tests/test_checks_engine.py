"""The engine behind `check`, `hint`, `predict` and `progress`: states, messages, hints, predictions."""

import importlib
import pickle
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from tlkit.checks import CheckFailed, Exercise, check, find_exercise, hint, locked_prediction, one_of, predict, progress
from tlkit.checks import exercise as exercise_module
from tlkit.checks.exercise import register, require
from tlkit.checks.record import read_record
from tlkit.checks.testing import Args, assert_right, assert_wrong, table_faults

HINTS = ("Look at the sign.", "Use `abs`.", "return abs(x)")
GUESS = one_of("a", "b")


def is_positive(magnitude):
    """Results are never negative."""
    require(magnitude(-3) >= 0, "You kept the sign.")


def keeps_size(magnitude):
    """The size stays the same.

    A longer explanation for the author.
    """
    require(magnitude(-3) ** 2 == 9, f"The size of -3 is 3, not {abs(magnitude(-3))}.")


def sized(magnitude):
    """It is called, whatever it returns."""
    magnitude(1)


def predicted(prediction):
    """The prediction is compared."""
    return f"You predicted {prediction!r}."


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    """A home of its own, and three exercises that are forgotten afterwards."""
    monkeypatch.setenv("TLKIT_HOME", str(tmp_path / "home"))
    both = {"hints": HINTS, "properties": (is_positive, keeps_size)}
    register(
        Exercise(id="99.1", title="Magnitude", points=2, **both),
        Exercise(id="99.2", title="All or nothing", points=2, all_or_nothing=True, **both),
        Exercise(id="99.3", title="Guess", points=1, hints=HINTS, properties=(sized, predicted), prediction=GUESS),
    )
    yield
    for name in [name for name in exercise_module._REGISTERED if name.startswith(("98.", "99."))]:
        del exercise_module._REGISTERED[name]


def stub(x):
    raise NotImplementedError()


def only_docstring(x):
    """Return the magnitude."""


def dots(x): ...


def wrong_sign(x):
    return -3


def raises(x):
    return {}[x]


def exits(x):
    sys.exit("bye")


def calls_a_library_that_raises(x):
    return np.linalg.inv(np.zeros((2, 2)))


class Unfinished:
    def __call__(self, x):
        raise NotImplementedError("Keras says: layer has no call()")


@pytest.mark.parametrize(
    ("exercise_id", "answer", "points", "state"),
    [
        ("99.1", abs, 2.0, "right"),
        ("99.1", lambda x: (x * x) ** 0.5, 2.0, "right"),
        ("99.1", wrong_sign, 1.0, "partly"),
        ("99.2", wrong_sign, 0.0, "wrong"),
        ("99.2", abs, 2.0, "right"),
        ("99.1", raises, 0.0, "wrong"),
        ("99.1", exits, 0.0, "wrong"),
        ("99.1", Unfinished(), 0.0, "wrong"),
        ("99.1", stub, 0.0, "not attempted"),
        ("99.1", only_docstring, 0.0, "not attempted"),
        ("99.1", dots, 0.0, "not attempted"),
        ("99.1", None, 0.0, "not attempted"),
        ("99.1", ..., 0.0, "not attempted"),
        ("99.1", "not a function", 0.0, "wrong"),
        ("99.1", np.zeros(3), 0.0, "wrong"),
    ],
)
def test_state_and_points(exercise_id, answer, points, state):
    result = check(exercise_id, answer)
    assert (float(result), result.state) == (points, state)
    assert repr(result) == repr(points)  # nbgrader reads the text/plain of the cell as a number
    assert read_record()["exercises"][exercise_id]["points"] == points


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (abs, ["2 of 2 points", "✓ passed: Results are never negative."]),
        (
            wrong_sign,
            ["1 of 2 points so far", "✗ not yet: Results are never negative. You kept the sign.", "3 of 3 hints"],
        ),
        (stub, ["not attempted yet", 'hint("99.1")']),
        (raises, ["Your code raised KeyError: -3", "return {}[x]", "see above"]),
        (calls_a_library_that_raises, ["LinAlgError: Singular matrix", "return np.linalg.inv"]),
        (Unfinished(), ["Your code raised NotImplementedError: Keras says"]),
        (7, ["The check could not use this answer. TypeError: 'int' object is not callable"]),
    ],
)
def test_card_says_it_in_words(answer, expected):
    card = str(check("99.1", answer))
    assert all(text in card for text in expected), card
    assert "Traceback" not in card


def test_html_follows_the_theme_and_escapes():
    def evil(x):
        raise ValueError("<script>alert(1)</script>")

    page = check("99.1", evil)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "var(--jp-error-color1" in page
    assert "var(--jp-content-font-color1" in page
    assert "<code>hint(&quot;99.1&quot;)</code>" in page


def test_nothing_reaches_stderr(capfd):
    def noisy(x):
        print("a note", file=sys.stderr)
        warnings.warn("careful", UserWarning, stacklevel=1)
        return abs(x)

    assert check("99.1", noisy).state == "right"
    assert capfd.readouterr().err == ""


def test_long_error_is_cut():
    def shouts(x):
        raise ValueError("very " * 500)

    assert len(str(check("99.1", shouts))) < 800


def test_best_points_stay():
    check("99.1", abs)
    check("99.1", wrong_sign)
    check("99.1", stub)
    assert read_record()["exercises"]["99.1"] == {"attempts": 2, "of": 2, "points": 2.0}


def test_result_is_a_number():
    result = check("99.1", abs)
    assert result + 1 == 3
    assert pickle.loads(pickle.dumps(result)) == 2.0
    assert "Magnitude" in f"{result}"


def test_hints_come_one_by_one_and_are_counted():
    texts = [str(hint("99.1")) for _ in range(4)]
    for step, text in enumerate(texts[:3]):
        assert f"Hint {step + 1} of 3" in text
        assert HINTS[step] in text
        assert HINTS[step - 1] not in text
    assert all(step in texts[3] for step in HINTS)
    assert read_record()["exercises"]["99.1"]["hints"] == 3
    assert "0 of 3 hints left" in str(check("99.1", wrong_sign))


def test_prediction_is_locked():
    assert 'locked: "a"' in str(predict("99.3", "a"))
    refused = str(predict("99.3", "b"))
    assert "Your first answer stays" in refused
    assert "costs nothing" in refused
    assert locked_prediction("99.3") == "a"
    assert "You predicted 'a'." in str(check("99.3", abs))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("c", "one of 'a', 'b'. Received: 'c'"),
        (stub, "not attempted"),
        (lambda: None, "not attempted"),
        (..., "not attempted"),
        (lambda: {}["x"], "Your code raised KeyError"),
        (object(), "Received: object"),
    ],
)
def test_unusable_prediction_is_not_locked(answer, expected):
    answer = (lambda: stub(1)) if answer is stub else answer
    assert expected in str(predict("99.3", answer))
    assert "Predict first" in str(check("99.3", abs))
    assert 'locked: "b"' in str(predict("99.3", lambda: "b"))


def test_changed_prediction_is_noticed(tmp_path):
    predict("99.3", "a")
    path = tmp_path / "home" / "progress.json"
    path.write_text(path.read_text().replace('"answer": "a"', '"answer": "b"'))
    with pytest.raises(CheckFailed, match="changed after it was locked"):
        locked_prediction("99.3")


def test_arrays_can_be_predicted():
    def three_numbers(answer):
        require(len(answer) == 3, "Three numbers.")

    register(Exercise("99.4", "Counts", 1, HINTS, (sized, predicted), prediction=three_numbers))
    predict("99.4", np.array([1, 2, 3]))
    predict("99.4", (1, 2, 3))
    assert locked_prediction("99.4") == [1, 2, 3]


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: check("99.33", 1), "Did you mean '99.3'"),
        (lambda: hint("nonsense"), "must name an exercise, such as '1.3'. Received: 'nonsense'"),
        (lambda: predict("99.1", 1), "does not ask for a prediction. Exercises that do: .*99.3"),
        (lambda: Exercise("99.9", "x", 1, ("one",), (is_positive,)), "must have 3 hints"),
        (lambda: Exercise("99.9", "x", 1, HINTS, (wrong_sign,)), "needs a docstring"),
        (lambda: Exercise("99.9", "x", 1, HINTS, (sized,), given={"runs": abs}), r"99.9 asks for \['runs'\]"),
    ],
)
def test_errors_of_use(call, match):
    with pytest.raises(ValueError, match=match):
        call()


def test_a_property_gets_what_it_asks_for():
    def all_of_it(times, runs, prediction, magnitude):
        """It gets measured data, the prediction and the answer, in whatever order."""
        require(magnitude(runs) == 3 and times == [0.1] and prediction == "a", "Something else arrived.")

    given = {"runs": lambda rng: -3, "times": lambda rng: [0.1]}
    register(Exercise("99.5", "Measured", 3, HINTS, (is_positive, predicted, all_of_it), prediction=GUESS, given=given))
    assert float(check("99.5", abs, -3, [0.1])) == 1.0  # the other two ask for the prediction
    predict("99.5", "a")
    assert check("99.5", abs, -3, [0.1]).state == "right"
    assert check("99.5", abs, -3, times=[0.1]).state == "right"
    assert check("99.5", magnitude=abs, runs=-3, times=[0.1]).state == "right"
    for wrong in ((abs,), (abs, -3), (abs, -3, [0.1], 4)):
        assert "takes 1 answer and then runs, times, as measured" in str(check("99.5", *wrong))
    assert "takes 1 answer." in str(check("99.1", abs, abs))


def test_progress_lists_everything():
    check("99.1", wrong_sign)
    hint("99.1")
    predict("99.3", "a")
    text = str(progress())
    row = next(line for line in text.splitlines() if "Magnitude" in line)
    assert row.split() == ["99.1", "Magnitude", "1", "of", "2", "1", "1"]
    assert '"a"' in text
    assert "1 of " in text.splitlines()[0]
    assert "<table>" in progress()._repr_html_()


def test_progress_of_one_lesson_leaves_out_the_others():
    rows = str(progress(99)).splitlines()
    assert any("Magnitude" in row for row in rows)
    assert not any(row.startswith("1.1") for row in rows)
    assert "1.1" in str(progress())


def test_testing_helpers_catch_bad_checkers():
    assert_right("99.1", Args(abs))
    assert_wrong("99.1", wrong_sign, "kept the sign")
    with pytest.raises(AssertionError, match="this answer is right, but"):
        assert_right("99.1", wrong_sign)
    with pytest.raises(AssertionError, match="this answer is wrong, but"):
        assert_wrong("99.1", abs, "sign")
    with pytest.raises(AssertionError, match="no message matches 'units'"):
        assert_wrong("99.1", wrong_sign, "units")
    with pytest.raises(AssertionError, match="not attempted"):
        assert_wrong("99.1", stub, "sign")


GOOD_TABLE = {
    "right": [abs, lambda x: (x * x) ** 0.5],
    "wrong": [(wrong_sign, "kept the sign"), (lambda x: 1, "not 1"), (lambda x: 2, "not 2")],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"right": [abs]}, ["needs 2 right and 3 wrong answers, has 1 and 3"]),
        ({"wrong": GOOD_TABLE["wrong"][:2]}, ["has 2 and 2"]),
        ({"wrong": [*GOOD_TABLE["wrong"], (lambda x: 4, "not 2")]}, ["share a pattern", "no message matches"]),
        ({"wrong": [*GOOD_TABLE["wrong"], (lambda x: 2, "size of -3")]}, ["get the same messages"]),
        ({"wrong": [*GOOD_TABLE["wrong"], (abs, "x")]}, ["this answer is wrong, but the check says"]),
    ],
)
def test_table_faults(change, expected):
    faults = table_faults("99.1", GOOD_TABLE | change)
    assert len(faults) == len(expected)
    assert all(text in fault for text, fault in zip(expected, faults, strict=True))


def test_table_with_a_prediction():
    table = {"right": [abs, round], "wrong": [], "prediction": "a"}
    assert table_faults("99.3", table) == ["exercise 99.3: needs 2 right and 3 wrong answers, has 2 and 0"]
    assert "Predict first" in table_faults("99.3", {"right": [abs]})[1]


def test_rooms_load_by_id(tmp_path, monkeypatch):
    room = tmp_path / "lesson_98_topic"
    room.mkdir()
    (room / "__init__.py").write_text("from tlkit.exercises.lesson_98_topic.files import ONE\nEXERCISES = (ONE,)\n")
    (room / "files.py").write_text(
        "from tlkit.checks import Exercise\n"
        "def p(x):\n    'A property'\n"
        "ONE = Exercise('98.1', 'From a room', 1, ('a', 'b', 'c'), (p,))\n"
    )
    package = importlib.import_module("tlkit.exercises")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    monkeypatch.setattr(exercise_module, "_LOADED", set(exercise_module._LOADED))
    assert find_exercise("98.1").title == "From a room"
    assert Path(sys.modules.pop("tlkit.exercises.lesson_98_topic").__file__) == room / "__init__.py"
