"""No check believes an answer made by machine: one that does not look, or a right one with one operation changed.

All answers that do not look, and a sample of the changes: each twelfth in some lessons, each fortieth in the others.
`python -m tests.mutations` tries all of them, also on the exercises that are left out here, because their check trains
networks for more than two CPU seconds.
"""

import pytest

from tests import mutations
from tests.mutations import survivors
from tests.mutations_equivalent import EQUIVALENT
from tests.mutations_luck import Luck, lucks
from tlkit.checks import Exercise, all_exercises, register
from tlkit.checks import exercise as exercise_module
from tlkit.checks.exercise import require
from tlkit.checks.testing import Args
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import draws

TRAINED = {"2.1", "2.3"}  # 3 and 4 CPU seconds for a right answer; no other check takes one
EVERY, OFTEN = 40, 12
TRIED_OFTEN = (0, 1, 4)
IDS = [exercise.id for exercise in all_exercises() if exercise.id not in TRAINED]


@pytest.mark.slow
@pytest.mark.parametrize("exercise", IDS)
def test_no_blind_answer_earns_anything(exercise):
    assert survivors(exercise, kinds=("blind",)) == []


@pytest.mark.slow
@pytest.mark.parametrize("exercise", IDS)
def test_no_changed_answer_gets_full_marks(exercise):
    every = OFTEN if int(exercise.split(".")[0]) in TRIED_OFTEN else EVERY
    assert [one for one in survivors(exercise, every=every, kinds=("changed",)) if not one.reason] == []


def test_the_harness_finds_a_check_that_believes_everything(monkeypatch):

    def answers(double):
        """It gives a number."""
        double(3)

    def double(number):
        return number + number

    monkeypatch.setattr(exercise_module, "_REGISTERED", dict(exercise_module._REGISTERED))
    register(Exercise("0.99", "t", 1, ("a", "b", "c"), (answers,)))
    monkeypatch.setattr(mutations, "_table", lambda exercise: {"right": [_double]})
    found = {one.name for one in survivors("0.99")}
    assert {"always 6", "nan in the right form", "_double: number + number -> number - number"} <= found


def _double(number):
    return number + number


@pytest.mark.slow
def test_luck_is_multiplied_over_the_questions():
    def tells_odd_from_even(rest):
        """It tells odd from even."""
        for rng in draws(3):
            number = int(rng.integers(100))
            require(rest(number) == (0, 1)[number % 2], "It is not.")

    def keeps_fractions(rest):
        """It keeps fractions."""
        number = hidden_rng().uniform(3, 4)
        require(rest(number) == number - 2, "It is not.")

    exercise = Exercise("0.98", "t", 1, ("a", "b", "c"), (tells_odd_from_even, keeps_fractions))
    words, numbers = lucks(exercise, Args(_rest), 300)
    assert words.questions == 3
    assert words.has_passed
    assert 1 / 60 < words.chance < 1 / 15  # a third of the values 0, 1 and a fraction, three times
    assert numbers == Luck("keeps_fractions", 1, 1 / 300, has_passed=False)


def _rest(number):
    return number % 2 if number < 3 or isinstance(number, int) else number - 2


def test_what_is_explained_has_a_reason():
    assert all(reason for reasons in EQUIVALENT.values() for reason in reasons.values())
