"""How much members differ, and what a vote gains by it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tlkit.ensembles.chances import as_chances, as_classes

__all__ = ["Ambiguity", "ambiguity", "disagreement"]


class Ambiguity(NamedTuple):
    """Squared errors (Brier scores) of the members and of their equal vote: `vote = members - spread`.

    Attributes:
        members: The mean squared error of the members, in [0, 2].
        vote: The squared error of the vote, in [0, 2].
        spread: The mean squared distance of the members from the vote, in [0, 2].
    """

    members: float
    vote: float
    spread: float


def ambiguity(probabilities: ArrayLike, labels: ArrayLike) -> Ambiguity:
    """Split the error of an equal vote into the members' error and their spread.

    The squared error of one image is summed over the classes, and its mean taken over the images.

    Args:
        probabilities: `(num_members, num_images, num_classes)`, at least 0; each row sums to 1.
        labels: `(num_images,)`, integers that name columns of the probabilities.

    Returns:
        An `Ambiguity`; its parts fulfil `vote = members - spread`.

    Raises:
        ValueError: If the probabilities are none, or labels don't fit.

    Reference:
        Krogh and Vedelsby (1994), [Neural network ensembles, cross validation, and active
        learning](https://papers.nips.cc/paper/1994/hash/b8c37e33defde51cf91e1e03e51657da-Abstract.html).

    Example:
    >>> found = ambiguity([[[1.0, 0.0]], [[0.0, 1.0]]], [0])
    >>> found
    Ambiguity(members=1.0, vote=0.5, spread=0.5)
    """
    chances = as_chances(probabilities, 3)
    truth = np.eye(chances.shape[2])[as_classes(labels, *chances.shape[1:])]
    vote = chances.mean(axis=0)
    members, spread = (float(((chances - centre) ** 2).sum(axis=2).mean()) for centre in (truth, vote))
    return Ambiguity(members, float(((vote - truth) ** 2).sum(axis=1).mean()), spread)


def disagreement(answers: ArrayLike) -> float:
    """Return the share of images that two members name differently, as a mean over all pairs of members.

    Args:
        answers: `(num_members, num_images)`, the class that each member names; at least two members.

    Returns:
        A share in [0, 1].

    Raises:
        ValueError: If there are fewer than two members, or no images.

    Example:
    >>> disagreement([[0, 1, 2, 2], [0, 1, 1, 1]])
    0.5
    """
    named = np.asarray(answers)
    if named.ndim != 2 or len(named) < 2 or not named.shape[1]:
        msg = f"`answers` must be (num_members, num_images), with two members at least. Received shape {named.shape}."
        raise ValueError(msg)
    first, second = np.triu_indices(len(named), 1)
    return float(np.mean(named[first] != named[second]))
