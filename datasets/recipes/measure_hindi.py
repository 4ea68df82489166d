"""What lesson 15 shows and has no time to train: half a budget, gentle tuning, and what a leak is worth.

    python datasets/recipes/measure_hindi.py

Everything is measured on Hindi's test names but for the rates, which are chosen on its validation names.
"""

from __future__ import annotations

from collections.abc import Iterator

import network_figures
import numpy as np

from tlkit.backbones.networks import load_network
from tlkit.backbones.spelling import character_error_rate, spell
from tlkit.data.arrays import ArraySplit
from tlkit.data.names import load_names
from tlkit.translation import NameTuner, find_twins

BUDGET, RATE, GENTLE = 300, 2e-3, 60
RATES, RATE_SEED = (2e-4, 5e-4, 1e-3), 50
NUM_SEEDS, NUM_LEAKS = 3, 5
COMMAND = "python datasets/recipes/measure_hindi.py"


def refreshed_pairs(seed: int, *, leaky: bool) -> ArraySplit:
    """As many Marathi names for both: the twins of Hindi's test names, or others that the parent has learned from."""
    clean, everything = load_names("mr").train, load_names("mr", apart=None).train
    test = load_names("hi").test.open("what is the leak worth?")
    twins = everything.select(np.array(find_twins(test["english"], everything["english"])))
    return twins if leaky else clean.select(np.random.default_rng(seed).permutation(len(clean))[: len(twins)])


def measure(test: ArraySplit, val: ArraySplit) -> Iterator[tuple[str, dict[str, list[float]]]]:
    """Cells of the record."""
    tuner, parent = NameTuner(), load_network("names_mr_ne").get_weights()

    def error(model, names: ArraySplit = test) -> float:
        return character_error_rate(spell(model, names["english"]), names["name"])

    found: dict[str, list[float]] = {"without twins": [], "with twins": []}
    for seed in range(NUM_LEAKS):
        for way in found:
            pairs = refreshed_pairs(seed, leaky=way == "with twins")
            found[way].append(error(tuner.tune(parent, pairs, updates=GENTLE, rate=1e-3, seed=seed)))
        print(found, flush=True)
    yield "a parent trained further", found
    pairs = load_names("hi", num_train=150, seed=RATE_SEED).train
    rates = {rate: error(tuner.tune(parent, pairs, updates=GENTLE, rate=rate, seed=RATE_SEED), val) for rate in RATES}
    yield "rates on validation names", {f"{rate:g}": [found] for rate, found in rates.items()}
    print(rates, flush=True)
    best, tuners = min(rates, key=lambda rate: rates[rate]), {"tuned": tuner, "encoder frozen": NameTuner(("encoder",))}
    for num_pairs in (50, 150):
        found = {way: [] for way in tuners}
        for seed in range(NUM_SEEDS):
            pairs = load_names("hi", num_train=num_pairs, seed=seed).train
            for way, each in tuners.items():
                found[way].append(error(each.tune(parent, pairs, updates=GENTLE, rate=best, seed=seed)))
        print(found, flush=True)
        yield f"gentle, {num_pairs} pairs", found
    spanish, far = load_network("names_es").get_weights(), []
    for seed in range(NUM_SEEDS):
        pairs = load_names("hi", num_train=150, seed=seed).train
        far.append(error(tuner.tune(spanish, pairs, updates=BUDGET // 2, rate=RATE, seed=seed)))
        print(far, flush=True)
    yield "half the budget, 150 pairs", {"names_es": far}


def main() -> None:
    """Measure, and keep the record beside the weights."""
    data = load_names("hi")
    cells = dict(measure(data.test.open("figures of lesson 15"), data.val))
    what = (
        "Letters wrong, a letter of 200 Hindi names (rates: of 100 validation names). Gentle: 60 steps at the rate "
        "chosen; a parent trained further: 60 steps at 0.001 on Marathi names; half the budget: 150 steps at 0.002."
    )
    network_figures.keep("names_hindi", cells, command=COMMAND, what=what, unit="%")


if __name__ == "__main__":
    main()
