"""Episodes of classes that were trained on are a leak, even if their images are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.checks.received import shares_of
from tlkit.exercises.lesson_07_few_examples.shown import FLATTERED
from tlkit.exercises.trials import draws, mixed

__all__ = ["UNSEEN"]

PARTS = ("support", "queries")


@dataclass(frozen=True)
class _Case:
    """Labels of all images, rows of those that were trained on, and episodes: rows of support and of queries."""

    labels: np.ndarray
    trained: np.ndarray
    episodes: list[dict[str, np.ndarray]]

    def said(self, unseen: Callable) -> list[int]:
        """Return the places of episodes that an answer returned, in order."""
        copies = [{name: rows.copy() for name, rows in each.items()} for each in self.episodes]
        received = held(unseen(copies, self.labels.copy(), self.trained.copy()))
        message = "Return the places of episodes in the list, such as `[0, 3]`."
        fine = isinstance(received, list | tuple | set | np.ndarray)
        require(fine, f"{message} Received: {in_words(received)}.")
        values = np.asarray(received).ravel().tolist() if isinstance(received, np.ndarray) else list(received)
        exist = all(type(each) in (int, float) and each in range(len(copies)) for each in values)
        require(exist and len(set(values)) == len(values), f"{message} Received: {in_words(received)}.")
        return sorted(map(int, values))


def _draw(rng: np.random.Generator, kinds: Sequence[str]) -> tuple[_Case, list[int]]:
    """Episodes of these kinds in a new order, and the places of those that are of unseen classes only."""
    names = rng.choice(80, 12, replace=False)
    per_class = int(rng.integers(12, 16))
    labels = rng.permutation(np.repeat(names, per_class))
    seen, fresh = names[:6], names[6:]
    rows = {int(name): rng.permutation(np.flatnonzero(labels == name)) for name in names}
    trained = rng.permutation(np.concatenate([rows[int(name)][:5] for name in seen]))
    order = mixed(kinds, rng)
    episodes = [_episode(rng, kind, rows, seen, fresh) for kind in order]
    return _Case(labels, trained, episodes), [place for place, kind in enumerate(order) if kind == "fresh"]


def _episode(rng, kind: str, rows: dict[int, np.ndarray], seen: np.ndarray, fresh: np.ndarray) -> dict[str, np.ndarray]:
    """One episode: of fresh classes, of trained images, of new images of trained classes, or with one such class."""
    way, shot, queries = int(rng.integers(2, 5)), int(rng.integers(1, 3)), int(rng.integers(1, 4))
    first = 0 if kind == "trained images" else 5
    chosen = rng.choice(fresh if kind in ("fresh", "one class") else seen, way, replace=False)
    if kind == "one class":
        chosen[int(rng.integers(way))] = rng.choice(seen)
    parts = [(rows[int(name)][first : first + shot], rows[int(name)][first + shot :][:queries]) for name in chosen]
    return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(PARTS)}


def _expect(unseen: Callable, rng: np.random.Generator, kinds: Sequence[str], why: str) -> None:
    case, truth = _draw(rng, kinds)
    found, slips = case.said(unseen), _slips(case, truth)
    told = next((told for places, told in slips if places == found), why)
    few = {0: "No episode is", 1: f"Only episode {truth[:1]} is"}
    which = few.get(len(truth), f"The episodes {truth} are")
    require(found == truth, f"{which} of unseen classes only; the answer was {found}. {told}")


def _slips(case: _Case, truth: list[int]) -> list[tuple[list[int], str]]:
    """Known wrong answers, each with what it misunderstands."""
    seen, kept = case.labels[case.trained], list(enumerate(case.episodes))

    def without(leaks: Callable[[np.ndarray, np.ndarray], object]) -> list[int]:
        return [place for place, each in kept if not leaks(each["support"], each["queries"])]

    return [
        (without(lambda s, q: np.isin(case.labels[s], seen).all()), "One trained class among several is a leak, too."),
        (without(lambda s, q: case.labels[s[0]] in seen), "Look at all classes of an episode, not only at the first."),
        (without(lambda s, q: np.isin([*s, *q], case.trained).any()), IMAGES),
        (without(lambda s, q: np.isin(case.labels[s], case.trained).any()), "`trained` are rows: compare classes."),
        (sorted(set(range(len(case.episodes))) - set(truth)), "These are the others: return those *without* a leak."),
    ]


IMAGES = "Their images are new, but their classes are not: compare `labels[rows]` with `labels[trained]`."


def trained_images_are_found(unseen):
    """Episodes of the very images that were trained on are left out."""
    for rng in draws(4):
        kinds = ["fresh"] * int(rng.integers(2, 5)) + ["trained images"] * int(rng.integers(1, 4))
        _expect(unseen, rng, kinds, "Each of the others holds images that were trained on.")


def new_images_of_seen_classes_are_found(unseen):
    """Episodes of new images of trained classes are left out as well."""
    for rng in draws(4):
        kinds = ["fresh"] * int(rng.integers(2, 5)) + ["new images"] * int(rng.integers(1, 4))
        _expect(unseen, rng, kinds, IMAGES)


def one_seen_class_is_enough(unseen):
    """One trained class among the classes of an episode is enough to leave it out."""
    for rng in draws(4):
        kinds = ["fresh"] * int(rng.integers(2, 5)) + ["one class"] * int(rng.integers(2, 5))
        _expect(unseen, rng, kinds, "One trained class among several is a leak, too.")


def all_of_them_may_be_unseen(unseen):
    """If all episodes are of unseen classes, all stay; if none is, none does."""
    for rng in draws(2):
        _expect(unseen, rng, ["fresh"] * int(rng.integers(3, 7)), "Nothing of them was trained on.")
        _expect(unseen, rng, ["new images", "trained images", "one class"], "None of them may be judged: return `[]`.")


def reconciles_the_leak(leaks, prediction):
    """Your prediction is compared with your own episodes."""
    values = shares_of(leaks, "leaks", least=2)
    return (
        f"You predicted {prediction!r}. Here, classes that were trained on flatter by {100 * values.mean():.1f} points."
    )


UNSEEN = Exercise(
    id="7.8",
    title="Classes never seen",
    points=2,
    prediction=one_of(*FLATTERED),
    given={"leaks": lambda rng: rng.normal(0.1, 0.02, 10)},
    hints=(
        "`labels[trained]` are the classes that were trained on; which classes are in an episode?",
        "`np.concatenate([episode['support'], episode['queries']])` are all of its rows.",
        "`not np.isin(labels[rows], labels[trained]).any()`.",
    ),
    properties=(
        trained_images_are_found,
        new_images_of_seen_classes_are_found,
        one_seen_class_is_enough,
        all_of_them_may_be_unseen,
        reconciles_the_leak,
    ),
)
