"""Features of a frozen backbone, extracted in one pass from images scaled as it expects."""

from __future__ import annotations

from typing import NamedTuple

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.held import in_words
from tlkit.exercises.lesson_01_feature_extraction.shown import SCALINGS
from tlkit.exercises.toys import SIZE, CountingImages, hidden_rng, redraw, tiny_backbone
from tlkit.exercises.trials import Untouched, mixed

__all__ = ["FEATURES_ONCE", "INPUT_DETECTIVE"]


@shared_trial
def _backbone() -> keras.Model:
    return tiny_backbone(hidden_rng())


def finds_each_scaling(find_scaling):
    """It names the scaling of backbones that it has never seen."""
    rng, backbone = hidden_rng(), _backbone()
    for name in mixed([*SCALINGS] * 3, rng)[:8]:
        redraw(backbone, rng)
        scale = backbone.get_layer("bn").gamma
        scale.assign(scale * rng.permutation([1, 1, -1, -1, rng.choice([-1, 1])]))  # channels apart say more than all
        images = _halves(rng)
        published = _pooled(backbone, SCALINGS[name](images))
        received = find_scaling(backbone, images, published)
        require(received in SCALINGS, f"Return one of {list(SCALINGS)}. Received: {in_words(received)}.")
        require(received == name, _wrong_scaling(name, received))


def trusts_the_features_alone(find_scaling):
    """It is right even where the features are negative, tiny or huge."""
    rng, backbone = hidden_rng(), _backbone()
    layer = backbone.get_layer("bn")
    for factor in mixed([-1.0, 1e-7, 1e3], rng):
        for name in mixed([*SCALINGS], rng):
            redraw(backbone, rng)
            images = _halves(rng)
            layer.gamma.assign(layer.gamma * factor)
            layer.beta.assign(layer.beta * factor)
            received = find_scaling(backbone, images, _pooled(backbone, SCALINGS[name](images)))
            require(
                received == name,
                f"For a backbone that expects {name!r} and whose features are multiplied by {factor:g}, the answer "
                f"was {in_words(received)}. Compare with the published features; their size alone says nothing.",
            )


def _halves(rng: np.random.Generator) -> np.ndarray:
    """Pictures with a dark and a bright half: their average and their maximum say different things."""
    images = rng.integers(0, 100, (int(rng.integers(4, 9)), SIZE, SIZE, 3))
    images[:, :, SIZE // 2 :] += 155
    return rng.permutation(images, axis=2).astype("uint8") if rng.uniform() < 0.3 else images.astype("uint8")


def _pooled(backbone: keras.Model, images: np.ndarray) -> np.ndarray:
    return np.asarray(backbone(images, training=False)).mean(axis=(1, 2))


def _wrong_scaling(truth: str, received: str) -> str:
    return (
        f"For a backbone that expects {truth!r}, the answer was {received!r}. Compute the features with each scaling, "
        "and take the scaling that comes nearest to what the authors published."
    )


INPUT_DETECTIVE = Exercise(
    id="1.2",
    title="Input detective",
    points=2,
    all_or_nothing=True,
    hints=(
        "You have the features that its authors published for these very images. Which scaling reproduces them?",
        "For each entry of `SCALINGS`: scale, call the backbone with `training=False`, average over the positions.",
        "Return the name with the smallest `np.abs(features - published).mean()`: `min(SCALINGS, key=...)`.",
    ),
    properties=(finds_each_scaling, trusts_the_features_alone),
)


@shared_trial
def _extracted(extract_features) -> _Extracted:
    rng = hidden_rng()
    width, batch, num_images = *map(int, rng.integers((4, 3), (8, 6))), int(rng.choice([11, 13, 17]))  # no batch fits
    backbone, images = tiny_backbone(rng, width=width), CountingImages(num_images, batch, rng)
    direct = _pooled(backbone, np.stack([images.image_of(number) for number in range(num_images)]))
    before = Untouched(backbone)
    received = extract_features(backbone, images.dataset)
    require(isinstance(received, (tuple, list)) and len(received) == 2, "Return two arrays: `features, labels`.")
    features, labels = (np.asarray(part) for part in received)
    return _Extracted(images, direct, before, batch, features, labels)


class _Extracted(NamedTuple):
    """The images, their features, computed before the answer had the backbone, and what the answer made of them."""

    images: CountingImages
    direct: np.ndarray
    before: Untouched
    batch: int
    features: np.ndarray
    labels: np.ndarray


def one_row_per_image(extract_features):
    """There is one row of features per image, one column per channel."""
    found = _extracted(extract_features)
    num_images, width = found.direct.shape
    require(
        len(found.features) == num_images,
        f"{num_images} images in batches of {found.batch} gave {len(found.features)} rows. Was the last, smaller "
        "batch lost?",
    )
    require(
        found.features.shape == (num_images, width),
        f"{width} channels gave features of shape {found.features.shape}. Average over the positions, not over the "
        "channels.",
    )
    require(found.labels.shape == (num_images,), f"{num_images} images gave labels of shape {found.labels.shape}.")
    require(
        np.array_equal(np.sort(found.labels), np.sort(found.images.labels)), "The labels are not those of the data."
    )


def equals_the_direct_call(extract_features):
    """The features are those of the frozen network in inference mode, and the network stays as it was."""
    found = _extracted(extract_features)
    require(
        _same_rows(found.features, found.direct),
        "The features differ from `backbone(images, training=False)` averaged over the positions. "
        "Dropout is at work, or BatchNorm with a batch's own statistics, or a different scale or pooling.",
    )
    found.before.require("Taking features only looks, and the backbone may be fine-tuned later.")


def labels_stay_aligned(extract_features):
    """Each label belongs to its row, even though the dataset shuffles."""
    found = _extracted(extract_features)
    require(
        _same_rows(found.features, found.direct),
        "As long as the features differ from the direct call, nobody can say which row belongs to which label.",
    )
    numbers = [int(np.abs(found.direct - row).max(axis=1).argmin()) for row in found.features]
    require(
        np.array_equal(found.images.labels[numbers], found.labels),
        "Rows and labels come from different passes: a shuffled dataset has a new order each time. "
        "Collect both inside the same loop.",
    )


def one_pass_only(extract_features):
    """Each image is read once."""
    reads = _extracted(extract_features).images.reads
    require(
        (reads == 1).all(),
        f"Images were read {reads.min()} to {reads.max()} times. One pass over the dataset is enough, and the point of "
        "it.",
    )


def _same_rows(features: np.ndarray, direct: np.ndarray) -> bool:
    if features.shape != direct.shape:
        return False
    distances = np.abs(features[:, None] - direct[None]).max(axis=2) / np.abs(direct).max()
    return bool((distances.min(axis=0) < 1e-4).all() and (distances.min(axis=1) < 1e-4).all())


FEATURES_ONCE = Exercise(
    id="1.3",
    title="Features, once",
    points=3,
    hints=(
        "Loop over the dataset once; each iteration gives a batch of images with *their* labels.",
        "`backbone(images, training=False)` gives `(batch, h, w, channels)`; average over axes 1 and 2.",
        "Append both to lists inside the same loop; `np.concatenate` them at the end.",
    ),
    properties=(one_row_per_image, equals_the_direct_call, labels_stay_aligned, one_pass_only),
)
