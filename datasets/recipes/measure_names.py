"""Does a parent language help to write names in Hindi?

python datasets/recipes/measure_names.py
"""

from __future__ import annotations

from collections.abc import Iterator

import keras
import network_figures
import numpy as np

from tlkit.backbones.networks import load_network
from tlkit.backbones.spelling import character_error_rate, spell, spelling_lessons, spelling_loss
from tlkit.data.arrays import ArraySplit
from tlkit.data.names import load_names

PARENTS = ("names_mr_ne", "names_bn", "names_es")
EPOCHS = {50: 90, 150: 60}  # from scratch and tuned alike
RATE, BATCH, NUM_SEEDS = 2e-3, 32, 3


class Speller:
    """One network, compiled once, that is given weights and few pairs again and again."""

    def __init__(self, test: ArraySplit):
        self.test, self.model = test, load_network("names_mr_ne")
        self.model.compile(keras.optimizers.Adam(RATE, clipnorm=1.0), spelling_loss())
        self.model.optimizer.build(self.model.trainable_variables)
        self.fresh = [np.zeros(variable.shape, variable.dtype) for variable in self.model.optimizer.variables]

    def error_after(self, weights: list, pairs: ArraySplit, seed: int) -> float:
        """Character error rate on the test names after training on a few pairs."""
        keras.utils.set_random_seed(seed)
        self.model.set_weights(weights)
        for variable, zero in zip(self.model.optimizer.variables, self.fresh, strict=True):
            variable.assign(zero)
        epochs, (inputs, targets) = EPOCHS[len(pairs)], spelling_lessons(pairs)
        slower = keras.callbacks.LearningRateScheduler(lambda epoch: RATE * (1 - 0.9 * epoch / epochs))
        self.model.fit(inputs, targets, batch_size=BATCH, epochs=epochs, verbose=0, callbacks=[slower])
        return self.error()

    def error(self) -> float:
        """Character error rate on the test names as it is."""
        return character_error_rate(spell(self.model, self.test["english"]), self.test["name"])


def measure(test: ArraySplit) -> Iterator[tuple[str, dict[str, list[float]]]]:
    """Cells of the table: no pair, 50 and 150 pairs."""
    speller, starts = Speller(test), {name: load_network(name).get_weights() for name in PARENTS}
    found = {}
    for name, weights in starts.items():
        speller.model.set_weights(weights)
        found[name] = [speller.error()]
    yield "no pair", found
    for num_pairs in EPOCHS:
        found = {"scratch": [], **{name: [] for name in PARENTS}}
        for seed in range(NUM_SEEDS):
            pairs = load_names("hi", num_train=num_pairs, seed=seed).train
            scratch = load_network("names_mr_ne", trained=False, seed=seed).get_weights()
            for way, weights in {"scratch": scratch, **starts}.items():
                found[way].append(speller.error_after(weights, pairs, seed))
            print(num_pairs, seed, {way: round(errors[-1], 3) for way, errors in found.items()}, flush=True)
        yield f"{num_pairs} pairs", found


def main() -> None:
    """Measure, and keep the scores beside the weights, for the cards."""
    cells = dict(measure(load_names("hi").test.open("figures of the cards")))
    what = (
        f"Letters wrong, a letter of 200 Hindi names: less is better. All of the network is tuned, as long as from "
        f"scratch; {NUM_SEEDS} draws of pairs."
    )
    for name in PARENTS:
        network_figures.keep(name, cells, command="python datasets/recipes/measure_names.py", what=what, unit="%")


if __name__ == "__main__":
    main()
