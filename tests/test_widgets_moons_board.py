"""MoonsBoard without a browser."""

import numpy as np
import pytest
from tlkit_widgets import MoonsBoard

from tlkit.adaptation import turned_moons


class Slope:
    """A straight line through the origin; the strength turns it."""

    def __init__(self, strength):
        self.strength = strength

    def predict_proba(self, points):
        chance = 1 / (1 + np.exp(8 * (points[:, 1] + self.strength * points[:, 0])))
        return np.column_stack([1 - chance, chance])


def fit(source, labels, target, strength):
    return Slope(strength)


def moons(angle):
    return turned_moons(60, angle, seed=1)


@pytest.fixture
def board():
    return MoonsBoard(fit, moons, angles=(0, 180), strengths=(0.0, 1.0), resolution=10)


def test_accuracies_are_those_of_what_was_fitted(board):
    source, labels = moons(0)
    truth = np.mean((Slope(1.0).predict_proba(source)[:, 1] > 0.5) == labels)
    assert board.source_accuracies[0][1] == board.target_accuracies[0][1] == truth
    target, classes = moons(180)
    assert board.target_accuracies[1][0] == np.mean((Slope(0.0).predict_proba(target)[:, 1] > 0.5) == classes)
    assert board.told_apart[0] == [0.5, 0.5]


def test_the_picture_has_the_upper_rows_first(board):
    grids = np.frombuffer(board._grids, np.uint8).reshape(2, 2, 10, 10)
    assert grids[0, 0, 0].max() < 10 < 245 < grids[0, 0, -1].min()


def test_what_is_in_the_vault_is_said_only_when_it_is_open(board):
    assert "on the target" not in board.describe()
    board.angle, board.strength = 1, 1
    assert board.describe().startswith("Moons turned by 180 degrees, strength 1:")
    assert "right on the target" in board.open_vault()
    assert board.opened
    assert repr(board) == "MoonsBoard(2 angles, 2 strengths)"
    assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda board: MoonsBoard(fit, moons, angles=(0,), strengths=(0, 1)), "`angles` must be at least 2 increasing"),
        (lambda board: MoonsBoard(fit, moons, angles=(0, 1), strengths=(1, 0)), "`strengths` must be"),
        (lambda board: setattr(board, "angle", 2), "`angle` is an index from 0 to 1"),
        (lambda board: setattr(board, "strength", -1), "`strength` is an index from 0 to 1"),
    ],
)
def test_errors(board, act, match):
    with pytest.raises(ValueError, match=match):
        act(board)
