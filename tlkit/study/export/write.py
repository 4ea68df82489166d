"""Write the files that a study leaves, and try them where tlkit is not there."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.choices import did_you_mean
from tlkit.study.export.record import study_record, versions
from tlkit.study.study import Study, order_of

__all__ = ["FORMATS", "SelfTestFailed", "check_formats", "export_study"]

# What Keras can write besides its own file: the name of the format, the file, and the packages that this needs.
FORMATS = {
    "litert": ("model.tflite", ("ai_edge_litert",)),
    "onnx": ("model.onnx", ("tf2onnx", "onnxruntime")),
}
TOLERANCE = 1e-5
NUM_TESTED = 20
_FILES = (
    "model.keras",
    "labels.json",
    "predict.py",
    "train.py",
    "start.keras",
    "photos.csv",
    "requirements.txt",
    "study.json",
)
_PROGRAMS = Path(__file__).resolve().parent / "programs"
# Run in a folder of its own: tlkit cannot be imported, and what is installed beside it is not needed.
_PROBE = """
import json, sys
sys.modules["tlkit"] = None
sys.path.insert(0, {folder!r})
import predict
classes, shares = predict.predict({model!r}, json.loads(sys.stdin.read()))
print(json.dumps(shares.tolist()))
"""


class SelfTestFailed(RuntimeError):
    """The exported model does not predict what the study's model predicts."""


def export_study(study: Study, folder: Path, *, root: Path, formats: Sequence[str] = ()) -> list[Path]:
    """Write model, labels and programs into a folder, and test each model in a process without tlkit.

    Args:
        study: With photos that have files.
        folder: It is made where it is not there; files in it of the same names are replaced.
        root: The folder that the photos' files are named from.
        formats: What to write besides `model.keras`: `"litert"` (`model.tflite`, TensorFlow Lite), `"onnx"`
            (`model.onnx`).

    Returns:
        The files.

    Raises:
        SelfTestFailed: If an exported model gives probabilities that differ by more than 1e-5.
        ValueError: If a format is not known, or what it needs is not installed; nothing is written.
    """
    check_formats(formats)
    folder.mkdir(parents=True, exist_ok=True)
    study.model.save(folder / "model.keras")
    study.start.save(folder / "start.keras")
    facts = {"classes": study.photos.class_names, "size": study.size, "training": study.training}
    (folder / "labels.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")
    record = json.dumps(study_record(study), indent=1, ensure_ascii=False)
    (folder / "study.json").write_text(record + "\n", "utf-8")
    (folder / "requirements.txt").write_text(_requirements(), "utf-8")
    shutil.copyfile(_PROGRAMS / "predict.py", folder / "predict.py")
    program = "train_probe.py" if "C" in study.training else "train_network.py"
    shutil.copyfile(_PROGRAMS / program, folder / "train.py")
    with open(folder / "photos.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "class"], *_rows(study, root)])
    self_test(study, folder / "model.keras")
    also = [folder / FORMATS[name][0] for name in formats]
    for name, path in zip(formats, also, strict=True):
        study.model.export(path, format=name, verbose=False)
        self_test(study, path)
    return [*(folder / name for name in _FILES), *also]


def check_formats(formats: Sequence[str]) -> None:
    """Raise `ValueError` if one of the formats is not known, or cannot be written here."""
    for name in formats:
        if name not in FORMATS:
            msg = f"A format must be one of {', '.join(FORMATS)}. Received: {name!r}.{did_you_mean(name, FORMATS)}"
            raise ValueError(msg)
        missing = [package for package in FORMATS[name][1] if importlib.util.find_spec(package) is None]
        if missing:
            msg = f"The format {name!r} needs {' and '.join(missing)}. Install it with `pip install 'tlkit[serve]'`."
            raise ValueError(msg)


def self_test(study: Study, model: Path) -> float:
    """The largest difference of a probability, on up to 20 test photos, between the study and an exported model."""
    chosen = np.linspace(0, len(study.test.paths) - 1, min(NUM_TESTED, len(study.test.paths))).astype(int)
    paths = [str(study.test.paths[row]) for row in chosen]
    found = _predict_without_tlkit(model, paths)
    largest = float(np.abs(found - study.test.probabilities[chosen]).max())
    if not largest <= TOLERANCE:
        msg = f"The exported {model.name} gives probabilities that differ by {largest:.2g} from the study's, on "
        msg += f"{len(paths)} photos. It is not to be used. It lies in {model.parent}; please report this with its "
        msg += "labels.json."
        raise SelfTestFailed(msg)
    return largest


def _predict_without_tlkit(model: Path, paths: Sequence[str]) -> np.ndarray:
    program = _PROBE.format(folder=str(model.resolve().parent), model=str(model.resolve()))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(paths),
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        msg = f"The exported {model.name} does not load without tlkit: {done.stderr.strip().splitlines()[-1:]}"
        raise SelfTestFailed(msg)
    return np.array(json.loads(done.stdout.splitlines()[-1]))


def _rows(study: Study, root: Path) -> list[tuple[str, str]]:
    """File and class of each photo that was learned from, in the order of the training."""
    photos = study.photos
    files = [path.relative_to(root).as_posix() for path in photos.paths]
    return [(files[row], photos.class_names[photos.labels[row]]) for row in order_of(photos)]


def _requirements() -> str:
    return "".join(f"{name}=={version}\n" for name, version in versions().items() if name != "tlkit")
