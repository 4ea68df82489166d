"""What choosing costs, in images that go through a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import whole_number
from tlkit.counts import count
from tlkit.exercises.trials import draws, mixed, random_names
from tlkit.selection import images_seen as kit_images_seen

__all__ = ["COUNT_IMAGES"]

Pairs = list[tuple[str, str]]


def _draw(rng: np.random.Generator) -> Pairs:
    """Candidates of several networks with several cuts each, in no order; networks share names of cuts."""
    networks, cuts = random_names(int(rng.integers(3, 6)), rng), random_names(4, rng)
    pairs = [(network, cut) for network in networks for cut in mixed(cuts, rng)[: int(rng.integers(1, 4))]]
    pairs.append((networks[0], next(cut for cut in cuts if (networks[0], cut) not in pairs)))
    return mixed(pairs, rng)


def _expect(answer: Callable, pairs: Pairs, num: int, epochs: int, why: str) -> None:
    truth = kit_images_seen(pairs, num, epochs=epochs)
    received = whole_number(answer(list(pairs), num, epochs), "of images")
    networks, different = len({network for network, _ in pairs}), len(set(pairs))
    way = f"fine-tuned for {count(epochs, 'epoch')}" if epochs else "scored on frozen features"
    known = _known(pairs, num, epochs)
    told = next((text for value, text in known if value == received), why)
    named = ", some of them named twice" if len(pairs) > different else ""
    require(
        received == truth,
        f"{different} different candidates of {networks} networks{named}, {num} images, {way}: {truth} images are "
        f"seen, and {received} were counted. Remember that {told}.",
    )


def _known(pairs: Pairs, num: int, epochs: int) -> list[tuple[int, str]]:
    """Known wrong counts, each with what it forgets."""
    networks, cuts = (len({pair[place] for pair in pairs}) for place in (0, 1))
    different = len(set(pairs))
    if not epochs:
        return [
            (num * different, "all cuts of a network are read from the same pass"),
            (num * len(pairs), "all cuts of a network are read from the same pass"),
            (0, "0 epochs of training still need one pass for the features"),
            (num * cuts, "an image passes through a network, and not through a cut: count the networks"),
            (num, "each of the networks sees each image"),
            (networks, "images are counted, and not networks"),
        ]
    return [
        (num * len(pairs) * epochs, "a candidate that is named twice is run once"),
        (num * networks * epochs, "what is fine-tuned changes, so that no cut shares a pass"),
        (num * different * (epochs + 1), "the passes of the training are all there are"),
        (num * (different * epochs + networks), "the passes of the training are all there are"),
        (num * different, "each candidate sees each image in *each* epoch"),
        (num * networks, "fine-tuning takes more than the one pass of the scores"),
        (num * epochs, "each of the candidates is fine-tuned"),
    ]


def cuts_share_a_pass(images_seen):
    """On frozen features, each network sees each image once, whatever the number of cuts."""
    for rng in draws(4):
        _expect(images_seen, _draw(rng), int(rng.integers(20, 300)), 0, "one pass gives the features of all cuts")


def fine_tuning_shares_nothing(images_seen):
    """A candidate that is fine-tuned sees each image in each epoch."""
    for rng in draws(2):
        for epochs in mixed([1, int(rng.integers(2, 20))], rng):
            num = int(rng.integers(20, 300))
            _expect(images_seen, _draw(rng), num, epochs, "each candidate sees each image in each epoch")


def a_candidate_counts_once(images_seen):
    """A candidate that is named twice is run once."""
    for rng in draws(2):
        for epochs in mixed([0, int(rng.integers(2, 20))], rng):
            pairs = _draw(rng)
            pairs = mixed([*pairs, *pairs[: int(rng.integers(1, 4))]], rng)
            _expect(images_seen, pairs, int(rng.integers(20, 300)), epochs, "only different candidates count")


COUNT_IMAGES = Exercise(
    id="5.6",
    title="What does choosing cost?",
    points=2,
    kit_has=(kit_images_seen,),
    hints=(
        "What can two cuts of one frozen network share? What can two fine-tunings share?",
        "`{network for network, cut in candidates}` has each network once, `set(candidates)` each candidate.",
        "`num_images * (len(set(candidates)) * epochs if epochs else len(networks))`.",
    ),
    properties=(cuts_share_a_pass, fine_tuning_shares_nothing, a_candidate_counts_once),
)
