"""How far a domain may be from the source, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats
from threadpoolctl import threadpool_limits

from tlkit.checks.exercise import Exercise, require, shared_trial
from tlkit.checks.prediction import one_of
from tlkit.checks.received import one_number
from tlkit.exercises.lesson_03_negative_transfer.shown import ANGLES, CLOSER, NUM_SEEDS
from tlkit.exercises.trials import draws, mixed

__all__ = ["DISTANCE", "HOW_FAR", "draw_dial"]


def _turns(break_even: Callable, dial: np.ndarray, gains: np.ndarray) -> float | None:
    received = break_even(dial, gains)
    return None if received is None else one_number(received, "a position on the dial, or `None`")


def _is_at(received: float | None, place: float) -> bool:
    return received is not None and abs(received - place) < 1e-4 * (1 + abs(place))  # enough for float32


def _runs(means: Sequence[float], rng: np.random.Generator) -> np.ndarray:
    """Gains `(num_settings, num_seeds)` with exactly these means, in few binary digits; one seed is misleading."""
    luck = rng.permutation([0.25, 0.5, 0.25, 1.0])[: int(rng.integers(2, 5))]
    return np.array(means)[:, None] + np.array([-luck.sum(), *luck]) * rng.choice([0.25, 0.5])


def crosses_between_two_settings(break_even):
    """It interpolates the mean between two settings of the dial."""
    for rng in draws(4):
        steps = rng.uniform(2, 20, int(rng.integers(3, 7)))
        dial, high, low = np.cumsum(steps), *rng.uniform(0.01, 0.2, 2)
        place = int(rng.integers(1, len(dial)))
        means = np.where(np.arange(len(dial)) < place, high, -low)
        truth = float(dial[place - 1] + steps[place] * high / (high + low))
        received = _turns(break_even, dial, _runs(means, rng))
        require(
            _is_at(received, truth),
            f"The mean gain is {100 * high:.1f} points at {dial[place - 1]:.1f} and {-100 * low:.1f} at "
            f"{dial[place]:.1f}: a straight line between them crosses 0 at {truth:.2f}. Received {received}.",
        )


def finds_the_first_crossing(break_even):
    """It takes the first place where the gain falls to 0, even if that is the first setting."""
    for rng in draws(2):
        start = float(rng.uniform(0, 50))
        dial = start + np.arange(5.0)
        received = _turns(break_even, dial, _runs([0.125, -0.125, 0.125, 0.125, -0.375], rng))
        require(
            _is_at(received, start + 0.5),
            f"The mean falls through 0 at {start + 0.5:.2f}, recovers, and falls through it again at "
            f"{start + 3.25:.2f}; received {received}.",
        )
        received = _turns(break_even, dial, _runs([-0.125, -0.25, 0.25, 0.25, -0.25], rng))
        require(
            _is_at(received, start),
            f"If even the first setting loses, nothing was ever gained: the answer is {start:.2f}. Received "
            f"{received}.",
        )


def nothing_is_no_gain(break_even):
    """Where the mean is exactly 0, the gain has ended."""
    for rng in draws(2):
        dial = np.cumsum(rng.uniform(1, 9, 4))
        cases = {0: [0.0, 0.5, 0.25, -0.5], 1: [0.5, 0.0, 0.25, -0.5], 3: [0.5, 0.25, 0.25, 0.0]}
        for place, means in mixed(list(cases.items()), rng):
            received = _turns(break_even, dial, _runs(means, rng))
            require(
                _is_at(received, dial[place]),
                f"The mean gains are {means} at {dial.round(2).tolist()}: the first that has fallen to 0 is at "
                f"{dial[place]:.2f}. Received {received}.",
            )


def never_is_none(break_even):
    """If the gain never falls to 0 within the dial, it says `None`, and otherwise it does not."""
    for rng in draws(5):
        dial, gains = np.cumsum(rng.uniform(1, 9, 3)), _runs([0.375, 0.25, 0.125], rng)
        received = _turns(break_even, dial, gains)
        require(
            received is None,
            f"The gain stays at 12 points and more; received {received}. We know nothing beyond the end of the dial.",
        )
        received = _turns(break_even, dial, gains - 0.25)
        require(received is not None, "The gain falls to 0 within the dial, but the answer was `None`.")


def reconciles_the_angle(break_even, turned, prediction):
    """Your prediction is compared with your own dial."""
    angles, gains = np.asarray(turned["angles"], float), np.asarray(turned["gains"], float)
    fine = gains.ndim == 2 and len(gains) == len(angles)
    require(fine, f"`turned['gains']` must have a row for each of {len(angles)} angles. Received {gains.shape}.")
    found = _turns(break_even, angles, gains)
    said = "the gain never ends within the dial" if found is None else f"the gain ends at {found:.0f} degrees"
    return f"You predicted {prediction!r}. Measured here: {said}."


def draw_dial(name: str, values: list[float]):
    """Return a function that draws gains for the settings of a dial, falling from the first to the last."""

    def draw(rng: np.random.Generator) -> dict[str, object]:
        means = np.linspace(0.1, -0.3, len(values))[:, None]
        return {name: values, "gains": means + rng.uniform(-0.02, 0.02, (len(values), NUM_SEEDS))}

    return draw


HOW_FAR = Exercise(
    id="3.5",
    title="How far is too far?",
    points=2,
    prediction=one_of(*ANGLES),
    given={"turned": draw_dial("angles", [0.0, 15.0, 30.0, 45.0])},
    hints=(
        "Take the mean over the seeds first. Between which two settings does it change sign?",
        "A straight line from `(x0, y0)` to `(x1, y1)` crosses 0 at `x0 + (x1 - x0) * y0 / (y0 - y1)`.",
        "`None` if all means are above 0. Otherwise let `i` be the first that is not: return `dial[0]` if `i` is 0, or "
        "else follow the line from `i - 1` to `i`.",
    ),
    properties=(
        crosses_between_two_settings,
        finds_the_first_crossing,
        nothing_is_no_gain,
        never_is_none,
        reconciles_the_angle,
    ),
)


def _distance(proxy_distance: Callable, a: np.ndarray, b: np.ndarray) -> float:
    with threadpool_limits(1):  # for tables this small, threads wait for each other longer than they work
        return one_number(proxy_distance(a, b))


@shared_trial
def _grows(proxy_distance: Callable) -> None:
    """Require that domains further apart have a larger distance: many easy questions, which nobody guesses."""
    for rng in draws(4):
        shifts = mixed((0.0, 1.35, 15.0), rng)  # told apart with an error of 50 %, 25 % and 0 %
        found = [_distance(proxy_distance, rng.normal(size=(160, 1)), rng.normal(size=(160, 1)) + by) for by in shifts]
        nearest, between, furthest = (found[place] for place in np.argsort(shifts))
        require(
            nearest < between < furthest,
            f"Domains that are {shifts} standard deviations apart came out at {np.round(found, 2).tolist()}: the "
            "further apart they are, the larger the distance.",
        )


def _near_and_far(proxy_distance: Callable, near: tuple, far: tuple, message: str) -> None:
    """Require a distance well below that of strangers for one pair of domains, and well above 0 for the other."""
    received = _distance(proxy_distance, *near)
    require(abs(received) < 1.15, f"{message} Received {received:.2f}.")
    received = _distance(proxy_distance, *far)
    require(
        received > 1.3,
        f"Two domains that a straight line tells apart came out at {received:.2f}, but they are nearly 2 apart.",
    )
    _grows(proxy_distance)


def far_apart_is_two(proxy_distance):
    """Domains that cannot be mistaken for each other are at distance 2, and equal ones at 0."""
    for rng in draws(2):
        size, width = int(rng.integers(90, 130)), int(rng.integers(3, 7))
        a, b = rng.normal(size=(size, width)), rng.normal(size=(size + 7, width))
        received = _distance(proxy_distance, a, b + 15)
        require(
            abs(received - 2) < 0.05,
            f"A classifier that never errs makes the distance 2 * (1 - 2 * 0) = 2. Received {received:.2f}.",
        )
        received = _distance(proxy_distance, a, b)
        require(
            abs(received) < 0.9,
            f"Domains that are alike leave a classifier to guess, which makes the distance 0. Received {received:.2f}.",
        )
    _grows(proxy_distance)


def agrees_on_known_domains(proxy_distance):
    """It is 2 (1 - 2 error) even if the classifier errs."""
    for rng in draws(1):
        for shift in mixed((0.7, 2.5), rng):
            received = _distance(proxy_distance, rng.normal(size=(900, 1)), rng.normal(size=(900, 1)) + shift)
            truth = 2 * (1 - 2 * stats.norm.cdf(-shift / 2))
            require(
                abs(received - truth) < 0.3,
                f"Two normal domains, {shift:g} standard deviations apart, are told apart with an error of "
                f"{stats.norm.cdf(-shift / 2):.0%}: the distance is {truth:.2f}. Received {received:.2f}.",
            )
    _grows(proxy_distance)


def judges_on_other_images(proxy_distance):
    """Two draws of one domain are close, however many features there are."""
    for rng in draws(1):
        tables = [rng.normal(size=(150, 400)) for _ in range(3)]
        _near_and_far(
            proxy_distance,
            (tables[0], tables[1]),
            (tables[0], tables[2] + 0.5),
            "Two draws of *one* domain with 400 features are at a distance near 0. With so many features, a classifier "
            "learns its own images by heart: judge it on others.",
        )


def asks_a_linear_classifier(proxy_distance):
    """It asks a linear classifier, as the definition says."""
    for rng in draws(2):
        tables = [rng.normal(size=(160, 2)) for _ in range(3)]
        _near_and_far(
            proxy_distance,
            (tables[0], tables[1] * rng.uniform(8, 12)),
            (tables[0], tables[2] + np.array([4.0, 0.0])),
            "Two domains that no straight line tells apart, because one lies all around the other, are at a distance "
            "near 0 for a *linear* classifier.",
        )


def mixes_the_images(proxy_distance):
    """The order of the rows does not matter."""
    for rng in draws(2):
        size = int(rng.integers(60, 90))
        second = np.repeat([0.0, 1.0], size)[:, None] * [10.0, 5.0]  # the second half of each domain lies elsewhere
        a, b, c = (rng.normal(0, 0.5, (2 * size, 2)) + second for _ in range(3))
        _near_and_far(
            proxy_distance,
            (a, b),
            (a, c + np.array([0.0, 5.0])),
            "Two draws of *one* domain, each sorted, are at a distance near 0. Shuffle the rows first.",
        )


def numbers_of_images_do_not_count(proxy_distance):
    """It does not matter how many images each domain has."""
    for rng in draws(1):
        many, few, far = rng.normal(size=(600, 3)), rng.normal(size=(60, 3)), rng.normal(size=(60, 3)) + 4
        _near_and_far(
            proxy_distance,
            mixed([(many, few), (few, many)], rng)[0],
            mixed([(many, far), (far, many)], rng)[0],
            "600 and 60 images of *one* domain are at a distance near 0. Always answering with the larger one is right "
            "for 91 % of them: take as many of one domain as of the other.",
        )


def reconciles_the_distances(proxy_distance, domains, prediction):
    """Your prediction is compared with your own distances."""
    fine = isinstance(domains, dict) and set(domains) == {"by character", "by font", "digits"}
    require(fine, "`domains` must hold the features of 'by character', 'by font' and 'digits', as measured.")
    target = np.asarray(domains["digits"])
    found = {name: _distance(proxy_distance, np.asarray(domains[name]), target) for name in CLOSER[:2]}
    told = ", ".join(f"{name} {value:.2f}" for name, value in found.items())
    return f"You predicted {prediction!r} to be closer to the digits. Measured here: {told}."


def _draw_domains(rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {name: rng.normal(size=(60, 8)) + 3 * (name == "digits") for name in (*CLOSER[:2], "digits")}


DISTANCE = Exercise(
    id="3.6",
    title="A distance that sees no labels",
    points=3,
    prediction=one_of(*CLOSER),
    given={"domains": _draw_domains},
    hints=(
        "Label the images by their domain, 0 and 1, and ask a classifier. On which images is its error honest?",
        "Take as many of each domain: one half to fit, the other half to judge. `linear_probe` is imported.",
        "`n = min(len(a), len(b))`; shuffle both and keep `n` of each; fit `linear_probe` on the first halves, "
        "`error = 1 - probe.score(...)` on the second; `2 * (1 - 2 * error)`.",
    ),
    properties=(
        far_apart_is_two,
        agrees_on_known_domains,
        judges_on_other_images,
        asks_a_linear_classifier,
        mixes_the_images,
        numbers_of_images_do_not_count,
        reconciles_the_distances,
    ),
)
