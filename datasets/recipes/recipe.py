"""What is trained, and how: the recipes of the embedded weights, and the learning rate that each asks for."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

__all__ = ["RECIPES", "Recipe", "StagedSchedule"]

Stage = tuple[int, int, float, float, float]

# The rate of the second stage was too high: the record's loss hardly falls there. It stands because the stored weights
# were made so; a new run may leave out the first three stages. After the first descent to 0 the rate rises again (a
# warm restart).
PHOTO_STAGES = (
    (1, 48, 0.0, 0.002, 1.0),
    (8, 48, 0.002, 0.002, 1.0),
    (5, 48, 0.001, 0.001, 1.0),
    (11, 64, 0.001, 0.0, 1.0),
    (1, 64, 0.0, 0.0006, 0.5),
    (2, 64, 0.0006, 0.00058, 0.5),
    (13, 64, 0.00058, 0.00041, 0.5),
    (18, 64, 0.00041, 0.0001, 1.0),
    (6, 64, 0.0001, 0.0, 0.5),
)


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how; stored in the JSON record.

    Attributes:
        architecture: A name of `keras.applications`, in snake case.
        alpha: Width multiplier of the architecture.
        stages: `(epochs, image size in pixels, first learning rate, last learning rate, strength of the augmentation
            in [0, 1])`, in order.
        weight_decay: Of AdamW, times the learning rate; BatchNorm and biases have none.
        label_smoothing: Share of each target that is spread over all classes.
        crop_share: Smallest share of an image's area that a crop keeps, at full strength.
        jitter: Largest relative change of contrast, and of brightness relative to 255, at full strength.
        bn_momentum: Of BatchNorm's moving statistics; Keras' own are made for longer runs.
        mirror: Whether half of the images are mirrored.
        seed: Of initial weights, order and augmentation.
    """

    architecture: str = "mobilenet_v3_small"
    alpha: float = 1.0
    stages: tuple[Stage, ...] = PHOTO_STAGES
    weight_decay: float = 0.02
    label_smoothing: float = 0.1
    crop_share: float = 0.5
    jitter: float = 0.2
    bn_momentum: float = 0.97
    mirror: bool = True
    seed: int = 0

    @property
    def epochs(self) -> int:
        """Epochs of all stages."""
        return sum(stage[0] for stage in self.stages)

    def size_at(self, epoch: int) -> int:
        """Image size in pixels of an epoch, counted from 0."""
        return self._stage_at(epoch)[1]

    def strength_at(self, epoch: int) -> float:
        """Strength of the augmentation in an epoch, in [0, 1]."""
        return self._stage_at(epoch)[4]

    def _stage_at(self, epoch: int) -> Stage:
        ends = np.cumsum([stage[0] for stage in self.stages])
        return self.stages[int(np.searchsorted(ends, epoch, side="right"))]


# A character that is cut is another one, so drawn characters are hardly cropped, and never mirrored.
GLYPH_STAGES = ((1, 48, 0.0, 0.002, 0.15), (2, 48, 0.002, 0.0015, 0.15), (2, 64, 0.0015, 0.0, 0.15))
RECIPES = {
    "photos": Recipe(),
    "glyphs": Recipe(stages=GLYPH_STAGES, mirror=False),
    "opposed": Recipe(stages=((1, 64, 0.0, 0.0015, 0.15), (4, 64, 0.0015, 0.0, 0.15)), weight_decay=0.5, mirror=False),
    "colours": Recipe(stages=((1, 64, 0.0, 0.001, 0.5), (2, 64, 0.001, 0.0, 0.5)), weight_decay=0.5),
    "folder": Recipe(stages=((1, 64, 0.0, 0.001, 1.0), (5, 64, 0.001, 0.0, 1.0))),
}


class StagedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is linear within each stage of a recipe."""

    def __init__(self, stages: tuple[Stage, ...], steps_per_epoch: int):
        self.stages, self.steps_per_epoch = stages, steps_per_epoch

    def __call__(self, step):
        epoch = tf.cast(step, tf.float32) / self.steps_per_epoch
        rate, start = tf.constant(0.0), 0.0
        for epochs, _, first, last, _ in self.stages:
            share = (epoch - start) / epochs
            inside = tf.logical_and(share >= 0.0, share < 1.0)
            rate = tf.where(inside, first + (last - first) * share, rate)
            start += epochs
        return rate

    def get_config(self):
        return {"stages": self.stages, "steps_per_epoch": self.steps_per_epoch}
