"""PlanBoard without a browser."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tlkit_widgets import PlanBoard

PRICE, DISPLAY = np.array([2.0, 2.5, 2.0, 4.0]), np.array([0.0, 0.5, 0.0, 1.0])


def forecast(price, display):
    middle = 100 / price * (1 + display)
    return 0.8 * middle, middle, 1.25 * middle


@pytest.fixture
def board():
    return PlanBoard([40.0, 50.0, 60.0], forecast, price=PRICE, display=DISPLAY)


def test_the_band_is_that_of_the_plan(board):
    assert board.price == PRICE.tolist()
    for found, wanted in zip((board.low, board.middle, board.high), forecast(PRICE, DISPLAY), strict=True):
        np.testing.assert_allclose(found, wanted)
    known, low, high, middle, price = board._figure.data
    assert list(known.x) == [-2, -1, 0]
    np.testing.assert_allclose([low.y, high.y, middle.y, price.y], [board.low, board.high, board.middle, board.price])


def test_only_the_chosen_weeks_change(board):
    board.change(price=1.0, weeks=(2, 3))
    assert board.price == [2.0, 1.0, 1.0, 4.0]
    board.change(display=0.25)
    assert board.display == [0.0, 0.25, 0.25, 1.0]
    np.testing.assert_allclose(board.middle, forecast(np.array(board.price), np.array(board.display))[1])
    board.reset()
    assert (board.price, board.display) == (PRICE.tolist(), DISPLAY.tolist())


def test_sliders_stand_where_the_chosen_weeks_are_and_change_them(board):
    board._weeks.value = (4, 4)
    assert (board._price.value, board._display.value) == (4.0, 1.0)
    assert board.price == PRICE.tolist()
    board._price.value = 3.0
    assert board.price == [2.0, 2.5, 2.0, 3.0]
    board._display.value = 0.5
    assert board.display == [0.0, 0.5, 0.0, 0.5]
    board._reset.click()
    assert board.price == PRICE.tolist()


def test_a_page_that_rounds_to_the_step_changes_nothing(board):
    plan = board.price, board.display
    for control, off in ((board._price, 0.004), (board._display, 0.02)):
        control.value += off
    assert (board.price, board.display) == plan
    board._price.value += 0.01
    assert board.price != plan[0]


def test_words_count_units_and_dollars_against_the_plan(board):
    assert "+0% units and +0% dollars" in board.describe()
    board.change(price=1.0, weeks=(1, 1))
    before, now = 50 + 60 + 50 + 50, 100 + 60 + 50 + 50
    assert f"{now} units" in board.describe()
    assert f"{now / before - 1:+.0%} units" in board._said.value


def test_the_slider_may_move_beside_a_cell(board):
    """In JupyterLab 4.6, the messages of widgets arrive in a thread of their own."""

    def drag():
        for price in np.linspace(1.0, 3.0, 40):
            board._price.value = float(price)

    def call():
        for share in np.linspace(0.0, 1.0, 40):
            board.change(display=float(share))

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(drag), pool.submit(call)]:
            each.result()
    board.change(price=1.5, display=0.5)
    np.testing.assert_allclose(board.middle, 4 * [100.0])
    np.testing.assert_allclose(board._figure.data[3].y, 4 * [100.0])


@pytest.mark.slow
def test_description_and_picture(board):
    assert repr(board) == "PlanBoard(3 known weeks, 4 to come)"
    assert board.picture().startswith(b"\x89PNG")
    assert {"image/png", "text/plain", "application/vnd.jupyter.widget-view+json"} <= set(board._repr_mimebundle_())


@pytest.mark.parametrize(
    ("price", "display", "said"),
    [
        (PRICE[:2], DISPLAY, r"Received shapes \(3,\), \(2,\) and \(4,\)"),
        (0 * PRICE, DISPLAY, "above 0"),
        (PRICE, DISPLAY + 1, "0 to 2|1 to 2"),
    ],
)
def test_impossible_plans_are_refused(price, display, said):
    with pytest.raises(ValueError, match=said):
        PlanBoard([1.0, 2.0, 3.0], forecast, price=price, display=display)
