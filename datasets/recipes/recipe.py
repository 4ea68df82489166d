"""What is trained, and how: the recipes of the embedded weights, and the learning rate that each asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

__all__ = ["RECIPES", "Recipe", "Stage", "StagedSchedule"]


class Stage(NamedTuple):
    """Some epochs of a recipe.

    Attributes:
        epochs: How many.
        pixels: Image size.
        first_rate: Learning rate at its start; it changes linearly.
        last_rate: Learning rate at its end.
        strength: Of the augmentation, in [0, 1].
        mix: Share of the images, in [0, 1], that get a rectangle of another one, and as much of its label: CutMix
            (Yun et al. 2019).
        weight_decay: Of AdamW, times the learning rate; BatchNorm and biases have none.
    """

    epochs: int
    pixels: int
    first_rate: float
    last_rate: float
    strength: float
    mix: float = 0.0
    weight_decay: float = 0.02


# The rate of the second stage was too high: the record's loss hardly falls there. It stands because the stored weights
# were made so; a new run may leave out the first three stages. After each descent to 0 the rate rises again (a warm
# restart): the second time with CutMix and five times the weight decay, because the first had begun to overfit.
PHOTO_STAGES = (
    Stage(1, 48, 0.0, 0.002, 1.0),
    Stage(8, 48, 0.002, 0.002, 1.0),
    Stage(5, 48, 0.001, 0.001, 1.0),
    Stage(11, 64, 0.001, 0.0, 1.0),
    Stage(1, 64, 0.0, 0.0006, 0.5),
    Stage(2, 64, 0.0006, 0.00058, 0.5),
    Stage(13, 64, 0.00058, 0.00041, 0.5),
    Stage(18, 64, 0.00041, 0.0001, 1.0),
    Stage(6, 64, 0.0001, 0.0, 0.5),
    Stage(1, 64, 0.0, 0.001, 1.0, 0.5, 0.1),
    Stage(28, 64, 0.001, 0.0001, 1.0, 0.5, 0.1),
    Stage(4, 64, 0.0001, 0.00005, 1.0, 0.5, 0.1),
    Stage(4, 64, 0.00005, 0.0, 1.0, 0.0, 0.1),
)


@dataclass(frozen=True)
class Recipe:
    """What is trained, and how; stored in the JSON record.

    Attributes:
        architecture: A name of `keras.applications`, in snake case.
        alpha: Width multiplier of the architecture.
        stages: In order.
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
    label_smoothing: float = 0.1
    crop_share: float = 0.5
    jitter: float = 0.2
    bn_momentum: float = 0.97
    mirror: bool = True
    seed: int = 0

    @property
    def epochs(self) -> int:
        """Epochs of all stages."""
        return sum(stage.epochs for stage in self.stages)

    def stage_at(self, epoch: int) -> Stage:
        """The stage of an epoch, counted from 0."""
        ends = np.cumsum([stage.epochs for stage in self.stages])
        return self.stages[int(np.searchsorted(ends, epoch, side="right"))]


# A character that is cut is another one, so drawn characters are hardly cropped, and never mirrored.
GLYPH_STAGES = (
    Stage(1, 48, 0.0, 0.002, 0.15),
    Stage(2, 48, 0.002, 0.0015, 0.15),
    Stage(2, 64, 0.0015, 0.0, 0.15),
)
OPPOSED_STAGES = (
    Stage(1, 64, 0.0, 0.0015, 0.15, weight_decay=0.5),
    Stage(4, 64, 0.0015, 0.0, 0.15, weight_decay=0.5),
)
COLOUR_STAGES = (Stage(1, 64, 0.0, 0.001, 0.5, weight_decay=0.5), Stage(2, 64, 0.001, 0.0, 0.5, weight_decay=0.5))
RECIPES = {
    "photos": Recipe(),
    "glyphs": Recipe(stages=GLYPH_STAGES, mirror=False),
    "opposed": Recipe(stages=OPPOSED_STAGES, mirror=False),
    "colours": Recipe(stages=COLOUR_STAGES),
    "folder": Recipe(stages=(Stage(1, 64, 0.0, 0.001, 1.0), Stage(5, 64, 0.001, 0.0, 1.0))),
}


class StagedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is linear within each stage of a recipe."""

    def __init__(self, stages: tuple[Stage, ...], steps_per_epoch: int):
        self.stages, self.steps_per_epoch = stages, steps_per_epoch

    def __call__(self, step):
        """Return the rate of a step, counted from 0; none after the last stage."""
        epoch = tf.cast(step, tf.float32) / self.steps_per_epoch
        rate, start = tf.constant(0.0), 0.0
        for stage in self.stages:
            share = (epoch - start) / stage.epochs
            inside = tf.logical_and(share >= 0.0, share < 1.0)
            rate = tf.where(inside, stage.first_rate + (stage.last_rate - stage.first_rate) * share, rate)
            start += stage.epochs
        return rate

    def get_config(self):
        """Return the arguments, as Keras asks of a schedule."""
        return {"stages": self.stages, "steps_per_epoch": self.steps_per_epoch}
