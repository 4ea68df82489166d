"""Pre-train a small Keras Applications backbone: one command a weight file.

    python datasets/recipes/pretrain.py photos --path tiny-imagenet-200.zip
    python datasets/recipes/pretrain.py glyphs

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
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import about
import card
import image_sources
import keras
import numpy as np
import procedural
import tensorflow as tf
from augment import BATCH_SIZE, resize, training_batches
from image_network import backbone_of, build_model, evaluate, predict_labels
from recipe import RECIPES, Recipe, Stage

from tlkit.backbones import load_classifier, save_embedded
from tlkit.backbones.embedded_weights import weights_dir
from tlkit.files import write_whole

DRAWN = {
    "glyphs": procedural.make_glyph_source,
    "opposed": procedural.make_opposed_source,
    "colours": procedural.make_colour_source,
}


def train(source: image_sources.Source, recipe: Recipe, work_dir: Path, max_minutes: float = math.inf):
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
    record: dict[str, Any] = {"curve": [], "cpu_minutes": 0.0}
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
        write_whole(record_file, json.dumps(record | {"checkpoint": name}, indent=1))
    return model, record


def _train_epoch(model, source, recipe, epoch, record) -> None:
    stage, wall, cpu = recipe.stage_at(epoch), time.time(), time.process_time()
    size = stage.pixels
    if model.optimizer.weight_decay != stage.weight_decay:
        model.optimizer.weight_decay = stage.weight_decay
        model.make_train_function(force=True)  # the decay is a constant of the traced step
    # Weight files leave out the state of random layers: set it anew, so that a resumed run draws the same masks.
    next(layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)).seed_generator.state.assign(
        [recipe.seed, epoch]
    )
    history = model.fit(training_batches(source, recipe, epoch), verbose=0).history
    num_images = len(source.train_labels)
    seconds = time.time() - wall
    accuracy = evaluate(model, resize(source.val_images[::4], size), source.val_labels[::4])
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


def export(model: keras.Model, source: image_sources.Source, name: str, record: dict) -> None:
    """Write the weights, their entry in the index, and the record of the run, all beside the data.

    The accuracy is that of the stored half-precision weights, on all validation images.
    """
    stages = tuple(Stage(*stage) for stage in record["recipe"]["stages"])
    recipe = Recipe(**record["recipe"] | {"stages": stages})
    backbone = backbone_of(model)
    exact = evaluate(model, source.val_images, source.val_labels)
    facts = {
        "architecture": recipe.architecture,
        "alpha": recipe.alpha,
        "input_size": recipe.stages[-1].pixels,
        "source": name,
        "about": about.IN_SHORT.get(name, about.IN_SHORT["folder"]),
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
    write_whole(weights_dir() / f"{name}.record.json", text + "\n")
    card.write_card(name, weights_dir().parent / "cards")
    print(f"wrote {entry.file.name}: {results}", flush=True)


def _versions() -> dict[str, str]:
    return {"python": sys.version.split()[0], "keras": keras.__version__, "tensorflow": tf.__version__}


def read_source(args: argparse.Namespace) -> image_sources.Source:
    """Return the images that the command line asks for."""
    if args.source in DRAWN:
        return DRAWN[args.source]()
    if args.path is None:
        sys.exit(f"`--path` must name the {'archive' if args.source == 'photos' else 'folder'} to read.")
    if args.source == "folder":
        return image_sources.read_folder(args.path)
    return image_sources.read_tiny_imagenet(args.path, args.work)


def read_stages(text: str) -> tuple[Stage, ...]:
    """Stages from JSON; the last two fields may be left out."""
    return tuple(Stage(*stage) for stage in json.loads(text))


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", choices=list(RECIPES))
    parser.add_argument("--path", type=Path, help="tiny-imagenet-200.zip for photos; a folder of class folders")
    parser.add_argument("--name", help="of the weights; the source's by default")
    parser.add_argument("--work", type=Path, default=Path.home() / ".cache/tlkit/pretrain")
    parser.add_argument("--architecture", help=f"default: {Recipe.architecture}")
    parser.add_argument("--alpha", type=float, help="width of the architecture")
    parser.add_argument(
        "--stages", type=read_stages, help="as [[epochs, pixels, first rate, last rate, augmentation, mix, decay], ...]"
    )
    parser.add_argument("--max-minutes", type=float, default=math.inf, help="stop after these CPU minutes")
    parser.add_argument("--no-mirror", action="store_true", help="where a mirrored image has another class")
    parser.add_argument("--dry-run", action="store_true", help="train, but write no weights")
    return parser.parse_args()


def main() -> None:
    """Run the command line."""
    args = parse_arguments()
    given = {key: getattr(args, key) for key in ("architecture", "alpha", "stages") if getattr(args, key)}
    recipe = replace(RECIPES[args.source], **given)
    if args.no_mirror:
        recipe = replace(recipe, mirror=False)
    keras.utils.set_random_seed(recipe.seed)
    name, source = args.name or args.source, read_source(args)
    model, record = train(source, recipe, args.work / name, args.max_minutes)
    if not args.dry_run:
        export(model, source, name, record)


if __name__ == "__main__":
    main()
