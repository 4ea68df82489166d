"""The networks that no other beats, as far as the milliseconds go."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.exercises.trials import draws, mixed, random_names
from tlkit.plots import pareto_front

__all__ = ["WHICH_ARE_UNBEATEN"]

Table = dict[str, tuple]  # milliseconds and accuracy; `None` where one is not known


def _beats(one: tuple, other: tuple) -> bool:
    """Whether a network is as good in both, and better in one."""
    return one[0] <= other[0] and one[1] >= other[1] and one != other


def _unbeaten(networks: dict, limit: float) -> list:
    known = {name: row for name, row in networks.items() if None not in row and row[0] <= limit}
    front = [name for name, row in known.items() if not any(_beats(other, row) for other in known.values())]
    return sorted(front, key=lambda name: known[name][0])


def _draw(rng: np.random.Generator, *, equal: bool = False, unknown: bool = False) -> tuple[Table, float]:
    """Networks on and below a rising curve, whose names say nothing, and a limit that cuts some off."""
    num = int(rng.integers(9, 14))
    times = np.round(np.sort(rng.uniform(5, 300, num)), 1)
    top = np.round(0.6 + 0.04 * np.log(times) - np.where(rng.random(num) < 0.45, rng.uniform(0.01, 0.1, num), 0), 3)
    rows: list[tuple] = list(zip(times.tolist(), top.tolist(), strict=True))
    if equal:  # as fast and worse; as accurate and slower: both are beaten
        best = _unbeaten(dict(enumerate(rows)), 300.0)
        for time, accuracy in [rows[row] for row in best]:
            rows += [(time, round(accuracy - 0.02, 3)), (round(time + 0.4, 1), accuracy)]
    if unknown:
        rows += [(None, 0.99), (1.0, None), (None, None)]
    rows = mixed(list(dict.fromkeys(rows)), rng)  # no two are equal in both
    limit = float(np.sort(times)[int(rng.integers(num // 2, num - 1))])
    return dict(zip(random_names(len(rows), rng), rows, strict=True)), limit


def _expect(answer: Callable, networks: Table, limit: float, why: str) -> None:
    truth = _unbeaten(networks, limit)
    received = held(answer(dict(networks), limit))
    fine = isinstance(received, list | tuple) and all(isinstance(name, str) for name in received)
    require(fine, f"Return a list of names. Received: {in_words(received)}.")
    found = list(received)
    if sorted(found) == sorted(truth) and found != truth:
        require(False, f"The names are right, their order is not: the fastest first. Expected {truth}, got {found}.")
    for name in found:
        if name not in truth:
            raise CheckFailed(_too_many(name, networks, limit))
    left = [name for name in truth if name not in found]
    require(not left, f"{left} of {limit:g} ms or less were left out, though no other network beats them. {why}")
    require(len(found) == len(set(found)), f"A name stands twice in {found}.")


def _too_many(name: str, networks: Table, limit: float) -> str:
    row = networks.get(name)
    if row is None:
        return f"There is no network {name!r}."
    if None in row:
        return f"Of {name!r} one number is not known ({row}): it can be compared with nothing, and is left out."
    if row[0] > limit:
        return f"{name!r} takes {row[0]} ms, and {limit:g} ms can be afforded. Exactly that much would be allowed."
    best = next(other for other, its in networks.items() if None not in its and _beats(its, row))
    return (
        f"{name!r} with {row[0]} ms and {row[1]:.1%} is beaten by {best!r} with {networks[best][0]} ms and "
        f"{networks[best][1]:.1%}: one that is as good in both, and better in one, beats."
    )


def names_those_that_none_beats(unbeaten):
    """It names those that no other affordable network beats, the fastest first."""
    for rng in draws(4):
        _expect(unbeaten, *_draw(rng), "One that is slower, and more accurate, is not beaten.")


def spends_no_more_than_there_is(unbeaten):
    """A network that takes exactly as long as can be afforded is in, a slower one is out."""
    for rng in draws(3):
        networks, _ = _draw(rng)
        times = sorted(row[0] for row in networks.values() if row[0] is not None)
        limit = networks[_unbeaten(networks, times[-1])[-1]][0]
        assert limit is not None
        _expect(unbeaten, networks, limit, "Exactly that much can be afforded.")
        _expect(unbeaten, networks, times[0] - 1, "Nothing can be afforded: an empty list.")


def equal_in_one_is_still_beaten(unbeaten):
    """One that is as fast and less accurate, or as accurate and slower, is beaten."""
    for rng in draws(4):
        _expect(unbeaten, *_draw(rng, equal=True), "Only one that is better in one, and no worse in the other, beats.")


def leaves_out_what_is_not_known(unbeaten):
    """A network without a time or an accuracy is left out, and beats nobody."""
    for rng in draws(3):
        _expect(unbeaten, *_draw(rng, unknown=True), "What is not known beats nobody.")


def _number_of_networks(answer: object) -> None:
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer <= 40:
        msg = f"The prediction must be a whole number from 0 to 40. Received: {answer!r}."
        raise CheckFailed(msg)


def reconciles_the_front(front, prediction):
    """Your prediction is compared with the table."""
    fine = isinstance(front, list | tuple) and front and all(isinstance(name, str) for name in front)
    require(fine, "`front` must be a list of the names that no other network beats, as found.")
    return f"You predicted that {prediction} are not beaten. There are {len(front)}: {', '.join(front)}."


WHICH_ARE_UNBEATEN = Exercise(
    id="5.7",
    title="Which are not beaten?",
    points=2,
    prediction=_number_of_networks,
    given={"front": lambda rng: ["mobilenet", "xception"]},
    kit_has=(pareto_front,),
    hints=(
        "First keep those that have both numbers and can be afforded.",
        "Sorted by time, and by falling accuracy among equals, a network is unbeaten if it tops all before it.",
        "`for name in sorted(known, key=lambda n: (known[n][0], -known[n][1])): if known[name][1] > best: ...`",
    ),
    properties=(
        names_those_that_none_beats,
        spends_no_more_than_there_is,
        equal_in_one_is_still_beaten,
        leaves_out_what_is_not_known,
        reconciles_the_front,
    ),
)
