"""The networks of a study: what they start from, and the head that a probe gives them."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from sklearn.pipeline import Pipeline

from tlkit.backbones import ImageSizeWarning, load_backbone
from tlkit.backbones.architectures import find_builder
from tlkit.backbones.control import initialise_control
from tlkit.freezing import blocks, freeze, unfreeze
from tlkit.freezing.blocks import is_batchnorm

__all__ = ["Source", "check_sources", "let_learn", "pooled_features", "put_probe_into_head"]

_BATCH = 64


@dataclass(frozen=True)
class Source:
    """A trained network to transfer from.

    Attributes:
        weights: As `load_backbone` takes them: embedded weights, a file, or `"imagenet"`.
        size: Height and width in pixels of the photos that it is given.
        architecture: Of ImageNet weights; `None` where the weights tell it.
    """

    weights: str
    size: int
    architecture: str | None = None

    @classmethod
    def parse(cls, text: str, size: int) -> Source:
        """Read `WEIGHTS`, `ARCHITECTURE` (with its ImageNet weights), or either with `@SIZE`.

        Raises:
            ValueError: If the size is no number.

        Example:
            >>> Source.parse("efficientnet_lite0@224", 64)
            Source(weights='imagenet', size=224, architecture='efficientnet_lite0')
        """
        name, at, pixels = text.partition("@")
        if at and not (pixels.isdecimal() and int(pixels) >= 8):
            msg = f"`backbones` take a size in pixels, at least 8, after @, as in photos@64. Received: {text!r}."
            raise ValueError(msg)
        size = int(pixels) if at else size
        with contextlib.suppress(ValueError):
            find_builder(name)
            return cls("imagenet", size, name)
        return cls(name, size)

    def load(self) -> keras.Model:
        """The trained backbone: photos in [0, 255] to a feature map."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImageSizeWarning)  # the report says the size
            return load_backbone(self.architecture, weights=self.weights, input_shape=(self.size, self.size, 3))

    def load_control(self) -> keras.Model:
        """The same network untrained, as `load_backbone(weights="random")` makes it: to take features from."""
        backbone = keras.models.clone_model(self.load())
        initialise_control(backbone, seed=0)
        return backbone

    def load_fresh(self) -> keras.Model:
        """The same network untrained, to be trained from scratch: `tlkit.restart` draws its weights.

        BatchNorm's momentum is 0.9: Keras' 0.999 of some families is made for long trainings, and would make a short
        one look worse than it is.
        """
        backbone = keras.models.clone_model(self.load())
        for layer in filter(is_batchnorm, backbone.layers):
            layer.momentum = 0.9
        return backbone


def check_sources(texts: Sequence[str], size: int) -> None:
    """Load each network once, so that one that there is not is refused before thousands of photos are read.

    Raises:
        ValueError: If there is no such network; what `tlkit.backbones.load_backbone` raises.
    """
    for text in texts:
        Source.parse(text, size).load()


def pooled_features(
    backbone: keras.Model, images: np.ndarray, progress: Callable[[int, int], object] = lambda *_: None
) -> np.ndarray:
    """The feature map averaged over its places: `(num_photos, channels)`, `float32`.

    Args:
        backbone: From photos to a feature map.
        images: `(num_photos, size, size, 3)`, `uint8`.
        progress: Called with the photos done and all, after each batch.
    """
    pooled = keras.Sequential([backbone, keras.layers.GlobalAveragePooling2D()])
    found = []
    for start in range(0, len(images), _BATCH):
        found.append(pooled.predict_on_batch(images[start : start + _BATCH]))
        progress(min(start + _BATCH, len(images)), len(images))
    return np.concatenate(found)


def let_learn(model: keras.Model, share: float) -> str:
    """Let the last `share` of a classifier's blocks learn, and its head; return the first block that does.

    BatchNorm statistics of a part that learns hold still, as they do in a frozen one.
    """
    names = [block.name for block in blocks(model)]
    body = names[:-1]  # without the head
    first = body[round((1 - share) * len(body))] if share < 1 else body[0]
    freeze(model)
    unfreeze(model, first)
    return first


def put_probe_into_head(probe: Pipeline, head: keras.layers.Dense) -> None:
    """Give a linear layer the weights of a fitted `tlkit.probes.linear_probe`, whose standardisation goes into them.

    The layer's softmax then is the probe's `predict_proba`. Of two classes the probe holds one row of weights, for the
    second; the first gets zeros.
    """
    scaler, regression = probe[0], probe[-1]
    kernel = (regression.coef_ / scaler.scale_).T  # (num_features, num_classes), or one column for two classes
    bias = regression.intercept_ - scaler.mean_ @ kernel
    if kernel.shape[1] == 1:
        kernel, bias = np.hstack([np.zeros_like(kernel), kernel]), np.array([0.0, *bias])
    head.set_weights([kernel.astype("float32"), bias.astype("float32")])
