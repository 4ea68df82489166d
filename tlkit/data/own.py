"""Your own data other than images: what their loaders share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tlkit.data.arrays import ArrayDataset, ArraySplit
from tlkit.data.bundle import build_array_dataset
from tlkit.data.csv_rows import without_missing
from tlkit.data.folder.split_words import class_key
from tlkit.data.given import LeftOut

__all__ = [
    "OwnDataset",
    "build_own",
    "check_classes",
    "deal_groups",
    "group_equal",
    "merge_labels",
    "tell_skipped",
]

SPLITS = ("train", "val", "test")
_MAX_TOLD = 10


@dataclass(frozen=True, eq=False)
class OwnDataset(ArrayDataset):
    """A data set of your own, with what was not used and what was found twice.

    Attributes:
        skipped: What was not used, each with the reason.
        duplicates: Places of the same content, which is in one split.
        notes: What was decided, in sentences.
    """

    skipped: list[LeftOut] = field(repr=False, default_factory=list)
    duplicates: list[tuple[str, ...]] = field(repr=False, default_factory=list)
    notes: list[str] = field(repr=False, default_factory=list)

    def __repr__(self) -> str:
        told = [f"- {note}" for note in self.notes]
        told += [f"- {tell_skipped(self.skipped).strip()} See `skipped`."] if self.skipped else []
        return "\n".join([super().__repr__(), *told])


def check_classes(
    names: Sequence[str],
    labels: np.ndarray,
    groups: np.ndarray,
    min_per_class: int,
    noun: str,
    where: str,
    skipped: Sequence[LeftOut] = (),
) -> None:
    """Raise a `ValueError` unless there are two classes or more, each with enough that is different.

    Args:
        names: The names of the classes.
        labels: `(num_items,)`.
        groups: `(num_items,)`: what has one number counts once.
        min_per_class: How many each class needs, at least 3.
        noun: What the items are, in the plural.
        where: What says the classes, for the message.
        skipped: What was not used, for the message.
    """
    if not isinstance(min_per_class, (int, np.integer)) or min_per_class < 3:
        msg = f"`min_per_class` must be an integer of at least 3. Received: {min_per_class!r}."
        raise ValueError(msg)
    if len(names) < 2:
        msg = f"{where} must hold at least two classes. Received: {', '.join(names) or 'none'}."
        msg += tell_skipped(skipped)
        raise ValueError(msg)
    found = {name: len(np.unique(groups[labels == number])) for number, name in enumerate(names)}
    poor = [f"{name!r} has {count}" for name, count in found.items() if count < min_per_class]
    if poor:
        more = f" and {len(poor) - 5} more classes have too few" if len(poor) > 5 else ""
        msg = (
            f"Each class needs at least {min_per_class} different {noun}, but {', '.join(poor[:5])}{more}. Add {noun}, "
            f"remove it, or pass a smaller `min_per_class` (at least 3). Are these classes? {where} names them."
        )
        msg += tell_skipped(skipped)
        raise ValueError(msg)


def tell_skipped(skipped: Sequence[LeftOut]) -> str:
    """A sentence on what was not used, to follow an error; empty where all was."""
    first = "".join(f" {item.where}: {item.reason.rstrip('.')}." for item in skipped[:2])
    return f" {len(skipped)} not used, such as:{first}" if skipped else ""


def merge_labels(labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give labels that differ only in case, spaces or invisible signs their most frequent spelling; `1.0` becomes `1`.

    Returns:
        The labels, empty where there is none, and a note on each label that had several spellings.
    """
    spellings: dict[str, Counter[str]] = {}
    found = without_missing(labels)
    for label in found:
        spellings.setdefault(class_key(label), Counter())[label] += 1
    chosen = {key: names.most_common(1)[0][0] for key, names in spellings.items()}
    notes = [
        f"{', '.join(ascii(name) for name in sorted(names))} are read as one, {chosen[key]!r}."
        for key, names in spellings.items()
        if len(names) > 1
    ]
    return [chosen[class_key(label)] for label in found], notes


def group_equal(keys: Sequence[object]) -> np.ndarray:
    """Give equal keys one number: `(num_keys,)`."""
    first: dict[object, int] = {}
    return np.array([first.setdefault(key, len(first)) for key in keys], int)


def deal_groups(
    groups: np.ndarray, labels: np.ndarray, *, val_share: float, test_share: float, seed: int
) -> dict[str, np.ndarray]:
    """Deal whole groups to splits, so that every class is in each by about its share.

    Args:
        groups: `(num_items,)`: what has one number stays together.
        labels: `(num_items,)`: the class of each item.
        val_share: Share for validation.
        test_share: Share for the test.
        seed: Fixes the choice.

    Returns:
        Rows of each split, in mixed order.
    """
    rng = np.random.default_rng(seed)
    numbers = np.unique(groups)
    counts = np.zeros((len(numbers), labels.max() + 1), int)
    np.add.at(counts, (np.searchsorted(numbers, groups), labels), 1)
    shares = np.array([1 - val_share - test_share, val_share, test_share])
    filled, place = np.zeros((3, counts.shape[1])), np.zeros(len(numbers), int)
    order = rng.permutation(len(numbers))
    for number in order[np.argsort(-counts[order].sum(1), kind="stable")]:  # the largest first: the rest evens out
        missing = shares[:, None] * counts.sum(0) - filled
        place[number] = int((missing * counts[number]).sum(1).argmax())
        filled[place[number]] += counts[number]
    found = place[np.searchsorted(numbers, groups)]
    return {name: rng.permutation(np.flatnonzero(found == part)) for part, name in enumerate(SPLITS)}


def build_own(
    name: str,
    splits: dict[str, ArraySplit],
    skipped: list[LeftOut],
    places: Sequence[str] = (),
    groups: np.ndarray | None = None,
    notes: Sequence[str] = (),
) -> OwnDataset:
    """Put the splits together, with a card that says what was found.

    Raises:
        ValueError: If a class is missing in a split.
    """
    for part, split in splits.items():
        _check_classes(part, split)
    duplicates = [] if groups is None else _list_duplicates(places, groups)
    card = _write_card(name, splits["train"].noun, skipped, duplicates, notes)
    made = build_array_dataset(name, splits, card=card)
    return OwnDataset(made.name, made.card, made.train, made.val, made.test, skipped, duplicates, list(notes))


def _check_classes(part: str, split: ArraySplit) -> None:
    counts = np.bincount(split.labels, minlength=len(split.class_names)) if "label" in split.arrays else np.array([1])
    if not len(split) or not counts.all():
        missing = split.class_names[int(counts.argmin())] if split.class_names else "any"
        msg = (
            f"Class {missing!r} has none of the {split.noun} of the {part} split: there are too few, or too few that "
            "may be parted. Add more, or leave the class out."
        )
        raise ValueError(msg)


def _list_duplicates(places: Sequence[str], groups: np.ndarray) -> list[tuple[str, ...]]:
    numbers, counts = np.unique(groups, return_counts=True)
    return [tuple(places[row] for row in np.flatnonzero(groups == number).tolist()) for number in numbers[counts > 1]]


def _write_card(
    name: str, noun: str, skipped: list[LeftOut], duplicates: list[tuple[str, ...]], notes: Sequence[str]
) -> str:
    told = [f"- {note}" for note in notes]
    told += [f"- {item.where}: {item.reason}" for item in skipped[:_MAX_TOLD]]
    more = [f"- and {len(skipped) - _MAX_TOLD} more: see `skipped`"] if len(skipped) > _MAX_TOLD else []
    head = f"{len(duplicates)} {noun} were found more than once; {len(skipped)} were not used."
    return "\n".join([f"# {name}: your own {noun}", "", head, "", *told, *more])
