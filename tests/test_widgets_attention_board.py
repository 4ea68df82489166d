"""AttentionBoard without a browser."""

import numpy as np
import pytest
from tlkit_widgets import AttentionBoard

from tlkit.backbones import load_network
from tlkit.backbones.spelling import spell, spelling_lessons
from tlkit.data.arrays import ArraySplit, Field
from tlkit.translation import attention_maps

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def networks():
    return {"parent": load_network("names_mr_ne"), "untrained": load_network("names_mr_ne", trained=False)}


@pytest.fixture
def board(networks):
    return AttentionBoard(networks, "Nepal")


def test_it_writes_what_the_network_writes_and_shows_where_it_looks(board, networks):
    parent = networks["parent"]
    assert board.written == spell(parent, ["nepal"])[0] == "नेपाल"
    assert (board.place, len(board.weights), len(board.weights[0])) == (5, 5, 5)
    np.testing.assert_allclose(np.sum(board.weights, axis=1), 1)
    pair = {"english": np.array(["nepal"], object), "name": np.array([board.written], object)}
    (letters, before), _ = spelling_lessons(ArraySplit(pair, {name: Field("text") for name in pair}))
    maps = attention_maps(parent, letters, before).mean(axis=0)[0, :5, :5]
    among_letters = maps / maps.sum(axis=1, keepdims=True)  # the mark of the end is looked at, too
    np.testing.assert_allclose(board.weights, among_letters, atol=1e-5)


def test_another_name_and_another_network(board, networks):
    board.text = " Monaco "
    assert board._source == "monaco"
    assert board.written == spell(networks["parent"], ["monaco"])[0]
    board.network = "untrained"
    assert board.written == spell(networks["untrained"], ["monaco"])[0][:19]
    board.place = 99
    assert board.place == len(board.written)


@pytest.mark.parametrize(("text", "said"), [("area 51?", "the networks know no"), ("", "it has 0"), ("a" * 30, "30")])
def test_an_unreadable_name_leaves_all_as_it_was(board, networks, text, said):
    before = board.written, board.weights
    board.text = text
    assert said in board._problem
    assert (board.written, board.weights, board._source) == (*before, "nepal")
    with pytest.raises(ValueError, match="`text` must be an English name"):
        AttentionBoard(networks, text)


def test_description_and_picture(board):
    assert repr(board) == "AttentionBoard('nepal', 'parent' writes 'नेपाल')"
    assert "parent writes 'नेपाल' for 'nepal'; 5 letters are shown. It looks most at" in board.describe()
    board.place = 0
    assert board.describe().endswith("0 letters are shown.")
    assert board.picture().startswith(b"\x89PNG")


def test_errors(networks):
    with pytest.raises(ValueError, match="at least one network"):
        AttentionBoard({})
    board = AttentionBoard(networks)
    with pytest.raises(ValueError, match=r"`network` must be one of parent, untrained. Received: 'x'"):
        board.network = "x"


def test_the_page_gets_a_font_for_devanagari():
    assert '@font-face { font-family: "tlkit Devanagari"; src: url(data:font/ttf;base64,' in AttentionBoard._css
