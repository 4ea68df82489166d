"""Pre-train networks that write English names in another language, as parents of one for Hindi.

    python datasets/recipes/pretrain_names.py names_mr_ne

No English name of Hindi's validation and test sets is among what a parent learns.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import network_training
import numpy as np

from tlkit.backbones.networks import build_names
from tlkit.backbones.spelling import BEGIN, character_error_rate, spell, spelling_lessons, spelling_loss
from tlkit.data.arrays import ArraySplit
from tlkit.data.names import load_name_letters, load_names

EPOCHS, BATCH, RATE = 26, 64, 2e-3
PARENTS = {"names_mr_ne": ("mr", "ne"), "names_bn": ("bn",), "names_es": ("es",)}
ABOUT = {
    "names_mr_ne": "names in Marathi and Nepali, which share Hindi's script (CLDR)",
    "names_bn": "names in Bengali, moved letter by letter to Hindi's script (CLDR)",
    "names_es": "names in Spanish (CLDR)",
}


def build_model() -> keras.Model:
    """The network for the letters of all languages, compiled."""
    source, target = load_name_letters()
    model = build_names(len(source), len(target))
    model.compile(keras.optimizers.Adam(RATE, clipnorm=1.0), spelling_loss())
    return model


def read_lessons(languages: tuple[str, ...]) -> tuple[list[np.ndarray], np.ndarray, ArraySplit]:
    """Inputs and targets of all languages, and the first one's validation pairs."""
    data = [load_names(language, devanagari=language == "bn") for language in languages]
    lessons = [spelling_lessons(part.train, begin) for part, begin in zip(data, BEGIN, strict=False)]
    inputs = [np.concatenate(parts) for parts in zip(*(given for given, _ in lessons), strict=True)]
    return inputs, np.concatenate([wanted for _, wanted in lessons]), data[0].val


def main() -> None:
    """Train one parent, and write weights and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", choices=list(PARENTS))
    parser.add_argument("--work", type=Path, default=network_training.WORK)
    options = parser.parse_args()
    inputs, targets, val = read_lessons(PARENTS[options.name])
    keras.utils.set_random_seed(0)
    model = build_model()

    def train_epoch(epoch: int) -> dict[str, float]:
        model.optimizer.learning_rate = RATE * (1 - 0.9 * epoch / EPOCHS)
        rows = np.random.default_rng([1, epoch]).permutation(len(targets))
        given = [part[rows] for part in inputs]
        return {"loss": model.fit(given, targets[rows], batch_size=BATCH, shuffle=False, verbose=0).history["loss"][0]}

    record = network_training.run(model, EPOCHS, train_epoch, options.work / options.name)
    rate = character_error_rate(spell(model, val["english"]), val["name"])
    results = {"num_train": len(targets), "num_val": len(val), "val_error": round(rate, 4)}
    recipe = {"epochs": EPOCHS, "batch": BATCH, "rate": RATE, "languages": PARENTS[options.name]}
    source, target = load_name_letters()
    facts = {
        "architecture": "names",
        "options": {"num_source": len(source), "num_target": len(target)},
        "source": "names",
        "about": ABOUT[options.name],
    }
    network_training.export(options.name, model, {"recipe": recipe, **record, **results}, facts=facts)


if __name__ == "__main__":
    main()
