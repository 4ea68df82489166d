"""BoxDrawing without a browser: what is drawn is kept, and `boxes_from_coco` reads it."""

import json

import numpy as np
import pytest
from PIL import Image
from tlkit_widgets import BoxDrawing

from tlkit.data import boxes_from_coco

NAMES = ["cup", "key"]


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for number in range(12):
        pixels = rng.integers(0, 256, (60, 80, 3)).astype("uint8")
        Image.fromarray(pixels).save(tmp_path / f"photo {number:02}.png")
    (tmp_path / "notes.txt").write_text("no photo")
    return tmp_path


def drawn(board):
    """Give every photo a box, and the third one a second."""
    boxes = [[[8, 10, 40, 50, NAMES[number % 2]]] for number in range(12)]
    boxes[2].append([0, 0, 80, 30, "key"])
    board.boxes = boxes
    return boxes


def test_nothing_is_lost_when_it_is_made_again(folder):
    boxes = drawn(BoxDrawing(folder, NAMES))
    again = BoxDrawing(folder, NAMES)
    assert again.boxes == boxes
    again.boxes = [[], *boxes[1:]]
    assert BoxDrawing(folder, NAMES).boxes == [[], *boxes[1:]]


def test_boxes_from_coco_reads_what_was_drawn(folder):
    board = BoxDrawing(folder, NAMES)
    drawn(board)
    data = boxes_from_coco(board.file, folder, size=80)
    assert data.class_names == NAMES
    assert list(data.skipped) == []
    splits = (data.train, data.val, data.test.open("a test of the format"))
    assert sum(int((split["classes"] >= 0).sum()) for split in splits) == 13
    np.testing.assert_allclose(data.train["boxes"][0, 0], [8, 20, 40, 60])  # ten grey rows above a photo of 60


def test_the_shown_photo_is_sent(folder):
    board = BoxDrawing(folder, NAMES)
    first = board._photo
    board.shown = 3
    assert board._photo != first
    assert "Shown is photo 03.png" in board.describe()
    assert board.picture().startswith(b"\x89PNG")
    assert repr(board) == "BoxDrawing(12 photos, 0 boxes)"


def test_a_box_that_would_be_lost_is_an_error(folder):
    drawn(BoxDrawing(folder, NAMES))
    before = (folder / "boxes.json").read_text()
    with pytest.raises(ValueError, match="otherwise this box would be lost"):
        BoxDrawing(folder, ["cup"])
    assert (folder / "boxes.json").read_text() == before
    assert len(json.loads(before)["annotations"]) == 13


def test_errors(folder, tmp_path):
    with pytest.raises(FileNotFoundError, match="1 to 200 photos"):
        BoxDrawing(tmp_path / "nowhere", NAMES)
    with pytest.raises(ValueError, match="different names"):
        BoxDrawing(folder, ["cup", "cup"])
    board = BoxDrawing(folder, NAMES)
    with pytest.raises(ValueError, match=r"each of the 12 photos\. Received: 1"):
        board.boxes = [[]]
    with pytest.raises(ValueError, match="A box is"):
        board.boxes = [[[5, 5, 2, 8, "cup"]], *[[]] * 11]
    with pytest.raises(ValueError, match=r"from 0 to 11\. Received: 12"):
        board.shown = 12
