"""A fair baseline: the strongest way without a source, and reports that hide nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.received import close, mean_and_ends
from tlkit.exercises.lesson_03_negative_transfer.shown import NUM_SEEDS, SOURCES, UNFAIR
from tlkit.exercises.trials import draws, mixed, random_names
from tlkit.measure import paired_interval

__all__ = ["AGAINST_WHAT", "UNFAIR_BASELINE"]


def _interval(gain: Callable, transfer: np.ndarray, ways: dict) -> np.ndarray:
    return mean_and_ends(gain(transfer, ways), "Return three numbers: mean, low, high.")


def _way(validation: float, test: np.ndarray) -> dict:
    return {"validation": float(validation), "test": np.asarray(test, float)}


def against_the_strongest_way(gain):
    """It measures against the strongest way without a source."""
    for rng in draws(3):
        seeds, transfer = int(rng.integers(4, 9)), float(rng.uniform(0.4, 0.8))
        luck = rng.uniform(-0.03, 0.03, seeds)
        levels = dict(zip(random_names(4, rng), rng.permutation([0.3, 0.5, 0.6, 0.8]).tolist(), strict=True))
        ways = {name: _way(level, level + luck) for name, level in levels.items()}
        truth = transfer - max(levels.values())
        received = _interval(gain, transfer + luck + rng.uniform(-0.001, 0.001, seeds), ways)[0]
        over = [name for name, level in levels.items() if abs(transfer - level - received) < 0.01]
        told = f", the gain over {over[0]!r}" if over else ""
        require(
            abs(received - truth) < 0.01,
            f"With a source, {transfer:.0%}; without one, {levels}: the gain is {truth:+.2f}. Received {received:+.2f}"
            f"{told}. Take the best of the ways, and subtract it from the transfer.",
        )


def chooses_on_validation(gain):
    """It chooses that way on the validation set, not on the test set."""
    for rng in draws(6):
        luck, truth = rng.uniform(-0.02, 0.02, 8), float(rng.uniform(0.02, 0.1))
        lucky, best = _way(0.70, 0.82 + luck), _way(0.75, 0.74 + luck)
        ways = dict(zip(random_names(2, rng), mixed([lucky, best], rng), strict=True))
        received = _interval(gain, 0.74 + truth + luck + rng.uniform(-0.001, 0.001, 8), ways)[0]
        require(
            abs(received - truth) < 0.01,
            f"The way that is best on validation reaches 74 % on the test set, transfer {0.74 + truth:.0%}; "
            f"received {received:+.3f}, not {truth:+.3f}. If you choose on the test set, you report its luck.",
        )


def pairs_by_seed(gain):
    """It subtracts within each seed."""
    for rng in draws(4):
        seeds, level = 2 * int(rng.integers(3, 6)), float(rng.uniform(-0.1, 0.1))
        luck = rng.permutation(np.linspace(-0.2, 0.2, seeds))
        steady = level + np.resize([0.002, -0.002], seeds)
        _, low, high = _interval(gain, 0.5 + luck + steady, {"pixels": _way(0.5, 0.5 + luck)})
        require(
            level - 0.01 < low < high < level + 0.01,
            f"Every seed gains {100 * level:.0f} points, though the seeds differ by 40; the interval came out as "
            f"[{low:+.2f}, {high:+.2f}]. Subtract seed by seed first: shared luck cancels.",
        )


def few_seeds_are_wide(gain):
    """It gives the mean and Student's interval, which is wide for few seeds."""
    for rng in draws(2):
        for seeds in mixed((3, 5, 12), rng):
            transfer, without = rng.uniform(0.5, 0.9, (2, seeds))
            truth = paired_interval(transfer, without)
            mean, low, high = _interval(gain, transfer, {"pixels": _way(0.8, without)})
            require(
                close(mean, truth.mean, atol=1e-5),
                f"The mean of {seeds} differences is {truth.mean:+.4f}; received {mean:+.4f}. It is the mean that the "
                "interval is about, not the median.",
            )
            require(
                close([low, high], [truth.low, truth.high], atol=1e-5),
                f"{seeds} seeds gave [{low:+.3f}, {high:+.3f}]; Student's 95 % interval is [{truth.low:+.3f}, "
                f"{truth.high:+.3f}]. With few seeds, the spread itself is uncertain, so 1.96 is too small. "
                "`paired_interval` allows for that.",
            )


def reconciles_the_sources(gain, at_ten, prediction):
    """Your prediction is compared with your own runs, ten seeds each."""
    fine = isinstance(at_ten, dict) and set(at_ten) == {"transfer", "ways"} and set(at_ten["transfer"]) == set(SOURCES)
    require(fine, f"`at_ten` must hold `transfer`, with {list(SOURCES)}, and `ways`, as measured.")
    found = {name: _interval(gain, np.asarray(scores), at_ten["ways"]) for name, scores in at_ten["transfer"].items()}
    helps = [name for name, (_, low, _) in found.items() if low > 0]
    hurts = [name for name, (_, _, high) in found.items() if high < 0]
    told, helped, hurt = (", ".join(names) or "none" for names in (prediction, helps, hurts))
    return f"You predicted that these help: {told}. Measured here: clearly helping {helped}, hurting {hurt}."


def _some_sources(answer: object) -> None:
    if not isinstance(answer, list) or not set(map(str, answer)) <= set(SOURCES):
        msg = f"The prediction is a list of some, all or none of {list(SOURCES)}. Received: {answer!r}."
        raise CheckFailed(msg)


def _draw_ten(rng: np.random.Generator) -> dict[str, dict]:
    """Accuracies with ten labels per class, one per seed: for each source, and for two ways without one."""
    luck = rng.uniform(-0.02, 0.02, NUM_SEEDS)
    scores = {name: list(0.4 + 0.1 * number + luck) for number, name in enumerate(SOURCES)}
    ways = {
        name: {"validation": value, "test": list(value + luck)} for name, value in (("pixels", 0.7), ("random", 0.4))
    }
    return {"transfer": scores, "ways": ways}


AGAINST_WHAT = Exercise(
    id="3.1",
    title="Negative, against what?",
    points=3,
    prediction=_some_sources,
    given={"at_ten": _draw_ten},
    hints=(
        "Which way would you choose if you had no source? Only its test accuracies are the baseline.",
        "`max(ways, key=lambda name: ways[name]['validation'])` names it. Then subtract seed by seed.",
        "`found = paired_interval(transfer, ways[best]['test'])`; `return found.mean, found.low, found.high`.",
    ),
    properties=(
        against_the_strongest_way,
        chooses_on_validation,
        pairs_by_seed,
        few_seeds_are_wide,
        reconciles_the_sources,
    ),
)


def _fair_report(rng: np.random.Generator) -> dict:
    """A report like the notebook's: two runs that differ only in the way, and what each way reaches."""
    seeds = (2 * rng.permutation(20)[: rng.integers(4, 8)]).tolist()
    names = random_names(int(rng.integers(2, 6)), rng)
    ways = dict(zip(names, rng.choice(np.arange(30, 95), len(names), replace=False) / 100, strict=True))
    shared: dict[str, Any] = {"labels": int(rng.integers(10, 50)), "settings tried": int(rng.integers(10, 20))}
    shared["chosen on"] = "validation"
    return {
        "transfer": {"way": "glyphs", **shared, "seeds": mixed(seeds, rng)},
        "baseline": {"way": max(ways, key=ways.__getitem__), **shared, "seeds": mixed(seeds, rng)},
        "ways": {name: float(value) for name, value in ways.items()},
    }


# Other seeds: one fewer; one more; two others, of the same number, sum, smallest and largest. All seeds are even.
_OTHER_SEEDS = (
    lambda seeds: seeds[1:],
    lambda seeds: [*seeds, 41],
    lambda seeds: [sorted(seeds)[0], sorted(seeds)[1] + 1, sorted(seeds)[2] - 1, *sorted(seeds)[3:]],
)
_NUM_WAYS_TO_SPOIL = len(_OTHER_SEEDS)


def _spoil(report: dict, what: str, rng: np.random.Generator, number: int = 0, side: str = "baseline") -> None:
    """Make a report unfair in one respect, on one side, in one of three ways."""
    run = report[side]
    if what == "way":
        ways = report["ways"]
        report["baseline"]["way"] = str(rng.choice([name for name in ways if name != report["baseline"]["way"]]))
    elif what == "chosen on":
        run[what] = "test"
    elif what == "seeds":
        run[what] = mixed(_OTHER_SEEDS[number](run[what]), rng)
    else:
        run[what] += int(rng.integers(1, 9))


def _found(what_is_unfair: Callable, report: dict) -> set[str]:
    received = what_is_unfair(report)
    names = list(received) if isinstance(received, list | tuple | set) else [""]
    require(
        all(isinstance(name, str) and name in UNFAIR for name in names),
        f"Return a list of names among {list(UNFAIR)}, empty if everything is fair. Received: {in_words(received)}.",
    )
    return set(names)


def calls_fair_fair(what_is_unfair):
    """It finds nothing in a fair report, and something in an unfair one."""
    for rng in draws(4):
        fair, unfair = _fair_report(rng), _fair_report(rng)
        _spoil(unfair, str(rng.choice(UNFAIR)), rng)
        received = _found(what_is_unfair, fair)
        require(
            not received,
            f"Nothing was unfair, but {sorted(received)} was named. The ways differ because that is the "
            "question, and the same seeds may come in a different order.",
        )
        require(_found(what_is_unfair, unfair), "A report was unfair, and nothing was found.")


def finds_each_unfairness(what_is_unfair):
    """It finds each kind of unfairness."""
    cases = [
        (what, number, side)
        for what in UNFAIR
        for number in range(_NUM_WAYS_TO_SPOIL)
        for side in ("transfer", "baseline")
    ]
    for rng in draws(1):
        for what, number, side in mixed(cases, rng):
            report = _fair_report(rng)
            _spoil(report, what, rng, number, side)
            received = _found(what_is_unfair, report)
            require(
                received == {what},
                f"Only {what!r} was unfair: {_shown(report, what)}. Received {sorted(received)}.",
            )


def _shown(report: dict, what: str) -> str:
    both = {name: report[name][what] for name in ("transfer", "baseline")}
    return f"{both}, where the ways reach {report['ways']}" if what == "way" else str(both)


def sees_testing_on_both_sides(what_is_unfair):
    """Choosing on the test set is unfair even if both sides do it."""
    for rng in draws(8):
        for part in mixed(("test", "validation"), rng):
            report = _fair_report(rng)
            for run in ("transfer", "baseline"):
                report[run]["chosen on"] = part
            is_named = "chosen on" in _found(what_is_unfair, report)
            require(
                is_named or part != "test",
                "Both runs were chosen on the test set, and nothing was found. Equal luck is still luck, "
                "and whoever tries more settings profits more.",
            )
            require(not is_named or part == "test", "Both runs were chosen on the validation set, which is fair.")


def finds_all_at_once(what_is_unfair):
    """It names everything that is unfair, not just the first thing."""
    for rng in draws(1):
        for size in mixed((2, 3, 4, 5), rng):
            report, wanted = _fair_report(rng), {str(what) for what in rng.permutation(UNFAIR)[:size]}
            for what in wanted:
                _spoil(report, what, rng, int(rng.integers(_NUM_WAYS_TO_SPOIL)))
            received = _found(what_is_unfair, report)
            require(
                received == wanted,
                f"{size} things were unfair: {sorted(wanted)}. Received {sorted(received)}: name them all.",
            )


UNFAIR_BASELINE = Exercise(
    id="3.4",
    title="Spot the unfair baseline",
    points=2,
    hints=(
        "Go through UNFAIR one by one: what must be equal, what must not occur, and what must be the best?",
        "`labels` and `settings tried` must be equal, `seeds` must be equal as sets, `chosen on` must never be the "
        "test, and the baseline's `way` must be the best of `ways`.",
        "`found = [name for name in ('labels', 'settings tried') if a[name] != b[name]]`, with `a` the transfer "
        "and `b` the baseline; then three `if`s that append.",
    ),
    properties=(
        calls_fair_fair,
        finds_each_unfairness,
        sees_testing_on_both_sides,
        finds_all_at_once,
    ),
)
