"""What is in this photo? An embedded network answers, with the head that it was trained with."""

from __future__ import annotations

import functools
import os

import keras
import numpy as np
from PIL import Image, ImageOps

from tlkit.backbones.efficientnet_lite import EfficientNetLite0, preprocess_input
from tlkit.backbones.embedded_weights import find_embedded
from tlkit.backbones.load import load_classifier
from tlkit.counts import check_count

__all__ = ["recognise"]


def recognise(
    image: np.ndarray | str | os.PathLike, *, weights: str = "photos", top: int = 5
) -> list[tuple[str, float]]:
    """Name what is in a photo, most likely first.

    The largest square in the middle is shrunk to the size that the network was trained on, 64 pixels for `photos`.

    Args:
        image: `(height, width, 3)`, `uint8` in [0, 255], or the path of a picture.
        weights: Name of embedded weights; only their classes can be the answer. Or `"imagenet"`: EfficientNet-Lite0 of
            the extra `tlkit[imagenet]` chooses among 1,000 classes, whose names Keras downloads once.
        top: Number of names, at least 1.

    Returns:
        Pairs of class and probability in [0, 1]; over all classes these sum to 1.

    Raises:
        ValueError: If it is not an image, or there are no such weights.
        FileNotFoundError: If there is no file at the path.
        ModuleNotFoundError: If the extra `tlkit[imagenet]` is not installed.
        ConnectionError: If the names of ImageNet's classes have not been downloaded and cannot be.

    Example:
        >>> names = recognise(np.zeros((80, 100, 3), "uint8"), top=2)
        >>> len(names), names[0][1] >= names[1][1]
        (2, True)
    """
    top = check_count("top", top)
    if weights == "imagenet":
        return _among_imagenets(_as_picture(image), top)
    model, names = _classifier(weights, find_embedded(weights).sha256)
    logits = model(_fitted(_as_picture(image), model.input_shape[1])[None], training=False)
    probabilities = np.asarray(keras.ops.softmax(logits))[0]
    order = probabilities.argsort()[::-1][:top]
    return [(names[label], float(probabilities[label])) for label in order]


def _among_imagenets(picture: Image.Image, top: int) -> list[tuple[str, float]]:
    model = _imagenet_classifier()
    logits = model(preprocess_input(_fitted(picture, model.input_shape[1])[None]), training=False)
    try:
        [found] = keras.applications.imagenet_utils.decode_predictions(np.asarray(keras.ops.softmax(logits)), top=top)
    except Exception as error:  # Keras wraps what went wrong in a bare Exception
        msg = f"The names of ImageNet's classes could not be downloaded: {' '.join(str(error).split())} "
        msg += "Try again where there is a network, once; or take embedded weights, such as `weights='photos'`."
        raise ConnectionError(msg) from error
    return [(name.replace("_", " "), float(probability)) for _, name, probability in found]


@functools.cache
def _imagenet_classifier() -> keras.Model:
    return EfficientNetLite0(weights="imagenet")


@functools.lru_cache(maxsize=2)
def _classifier(weights: str, _sha256: str) -> tuple[keras.Model, list[str]]:
    """Loaded once for each state of the file."""
    return load_classifier(weights=weights)


def _as_picture(image: np.ndarray | str | os.PathLike) -> Image.Image:
    if isinstance(image, (str, os.PathLike)):
        # Pillow turns some TIFF files a second time when it opens them by their path.
        with open(image, "rb") as file, Image.open(file) as picture:
            return ImageOps.exif_transpose(picture).convert("RGB")
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[-1] != 3:
        msg = f"`image` must be uint8 of shape (height, width, 3). Received: {array.dtype} {array.shape}. "
        msg += "Convert values in [0, 1] with `(255 * image).astype('uint8')`."
        raise ValueError(msg)
    return Image.fromarray(array)


def _fitted(picture: Image.Image, size: int) -> np.ndarray:
    """The middle square, `(size, size, 3)`, `uint8`."""
    return np.asarray(ImageOps.fit(picture, (size, size), Image.Resampling.LANCZOS))
