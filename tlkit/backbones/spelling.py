"""Names from one language to another, letter by letter: what the network is taught, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from tlkit.data.arrays import ArraySplit
from tlkit.data.letters import FIRST_LETTER
from tlkit.data.names import load_name_letters

__all__ = ["BEGIN", "character_error_rate", "spell", "spelling_lessons", "spelling_loss"]

BEGIN = (2, 3)  # a network of two languages is told by the first letter which to write
LENGTH = 20


def spelling_lessons(pairs: ArraySplit, begin: int = BEGIN[0]) -> tuple[list[np.ndarray], np.ndarray]:
    """What `fit` takes: `[letters, letters so far]` and the next letters, each `(num_pairs, 20)`, `int32`.

    Args:
        pairs: The pairs from `load_names`.
        begin: The number that begins each name.
    """
    source, target = load_name_letters()
    after = target.encode(pairs["name"], LENGTH)
    before = np.concatenate([np.full((len(after), 1), begin, np.int32), after[:, :-1]], axis=1)
    before[before == 1] = 0  # nothing follows the end
    return [source.encode(pairs["english"], LENGTH), before], after


def spelling_loss() -> keras.losses.Loss:
    """Cross-entropy of the next letter; padding does not count."""
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)


def spell(model: keras.Model, names: Sequence[str], begin: int = BEGIN[0]) -> list[str]:
    """Write each English name in the network's language, always with the likeliest next letter.

    Args:
        model: A model from `load_network("names_...")`.
        names: English names in lower case.
        begin: The number that begins each name.
    """
    source, target = load_name_letters()
    letters = source.encode(names, LENGTH)
    said = np.zeros((len(letters), LENGTH + 1), np.int32)
    said[:, 0] = begin
    open_ends = np.ones(len(letters), bool)
    for place in range(LENGTH):
        scores = model.predict_on_batch([letters, said[:, :LENGTH]])[:, place]  # (num_names, num_letters)
        said[:, place + 1] = np.where(open_ends, scores.argmax(-1), 0)
        open_ends &= said[:, place + 1] >= FIRST_LETTER
        if not open_ends.any():
            break
    return target.decode(said[:, 1:])


def character_error_rate(said: Sequence[str], names: Sequence[str]) -> float:
    """Letters to change, leave out or insert, per letter of the right names: 0 is perfect, and it may exceed 1.

    Example:
        >>> character_error_rate(["abc", "b"], ["abd", "b"])
        0.25
    """
    pairs = zip(said, names, strict=True)
    return sum(_distance(one, other) for one, other in pairs) / sum(map(len, names))


def _distance(one: str, other: str) -> int:
    """Edit distance ([Levenshtein](https://en.wikipedia.org/wiki/Levenshtein_distance))."""
    row = list(range(len(other) + 1))
    for count, letter in enumerate(one, start=1):
        above, row = row, [count]
        for place, wanted in enumerate(other):
            row.append(min(above[place + 1] + 1, row[place] + 1, above[place] + (letter != wanted)))
    return row[-1]
