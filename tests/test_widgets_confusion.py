"""Confusion without a browser."""

import numpy as np
import pytest
from tlkit_widgets import Confusion

NAMES = ["cat", "dog", "owl"]
LABELS = np.array([0, 0, 0, 1, 1, 2])
SCORES = np.array([[9, 0, 0], [1, 2, 0], [0, 5, 0], [0, 3, 0], [0, 3, 1], [0, 0, 4]], float)
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3)).astype("uint8")


@pytest.fixture
def confusion():
    return Confusion(LABELS, SCORES, IMAGES, NAMES)


def test_matrix_and_images_of_a_cell_surest_first(confusion):
    assert confusion.matrix == [[1, 2, 0], [0, 2, 0], [0, 0, 1]]
    assert confusion.select("cat", "dog").tolist() == [2, 1]
    assert confusion.selected == [0, 1]
    assert confusion._cells["0,1"] == [2, 1]
    assert set(confusion._cells) == {"0,0", "0,1", "1,1", "2,2"}


def test_classes_in_place_of_scores():
    assert Confusion(LABELS, SCORES.argmax(1), IMAGES, NAMES).matrix == [[1, 2, 0], [0, 2, 0], [0, 0, 1]]


def test_description_names_the_worst_error(confusion):
    assert confusion.describe() == (
        "Confusion matrix: 4 of 6 images are predicted correctly. "
        "The most frequent error is cat mistaken for dog, 2 times."
    )
    assert "error" not in Confusion(LABELS, LABELS, IMAGES, NAMES).describe()
    assert repr(confusion) == "Confusion(6 images, 3 classes)"
    assert confusion.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: Confusion(LABELS[:5], SCORES, IMAGES, NAMES), "must be of one length"),
        (lambda: Confusion(LABELS, SCORES[:, :2], IMAGES, NAMES), r"shape \(n,\) or \(n, 3\)"),
        (lambda: Confusion(LABELS, LABELS + 1, IMAGES, NAMES), r"`predictions` must be integers in \[0, 3\)"),
        (lambda: Confusion(LABELS, SCORES, IMAGES, NAMES).select("cat", "cow"), "no class 'cow'"),
        (lambda: setattr(Confusion(LABELS, SCORES, IMAGES, NAMES), "selected", [0, 3]), r"indices in \[0, 3\)"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
