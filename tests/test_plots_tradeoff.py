"""A trade-off to be explored: who is on the front, and what a page receives."""

import json
import socket

import matplotlib.pyplot as plt
import pytest

from tlkit.plots import explore_tradeoff, pareto_front

ROWS = [
    {"name": "small", "mb": 10, "accuracy": 0.7, "pixels": 224},
    {"name": "beaten", "mb": 20, "accuracy": 0.6, "pixels": 96},
    {"name": "as large and worse", "mb": 30, "accuracy": 0.8, "pixels": 64},
    {"name": "large", "mb": 30, "accuracy": 0.9, "pixels": 299},
    {"name": "larger, and no better", "mb": 40, "accuracy": 0.9, "pixels": 331},
    {"name": "unknown", "mb": 5, "accuracy": None, "pixels": 32},
]


@pytest.fixture
def page(monkeypatch) -> dict:
    """What a notebook keeps of the figure, made without a network."""
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("no network is needed"))
    return explore_tradeoff(ROWS, "mb", "accuracy", log_cost=True, title="Which?")._repr_mimebundle_()


@pytest.mark.parametrize("order", [1, -1])
def test_the_front_is_what_no_other_beats(order):
    assert [row["name"] for row in pareto_front(ROWS[::order], "mb", "accuracy")] == ["small", "large"]


def test_equal_choices_are_both_on_the_front():
    twins = [{"name": name, "mb": 1, "accuracy": 0.5} for name in "ab"]
    assert pareto_front(twins, "mb", "accuracy") == twins


def test_a_row_that_gains_less_is_on_the_front_where_it_costs_less():
    assert pareto_front(ROWS, "mb", "pixels")[0]["name"] == "unknown"


@pytest.mark.slow
def test_the_page_gets_each_known_choice_with_its_whole_row(page):
    line, points = page["application/vnd.plotly.v1+json"]["data"]
    assert (line["x"], line["y"], line["line"]["shape"]) == ([10, 30], [0.7, 0.9], "hv")
    assert points["x"] == [10, 20, 30, 30, 40]
    assert points["text"][1] == "<b>beaten</b><br>mb: 20<br>accuracy: 0.6<br>pixels: 96"


@pytest.mark.slow
def test_the_page_gets_plain_data_and_no_address(page):
    live = json.dumps(page["application/vnd.plotly.v1+json"])
    assert "http" not in live
    assert len(live) < 5000


def test_a_still_picture_and_words_stand_beside_it(page):
    assert page["text/plain"] == "accuracy against mb of 5 choices. No other beats small, large."
    assert page["text/plain"] in page["text/html"]
    assert "data:image/png;base64,iVBOR" in page["text/html"]
    assert plt.get_fignums() == []


def test_the_scale_is_what_was_asked_for():
    kinds = [explore_tradeoff(ROWS, "mb", "accuracy", log_cost=log).figure.layout.xaxis.type for log in (True, False)]
    assert kinds == ["log", "linear"]


def test_rows_without_numbers_are_refused():
    with pytest.raises(ValueError, match="Received 6 rows, none of which has both"):
        explore_tradeoff(ROWS, "mb", "price")
