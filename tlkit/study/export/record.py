"""A study as a table of names and values, for programs that read it."""

from __future__ import annotations

import importlib.metadata
from dataclasses import asdict
from typing import Any

import numpy as np

from tlkit.study.study import Study

__all__ = ["study_record", "versions"]

_LIBRARIES = ("tlkit", "keras", "tensorflow", "numpy", "scikit-learn", "pillow")


def versions() -> dict[str, str]:
    """The installed versions of what a study computes with."""
    return {name: importlib.metadata.version(name) for name in _LIBRARIES}


def study_record(study: Study) -> dict[str, Any]:
    """What was asked, what was done, what was found: values that JSON can hold, and no times.

    A study that was stopped and resumed gives the same record as one that ran through, and so does the same study on
    the same machine. Scores are shares in [0, 1].
    """
    photos, test = study.photos, study.test
    counts = np.bincount(photos.labels, minlength=photos.num_classes).tolist()
    return {
        "settings": asdict(study.settings),
        "versions": versions(),
        "photos": {
            "classes": dict(zip(photos.class_names, counts, strict=True)),
            "num_test": len(test.labels),
            "findings": [str(finding) for finding in photos.findings],
        },
        "plan": {name: value for name, value in asdict(study.plan).items() if name != "seconds"},
        "outcomes": [_outcome(each) for each in study.outcomes],
        "transfers": study.transfers,
        "num_train": study.num_train,
        "num_report": study.num_report,
        "verdict": asdict(study.verdict),
        "curve": asdict(study.curve),
        "more_photos": asdict(study.more),
        "model": {**asdict(study.choice), "training": study.training, "size": study.size},
        "test": {
            **{name: getattr(test, name) for name in ("accuracy", "low", "high")},
            "balanced_accuracy": test.by_class.macro_recall,
            "recall": dict(zip(photos.class_names, test.by_class.recall.tolist(), strict=True)),
            "confusion": test.confusion.tolist(),
        },
    }


def _outcome(outcome: Any) -> dict[str, Any]:
    return {name: value for name, value in asdict(outcome).items() if name != "seconds"}
