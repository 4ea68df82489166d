"""Which learning rates serve Hindi from few pairs, and what is a leak through a parent's names worth?

    python datasets/recipes/measure_hindi.py rates     scratch and tuned, on Hindi's validation names
    python datasets/recipes/measure_hindi.py leak      parents with and without the test names' twins

Both parents of a seed learn from equally many pairs, in as many steps, from the same initial weights.
"""

from __future__ import annotations

import sys

import network_figures
import network_training
from pretrain_names import train_parent

from tlkit.backbones.networks import load_network
from tlkit.backbones.spelling import character_error_rate, spell
from tlkit.data.names import load_names
from tlkit.translation import NameTuner

RATES, UPDATES, RATE_SEED = (5e-4, 1e-3, 2e-3, 4e-3), {50: 180, 150: 300}, 50
LEAK_SEEDS, LEAK_WAYS = 3, ("names_mr_ne", "names_mr_ne_leaky")
COMMAND = "python datasets/recipes/measure_hindi.py"


def measure_rates() -> dict[str, dict[str, list[float]]]:
    """Cells: for 50 and 150 pairs, the error on validation names at each rate, from scratch and tuned."""
    val, tuner, cells = load_names("hi").val, NameTuner(), {}
    starts = {"scratch": load_network("names_mr_ne", trained=False, seed=RATE_SEED).get_weights()}
    starts["tuned"] = load_network("names_mr_ne").get_weights()
    for num_pairs, updates in UPDATES.items():
        pairs, found = load_names("hi", num_train=num_pairs, seed=RATE_SEED).train, {}
        for way, start in starts.items():
            for rate in RATES:
                model = tuner.tune(start, pairs, updates=updates, rate=rate, seed=RATE_SEED)
                found[f"{way}, {rate:g}"] = [character_error_rate(spell(model, val["english"]), val["name"])]
                print(num_pairs, way, rate, found[f"{way}, {rate:g}"], flush=True)
        cells[f"{num_pairs} pairs"] = found
    return cells


def measure_leak() -> dict[str, dict[str, list[float]]]:
    """Cells: errors on Hindi's test names without any pair, of parents that have seen their twins or not."""
    test = load_names("hi").test.open("what is the leak worth?")
    found: dict[str, list[float]] = {way: [] for way in LEAK_WAYS}
    for seed in range(LEAK_SEEDS):
        for way in LEAK_WAYS:  # those of seed 0 are embedded
            model = train_parent(way, network_training.WORK, seed)[0] if seed else load_network(way)
            found[way].append(character_error_rate(spell(model, test["english"]), test["name"]))
            print(seed, way, found[way][-1], flush=True)
    return {"no pair": found}


def main() -> None:
    """Measure what is named, and keep it beside the weights."""
    if sys.argv[1] == "rates":
        what = "Letters wrong, a letter of 100 Hindi validation names, by learning rate; one draw of pairs."
        network_figures.keep("names_rates", measure_rates(), command=f"{COMMAND} rates", what=what, unit="%")
    else:
        what = (
            f"Letters wrong, a letter of 200 Hindi names, by parents that have seen no twin of them, and by parents of "
            f"equally many pairs, twins among them; {LEAK_SEEDS} parents each."
        )
        network_figures.keep("names_mr_ne_leaky", measure_leak(), command=f"{COMMAND} leak", what=what, unit="%")


if __name__ == "__main__":
    main()
