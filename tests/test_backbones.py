"""`tlkit.backbones`: every architecture, its preprocessing, the head, and what is said about bad arguments."""

import random
import warnings

import keras
import numpy as np
import pytest

from tlkit.backbones import add_head, list_backbones, load_backbone, load_classifier
from tlkit.backbones import architectures as catalog
from tlkit.backbones.architectures import builders, family_of
from tlkit.backbones.build_backbone import build_backbone, preprocess
from tlkit.backbones.make_table import measure
from tlkit.backbones.snake_case import snake_case
from tlkit.choices import nearest_or_all

CAPITALISED = {name for name in vars(keras.applications) if name[0].isupper()}
FAMILIES = sorted({family_of(builder) for builder in builders().values()})
SMALLEST = {info.family: info.name for info in reversed(list_backbones())}
MINIMUM = {"inception_v3": 75, "inception_resnet_v2": 75, "xception": 71}


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, 96, 96, 3)).astype(np.uint8)


def small_backbone(**kwargs):
    options = {"weights": "random", "alpha": 0.35, "input_shape": (32, 32, 3), **kwargs}
    return load_backbone("mobilenet_v2", **options)


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("MobileNetV3Small", "mobilenet_v3_small"),
        ("ResNet50", "resnet50"),
        ("ResNet152V2", "resnet152_v2"),
        ("EfficientNetB0", "efficientnet_b0"),
        ("EfficientNetV2B0", "efficientnet_v2_b0"),
        ("EfficientNetV2S", "efficientnet_v2_s"),
        ("DenseNet121", "densenet121"),
        ("InceptionV3", "inception_v3"),
        ("InceptionResNetV2", "inception_resnet_v2"),
        ("NASNetMobile", "nasnet_mobile"),
        ("ConvNeXtXLarge", "convnext_xlarge"),
        ("VGG16", "vgg16"),
        ("Xception", "xception"),
        ("MobileNet", "mobilenet"),
    ],
)
def test_names_are_the_fields(class_name, expected):
    assert snake_case(class_name) == expected


def test_every_model_of_keras_is_listed_once():
    names = [info.name for info in list_backbones()]
    assert len(names) == len(set(names)) == len(CAPITALISED)
    assert {name.replace("_", "") for name in names} == {name.lower() for name in CAPITALISED}


def test_known_facts():
    infos = {info.name: info for info in list_backbones()}
    resnet = infos["resnet50"]
    # 25.6 million with the top, of which 2048 * 1000 + 1000 are the top: He et al., 2016
    assert resnet.num_parameters == 25_636_712 - 2_049_000
    assert (resnet.family, resnet.input_size, resnet.num_features) == ("resnet", 224, 2048)
    assert resnet.imagenet_top1 == 0.749
    assert resnet.size_mb == pytest.approx(94.4, abs=0.1)
    assert infos["efficientnet_b7"].input_size == 600
    assert infos["mobilenet_v3_small"].imagenet_top1 is None
    assert infos["inception_v3"].imagenet_top1 == 0.779


def test_published_accuracies_belong_to_models_of_keras():
    published = catalog._tables()[1]
    assert set(published) <= CAPITALISED
    assert all(0.7 < accuracy < 0.9 for accuracy in published.values())


def test_a_model_that_the_table_lacks_is_listed(monkeypatch):
    def BrandNewNetV9(include_top=True, weights="imagenet"):
        raise NotImplementedError

    monkeypatch.setattr(keras.applications, "BrandNewNetV9", BrandNewNetV9, raising=False)
    builders.cache_clear()
    try:
        info = next(info for info in list_backbones() if "brand" in info.name)
    finally:
        builders.cache_clear()
    assert (info.num_parameters, info.size_mb, info.num_features, info.imagenet_top1) == (None,) * 4


@pytest.mark.slow
@pytest.mark.large
@pytest.mark.parametrize("name", sorted(builders()))
def test_every_architecture_builds_as_the_table_says(name):
    assert catalog._tables()[0][name] == measure(name)


@pytest.mark.parametrize("family", FAMILIES)
def test_preprocessing_is_that_of_the_family(family, images):
    image = keras.Input((96, 96, 3))
    ours = keras.Model(image, preprocess(image, family) + 0.0)(images)
    function = getattr(keras.applications, family).preprocess_input
    np.testing.assert_allclose(ours, function(images.astype("float32")), rtol=0, atol=1e-4)


@pytest.mark.slow
@pytest.mark.large
@pytest.mark.parametrize("family", FAMILIES)
def test_flat_model_equals_keras_own(family, images):
    """Our flat graph with the preprocessing inside, against Keras' model behind `preprocess_input`."""
    name = SMALLEST[family]
    side = MINIMUM.get(name, 32)
    images = images[:2, :side, :side]
    ours = load_backbone(name, weights="random", input_shape=(side, side, 3))
    assert not any(isinstance(layer, keras.Model) for layer in ours.layers)
    theirs = builders()[name](include_top=False, weights=None, input_shape=(side, side, 3))
    theirs.set_weights(ours.get_weights())
    expected = theirs(getattr(keras.applications, family).preprocess_input(images.astype("float32"))).numpy()
    scale = np.abs(expected).max()
    assert np.isfinite(scale)
    assert scale > 1e-2  # else the comparison would say nothing
    np.testing.assert_allclose(ours(images), expected, rtol=0, atol=1e-4 * scale)
    twin = keras.models.model_from_json(ours.to_json())
    twin.set_weights(ours.get_weights())
    np.testing.assert_allclose(twin(images), ours(images), rtol=0, atol=1e-6 * scale)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg16"])
def test_saved_model_loads_without_this_package(name, images, tmp_path):
    model = load_backbone(name, weights="random", input_shape=(32, 32, 3))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert "tlkit" not in loaded.to_json()
    np.testing.assert_array_equal(loaded(images[:, :32, :32]), model(images[:, :32, :32]))


@pytest.mark.slow
def test_images_may_be_uint8_or_float32_and_no_warning(images):
    model = small_backbone()
    images = images[:, :32, :32]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        whole, real = model(images).numpy(), model(images.astype("float32")).numpy()
    assert whole.shape == (4, 1, 1, 1280)
    np.testing.assert_array_equal(whole, real)
    np.testing.assert_allclose(model.predict(images, verbose=0), whole, rtol=0, atol=1e-3)


@pytest.mark.slow
def test_sides_may_vary(images):
    model = small_backbone(input_shape=(None, None, 3))
    assert model(images).shape == (4, 3, 3, 1280)
    assert model(images[:, :64, :32]).shape == (4, 2, 1, 1280)


@pytest.mark.slow
def test_seed_decides_the_weights_and_nothing_else():
    def weights(seed):
        return small_backbone(weights=None, seed=seed).get_weights()

    random.seed(5)
    first, state = weights(1), random.getstate()
    random.seed(5)
    assert random.getstate() == state  # the caller's generator has not moved
    again, other = weights(1), weights(2)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.slow
def test_random_weights_are_he_normal_and_always_the_same():
    model = small_backbone()
    kernel = model.get_layer("Conv_1").kernel.numpy()  # (1, 1, inputs, 1280)
    assert kernel.std() == pytest.approx((2 / kernel.shape[2]) ** 0.5, rel=0.02)
    depthwise = model.get_layer("block_15_depthwise").kernel.numpy()  # (3, 3, channels, 1): 9 inputs each
    assert depthwise.std() == pytest.approx((2 / 9) ** 0.5, rel=0.05)
    np.testing.assert_array_equal(kernel, small_backbone().get_layer("Conv_1").kernel.numpy())


@pytest.mark.slow
def test_control_has_features_of_a_useful_size(images):
    model = small_backbone(input_shape=(96, 96, 3))
    features = model(images).numpy().mean((1, 2))  # (4, 1280)
    assert 0.01 < features.std(axis=0).mean() < 10  # they differ from image to image
    assert model.get_layer("bn_Conv1").momentum == 0.999
    assert not np.array_equal(features, small_backbone(input_shape=(96, 96, 3), seed=1)(images).numpy().mean((1, 2)))


@pytest.mark.parametrize("name", sorted(MINIMUM))
def test_minimum_size_is_named(name):
    with pytest.raises(ValueError, match=rf"`input_shape` of '{name}' must be at least \({MINIMUM[name]}, .*\(64, 64"):
        build_backbone(name, (64, 64, 3))


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"name": "mobilnet_v2"}, "`name` must be .*'mobilnet_v2'. Did you mean 'mobilenet_v2'.*list_backbones"),
        ({"name": "resnet50", "alpha": 0.5}, "`alpha` .*'resnet50' has none. Received: alpha=0.5"),
        ({"name": "resnet50", "input_shape": (64, 64)}, r"`input_shape` must be .*Received: \(64, 64\)"),
        ({"name": "resnet50", "input_shape": (64, 64, 1)}, r"`input_shape` must be .*Received: \(64, 64, 1\)"),
        ({"name": "resnet50", "input_shape": 64}, "`input_shape` must be .*Received: 64"),
    ],
)
def test_bad_arguments(kwargs, message):
    with pytest.raises(ValueError, match=message):
        load_backbone(weights=None, **kwargs)


@pytest.mark.parametrize("function", [load_backbone, load_classifier])
def test_unknown_weights(function):
    with pytest.raises(ValueError, match=r"`weights` must be .*Received: 'imagnet'. Did you mean 'imagenet'"):
        function("mobilenet_v2", weights="imagnet")


def test_nearest_or_all_lists_all_when_nothing_is_near():
    assert nearest_or_all("zzz", ["a", "b"]) == " Allowed: a, b."


@pytest.mark.slow
def test_head_continues_the_graph():
    backbone = small_backbone()
    model = add_head(backbone, 7, dropout=0.2, seed=3)
    assert not any(isinstance(layer, keras.Model) for layer in model.layers)
    assert model.layers[: len(backbone.layers)] == backbone.layers
    assert [layer.name for layer in model.layers[-3:]] == ["head_pool", "head_dropout", "head"]
    assert model.output_shape == (None, 7)
    head = model.get_layer("head")
    assert head.activation is keras.activations.linear
    np.testing.assert_array_equal(head.kernel, add_head(backbone, 7, seed=3).get_layer("head").kernel)
    assert not np.array_equal(head.kernel, add_head(backbone, 7, seed=4).get_layer("head").kernel)


@pytest.mark.slow
def test_grad_cam_works(images):
    import tensorflow as tf

    model = add_head(small_backbone(input_shape=(96, 96, 3)), 5)
    both = keras.Model(model.inputs, [model.get_layer("out_relu").output, model.output])
    with tf.GradientTape() as tape:
        maps, logits = both([images])
        score = logits[:, 2]
    gradient = tape.gradient(score, maps)
    # of a linear layer on an average, the gradient is known: the class's weights over the number of places
    expected = model.get_layer("head").kernel.numpy()[:, 2] / 9
    np.testing.assert_allclose(gradient[0, 1, 2], expected, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("num_classes", "dropout", "message"),
    [
        (0, 0.0, "`num_classes` must be .*Received: 0"),
        (2.5, 0.0, "`num_classes` must be .*Received: 2.5"),
        (1.0, 0.0, r"`num_classes` must be .*Received: 1\.0. Try len\(class_names\)"),
        (True, 0.0, "`num_classes` must be .*Received: True"),
        (np.bool_(1), 0.0, "`num_classes` must be "),
        (np.float32(3), 0.0, "`num_classes` must be "),
        ("3", 0.0, "`num_classes` must be .*Received: '3'"),
        (np.int64(-1), 0.0, "`num_classes` must be .*Received: "),
        (3, 20, r"`dropout` must be a share in \[0, 1\). Received: 20"),
    ],
)
def test_head_refuses(num_classes, dropout, message):
    with pytest.raises(ValueError, match=message):
        add_head(small_backbone(), num_classes, dropout=dropout)


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, np.int64(3), np.uint8(3), np.array(3), len({"a", "b", "c"})])
def test_counts_may_be_whole_numbers_of_any_kind(count):
    model = add_head(small_backbone(), count)
    assert model.output_shape == (None, 3)
    assert type(model.get_layer("head").get_config()["units"]) is int  # so that the model can be saved


@pytest.mark.slow
def test_sides_may_be_whole_numbers_of_any_kind():
    assert small_backbone(input_shape=tuple(np.array([32, 32, 3]))).input_shape == (None, 32, 32, 3)


def test_head_needs_a_feature_map():
    pooled = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()])
    with pytest.raises(ValueError, match=r"feature map.*shape \(None, 3\)"):
        add_head(pooled, 2)
