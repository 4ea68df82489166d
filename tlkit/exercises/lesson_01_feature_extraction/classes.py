"""Which classes the network fails on."""

from __future__ import annotations

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.received import close, numbers_of
from tlkit.exercises.toys import hidden_rng
from tlkit.exercises.trials import mixed

__all__ = ["CLASS_REPORT"]

KEYS = ("precision", "recall", "f1")


def _report_of(per_class, y_true: np.ndarray, y_pred: np.ndarray, num_classes: int) -> list[np.ndarray]:
    report = per_class(y_true, y_pred, num_classes)
    fine = isinstance(report, dict) and set(KEYS) <= set(report)
    require(fine, f"Return a dictionary with the keys {list(KEYS)}. Received {in_words(report)}.")
    messages = {key: f"`{key}` must have one value per class, {num_classes} here." for key in KEYS}
    return [numbers_of(report[key], (num_classes,), message) for key, message in messages.items()]


def precision_and_recall(per_class):
    """Precision looks at the images predicted as a class, recall at the images that belong to it."""
    rng = hidden_rng()
    drawn = rng.integers((2, 1, 6), (6, 5, 12), (3, 3)).tolist()
    for right, missed, wrong in mixed([*drawn, [1, 0, 0]], rng):
        y_true = np.repeat([1, 1, 0, 0], [right, missed, wrong, 20])
        y_pred = np.repeat([1, 0, 1, 0], [right, missed, wrong, 20])
        order = rng.permutation(len(y_true))
        precision, recall, _ = _report_of(per_class, y_true[order], y_pred[order], 2)
        truth = right / (right + wrong), right / (right + missed)
        require(
            close(precision[1], truth[0]) and close(recall[1], truth[1]),
            f"{right + wrong} images were predicted as class 1, and {right} of them belong to it: precision "
            f"{truth[0]:.2f}. Of the {right + missed} images of class 1, {right} were found: recall {truth[1]:.2f}. "
            f"Received precision {precision[1]:.2f} and recall {recall[1]:.2f}: is the table transposed?",
        )


def never_predicted(per_class):
    """A class that is never predicted, or has no image, has 0 where 0 / 0 would stand, not NaN."""
    rng = hidden_rng()
    for turn in mixed(range(3), rng):
        num_classes = int(rng.integers(4, 8))
        labels = [
            *rng.permutation(num_classes - 1)[:2].tolist(),
            num_classes - 1,
        ]  # the last class is always one of them
        unseen, unused, absent = labels[turn:] + labels[:turn]
        others = np.setdiff1d(np.arange(num_classes), [unseen, unused, absent])
        y_true = np.append(rng.choice(others, 40), [unused] * 3)
        y_pred = np.append(rng.choice(others, 40), [unseen] * 3)
        values = _report_of(per_class, y_true, y_pred, num_classes)
        for label, what in ((unused, "never predicted"), (unseen, "without an image"), (absent, "in neither list")):
            found = [float(value[label]) for value in values]
            require(
                close(found, [0.0] * 3),
                f"Class {label} is {what}, and 0 / 0 is undefined. By convention, its precision, recall and F1 are 0. "
                f"Received {found}.",
            )
        require(any(value.any() for value in values), "Every value was 0, also for classes that were found.")


def agrees_on_random_labels(per_class):
    """It agrees with an independent implementation on hidden labels."""
    from sklearn.metrics import precision_recall_fscore_support

    rng = hidden_rng()
    for num_images in mixed([8, 12, 60, 250], rng):  # few images: a class may have a single one
        num_classes = int(rng.integers(3, 9))
        y_true, y_pred = rng.integers(0, num_classes, (2, num_images))
        truth = precision_recall_fscore_support(y_true, y_pred, labels=range(num_classes), zero_division=0)[:3]
        names = zip(KEYS, _report_of(per_class, y_true, y_pred, num_classes), truth, strict=True)
        wrong = [name for name, value, right in names if not close(value, right)]
        require(
            not wrong,
            f"On {num_images} random labels of {num_classes} classes, {', '.join(wrong)} differ from scikit-learn's.",
        )


CLASS_REPORT = Exercise(
    id="1.7",
    title="Which classes fail?",
    points=2,
    hints=(
        "For one class: how many images were predicted as it, how many belong to it, and how many do both?",
        "Precision is both / predicted, recall is both / belong, and F1 = 2 * both / (predicted + belong).",
        "Divide by `np.maximum(count, 1)`: where nothing was predicted as a class, 0 / 1 is 0.",
    ),
    properties=(precision_and_recall, never_predicted, agrees_on_random_labels),
)
