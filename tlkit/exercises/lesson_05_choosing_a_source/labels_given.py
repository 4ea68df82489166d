"""The three settings of transfer, told apart by what may be learned from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.counts import count
from tlkit.exercises.lesson_05_choosing_a_source.shown import SETTINGS
from tlkit.exercises.trials import draws, mixed, random_names
from tlkit.selection import advise, setting_of

__all__ = ["WHICH_SETTING"]

Given = list[dict[str, Any]]
MISSPELT = f"Return one of {', '.join(map(repr, SETTINGS))}."


def _part(domain: str, use: str, num_labels: int, rng: np.random.Generator) -> dict[str, Any]:
    size = num_labels + int(rng.integers(0 if num_labels else 20, 400))
    return {"name": random_names(1, rng)[0], "domain": domain, "use": use, "images": size, "labels": num_labels}


def _truth(given: Given) -> str:
    has = {part["domain"] for part in given if part["use"] == "learn" and part["labels"] != 0}
    return SETTINGS[0] if "target" in has else SETTINGS[1] if "source" in has else SETTINGS[2]


def _some(rng: np.random.Generator) -> int:
    return int(rng.choice([1, 2, 7, int(rng.integers(10, 300))]))


def _expect(answer: Callable, given: Given, why: str) -> None:
    truth = _truth(given)
    received = held(answer([dict(part) for part in given]))
    require(isinstance(received, str) and received in SETTINGS, f"{MISSPELT} Received: {in_words(received)}.")
    told = "; ".join(f"{part['domain']}, to {part['use']}: {count(part['labels'], 'label')}" for part in given)
    require(received == truth, f"{told}: that is {truth!r}, and {received!r} came. {why}")


def _cases(rng: np.random.Generator) -> dict[str, Given]:
    """One of each setting, in its plain form."""
    return {
        "inductive": [_part("source", "learn", _some(rng), rng), _part("target", "learn", _some(rng), rng)],
        "transductive": [_part("source", "learn", _some(rng), rng), _part("target", "learn", 0, rng)],
        "unsupervised": [_part("source", "learn", 0, rng), _part("target", "learn", 0, rng)],
    }


def tells_the_three_apart(setting):
    """It tells the three settings apart by where there are labels."""
    for rng in draws(4):
        for given in mixed(list(_cases(rng).values()), rng):
            _expect(setting, mixed(given, rng), "Are there labels of the target? If not, of the source?")


def labels_for_judging_do_not_count(setting):
    """Labels that are kept for judging are not there to learn from."""
    for rng in draws(4):
        for given in mixed(list(_cases(rng).values()), rng):
            judged = [_part("target", "judge", _some(rng), rng), _part("source", "judge", _some(rng), rng)]
            _expect(setting, mixed([*given, *judged], rng), "Nothing may learn from labels that judge.")


def target_labels_are_enough(setting):
    """With target labels it is inductive, whether or not the source has any."""
    for rng in draws(3):
        without = [_part("source", "learn", 0, rng), _part("target", "learn", _some(rng), rng)]
        for given in mixed([without, *_cases(rng).values()], rng):
            _expect(setting, mixed(given, rng), "Labels of the target make it inductive, few or many.")


def one_part_among_many_is_enough(setting):
    """A few labels in one of several parts count, and the number of images does not."""
    for rng in draws(4):
        for given in mixed(list(_cases(rng).values()), rng):
            if _truth(given) != "unsupervised":
                given = [*given, _part("source", "learn", _some(rng), rng)]
            first, last = ([_part(domain, "learn", 0, rng) for domain in ("source", "target")] for _ in range(2))
            parts = [*mixed(first, rng), *mixed(given, rng), *mixed(last, rng)]
            _expect(setting, parts, "Look at all parts: any label to learn from counts.")


WHICH_SETTING = Exercise(
    id="5.8",
    title="Which setting is it?",
    points=2,
    kit_has=(
        setting_of,
        advise,
    ),
    hints=(
        "Which parts are there to learn from, and which of them have labels?",
        "Ask for the target first; only if it has none, ask for the source.",
        '`has = {part["domain"] for part in given if part["use"] == "learn" and part["labels"] > 0}`.',
    ),
    properties=(
        tells_the_three_apart,
        labels_for_judging_do_not_count,
        target_labels_are_enough,
        one_part_among_many_is_enough,
    ),
)
