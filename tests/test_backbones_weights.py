"""Weights: embedded ones and what can be wrong with them, files, and ImageNet's with and without a network."""

import json
import shutil
import socket
import time
import urllib.request

import h5py
import keras
import numpy as np
import pytest
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils

from tlkit.backbones import (
    add_head,
    find_embedded,
    list_backbones,
    list_embedded,
    load,
    load_backbone,
    load_classifier,
    save_embedded,
)
from tlkit.backbones import (
    embedded_weights as embedded,
)
from tlkit.backbones.build_backbone import build_backbone
from tlkit.backbones.stable import stable_variables

CLASSES = ["cup", "spoon", "table"]
FACTS = {"architecture": "mobilenet_v2", "alpha": 0.35, "input_size": 32, "source": "photos", "class_names": CLASSES}


@pytest.fixture(scope="module")
def trained():
    """A backbone whose every array differs from its initial values, and its classifier."""
    backbone = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None, pooling=None
    )
    rng = np.random.default_rng(0)
    for variable in backbone.weights:
        variable.assign(variable + 0.1 * rng.random(variable.shape, np.float32))
    model = add_head(backbone, len(CLASSES))
    model.get_layer("head").bias.assign([0.5, -1.0, 2.0])
    return model


@pytest.fixture(scope="module")
def saved(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    layers = trained.layers[:-3]
    backbone = keras.Model(trained.inputs, layers[-1].output)
    save_embedded("photos", backbone, trained.get_layer("head"), FACTS | {"val_accuracy": 0.5}, directory=folder)
    other = load_backbone("mobilenet", weights="random", alpha=0.25, input_shape=(32, 32, 3))
    facts = FACTS | {"architecture": "mobilenet", "alpha": 0.25}
    save_embedded("photos-mobilenet", other, add_head(other, 3).get_layer("head"), facts, directory=folder)
    return folder


@pytest.fixture
def folder(saved, tmp_path, monkeypatch):
    """A copy of the embedded weights that a test may damage."""
    copy = shutil.copytree(saved, tmp_path / "weights")
    monkeypatch.setattr(embedded, "data_dir", lambda: tmp_path)
    return copy


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)


@pytest.mark.slow
def test_index_is_read(folder):
    first, second = list_embedded()
    assert (first.name, first.architecture, first.alpha, first.num_classes) == ("photos", "mobilenet_v2", 0.35, 3)
    assert first.facts["val_accuracy"] == 0.5
    assert second.name == "photos-mobilenet"
    infos = {info.name: info.embedded for info in list_backbones()}
    assert infos["mobilenet_v2"] == ("photos",)
    assert infos["vgg16"] == ()


@pytest.mark.slow
def test_backbone_and_classifier_are_what_was_saved(folder, trained, images):
    expected = trained(images / 127.5 - 1.0).numpy()  # the trained one has no preprocessing inside
    model, names = load_classifier()
    assert names == CLASSES
    assert model.input_shape == (None, 32, 32, 3)
    np.testing.assert_allclose(model(images), expected, rtol=0, atol=0.01 * np.abs(expected).max())
    backbone = load_backbone(input_shape=(32, 32, 3))
    for layer in backbone.layers:
        for variable in layer.weights:
            original = next(v for v in trained.get_layer(layer.name).weights if v.name == variable.name)
            kernel = len(variable.shape) > 1
            np.testing.assert_allclose(variable, original, rtol=1e-3 if kernel else 0, atol=1e-6 if kernel else 0)


@pytest.mark.slow
def test_source_and_architecture_find_the_entry(folder):
    assert find_embedded("photos", "mobilenet").name == "photos-mobilenet"
    assert load_backbone("mobilenet", input_shape=(32, 32, 3)).output_shape[-1] == 256


@pytest.mark.slow
def test_control_is_as_wide_as_the_embedded_one(folder):
    control, trained = (load_backbone(weights=w, input_shape=(32, 32, 3)) for w in ("random", "photos"))
    assert [v.shape for v in control.weights] == [v.shape for v in trained.weights]
    assert load_backbone("mobilenet", weights="random", input_shape=(32, 32, 3)).output_shape[-1] == 256


@pytest.mark.slow
def test_files_are_reproducible_and_hold_no_pickle(folder, trained, tmp_path):
    backbone = keras.Model(trained.inputs, trained.layers[-4].output)
    entry = save_embedded("photos", backbone, trained.get_layer("head"), FACTS, directory=tmp_path / "again")
    assert entry.sha256 == find_embedded("photos").sha256
    arrays = embedded.read_arrays(entry)
    assert arrays["Conv_1/kernel"].dtype == np.float16
    assert arrays["Conv_1_bn/moving_variance"].dtype == np.float32
    assert not list((tmp_path / "again").glob("*.partial*"))


@pytest.mark.slow
def test_loading_is_fast(folder):
    model, entry = load_backbone(input_shape=(32, 32, 3)), find_embedded("photos")
    start = time.process_time()
    embedded.assign_arrays(model.layers, embedded.read_arrays(entry), "")
    assert time.process_time() - start < 1.0  # seconds of CPU; about 0.1 on an idle machine


@pytest.mark.parametrize(
    ("damage", "error", "message"),
    [
        (lambda f: f.unlink(), FileNotFoundError, "'photos' are missing: no file .*photos.npz. Reinstall"),
        (lambda f: f.write_bytes(f.read_bytes()[:-50]), ValueError, "'photos' are damaged: .*photos.npz has SHA-256"),
        (lambda f: f.write_bytes(b""), ValueError, "'photos' are damaged"),
    ],
)
def test_damaged_weights(folder, damage, error, message):
    damage(folder / "photos.npz")
    for function in (load_backbone, load_classifier):
        with pytest.raises(error, match=message):
            function()


@pytest.mark.parametrize("text", ["", "[]", '{"weights": {"photos": {"architecture": "vgg16"}}}'])
def test_damaged_index(folder, text):
    (folder / "weights.json").write_text(text)
    with pytest.raises(ValueError, match=r"index of embedded weights is damaged: .*weights.json"):
        load_backbone()


def test_no_index_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "data_dir", lambda: tmp_path)
    assert list_embedded() == []
    with pytest.raises(ValueError, match="Received: 'photos'"):
        load_backbone()
    with pytest.raises(ValueError, match="`name` must be given: there are no embedded weights"):
        load_backbone(weights="random")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"weights": "photo"}, "Received: 'photo'. Did you mean 'photos'"),
        ({"name": "vgg16"}, "weights='photos'` exist for: mobilenet_v2, mobilenet. Received: name='vgg16'"),
        ({"alpha": 1.0}, "`alpha` of the embedded weights 'photos' is 0.35. Received: 1.0"),
    ],
)
def test_embedded_refuses(folder, kwargs, message):
    with pytest.raises(ValueError, match=message):
        load_backbone(**kwargs)


@pytest.mark.slow
def test_wrong_width_is_found_before_anything_is_changed(folder):
    model = load_backbone("mobilenet_v2", weights="random", alpha=0.5, input_shape=(32, 32, 3))
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"do not fit this architecture: '.*' has shape .*expected .*`alpha`"):
        embedded.assign_arrays(model.layers, embedded.read_arrays(find_embedded("photos")), "The weights")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "builder"),
    [
        ("mobilenet", keras.applications.MobileNet),
        ("mobilenet_v2", keras.applications.MobileNetV2),
        ("mobilenet_v3_small", keras.applications.MobileNetV3Small),
    ],
)
def test_weights_of_a_model_that_keras_built_fit_ours(name, builder):
    options = {"include_preprocessing": False} if "v3" in name else {}
    with keras.StatelessScope(initialize_variables=False):
        for _ in range(2):  # the second time, automatic names have other numbers
            theirs = builder(
                input_shape=(None, None, 3), alpha=0.5, include_top=False, weights=None, pooling="avg", **options
            )
        ours = build_backbone(name, (64, 64, 3), alpha=0.5)
    shapes = [{key: v.shape for key, v in stable_variables(m.layers).items()} for m in (theirs, ours)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source": None}, "Missing: source"),
        ({"class_names": ["one"]}, "must name each output of the head, 3. Received: 1 names"),
    ],
)
def test_writer_refuses(trained, tmp_path, change, message):
    facts = {key: value for key, value in (FACTS | change).items() if value is not None}
    backbone = keras.Model(trained.inputs, trained.layers[-4].output)
    with pytest.raises(ValueError, match=message):
        save_embedded("x", backbone, trained.get_layer("head"), facts, directory=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_writer_refuses_diverged_weights(tmp_path):
    backbone = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=(32, 32, 3))
    kernel = backbone.get_layer("Conv_1").kernel
    kernel.assign(kernel * np.nan)
    with pytest.raises(ValueError, match="NaN or infinity in 'Conv_1/kernel'"):
        save_embedded("x", backbone, add_head(backbone, 3).get_layer("head"), FACTS, directory=tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".weights.h5", ".keras", ".npz"])
def test_weights_from_a_file(suffix, tmp_path):
    options = {"alpha": 0.35, "input_shape": (32, 32, 3)}
    model = load_backbone("mobilenet_v2", weights="random", **options)
    path = tmp_path / f"mine{suffix}"
    if suffix == ".npz":
        path = save_embedded("mine", model, add_head(model, 3).get_layer("head"), FACTS, directory=tmp_path).file
    elif suffix == ".keras":
        model.save(path)
    else:
        model.save_weights(path)
    rtol = 2**-11 if suffix == ".npz" else 0  # half precision
    for weights in (path, str(path)):
        loaded = load_backbone("mobilenet_v2", weights=weights, **options)
        for found, saved in zip(loaded.get_weights(), model.get_weights(), strict=True):
            np.testing.assert_allclose(found, saved, rtol=rtol, atol=rtol and 1e-7)


@pytest.mark.slow
def test_file_errors(tmp_path):
    shape = (32, 32, 3)
    with pytest.raises(FileNotFoundError, match=r"missing file: .*none.weights.h5"):
        load_backbone("mobilenet_v2", weights=tmp_path / "none.weights.h5")
    model = load_backbone("mobilenet_v2", weights="random", alpha=0.35, input_shape=shape)
    model.save_weights(tmp_path / "a.weights.h5")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ValueError, match=r"do not fit 'mobilenet_v2'.*`alpha`"):
        load_backbone("mobilenet_v2", weights=tmp_path / "a.weights.h5", input_shape=shape)
    with pytest.raises(ValueError, match="`name` must be given"):
        load_backbone(weights=tmp_path / "a.weights.h5")
    with pytest.raises(ValueError, match=r"text.npz is not a readable weight file"):
        load_backbone("mobilenet_v2", weights=tmp_path / "text.npz")


IMAGENET_FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5"


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path), raising=False)
    monkeypatch.setattr(file_utils.config, "keras_home", lambda: str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_imagenet_weights_are_loaded_from_keras_cache(keras_home, images):
    theirs = keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, include_top=False, weights=None)
    (keras_home / "models").mkdir()
    with h5py.File(keras_home / "models" / IMAGENET_FILE, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, theirs)
    ours = load_backbone("mobilenet_v2", weights="imagenet", alpha=0.35, input_shape=(96, 96, 3))
    assert all(np.array_equal(a, b) for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True))


@pytest.mark.slow
def test_a_silent_server_does_not_hang(keras_home, folder, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:  # accepts, never answers
        silent = f"http://127.0.0.1:{server.getsockname()[1]}/file.h5"
        monkeypatch.setattr(load, "_TIMEOUT_SECONDS", 0.3)
        monkeypatch.setattr(
            file_utils, "urlretrieve", lambda url, target, hook: urllib.request.urlretrieve(silent, target, hook)
        )
        start = time.monotonic()
        with pytest.raises(ConnectionError) as caught:
            load_backbone("mobilenet_v2", weights="imagenet", alpha=0.35, input_shape=(96, 96, 3))
    assert time.monotonic() - start < 20
    for part in (
        "`weights=PATH`",
        IMAGENET_FILE,
        str(keras_home / "models"),
        "'photos' (mobilenet_v2)",
        "'mobilenet_v2' could not",
    ):
        assert part in str(caught.value)
    assert socket.getdefaulttimeout() is None
    assert not list((keras_home / "models").glob("*"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mobilenet_v2", "vgg16"])
def test_offline_only_weights_of_the_backbone_are_proposed(keras_home, folder, monkeypatch, name):
    def fail(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(file_utils, "urlretrieve", fail)
    with pytest.raises(ConnectionError, match=r"`weights=PATH`. No embedded weights exist for '.*' of this width\.$"):
        load_backbone(name, weights="imagenet", input_shape=(96, 96, 3))


def test_index_is_json_with_the_documented_fields(folder):
    entry = json.loads((folder / "weights.json").read_text())["weights"]["photos"]
    assert {"file", "sha256", *FACTS} <= set(entry)
