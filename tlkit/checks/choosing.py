"""What the answers of lesson 2 must do: drift, early stopping, depth (exercises 2.8 to 2.10)."""

from __future__ import annotations

import numpy as np

from tlkit.checks.exercise import require
from tlkit.checks.received import one_number
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import hidden_rng
from tlkit.measure import paired_interval
from tlkit.tuning import linear_cka

__all__ = [
    "DEPTHS",
    "a_tie_is_no_progress",
    "agrees_with_the_definition",
    "compares_within_seeds",
    "goes_on_to_the_end",
    "ignores_the_mean",
    "ignores_turn_and_size",
    "keeps_the_best",
    "opens_the_vault_once",
    "prefers_less_when_undecided",
    "reconciles_the_drift",
    "takes_a_clear_winner",
    "waits_for_patience",
]

DEPTHS = ("head only", "last blocks", "upper half", "everything")

# --- 2.8 Head first


def _alike(similarity, a: np.ndarray, b: np.ndarray) -> float:
    return one_number(similarity(a, b))


def ignores_turn_and_size(similarity, features):
    """Turned or scaled features are the same features."""
    rng = hidden_rng()
    a = rng.normal(size=(40, 6)) + 3.0
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    for what, b in (("the same features", a), ("turned ones", a @ turn), ("ones 7 times as large", 7 * a)):
        received = _alike(similarity, a, b)
        require(abs(received - 1) < 1e-6, f"Features against {what} must give 1. Received {received:.3f}.")


def ignores_the_mean(similarity, features):
    """A constant added to a feature says nothing about the images."""
    rng = hidden_rng()
    a, b = rng.normal(size=(60, 5)), rng.normal(size=(60, 5))
    received, moved = _alike(similarity, a, b), _alike(similarity, a, b + 50)
    message = f"Unlike features gave {received:.2f}; with 50 added to all of one, {moved:.2f}. "
    require(abs(received - moved) < 1e-6, message + "Subtract each column's mean first.")


def agrees_with_the_definition(similarity, features):
    """It agrees with an independent implementation, also where the widths differ."""
    rng = hidden_rng()
    a = rng.normal(size=(50, 7))
    for b in (rng.normal(size=(50, 4)), np.hstack([a[:, :3], rng.normal(size=(50, 2))])):
        received, truth = _alike(similarity, a, b), linear_cka(a, b)
        message = f"50 images in 7 and {b.shape[1]} features gave {received:.3f}; by the formula it is {truth:.3f}."
        require(abs(received - truth) < 1e-6, message)


def reconciles_the_drift(similarity, features):
    """Your prediction is held against your own runs, five seeds each."""
    guess = locked_prediction("2.8")
    start, joint, first = (np.asarray(features[name]) for name in ("before", "joint", "head first"))
    require(len(joint) == len(first) == 5, f"Five runs each are compared. Received {len(joint)} and {len(first)}.")
    drift = [[1 - _alike(similarity, start, run) for run in runs] for runs in (joint, first)]
    gap = paired_interval(*drift, percent=False)
    found = {"positive": "joint", "negative": "head first"}.get(gap.verdict, "no difference")
    means = f"{np.mean(drift[0]):.2f} jointly, {np.mean(drift[1]):.2f} with the head first"
    return f"You predicted {guess!r}; measured here: mean drift {means}; difference {gap}: {found!r} drifts more."


# --- 2.9 When to stop


def _stops(early_stop, losses: list[float], patience: int) -> tuple[int, int]:
    received = early_stop(losses, patience)
    fine = isinstance(received, (tuple, list)) and len(received) == 2
    require(fine, f"Return two numbers: epochs run, best epoch. Received: {received!r}.")
    return int(received[0]), int(received[1])


def waits_for_patience(early_stop):
    """It waits as many epochs without a new best as patience says."""
    losses = [1.0, 0.8, 0.9, 0.85, 0.82, 0.81, 0.7]
    for patience in (1, 2, 3):
        run = _stops(early_stop, losses, patience)[0]
        message = (
            f"With losses {losses} and patience {patience} training ends after epoch {2 + patience}; received {run}. "
        )
        require(run == 2 + patience, message + "Count the epochs since the lowest loss so far.")


def keeps_the_best(early_stop):
    """It names the best epoch, not the last one."""
    best = _stops(early_stop, [0.9, 0.5, 0.7, 0.6, 0.8], 3)[1]
    message = f"The losses were lowest in epoch 2; received {best}. The weights to keep are those of the best epoch, "
    require(best == 2, message + "counted from 1.")


def goes_on_to_the_end(early_stop):
    """Without a reason to stop it runs to the end."""
    received = _stops(early_stop, [0.9, 0.8, 0.85, 0.7, 0.75, 0.6], 2)
    message = f"Six losses that keep reaching new lows within patience 2 gave {received}; all 6 epochs are run, "
    require(received == (6, 6), message + "the last is the best.")


def a_tie_is_no_progress(early_stop):
    """An equal loss is no new best."""
    received = _stops(early_stop, [0.5, 0.5, 0.5, 0.5, 0.4], 3)
    require(received == (4, 1), f"Four equal losses, patience 3: epoch 1 stays best, 4 are run. Received {received}.")


# --- 2.10 How deep?


def _depth(choose_depth, rows: list[np.ndarray]) -> str:
    scores = dict(zip(DEPTHS, (list(map(float, row)) for row in rows), strict=True))
    received = choose_depth(scores)
    require(received in DEPTHS, f"Return one of {list(DEPTHS)}. Received: {received!r}.")
    return received


def takes_a_clear_winner(choose_depth, scores, vault_log):
    """It takes the depth that wins beyond doubt."""
    rng = hidden_rng()
    luck = rng.uniform(-0.1, 0.1, 5)
    for winner in rng.permutation(4):
        rows = [0.6 + luck + rng.uniform(-0.005, 0.005, 5) + 0.15 * (i == winner) for i in range(4)]
        received = _depth(choose_depth, rows)
        message = f"{DEPTHS[winner]!r} wins by 15 points in every seed; received {received!r}."
        require(received == DEPTHS[winner], message)


def prefers_less_when_undecided(choose_depth, scores, vault_log):
    """Where less learning is not beaten beyond doubt, it takes less."""
    base = np.array([0.80, 0.82, 0.78, 0.81, 0.79])
    lucky = base + np.array([0.06, -0.03, 0.05, -0.04, -0.01])
    rows = [base - 0.3, base - 0.2, base, lucky]
    received = _depth(choose_depth, rows)
    message = f"'everything' beats 'upper half' by less than its interval is wide; received {received!r}. A simpler "
    require(received == "upper half", message + "choice that is not beaten beyond doubt is the better one.")


def compares_within_seeds(choose_depth, scores, vault_log):
    """It compares within seeds."""
    rng = hidden_rng()
    luck = rng.permutation([-0.2, -0.1, 0.0, 0.1, 0.2])
    rows = [0.58 + luck, 0.59 + luck, 0.6 + luck, 0.63 + luck + rng.uniform(-0.004, 0.004, 5)]
    received = _depth(choose_depth, rows)
    message = f"'everything' gains 3 points in *every* seed, though seeds differ by 40; received {received!r}. "
    require(received == "everything", message + "Use `paired_interval`: the luck of a seed cancels.")


def opens_the_vault_once(choose_depth, scores, vault_log):
    """The vault was opened once, after the choice."""
    guess = locked_prediction("2.10")
    chosen = choose_depth({name: list(map(float, scores[name])) for name in DEPTHS})
    message = (
        f"The vault was opened {len(vault_log)} times. The test set has the last word once: every further look is "
    )
    require(len(vault_log) == 1, message + "a choice made on it. Load the data again and choose on validation.")
    return f"You predicted {guess!r}; measured here: by your own validation runs it is {chosen!r}."
