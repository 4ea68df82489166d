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


@pytest.mark.slow
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


def backbone(name="backbone"):
    """As the model above: its three maps are the colours, and the last layer is far from its input."""
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(3, 1, use_bias=False, name="copy", kernel_initializer=COPY)(image)
    return keras.Model(image, keras.layers.MaxPooling2D(2, name="small")(x), name=name)


def COPY(shape, dtype=None):
    return np.eye(3, dtype="float32")[None, None]


def RED_AND_BLUE(shape, dtype=None):
    return np.array([[1, 0], [0, 0], [0, 1]], "float32")[:, -shape[1] :]


def head(units=2, **options):
    return keras.layers.Dense(units, use_bias=False, kernel_initializer=RED_AND_BLUE, name="head", **options)


def flat():
    image = keras.Input((8, 8, 3))
    return image, backbone()(image)


def as_in_the_guide():
    image = keras.Input((8, 8, 3))
    return image, backbone()(keras.layers.Rescaling(1.0)(image), training=False)


def doubly_nested():
    image, inner = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    outer = keras.Model(inner, backbone()(inner), name="outer")
    return image, outer(image)


def sequential_in_functional():
    image = keras.Input((8, 8, 3))
    return image, keras.Sequential([keras.layers.Rescaling(1.0), backbone()])(image)


NESTS = [flat, as_in_the_guide, doubly_nested, sequential_in_functional]


def with_head(make, units=2, ending=None, **options):
    image, maps = make()
    scores = head(units, **options)(keras.layers.GlobalAveragePooling2D()(maps))
    return keras.Model(image, ending(scores) if ending else scores)


def all_sequential():
    layers = [keras.layers.Input((8, 8, 3)), backbone(), keras.layers.GlobalAveragePooling2D(), head()]
    return keras.Sequential(layers)


@pytest.mark.slow
@pytest.mark.parametrize("make", [*[lambda nest=nest: with_head(nest) for nest in NESTS], all_sequential])
def test_nested_models_are_explained_as_flat_ones(model, images, make):
    nested = make()
    for k in (0, 1):
        np.testing.assert_allclose(grad_cam(nested, images, k), grad_cam(model, images, k, layer="small"))
        np.testing.assert_allclose(grad_cam(nested, images, k, layer="copy"), grad_cam(model, images, k, layer="copy"))
    cam = GradCam(nested, images, NAMES)
    assert cam.block == cam.blocks[-1]
    assert "strongest at the top left" in cam.describe()


ENDINGS = {
    "softmax in the head": ({"activation": "softmax"}, None),
    "sigmoid in the head": ({"activation": "sigmoid"}, None),
    "a layer of its own": ({}, keras.layers.Activation("softmax")),
    "a layer that is a softmax": ({}, keras.layers.Softmax()),
    "a bare operation": ({}, keras.ops.softmax),
    "a bare sigmoid": ({}, keras.ops.sigmoid),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", NESTS[:2])
@pytest.mark.parametrize(("options", "ending"), ENDINGS.values(), ids=ENDINGS)
def test_the_logit_is_explained_and_the_probability_is_shown(model, images, make, options, ending):
    sure = with_head(make, ending=ending, **options)
    np.testing.assert_array_equal(sure.predict(images, verbose=0).max(), 1.0)  # behind the ending every slope is 0
    for k in (0, 1):
        np.testing.assert_allclose(grad_cam(sure, images, k), grad_cam(model, images, k, layer="small"))
    cam = GradCam(sure, images, NAMES)
    np.testing.assert_array_equal(cam._shares, sure.predict(images, verbose=0)[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "ending"), [({}, None), ({"activation": "sigmoid"}, None), ({}, keras.ops.sigmoid)]
)
def test_a_single_output_speaks_for_one_class_and_against_the_other(model, images, options, ending):
    one = with_head(as_in_the_guide, units=1, ending=ending, **options)  # how much blue there is
    np.testing.assert_allclose(grad_cam(one, images, 1), grad_cam(model, images, 1, layer="small"))
    assert not grad_cam(one, images, 0).any()
    cam = GradCam(one, images / 255, ["not blue", "blue"])
    logit = with_head(as_in_the_guide, units=1).predict(images / 255, verbose=0)[0, 0]
    assert cam._shares == pytest.approx([1 - 1 / (1 + np.exp(-logit)), 1 / (1 + np.exp(-logit))])
    assert cam.explained == 1


@pytest.mark.slow
def test_shares_that_an_unknown_layer_made_are_not_made_again(images):
    halves = with_head(flat, ending=keras.layers.Lambda(lambda x: x / keras.ops.sum(x, 1, keepdims=True)))
    shares = halves.predict(images + 1, verbose=0)
    np.testing.assert_allclose(GradCam(halves, images + 1, NAMES)._shares, shares[0])


def test_each_branch_can_be_asked(images):
    image = keras.Input((8, 8, 3))
    left = keras.layers.Conv2D(3, 1, use_bias=False, name="left", kernel_initializer=COPY)(image)
    right = keras.layers.Conv2D(3, 1, use_bias=False, name="right", kernel_initializer=COPY)(image)
    pooled = [keras.layers.GlobalAveragePooling2D()(left), keras.layers.GlobalMaxPooling2D()(right)]
    two = keras.Model(image, head()(keras.layers.Add()(pooled)))
    cam = GradCam(two, images, NAMES)
    assert sorted(cam.blocks) == ["left", "right"]
    assert cam.heat.shape == (8, 8)
    cam.block = "left"
    assert "at the top left" in cam.describe()


def test_the_model_is_left_as_it_was(images):
    nested = with_head(as_in_the_guide, activation="softmax")
    layers = list(nested._flatten_layers())
    before = [{**vars(layer)} for layer in layers]
    nodes = [len(layer._inbound_nodes) for layer in layers]
    grad_cam(nested, images, 0)
    with pytest.raises(ValueError, match=r"`classes` must be in \[0, 2\)"):
        grad_cam(nested, images, 2)
    assert [len(layer._inbound_nodes) for layer in layers] == nodes
    for layer, old in zip(layers, before, strict=True):
        assert vars(layer).keys() == old.keys()
        assert getattr(layer, "activation", None) is old.get("activation")


def test_many_images_are_explained_in_batches(model, images):
    many = np.concatenate([images] * 3)
    np.testing.assert_allclose(grad_cam(model, many, batch_size=4), np.concatenate([grad_cam(model, images)] * 3))


class Own(keras.Model):
    def call(self, x):
        return x


def two_outputs():
    image, maps = flat()
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    return keras.Model(image, [keras.layers.Dense(2, name="a")(pooled), keras.layers.Dense(2, name="b")(pooled)])


def two_inputs():
    (image, maps), extra = flat(), keras.Input((2,))
    both = keras.layers.Concatenate()([keras.layers.GlobalAveragePooling2D()(maps), extra])
    return keras.Model([image, extra], keras.layers.Dense(2)(both))


def without_maps():
    layers = [keras.layers.Input((8, 8, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten()]
    return keras.Sequential([*layers, keras.layers.Dense(2)])


def without_slope():
    image, maps = flat()
    return keras.Model(image, head()(keras.layers.GlobalAveragePooling2D()(keras.ops.stop_gradient(maps))))


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (Own, "a subclassed model has no graph"),
        (lambda: keras.Sequential([keras.layers.Conv2D(2, 3)]), "Give a Sequential a keras.Input first"),
        (two_outputs, "must have one output. .* has 2: .*keras.Model"),
        (two_inputs, "must have one input. .* has 2: "),
        (without_maps, "must have a layer with maps"),
        (backbone, r"must give one score per class, \(n, num_classes\). 'backbone' gives \(None, 4, 4, 3\)"),
        (without_slope, "have no gradient with respect to 'small'"),
    ],
)
def test_a_model_that_cannot_be_explained_is_told_why(images, make, match):
    with pytest.raises(ValueError, match=match):
        GradCam(make(), images, NAMES)


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda m, i: grad_cam(m, i, layer="smal"), "Did you mean 'small'"),
        (lambda m, i: grad_cam(m, i, layer="head"), r"must give maps .* 'head' of .* gives \(None, 2\)"),
        (lambda m, i: GradCam(m, i, ["red"]), "one name for each score: 2 of 2 outputs. Received: 1"),
        (lambda m, i: GradCam(with_head(flat, 1), i, ["blue"]), "one name for each score: 2 of 1 outputs"),
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
