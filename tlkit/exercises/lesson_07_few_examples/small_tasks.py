"""Episodes: small balanced tasks whose queries are not in their support."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import CheckFailed, Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import numbers_of, shares_of
from tlkit.counts import count
from tlkit.exercises.lesson_07_few_examples.shown import ACCURACIES
from tlkit.exercises.trials import draws
from tlkit.fewshot import draw_episode, draw_episodes

__all__ = ["EPISODE"]


PLACES = "rows of `labels`, that is, places of images in it, and not their classes:"


@dataclass(frozen=True)
class _Case:
    """Labels with gaps, in no order, and the sizes of an episode."""

    labels: np.ndarray
    way: int
    shot: int
    num_queries: int

    def rows(self, episode: Callable, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the support `(way, shot)` and the queries `(way, num_queries)` of an answer, as rows that exist."""
        received = held(episode(self.labels.copy(), self.way, self.shot, self.num_queries, seed))
        pair = isinstance(received, list | tuple) and len(received) == 2
        require(pair, f"Return two arrays, `(support, queries)`. Received: {in_words(received)}.")
        parts = []
        for part, width, name in zip(received, (self.shot, self.num_queries), ("support", "queries"), strict=True):
            shape = (self.way, width)
            found = numbers_of(part, shape, f"The {name} must be rows of `labels`, of shape {shape}.")
            exist = (found == np.round(found)).all() and found.min() >= 0 and found.max() < len(self.labels)
            require(exist, f"The {name} must be {PLACES} whole numbers from 0 to {len(self.labels) - 1}.")
            parts.append(found.astype(int))
        return parts[0], parts[1]

    def classes(self, support: np.ndarray, queries: np.ndarray) -> np.ndarray:
        """Return the class of each row of the episode, `(way,)`, or say how the classes are mixed up."""
        rows = np.hstack([support, queries])
        found = self.labels[rows]
        one_value = (rows == rows[:, :1]).all() and np.isin(rows, self.labels).all()
        require(not one_value, f"Return {PLACES} these are classes.")
        same = (found == found[:, :1]).all()
        require(
            same,
            "One row of the episode holds images of several classes. A row belongs to one class, and its numbers are "
            "places in `labels`, such as `np.flatnonzero(labels == name)` finds.",
        )
        num_classes = len(np.unique(found[:, 0]))
        require(
            num_classes == self.way,
            f"An episode of {self.way} classes had {num_classes} different ones. Draw the classes without replacement.",
        )
        return found[:, 0]


def _draw(rng: np.random.Generator, *, spare: int = 2) -> _Case:
    """Classes that are all large enough, `spare` more of them than an episode needs."""
    way, shot, num_queries = (int(rng.integers(*ends)) for ends in ((2, 6), (1, 5), (1, 6)))
    names = rng.choice(90, way + spare, replace=False)
    sizes = shot + num_queries + rng.integers(4, 9, len(names))
    return _Case(rng.permutation(np.repeat(names, sizes)), way, shot, num_queries)


def one_class_in_each_row(episode):
    """Each row is of one class, and no class has two rows."""
    for rng in draws(6):
        case = _draw(rng, spare=int(rng.integers(0, 3)))
        case.classes(*case.rows(episode, int(rng.integers(10_000))))


def no_query_is_in_the_support(episode):
    """No image is in an episode twice."""
    for rng in draws(6):
        case = _draw(rng)
        support, queries = case.rows(episode, int(rng.integers(10_000)))
        case.classes(support, queries)
        shared = len(np.intersect1d(support, queries))
        require(
            shared == 0,
            f"{count(shared, 'image')} of the support came among the queries, too. Such an image names itself: deal "
            "the images of a class once, the first ones to the support, others to the queries.",
        )
        different = len(np.unique(np.hstack([support, queries])))
        require(different == support.size + queries.size, "An image is in the episode twice: draw without replacement.")


def small_classes_take_no_part(episode):
    """A class with too few images is not drawn, and one with just enough may be."""
    for rng in draws(6):
        case = _draw(rng, spare=0)
        needed = case.shot + case.num_queries
        names = np.unique(case.labels)
        just_enough = np.concatenate([np.flatnonzero(case.labels == name)[:needed] for name in names])
        small = np.repeat(np.setdiff1d(np.arange(90, 200), names)[: int(rng.integers(3, 7))], needed - 1)
        labels = rng.permutation(np.concatenate([case.labels[just_enough], small]))
        without = _Case(case.labels[rng.permutation(just_enough)], case.way, case.shot, case.num_queries)
        tried = _Case(labels, case.way, case.shot, case.num_queries)
        seed, few = int(rng.integers(10_000)), count(needed - 1, "image")
        try:
            without.rows(episode, seed)
        except (ValueError, IndexError) as error:
            told = f"It failed with {type(error).__name__} on {case.way} classes of exactly {needed} images."
            require(False, f"{told} For {case.shot} + {case.num_queries}, these are just enough: `>=`.")
        try:
            found = tried.rows(episode, seed)
        except (ValueError, IndexError) as error:
            told = f"It failed with {type(error).__name__} where some classes have only {few}."
            message = f"{told} Draw among the classes that have at least {needed}."
            raise CheckFailed(message) from error
        drawn = tried.classes(*found)
        require(
            np.isin(drawn, names).all(),
            f"A class of {few} was drawn, where {case.shot} + {case.num_queries} are needed.",
        )


def chance_draws_classes_and_images(episode):
    """The same seed gives the same episode; other seeds give other classes and other images."""
    for rng in draws(2):
        case, seeds = _draw(rng, spare=4), rng.choice(10_000, 12, replace=False).tolist()
        found = [case.rows(episode, seed) for seed in seeds]
        again = case.rows(episode, seeds[0])
        same = all((a == b).all() for a, b in zip(found[0], again, strict=True))
        require(same, "The same seed gave another episode. Contestants could not be compared on the same ones.")
        sets = {tuple(sorted(case.classes(*each))) for each in found}
        told = f"Twelve seeds drew {count(len(sets), 'different set')} of classes."
        require(len(sets) > 3, f"{told} Draw the classes by chance.")
        whole = _draw(rng, spare=0)
        dealt = [whole.rows(episode, seed) for seed in seeds]
        supports = {tuple(np.sort(support.ravel())) for support, _ in dealt}
        require(
            len(supports) > 6,
            f"With all classes in the episode, twelve seeds drew {count(len(supports), 'different support')}. "
            "Draw the images by chance, too.",
        )
        behind = all((queries.min(axis=1) > support.max(axis=1)).all() for support, queries in dealt)
        told = "In twelve episodes, all queries come after the support of their class in `labels`."
        require(not behind, f"{told} Which of the drawn images are the support is up to chance, too.")


def reconciles_the_accuracy(measured, prediction):
    """Your prediction is compared with your own measurement."""
    values = shares_of(measured, "measured", least=2)
    return f"You predicted {prediction!r}. In your episodes, {values.mean():.0%} of the queries were named rightly."


EPISODE = Exercise(
    id="7.1",
    title="An episode",
    points=3,
    prediction=one_of(*ACCURACIES),
    given={"measured": lambda rng: rng.uniform(0.5, 0.9, 20)},
    kit_has=(
        draw_episode,
        draw_episodes,
    ),
    hints=(
        "Which classes have at least `shot + num_queries` images? `np.unique(labels, return_counts=True)` counts them.",
        "`rng.choice(classes, way, replace=False)`; then, for each class, one permutation of its rows.",
        "`rows = rng.permutation(np.flatnonzero(labels == each))`: `rows[:shot]`, `rows[shot : shot + num_queries]`.",
    ),
    properties=(
        one_class_in_each_row,
        no_query_is_in_the_support,
        small_classes_take_no_part,
        chance_draws_classes_and_images,
        reconciles_the_accuracy,
    ),
)
