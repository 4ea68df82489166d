"""GainMap without a browser."""

import numpy as np
import pytest
from tlkit_widgets import GainMap

from tlkit.measure import paired_interval

LUCK = np.array([0.04, -0.05, 0.06, -0.04, 0.05, 0.01, -0.02, 0.03, -0.03, 0.02])
GAINS = np.stack([[0.2 + LUCK, LUCK], [-0.3 + LUCK, -0.03 + LUCK / 4]])


@pytest.fixture
def gains():
    return GainMap(GAINS, ["glyphs", "colours"], [1, 10])


def test_verdicts_are_those_of_the_intervals(gains):
    wanted = [[paired_interval(cell, 0 * cell).verdict for cell in row] for row in GAINS]
    assert gains.verdicts == wanted == [["positive", "undecided"], ["negative", "negative"]]
    assert gains.select("glyphs", 10) == str(paired_interval(LUCK, 0 * LUCK))
    assert gains.selected == [0, 1]


def test_one_seed_takes_the_side_of_its_run_and_another_seed_another_side(gains):
    gains.num_seeds = 1
    seen = set()
    for _ in range(12):
        gains.another()
        assert gains.verdicts[0][0] == "positive"
        assert (gains._means[0][1] > 0) == (gains.verdicts[0][1] == "positive")
        seen.add(gains.verdicts[0][1])
    assert seen == {"positive", "negative"}
    assert "no interval" in gains._texts[0][1]
    gains.draw = 0
    assert gains._drawn == [0]


def test_all_seeds_are_the_same_in_every_draw(gains):
    before = gains.verdicts
    gains.another()
    assert gains.verdicts == before
    assert gains._drawn == list(range(10))


def test_description_and_picture(gains):
    assert gains.describe() == (
        "Gain over the baseline by source and labels, 10 seeds of 10: 1 positive, 2 negative, 1 undecided."
    )
    assert repr(gains) == "GainMap(2 sources, 2 budgets, 10 seeds)"
    assert gains.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: GainMap(GAINS[0], ["glyphs"], [1]), r"Received shape \(2, 10\)"),
        (lambda: GainMap(GAINS[..., :1], ["a", "b"], [1, 10]), "at least 2 seeds"),
        (lambda: GainMap(GAINS, ["a", "b"], [1, 10], num_seeds=11), "between 1 and 10"),
        (lambda: GainMap(GAINS, ["a", "b"], [1, 10]).select("c", 1), r"`source` must be one of \['a', 'b'\]"),
        (lambda: GainMap(GAINS, ["a", "b"], [1, 10]).select("a", 2), r"`budget` must be one of \[1, 10\]"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
