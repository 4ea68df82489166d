"""Put splits of arrays together, with the test in its vault, and the schema and counts below the card."""

from __future__ import annotations

from tlkit.data.arrays import ArrayDataset, ArraySplit
from tlkit.data.embedded_arrays import read_card
from tlkit.data.split import Vault

__all__ = ["build_array_dataset"]


def build_array_dataset(
    name: str, splits: dict[str, ArraySplit], per_class: int | None = None, seed: int = 0, card: str | None = None
) -> ArrayDataset:
    """Make a data set of `train`, `val` and `test`.

    Args:
        name: The name of the data set; its card is read unless `card` is given.
        splits: The three splits.
        per_class: Keep this many training items per class.
        seed: Chooses them.
        card: The card of data that are not embedded.

    Raises:
        ValueError: If a class has fewer training items.
    """
    text = read_card(name) if card is None else card
    counts = "\n".join(f"| {key} | {len(split)} |" for key, split in splits.items())
    text = (
        f"{text.rstrip()}\n\n{splits['train'].describe()}\n\n| split | {splits['train'].noun} |\n|---|---|\n{counts}\n"
    )
    train = splits["train"] if per_class is None else splits["train"].take_per_class(per_class, seed)
    return ArrayDataset(name=name, card=text, train=train, val=splits["val"], test=Vault(splits["test"]))
