"""Grad-CAM against a model whose evidence is known, and the widget's state."""

import keras
import numpy as np
import pytest
from tlkit_widgets import GradCam
from tlkit_widgets.grad_cam import grad_cam

NAMES = ["red", "blue"]


@pytest.fixture(scope="module")
def model():
    """Scores: how much red, and how much blue, there is; so the evidence for red lies where the image is red."""
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 1, use_bias=False, name="copy")(image)
    x = keras.layers.MaxPooling2D(2, name="small")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    model = keras.Model(image, keras.layers.Dense(2, use_bias=False, name="head")(x))
    model.get_layer("copy").set_weights([np.eye(3, dtype="float32")[None, None]])
    model.get_layer("head").set_weights([np.array([[1, 0], [0, 0], [0, 1]], "float32")])
    return model


@pytest.fixture
def images():
    """A red spot at the top left, and a smaller blue one at the bottom right; then the same with blue alone."""
    images = np.zeros((2, 8, 8, 3), "uint8")
    images[0, :4, :4, 0] = 255
    images[:, 6:, 6:, 2] = 255
    return images


def test_heat_lies_where_the_evidence_is(model, images):
    red, blue = grad_cam(model, images, 0, layer="small")[0], grad_cam(model, images, 1, layer="small")[0]
    np.testing.assert_array_equal(red, np.pad(np.ones((2, 2)), (0, 2)))
    np.testing.assert_array_equal(blue, np.pad(np.ones((1, 1)), (3, 0)))


def test_one_class_an_image_and_the_predicted_one(model, images):
    each = grad_cam(model, images, [1, 1], layer="small")
    own = grad_cam(model, images, layer="small")
    np.testing.assert_array_equal(own[1], each[1])
    assert not np.array_equal(own[0], each[0])


def test_nothing_for_a_class_is_zero_and_not_nan(model, images):
    assert not grad_cam(model, images, 0, layer="small")[1].any()


def test_a_frozen_model_is_explained_all_the_same(model, images):
    before = grad_cam(model, images, 0)
    model.trainable = False
    np.testing.assert_array_equal(grad_cam(model, images, 0), before)
    model.trainable = True


def test_widget_follows_its_traits(model, images):
    cam = GradCam(model, images, NAMES, [0, 1])
    assert cam.blocks
    assert cam.explained == 0
    assert "strongest at the top left" in cam.describe()
    cam.class_index = 1
    assert "for blue" in cam.describe()
    assert "strongest at the bottom right" in cam.describe()
    cam.index, cam.class_index = 1, 0
    assert "Nothing in the image speaks for it" in cam.describe()
    assert np.frombuffer(cam._heat, "<f4").reshape(cam._rows, -1).shape == cam.heat.shape
    assert sum(cam._shares) == pytest.approx(1)
    assert cam.picture().startswith(b"\x89PNG")
    assert repr(cam) == "GradCam(2 images, 2 classes)"


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda m, i: grad_cam(m, i, layer="smal"), "Did you mean 'small'"),
        (lambda m, i: GradCam(m, i, ["red"]), "one name for each score"),
        (lambda m, i: setattr(GradCam(m, i, NAMES), "index", 2), r"`index` must be in \[0, 2\)"),
        (lambda m, i: setattr(GradCam(m, i, NAMES), "class_index", 2), r"`class_index` must be in \[0, 2\)"),
        (lambda m, i: setattr(GradCam(m, i, NAMES), "block", "x"), "`block` must be one of"),
    ],
)
def test_errors(model, images, act, match):
    with pytest.raises(ValueError, match=match):
        act(model, images)


def test_a_model_without_maps_is_told():
    dense = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="must have a layer with maps"):
        grad_cam(dense, np.zeros((1, 4)))
