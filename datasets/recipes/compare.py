"""Which network learns most in a CPU minute? Train each for the same time on the same photos.

    python datasets/recipes/compare.py --path tiny-imagenet-200.zip --minutes 3

The result, `datasets/weights/architectures.json`, is what the card of `photos` quotes. Time is that of all threads, so
that a machine which does other work too is fair to every row.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import cast

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import image_sources
import keras
import numpy as np
from augment import BATCH_SIZE, training_batches
from image_network import backbone_of, build_model, compile_model, evaluate
from recipe import Recipe, Stage

from tlkit.backbones.embedded_weights import weights_dir
from tlkit.files import write_whole

NETWORKS = (
    ("mobilenet_v3_small", 0.75),
    ("mobilenet_v3_small", 1.0),
    ("mobilenet_v2", 0.35),
    ("mobilenet_v2", 0.5),
    ("mobilenet", 0.5),
)
SIZE = 64  # pixels
PEAK_RATE, WARM_UP = 0.001, 0.15  # of AdamW; share of the time in which the rate rises, before it falls to 0


class Budget(keras.callbacks.Callback):
    """A learning rate that rises, falls and ends the training with the CPU time that is granted."""

    def __init__(self, cpu_seconds: float):
        super().__init__()
        self.cpu_seconds, self.began, self.num_steps = cpu_seconds, time.process_time(), 0

    def on_train_batch_begin(self, batch, logs=None):
        """Set the learning rate by the share of the time that is used; stop when there is none left."""
        share = min(self.used() / self.cpu_seconds, 1.0)
        model = cast(keras.Model, self.model)
        model.optimizer.learning_rate = PEAK_RATE * min(share / WARM_UP, (1 - share) / (1 - WARM_UP))
        model.stop_training = share >= 1.0

    def on_train_batch_end(self, batch, logs=None):
        """Count the step."""
        self.num_steps += 1

    def used(self) -> float:
        """CPU seconds since the beginning."""
        return time.process_time() - self.began


def measure(architecture: str, alpha: float, source: image_sources.Source, minutes: float) -> dict:
    """Train one network; return its row of the table."""
    keras.utils.set_random_seed(0)
    recipe = Recipe(architecture, alpha, stages=(Stage(100, SIZE, PEAK_RATE, 0.0, 1.0),))
    model = build_model(recipe, len(source.class_names), steps_per_epoch=1)
    compile_model(model, recipe, PEAK_RATE)
    first_step = _cpu_seconds(lambda: model.train_on_batch(*_first_batch(source, recipe)))
    budget = Budget(60 * minutes)
    model.fit(_endless(source, recipe), steps_per_epoch=10**6, callbacks=[budget], verbose=0)
    used = budget.used()
    return {
        "architecture": architecture,
        "alpha": alpha,
        "parameters": backbone_of(model).count_params(),
        "first_step_s": round(first_step, 1),
        "train_images_per_cpu_s": round(budget.num_steps * BATCH_SIZE / used, 1),
        "predict_images_per_cpu_s": round(_prediction_rate(model, source.val_images[:256]), 1),
        "val_accuracy": round(evaluate(model, source.val_images[::2], source.val_labels[::2]), 4),
    }


def _endless(source: image_sources.Source, recipe: Recipe):
    batches = [training_batches(source, recipe, epoch) for epoch in range(3)]
    return batches[0].concatenate(batches[1]).concatenate(batches[2]).repeat()


def _first_batch(source: image_sources.Source, recipe: Recipe):
    return next(iter(training_batches(source, recipe, 0)))


def _prediction_rate(model: keras.Model, images: np.ndarray) -> float:
    images = np.ascontiguousarray(images)
    model.predict_on_batch(images)
    return len(images) / statistics.median(_cpu_seconds(lambda: model.predict_on_batch(images)) for _ in range(5))


def _cpu_seconds(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Run the command line; a row is written when it is done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--path", type=Path, required=True, help="tiny-imagenet-200.zip")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/tlkit/pretrain")
    parser.add_argument("--minutes", type=float, default=3.0, help="CPU minutes for each network")
    args = parser.parse_args()
    source = image_sources.read_tiny_imagenet(args.path, args.work)
    result = {"minutes": args.minutes, "peak_rate": PEAK_RATE, "data_sha256": source.data_sha256, "rows": []}
    for architecture, alpha in NETWORKS:
        result["rows"].append(measure(architecture, alpha, source, args.minutes))
        print(result["rows"][-1], flush=True)
    write_whole(weights_dir() / "architectures.json", json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
