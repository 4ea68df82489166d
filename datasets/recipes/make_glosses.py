"""Write `glosses.npz`: WordNet's definitions of nouns and verbs, with their words, their hypernyms and their topics.

python datasets/recipes/make_glosses.py
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import store
from fetch import WORDNET, unpack

from tlkit.data.texts import join_texts, words_of

_TOPICS = """noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition noun.communication noun.event
noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant
noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body
verb.change verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion
verb.motion verb.perception verb.possession verb.social verb.stative verb.weather"""
TOPICS = _TOPICS.split()  # in the order of WordNet's files
FIRST_NUMBER = 4  # of `noun.act` among WordNet's lexicographer files
_NOUNS = "body event feeling food phenomenon possession process relation shape time"
_VERBS = "change cognition communication contact creation motion perception possession social stative"
TARGETS = [f"noun.{topic}" for topic in _NOUNS.split()] + [f"verb.{topic}" for topic in _VERBS.split()]
COUNTS = {"test": 150, "val": 75, "train": 275}  # of each target topic; what is left over is for pre-training
ROLES = ("pretrain", "train", "val", "test")


@dataclass
class Sense:
    """One entry of WordNet."""

    topic: str
    words: list[str]
    gloss: str
    hypernyms: list[str]
    role: str = "pretrain"


def read_senses(folder: Path) -> dict[str, Sense]:
    """All nouns and verbs that have a topic and a gloss of two words or more, by their place in WordNet's files."""
    senses = {}
    for part, letter in (("noun", "n"), ("verb", "v")):
        for line in (folder / f"data.{part}").read_text("latin-1").splitlines():
            if not line.startswith("  "):
                key, sense = _read_line(line, letter)
                if sense is not None:
                    senses[key] = sense
    return senses


def _read_line(line: str, letter: str) -> tuple[str, Sense | None]:
    left, gloss = line.split("|", 1)
    cells = left.split()
    number, num_words = int(cells[1]) - FIRST_NUMBER, int(cells[3], 16)
    words = [re.sub(r"\(.*\)", "", cells[4 + 2 * i]).replace("_", " ").lower() for i in range(num_words)]
    pointers = cells[4 + 2 * num_words :]
    hypernyms = [
        pointers[3 + 4 * i] + pointers[2 + 4 * i] for i in range(int(pointers[0])) if pointers[1 + 4 * i] in ("@", "@i")
    ]
    text = re.split(r';\s*"|:\s*"', gloss.strip())[0].strip().strip(";").strip()
    known = 0 <= number < len(TOPICS) and len(words_of(text)) > 1
    return letter + cells[0], Sense(TOPICS[number], words, text, hypernyms) if known else None


def deal_out(senses: dict[str, Sense]) -> None:
    """Give the target topics' glosses their roles. One that stands twice, in whatever topics, is never a target's."""
    wordings = defaultdict(list)
    for sense in senses.values():
        wordings[" ".join(words_of(sense.gloss))].append(sense)
    unique = [found[0] for found in wordings.values() if len(found) == 1]
    rng = np.random.default_rng(0)
    for topic in TARGETS:
        of_topic = [sense for sense in unique if sense.topic == topic]
        roles = [role for role, count in COUNTS.items() for _ in range(count)]
        for row, role in zip(rng.permutation(len(of_topic)), roles, strict=False):
            of_topic[row].role = role


def main() -> None:
    """Fetch, read, deal out, write."""
    senses = read_senses(unpack(WORDNET) / "usr/share/wordnet")
    deal_out(senses)
    rows = {key: row for row, key in enumerate(senses)}
    parents = [next((rows[key] for key in sense.hypernyms if key in rows), -1) for sense in senses.values()]
    arrays = {
        "gloss": join_texts(sense.gloss for sense in senses.values()),
        "words": join_texts(", ".join(sense.words) for sense in senses.values()),
        "topic": np.array([TOPICS.index(sense.topic) for sense in senses.values()], np.uint8),
        "role": np.array([ROLES.index(sense.role) for sense in senses.values()], np.uint8),
        "hypernym": np.array(parents, np.int32),
        "topics": np.array(TOPICS),
    }
    store.write_arrays("glosses", arrays)


if __name__ == "__main__":
    main()
