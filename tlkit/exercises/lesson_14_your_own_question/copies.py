"""Near copies of photos, planted and found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.csgraph import connected_components

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import numbers_of
from tlkit.exercises.trials import draws, mixed

__all__ = ["NEAR_COPIES"]

_PLACES = "Compare pixel by pixel, and then take the mean: equal means or equal colours are not equal pictures."


def _pictures(number: int, rng: np.random.Generator) -> np.ndarray:
    """Pictures that are far from each other, `(number, side, side, 3)`, in [60, 195]: there is room to change them."""
    side = int(rng.integers(5, 9))
    return rng.integers(60, 196, (number, side, side, 3)).astype("uint8")


def _changed(picture: np.ndarray, amount: int, rng: np.random.Generator) -> np.ndarray:
    """The picture with each value changed by `amount`, up or down."""
    signs = rng.choice([-1, 1], picture.shape)
    return (picture + amount * signs).astype("uint8")


def _expect(near_copies: Callable, images: np.ndarray, limit: float, message: str, rng: np.random.Generator) -> None:
    """Expect, in a new order of the images, the groups of nearness that is passed on."""
    images = images[rng.permutation(len(images))]
    apart = np.abs(images[:, None].astype(float) - images[None]).mean(axis=(2, 3, 4))
    number, groups = connected_components(apart <= limit, directed=False)
    shape = (len(images),)
    received = numbers_of(
        near_copies(images.copy(), limit), shape, f"{len(images)} images need {len(images)} group numbers."
    )
    mine, theirs = groups[:, None] == groups, received[:, None] == received
    joined, parted = (int(np.triu(each, 1).sum()) for each in (theirs & ~mine, mine & ~theirs))
    if joined and not parted and message != _PLACES:
        message = "Pictures that differ by more than the limit, with no chain between them, have different numbers."
    require(
        not joined and not parted,
        f"{len(images)} images, a limit of {limit:g}: {number} groups. The answer joined {joined} pairs that do not "
        f"belong together, and parted {parted} that do. {message}",
    )


def finds_planted_copies(near_copies):
    """It joins copies that were planted, equal or a little changed, and leaves the rest alone."""
    for rng in draws(3):
        limit = int(rng.integers(4, 9))
        pictures = _pictures(int(rng.integers(5, 9)), rng)
        copies = [pictures[0], _changed(pictures[1], limit - 1, rng), _changed(pictures[1], 1, rng)]
        _expect(near_copies, np.stack([*pictures, *copies]), limit, "A copy may be equal, or a little changed.", rng)


def darker_places_are_near(near_copies):
    """A copy that is darker by one level at some places is near."""
    for rng in draws(3):
        pictures = _pictures(int(rng.integers(4, 7)), rng)
        copies = [_changed(pictures[row], 1, rng) for row in (0, 1)]
        why = "Photos are `uint8`: 3 - 4 is 255 there. Convert to float, or to a larger integer, before you subtract."
        _expect(near_copies, np.stack([*pictures, *copies]), float(rng.uniform(1.5, 4.0)), why, rng)


def nearness_is_passed_on(near_copies):
    """If a is near b and b is near c, all three are one group."""
    for rng in draws(3):
        step, pictures = int(rng.integers(4, 7)), _pictures(int(rng.integers(4, 7)), rng)
        chains = [pictures[row] + step * k for row in (0, 1) for k in range(1, int(rng.integers(4, 8)))]
        why = "Nearness is passed on: a chain of copies is one group, though its ends are far apart."
        _expect(near_copies, np.stack([*pictures, *chains]).astype("uint8"), step + 0.5, why, rng)


def the_places_count(near_copies):
    """The same colours at other places are another picture."""
    for rng in draws(3):
        pictures = _pictures(int(rng.integers(4, 7)), rng)
        turned = [pictures[0][::-1], pictures[1][:, ::-1], np.roll(pictures[2], 1, axis=0)]
        _expect(near_copies, np.stack([*pictures, *turned, _changed(pictures[3], 2, rng)]), 5, _PLACES, rng)


def the_mean_difference_has_a_limit(near_copies):
    """The mean difference may reach the limit and not pass it, whatever a single place differs by."""
    for rng in draws(3):
        limit, pictures = int(rng.integers(3, 7)), _pictures(5, rng)
        spot = pictures[2].copy()
        spot[0, 0] += 60  # one place of at least 25: a mean of at most 2.4
        cases = [_changed(pictures[0], limit, rng), _changed(pictures[1], limit + 1, rng), spot]
        why = "The limit is that of the *mean* absolute difference, and reaching it is near enough."
        _expect(near_copies, np.stack(mixed([*pictures, *cases], rng)), limit, why, rng)


NEAR_COPIES = Exercise(
    id="14.2",
    title="Near copies, planted and found",
    points=3,
    hints=(
        "Compare each image with each other one; `images.astype(float)` first, since differences can be negative.",
        "`scipy.sparse.csgraph.connected_components` numbers what is linked. Or let the number of a group spread.",
        "`near = np.abs(x[:, None] - x[None]).mean(axis=(2, 3, 4)) <= limit`, then `connected_components(near)[1]`.",
    ),
    properties=(
        finds_planted_copies,
        darker_places_are_near,
        nearness_is_passed_on,
        the_places_count,
        the_mean_difference_has_a_limit,
    ),
)
