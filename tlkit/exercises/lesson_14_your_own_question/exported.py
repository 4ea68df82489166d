"""An exported model that tests itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_14_your_own_question.shown import FAULTS, SHRUNK
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["SELF_TEST"]

BOTH = ("together", "alone")  # ways of asking for the same photos


def _kit(rng: np.random.Generator) -> dict:
    """What was kept beside the model: probabilities of some photos, and the names of the classes."""
    classes, photos = int(rng.integers(3, 7)), int(rng.integers(8, 20))
    return {
        "probabilities": rng.dirichlet(np.full(classes, 0.3), photos),
        "class_names": random_names(classes, rng),
    }


def _as_kept(kit: dict, rng: np.random.Generator, size: float = 0.0) -> dict:
    """What a model serves that differs from the kept probabilities by up to `size`."""
    kept = kit["probabilities"]
    ways = {way: kept + rng.uniform(-size, size, kept.shape) for way in BOTH}
    return ways | {"class_names": list(kit["class_names"])}


def _expect(self_test: Callable, kit: dict, served: dict, tolerance: float, truth: list[str], message: str) -> None:
    copies = [{name: value.copy() for name, value in each.items()} for each in (kit, served)]
    received = held(self_test(*copies, tolerance))
    fine = isinstance(received, list | tuple | set) and all(name in FAULTS for name in received)
    require(fine, f"Return a list of names out of {list(FAULTS)}. Received: {in_words(received)}.")
    found = sorted(received)
    if "alone" in found and "alone" not in truth and "values" in truth:
        message = "`alone` is compared with `together`, and not with the kit: here, these two are equal."
    elif set(truth) < set(found):
        message = f"{', '.join(sorted(set(found) - set(truth)))}: this is no fault here."
    require(found == sorted(truth), f"The faults were {sorted(truth)}; the answer was {found}. {message}")


def _expect_sound(self_test: Callable, rng: np.random.Generator) -> None:
    kit, tolerance = _kit(rng), float(10 ** rng.uniform(-5, -3))
    why = f"Rounding changes probabilities by less than the tolerance, {tolerance:.1e}."
    _expect(self_test, kit, _as_kept(kit, rng, tolerance / 3), tolerance, [], why)


def one_wrong_value_is_found(self_test):
    """It finds one wrong probability among many, though the named class stays the same."""
    why = "The *largest* absolute difference counts: a mean hides one photo, and the named class hides nearly all."
    for rng in draws(3):
        for sign in mixed([-1, 0, 1], rng):
            if not sign:
                _expect_sound(self_test, rng)
                continue
            kit, tolerance = _kit(rng), float(10 ** rng.uniform(-5, -3))
            served = _as_kept(kit, rng)
            place = tuple(rng.integers(size) for size in kit["probabilities"].shape)
            for name in BOTH:
                served[name][place] += sign * 2 * tolerance
            _expect(self_test, kit, served, tolerance, ["values"], why)


def nan_is_not_equal(self_test):
    """It notices what is no number."""
    for rng in draws(2):
        for value, where in mixed([(np.nan, BOTH), (np.inf, BOTH), (np.nan, BOTH[:1]), (np.inf, BOTH[1:])], rng):
            kit = _kit(rng)
            served = _as_kept(kit, rng)
            row = int(rng.integers(len(kit["probabilities"])))
            for name in where:
                served[name][row, 0] = value
            why = "A comparison with NaN is never true: ask `np.isfinite` first, and judge no values then."
            _expect(self_test, kit, served, 1e-4, ["not finite"], why)
        _expect_sound(self_test, rng)


def another_shape_is_found(self_test):
    """It notices another shape, though NumPy would stretch it."""
    for rng in draws(2):
        kit = _kit(rng)
        kit["probabilities"] = np.full_like(kit["probabilities"], 1 / len(kit["class_names"]))
        for cut, where in mixed([("one class", BOTH), ("one photo", BOTH[:1]), ("flat", BOTH[1:])], rng):
            served = _as_kept(kit, rng)
            for name in where:
                one = {"one class": served[name][:, :1], "one photo": served[name][:1], "flat": served[name][0]}
                served[name] = one[cut]
            why = "NumPy stretches an axis of 1 without a word: compare the shapes first, and judge no values then."
            _expect(self_test, kit, served, 1e-4, ["shape"], why)
        _expect_sound(self_test, rng)


def the_order_of_classes_counts(self_test):
    """It notices names in another order, and other names."""
    for rng in draws(2):
        for turn in mixed(range(3), rng):
            kit = _kit(rng)
            served = _as_kept(kit, rng)
            names = served["class_names"]
            if turn == 0:
                names[0], names[-1] = names[-1], names[0]
            elif turn == 1:
                names[int(rng.integers(len(names)))] += "s"
            why = "The third probability means nothing without the third name: compare the lists, not the sets."
            _expect(self_test, kit, served, 1e-4, ["classes"] if turn < 2 else [], why)


def a_photo_alone_is_the_same_photo(self_test):
    """It notices that a photo alone gets other probabilities than among others."""
    for sign, rng in zip((-1, 1, -1, 1), draws(4), strict=True):
        kit, tolerance = _kit(rng), float(10 ** rng.uniform(-5, -3))
        served = _as_kept(kit, rng)
        row = int(rng.integers(len(kit["probabilities"])))
        served["alone"][row, kit["probabilities"][row].argmax()] += sign * tolerance * rng.uniform(3, 30)
        why = "Compare `alone` with `together`: a model in training mode looks at the whole batch."
        both = _as_kept(kit, rng)
        for name in BOTH:
            both[name][row] += 5 * tolerance
        both["class_names"] = both["class_names"][::-1]
        cases = [(served, ["alone"], why), (both, ["classes", "values"], "Name all faults, not only the first.")]
        for case, truth, message in mixed(cases, rng):
            _expect(self_test, kit, case, tolerance, truth, message)


def reconciles_the_shrunken(agreement, prediction):
    """Your prediction is compared with your own shrunken models."""
    fine = isinstance(agreement, dict) and set(agreement) == {"float16", "int8"}
    require(fine, "`agreement` must hold a share for 'float16' and for 'int8', as measured.")
    told = ", ".join(f"{name} {float(share):.1%}" for name, share in agreement.items())
    return f"You predicted {prediction!r}. Here, the same class as before for this share of the photos: {told}."


SELF_TEST = Exercise(
    id="14.8",
    title="An export that tests itself",
    points=2,
    prediction=one_of(*SHRUNK),
    given={"agreement": lambda rng: {"float16": float(rng.uniform(0.9, 1)), "int8": float(rng.uniform(0.8, 1))}},
    hints=(
        "Names first, then shapes, then `np.isfinite`; values are only judged if shapes and numbers are sound.",
        "`np.abs(together - kept).max() > tolerance` is the fault of the values; `alone - together` is another one.",
        "`if together.shape != kept.shape: ...`, `elif not np.isfinite(together).all(): ...`, `else:` two comparisons.",
    ),
    properties=(
        one_wrong_value_is_found,
        nan_is_not_equal,
        another_shape_is_found,
        the_order_of_classes_counts,
        a_photo_alone_is_the_same_photo,
        reconciles_the_shrunken,
    ),
)
