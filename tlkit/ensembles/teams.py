"""Every team that members can form: what its vote is worth, and what it costs."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tlkit.ensembles.chances import as_chances, as_classes
from tlkit.ensembles.voting import soft_vote

__all__ = ["Team", "price_of", "score_teams"]

MAX_MEMBERS = 12  # 4,095 teams


class Team(NamedTuple):
    """Some of the members, and their equal vote.

    Attributes:
        members: Their places, in order.
        accuracy: The share of images that the vote names rightly, in [0, 1].
        milliseconds: What their networks take for one image.
    """

    members: tuple[int, ...]
    accuracy: float
    milliseconds: float


def price_of(members: Iterable[int], networks: Sequence[str], milliseconds: Mapping[str, float]) -> float:
    """Return what a team takes for one image, in milliseconds: each network runs once, however many members read it.

    Args:
        members: Places in `networks`.
        networks: For each member the network whose features it reads.
        milliseconds: For each network its time for one image.

    Raises:
        ValueError: If a network has no time, or a time is negative or not finite.

    Example:
    >>> price_of([0, 1, 2], ["photos", "photos", "glyphs"], {"photos": 2.0, "glyphs": 3.0})
    5.0
    """
    run = {networks[place] for place in members}
    unknown = sorted(run - set(milliseconds))
    if unknown:
        msg = f"`milliseconds` must have a time for each network. It lacks {', '.join(unknown)}."
        raise ValueError(msg)
    times = [milliseconds[name] for name in sorted(run)]
    if not all(0 <= each < np.inf for each in times):
        msg = f"`milliseconds` must be at least 0 and finite. Received: {times}."
        raise ValueError(msg)
    return float(sum(times))


def score_teams(
    probabilities: ArrayLike, labels: ArrayLike, networks: Sequence[str], milliseconds: Mapping[str, float]
) -> list[Team]:
    """Return all teams of one member or more, from single members to all of them, with equal votes.

    Args:
        probabilities: `(num_members, num_images, num_classes)`, at least 0; each row sums to 1. At most 12 members.
        labels: `(num_images,)`, integers that name columns of the probabilities.
        networks: For each member the network whose features it reads.
        milliseconds: For each network its time for one image.

    Returns:
        `2 ** num_members - 1` teams. Choosing among so many is a choice as any other: do it on a validation part.

    Raises:
        ValueError: If the probabilities are none, labels or times don't fit, or there are more than 12 members.

    Example:
    >>> chances = [[[0.9, 0.1], [0.8, 0.2]], [[0.6, 0.4], [0.1, 0.9]]]
    >>> for team in score_teams(chances, [0, 1], ["photos", "glyphs"], {"photos": 2.0, "glyphs": 3.0}):
    ...     print(team.members, team.accuracy, team.milliseconds)
    (0,) 0.5 2.0
    (1,) 1.0 3.0
    (0, 1) 1.0 5.0
    """
    chances = as_chances(probabilities, 3)
    classes = as_classes(labels, *chances.shape[1:])
    count = len(chances)
    if count > MAX_MEMBERS or len(networks) != count:
        msg = (
            f"There must be a network for each member, and at most {MAX_MEMBERS} members. Received {count} members "
            f"and {len(networks)} networks."
        )
        raise ValueError(msg)
    found = []
    for size in range(1, count + 1):
        for members in itertools.combinations(range(count), size):
            accuracy = float(np.mean(soft_vote(chances[list(members)]).argmax(axis=1) == classes))
            found.append(Team(members, accuracy, price_of(members, networks, milliseconds)))
    return found
