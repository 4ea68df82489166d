"""What `tlkit study` compares, written in plain Keras as its guides have it, to see what that costs.

    python -m tests.benchmarks.plain_study FOLDER            two seeds of five; the second stands for the last four
    python -m tests.benchmarks.plain_study FOLDER --seeds 5  all of them

The same contestants learn from the same shares of the photos, at the same depths, rates and lengths, in the same
batches, and choose their setting with the first seed, as there. Each try is a model of its own that is built, compiled
and fitted, without XLA, which costs more here. A frozen network's features are predicted once for a seed, as a careful
user would. What the kit does besides is not in it: the search for damaged photos and for copies, the learning curve,
the final model, its export and self test, the report.
"""

import argparse
import functools
import json
import math
import time

import keras
import numpy as np
from sklearn.metrics import balanced_accuracy_score

from tlkit.backbones import load_backbone

BATCH, SIZE, STEPS, SEEDS = 32, 64, 100, 5
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
    rows = np.random.default_rng(0).permutation(num)[: round(0.8 * num)]
    tune, rest = np.split(rows, [round(0.16 * len(rows))])
    train, report = np.split(np.random.default_rng(seed).permutation(rest), [round(0.64 * len(rows))])
    return train, tune, report


def compiled(model, rate):
    """Return the model, ready to learn."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    return model


def with_head(backbone, num_classes):
    """Return a classifier on a backbone."""
    pooled = keras.layers.GlobalAveragePooling2D()(backbone.output)
    return keras.Model(backbone.input, keras.layers.Dense(num_classes)(pooled))


def heads(weights, best, images, labels, parts, epochs, num_classes):
    """Train a head on the features of a frozen network at each rate, or the best; return it and its score."""
    features = load_backbone(weights=weights).predict(images, verbose=0).mean(axis=(1, 2))
    tries = []
    for rate in HEAD_RATES if best is None else [HEAD_RATES[best]]:
        head = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(num_classes)])
        tries.append((compiled(head, rate), features))
    return best_of(tries, labels, parts, epochs, best)


def networks(settings, weights, best, images, labels, parts, epochs, num_classes):
    """Train a network whole or in part at each setting, or the best; return it and its score."""
    tries = []
    for share, rate in settings if best is None else [settings[best]]:
        backbone = load_backbone(weights=weights, seed=0 if weights is None else None)
        for layer in backbone.layers[: round((1 - share) * len(backbone.layers))]:
            layer.trainable = False
        tries.append((compiled(with_head(backbone, num_classes), rate), images))
    return best_of(tries, labels, parts, epochs, best)


def best_of(tries, labels, parts, epochs, best):
    """Fit each model; return the best one on the rows for choosing, and its score on those to report on."""
    train, tune, report = parts
    scores = []
    for model, inputs in tries:
        model.fit(inputs[train], labels[train], batch_size=BATCH, epochs=epochs, verbose=0)
        named = [model.predict(inputs[rows], verbose=0).argmax(axis=1) for rows in (tune, report)]
        scores.append(
            [balanced_accuracy_score(labels[rows], each) for rows, each in zip(parts[1:], named, strict=True)]
        )
    place = max(range(len(scores)), key=lambda each: scores[each][0])
    return place if best is None else best, scores[place][1]


def main():
    """Print the CPU seconds of each contestant, and of all for five seeds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--seeds", type=int, default=2, help="at least 2 (default: 2)")
    options = parser.parse_args()
    began = time.process_time()
    images, labels = read(options.folder)
    num_classes, reading, best = int(labels.max()) + 1, time.process_time() - began, {}
    seconds = [0.0] * options.seeds
    for seed in range(options.seeds):
        keras.utils.set_random_seed(seed)
        parts = split(len(labels), seed)
        epochs = int(np.clip(math.ceil(STEPS / math.ceil(len(parts[0]) / BATCH)), 6, 30))
        common = images, labels, parts, epochs, num_classes
        for name, run in {
            "random": functools.partial(heads, "random"),
            "probe": functools.partial(heads, "photos"),
            "fine-tuned": functools.partial(networks, FINE_TUNING, "photos"),
            "scratch": functools.partial(networks, FROM_SCRATCH, None),
        }.items():
            began = time.process_time()
            best[name], score = run(best.get(name), *common)
            seconds[seed] += time.process_time() - began
            print(f"seed {seed}, {name}: {score:.1%}, {time.process_time() - began:.1f} CPU s", flush=True)
    five = reading + seconds[0] + (SEEDS - 1) * float(np.mean(seconds[1:]))
    print(json.dumps({"reading": reading, "cpu_seconds_by_seed": seconds, "for_five_seeds": five}))


if __name__ == "__main__":
    main()
