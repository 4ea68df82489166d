"""A data card by its schema, and a plan that is locked before anything is trained."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.exercises.lesson_14_your_own_question.shown import PLAN
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["DATA_CARD"]

KINDS = ("text", "count", "counts")


def _sound(kind: str, rng: np.random.Generator) -> object:
    """A value that a field of a kind may have."""
    if kind == "text":
        return " ".join(random_names(int(rng.integers(1, 4)), rng))
    few = rng.random() < 0.5  # as few as may be
    if kind == "count":
        return 1 if few else int(rng.integers(2, 2000))
    names = random_names(2 if few else int(rng.integers(3, 6)), rng)
    return dict(zip(names, [1, *rng.integers(1, 90, len(names) - 1).tolist()], strict=True))


def _schema(rng: np.random.Generator) -> dict[str, str]:
    """Two fields of each kind, or three, in any order."""
    kinds = mixed([*KINDS, *KINDS, *rng.choice(KINDS, 2).tolist()], rng)
    return dict(zip(random_names(len(kinds), rng), kinds, strict=True))


def _card(schema: dict[str, str], rng: np.random.Generator) -> dict[str, object]:
    """A card without fault, which says more than it must, in another order than the schema."""
    card = {name: _sound(kind, rng) for name, kind in schema.items()}
    card |= {"said later": "", "left out": 0}  # two words, as no drawn name has
    return {name: card[name] for name in mixed(list(card), rng)}


def _expect(card_faults: Callable, card: dict, schema: dict, truth: list[str], message: str) -> None:
    received = held(card_faults(dict(card), dict(schema)))
    fine = isinstance(received, list | tuple | set) and all(isinstance(name, str) for name in received)
    require(fine, f"Return a list of names of fields. Received: {in_words(received)}.")
    found = sorted(received)
    require(found == sorted(truth), f"The fields at fault were {sorted(truth)}, and the answer was {found}. {message}")


def _spoil(card_faults: Callable, kind: str, values: list, why: str) -> None:
    """Expect one or two fields of a kind to be at fault, and a card without fault to pass."""
    for rng in draws(2):
        for value in mixed([*values, None, ...], rng):
            schema = _schema(rng)
            names = mixed([name for name in schema if schema[name] == kind], rng)[: int(rng.integers(1, 3))]
            card = _card(schema, rng)
            if value is ...:
                _expect(card_faults, card, schema, [], "This card has all that the schema asks for, and more.")
            else:
                message = f"The kind {kind!r} was asked for, and {value!r} was there. {why}"
                _expect(card_faults, card | dict.fromkeys(names, value), schema, names, message)


def finds_what_is_missing(card_faults):
    """It names each field that the card lacks, and none that the schema does not ask for."""
    for rng in draws(3):
        for number in mixed([0, 1, 2, 3], rng):
            schema = _schema(rng)
            lost, card = mixed(list(schema), rng)[:number], _card(schema, rng)
            left = {name: value for name, value in card.items() if name not in lost}
            why = "A field may be missing, and a card may say more than the schema asks for."
            _expect(card_faults, left, schema, lost, why)


def empty_text_says_nothing(card_faults):
    """A text has words: an empty one, or one of spaces, is a fault."""
    _spoil(card_faults, "text", ["", "   ", "\n", 7, ["words"]], "A text is a string with more than spaces in it.")


def counts_are_whole_numbers(card_faults):
    """A count is a whole number above 0."""
    why = "A count is a whole number above 0; `True` is none, and neither is a number written as text."
    _spoil(card_faults, "count", [0, -3, 2.5, True, "12"], why)


def each_class_is_counted(card_faults):
    """Counts name at least two classes, with a count for each."""
    values = [{}, {"cat": 4}, {"cat": 4, "dog": 0}, {"cat": 4, "dog": "3", "owl": 2}, {"cat": 1.5, "dog": 2}, [4, 3]]
    why = "Counts are a dictionary of at least two classes, each with a whole number above 0."
    _spoil(card_faults, "counts", values, why)


def keeps_the_plan(prediction):
    """Your plan was locked before anything was trained."""
    return f"Locked: {'; '.join(f'{name}: {prediction[name]}' for name in PLAN)}."


def _plan(answer: object) -> None:
    """Test a plan: each part is said, and the smallest gain is a share."""
    if not isinstance(answer, dict) or set(answer) != set(PLAN):
        msg = f"The plan is a dictionary with the keys {list(PLAN)}. Received: {in_words(answer)}."
        raise CheckFailed(msg)
    for name in PLAN:
        is_gain, value = name == "smallest gain that pays", answer[name]
        if is_gain and not (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1):
            msg = f"{name!r} is a share from 0 to 1, such as 0.05 for 5 points. Received: {value!r}."
            raise CheckFailed(msg)
        if not is_gain and not (isinstance(value, str) and len(value.split()) > 1):
            msg = f"Say {name!r} in some words. Received: {value!r}."
            raise CheckFailed(msg)


DATA_CARD = Exercise(
    id="14.1",
    title="A data card by its schema",
    points=2,
    prediction=_plan,
    hints=(
        "Go through the fields of the schema, not through those of the card.",
        "One helper for each kind. `type(value) is int` is false for `True`, for 2.5 and for text.",
        "`[name for name, kind in schema.items() if name not in card or not FITS[kind](card[name])]`.",
    ),
    properties=(
        finds_what_is_missing,
        empty_text_says_nothing,
        counts_are_whole_numbers,
        each_class_is_counted,
        keeps_the_plan,
    ),
)
