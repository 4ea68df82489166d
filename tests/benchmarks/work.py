"""One piece of work done in one way, in a process of its own, so that what is cold is cold.

`python -m tests.benchmarks.work head_10 fast` prints `{"cpu": seconds, "wall": seconds, "peak": megabytes}`.
"""

import json
import resource
import shutil
import sys
import tempfile
import threading
import time
from os import environ

environ["TLKIT_CACHE"] = tempfile.mkdtemp(prefix="tlkit_bench_")

import keras
import numpy as np
import tensorflow as tf

from tlkit import speed
from tlkit.backbones import add_head, load_backbone
from tlkit.curves import CurveRecorder
from tlkit.freezing import blocks, freeze, unfreeze
from tlkit.speed import feature_store as store

NUM_CLASSES = 10
BLOCK = 500  # images of the stream that are made at once
BUDGETS = (10, 30, 100, 300, 1000)  # images in all


def images_of(num=1000, size=64):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (num, size, size, 3), dtype="uint8"), rng.integers(0, NUM_CLASSES, num).astype("int32")


def embedded():
    return load_backbone()


def large():
    return load_backbone("mobilenet_v2", weights="random", alpha=1.0, input_shape=(160, 160, 3))


def frozen(backbone, seed=0):
    model = add_head(backbone, NUM_CLASSES, seed=seed)
    freeze(model, upto=blocks(model)[-2].name)
    compile_it(model)
    return model


def compile_it(model):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"], jit_compile=False)


def train(way, model, data, epochs, callbacks=()):
    if way == "plain":
        model.fit(*data, epochs=epochs, batch_size=32, verbose=0, callbacks=list(callbacks))
    else:
        speed.fit(model, data, epochs=epochs, batch_size=32, callbacks=callbacks, verbose=0)


def head(way, clock, *, epochs, backbone=embedded, data=None):
    model, data = frozen(backbone()), data or images_of()
    if way == "naive":
        clock.start()
        naive_caching(model, data, epochs)
    elif way == "naive_warm":
        split = speed.split_frozen(model)
        compile_it(split.suffix)
        run_naively(split, data, 1)
        clock.start()
        run_naively(split, data, epochs)
    elif way == "limit":
        train("fast", model, data, 1)
        store._STORES.clear()
        compile_it(model)
        clock.start()
        train("fast", model, data, epochs)
    else:
        clock.start()
        train(way, model, data, epochs)
    clock.stop()


def kept(way, clock, *, epochs):
    """A head with a loss of one's own: what the second gear is for."""
    model, data = frozen(embedded()), images_of()
    model.compile(keras.optimizers.Adam(1e-3), own_loss, metrics=["accuracy"], jit_compile=False)
    clock.start()
    train(way, model, data, epochs)
    clock.stop()


def own_loss(y_true, y_pred):
    return keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)


def naive_caching(model, data, epochs):
    """`predict` with the frozen part, then `fit` of a head on its output: all by plain Keras."""
    split = speed.split_frozen(model)
    compile_it(split.suffix)
    run_naively(split, data, epochs)


def run_naively(split, data, epochs):
    found = split.prefix.predict(data[0], batch_size=32, verbose=0)
    split.suffix.fit(found, data[1], epochs=epochs, batch_size=32, verbose=0)


def move_line(way, clock):
    """Back to a cut that was tried before, until the first point of the curve is there."""
    model, data = add_head(embedded(), NUM_CLASSES), images_of()
    names = [block.name for block in blocks(model)]
    for name in (names[-4], names[-2], names[-4]):
        unfreeze(model)
        freeze(model, upto=name)
        clock.start()  # the last start counts
        compile_it(model)
        train(way, model, data, 1)
    clock.stop()


def tune(way, clock, *, backbone=embedded, data=None):
    """The last two blocks and the head, 5 epochs, tracing included."""
    model, data = add_head(backbone(), NUM_CLASSES), data or images_of()
    freeze(model, upto=blocks(model)[-4].name)
    compile_it(model)
    clock.start()
    train(way, model, data, 5)
    clock.stop()


def probes(way, clock):
    """5 seeds x 5 label budgets, 10 epochs each."""
    backbone, (images, labels) = embedded(), images_of()
    clock.start()
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(images))
        for budget in BUDGETS:
            rows = order[:budget]
            train(way, frozen(backbone, seed), (images[rows], labels[rows]), 10)
    clock.stop()


def together(way, clock, *, budgets=BUDGETS[1:]):
    """10 paired seeds x 4 label budgets, 10 epochs each; `"one"`: one seed by the way that is measured."""
    backbone, (images, labels) = embedded(), images_of()
    seeds = range(1 if way == "one" else 10)
    draws = [(seed, np.random.default_rng(seed).permutation(len(images))[:n]) for n in budgets for seed in seeds]
    if way == "plain":
        models = [frozen(backbone, seed) for seed, _ in draws]
        clock.start()
        for model, (_, rows) in zip(models, draws, strict=True):
            train(way, model, (images[rows], labels[rows]), 10)
    else:
        prefix = speed.split_frozen(frozen(backbone)).prefix
        heads = [head_on(prefix.output.shape[1:], seed) for seed, _ in draws]
        clock.start()
        features = speed.cache_features(prefix, images).features
        data = [(features[rows], labels[rows]) for _, rows in draws]
        speed.fit_together(heads, data, seeds=[seed for seed, _ in draws], epochs=10)
    clock.stop()


def head_on(shape, seed):
    start = keras.initializers.GlorotUniform(seed)
    model = keras.Sequential([keras.Input(shape), keras.layers.Dense(NUM_CLASSES, kernel_initializer=start)])
    compile_it(model)
    return model


def grow(way, clock, *, num):
    model, data = frozen(embedded()), images_of(num)
    before = peak_mb()
    clock.start()
    train(way, model, data, 10)
    clock.stop()
    clock.extra["over"] = peak_mb() - before


def stream(num):
    """Images of 32 pixels that are made when they are asked for, the same at every pass, and labels."""

    def make(numbers):
        pixels = tf.vectorized_map(
            lambda n: tf.random.stateless_uniform((32, 32, 3), (0, n), 0, 256, tf.int32), numbers
        )
        return tf.cast(pixels, tf.uint8), tf.cast(numbers % NUM_CLASSES, tf.int32)

    return tf.data.Dataset.range(num).batch(BLOCK, drop_remainder=True).map(make).prefetch(2)


def memory(way, clock, *, num):
    """Features of a stream of images, beyond the limit of memory, and an epoch of a head on them."""
    store.MEMORY_LIMIT = 64 * 2**20
    image = keras.Input((32, 32, 3))
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", trainable=False)(image)
    model = keras.Model(image, keras.layers.Dense(NUM_CLASSES)(keras.layers.GlobalAveragePooling2D()(x)))
    prefix, rest = keras.Model(image, x), keras.Model(x, model.output)
    compile_it(rest)
    before = anonymous_mb()
    with Watch() as watch:
        clock.start()
        kept = speed.cache_features(prefix, stream(num))
        rest.fit(kept.as_dataset(256, shuffle=True), verbose=0)
        clock.stop()
    clock.extra |= {"over": watch.peak - before, "features": kept.features.nbytes / 2**20}


def anonymous_mb():
    """Memory of this process that is not a file's: what the system cannot take back."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon"))


class Watch:
    """The highest `anonymous_mb` within a block, looked at 50 times a second."""

    def __enter__(self):
        self.peak, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self):
        while not self._over.wait(0.02):
            self.peak = max(self.peak, anonymous_mb())

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


def live(way, clock):
    """An epoch of fine-tuning that is warm, by plain Keras, with or without the recorder of the curves."""
    model, data = frozen(embedded()), images_of()
    callbacks = [CurveRecorder()] if way == "recorded" else []
    train("plain", model, data, 2, callbacks)
    clock.start()
    train("plain", model, data, 8, callbacks)
    clock.stop()


WORK = {
    "head_10": lambda way, clock: head(way, clock, epochs=10),
    "head_50": lambda way, clock: head(way, clock, epochs=50),
    "kept_10": lambda way, clock: kept(way, clock, epochs=10),
    "kept_50": lambda way, clock: kept(way, clock, epochs=50),
    "move_line": move_line,
    "tune": tune,
    "probes": probes,
    "together": together,
    "seeds": together,
    "large_head_10": lambda way, clock: head(way, clock, epochs=10, backbone=large, data=images_of(300, 160)),
    "large_head_50": lambda way, clock: head(way, clock, epochs=50, backbone=large, data=images_of(300, 160)),
    "large_tune": lambda way, clock: tune(way, clock, backbone=large, data=images_of(300, 160)),
    "grow_1000": lambda way, clock: grow(way, clock, num=1000),
    "grow_10000": lambda way, clock: grow(way, clock, num=10_000),
    "memory_10000": lambda way, clock: memory(way, clock, num=10_000),
    "memory_100000": lambda way, clock: memory(way, clock, num=100_000),
    "live": live,
}


class Clock:
    """CPU seconds of all threads of this process, and wall seconds."""

    def __init__(self):
        self.extra = {}

    def start(self):
        self._began = time.process_time(), time.perf_counter()

    def stop(self):
        self.cpu, self.wall = time.process_time() - self._began[0], time.perf_counter() - self._began[1]


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    clock = Clock()
    try:
        WORK[sys.argv[1]](sys.argv[2], clock)
    finally:
        shutil.rmtree(environ["TLKIT_CACHE"], ignore_errors=True)
    print(json.dumps({"cpu": clock.cpu, "wall": clock.wall, "peak": peak_mb(), **clock.extra}))
