"""Write the files that a study leaves, and try them where tlkit is not there."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tlkit.study.export.record import study_record, versions
from tlkit.study.study import Study, order_of

__all__ = ["SelfTestFailed", "export_study"]

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
classes, shares = predict.predict({folder!r}, json.loads(sys.stdin.read()))
print(json.dumps(shares.tolist()))
"""


class SelfTestFailed(RuntimeError):
    """The exported model does not predict what the study's model predicts."""


def export_study(study: Study, folder: Path, *, root: Path) -> list[Path]:
    """Write model, labels and programs into a folder, and test them in a process without tlkit.

    Args:
        study: With photos that have files.
        folder: It is made where it is not there; files in it of the same names are replaced.
        root: The folder that the photos' files are named from.

    Returns:
        The files.

    Raises:
        SelfTestFailed: If the exported model gives probabilities that differ by more than 1e-5.
    """
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
    self_test(study, folder)
    return [folder / name for name in _FILES]


def self_test(study: Study, folder: Path) -> float:
    """The largest difference of a probability, on up to 20 test photos, between the study and the exported files."""
    chosen = np.linspace(0, len(study.test.paths) - 1, min(NUM_TESTED, len(study.test.paths))).astype(int)
    paths = [str(study.test.paths[row]) for row in chosen]
    found = _predict_without_tlkit(folder, paths)
    largest = float(np.abs(found - study.test.probabilities[chosen]).max())
    if not largest <= TOLERANCE:
        msg = f"The exported model gives probabilities that differ by {largest:.2g} from the study's, on {len(paths)} "
        msg += f"photos. It is not to be used. It lies in {folder}; please report this with its labels.json."
        raise SelfTestFailed(msg)
    return largest


def _predict_without_tlkit(folder: Path, paths: Sequence[str]) -> np.ndarray:
    program = _PROBE.format(folder=str(folder.resolve()))
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
        msg = f"The exported model does not load without tlkit: {done.stderr.strip().splitlines()[-1:]}"
        raise SelfTestFailed(msg)
    return np.array(json.loads(done.stdout.splitlines()[-1]))


def _rows(study: Study, root: Path) -> list[tuple[str, str]]:
    """File and class of each photo that was learned from, in the order of the training."""
    photos = study.photos
    files = [path.relative_to(root).as_posix() for path in photos.paths]
    return [(files[row], photos.class_names[photos.labels[row]]) for row in order_of(photos)]


def _requirements() -> str:
    return "".join(f"{name}=={version}\n" for name, version in versions().items() if name != "tlkit")
