"""NeighbourBoard without a browser."""

import numpy as np
import pytest
from tlkit_widgets import NeighbourBoard

TEXTS, NAMES = ["aaa", "b", "ab", "bbbb"], ["A", "B", "AB", "B4"]


def letters(texts):
    return np.array([[text.count("a"), text.count("b"), 0.1] for text in texts])


def lengths(texts):
    return np.array([[len(text), 1.0, 0.0] for text in texts])


@pytest.fixture
def board():
    return NeighbourBoard(TEXTS, NAMES, {"before": lengths, "after": letters}, ["aab", "b"], number=2)


def names(board, key):
    return [name for name, _, _ in board.neighbours[key]]


def test_neighbours_follow_the_sentence(board):
    assert board.text == "aab"
    assert names(board, "after") == ["AB", "A"]
    assert names(board, "before") == ["A", "B4"]
    board.text = "bb"
    assert names(board, "after") == ["B4", "B"]
    cosine = letters(["bb"])[0] @ letters(["bbbb"])[0]
    cosine /= np.linalg.norm(letters(["bb"])) * np.linalg.norm(letters(["bbbb"]))
    assert board.neighbours["after"][0][1:] == ["bbbb", pytest.approx(cosine)]


def test_no_sentence_has_no_neighbours_and_a_long_one_is_cut(board):
    board.text = "  "
    assert board.neighbours == {"before": [], "after": []}
    assert board.describe() == "No sentence yet."
    assert board.picture().startswith(b"\x89PNG")
    board.text = "a" * 999
    assert len(board.text) == 300


def test_description_and_picture(board):
    assert repr(board) == "NeighbourBoard(4 texts, before and after)"
    assert board.describe() == "Neighbours of 'aab'. By before: A, B4; after: AB, A."
    assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "change",
    [
        {"encoders": {"one": letters}},
        {"examples": []},
        {"names": ["A"]},
        {"number": 5},
        {"number": 0},
    ],
    ids=["encoders", "examples", "names", "many", "none"],
)
def test_what_is_given_is_checked(change):
    given = {"texts": TEXTS, "names": NAMES, "encoders": {"x": letters, "y": lengths}, "examples": ["a"], "number": 2}
    with pytest.raises(ValueError, match="There must be two encoders"):
        NeighbourBoard(**(given | change))
