"""`blocks`: every family of Keras, own models, and what a cut promises."""

import keras
import numpy as np
import pytest

from tlkit.backbones import add_head, load_backbone
from tlkit.backbones.architectures import builders
from tlkit.backbones.build_backbone import build_backbone
from tlkit.freezing import blocks

L = keras.layers


def nested_model():
    """A backbone in a model, as most tutorials build it."""
    inner_in = keras.Input((16, 16, 3))
    x = L.BatchNormalization(name="bn_a")(L.Conv2D(4, 3, name="conv_a")(inner_in))
    x = L.BatchNormalization(name="bn_b")(L.Conv2D(4, 3, name="conv_b")(x))
    backbone = keras.Model(inner_in, x, name="backbone")
    image = keras.Input((16, 16, 3))
    x = backbone(L.Rescaling(1 / 255)(image), training=False)
    return keras.Model(image, L.Dense(2, name="out")(L.GlobalAveragePooling2D()(x)))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(builders()))
def test_every_architecture_has_blocks_as_a_person_would_draw_them(name):
    with keras.StatelessScope(initialize_variables=False):  # builds the graph, not the weights
        model = add_head(build_backbone(name, (96, 96, 3)), 5)
    parts = blocks(model)
    assert 10 <= len(parts) <= 25
    names = [layer_name for block in parts for layer_name in block.layer_names]
    assert sorted(names) == sorted(layer.name for layer in model.layers)
    assert len({block.name for block in parts}) == len(parts)
    assert parts[0].layer_names[0] == "image"
    assert parts[-1].name == "head"
    assert parts[-1].layer_names == ("head_pool", "head_dropout", "head")
    assert sum(block.num_parameters for block in parts) == model.count_params()
    assert all(block.num_parameters for block in parts)
    heights = [block.output_shape[1] for block in parts[:-1]]
    assert heights == sorted(heights, reverse=True)
    assert_in_order(model, parts)
    if not name.startswith("nasnet"):  # whose cells look back at two
        assert all(block.cut for block in parts)


def assert_in_order(model, parts):
    """No layer reads from a later block: by walking Keras' own tensors, through bare operations."""
    where = {name: i for i, block in enumerate(parts) for name in block.layer_names}

    def latest(operation):
        tensors = keras.tree.flatten(operation.input)
        makers = [tensor._keras_history.operation for tensor in tensors]
        return max(where[maker.name] if maker.name in where else latest(maker) for maker in makers)

    assert all(latest(layer) <= where[layer.name] for layer in model.layers[1:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("mobilenet_v2", ["stem", "expanded_conv", "block_1", "block_16", "Conv_1", "head"]),
        ("mobilenet_v3_small", ["stem", "expanded_conv", "expanded_conv_10", "conv_1", "head"]),
        ("mobilenet", ["stem", "block_1", "block_13", "head"]),
        ("resnet50", ["stem", "conv2_block1", "conv5_block3", "head"]),
        ("vgg16", ["block1_conv1", "block5_conv3", "head"]),
        ("inception_v3", ["stem", "mixed0", "mixed10", "head"]),
        ("nasnet_mobile", ["stem", "cell_stem_1", "cell_0", "cell_reduce_4", "cell_12", "head"]),
        ("densenet121", ["stem", "conv2_block1-3", "pool2", "conv5_block14-16", "head"]),
        ("convnext_tiny", ["stem", "stage_0_block_0", "downsampling_2", "stage_3_block_2", "head"]),
        ("efficientnet_b0", ["stem", "block1a", "block7a", "top", "head"]),
        ("xception", ["block1", "block14", "head"]),
        ("resnet152", ["stem", "conv4_block34-36", "head"]),
    ],
)
def test_names(name, some):
    with keras.StatelessScope(initialize_variables=False):
        model = add_head(build_backbone(name, (96, 96, 3)), 5)
    names = [block.name for block in blocks(model)]
    assert [n for n in names if n in some] == some


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet_v2", "densenet121"])
def test_a_model_can_be_split_at_a_cut(name):
    model = load_backbone(name, weights="random", input_shape=(64, 64, 3))
    images = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    block = blocks(model)[9]
    assert block.cut
    middle = model.get_layer(block.layer_names[-1]).output
    assert middle.shape == block.output_shape
    first, second = keras.Model(model.input, middle), keras.Model(middle, model.output)
    np.testing.assert_allclose(second(first(images)), model(images), rtol=1e-4, atol=1e-5)


def test_nested_models_are_opened():
    parts = blocks(nested_model())
    assert [block.name for block in parts] == ["conv_a", "conv_b", "head"]
    assert parts[0].layer_names[-2:] == ("conv_a", "bn_a")
    assert parts[2].layer_names[-1] == "out"
    assert [block.cut for block in parts] == [True, True, True]


def test_nested_in_a_sequential():
    inner = keras.Sequential([keras.Input((8, 8, 3)), L.Conv2D(3, 3, name="c")], name="inner")
    model = keras.Sequential([keras.Input((8, 8, 3)), inner, L.Flatten(), L.Dense(2, name="d")])
    assert [block.name for block in blocks(model)] == ["c", "head"]


def test_network_without_images():
    model = keras.Sequential([keras.Input((5,)), *(L.Dense(4, name=f"d{i}") for i in range(3)), L.Dense(2)])
    assert [block.name for block in blocks(model)] == ["d0", "d1", "d2", "head"]


def test_skip_connection_is_no_cut():
    image = keras.Input((16, 16, 3))
    early = L.Conv2D(4, 3, padding="same", name="early")(image)
    late = L.Conv2D(4, 3, padding="same", name="late")(L.Conv2D(4, 3, padding="same", name="middle")(early))
    model = keras.Model(image, L.Dense(2)(L.GlobalAveragePooling2D()(L.Add()([early, late]))))
    parts = blocks(model)
    assert [block.name for block in parts] == ["early", "middle", "head"]  # middle and late cannot be split
    assert parts[1].layer_names[:2] == ("middle", "late")


@pytest.mark.slow
def test_many_layers_without_names_are_grouped():
    model = keras.Sequential([keras.Input((16, 16, 3)), *(L.Conv2D(2, 1) for _ in range(60))])
    parts = blocks(model)
    assert 10 <= len(parts) <= 25
    assert sum(len(block.layer_names) for block in parts) == 61  # with the input


def test_shared_layer_is_in_one_block():
    conv = L.Conv2D(3, 3, padding="same", name="shared")
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, L.Conv2D(2, 1, name="last")(conv(conv(image))))
    names = [name for block in blocks(model) for name in block.layer_names]
    assert sorted(names) == sorted(layer.name for layer in model.layers)
    assert sum(block.num_parameters for block in blocks(model)) == model.count_params()


@pytest.mark.slow
def test_state():
    model = nested_model()
    first = blocks(model)[0]
    assert first.state == "learning"
    model.get_layer("backbone").get_layer("bn_a").trainable = False
    assert first.state == "learning"  # BatchNorm is told apart
    model.get_layer("backbone").get_layer("conv_a").trainable = False
    assert first.state == "frozen"
    merged = next(b for b in blocks(add_head(load_backbone("vgg16", weights=None), 2)) if b.name == "head")
    assert merged.state == "learning"


def test_partly_frozen():
    image = keras.Input((16, 16, 3))
    x = L.Conv2D(3, 3, padding="same", name="block_1_a")(image)
    x = L.Conv2D(3, 3, padding="same", name="block_1_b")(x)
    model = keras.Model(image, L.Add()([x, L.Conv2D(3, 1, name="block_1_c")(image)]))
    (block,) = blocks(model)
    model.get_layer("block_1_b").trainable = False
    assert block.state == "partly"


class Subclassed(keras.Model):
    def call(self, x):
        return x


@pytest.mark.parametrize("model", [Subclassed(), keras.Sequential([L.Dense(2)])])
def test_models_without_a_graph(model):
    with pytest.raises(ValueError, match=r"`model` must be a functional or sequential model that has been built"):
        blocks(model)
