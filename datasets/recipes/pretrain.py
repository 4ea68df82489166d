"""Pre-train a small Keras Applications backbone: one command a weight file.

    python datasets/recipes/pretrain.py photos --path tiny-imagenet-200.zip

A run can be killed at any time: the model, its optimizer and the curve are saved after every epoch
outside the repository, and the same command goes on where it stopped, with the same schedule, the
same order of images and the same augmentation. What is written at the end: the backbone's weights, the
weights of its head, and a JSON record of how they were made.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import card
import keras
import numpy as np
import sources
import tensorflow as tf

from tlkit.backbones import load_classifier, save_embedded
from tlkit.backbones.embedded import weights_dir

BATCH_SIZE = 64


# Epochs, image size in pixels, learning rate at the start and at the end, strength of the augmentation. The rate of the
# second stage was too high: the record's loss hardly falls there. It stands because the stored weights were made so; a
# new run may leave out the first three stages. After the first descent to 0 the rate rises again (a warm restart).
STAGES = (
    (1, 48, 0.0, 0.002, 1.0),
    (8, 48, 0.002, 0.002, 1.0),
    (5, 48, 0.001, 0.001, 1.0),
    (11, 64, 0.001, 0.0, 1.0),
    (1, 64, 0.0, 0.0006, 0.5),
    (12, 64, 0.0006, 0.0005, 0.5),
    (12, 64, 0.0005, 0.0004, 0.5),
    (12, 64, 0.0004, 0.0002, 0.5),
    (12, 64, 0.0002, 0.0, 0.3),
)
BRIEF_STAGES = ((1, 64, 0.0, 0.001, 1.0), (5, 64, 0.001, 0.0, 1.0))


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
    stages: tuple[tuple[int, int, float, float, float], ...] = STAGES
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

    def _stage_at(self, epoch: int) -> tuple[int, int, float, float, float]:
        ends = np.cumsum([stage[0] for stage in self.stages])
        return self.stages[int(np.searchsorted(ends, epoch, side="right"))]


class StagedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that is linear within each stage of a recipe."""

    def __init__(self, stages, steps_per_epoch: int):
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


def build_backbone(recipe: Recipe) -> keras.Model:
    """Build the architecture without weights, for images of any size in [0, 255]."""
    builders = {
        "mobilenet_v3_small": keras.applications.MobileNetV3Small,
        "mobilenet_v2": keras.applications.MobileNetV2,
        "mobilenet": keras.applications.MobileNet,
    }
    kwargs = {"include_preprocessing": False} if "v3" in recipe.architecture else {}
    backbone = builders[recipe.architecture](
        input_shape=(None, None, 3), alpha=recipe.alpha, include_top=False, weights=None, pooling="avg", **kwargs
    )
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = recipe.bn_momentum
    return backbone


def build_model(recipe: Recipe, num_classes: int, steps_per_epoch: int) -> keras.Model:
    """Backbone, dropout and a linear head, compiled. Input in [0, 255], output logits."""
    backbone = build_backbone(recipe)
    image = keras.Input((None, None, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = keras.layers.Dropout(0.1)(backbone(x))
    model = keras.Model(image, keras.layers.Dense(num_classes, name="head")(x))
    schedule = StagedSchedule(recipe.stages, steps_per_epoch)
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=recipe.weight_decay, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer, _smoothed_loss(num_classes, recipe.label_smoothing), metrics=["accuracy"], jit_compile=False
    )
    return model


@keras.saving.register_keras_serializable("tlkit-recipes")
class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of logits with integer labels, a share of which is spread over all classes."""

    def __init__(self, num_classes, smoothing, name="smoothed_crossentropy", **kwargs):
        super().__init__(name=name, **kwargs)
        self.num_classes, self.smoothing = num_classes, smoothing

    def call(self, y_true, y_pred):
        target = tf.one_hot(tf.cast(tf.reshape(y_true, [-1]), tf.int32), self.num_classes)
        target = target * (1 - self.smoothing) + self.smoothing / self.num_classes
        return tf.nn.softmax_cross_entropy_with_logits(target, y_pred)


def _smoothed_loss(num_classes: int, smoothing: float) -> keras.losses.Loss:
    return SmoothedCrossentropy(num_classes, smoothing)


def training_batches(source: sources.Source, recipe: Recipe, size: int, epoch: int) -> tf.data.Dataset:
    """One epoch in an order, and with crops, that depend on the seed and the epoch alone."""
    strength = recipe.strength_at(epoch)
    order = np.random.default_rng((recipe.seed, epoch)).permutation(len(source.train_labels))
    steps = len(order) // BATCH_SIZE
    rows = tf.data.Dataset.from_tensor_slices(order[: steps * BATCH_SIZE].reshape(steps, BATCH_SIZE))

    def read(row):
        return source.train_images[np.sort(row)], source.train_labels[np.sort(row)]

    def load(step, row):
        images, labels = tf.numpy_function(read, [row], [tf.uint8, tf.int32])
        images.set_shape((BATCH_SIZE, None, None, 3))
        labels.set_shape((BATCH_SIZE,))
        return augment(images, size, recipe, seed=(recipe.seed, epoch * steps + step), strength=strength), labels

    dataset = rows.enumerate().map(lambda step, row: load(tf.cast(step, tf.int32), row), num_parallel_calls=2)
    return dataset.prefetch(4).apply(tf.data.experimental.assert_cardinality(steps))


def augment(images: tf.Tensor, size: int, recipe: Recipe, seed, *, strength: float = 1.0) -> tf.Tensor:
    """Crop, mirror, resize, and vary brightness and contrast: `(batch, size, size, 3)`, `uint8`."""
    seeds = tf.random.experimental.stateless_split(tf.stack(seed), 4)
    uniform = tf.random.stateless_uniform
    side = tf.sqrt(uniform([BATCH_SIZE, 1], seeds[0], 1 - strength * (1 - recipe.crop_share), 1.0))
    side = side * tf.exp(strength * uniform([BATCH_SIZE, 2], seeds[1], -0.12, 0.12))
    side = tf.minimum(side, 1.0)
    corner = uniform([BATCH_SIZE, 2], seeds[2]) * (1.0 - side)
    y1, x1, y2, x2 = corner[:, 0], corner[:, 1], corner[:, 0] + side[:, 0], corner[:, 1] + side[:, 1]
    draws, jitter = uniform([BATCH_SIZE, 3], seeds[3]), strength * recipe.jitter
    flip = (draws[:, 0] < 0.5) & recipe.mirror
    boxes = tf.stack([y1, tf.where(flip, x2, x1), y2, tf.where(flip, x1, x2)], axis=1)
    crops = tf.image.crop_and_resize(images, boxes, tf.range(BATCH_SIZE), [size, size])
    contrast = 1.0 + jitter * (2 * draws[:, 1, None, None, None] - 1)
    brightness = 255 * jitter * (draws[:, 2, None, None, None] - 0.5)
    crops = (crops - 127.5) * contrast + 127.5 + brightness
    return tf.cast(tf.clip_by_value(crops + 0.5, 0.0, 255.0), tf.uint8)


def train(source: sources.Source, recipe: Recipe, work_dir: Path, max_minutes: float = math.inf):
    """Train, or go on training; returns the model and its record.

    Args:
        source: The images.
        recipe: As when the run began; stages that it has not reached yet may differ.
        work_dir: Where the checkpoint lies.
        max_minutes: Stop after the epoch in which this many CPU minutes have been used.
    """
    steps = len(source.train_labels) // BATCH_SIZE
    model = build_model(recipe, len(source.class_names), steps)
    record_file = work_dir / "record.json"
    work_dir.mkdir(parents=True, exist_ok=True)
    record = {"curve": [], "cpu_minutes": 0.0}
    if record_file.exists():
        record = json.loads(record_file.read_text())
        model.optimizer.build(model.trainable_variables)
        model.load_weights(work_dir / record["checkpoint"])
    record |= {"recipe": asdict(recipe), "data_sha256": source.data_sha256, "versions": _versions()}
    for epoch in range(len(record["curve"]), recipe.epochs):
        if record["cpu_minutes"] >= max_minutes:
            break
        _train_epoch(model, source, recipe, epoch, record)
        # The record names its checkpoint: a kill between the two writes leaves the pair before.
        name = f"epoch-{epoch % 2}.weights.h5"
        model.save_weights(work_dir / name)
        _write_atomically(record_file, json.dumps(record | {"checkpoint": name}, indent=1))
    return model, record


def _resize(images: np.ndarray, size: int) -> np.ndarray:
    if images.shape[1] == size:
        return images
    resized = tf.image.resize(images, (size, size), antialias=True)
    return tf.cast(resized + 0.5, tf.uint8).numpy()


def _train_epoch(model, source, recipe, epoch, record) -> None:
    size, wall, cpu = recipe.size_at(epoch), time.time(), time.process_time()
    # Weight files leave out the state of random layers: set it anew, so that a resumed run draws the same masks.
    next(layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)).seed_generator.state.assign(
        [recipe.seed, epoch]
    )
    history = model.fit(training_batches(source, recipe, size, epoch), verbose=0).history
    num_images = len(source.train_labels)
    seconds = time.time() - wall
    accuracy = evaluate(model, _resize(source.val_images[::4], size), source.val_labels[::4])
    record["cpu_minutes"] += (time.process_time() - cpu) / 60
    record["curve"].append(
        {
            "epoch": epoch + 1,
            "size": size,
            "loss": round(history["loss"][-1], 4),
            "accuracy": round(history["accuracy"][-1], 4),
            "val_accuracy": round(accuracy, 4),
        }
    )
    left = (recipe.epochs - epoch - 1) * seconds / 60
    print(
        f"epoch {epoch + 1}/{recipe.epochs} at {size} px: loss {history['loss'][-1]:.3f} "
        f"accuracy {history['accuracy'][-1]:.3f} validation {accuracy:.3f} (every 4th image), "
        f"{num_images / seconds:.0f} images/s, about {left:.0f} min left, {record['cpu_minutes']:.1f} CPU min",
        flush=True,
    )


def export(model: keras.Model, source: sources.Source, name: str, record: dict) -> None:
    """Write the weights, their entry in the index, and the record of the run, all beside the data.

    The accuracy is that of the stored half-precision weights, on all validation images.
    """
    recipe = Recipe(**record["recipe"])
    backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    exact = evaluate(model, source.val_images, source.val_labels)
    facts = {
        "architecture": recipe.architecture,
        "alpha": recipe.alpha,
        "input_size": recipe.stages[-1][1],
        "source": name,
        "class_names": source.class_names,
        "card": f"cards/weights-{name}.md",
    }
    entry = save_embedded(name, backbone, model.get_layer("head"), facts, directory=weights_dir())
    stored, _ = load_classifier(weights=name)
    correct = predict_labels(stored, source.val_images) == source.val_labels
    half_width = 1.96 * float(np.sqrt(correct.mean() * (1 - correct.mean()) / len(correct)))
    results = {
        "val_accuracy": round(float(correct.mean()), 4),
        "val_half_width": round(half_width, 4),
        "val_accuracy_float32": round(exact, 4),
        "val_images": len(correct),
        "train_images": len(source.train_labels),
        "cpu_minutes": round(record["cpu_minutes"], 1),
    }
    save_embedded(name, backbone, model.get_layer("head"), facts | results, directory=weights_dir())
    text = json.dumps({**record, **results}, indent=1)
    _write_atomically(weights_dir() / f"{name}.record.json", text + "\n")
    cards = weights_dir().parent / "cards"
    card.write_card(cards / f"weights-{name}.md", name, {**record, **results})
    card.draw_filters(np.asarray(_first_kernel(backbone)), cards / f"weights-{name}-filters.png")
    print(f"wrote {entry.file.name}: {results}", flush=True)


def _first_kernel(backbone: keras.Model) -> keras.Variable:
    return next(layer.kernel for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D))


def predict_labels(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Most likely class of each image, `(num_images,)`."""
    batches = (np.ascontiguousarray(images[i : i + 500]) for i in range(0, len(images), 500))
    return np.concatenate([np.asarray(model.predict_on_batch(batch)).argmax(1) for batch in batches])


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Top-1 accuracy in [0, 1] on images at their own size, no augmentation."""
    return float((predict_labels(model, images) == labels).mean())


def _versions() -> dict[str, str]:
    return {"python": sys.version.split()[0], "keras": keras.__version__, "tensorflow": tf.__version__}


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    os.replace(partial, path)


def read_source(args: argparse.Namespace) -> sources.Source:
    """Return the images that the command line asks for."""
    if args.source == "glyphs":
        return sources.make_glyph_source()
    if args.path is None:
        sys.exit(f"`--path` must name the {'archive' if args.source == 'photos' else 'folder'} to read.")
    if args.source == "folder":
        return sources.read_folder(args.path)
    return sources.read_tiny_imagenet(args.path, args.work)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", choices=["photos", "glyphs", "folder"])
    parser.add_argument("--path", type=Path, help="tiny-imagenet-200.zip for photos; a folder of class folders")
    parser.add_argument("--name", help="of the weights; the source's by default")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/tlkit/pretrain")
    parser.add_argument("--architecture", default=Recipe.architecture)
    parser.add_argument("--alpha", type=float, default=Recipe.alpha)
    parser.add_argument(
        "--stages", type=json.loads, help="as [[epochs, pixels, first rate, last rate, augmentation], ...]"
    )
    parser.add_argument("--max-minutes", type=float, default=math.inf, help="stop after these CPU minutes")
    parser.add_argument("--no-mirror", action="store_true", help="where a mirrored image has another class")
    parser.add_argument("--dry-run", action="store_true", help="train, but write no weights")
    args = parser.parse_args()
    stages = args.stages or (STAGES if args.source == "photos" else BRIEF_STAGES)
    mirror = args.source != "glyphs" and not args.no_mirror
    recipe = Recipe(architecture=args.architecture, alpha=args.alpha, stages=stages, mirror=mirror)
    keras.utils.set_random_seed(recipe.seed)
    name, source = args.name or args.source, read_source(args)
    model, record = train(source, recipe, args.work / name, args.max_minutes)
    if not args.dry_run:
        export(model, source, name, record)


if __name__ == "__main__":
    main()
