"""Weight files and saved models of every kind, with and without a classifier, against the model that made them."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format

from tlkit.backbones import add_head, load_backbone, save_embedded
from tlkit.backbones.stable import stable_variables

L = keras.layers
SHAPE = (32, 32, 3)
IMAGES = np.random.default_rng(0).integers(0, 256, (2, *SHAPE)).astype("float32")
CLASSES = ["cup", "spoon", "table"]


def their_model(top=False, builder=keras.applications.MobileNetV2, **options):
    """As Keras builds it, without preprocessing, with weights that differ from any initial ones."""
    options = {"alpha": 0.35, **options} if builder is keras.applications.MobileNetV2 else options
    keras.utils.set_random_seed(1)
    return builder(input_shape=SHAPE, weights=None, include_top=top, classes=5, **options)


def their_features(model, preprocess=keras.applications.mobilenet_v2.preprocess_input, layer="out_relu"):
    return keras.Model(model.inputs[0], model.get_layer(layer).output)(preprocess(IMAGES.copy())).numpy()


def save(model, path):
    if path.name.startswith("legacy"):
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, model)
    elif path.name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)
    return path


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is left out")
@pytest.mark.parametrize("top", [False, True])
@pytest.mark.parametrize("file", ["whole.keras", "whole.h5", "only.weights.h5", "legacy.h5"])
def test_files_of_keras_own_models(tmp_path, file, top):
    model = their_model(top)
    path = save(model, tmp_path / file)
    loaded = load_backbone("mobilenet_v2", weights=path, alpha=0.35, input_shape=SHAPE)
    np.testing.assert_allclose(loaded(IMAGES), their_features(model), atol=1e-5)
    if file.startswith("whole"):
        for size in (SHAPE, (64, 64, 3)):  # whatever size it was saved at
            named = load_backbone(weights=path, input_shape=size)
            assert named.input_shape[1:] == size
            assert all(map(np.array_equal, named.get_weights(), loaded.get_weights()))
    else:
        with pytest.raises(ValueError, match="`name` must be given with a weight file"):
            load_backbone(weights=path, input_shape=SHAPE)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["whole.keras", "only.weights.h5"])
def test_nested_parts_of_keras_own_models_are_found(tmp_path, file):
    """ConvNeXt has its stem and its downsampling in nested models; the kit's graph is flat."""
    model = their_model(builder=keras.applications.ConvNeXtTiny)
    loaded = load_backbone("convnext_tiny", weights=save(model, tmp_path / file), input_shape=SHAPE)
    np.testing.assert_allclose(loaded(IMAGES), model(IMAGES), rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_old_files_are_matched_by_the_order_of_layers(tmp_path):
    model = their_model(builder=keras.applications.VGG16)
    path = save(model, tmp_path / "legacy.h5")
    with h5py.File(path, "r+") as file:  # as the files of VGG are, to this day
        for name in file:
            for old in list(file[name].get(name, ())):
                file[name].move(f"{name}/{old}", f"{name}_{old[0].upper()}_1:0")
            names = [str(np.asarray(old).astype("U")) for old in file[name].attrs["weight_names"]]
            new = [f"{name}_{old.split('/')[-1][0].upper()}_1:0" for old in names]
            file[name].attrs["weight_names"] = np.array(new, "S")
    loaded = load_backbone("vgg16", weights=path, input_shape=SHAPE)
    assert all(map(np.array_equal, loaded.get_weights(), model.get_weights()))


@pytest.mark.slow
def test_a_classifier_that_is_left_out_is_named(tmp_path):
    path = save(their_model(True), tmp_path / "top.keras")
    with pytest.warns(UserWarning, match=r"top.keras holds more than a backbone: predictions is left out"):
        load_backbone(weights=path, input_shape=SHAPE)


def tutorial(*before, training=False):
    """As tutorials build it: a nested backbone behind its preprocessing, and a head."""
    backbone, image = their_model(), keras.Input(SHAPE)
    x = image
    for layer in before:
        x = layer(x)
    x = L.GlobalAveragePooling2D()(backbone(x, training=training))
    return keras.Model(image, L.Dense(3, name="mine")(x)), backbone


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is left out")
@pytest.mark.parametrize("before", [(), (L.Rescaling(1 / 127.5, -1),), (L.RandomFlip(), L.Rescaling(1 / 127.5, -1))])
def test_a_nested_backbone_is_found(tmp_path, before):
    model, backbone = tutorial(*before)
    loaded = load_backbone(weights=save(model, tmp_path / "mine.keras"), input_shape=SHAPE)
    np.testing.assert_allclose(loaded(IMAGES), their_features(backbone), atol=1e-5)


@pytest.mark.slow
def test_preprocessing_of_ones_own_is_not_replaced_in_silence(tmp_path):
    path = save(tutorial(L.Rescaling(1 / 255))[0], tmp_path / "mine.keras")
    with pytest.raises(ValueError, match=r"mine.keras prepares its images in a way of its own.*`save_weights`\.$"):
        load_backbone(weights=path, input_shape=SHAPE)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*is left out")
@pytest.mark.parametrize("head", [False, True])
def test_models_of_the_kit_come_back(tmp_path, head):
    model = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=SHAPE)
    path = save(add_head(model, 3) if head else model, tmp_path / "mine.keras")
    again = load_backbone("mobilenet_v2", weights=path, alpha=0.35, input_shape=SHAPE)
    np.testing.assert_array_equal(again(IMAGES), model(IMAGES))


def test_a_network_of_ones_own_is_used_as_it_stands_and_that_is_said(tmp_path):
    model = keras.Sequential([keras.Input(SHAPE), L.Conv2D(4, 3)], name="tiny")
    path = save(model, tmp_path / "tiny.keras")
    with pytest.warns(UserWarning, match=r"'tiny', no architecture that the kit knows.*as it stands"):
        loaded = load_backbone(weights=path, input_shape=SHAPE)
    np.testing.assert_array_equal(loaded(IMAGES), model(IMAGES))
    with pytest.raises(ValueError, match=r"for images \(32, 32, 3\). Received: input_shape=\(64, 64, 3\)"):
        load_backbone(weights=path)
    path = save(keras.Sequential([keras.Input(SHAPE), L.Flatten()], name="flat"), tmp_path / "flat.keras")
    with pytest.raises(ValueError, match=r"'flat', no architecture.*no feature map\. Pass `name`"):
        load_backbone(weights=path, input_shape=SHAPE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("whole.keras", r"'Conv1/kernel' is missing.*named as 'vgg16'\. Check `name` and `alpha`\.$"),
        ("whole.h5", "'Conv1/kernel' is missing"),
        ("legacy.h5", "'Conv1/kernel' is missing"),
        ("only.weights.h5", r"do not fit 'mobilenet_v2'\. Check `name` and `alpha`\. Keras says: .*\.$"),
    ],
)
def test_files_of_another_architecture(tmp_path, file, message):
    path = save(their_model(builder=keras.applications.VGG16), tmp_path / file)
    with pytest.raises(ValueError, match=message):
        load_backbone("mobilenet_v2", weights=path, alpha=0.35, input_shape=SHAPE)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["whole.keras", "only.weights.h5", "legacy.h5"])
@pytest.mark.parametrize(("larger", "name"), [("ResNet101", "resnet50"), ("VGG19", "vgg16")])
def test_files_of_a_larger_network_of_the_same_kind(tmp_path, file, larger, name):
    path = save(their_model(builder=getattr(keras.applications, larger)), tmp_path / file)
    with pytest.raises(ValueError, match=f"do not fit '{name}'"):
        load_backbone(name, weights=path, input_shape=SHAPE)


@pytest.mark.slow
def test_the_wrong_width_is_named(tmp_path):
    path = save(their_model(), tmp_path / "whole.keras")
    with pytest.raises(ValueError, match=r"has shape \(3, 3, 3, 16\), expected .*`alpha`"):
        load_backbone("mobilenet_v2", weights=path, alpha=1.0, input_shape=SHAPE)


@pytest.mark.slow
@pytest.mark.parametrize("file", ["a.keras", "a.h5", "a.weights.h5", "a.npz"])
@pytest.mark.parametrize("share", [0.0, 0.5])
def test_damaged_files(tmp_path, file, share):
    model = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=SHAPE)
    if file.endswith(".npz"):
        facts = {"architecture": "mobilenet_v2", "alpha": 0.35, "input_size": 32, "source": "x", "class_names": CLASSES}
        path = save_embedded("a", model, add_head(model, 3).get_layer("head"), facts, directory=tmp_path).file
    else:
        path = save(model, tmp_path / file)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(ValueError, match=rf"{file}.*(damaged|not a readable|do not fit)"):
        load_backbone("mobilenet_v2", weights=path, alpha=0.35, input_shape=SHAPE)


@pytest.mark.slow
def test_the_index_beside_an_npz_names_its_architecture(tmp_path):
    model = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=SHAPE)
    facts = {"architecture": "mobilenet_v2", "alpha": 0.35, "input_size": 32, "source": "x", "class_names": CLASSES}
    path = save_embedded("a", model, add_head(model, 3).get_layer("head"), facts, directory=tmp_path).file
    assert load_backbone(weights=path, input_shape=SHAPE).name == "mobilenet_v2"
    (tmp_path / "weights.json").unlink()
    with pytest.raises(ValueError, match="`name` must be given"):
        load_backbone(weights=path, input_shape=SHAPE)


def adapted():
    model = load_backbone("efficientnet_b0", weights=None, input_shape=SHAPE, seed=0)
    norm = next(layer for layer in model.layers if isinstance(layer, L.Normalization))
    norm.adapt(IMAGES / 255)
    return model, norm


@pytest.mark.slow
@pytest.mark.parametrize("file", ["a.npz", "a.keras", "a.weights.h5"])
def test_an_adapted_normalization_comes_back_in_effect_again_and_again(tmp_path, file):
    model, norm = adapted()
    head = add_head(model, 3).get_layer("head")
    facts = {"architecture": "efficientnet_b0", "alpha": None, "input_size": 32, "source": "x", "class_names": CLASSES}
    saved = save_embedded("a", model, head, facts, directory=tmp_path).file
    path = saved if file == "a.npz" else save(model, tmp_path / file)
    for _ in range(2):
        again = load_backbone("efficientnet_b0", weights=path, input_shape=SHAPE)
        np.testing.assert_allclose(again(IMAGES), model(IMAGES), atol=2e-2 if file == "a.npz" else 1e-5)
        used = next(layer for layer in again.layers if isinstance(layer, L.Normalization))
        np.testing.assert_array_equal(used.mean, norm.mean)
        np.testing.assert_array_equal(used.variance, norm.variance)


@pytest.mark.slow
def test_a_normalization_that_was_not_finalized_is_not_stored_in_another_state(tmp_path):
    model, norm = adapted()
    norm.adapt_mean.assign(norm.adapt_mean + 1)
    facts = {"architecture": "efficientnet_b0", "alpha": None, "input_size": 32, "source": "x", "class_names": CLASSES}
    with pytest.raises(ValueError, match=r"does not compute with the mean.*`finalize_state\(\)`"):
        save_embedded("a", model, add_head(model, 3).get_layer("head"), facts, directory=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("builder", [keras.applications.InceptionV3, keras.applications.Xception])
def test_numbered_names_do_not_depend_on_what_was_built_before(builder):
    with keras.StatelessScope(initialize_variables=False):
        made = []
        for _ in range(2):
            L.Conv2D(1, 1), L.BatchNormalization()
            made.append(builder(input_shape=(96, 96, 3), include_top=False, weights=None))
        first, second = ({key: v.shape for key, v in stable_variables(model.layers).items()} for model in made)
    assert first == second
    assert [layer.name for layer in made[0].layers] != [layer.name for layer in made[1].layers]
