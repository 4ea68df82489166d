"""Images larger than those that embedded weights were trained on are warned of, where they are asked for."""

import warnings

import pytest

from tlkit.backbones import ImageSizeWarning, load_backbone, load_classifier

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("load", [load_backbone, load_classifier])
@pytest.mark.parametrize("shape", [(96, 64, 3), (224, 224, 3)])
def test_larger_images_are_warned_of(load, shape):
    with pytest.warns(
        ImageSizeWarning, match=r"trained on images of 64 x 64 pixels.*Read the images at `size=64`"
    ) as caught:
        load(weights="photos", input_shape=shape)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "options", [{}, {"input_shape": (32, 32, 3)}, {"input_shape": (None, None, 3)},
                {"weights": "random", "input_shape": (96, 96, 3)}]
)  # fmt: skip
def test_others_are_not(options):
    with warnings.catch_warnings():
        warnings.simplefilter("error", ImageSizeWarning)
        load_backbone(**options)
