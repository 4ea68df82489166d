"""Checks of lesson 3 on causes and cures: dials, distances, the pull towards the start, the choice (3.5 to 3.8)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

from tlkit.checks.exercise import require
from tlkit.checks.received import one_number
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import hidden_rng

__all__ = [
    "ANGLES",
    "CLOSER",
    "NO_SOURCE",
    "PULLS",
    "RESCUES",
    "adds_up_all_weights",
    "agrees_on_known_domains",
    "crosses_between_two_settings",
    "far_apart_is_two",
    "finds_the_first_crossing",
    "judges_on_other_images",
    "never_is_none",
    "new_layers_are_pulled_to_zero",
    "nothing_at_the_start",
    "numbers_of_images_do_not_count",
    "reconciles_the_angle",
    "reconciles_the_distances",
    "reconciles_the_pull",
    "reconciles_the_rescue",
    "refuses_a_bad_source",
    "takes_a_good_source",
    "weighs_a_handful_of_labels",
]

ANGLES = ("below 10 degrees", "10 to 25 degrees", "above 25 degrees")
CLOSER = ("by character", "by font", "about the same")
PULLS = ("weak", "in between", "strong")
RESCUES = ("colours unfrozen", "glyphs frozen", "glyphs unfrozen", "pixels")
NO_SOURCE = "pixels"

# --- 3.5 How far is too far?


def _turns(break_even: Callable, dial: np.ndarray, gains: np.ndarray) -> float | None:
    received = break_even(dial, gains)
    if received is None:
        return None
    number = np.asarray(received, float)
    require(number.ndim == 0, f"Return one position of the dial, or `None`. Received shape {number.shape}.")
    return float(number)


def _runs(means: list[float]) -> np.ndarray:
    """Gains `(num_settings, 4)` with these means, the first seed a misleading one."""
    luck = np.array([-0.3, 0.1, 0.15, 0.05])
    return np.array(means)[:, None] + luck


def crosses_between_two_settings(break_even, turned):
    """It interpolates the mean between two settings of the dial."""
    rng = hidden_rng()
    for _ in range(3):
        start, low = rng.uniform(0, 50), rng.uniform(0.01, 0.09)
        dial = start + np.array([0.0, 10.0, 20.0, 40.0])
        truth = start + 20 + 20 * low / 0.1
        received = _turns(break_even, dial, _runs([0.2, 0.1, low, low - 0.1]))
        message = f"The mean gain is {100 * low:.1f} points at {start + 20:.1f} and {100 * low - 10:.1f} at "
        message += f"{start + 40:.1f}: a straight line between them meets 0 at {truth:.1f}. Received {received}."
        require(received is not None and abs(received - truth) < 1e-6, message)


def finds_the_first_crossing(break_even, turned):
    """It takes the first place where the gain is gone."""
    received = _turns(break_even, np.array([0.0, 1.0, 2.0, 3.0, 4.0]), _runs([0.1, -0.1, 0.1, 0.1, -0.3]))
    message = f"The mean falls through 0 at 0.5, recovers, and falls again at 3.25; received {received}."
    require(received is not None and abs(received - 0.5) < 1e-6, message)
    received = _turns(break_even, np.array([5.0, 6.0]), _runs([-0.1, -0.2]))
    message = f"Where the first setting already loses, nothing was ever gained: the answer is 5.0. Received {received}."
    require(received is not None and abs(received - 5) < 1e-6, message)


def never_is_none(break_even, turned):
    """Where the gain never falls to 0 within the dial, it says `None`."""
    received = _turns(break_even, np.array([0.0, 1.0, 2.0]), _runs([0.3, 0.2, 0.1]))
    message = f"The gain stays at 10 points and more; received {received}. Beyond the dial we know nothing."
    require(received is None, message)


def reconciles_the_angle(break_even, turned):
    """Your prediction is held against your own dial."""
    guess = locked_prediction("3.5")
    angles, gains = np.asarray(turned["angles"], float), np.asarray(turned["gains"], float)
    fine = gains.ndim == 2 and len(gains) == len(angles)
    require(fine, f"`turned['gains']` must have a row for each of {len(angles)} angles. Received {gains.shape}.")
    found = _turns(break_even, angles, gains)
    said = "the gain never ends within the dial" if found is None else f"the gain ends at {found:.0f} degrees"
    return f"You predicted {guess!r}; measured here: {said}."


# --- 3.6 A distance that sees no labels


def _distance(proxy_distance: Callable, a: np.ndarray, b: np.ndarray) -> float:
    return one_number(proxy_distance(a, b))


def far_apart_is_two(proxy_distance, domains):
    """Domains that cannot be mistaken are at distance 2."""
    rng = hidden_rng()
    received = _distance(proxy_distance, rng.normal(size=(120, 4)), rng.normal(size=(120, 4)) + 15)
    message = f"A classifier that never errs makes the distance 2 * (1 - 2 * 0) = 2. Received {received:.2f}."
    require(abs(received - 2) < 0.05, message)


def agrees_on_known_domains(proxy_distance, domains):
    """It is 2 (1 - 2 error) also where the classifier errs."""
    rng = hidden_rng()
    for shift in (1.0, 2.0):
        received = _distance(proxy_distance, rng.normal(size=(900, 1)), rng.normal(size=(900, 1)) + shift)
        truth = 2 * (1 - 2 * stats.norm.cdf(-shift / 2))
        message = f"Two normal domains, {shift:g} standard deviations apart, are told apart with an error of "
        message += f"{stats.norm.cdf(-shift / 2):.0%}: the distance is {truth:.2f}. Received {received:.2f}."
        require(abs(received - truth) < 0.3, message)


def judges_on_other_images(proxy_distance, domains):
    """Two draws of one domain are close, however many features there are."""
    rng = hidden_rng()
    received = _distance(proxy_distance, rng.normal(size=(150, 400)), rng.normal(size=(150, 400)))
    message = f"Two draws of *one* domain with 400 features came out at {received:.2f}, not near 0. With so many "
    require(abs(received) < 0.7, message + "features a classifier learns its own images by heart: judge it on others.")


def numbers_of_images_do_not_count(proxy_distance, domains):
    """It does not matter how many images each domain has."""
    rng = hidden_rng()
    received = _distance(proxy_distance, rng.normal(size=(600, 3)), rng.normal(size=(60, 3)))
    message = f"600 and 60 images of *one* domain came out at {received:.2f}, not near 0. Who always says 'the first' "
    require(abs(received) < 1.15, message + "is right on 91 %: take as many of one domain as of the other.")


def reconciles_the_distances(proxy_distance, domains):
    """Your prediction is held against your own distance."""
    guess = locked_prediction("3.6")
    fine = isinstance(domains, dict) and set(domains) == {"by character", "by font", "digits"}
    require(fine, "`domains` must hold the features of 'by character', 'by font' and 'digits', as measured.")
    target = np.asarray(domains["digits"])
    found = {name: _distance(proxy_distance, np.asarray(domains[name]), target) for name in CLOSER[:2]}
    told = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    return f"You predicted that closer to the digits is {guess!r}; measured here: {told}."


# --- 3.7 How strong a pull?


def _pull(pull: Callable, weights: dict, start: dict, strength: float) -> float:
    return one_number(pull(weights, start, strength), "the penalty")


def _network(rng: np.random.Generator) -> dict[str, np.ndarray]:
    shapes = {"conv": (3, 3, 2, 4), "dense": (6, 5), "bias": (5,)}
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


def nothing_at_the_start(pull, balance):
    """At the start nothing pulls."""
    start = _network(hidden_rng())
    received = _pull(pull, {name: array.copy() for name, array in start.items()}, start, 3.0)
    message = (
        f"Weights that are those of the source cost {received:.3g}. The pull is towards the start, not towards 0: "
    )
    require(abs(received) < 1e-9, message + "ordinary weight decay pulls a network away from what it was given.")


def new_layers_are_pulled_to_zero(pull, balance):
    """A layer that the source does not have is pulled to 0."""
    rng = hidden_rng()
    start, head = _network(rng), rng.normal(size=(5, 3))
    received, truth = _pull(pull, {**start, "head": head}, start, 2.0), float((head**2).sum())
    message = f"Only a new head is away from where it is pulled; at strength 2 it costs {truth:.3f}. Received "
    require(abs(received - truth) < 1e-6 * truth, f"{message}{received:.3f}. A head without a start still needs decay.")


def adds_up_all_weights(pull, balance):
    """It is half the strength times the sum of all squared differences."""
    rng = hidden_rng()
    for strength in (0.5, 4.0):
        weights, start = _network(rng), _network(rng)
        truth = strength / 2 * sum(float(((weights[name] - start[name]) ** 2).sum()) for name in start)
        received = _pull(pull, weights, start, strength)
        message = f"Three arrays of {', '.join(str(a.size) for a in start.values())} weights, strength {strength:g}: "
        message += f"{truth:.3f}. Received {received:.3f}, {received / truth:.3g} times as much. Sum, do not average."
        require(abs(received - truth) < 1e-6 * truth, message)


def reconciles_the_pull(pull, balance):
    """Your prediction is held against your own runs."""
    guess = locked_prediction("3.7")
    strengths, gains = balance["strengths"], np.asarray(balance["gains"], float)
    fine = gains.ndim == 2 and len(gains) == len(strengths)
    require(fine, f"`balance['gains']` must have a row for each of {len(strengths)} strengths. Received {gains.shape}.")
    best = int(gains.mean(axis=1).argmax())
    place = PULLS[0] if best == 0 else PULLS[2] if best == len(strengths) - 1 else PULLS[1]
    return (
        f"You predicted {guess!r}; measured here: best of {len(strengths)} strengths is {strengths[best]:g}, {place!r}."
    )


# --- 3.8 Do not lose


def _task(rng: np.random.Generator, per_class: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Labels of four classes in blocks, as a draw by class gives them, and a clear and a useless table."""
    labels = np.repeat(np.arange(4), per_class).astype("int32")
    clear = 6 * rng.normal(size=(4, 12))[labels] + 0.5 * rng.normal(size=(len(labels), 12))
    return labels, {"clear": clear, "useless": rng.normal(size=(len(labels), 400))}


def _chosen(choose_table: Callable, tables: dict[str, np.ndarray], labels: np.ndarray) -> str:
    received = choose_table(tables, labels)
    require(received in tables, f"Return one of {list(tables)}. Received: {str(received)[:60]!r}.")
    return str(received)


def _between(choose_table: Callable, with_source: str, without: str, per_class: int) -> str:
    rng = hidden_rng()
    labels, made = _task(rng, per_class)
    pairs = [(NO_SOURCE, made[without]), ("glyphs", made[with_source])]
    return _chosen(choose_table, dict(pairs[:: int(rng.choice([-1, 1]))]), labels)


def takes_a_good_source(choose_table, own, rescued):
    """It takes a source that helps."""
    for _ in range(3):
        received = _between(choose_table, "clear", "useless", 10)
        message = f"The features of the source tell the classes apart, the pixels do not; received {received!r}. "
        require(received == "glyphs", message + "To transfer never is no cure.")


def refuses_a_bad_source(choose_table, own, rescued):
    """It refuses a source whose features only fit by heart."""
    for _ in range(3):
        received = _between(choose_table, "useless", "clear", 10)
        message = f"400 useless features fit the labelled images to the last one, and no other; received {received!r}. "
        require(received == NO_SOURCE, message + "Judge each table on labelled images that it was not fitted to.")


def weighs_a_handful_of_labels(choose_table, own, rescued):
    """Three labels a class are enough for it, in whatever order they come."""
    for _ in range(3):
        received = _between(choose_table, "clear", "useless", 3)
        message = f"Three images a class, sorted by class: the source is clearly better, received {received!r}. "
        require(
            received == "glyphs", message + "Folds cut from sorted labels lack whole classes: mix or stratify them."
        )


def reconciles_the_rescue(choose_table, own, rescued):
    """It runs on your own tables, and your prediction is held against your own rescues."""
    guess = locked_prediction("3.8")
    fine = isinstance(rescued, dict) and set(rescued) == set(RESCUES)
    require(fine, f"`rescued` must hold the accuracies of {list(RESCUES)}, as measured.")
    means = {name: float(np.mean(scores)) for name, scores in rescued.items()}
    best = max(means, key=means.__getitem__)
    tables = {str(name): np.asarray(table) for name, table in own["tables"].items()}
    taken = _chosen(choose_table, tables, np.asarray(own["labels"]))
    said = f"You predicted {guess!r}; measured here: {best!r} with {means[best]:.0%}."
    return f"{said} Of the frozen tables yours takes {taken!r}."
