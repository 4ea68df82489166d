"""Dictionary definitions: topics to tell apart, and pairs to pre-train on."""

from __future__ import annotations

import numpy as np

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays
from tlkit.data.texts import split_texts

__all__ = ["load_gloss_pairs", "load_glosses"]

_ROLES = {"train": 1, "val": 2, "test": 3}
_SCHEMA = {
    "text": Field("text", about="the definition, without its examples"),
    "words": Field("text", about="the words that it defines, the most usual first"),
    "label": Field("label", about="the topic"),
}
_PAIRS = {
    "text": Field("text", about="the definition, without its examples"),
    "meaning": Field("text", about="the words that it defines, then those of the next wider term and its definition"),
    "topic": Field("text", about="one of 40 topics, as `noun.animal`"),
}


def load_glosses(part: str = "nouns", *, per_class: int | None = None, seed: int = 0) -> ArrayDataset:
    """Load definitions from WordNet, to be told apart by topic.

    Args:
        part: `"nouns"` or `"verbs"`: ten topics each, which `load_gloss_pairs` leaves out on demand.
        per_class: Keep this many training texts a topic; validation and test stay whole.
        seed: Chooses them.

    Returns:
        Texts with their topic; the test is in a vault.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> load_glosses("verbs").test
        Vault(1500 texts, never opened)
    """
    check_choice("part", part, ("nouns", "verbs"))
    stored = read_arrays("glosses")
    texts, words = split_texts(stored["gloss"]), split_texts(stored["words"])
    targets = np.unique(stored["topic"][stored["role"] > 0])
    targets = [topic for topic in targets if stored["topics"][topic].startswith(part[:4])]
    names = [str(stored["topics"][topic]).split(".")[1] for topic in targets]

    def split(role: int) -> ArraySplit:
        rows = np.flatnonzero((stored["role"] == role) & np.isin(stored["topic"], targets))
        rows = np.random.default_rng(role).permutation(rows)
        labels = np.searchsorted(targets, stored["topic"][rows])
        return ArraySplit({"text": texts[rows], "words": words[rows], "label": labels}, _SCHEMA, names, "texts")

    return build_array_dataset("glosses", {name: split(role) for name, role in _ROLES.items()}, per_class, seed)


def load_gloss_pairs(*, with_targets: bool = True) -> ArraySplit:
    """Load what a text encoder can be pre-trained on: definitions, and what they define.

    No definition that `load_glosses` gives is among them, nor is it part of a `meaning`.

    Args:
        with_targets: Whether to include the other definitions of the twenty topics that `load_glosses` asks for.
            Without them, an encoder has never read a text of its targets' topics.

    Returns:
        About 85,000 pairs, or 73,000 without the targets' topics.

    Example:
        >>> load_gloss_pairs(with_targets=False)["text"][0]
        'an action'
    """
    stored = read_arrays("glosses")
    texts, words, topics = split_texts(stored["gloss"]), split_texts(stored["words"]), stored["topics"].astype(object)
    usable = stored["role"] == 0
    if not with_targets:
        usable &= ~np.isin(stored["topic"], np.unique(stored["topic"][stored["role"] > 0]))
    has_wider = (stored["hypernym"] >= 0) & usable[stored["hypernym"]]
    ends = [f" : {', '.join(words[row].split(', ')[:2])} : {texts[row]}" for row in range(len(texts))]
    ends.append("")  # means no broader term, as row -1
    wider = np.where(has_wider, stored["hypernym"], -1)[usable].tolist()
    own = (", ".join(word.split(", ")[:3]) for word in words[usable].tolist())
    meanings = [word + ends[row] for word, row in zip(own, wider, strict=True)]
    arrays = {"text": texts[usable], "meaning": np.array(meanings, object), "topic": topics[stored["topic"][usable]]}
    return ArraySplit(arrays, _PAIRS, noun="pairs")
