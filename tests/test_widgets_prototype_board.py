"""PrototypeBoard without a browser."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from tlkit_widgets import PrototypeBoard

RNG = np.random.default_rng(0)
LABELS = np.repeat([0, 1, 2], 3)
CENTRES = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]])
POINTS = CENTRES[LABELS] + 0.4 * RNG.normal(size=(9, 2))
ASKED = np.repeat([0, 1, 2], 20)
QUERIES = CENTRES[ASKED] + 0.8 * RNG.normal(size=(60, 2))
IMAGES = RNG.integers(0, 256, (9, 8, 8, 3)).astype("uint8")
NAMES = ["α", "β", "γ"]


@pytest.fixture
def board():
    return PrototypeBoard(POINTS, LABELS, IMAGES, NAMES, QUERIES, ASKED)


def test_both_rules_are_those_of_scikit_learn_also_after_a_move(board):
    for move in (0, 2.5):
        places = POINTS + move * np.eye(9, 2)
        board.points = places.tolist()
        for name, rule in (("prototype", NearestCentroid()), ("neighbour", KNeighborsClassifier(1))):
            board.rule = name
            assert board.accuracy == rule.fit(places, LABELS).score(QUERIES, ASKED)
        np.testing.assert_allclose(board.prototypes, [places[k == LABELS].mean(axis=0) for k in range(3)])


def test_reset_puts_all_back(board):
    before = board.accuracy
    board.points = (POINTS + RNG.normal(size=POINTS.shape)).tolist()
    assert "9 of them moved" in board.describe()
    board.reset()
    np.testing.assert_allclose(board.points, POINTS)
    assert board.accuracy == before


def test_description_and_picture(board):
    assert board.describe().startswith("9 labelled images of 3 classes in a plane, 0 of them moved.")
    assert repr(board) == "PrototypeBoard(9 images, 3 classes, 60 queries)"
    for rule in ("prototype", "neighbour"):
        board.rule = rule
        assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: PrototypeBoard(POINTS[:, :1], LABELS, IMAGES, NAMES, QUERIES, ASKED), r"Received shape \(9, 1\)"),
        (lambda: PrototypeBoard(POINTS, LABELS, IMAGES[:5], NAMES, QUERIES, ASKED), "Received 5 images"),
        (lambda: PrototypeBoard(POINTS, LABELS, IMAGES, [*NAMES, "δ"], QUERIES, ASKED), "each of at most 8 classes"),
        (lambda: PrototypeBoard(POINTS, LABELS[:4], IMAGES, NAMES, QUERIES, ASKED), "must be of one length"),
        (lambda: PrototypeBoard(POINTS, LABELS, IMAGES, NAMES, QUERIES * np.nan, ASKED), "finite places"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()


def test_points_of_another_number_are_refused(board):
    with pytest.raises(ValueError, match=r"each of the 9 images\. Received: 2"):
        board.points = [[0, 0], [1, 1]]
