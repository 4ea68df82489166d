"""BoxBoard without a browser."""

import numpy as np
import pytest
from tlkit_widgets import BoxBoard

from tlkit.detection import Detections, mean_average_precision, without_names

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (2, 32, 32, 3)).astype("uint8")
TRUTHS = np.array([[[2.0, 2, 12, 12], [16, 16, 30, 30]], [[4, 4, 20, 20], [0, 0, 0, 0]]])
CLASSES = np.array([[0, 1], [1, -1]])
FOUND = [
    Detections(
        np.array([[2.0, 2, 12, 11], [3, 3, 12, 12], [16, 16, 30, 29]]), np.array([0.9, 0.5, 0.7]), np.zeros(3, int)
    ),
    Detections(np.array([[4.0, 4, 20, 10], [24, 24, 30, 30]]), np.array([0.8, 0.2]), np.array([1, 0])),
]
NAMES = ["α", "β"]


@pytest.fixture
def board():
    return BoxBoard(IMAGES, FOUND, TRUTHS, CLASSES, NAMES)


def test_kinds_point_and_average(board):
    assert board.kinds == ["right", "double", "wrong class", "loose box", ""]
    assert board.missed == 2
    assert board.here == pytest.approx([1 / 4, 1 / 3])
    board.threshold = 0.1
    assert board.kinds[-1] == "background"


def test_a_threshold_moves_the_point_and_not_the_curve(board):
    curve, average = board._curve, board.average
    board.threshold = 0.85
    assert board.here == pytest.approx([1, 1 / 3])
    assert (board._curve, board.average) == (curve, average)
    board.threshold = 1.0
    assert board.here == [1, 0]


def test_a_better_box_moves_the_curve_and_reset_brings_it_back(board):
    average, boxes = board.average, [list(box) for box in board.boxes]
    boxes[3] = [4, 4, 20, 19]
    board.boxes = boxes
    assert board.kinds[3] == "right"
    assert board.average > average
    board.reset()
    assert board.average == average


def test_average_is_that_of_one_list():
    one = [without_names(said) for said in FOUND]
    board = BoxBoard(IMAGES, one, TRUTHS, np.minimum(CLASSES, 0), ["thing"])
    assert board.average == pytest.approx(mean_average_precision(one, TRUTHS, np.minimum(CLASSES, 0)))


def test_description_and_picture(board):
    told = "1 right, 1 double, 1 wrong class, 1 loose box, 0 background; 2 missed. Precision 0.25, recall 0.33"
    assert told in board.describe()
    assert repr(board) == "BoxBoard(2 scenes, 5 detections)"
    board.shown = 1
    assert board.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: BoxBoard(IMAGES, FOUND[:1], TRUTHS, CLASSES, NAMES), "1 lists with 3 detections"),
        (lambda: BoxBoard(IMAGES, FOUND, TRUTHS, CLASSES * 0 - 1, NAMES), "and a truth"),
        (lambda: BoxBoard(IMAGES, FOUND, TRUTHS, CLASSES, NAMES, threshold=2), "`threshold` must lie"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()


@pytest.mark.parametrize(
    ("trait", "value", "match"),
    [("boxes", [[0, 0, 1, 1]], r"5 detections. Received shape \(1, 4\)"), ("shown", 2, "from 0 to 1. Received: 2")],
)
def test_what_does_not_fit_is_refused(board, trait, value, match):
    with pytest.raises(ValueError, match=match):
        setattr(board, trait, value)
