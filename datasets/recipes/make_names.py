"""Write `names.npz`: names of places, languages, scripts and currencies in English and seven other languages.

    python datasets/recipes/make_names.py

A frozen snapshot of the [Unicode CLDR](https://cldr.unicode.org) that `babel` brings along: a new version would change
the data, and with them every figure.
"""

from __future__ import annotations

import re
import sys
from collections import Counter

import numpy as np
import store
from fetch import BABEL, unpack

from tlkit.data.texts import join_texts

LANGUAGES = ("hi", "mr", "ne", "mai", "bn", "ta", "es")
KINDS = ("territories", "languages", "scripts", "variants", "currencies")
LONGEST = 18  # letters
NUM_TEST, NUM_VAL = 200, 100
RARE = 8  # names with a word, at most, for the word to count as rare


def read_pairs(language: str) -> dict[str, str]:
    """English names in small letters, and their names in another language."""
    from babel import Locale

    english, other, pairs = Locale("en"), Locale(language), {}
    for kind in KINDS:
        names = getattr(other, kind)
        for key, name in getattr(english, kind).items():
            one, two = _tidy(str(name).replace("’", "'").replace("&", "and")), _tidy(str(names.get(key, "")))
            if two and one != two and max(len(one), len(two)) <= LONGEST and not re.search(r"[\d(\[]", one + two):
                pairs.setdefault(one, two)
    return pairs


def _tidy(name: str) -> str:
    """Small letters, single spaces, without the joiners that no one sees."""
    return " ".join(name.replace("\u200c", "").replace("\u200d", "").lower().split())


def deal_out(names: list[str], known: set[str]) -> np.ndarray:
    """0 for training, 1 for validation, 2 for the test: one role an English name, whatever the language.

    Args:
        names: All English names.
        known: Those with a Hindi name, out of which validation and test are drawn.
    """
    roles, rng = np.zeros(len(names), np.uint8), np.random.default_rng(0)
    drawn = rng.permutation([row for row, name in enumerate(names) if name in known])
    roles[drawn[:NUM_TEST]], roles[drawn[NUM_TEST : NUM_TEST + NUM_VAL]] = 2, 1
    return roles


def share_rare_words(names: list[str], roles: np.ndarray) -> np.ndarray:
    """Which training names have a rare word of four letters or more that is also in a test name: `(num_names,)`."""
    words = [set(re.findall(r"\w{4,}", name)) for name in names]
    counts = Counter(word for found in words for word in found)
    tested = {word for found, role in zip(words, roles, strict=True) if role == 2 for word in found}
    rare = {word for word in tested if counts[word] <= RARE}
    return np.array([role == 0 and bool(found & rare) for found, role in zip(words, roles, strict=True)])


def main() -> None:
    """Fetch, read, deal out, write."""
    sys.path.insert(0, str(unpack(BABEL)))
    pairs = {language: read_pairs(language) for language in LANGUAGES}
    names = sorted({name for found in pairs.values() for name in found})
    roles = deal_out(names, set(pairs["hi"]))
    arrays = {language: join_texts(found.get(name, "") for name in names) for language, found in pairs.items()}
    arrays |= {"english": join_texts(names), "role": roles, "shares_rare_word": share_rare_words(names, roles)}
    store.write_arrays("names", arrays)
    print({language: len(found) for language, found in pairs.items()})


if __name__ == "__main__":
    main()
