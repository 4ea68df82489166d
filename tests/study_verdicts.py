"""How often a study's verdict is wrong where nothing differs: `python -m tests.study_verdicts [RUNS]`.

Each run draws photos whose features say equally much with and without "transfer": two independent sets of noisy
features of the same labels. Half of the runs hold features that say nothing at all.
"""

import sys

import numpy as np

from tlkit.study.contestants import Probe
from tlkit.study.draws import deal
from tlkit.study.verdict import judge

NUM_PHOTOS, NUM_FEATURES, NUM_SEEDS = 120, 6, 5


def wrong_verdicts(num_runs: int) -> int:
    """The number of runs in which the verdict is not "undecided"."""
    return sum(_is_wrong(run) for run in range(num_runs))


def _is_wrong(run: int) -> bool:
    rng = np.random.default_rng(run)
    labels = rng.permutation(np.arange(NUM_PHOTOS) % 2)
    signal = 0.0 if run % 2 else 0.5
    draws = [deal(labels, np.arange(NUM_PHOTOS), seed) for seed in range(NUM_SEEDS)]
    outcomes = []
    for name, transfers in (("with", True), ("also with", True), ("without", False)):
        features = signal * labels[:, None] + rng.normal(size=(NUM_PHOTOS, NUM_FEATURES))
        probe = Probe(name, transfers, 8, lambda features=features: features)
        first = probe.run(labels, draws[0])
        outcomes += [first, *(probe.run(labels, draw, first.best) for draw in draws[1:])]
    sizes = {"num_train": len(draws[0].train), "num_report": len(draws[0].report)}
    return judge(outcomes, ["with", "also with"], **sizes).gain.verdict != "undecided"


if __name__ == "__main__":
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    print(f"{wrong_verdicts(runs)} of {runs} verdicts are wrong where nothing differs")
