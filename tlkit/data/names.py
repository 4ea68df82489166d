"""Names in two languages, to be written by a network letter by letter."""

from __future__ import annotations

import functools

import numpy as np

from tlkit.choices import check_choice
from tlkit.data.arrays import ArrayDataset, ArraySplit, Field
from tlkit.data.bundle import build_array_dataset
from tlkit.data.embedded_arrays import read_arrays
from tlkit.data.letters import Letters
from tlkit.data.texts import split_texts

__all__ = ["LANGUAGES", "load_name_letters", "load_names", "to_devanagari"]

LANGUAGES = {
    "hi": "Hindi",
    "mr": "Marathi",
    "ne": "Nepali",
    "mai": "Maithili",
    "bn": "Bengali",
    "ta": "Tamil",
    "es": "Spanish",
}
_SCHEMA = {
    "english": Field("text", about="the English name, in lower case"),
    "name": Field("text", about="the name in the other language"),
}
_ROLES = {"train": 0, "val": 1, "test": 2}
_DEVANAGARI = 0x900
_BLOCKS = {"bn": 0x980, "ta": 0xB80}  # Unicode lays these scripts out alike: one letter, one place in its block


def load_names(
    language: str = "hi",
    *,
    apart: str | None = "name",
    devanagari: bool = False,
    num_train: int | None = None,
    seed: int = 0,
) -> ArrayDataset:
    """Load names of places, languages, scripts and currencies: English, and another language.

    Which English names are for validation and test is the same for every language: they were drawn from those with a
    Hindi name.

    Args:
        language: `"hi"`, `"mr"`, `"ne"`, `"mai"`, `"bn"`, `"ta"` or `"es"`.
        apart: What training shares with no test name, in whatever language: `"name"`, the English name itself;
            `"word"`, any rare word of it, too; `None`, nothing is kept apart: for languages other than Hindi the test
            names' twins are trained on, to show what such a leak is worth.
        devanagari: Whether to move Bengali and Tamil letters to the same places of Hindi's script.
        num_train: Keep this many training pairs.
        seed: Chooses them.

    Returns:
        Pairs of names; the test is in a vault.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> load_names("hi").test
        Vault(200 pairs, never opened)
    """
    _check_arguments(language, apart, devanagari)
    stored = read_arrays("names")
    names = split_texts(stored[language])
    if devanagari:
        names = np.array([to_devanagari(name, language) for name in names], object)
    there, role = names != "", stored["role"]
    usable = {key: there & (role == number) for key, number in _ROLES.items()}
    usable["train"] &= ~stored["shares_rare_word"] if apart == "word" else True
    usable["train"] |= there if apart is None else False
    arrays = {"english": split_texts(stored["english"]), "name": names}
    everything = ArraySplit(arrays, _SCHEMA, noun="pairs")
    splits = {key: everything.select(rows) for key, rows in usable.items()}
    if num_train is not None:
        splits["train"] = _some(splits["train"], num_train, seed)
    return build_array_dataset("names", splits)


@functools.cache
def load_name_letters() -> tuple[Letters, Letters]:
    """The letters of all English names, and those of all names in the other languages (moved ones, too)."""
    stored = read_arrays("names")
    others = ["".join(split_texts(stored[language])) for language in LANGUAGES]
    moved = [to_devanagari("".join(split_texts(stored[language])), language) for language in _BLOCKS]
    return Letters("".join(split_texts(stored["english"]))), Letters("".join([*others, *moved]))


def to_devanagari(text: str, language: str) -> str:
    """Move Bengali or Tamil letters to the same places of the block of Devanagari, Hindi's script.

    Example:
        >>> to_devanagari("ভারত", "bn")
        'भारत'
    """
    start = _BLOCKS[language]
    return "".join(
        chr(ord(letter) - start + _DEVANAGARI) if start <= ord(letter) < start + 0x80 else letter for letter in text
    )


def _check_arguments(language: str, apart: str | None, devanagari: bool) -> None:
    check_choice("language", language, LANGUAGES)
    if apart is not None:
        check_choice("apart", apart, ("name", "word"), "Or pass `None`.")
    elif language == "hi":
        msg = "`apart=None` would train on the test itself where `language` is 'hi'. Pass 'name' or 'word'."
        raise ValueError(msg)
    if devanagari and language not in _BLOCKS:
        msg = f"`devanagari` is for {' and '.join(_BLOCKS)}. Received: language={language!r}. Leave it out."
        raise ValueError(msg)


def _some(split: ArraySplit, count: int, seed: int) -> ArraySplit:
    if not isinstance(count, (int, np.integer)) or not 1 <= count <= len(split):
        msg = f"`num_train` must be an integer of 1 to {len(split)}. Received: {count!r}."
        raise ValueError(msg)
    return split.select(np.random.default_rng(seed).permutation(len(split))[:count])
