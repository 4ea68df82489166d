"""LatencyFront without a browser."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tlkit_widgets import LatencyFront

from tlkit.plots import pareto_front
from tlkit.selection import list_latencies

ROWS = [vars(row) for row in list_latencies()]
DRAWN = [row for row in ROWS if row["milliseconds"] and row["top1"]]


@pytest.fixture
def front():
    return LatencyFront(ROWS)


@pytest.mark.slow
def test_front_is_that_of_all_networks_with_both_numbers(front):
    assert front.front == [row["name"] for row in pareto_front(ROWS, "milliseconds", "top1")]


def test_a_smaller_budget_leaves_fewer_and_moves_points_between_traces(front):
    for budget in (300, 60, 30):
        front.milliseconds = budget
        fast = [row for row in DRAWN if row["milliseconds"] <= budget]
        assert front.front == [row["name"] for row in pareto_front(fast, "milliseconds", "top1")]
        out, left, best = front._figure.data
        assert len(left.x) == len(fast)
        assert len(out.x) + len(left.x) == len(DRAWN)
        assert list(best.y) == sorted(best.y)
        assert f"For {budget} ms" in front._said.value


def test_size_and_place_filter(front):
    front.megabytes = 20
    assert all(row["megabytes"] <= 20 for row in ROWS if row["name"] in front.front)
    front.where = "embedded"
    assert front.front == []
    assert "None of" in front.describe()


def test_the_slider_and_the_trait_are_one(front):
    slider = front.children[0]
    slider.value = 100
    assert front.milliseconds == pytest.approx(100)
    front.milliseconds = 50
    assert slider.value == pytest.approx(50)


def test_the_slider_may_move_beside_a_cell(front):
    """In JupyterLab 4.6, the messages of widgets arrive in a thread of their own."""
    slider = front.children[0]

    def move(target, name):
        for budget in range(20, 60):
            setattr(target, name, float(budget))

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(move, slider, "value"), pool.submit(move, front, "milliseconds")]:
            each.result()
    slider.value = 100
    assert front.milliseconds == 100
    assert front.front == LatencyFront(ROWS, milliseconds=100).front


@pytest.mark.slow
def test_description_and_picture(front):
    assert repr(front) == f"LatencyFront({len(front._rows)} networks)"
    assert front.picture().startswith(b"\x89PNG")
    assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(front._repr_mimebundle_())
    assert "more lack a published time" in front._said.value


def test_rows_without_numbers_are_refused():
    with pytest.raises(ValueError, match="none of which has both"):
        LatencyFront([{"name": "a", "milliseconds": None, "top1": 0.7, "megabytes": 1, "embedded": ()}])
