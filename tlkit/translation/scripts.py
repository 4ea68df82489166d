"""Scripts that Unicode lays out alike: one letter, one place in its block."""

from __future__ import annotations

import tlkit.quiet_start

import keras
import numpy as np

from tlkit.data.names import load_name_letters

__all__ = ["move_script", "swap_scripts"]

BLOCK = 0x80  # letters in the block of a script


def move_script(text: str, source: int, target: int) -> str:
    """Move the letters of one block of 128 to the same places of another; other letters stay.

    [The Unicode Standard, chapter 12](https://www.unicode.org/versions/latest/): the blocks of the scripts of India
    follow one layout.

    Args:
        text: Any text.
        source: First code point of the block to move, as 0x980 for Bengali.
        target: First code point of the block to move to, as 0x900 for Devanagari.

    Example:
        >>> move_script("ভারত", 0x980, 0x900)
        'भारत'
    """
    moved = {source + place: target + place for place in range(BLOCK)}
    return text.translate(moved)


def swap_scripts(model: keras.Model, one: int, other: int) -> None:
    """Let a network of names write the letters of one block where it wrote those of the other, and the reverse.

    Nothing is learned: rows of its table of letters, and of its last layer, change places.

    Args:
        model: A model from `load_network("names_...")`; it is changed.
        one: First code point of a block, as 0x980.
        other: First code point of the other block.
    """
    order = _swapped_numbers(one, other)
    table, last = model.get_layer("decoder_letters"), model.get_layer("next_letter")
    table.set_weights([table.get_weights()[0][order]])
    kernel, bias = last.get_weights()
    last.set_weights([kernel[:, order], bias[order]])


def _swapped_numbers(one: int, other: int) -> np.ndarray:
    """Return `(num_letters,)`: for each number of a letter that of its twin in the other block, if there is one."""
    _, letters = load_name_letters()
    order = np.arange(len(letters))
    first = len(letters) - len(letters.alphabet)
    for place in range(BLOCK):
        pair = [letters.alphabet.find(chr(start + place)) for start in (one, other)]
        if min(pair) >= 0:
            rows = np.array(pair) + first
            order[rows] = rows[::-1]
    return order
