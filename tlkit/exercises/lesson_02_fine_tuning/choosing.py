"""When to stop, and how deep to tune."""

from __future__ import annotations

import numpy as np
from scipy import stats

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of
from tlkit.exercises.lesson_02_fine_tuning.shown import DEPTHS, NUM_SEEDS
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["HOW_DEEP", "WHEN_TO_STOP"]


def _stops(early_stop, losses: list[float], patience: int) -> tuple[int, int]:
    received = early_stop(losses, patience)
    run, best = numbers_of(received, (2,), "Return two numbers: the epochs run and the best epoch.")
    return int(run), int(best)


def _truth(losses: list[float], patience: int) -> tuple[int, int]:
    lowest, best = np.inf, 0
    for epoch, loss in enumerate(losses, 1):
        if loss < lowest:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            return epoch, best
    return len(losses), best


def waits_for_patience(early_stop):
    """It waits for `patience` epochs without a new best."""
    for rng in draws(3):
        falls = int(rng.integers(1, 4))
        losses = [*(2.0 - 0.1 * np.arange(falls)), *rng.permutation([1.9, 1.95, 2.2, 1.85]), 0.5]
        losses = np.round(np.array(losses) * rng.uniform(0.5, 2), 3).tolist()
        for patience in mixed((1, 2, 3), rng):
            received, (run, _) = _stops(early_stop, losses, patience)[0], _truth(losses, patience)
            require(
                received == run,
                f"With losses {losses} and patience {patience}, training ends after epoch {run}; received {received}. "
                "Count the epochs since the lowest loss so far.",
            )


def keeps_the_best(early_stop):
    """It names the best epoch, not the last one."""
    for rng in draws(3):
        for best in mixed((1, 2, 4), rng):
            losses = [*(0.6 + 0.1 * np.arange(best)[::-1]), *rng.uniform(0.7, 0.9, 4)]
            received = _stops(early_stop, np.round(losses, 3).tolist(), 3)[1]
            require(
                received == best,
                f"The loss was lowest in epoch {best}; received {received}. The weights to keep are those of the best "
                "epoch, counted from 1.",
            )


def goes_on_to_the_end(early_stop):
    """Without a reason to stop, it runs to the end."""
    for rng in draws(3):
        lows = np.linspace(0.9, 0.6, int(rng.integers(3, 9)))
        losses = np.ravel([[low, low + 0.2] for low in lows]).round(3).tolist()[:-1]
        for waits in mixed((0, 1), rng):
            best, run = len(losses), len(losses) + waits
            received = _stops(early_stop, [*losses, *[0.9] * waits], 2)
            require(
                received == (run, best),
                f"{run} losses that keep reaching new lows within patience 2, the last in epoch {best}, gave "
                f"{received}. All {run} epochs are run, and {best} is the best.",
            )


def a_tie_is_no_progress(early_stop):
    """An equal loss is not a new best."""
    for rng in draws(3):
        for patience in mixed((2, 3), rng):
            level = round(float(rng.uniform(0.3, 0.9)), 3)
            received = _stops(early_stop, [*[level] * (patience + 1), level / 2], patience)
            require(
                received == (patience + 1, 1),
                f"{patience + 1} equal losses with patience {patience}: epoch 1 stays the best, and {patience + 1} "
                f"epochs are run. Received {received}.",
            )


def every_new_low_counts(early_stop):
    """A new low counts, however little lower it is."""
    for rng in draws(2):
        for size in mixed((1e-2, 1e-4, 1e-7), rng):
            falls = int(rng.integers(4, 8))
            losses = [*(0.7 - size * np.arange(falls)).tolist(), 0.8, *[0.9] * int(rng.integers(1, 4))]
            received = _stops(early_stop, losses, 2)
            require(
                received == (falls + 2, falls),
                f"The loss falls by {size:g} in each of {falls} epochs, which is a new low each time, and then stays "
                f"above. With patience 2, {falls + 2} epochs are run, and {falls} is the best. Received {received}.",
            )


WHEN_TO_STOP = Exercise(
    id="2.9",
    title="When to stop",
    points=2,
    hints=(
        "Remember the lowest loss so far and its epoch. What counts is how long ago that was.",
        "Stop after the epoch in which `epoch - best_epoch` reaches `patience`; epochs are counted from 1.",
        "Loop `for epoch, loss in enumerate(val_losses, 1)`: if `loss < lowest`, remember both; "
        "if `epoch - best_epoch >= patience`, return `(epoch, best_epoch)`.",
    ),
    properties=(
        waits_for_patience,
        keeps_the_best,
        goes_on_to_the_end,
        a_tie_is_no_progress,
        every_new_low_counts,
    ),
)


def _depth(choose_depth, scores: dict[str, np.ndarray]) -> str:
    received = choose_depth({name: list(map(float, row)) for name, row in scores.items()})
    require(
        isinstance(received, str) and received in scores,
        f"Return one of the names, here {list(scores)}. Received: {in_words(received)}.",
    )
    return received


def _better(row: np.ndarray, edges: float, rng: np.random.Generator, *, size: float = 0.005) -> np.ndarray:
    """Accuracies whose gain over `row` has a Student's t of so many times that which 95 % ask for."""
    noise = rng.normal(size=len(row))
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    t = edges * stats.t.ppf(0.975, len(row) - 1)
    return row + size * rng.uniform(0.5, 2) * (noise + t / np.sqrt(len(row)))


def _row(rng: np.random.Generator, spread: float = 0.03) -> np.ndarray:
    """Accuracies of 4 to 8 seeds."""
    return float(rng.uniform(0.4, 0.6)) + rng.uniform(-spread, spread, int(rng.integers(4, 9)))


def takes_a_clear_winner(choose_depth):
    """It takes a depth that clearly wins."""
    for rng in draws(2):
        names, base = random_names(int(rng.integers(3, 6)), rng), _row(rng)
        for winner in mixed(names, rng):
            scores = {name: base + rng.uniform(-0.005, 0.005, len(base)) + 0.15 * (name == winner) for name in names}
            received = _depth(choose_depth, scores)
            require(
                received == winner,
                f"Of the depths {names}, {winner!r} wins by 15 points in every seed; received {received!r}.",
            )


def prefers_less_when_undecided(choose_depth):
    """Where training fewer layers is not clearly beaten, it trains fewer."""
    for rng in draws(3):
        less, more = random_names(2, rng)
        base = _row(rng)
        for edges in mixed((0.1, 0.6, 0.97, 3.0), rng):
            received = _depth(choose_depth, {less: base, more: _better(base, edges, rng)})
            require(
                received == (more if edges > 1 else less),
                f"With {len(base)} seeds, the two-sided 95 % interval of the gain of {more!r} over {less!r} "
                + ("lies above 0" if edges > 1 else "contains 0, if only just" if edges > 0.9 else "contains 0")
                + f"; received {received!r}. A simpler choice that is not clearly beaten is the better one.",
            )


def takes_what_is_decided(choose_depth):
    """It takes a gain that 95 % decide, though one seed loses or a stricter rule would doubt it."""
    for rng in draws(3):
        less, more = random_names(2, rng)
        base = _row(rng)
        for edges in mixed((1.03, 0.5), rng):
            row = _better(base, edges, rng)
            received = _depth(choose_depth, {less: base, more: row})
            require(
                received == (more if edges > 1 else less),
                f"The 95 % interval of the gain of {more!r} over {less!r} in {len(base)} seeds "
                + ("lies above 0" if edges > 1 else "contains 0")
                + f"; received {received!r}. Ask for neither more nor less than that interval.",
            )
        gains = np.array([-0.004, *rng.uniform(0.03, 0.035, 9)])
        base = 0.5 + rng.uniform(-0.1, 0.1, 10)
        received = _depth(choose_depth, {less: base, more: base + rng.permutation(gains)})
        require(
            received == more,
            f"Nine of ten seeds gain three points and one loses a little: the interval lies above 0, but received "
            f"{received!r}. Not every seed has to win.",
        )


def compares_within_seeds(choose_depth):
    """It compares within seeds, and small gains count if they are steady."""
    for rng in draws(2):
        names = random_names(int(rng.integers(3, 6)), rng)
        luck = rng.permutation(np.linspace(-0.2, 0.2, int(rng.integers(5, 9))))
        for winner in mixed(names[1:], rng):
            scores = {name: 0.6 + luck + rng.uniform(-0.001, 0.001, len(luck)) for name in names}
            scores[names[0]] = 0.6 + luck
            for name in names[1:]:
                scores[name] = 0.6 + luck + 0.012 * (name == winner) + 0.0005 * np.resize([1, -1], len(luck))
            received = _depth(choose_depth, scores)
            require(
                received == winner,
                f"{winner!r} gains 1.2 points in *every* seed, though the seeds differ by 40; received "
                f"{received!r}. Use `paired_interval`: the luck of each seed cancels.",
            )


def compares_with_the_chosen_one(choose_depth):
    """It compares each depth with the one chosen so far, in the order given."""
    for rng in draws(3):
        first, second, third = names = random_names(3, rng)
        base = _row(rng)
        low, high = (base + shift + rng.uniform(-0.003, 0.003, len(base)) for shift in (-0.2, 0.2))
        cases = [
            (first, [base, low, _better(base, 0.5, rng)]),
            (second, [base, high, _better(high, 0.6, rng)]),
            (second, [base, high, _better(base, 4.0, rng)]),
            (third, [base, _better(base, 0.5, rng), high]),
            (third, [base, _better(base, 0.1, rng, size=0.3), _better(base, 4.0, rng)]),
        ]
        for wanted, rows in mixed(cases, rng):
            received = _depth(choose_depth, dict(zip(names, rows, strict=True)))
            means = ", ".join(f"{name} {row.mean():.1%}" for name, row in zip(names, rows, strict=True))
            require(
                received == wanted,
                f"Mean accuracies are {means}: by the rule {wanted!r} is taken, received {received!r}. Compare each "
                "depth with the one that is chosen so far, not with its neighbour, and never go back.",
            )


def opens_the_vault_once(choose_depth, scores, vault_log, prediction):
    """The vault was opened once, after the choice."""
    chosen = _depth(choose_depth, {name: np.asarray(scores[name], float) for name in DEPTHS})
    require(
        len(vault_log) == 1,
        f"The vault was opened {len(vault_log)} times. The test set has the last word only once: every "
        "further look is a choice made on it. Load the data again, and choose on the validation set.",
    )
    return f"You predicted {prediction!r}. Measured here: by your own validation runs, it is {chosen!r}."


def _draw_depths(rng: np.random.Generator) -> dict[str, list[float]]:
    """Accuracies of each depth, one per seed: each depth but the last gains on the one before, in every seed."""
    luck = rng.uniform(-0.03, 0.03, NUM_SEEDS)
    gains = dict(zip(DEPTHS, (0.0, 0.08, 0.16, 0.16), strict=True))
    return {name: list(0.6 + luck + gain + rng.uniform(-0.01, 0.01, NUM_SEEDS)) for name, gain in gains.items()}


def _draw_log(rng: np.random.Generator) -> list[str]:
    """A vault that was opened once: only the notebook shows what a learner does with it."""
    return ["final accuracy of the chosen depth"]


HOW_DEEP = Exercise(
    id="2.10",
    title="How deep?",
    points=3,
    prediction=one_of(*DEPTHS),
    given={"scores": _draw_depths, "vault_log": _draw_log},
    hints=(
        "The depths come in order, from the fewest trained layers to the most. Go deeper only for a reason.",
        "`paired_interval(deeper, chosen)` says whether the deeper one wins: `.low > 0`.",
        "Start with the first depth. For each further one, if `paired_interval(scores[name], scores[chosen]).low > 0`, "
        "it becomes the chosen one.",
    ),
    properties=(
        takes_a_clear_winner,
        prefers_less_when_undecided,
        takes_what_is_decided,
        compares_within_seeds,
        compares_with_the_chosen_one,
        opens_the_vault_once,
    ),
)
