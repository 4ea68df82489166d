"""Deal photos to splits: copies stay together, given splits are kept."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tlkit.counts import count
from tlkit.data.folder.findings import Scan, list_names
from tlkit.data.folder.scan import Photo
from tlkit.data.split import Split

__all__ = ["Collection", "deal_groups", "split_photos"]

_SPLITS = ("train", "val", "test")


@dataclass(frozen=True, eq=False)
class Collection:
    """Photos with what decides their splits.

    Attributes:
        photos: All that could be read.
        names: The names of the classes.
        labels: `(num_photos,)`, places in `names`.
        copies: `(num_photos,)`: equal for copies.
        groups: `(num_photos,)`: equal for what must not be in two splits: copies, and photos of one thing.
    """

    photos: Sequence[Photo]
    names: Sequence[str]
    labels: np.ndarray
    copies: np.ndarray
    groups: np.ndarray


def split_photos(
    pool: Collection, shares: dict[str, float], seed: int, min_per_class: int, scan: Scan
) -> dict[str, Split]:
    """Keep the splits that folders or tables give, and deal the missing ones from the training photos.

    Args:
        pool: All photos.
        shares: The shares of "test" and "val", where they are not given.
        seed: Chooses the photos of the splits that are dealt.
        min_per_class: Different training photos that a class needs.
        scan: Takes what was left out.

    Raises:
        ValueError: If a class has too few photos, or none in one of the splits.
    """
    places = np.array([photo.file.split or "train" for photo in pool.photos], object)
    _check_overlap(pool)
    _drop_shared(pool, places, scan)
    _check_counts(pool, places, min_per_class, scan)
    missing = {split: share for split, share in shares.items() if split not in places}
    _check_groups(pool, places, 1 + len(missing))
    rows = np.flatnonzero(places == "train")
    places[rows] = deal_groups(pool.labels[rows], pool.groups[rows], missing, seed)
    splits = {split: _make_split(pool, np.flatnonzero(places == split)) for split in _SPLITS}
    _check_splits(splits, min_per_class)
    return splits


def _drop_shared(pool: Collection, places: np.ndarray, scan: Scan) -> None:
    """Take photos with a copy or a group mate in the test out of training and validation; then likewise for validation.

    Args:
        pool: All photos.
        places: `(num_photos,)`: names of splits; "dropped" is written here.
        scan: Takes what was left out.
    """
    photos, groups = pool.photos, pool.groups
    dropped: list[Path] = []
    for keeper, losers in (("test", ("val", "train")), ("val", ("train",))):
        kept = {groups[row]: row for row in np.flatnonzero(places == keeper)[::-1].tolist()}
        for row in np.flatnonzero(np.isin(places, losers)).tolist():
            mate = kept.get(groups[row])
            if mate is not None:
                what = "picture" if pool.copies[row] == pool.copies[mate] else "group"
                places[row] = "dropped"
                dropped.append(photos[row].file.path)
                scan.skip(photos[row].file.path, f"the same {what} as {keeper}: {photos[mate].file.path}", "copy")
    if dropped:
        scan.find(
            "copies across splits",
            f"Taken out of training, or out of validation: {count(len(dropped), 'photo')} of which the test or "
            f"validation folder has a copy, or a photo of the same group ({list_names(dropped)}).",
            "Results on the folder as it was given are too good: do not compare with them. If you take the given "
            "folder out, a new split is dealt.",
            dropped,
        )


def _check_overlap(pool: Collection) -> None:
    """Raise `ValueError` if all pictures of a class are in another class, too."""
    pictures = [set(pool.copies[pool.labels == label].tolist()) for label in range(len(pool.names))]
    for first, second in itertools.permutations(range(len(pool.names)), 2):
        if pictures[first] and pictures[first] <= pictures[second]:
            one, other = pool.names[first], pool.names[second]
            msg = f"All pictures of class {one!r} are in class {other!r}, too, so that nothing tells them apart. "
            raise ValueError(msg + "Take the wrong copies out, or put both into one folder.")


def _check_counts(pool: Collection, places: np.ndarray, min_per_class: int, scan: Scan) -> None:
    """Raise `ValueError` if a class has too few different photos to learn from."""
    learned = places == "train"
    found = [len(np.unique(pool.copies[learned & (pool.labels == label)])) for label in range(len(pool.names))]
    poor = [f"{name!r} has {number}" for name, number in zip(pool.names, found, strict=True) if number < min_per_class]
    if not poor:
        return
    given = " in its training folder" if np.isin(places, ("val", "test")).any() else ""
    copies = " Equal and nearly equal pictures count once." if len(np.unique(pool.copies)) < len(pool.copies) else ""
    seen = "".join(f" {finding}" for finding in scan.findings if finding.next_step)
    msg = (
        f"Each class needs at least {min_per_class} different, usable photos{given} to learn from and split, but "
        f"{list_names(poor, 6)}.{copies}{seen} Add photos, leave the class out, or pass a smaller "
        "`min_per_class` (at least 3)."
    )
    raise ValueError(msg)


def _check_groups(pool: Collection, places: np.ndarray, fewest: int) -> None:
    """Raise `ValueError` if a class has fewer groups than splits are dealt from the training photos."""
    for label, name in enumerate(pool.names):
        found = len(np.unique(pool.groups[(places == "train") & (pool.labels == label)]))
        if found < fewest:
            msg = (
                f"Class {name!r} has photos of {count(found, 'group')}, which cannot be dealt to {fewest} splits: each "
                "needs a group of its own. Add photos of other groups, or let `group_by` group more finely."
            )
            raise ValueError(msg)


def deal_groups(
    labels: np.ndarray, groups: np.ndarray, shares: dict[str, float], seed: int, *, smallest_first: bool = True
) -> np.ndarray:
    """Deal whole groups to splits, each class by the shares: `(num_photos,)` names of splits.

    Args:
        labels: `(num_photos,)`, classes from 0.
        groups: `(num_photos,)`, equal for photos that stay together.
        shares: The share of each split but `"train"`, which takes the rest.
        seed: Chooses the groups.
        smallest_first: Whether single photos are dealt first, so that copies fall to `"train"`. Otherwise each group
            that is no larger than the smallest share of its class has the same chance.
    """
    rng = np.random.default_rng(seed)
    numbers, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    totals = np.bincount(labels)
    order = rng.permutation(len(numbers))
    fits = sizes <= min(shares.values(), default=0) * totals[labels[first]]
    weight = sizes if smallest_first else np.where(fits, 0, sizes)
    order = order[np.argsort(weight[order], kind="stable")]
    places = np.full(len(labels), "train", object)
    filled = {split: np.zeros(len(totals), int) for split in shares}
    for number in numbers[order]:
        rows = np.flatnonzero(groups == number)
        label = labels[rows[0]]
        for split, share in shares.items():
            target = max(1, int(share * totals[label]))
            if filled[split][label] == 0 or filled[split][label] + len(rows) <= target:
                places[rows] = split
                np.add.at(filled[split], labels[rows], 1)
                break
    return places


def _make_split(pool: Collection, rows: np.ndarray) -> Split:
    photos = [pool.photos[row] for row in rows]
    size = pool.photos[0].decoded.image.shape[0]
    images = np.array([photo.decoded.image for photo in photos], "uint8").reshape(-1, size, size, 3)
    return Split(images, pool.labels[rows], pool.names, paths=[photo.file.path for photo in photos])


def _check_splits(splits: dict[str, Split], min_per_class: int) -> None:
    for name, split in splits.items():
        empty = np.flatnonzero(np.bincount(split.labels, minlength=len(split.class_names)) == 0)
        if len(empty):
            poor = list_names([repr(split.class_names[place]) for place in empty.tolist()])
            msg = (
                f"{poor} {'has' if len(empty) == 1 else 'have'} no photo in the {name} split. Each class needs photos "
                f"in each given folder, and {min_per_class} that have no copy in another class. Put photos of it into "
                f"{name}/, take its folder out, or take {name}/ out: then that split is dealt from the others."
            )
            raise ValueError(msg)
