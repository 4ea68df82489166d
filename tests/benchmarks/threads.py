"""What threads within an operation cost and gain: `python -m tests.benchmarks.threads` prints seconds of one epoch.

One row for each network and setting, best of five, each setting in a process of its own. "Small" is the network of
the lessons on 256 images of 64 pixels, "large" is MobileNetV2 on 64 images of 160 pixels; both train whole.
"""

import os
import subprocess
import sys
import time

SETTINGS = {
    "TensorFlow's own": {},
    "one within an operation": {"TF_NUM_INTRAOP_THREADS": "1"},
    "one in all": {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"},
}


def small():
    from tlkit.backbones import add_head, load_backbone

    return add_head(load_backbone(weights=None), 10), (256, 64, 64, 3)


def large():
    import keras

    return keras.applications.MobileNetV2(weights=None, input_shape=(160, 160, 3), classes=10), (64, 160, 160, 3)


def measure(name):
    """Print the wall and the CPU seconds of an epoch of the network `name`."""
    import tlkit.quiet_start

    import keras
    import numpy as np

    model, shape = {"small": small, "large": large}[name]()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=name == "small")
    model.compile("adam", loss)
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, shape).astype("float32"), rng.integers(0, 10, shape[0])
    model.fit(images, labels, verbose=0)
    found = []
    for _ in range(5):
        wall, cpu = time.perf_counter(), time.process_time()
        model.fit(images, labels, verbose=0)
        found.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(found)
    print(f"{wall:10.2f}{cpu:8.2f}", flush=True)


def main():
    print(f"{'network':<10}{'threads':<26}{'wall s':>10}{'CPU s':>8}")
    for name in ("small", "large"):
        for what, setting in SETTINGS.items():
            print(f"{name:<10}{what:<26}", end="", flush=True)
            subprocess.run([sys.executable, "-m", __spec__.name, name], env=os.environ | setting, check=True)


if __name__ == "__main__":
    measure(sys.argv[1]) if len(sys.argv) > 1 else main()
