"""TeamBoard without a browser."""

import itertools

import numpy as np
import pytest
from scipy.special import softmax
from tlkit_widgets import TeamBoard

RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 3, 40)
CHANCES = softmax(np.eye(3)[LABELS] + RNG.normal(size=(3, 40, 3)), axis=2)
NAMES, PRICES = ["photos", "glyphs", "pixels"], [2.5, 1.5, 0.25]
IMAGES = RNG.integers(0, 256, (6, 8, 8, 3)).astype("uint8")
ROWS = np.array([5, 0, 39, 7, 12, 3])


@pytest.fixture
def board():
    return TeamBoard(CHANCES, LABELS, NAMES, PRICES, IMAGES, rows=ROWS)


def test_every_team_votes_and_pays(board):
    for on in itertools.product([False, True], repeat=3):
        board.on = list(on)
        team = np.flatnonzero(on)
        named = CHANCES[team].sum(axis=0).argmax(axis=1) == LABELS if len(team) else np.zeros(40, bool)
        assert board.accuracy == pytest.approx(named.mean())
        assert board.right == named[ROWS].tolist()
        assert board.milliseconds == pytest.approx(sum(PRICES[place] for place in team))
    for place, share in enumerate(board.alone):
        assert share == np.mean(CHANCES[place].argmax(axis=1) == LABELS)


def test_reset_switches_all_on(board):
    before = board.accuracy
    board.on = [False, False, True]
    assert board.describe().startswith("The vote of pixels names")
    board.reset()
    assert board.on == [True, True, True]
    assert board.accuracy == before


def test_description_and_picture(board):
    assert "photos, glyphs and pixels" in board.describe()
    assert repr(board) == "TeamBoard(3 members, 40 images, 6 of them shown)"
    for on in ([True, False, True], [False, False, False]):
        board.on = on
        assert board.picture().startswith(b"\x89PNG")
    assert "nobody" in board.describe()


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: TeamBoard(CHANCES[0], LABELS, NAMES, PRICES, IMAGES), "must have 3 axes"),
        (lambda: TeamBoard(CHANCES, LABELS + 3, NAMES, PRICES, IMAGES), "integers from 0 to 2"),
        (lambda: TeamBoard(CHANCES, LABELS, NAMES[:2], PRICES, IMAGES), "2 names"),
        (lambda: TeamBoard(CHANCES, LABELS, NAMES, [-1, 0, 0], IMAGES), "price of at least 0"),
        (lambda: TeamBoard(CHANCES, LABELS, NAMES, PRICES, IMAGES, rows=[0]), "for each of 1 to 30 images"),
        (lambda: TeamBoard(CHANCES, LABELS, NAMES, PRICES, IMAGES, rows=ROWS + 20), "below 40"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()


def test_switches_of_another_number_are_refused(board):
    with pytest.raises(ValueError, match="each of the 3 members"):
        board.on = [True]
