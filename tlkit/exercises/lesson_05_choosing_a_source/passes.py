"""What choosing costs, in images that go through a network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.received import whole_number
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
    way = f"fine-tuned for {epochs} epochs" if epochs else "scored on frozen features"
    known = [
        (num * len(pairs) * max(epochs, 1), "a candidate that is named twice is run once"),
        (num * different if not epochs else -1, "all cuts of a network are read from the same pass"),
        (num * networks * epochs if epochs else -1, "what is fine-tuned changes, so that no cut shares a pass"),
        (0 if not epochs else -1, "0 epochs of training still need one pass for the features"),
        (num * different * (epochs + 1), "the passes of the training are all there are"),
    ]
    told = next((text for value, text in known if value == received and value != truth), why)
    require(
        received == truth,
        f"{different} different candidates of {networks} networks, {num} images, {way}: {truth} images are seen, and "
        f"{received} were counted. Remember that {told}.",
    )


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
