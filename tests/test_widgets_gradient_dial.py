"""GradientDial without a browser."""

import numpy as np
import pytest
import traitlets
from tlkit_widgets import GradientDial

MEASURED = {"loop": {"angle": 93, "length": 0.8, "gain": 3.1}, "noise": {"angle": 98, "length": 9.0, "gain": -4.2}}


@pytest.fixture
def dial():
    return GradientDial(MEASURED, first="digit")


def test_changes_are_those_of_two_quadratic_losses(dial):
    """The oracle: a tiny step from a point where two quadratic losses have just these gradients."""
    rate = 1e-8
    for angle, length, weight in ((0, 1, 1), (75, 0.4, 2), (120, 3, 1), (180, 2, 0.3), (100, 4, 4)):
        dial.angle, dial.length, dial.weight = angle, length, weight
        turn = np.radians(angle)
        gradients = np.array([[1, 0], [length * np.cos(turn), length * np.sin(turn)]])
        step = -rate * (gradients[0] + weight * gradients[1])
        losses = [0.5 * np.sum((gradient + step) ** 2) - 0.5 * np.sum(gradient**2) for gradient in gradients]
        np.testing.assert_allclose(dial.changes, np.array(losses) / rate, atol=1e-4)


def test_a_task_is_taken_and_the_dial_put_back(dial):
    dial.weight = 3.0
    dial.take("noise")
    assert (dial.angle, dial.length, dial.weight) == (98, 4.0, 1.0)  # the length ends at the rim
    dial.reset()
    assert (dial.angle, dial.length, dial.weight) == (60, 1, 1)


def test_description_and_picture(dial):
    assert repr(dial) == "GradientDial(2 tasks measured)"
    assert dial.describe().endswith("in a shared step the loss of digit falls and the loss of the second task falls.")
    dial.angle, dial.length = 150, 3
    assert "120" not in dial.describe()
    assert "150 degrees, the second 3.00 times as long" in dial.describe()
    assert "the loss of digit rises and the loss of the second task falls" in dial.describe()
    assert dial.picture().startswith(b"\x89PNG")


@pytest.mark.parametrize("values", [{"angle": 200, "length": 1, "gain": 0}, {"angle": 90, "gain": 0}, {"length": 0}])
def test_what_was_measured_is_checked(values):
    with pytest.raises(ValueError, match="`measured` needs for 'loop' an angle from 0 to 180"):
        GradientDial({"loop": values})


def test_the_dial_has_ends(dial):
    for name, value in (("angle", 181.0), ("length", 0.0), ("weight", 5.0)):
        with pytest.raises(traitlets.TraitError):
            setattr(dial, name, value)
