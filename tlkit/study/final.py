"""The model that comes of a study: chosen without the test, trained on all photos, tested once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from tlkit.data import Split, Vault
from tlkit.measure import ClassificationReport, classification_report, confusion_matrix, share_interval
from tlkit.study.scores import Outcome

__all__ = ["Choice", "TestResult", "choose_network", "test_once", "with_softmax"]


@dataclass(frozen=True)
class Choice:
    """What the final model is.

    Attributes:
        contestant: Its name.
        best: Which of its tries was chosen, from 0.
        setting: That try in words.
    """

    contestant: str
    best: int
    setting: str


@dataclass(frozen=True, eq=False)
class TestResult:
    """What the final model did on the test set.

    Attributes:
        images: `(num_test, size, size, 3)`, `uint8`.
        labels: `(num_test,)`.
        probabilities: `(num_test, num_classes)`, in [0, 1].
        paths: The files; empty where photos have none.
        accuracy: Share of photos that were named correctly.
        low: Lower end of its 95 % interval (Wilson, 1927).
        high: Upper end.
        by_class: Precision, recall and F1; its `macro_recall` is the balanced accuracy.
        confusion: `(num_classes, num_classes)` counts, true classes by row.
    """

    __test__ = False  # no test of pytest's

    images: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    paths: list
    accuracy: float
    low: float
    high: float
    by_class: ClassificationReport
    confusion: np.ndarray


def choose_network(outcomes: Sequence[Outcome], networks: Sequence[str]) -> Choice:
    """Choose the network that did best, over the seeds, on the photos for choosing; never by the report or the test.

    Of equals the one that comes first, which is the cheaper one. A colour histogram may be as good: the report says it,
    but it is no network.

    Args:
        outcomes: Of all contestants.
        networks: The names of those that may be chosen.
    """
    of_each = {name: [each for each in outcomes if each.contestant == name] for name in networks}
    best = max(networks, key=lambda name: np.mean([each.tune.balanced for each in of_each[name]]))
    chosen = of_each[best][0]  # the same try with each seed
    return Choice(best, chosen.best, chosen.setting)


def with_softmax(model: keras.Model) -> keras.Model:
    """The classifier with its softmax: photos in [0, 255] to probabilities `(batch, num_classes)`."""
    return keras.Model(model.inputs[0], keras.layers.Softmax(name="probabilities")(model.outputs[0]), name=model.name)


def test_once(model: keras.Model, vault: Vault[Split], class_names: Sequence[str]) -> TestResult:
    """Open the vault and score the final model.

    Args:
        model: From photos to probabilities.
        vault: With the test photos at the model's size.
        class_names: Of the labels.
    """
    split = vault.open("the final model of the study")
    chunks = np.array_split(split.images, max(1, len(split) // 128))
    probabilities = np.concatenate([model.predict_on_batch(chunk) for chunk in chunks])
    predicted = probabilities.argmax(axis=-1)
    right = int((predicted == split.labels).sum())
    interval = share_interval(right, len(split))
    return TestResult(
        images=split.images,
        labels=split.labels,
        probabilities=probabilities,
        paths=[] if split.paths is None else list(split.paths),
        accuracy=right / len(split),
        low=interval.low,
        high=interval.high,
        by_class=classification_report(split.labels, predicted, class_names),
        confusion=confusion_matrix(split.labels, predicted, len(class_names)),
    )


test_once.__test__ = False  # no test of pytest's  # pyrefly: ignore[missing-attribute]
