"""Checks of lesson 3 on reports: what is unfair about a baseline (exercise 3.4)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import require
from tlkit.checks.toys import hidden_rng

__all__ = ["UNFAIR", "calls_fair_fair", "finds_all_at_once", "finds_each_unfairness", "sees_testing_on_both_sides"]

UNFAIR = ("labels", "settings tried", "chosen on", "seeds", "way")


def _fair_report(rng: np.random.Generator) -> dict:
    """A report as the notebook's: two runs that differ in nothing but the way, and what the ways reach."""
    seeds = [int(seed) for seed in rng.permutation(20)[: rng.integers(3, 8)]]
    names = [str(name) for name in rng.permutation(["pixels", "random network", "neighbour"])]
    ways = {name: float(value) for name, value in zip(names, rng.permutation([0.9, 0.5, 0.7]), strict=True)}
    shared = {"labels": int(rng.integers(1, 50)), "settings tried": int(rng.integers(1, 9)), "chosen on": "validation"}
    best = max(ways, key=ways.__getitem__)
    return {
        "transfer": {"way": "glyphs", **shared, "seeds": sorted(seeds)},
        "baseline": {"way": best, **shared, "seeds": sorted(seeds, reverse=True)},
        "ways": ways,
    }


def _spoil(report: dict, what: str, rng: np.random.Generator) -> None:
    run = report["baseline" if what == "way" else str(rng.choice(["transfer", "baseline"]))]
    if what == "way":
        run["way"] = sorted(report["ways"], key=report["ways"].__getitem__)[int(rng.integers(0, 2))]
    elif what == "chosen on":
        run[what] = "test"
    elif what == "seeds":
        run[what] = [run[what][0] + 20, *run[what][1:]]
    else:
        run[what] += int(rng.integers(1, 9))


def _found(what_is_unfair: Callable, report: dict) -> set[str]:
    received = what_is_unfair(report)
    fine = isinstance(received, (list, tuple, set, frozenset)) and set(received) <= set(UNFAIR)
    require(fine, f"Return a list of names among {list(UNFAIR)}, empty if all is fair. Received: {received!r}.")
    return set(received)


def calls_fair_fair(what_is_unfair):
    """It finds nothing in a fair report."""
    rng = hidden_rng()
    for _ in range(4):
        received = _found(what_is_unfair, _fair_report(rng))
        message = (
            f"Nothing was unfair, but {sorted(received)} was named. The ways differ because that is the question, "
        )
        require(not received, message + "and the same seeds may come in another order.")


def finds_each_unfairness(what_is_unfair):
    """It finds each kind of unfairness."""
    rng = hidden_rng()
    for what in rng.permutation(list(UNFAIR)):
        for _ in range(3):
            report = _fair_report(rng)
            _spoil(report, str(what), rng)
            received = _found(what_is_unfair, report)
            message = f"Only {str(what)!r} was unfair: {_shown(report, str(what))}. Received {sorted(received)}."
            require(received == {str(what)}, message)


def _shown(report: dict, what: str) -> str:
    both = {name: report[name][what] for name in ("transfer", "baseline")}
    return f"{both}, of ways that reach {report['ways']}" if what == "way" else str(both)


def sees_testing_on_both_sides(what_is_unfair):
    """Choosing on the test is unfair even where both sides do it."""
    report = _fair_report(hidden_rng())
    for run in ("transfer", "baseline"):
        report[run]["chosen on"] = "test"
    message = "Both runs were chosen on the test, and nothing was found: equal luck is luck all the same, and whoever "
    require("chosen on" in _found(what_is_unfair, report), message + "tries more profits more.")


def finds_all_at_once(what_is_unfair):
    """It names all that is unfair, not the first."""
    rng = hidden_rng()
    for _ in range(3):
        report, wanted = _fair_report(rng), {str(what) for what in rng.permutation(list(UNFAIR))[:3]}
        for what in wanted:
            _spoil(report, what, rng)
        received = _found(what_is_unfair, report)
        require(received == wanted, f"Three things were unfair: {sorted(wanted)}. Received {sorted(received)}.")
