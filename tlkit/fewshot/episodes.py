"""Episodes: small tasks of `way` classes, each with `shot` labelled images and some queries to be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import clone
from threadpoolctl import threadpool_limits

__all__ = ["Episode", "draw_episode", "draw_episodes", "score_episodes"]


@dataclass(frozen=True)
class Episode:
    """The rows of one episode, grouped by class.

    Attributes:
        classes: `(way,)`, the labels of its classes, all different.
        support: `(way * shot,)`, rows of the labelled images: those of the first class, then those of the second, ...
        queries: `(way * num_queries,)`, rows of the images to be named, grouped likewise; none is in the support.
    """

    classes: np.ndarray
    support: np.ndarray
    queries: np.ndarray

    @property
    def support_labels(self) -> np.ndarray:
        """`(way * shot,)`, the class of each image of the support within the episode, from 0 to way - 1."""
        return np.repeat(np.arange(len(self.classes)), len(self.support) // len(self.classes))

    @property
    def query_labels(self) -> np.ndarray:
        """`(way * num_queries,)`, the class of each query within the episode, from 0 to way - 1."""
        return np.repeat(np.arange(len(self.classes)), len(self.queries) // len(self.classes))


def draw_episode(
    labels: ArrayLike, *, way: int, shot: int, num_queries: int = 5, rng: np.random.Generator | None = None
) -> Episode:
    """Draw one episode: `way` classes, and of each `shot` images of support and `num_queries` others.

    Args:
        labels: `(num_images,)`, integers.
        way: Number of classes, at least 2.
        shot: Labelled images of each class, at least 1.
        num_queries: Images of each class to be named, at least 1.
        rng: Draws the classes and images. `None` draws anew at each call.

    Returns:
        An `Episode`, with rows of `labels`.

    Raises:
        ValueError: If a number is too small, or fewer than `way` classes have `shot + num_queries` images.

    Reference:
        Vinyals et al. (2016), [Matching networks for one shot learning](https://arxiv.org/abs/1606.04080).

    Example:
    >>> episode = draw_episode([3, 3, 3, 8, 8, 8], way=2, shot=1, num_queries=2, rng=np.random.default_rng(0))
    >>> len(episode.support), len(episode.queries), sorted(episode.classes.tolist())
    (2, 4, [3, 8])
    """
    labels = np.asarray(labels)
    classes = _classes_with(labels, way, shot, num_queries)
    rng = np.random.default_rng() if rng is None else rng
    chosen = rng.choice(classes, way, replace=False)
    rows = np.stack([rng.permutation(np.flatnonzero(labels == each))[: shot + num_queries] for each in chosen])
    return Episode(chosen, rows[:, :shot].ravel(), rows[:, shot:].ravel())


def draw_episodes(
    labels: ArrayLike, number: int, *, way: int, shot: int, num_queries: int = 5, seed: int = 0
) -> list[Episode]:
    """Draw many episodes with a seed, so that each contestant meets the same ones. See `draw_episode`.

    Example:
    >>> len(draw_episodes([0, 0, 1, 1, 2, 2], 10, way=2, shot=1, num_queries=1))
    10
    """
    rng = np.random.default_rng(seed)
    return [draw_episode(labels, way=way, shot=shot, num_queries=num_queries, rng=rng) for _ in range(number)]


def score_episodes(features: ArrayLike, episodes: Sequence[Episode], classifier: Any) -> np.ndarray:
    """Return the accuracy of a classifier in each episode.

    Args:
        features: `(num_images, num_features)`, of the images whose labels the episodes were drawn from.
        episodes: Of `draw_episodes`.
        classifier: Any scikit-learn classifier. A fresh clone of it learns from the support of each episode.

    Returns:
        `(num_episodes,)` shares in [0, 1], one for each episode: these are what an interval is computed from, since
        the queries of one episode share its classes and its support.

    Raises:
        ValueError: If `features` is not a table that has all rows of the episodes.

    Example:
    >>> labels = np.repeat([0, 1, 2], 4)
    >>> episodes = draw_episodes(labels, 5, way=3, shot=1, num_queries=2)
    >>> from tlkit.fewshot import PrototypeClassifier
    >>> score_episodes(labels[:, None], episodes, PrototypeClassifier()).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    table = np.asarray(features)
    last = max((int(max(each.support.max(), each.queries.max())) for each in episodes), default=-1)
    if table.ndim != 2 or len(table) <= last:
        msg = (
            f"`features` must be (num_images, num_features) with the images that the episodes were drawn from, at "
            f"least {last + 1}. Received shape {table.shape}."
        )
        raise ValueError(msg)
    with threadpool_limits(1):  # for tables this small, threads wait for each other longer than they work
        return np.array([_score(table, each, clone(classifier)) for each in episodes])


def _score(table: np.ndarray, episode: Episode, classifier: Any) -> float:
    classifier.fit(table[episode.support], episode.support_labels)
    return float(np.mean(classifier.predict(table[episode.queries]) == episode.query_labels))


def _classes_with(labels: np.ndarray, way: int, shot: int, num_queries: int) -> np.ndarray:
    """Return the classes that have enough images for an episode, or say what is missing."""
    for name, value, least in (("way", way, 2), ("shot", shot, 1), ("num_queries", num_queries, 1)):
        if not isinstance(value, int | np.integer) or value < least:
            msg = f"`{name}` must be an integer of at least {least}. Received: {value!r}."
            raise ValueError(msg)
    if labels.ndim != 1 or labels.dtype.kind not in "iu":
        msg = f"`labels` must be (num_images,) integers. Received shape {labels.shape} of {labels.dtype}."
        raise ValueError(msg)
    classes, counts = np.unique(labels, return_counts=True)
    enough = classes[counts >= shot + num_queries]
    if len(enough) < way:
        msg = (
            f"An episode of {way} classes needs {shot} + {num_queries} images of each. Received labels with "
            f"{len(enough)} such classes. Ask for fewer classes (`way`) or fewer queries (`num_queries`)."
        )
        raise ValueError(msg)
    return enough
