"""What rescues a transfer: a pull towards the start, and a choice that does not lose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, one_number
from tlkit.exercises.lesson_03_negative_transfer.domain_shift import draw_dial
from tlkit.exercises.lesson_03_negative_transfer.shown import NO_SOURCE, PULLS, RESCUES
from tlkit.exercises.trials import draws, mixed, random_names

__all__ = ["DO_NOT_LOSE", "PULL"]


def _pull(pull: Callable, weights: dict, start: dict, strength: float) -> float:
    return one_number(pull(weights, start, strength), "the penalty")


def _network(rng: np.random.Generator) -> dict[str, np.ndarray]:
    shapes = [rng.integers(2, 6, axes).tolist() for axes in (4, 2, 1)]
    return {name: rng.normal(size=shape) for name, shape in zip(random_names(3, rng), shapes, strict=True)}


def _truth(weights: dict, start: dict, strength: float) -> float:
    return strength / 2 * sum(float(((array - start.get(name, 0.0)) ** 2).sum()) for name, array in weights.items())


def nothing_at_the_start(pull):
    """At the start, nothing pulls, and away from it something does."""
    for rng in draws(5):
        start, strength = _network(rng), float(rng.uniform(0.5, 4))
        received = _pull(pull, {name: array.copy() for name, array in start.items()}, start, strength)
        require(
            abs(received) < 1e-9,
            f"Weights equal to those of the source cost {received:.3g}. The pull is towards the start, not "
            "towards 0: ordinary weight decay pulls a network away from what it was given.",
        )
        near, far = (_pull(pull, {name: array + by for name, array in start.items()}, start, strength) for by in (1, 2))
        require(
            0 < near < far,
            "Weights that have moved away from the start must cost something, and more if they have moved further. "
            f"Received {near:.3g} and {far:.3g}.",
        )


def new_layers_are_pulled_to_zero(pull):
    """A layer that the source does not have is pulled to 0."""
    for rng in draws(2):
        start, head, strength = _network(rng), rng.normal(size=(5, 3)), float(rng.uniform(0.5, 4))
        for own in mixed((start, {}), rng):
            received, truth = _pull(pull, {**own, "head": head}, own, strength), _truth({"head": head}, {}, strength)
            where = "away from where it is pulled" if own else "there, and no layer has a start"
            require(
                close(received, truth),
                f"Only a new head is {where}; at strength {strength:.2f}, it costs {truth:.3f}. Received "
                f"{received:.3f}. A head without a start still needs weight decay.",
            )


def adds_up_all_weights(pull):
    """It is half the strength times the sum of all squared differences."""
    for rng in draws(2):
        start, strength = _network(rng), float(rng.uniform(0.5, 4))
        weights = {name: rng.normal(size=array.shape) for name, array in start.items()}
        received, truth = _pull(pull, weights, start, strength), _truth(weights, start, strength)
        share = received / truth
        why = "Take half the strength, `strength / 2`." if close(share, 2) else "Sum over all weights, don't average."
        require(
            close(received, truth),
            f"Three arrays of {', '.join(str(a.size) for a in start.values())} weights at strength {strength:.2f} cost "
            f"{truth:.3f}. Received {received:.3f}, {share:.3g} times as much. {why}",
        )


def reconciles_the_pull(balance, prediction):
    """Your prediction is compared with your own runs."""
    strengths, gains = balance["strengths"], np.asarray(balance["gains"], float)
    fine = gains.ndim == 2 and len(gains) == len(strengths)
    require(fine, f"`balance['gains']` must have a row for each of {len(strengths)} strengths. Received {gains.shape}.")
    best = int(gains.mean(axis=1).argmax())
    place = PULLS[0] if best == 0 else PULLS[2] if best == len(strengths) - 1 else PULLS[1]
    found = f"the best of {len(strengths)} strengths is {strengths[best]:g}, {place!r}"
    return f"You predicted {prediction!r}. Measured here: {found}."


PULL = Exercise(
    id="3.7",
    title="How strong a pull?",
    points=2,
    prediction=one_of(*PULLS),
    given={"balance": draw_dial("strengths", [1e-4, 1e-2, 1.0])},
    hints=(
        "How far is each layer from where it began? A new layer began nowhere, so take 0.",
        "`start.get(name, 0.0)` is the start, or 0. Square the differences, and sum over all weights of all layers.",
        "`strength / 2 * sum(((array - start.get(name, 0.0)) ** 2).sum() for name, array in weights.items())`.",
    ),
    properties=(
        nothing_at_the_start,
        new_layers_are_pulled_to_zero,
        adds_up_all_weights,
        reconciles_the_pull,
    ),
)


def _clear(labels: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    """Features of which twelve tell the classes apart, the others nothing."""
    table = rng.normal(size=(len(labels), width))
    table[:, :12] = 6 * rng.normal(size=(4, 12))[labels] + 0.5 * table[:, :12]
    return table


def _useless(labels: np.ndarray, width: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(len(labels), width))


def _chosen(choose_table: Callable, tables: dict[str, np.ndarray], labels: np.ndarray) -> str:
    with threadpool_limits(1):  # for tables this small, threads wait for each other longer than they work
        received = choose_table(tables, labels)
    require(
        isinstance(received, str) and received in tables,
        f"Return one of the names, here {list(tables)}. Received: {in_words(received)}.",
    )
    return received


def _takes(choose_table: Callable, message: str, *, per_class: int, widths: list[tuple[int, int]]) -> None:
    """Require the clear table among useless ones, be it of the source, the pixels or another, in any order."""
    labels = np.repeat(np.arange(4), per_class)
    for rng in draws(1):
        goods = mixed(["glyphs", NO_SOURCE, *random_names(2, rng)], rng)
        for number, (good, (clear, useless)) in enumerate(zip(goods, mixed(2 * widths, rng), strict=True)):
            size = (1.0, 0.05)[number % 2]
            names = ["glyphs" if good == NO_SOURCE else NO_SOURCE, *random_names(int(rng.integers(0, 2)), rng)]
            made = [(name, (1.05 - size) * _useless(labels, useless, rng)) for name in names]
            made.append((good, size * _clear(labels, clear, rng)))
            received = _chosen(choose_table, dict(mixed(made, rng)), labels)
            require(
                received == good,
                f"{per_class} images of each class: the {clear} features of {good!r} tell the classes apart, the "
                f"{useless} of the others do not; received {received!r}. {message}",
            )


def takes_a_table_that_tells_the_classes_apart(choose_table):
    """It takes the features that tell the classes apart, whatever their number and size, source or not."""
    message = "Neither never transferring nor always transferring is the answer."
    _takes(choose_table, message, per_class=10, widths=[(12, 100), (100, 12)])


def refuses_what_only_memorizes(choose_table):
    """It refuses features that only memorize."""
    message = (
        "Many useless features fit every labelled image, but no other image: judge each table on labelled images that "
        "it was not fitted to."
    )
    _takes(choose_table, message, per_class=8, widths=[(60, 60), (12, 150)])


def weighs_a_handful_of_labels(choose_table):
    """It works with three labels for each class, in whatever order they come."""
    message = "Folds cut from sorted labels lack whole classes: shuffle or stratify them."
    _takes(choose_table, message, per_class=3, widths=[(12, 40), (40, 12)])


def _with_strays(labels: np.ndarray, strays: np.ndarray, size: float, rng: np.random.Generator) -> np.ndarray:
    """Features of which four tell the class, the fifth nothing; the images that are strays all look alike."""
    centres = size * np.eye(5)[rng.permutation(4)]
    return np.where(strays[:, None], 0.0, centres[labels]) + 0.5 * rng.normal(size=(len(labels), 5))


def judges_by_accuracy_on_average(choose_table):
    """It judges by the accuracy of all held-out images, not by the luckiest of them or by how compact a class is."""
    labels, place = np.repeat(np.arange(4), 12), np.tile(np.arange(12), 4)
    one_stray, odd = place == labels * 4 % 12, place % 2 == 1
    for rng in draws(2):
        scattered = _with_strays(labels, one_stray, 3, rng)
        scattered[:, 4] += 40 * odd  # each class in two places
        cases = {
            "The other table is only more compact.": (scattered, _with_strays(labels, odd, 6, rng)),
            "The other table is right on all of a lucky third: take the mean over all held-out images.": (
                _with_strays(labels, one_stray, 3, rng),
                _with_strays(labels, odd & (place >= 4), 6, rng),
            ),
        }
        for message, tables in mixed(list(cases.items()), rng):
            names = random_names(2, rng)
            received = _chosen(choose_table, dict(mixed(list(zip(names, tables, strict=True)), rng)), labels)
            require(
                received == names[0],
                f"A linear classifier tells eleven in twelve images apart by {names[0]!r}, and hardly two in three by "
                f"{names[1]!r}; received {received!r}. {message}",
            )


def reconciles_the_rescue(choose_table, own, rescued, prediction):
    """It runs on your own tables, and your prediction is compared with your own rescues."""
    fine = isinstance(rescued, dict) and set(rescued) == set(RESCUES)
    require(fine, f"`rescued` must hold the accuracies of {list(RESCUES)}, as measured.")
    means = {name: float(np.mean(scores)) for name, scores in rescued.items()}
    best = max(means, key=means.__getitem__)
    tables = {str(name): np.asarray(table) for name, table in own["tables"].items()}
    taken = _chosen(choose_table, tables, np.asarray(own["labels"]))
    said = f"You predicted {prediction!r}. Measured here: {best!r} is best, at {means[best]:.0%}."
    return f"{said} Of the frozen tables, your function chooses {taken!r}."


def _draw_own(rng: np.random.Generator) -> dict[str, object]:
    labels = np.repeat(np.arange(4), 10)
    return {
        "tables": {name: rng.normal(size=(40, 12)) + labels[:, None] for name in (NO_SOURCE, "glyphs")},
        "labels": labels,
    }


def _draw_rescues(rng: np.random.Generator) -> dict[str, list[float]]:
    return {name: rng.uniform(0.5, 0.9, 5).tolist() for name in RESCUES}


DO_NOT_LOSE = Exercise(
    id="3.8",
    title="Do not lose",
    points=3,
    prediction=one_of(*RESCUES),
    given={"own": _draw_own, "rescued": _draw_rescues},
    hints=(
        "You have only the few labelled images. Some of them must judge what was fitted to the others.",
        "`cross_val_score(probe, table, labels, cv=3)` of `sklearn.model_selection` stratifies; take the mean for "
        "each table.",
        "With `LogisticRegression` of `sklearn.linear_model`: `probe = LogisticRegression(max_iter=1000)`; "
        "`scores = {name: cross_val_score(probe, table, labels, cv=3).mean() for name, table in tables.items()}`; "
        "`return max(scores, key=scores.get)`.",
    ),
    properties=(
        takes_a_table_that_tells_the_classes_apart,
        refuses_what_only_memorizes,
        weighs_a_handful_of_labels,
        judges_by_accuracy_on_average,
        reconciles_the_rescue,
    ),
)
