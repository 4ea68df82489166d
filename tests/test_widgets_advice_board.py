"""AdviceBoard without a browser."""

import pytest
import traitlets
from tlkit_widgets import AdviceBoard

from tlkit.selection import Task, advise

TASKS = [
    Task(labels=0),
    Task(labels=0, source_labels=True),
    Task(labels=2),
    Task(labels=20, similarity="far"),
    Task(labels=500, hardware="gpu"),
]


@pytest.mark.parametrize("task", TASKS, ids=str)
def test_board_says_what_the_function_says(task):
    board = AdviceBoard(Task(labels=7))
    for name, value in vars(task).items():
        setattr(board, name, value)
    assert board.task == task
    assert board.advice == advise(task)
    path = [row for row in board._rows if row["on_path"]]
    assert (path[-1]["text"], path[-1]["lesson"]) == (advise(task).way, advise(task).lesson)
    assert [row["depth"] for row in path] == list(range(len(path)))
    assert board._advice["setting"] == advise(task).setting


def test_description_and_picture():
    board = AdviceBoard()
    assert board.describe() == f"{board.task}: {advise(Task(labels=20))}"
    assert repr(board) == f"AdviceBoard({Task(labels=20)})"
    assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "value"), [("labels", -1), ("labels", 2.5), ("similarity", "near"), ("hardware", "tpu")]
)
def test_what_is_not_possible_is_refused(name, value):
    board = AdviceBoard()
    with pytest.raises(traitlets.TraitError):
        setattr(board, name, value)
    assert board.task == Task(labels=20)
