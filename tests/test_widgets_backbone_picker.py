"""BackbonePicker without a browser."""

import pytest
from tlkit_widgets import BackbonePicker

from tlkit.backbones import list_backbones


@pytest.fixture(scope="module")
def picker():
    return BackbonePicker(input_size=32)


def test_lists_every_backbone(picker):
    assert [row["name"] for row in picker.rows] == [info.name for info in list_backbones()]
    small = next(row for row in picker.rows if row["name"] == "mobilenet_v2")
    assert (small["parameters"], small["features"], small["image"]) == (2257984, 1280, 224)


@pytest.mark.slow
def test_measures_here(picker):
    assert 0 < picker.measure("mobilenet_v3_small") < 10_000
    assert set(picker.milliseconds) == {"mobilenet_v3_small"}
    assert picker.busy == ""


def test_an_unknown_name(picker):
    with pytest.raises(ValueError, match="Did you mean 'resnet50'"):
        picker.selected = "resnet_50"
    assert picker.selected == "mobilenet_v3_small"


def test_a_failed_measurement_is_told(picker, monkeypatch):
    monkeypatch.setattr("tlkit_widgets.backbone_picker.load_backbone", lambda *args, **options: 1 / 0)
    picker._tell_errors(picker.measure)
    assert (picker._error, picker.busy) == ("ZeroDivisionError: division by zero", "")


@pytest.mark.slow
def test_picture(picker):
    picker.selected = "resnet50"
    assert "Picked: resnet50, 23,587,712 parameters" in picker.describe()
    assert picker.picture().startswith(b"\x89PNG")
    assert repr(picker) == "BackbonePicker()"
