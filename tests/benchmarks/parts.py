"""Where the time of the benchmark's first row goes: `python -m tests.benchmarks.parts` prints CPU and wall seconds.

Each part is called alone and cold, in the order in which `speed.fit` comes to it; the whole is measured in a process
of its own. The first batch holds TensorFlow's own optimisation of the graph and the warming of its kernels.
"""

import time

import tensorflow as tf

from tests.benchmarks.__main__ import measure
from tests.benchmarks.work import embedded, frozen, images_of
from tlkit import speed
from tlkit.speed import feature_store as features
from tlkit.speed import forward
from tlkit.speed import shared_graphs as plan

BATCH = 128


def timed(what, action):
    """Print what an action takes; return what it returns."""
    cpu, wall = time.process_time(), time.perf_counter()
    found = action()
    print(f"{what:<44}{time.process_time() - cpu:8.3f}{time.perf_counter() - wall:8.3f}", flush=True)
    return found


def main():
    print(f"{'part':<44}{'CPU s':>8}{'wall s':>8}")
    model, (images, labels) = frozen(embedded()), images_of()
    split = timed("cut the model", lambda: plan.split_for(model))
    store = timed("fingerprint of the frozen part", lambda: features.store_for(split.prefix))
    timed("fingerprints of the images", lambda: features.row_ids(images))
    graph = timed("trace the frozen part", lambda: forward.forward_for(split.prefix, tf.uint8))
    weights = forward.read_weights(split.prefix)
    first = tf.constant(images[:BATCH])
    timed(f"first batch, {BATCH} images", lambda: graph(first, weights))
    timed("the images, warm", lambda: store.features(split.prefix, images))
    data = (images, labels)
    timed("first epoch of the head, traced", lambda: speed.fit(model, data))
    timed("another epoch of the head", lambda: speed.fit(model, data))
    timed("ten epochs of the head", lambda: speed.fit(model, data, epochs=10))
    whole, limit = measure("head_10", "fast"), measure("head_10", "limit")
    for what, found in (("the whole, cold", whole), ("the same, warm", limit)):
        print(f"{what:<44}{found['cpu']:8.3f}{found['wall']:8.3f}")


if __name__ == "__main__":
    main()
