"""What the recipes of the small networks share: resumable epochs, and the writing of weights, index and record."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tlkit.backbones.embedded_weights import compact_array, weights_dir
from tlkit.backbones.stable import stable_variables
from tlkit.files import replacing, write_whole

__all__ = ["WORK", "export", "run", "save_array"]

WORK = Path.home() / ".cache/tlkit/pretrain"


def run(model: keras.Model, epochs: int, train_epoch: Callable[[int], dict], folder: Path) -> dict:
    """Train, or go on where a killed run stopped: model and optimizer are kept after every epoch.

    Args:
        model: Compiled, or with an `optimizer` that is built.
        epochs: In all.
        train_epoch: Trains the epoch of that number, from 0, and returns its figures.
        folder: Where the checkpoint lies.

    Returns:
        The record: a curve with one entry per epoch, CPU seconds and versions.
    """
    folder.mkdir(parents=True, exist_ok=True)
    record_file = folder / "record.json"
    record: dict = {"curve": [], "cpu_seconds": 0.0}
    if record_file.exists():
        record = json.loads(record_file.read_text())
        model.optimizer.build(model.trainable_variables)
        model.load_weights(folder / record["checkpoint"])
    for epoch in range(len(record["curve"]), epochs):
        cpu = time.process_time()
        _seed_dropout(model, epoch)
        figures = {name: round(float(value), 4) for name, value in train_epoch(epoch).items()}
        record["cpu_seconds"] = round(record["cpu_seconds"] + time.process_time() - cpu, 1)
        record["curve"].append({"epoch": epoch + 1, **figures})
        # The record names its checkpoint: a kill between the two writes leaves the pair before.
        record["checkpoint"] = f"epoch-{epoch % 2}.weights.h5"
        model.save_weights(folder / record["checkpoint"])
        write_whole(record_file, json.dumps(record))
        print(f"epoch {epoch + 1}/{epochs}: {figures}, {record['cpu_seconds']:.0f} CPU s", flush=True)
    del record["checkpoint"]
    versions = {"python": sys.version.split()[0], "keras": keras.__version__, "tensorflow": tf.__version__}
    return record | {"versions": versions}


def export(
    name: str, model: keras.Model, record: dict, *, facts: dict, leave_out: tuple[str, ...] = (), **extra: np.ndarray
) -> None:
    """Write `NAME.npz`, its entry in `networks.json`, and `NAME.record.json`.

    Args:
        name: Of the weights.
        model: The trained network.
        record: How it was made; JSON.
        facts: For the index: at least `architecture`, `options` (of its builder), `source` and `about`.
        leave_out: Names of layers that are not stored.
        **extra: Further arrays of the file, as a vocabulary.
    """
    layers = [layer for layer in model.layers if layer.name not in leave_out]
    arrays = {key: compact_array(key, np.asarray(value)) for key, value in stable_variables(layers).items()}
    file, index_file = weights_dir() / f"{name}.npz", weights_dir() / "networks.json"
    save_array(file, **arrays, **extra)
    index = json.loads(index_file.read_text("utf-8")) if index_file.exists() else {"weights": {}}
    index["weights"][name] = {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest(), **facts}
    index["weights"] = dict(sorted(index["weights"].items()))
    write_whole(index_file, json.dumps(index, indent=1, ensure_ascii=False) + "\n")
    write_whole(weights_dir() / f"{name}.record.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    print(f"{file.name}: {file.stat().st_size:,} bytes", flush=True)


def save_array(file: Path, array: np.ndarray | None = None, **arrays: np.ndarray) -> None:
    """Write one array as `.npy`, or several as `.npz`, whole or not at all."""
    with replacing(file) as partial:
        if array is not None:
            np.save(partial, array)
        else:
            np.savez(partial, **arrays)


def _seed_dropout(model: keras.Model, epoch: int) -> None:
    """Weight files leave out the state of random layers: set it anew, so that a resumed run draws the same masks."""
    dropouts = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Dropout)]
    for number, layer in enumerate(dropouts):
        layer.seed_generator.state.assign([number, epoch])
