"""An exercise that the kit could do, too, is not done by calling the kit; planted answers try it in the sandbox."""

import functools
import types

import pytest
from sklearn.metrics import adjusted_rand_score

import tlkit.measure
from tlkit.checks import CheckFailed, Exercise, all_exercises
from tlkit.checks.borrowed import PACKAGES, full_name, kit_functions_in
from tlkit.checks.grading import grade
from tlkit.grading.remote.exchange import Exchange
from tlkit.measure import paired_interval
from tlkit.measure import paired_interval as its_other_name

NAME = full_name(paired_interval)


def low_end(interval):
    """It is the lower end of the interval."""
    if interval([0.2, 0.3], [0.1, 0.1]) != paired_interval([0.2, 0.3], [0.1, 0.1]).low:
        raise CheckFailed("No.")


EXERCISE = Exercise("99.9", "t", 1, ("a", "b", "c"), (low_end,), kit_has=(paired_interval,))


def by_name(a, b):
    return paired_interval(a, b).low


def by_another_name(a, b):
    return its_other_name(a, b).low


def by_module(a, b):
    return tlkit.measure.paired_interval(a, b).low


def imported_inside(a, b):
    from tlkit.measure import paired_interval as hidden

    return hidden(a, b).low


def through_a_function(a, b):
    return by_name(a, b)


def in_a_lambda(a, b):
    return (lambda: paired_interval(a, b).low)()


def in_a_closure():
    mine = paired_interval
    return lambda a, b: mine(a, b).low


class OfOwn:
    def low(self, a, b):
        return paired_interval(a, b).low


BORROWED = [
    by_name,
    by_another_name,
    by_module,
    imported_inside,
    through_a_function,
    in_a_lambda,
    in_a_closure(),
    functools.partial(by_name),
    OfOwn().low,
]


@pytest.mark.parametrize("answer", BORROWED, ids=lambda answer: getattr(answer, "__name__", "partial"))
def test_an_answer_that_calls_the_kit_earns_nothing(answer):
    assert NAME in kit_functions_in(answer)
    [outcome] = grade(EXERCISE, (answer,), {})
    assert not outcome.passed
    assert outcome.message == ("Exercise 99.9 asks you to write this yourself. Your answer calls paired_interval.")


def test_an_answer_of_ones_own_may_call_the_rest_of_the_kit():
    from scipy import stats

    def own(a, b):
        """Named like the kit's, and with its words: paired_interval."""
        gains = tlkit.measure.mean_interval([x - y for x, y in zip(a, b, strict=True)])
        return gains.mean - (gains.high - gains.mean) * stats.norm.cdf(40)

    assert NAME not in kit_functions_in(own)
    [outcome] = grade(EXERCISE, (own,), {})
    assert "yourself" not in outcome.message


def test_a_module_that_does_not_exist_costs_no_more_than_the_answer():
    def slip(a, b):
        from tlkit.nothing import gone

        return gone(a, b).low

    [outcome] = grade(EXERCISE, (slip,), {})
    assert "ModuleNotFoundError" in outcome.message


def test_a_function_that_calls_itself_is_read_once():
    def again(number):
        return again(number - 1) if number else mine(number)

    def mine(number):
        return again(number)

    assert kit_functions_in(again) == set()


def test_what_scikit_learn_has_is_found_however_it_is_named():
    def imported(a, b):
        from sklearn.metrics import adjusted_rand_score as hidden

        return hidden(a, b)

    def by_its_module(a, b):
        from sklearn import metrics

        return metrics.adjusted_rand_score(a, b)

    def by_the_package(a, b):
        import sklearn.metrics

        return sklearn.metrics.adjusted_rand_score(a, b)

    wanted = full_name(adjusted_rand_score)
    for answer in (imported, by_its_module, by_the_package, lambda a, b: adjusted_rand_score(a, b)):
        assert wanted in kit_functions_in(answer)


def test_what_an_exercise_refuses_is_of_a_package_that_is_read():
    named = [function for exercise in all_exercises() for function in exercise.kit_has]
    assert named
    assert all(full_name(function).split(".")[0] in PACKAGES for function in named)


@pytest.mark.parametrize("reply", [ZeroDivisionError("gone"), None, 7, [[]]], ids=["error", "None", "number", "list"])
def test_whatever_another_process_says_of_an_answer_costs_no_more_than_the_answer(reply):
    class Remote:
        """A function of another process, whose reply is odd."""

        def __call__(self, a, b):
            return by_name(a, b)

        def kit_functions(self):
            if isinstance(reply, Exception):
                raise reply
            return reply

    [outcome] = grade(EXERCISE, (Remote(),), {})
    assert not outcome.passed
    assert type(reply).__name__ in outcome.message or "TypeError" in outcome.message


@pytest.mark.parametrize("reply", [None, 7, "name", ["a", 3, "b"]], ids=repr)
def test_names_from_the_sandbox_are_texts_or_nothing(reply):
    exchange = object.__new__(Exchange)
    exchange.peer = types.SimpleNamespace(request=lambda *_, **__: reply)
    assert exchange.kit_functions(0) == ({"a", "b"} if isinstance(reply, list) else set())
