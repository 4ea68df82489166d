"""What `tlkit study` compares, written in plain Keras as its guides have it, to see what that costs.

    python -m tests.benchmarks.plain_study FOLDER            one seed of five, multiplied by five
    python -m tests.benchmarks.plain_study FOLDER --seeds 5  all of them

The same contestants learn from the same shares of the photos, at the same depths, rates and lengths, in the same
batches. Each try is a model of its own that is built, compiled and fitted, without XLA, which costs more here. A frozen
network's features are predicted once for a seed, as a careful user would. What the kit does besides is not in it: the
search for damaged photos and for copies, the learning curve, the final model, its export and self test, the report.
"""

import argparse
import json
import math
import time

import keras
import numpy as np
from sklearn.metrics import balanced_accuracy_score

from tlkit.backbones import load_backbone

BATCH, SIZE, STEPS, SEEDS = 32, 64, 120, 5
HEAD_RATES = (3e-3, 1e-3, 3e-4)
FINE_TUNING = ((0.5, 3e-4), (1.0, 1e-4), (1.0, 3e-4))
FROM_SCRATCH = ((1.0, 3e-4), (1.0, 1e-3), (1.0, 3e-3))


def read(folder):
    """Return all photos and their labels."""
    batches = keras.utils.image_dataset_from_directory(folder, image_size=(SIZE, SIZE), verbose=False, shuffle=False)
    images, labels = zip(*batches.as_numpy_iterator(), strict=True)
    return np.concatenate(images).astype("uint8"), np.concatenate(labels)


def split(num, seed):
    """Return the rows to learn from, to choose on and to report on, of the four fifths that are not for the test."""
    rows = np.random.default_rng(seed).permutation(num)[: round(0.8 * num)]
    ends = round(0.64 * len(rows)), round(0.8 * len(rows))
    return np.split(rows, ends)


def compiled(model, rate):
    """Return the model, ready to learn."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    return model


def with_head(backbone, num_classes):
    """Return a classifier on a backbone."""
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    return keras.Model(backbone.input, keras.layers.Dense(num_classes)(pooled))


def heads(weights, images, labels, parts, epochs, num_classes):
    """Train a head on the features of a frozen network at each rate; return the score of the best."""
    features = load_backbone(weights=weights).predict(images, verbose=0).mean(axis=(1, 2))
    tries = []
    for rate in HEAD_RATES:
        head = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(num_classes)])
        tries.append((compiled(head, rate), features))
    return best_of(tries, labels, parts, epochs)


def networks(settings, weights, images, labels, parts, epochs, num_classes):
    """Train a network whole or in part at each setting; return the score of the best."""
    tries = []
    for share, rate in settings:
        backbone = load_backbone(weights=weights, seed=0 if weights is None else None)
        for layer in backbone.layers[: round((1 - share) * len(backbone.layers))]:
            layer.trainable = False
        tries.append((compiled(with_head(backbone, num_classes), rate), images))
    return best_of(tries, labels, parts, epochs)


def best_of(tries, labels, parts, epochs):
    """Fit each model; return, of the best one on the rows for choosing, the score on those to report on."""
    train, tune, report = parts
    scores = []
    for model, inputs in tries:
        model.fit(inputs[train], labels[train], batch_size=BATCH, epochs=epochs, verbose=0)
        named = [model.predict(inputs[rows], verbose=0).argmax(axis=1) for rows in (tune, report)]
        scores.append(
            [balanced_accuracy_score(labels[rows], each) for rows, each in zip(parts[1:], named, strict=True)]
        )
    return max(scores)[1]


def main():
    """Print the CPU seconds of each contestant, and of all for five seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    began = time.process_time()
    images, labels = read(options.folder)
    num_classes, seconds = int(labels.max()) + 1, {"reading": time.process_time() - began}
    for seed in range(options.seeds):
        keras.utils.set_random_seed(seed)
        parts = split(len(labels), seed)
        epochs = int(np.clip(math.ceil(STEPS / math.ceil(len(parts[0]) / BATCH)), 6, 30))
        common = images, labels, parts, epochs, num_classes
        for name, run in {
            "random": lambda common=common: heads("random", *common),
            "probe": lambda common=common: heads("photos", *common),
            "fine-tuned": lambda common=common: networks(FINE_TUNING, "photos", *common),
            "scratch": lambda common=common: networks(FROM_SCRATCH, None, *common),
        }.items():
            began = time.process_time()
            score = run()
            seconds[name] = seconds.get(name, 0) + time.process_time() - began
            print(f"seed {seed}, {name}: {score:.1%}, {time.process_time() - began:.1f} CPU s", flush=True)
    each = sum(spent for name, spent in seconds.items() if name != "reading") / options.seeds
    print(json.dumps({"cpu_seconds_by_part": seconds, "for_five_seeds": seconds["reading"] + SEEDS * each}))


if __name__ == "__main__":
    main()
