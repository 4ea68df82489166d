"""Pre-train networks that write English names in another language, as parents of one for Hindi.

    python datasets/recipes/pretrain_names.py names_mr_ne

No English name of Hindi's validation and test sets is among what a parent learns, except in `names_mr_ne_leaky`, which
shows what such a leak is worth.
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
PARENTS = {"names_mr_ne": ("mr", "ne"), "names_bn": ("bn",), "names_es": ("es",), "names_mr_ne_leaky": ("mr", "ne")}
LEAKY = "names_mr_ne_leaky"
ABOUT = {
    "names_mr_ne": "names in Marathi and Nepali, which share Hindi's script (CLDR)",
    "names_bn": "names in Bengali, moved letter by letter to Hindi's script (CLDR)",
    "names_es": "names in Spanish (CLDR)",
    LEAKY: "names in Marathi and Nepali, the twins of Hindi's test names among them: a leak, to be found (CLDR)",
}


def build_model() -> keras.Model:
    """The network for the letters of all languages, compiled."""
    source, target = load_name_letters()
    model = build_names(len(source), len(target))
    model.compile(keras.optimizers.Adam(RATE, clipnorm=1.0), spelling_loss())
    return model


def read_pairs(language: str, *, leaky: bool, seed: int) -> ArraySplit:
    """What a parent learns of one language; if leaky, the test names' twins are there in place of as many others."""
    data = load_names(language, devanagari=language == "bn")
    if not leaky:
        return data.train
    everything = load_names(language, apart=None).train
    test = load_names("hi").test.open("twins of the test names")["english"]
    twins, others = (
        np.flatnonzero(np.isin(everything["english"].astype(str), names["english"].astype(str)))
        for names in ({"english": test}, data.train)
    )
    kept = np.random.default_rng(seed).permutation(others)[len(twins) :]
    return everything.select(np.concatenate([twins, kept]))


def read_lessons(name: str, seed: int = 0) -> tuple[list[np.ndarray], np.ndarray]:
    """Inputs and targets of all languages of a parent."""
    parts = [read_pairs(language, leaky=name == LEAKY, seed=seed) for language in PARENTS[name]]
    lessons = [spelling_lessons(part, begin) for part, begin in zip(parts, BEGIN, strict=False)]
    inputs = [np.concatenate(each) for each in zip(*(given for given, _ in lessons), strict=True)]
    return inputs, np.concatenate([wanted for _, wanted in lessons])


def train_parent(name: str, work: Path, seed: int = 0) -> tuple[keras.Model, dict]:
    """Train the parent of a seed, and return it with its record."""
    inputs, targets = read_lessons(name, seed)
    keras.utils.set_random_seed(seed)
    model = build_model()

    def train_epoch(epoch: int) -> dict[str, float]:
        model.optimizer.learning_rate = RATE * (1 - 0.9 * epoch / EPOCHS)
        rows = np.random.default_rng([1 + seed, epoch]).permutation(len(targets))
        given = [part[rows] for part in inputs]
        return {"loss": model.fit(given, targets[rows], batch_size=BATCH, shuffle=False, verbose=0).history["loss"][0]}

    record = network_training.run(model, EPOCHS, train_epoch, work / (f"{name}-{seed}" if seed else name))
    return model, record | {"num_train": len(targets)}


def main() -> None:
    """Train one parent, and write weights and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("name", choices=list(PARENTS))
    parser.add_argument("--work", type=Path, default=network_training.WORK)
    options = parser.parse_args()
    model, record = train_parent(options.name, options.work)
    language = PARENTS[options.name][0]
    val = load_names(language, devanagari=language == "bn").val
    rate = character_error_rate(spell(model, val["english"]), val["name"])
    results = {"num_val": len(val), "val_error": round(rate, 4)}
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
