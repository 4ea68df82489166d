"""Trainings of each cut in advance, for a page on which nothing can be trained."""

from __future__ import annotations

from typing import Any

from tlkit_widgets.freeze_board.network import read_state, write_state

__all__ = ["train_each_cut"]


def train_each_cut(board: Any) -> list[dict[str, Any]]:
    """Train a FreezeBoard once at each cut, from the first weights, with its own rate and epochs.

    BatchNorm holds still. Board and model are then as they were.

    Returns:
        For each cut its `states`, and what the training gave: `moved`, `run` (of the board's `runs`), and `curves`:
        `data` and `run` of the view of curves, as of a first run.
    """
    before, states, bn = read_state(board.model), board.states, board.bn
    board.bn = "frozen"
    kept = []
    for settings in board.what_if():
        if settings["bn"] == "frozen" and "learning" in settings["states"]:
            write_state(board.model, board._initial)
            kept.append({"states": settings["states"], **_train_once(board, settings["states"])})
    write_state(board.model, before)
    board.bn, board.states = bn, states
    return kept


def _train_once(board: Any, states: list[str]) -> dict[str, Any]:
    """On a board of its own, so that each run is a first one."""
    task, settings = board._task, {"learning_rate": board.learning_rate, "epochs": board.epochs}
    assert task is not None
    own = type(board)(board.model, task.train, task.validation, **settings, batch_size=task.batch_size, seed=task.seed)
    own.states = states
    own.train()
    curves = {"data": own.recorder.view.data, "run": own.recorder.view.runs[0]}
    own.close()
    return {"moved": own.moved, "run": own.runs[0], "curves": curves}
