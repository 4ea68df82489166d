"""Pre-train `speech`: a small network that tells 80 synthesised words apart, in many voices and accents.

    python datasets/recipes/pretrain_speech.py

The clips are made first and kept outside the repository; a run can be killed at any time, and the same command goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import network_training
import numpy as np
import voices

from tlkit.backbones.networks import build_speech

CLIPS_A_WORD = 400
EPOCHS, BATCH, RATE = 16, 64, 4e-3
NUM_VAL = 1600
GREY = 60  # of a masked band


def make_clips(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Pictures `(num_clips, 64, 64)` and words `(num_clips,)`; each word is kept as soon as it has been said."""
    voices.check_versions()
    variants = voices.list_source_variants()
    pictures = [_clips_of(label, variants, folder) for label in range(len(voices.SOURCE_WORDS))]
    return np.concatenate(pictures), np.repeat(np.arange(len(pictures)), CLIPS_A_WORD)


def _clips_of(label: int, variants: list[str], folder: Path) -> np.ndarray:
    file = folder / f"word-{label}.npy"
    if not file.exists():
        rng = np.random.default_rng([0, label])
        network_training.save_array(file, np.stack([_clip(label, variants, rng) for _ in range(CLIPS_A_WORD)]))
    return np.load(file)


def _clip(label: int, variants: list[str], rng: np.random.Generator) -> np.ndarray:
    voice = voices.Voice("espeak-ng", str(rng.choice(variants)), str(rng.choice(voices.SOURCE_ACCENTS)))
    return voices.picture_of(voice, voices.SOURCE_WORDS[label], rng)


def augment(pictures: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Other speakers and microphones: shifted in pitch and time, tilted, with a noise floor and masked bands.

    Returns:
        `(num_pictures, 64, 64, 1)`, `float32` in [0, 255].
    """
    changed = np.empty((*pictures.shape, 1), np.float32)
    tilt = np.linspace(-1, 1, 64)[:, None]
    for row, picture in enumerate(pictures):
        moved = np.roll(picture, (rng.integers(-3, 4), rng.integers(-8, 9)), (0, 1)) + tilt * rng.uniform(-40, 40)
        noisy = np.maximum(moved, rng.uniform(0, 110) + rng.normal(size=(64, 64)) * 12)
        top, left = rng.integers(0, 58, 2)
        noisy[top : top + rng.integers(0, 7)] = GREY
        noisy[:, left : left + rng.integers(0, 7)] = GREY
        changed[row, ..., 0] = noisy
    return np.clip(changed, 0, 255)


def build_model(num_train: int) -> keras.Model:
    """The network with a head for the 80 words, compiled; the learning rate falls as a cosine."""
    encoder = build_speech()
    model = keras.Model(encoder.input, keras.layers.Dense(len(voices.SOURCE_WORDS), name="head")(encoder.output))
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * (num_train // BATCH + 1))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def main() -> None:
    """Make the clips, train, and write weights, record and card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path, default=network_training.WORK)
    folder = parser.parse_args().work / "speech"
    pictures, labels = make_clips(folder)
    order = np.random.default_rng(0).permutation(len(labels))
    val, train = order[:NUM_VAL], order[NUM_VAL:]
    keras.utils.set_random_seed(0)
    model = build_model(len(train))

    def train_epoch(epoch: int) -> dict[str, float]:
        rng = np.random.default_rng([1, epoch])
        rows = rng.permutation(train)
        fit = model.fit(augment(pictures[rows], rng), labels[rows], batch_size=BATCH, verbose=0, shuffle=False)
        return {name: values[-1] for name, values in fit.history.items()}

    record = network_training.run(model, EPOCHS, train_epoch, folder)
    correct = model.predict(pictures[val, ..., None], verbose=0).argmax(1) == labels[val]
    results = {"val_accuracy": round(float(correct.mean()), 4), "num_val": NUM_VAL, "num_train": len(train)}
    recipe = {"epochs": EPOCHS, "batch": BATCH, "rate": RATE, "words": voices.SOURCE_WORDS, **voices.check_versions()}
    facts = {"architecture": "speech", "options": {}, "source": "speech", "about": "80 spoken words, synthesised"}
    network_training.export("speech", model, {"recipe": recipe, **record, **results}, facts=facts, leave_out=("head",))


if __name__ == "__main__":
    main()
