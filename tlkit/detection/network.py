"""A detector of one stage: a backbone's map, a head of a few convolutions, and the loss of heat, places and sizes."""

from __future__ import annotations

import warnings
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.backbones import ImageSizeWarning, load_backbone
from tlkit.choices import check_choice
from tlkit.detection.targets import LOG_SIDES, SIDE
from tlkit.restart import renew_optimizer

__all__ = ["CentreLoss", "add_head", "cut_map", "small_map", "start_anew", "train_head"]

ops: Any = keras.ops  # its type hints say that each result may be `None`
LEVELS = ("fine", "coarse", "both")
LEARN = ("nothing", "all")
_CUTS = {"fine": "expanded_conv_3_expand_bn", "coarse": "expanded_conv_8_expand_bn"}  # last of strides 8 and 16
BATCH = 16
_MOMENTUM = 0.9  # Keras' 0.99 and 0.999 do not arrive within a few hundred steps


def cut_map(weights: str | None = "photos", *, size: int = 96, level: str = "both", learn: str = "nothing", seed=0):
    """Return a backbone up to a map that still knows where: a model from images to `(batch, side, side, channels)`.

    Args:
        weights: Embedded weights of `mobilenet_v3_small`, `"random"`, or `None`, as `load_backbone` takes them.
        size: Height and width of the images in pixels, a multiple of 16.
        level: `"fine"` for the last map of stride 8, `"coarse"` for that of stride 16, `"both"` for both on the cells
            of the fine one: the coarse map is enlarged.
        learn: `"nothing"` or `"all"`. If all learns, the statistics of batch normalisation hold still where there are
            weights to start from, and learn where there are none.
        seed: Of the initial values where `weights` is `None` or `"random"`.

    Raises:
        ValueError: If an argument is out of its range.
    """
    check_choice("level", level, LEVELS)
    check_choice("learn", learn, LEARN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImageSizeWarning)  # a map of more cells finds better: measured
        net = load_backbone(
            "mobilenet_v3_small",
            weights=weights,
            input_shape=(size, size, 3),
            seed=seed if weights in (None, "random") else None,
        )
    net.trainable = learn == "all"
    for layer in net.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = _MOMENTUM
            layer.trainable = learn == "all" and weights is None
    maps = {name: keras.layers.ReLU()(net.get_layer(cut).output) for name, cut in _CUTS.items()}
    if level != "both":
        return keras.Model(net.inputs[0], maps[level])
    coarse = keras.layers.UpSampling2D(interpolation="bilinear")(maps["coarse"])
    return keras.Model(net.inputs[0], keras.layers.Concatenate()([maps["fine"], coarse]))


def small_map(size: int = 96) -> keras.Model:
    """Return a small untrained network with a map of stride 8: a fair rival that learns from nothing.

    A network as large as the backbone has more to learn than a few scenes can teach; this one has 3 + 1 convolutions.
    """
    image = keras.Input((size, size, 3))
    x = keras.layers.Rescaling(1 / 64, offset=-2)(image)
    for width in (24, 48, 96):
        x = _convolve(x, width, 3, strides=2)
    return keras.Model(image, _convolve(x, 96, 3))


def add_head(features: keras.KerasTensor, num_classes: int, *, width: int = 64) -> keras.KerasTensor:
    """Return what a head of three convolutions says on a map: heat, place and size, `num_classes + 4` channels.

    The last bias starts so that a cell expects an object with a probability of 0.08: with 0.5 the many empty cells
    would fill the first steps ([Lin et al., 2017](https://arxiv.org/abs/1708.02002)).
    """
    x = keras.layers.Dropout(0.3)(features)
    x = _convolve(_convolve(x, width, 1), width, 3)
    start = np.array([-2.5] * num_classes + [0.0] * 4)
    return keras.layers.Conv2D(num_classes + 4, 1, bias_initializer=keras.initializers.Constant(start))(x)


def _convolve(x: keras.KerasTensor, width: int, side: int, strides: int = 1) -> keras.KerasTensor:
    x = keras.layers.Conv2D(width, side, strides=strides, padding="same", use_bias=False)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=_MOMENTUM)(x))


@keras.saving.register_keras_serializable("tlkit")
class CentreLoss(keras.Loss):
    """The focal loss of heat, plus the lack of overlap of the box in each cell that holds a centre.

    Most cells hold nothing. The focal loss lets what is already right count little, and cells near a centre less.

    Args:
        num_classes: Channels of heat.
        stride: Pixels of a side of a cell.
        weight: Of the boxes against heat.

    Source: the focal loss of [Lin et al. (2017)](https://arxiv.org/abs/1708.02002) as
    [Zhou et al. (2019)](https://arxiv.org/abs/1904.07850) soften it near centres, and for boxes one minus the
    generalised intersection over union of [Rezatofighi et al. (2019)](https://arxiv.org/abs/1902.09630).
    """

    def __init__(self, num_classes: int, stride: int = 8, weight: float = 2.0, name: str = "centre_loss"):
        super().__init__(reduction="sum", name=name)
        self.num_classes, self.stride, self.weight = num_classes, stride, weight

    def call(self, y_true, y_pred):
        """Return one number: the loss of a batch of maps, as `draw_targets` and the head give them."""
        heat, said = y_true[..., : self.num_classes], y_pred[..., : self.num_classes]
        centre = ops.cast(heat > 0.999, said.dtype)
        share = ops.sigmoid(said)
        hit = centre * (1 - share) ** 2 * ops.softplus(-said)
        miss = (1 - centre) * (1 - heat) ** 4 * share**2 * ops.softplus(said)
        here = y_true[..., -1]
        truth, box = y_true[..., self.num_classes : -1], y_pred[..., self.num_classes :]
        lack = here * (1 - _generalised_iou(_corners(truth, self.stride), _corners(box, self.stride)))
        boxes = ops.sum(here) + 1
        return (ops.sum(hit + miss) + self.weight * ops.sum(lack)) / boxes

    def get_config(self):
        """Return the arguments."""
        return {"num_classes": self.num_classes, "stride": self.stride, "weight": self.weight, "name": self.name}


def _generalised_iou(box, other):
    """In [-1, 1]: the intersection over union, minus the share of the smallest box around both that neither fills."""
    (low, high), (other_low, other_high) = box, other
    area, other_area = ops.prod(high - low, axis=-1), ops.prod(other_high - other_low, axis=-1)
    common = ops.prod(ops.relu(ops.minimum(high, other_high) - ops.maximum(low, other_low)), axis=-1)
    around = ops.prod(ops.maximum(high, other_high) - ops.minimum(low, other_low), axis=-1)
    union = area + other_area - common
    return common / union - (around - union) / around


def _corners(where, stride: int):
    """Left top and right bottom, in pixels from the middle of the cell."""
    centre, half = stride * where[..., :2], SIDE / 2 * ops.exp(ops.clip(where[..., 2:], *LOG_SIDES))
    return centre - half, centre + half


def start_anew(head: keras.Model, seed: int) -> None:
    """Give a head that learns as a whole new initial values, which the seed decides. It is not traced again."""
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(head)
    for mine, new in zip(head.variables, fresh.variables, strict=True):  # the state of dropout is one of them
        mine.assign(new)


def train_head(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    stride: int = 8,
    steps: int = 200,
    rate: float = 2e-3,
    seed: int = 0,
) -> None:
    """Train a detector, or a head on a frozen backbone's maps, in batches of 16 scenes.

    Args:
        model: From images or maps to `(batch, side, side, num_classes + 4)`. The optimizer starts anew.
        x: Images or maps.
        y: `(n, side, side, num_classes + 5)`, as `draw_targets` gives them.
        stride: Pixels of a side of a cell.
        steps: Number of steps; every scene is seen at least once.
        rate: The first learning rate of Adam; it falls as a cosine to 0.
        seed: Of the order of scenes.
    """
    if not model.compiled:
        model.compile(keras.optimizers.Adam(rate), CentreLoss(y.shape[-1] - 5, stride), jit_compile=False)
    renew_optimizer(model)
    keras.utils.set_random_seed(seed)
    epochs = max(1, round(steps * BATCH / len(x)))
    fall = keras.callbacks.LearningRateScheduler(lambda epoch: rate * (1 + np.cos(np.pi * epoch / epochs)) / 2)
    model.fit(x, y, batch_size=BATCH, epochs=epochs, callbacks=[fall], verbose=0)
