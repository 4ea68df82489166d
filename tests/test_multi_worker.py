"""Data parallelism over two workers: two processes on this machine that talk over the loopback interface.

Each runs the same program, as on two machines; only `TF_CONFIG` differs. Both must end with the weights of one process
that saw all images. The loop is our own, over Keras' `train_step`: `fit` of Keras 3.15 stops under this strategy, at
its first batch (https://github.com/keras-team/keras/issues/20585).
"""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import json, os, sys
from tlkit.quiet import quiet_import
quiet_import()
import tensorflow as tf
strategy = tf.distribute.MultiWorkerMirroredStrategy() if "TF_CONFIG" in os.environ else tf.distribute.get_strategy()
import keras, numpy as np

rng = np.random.default_rng(0)
images, labels = rng.normal(size=(24, 6)).astype("float32"), np.arange(24) % 3
batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
with strategy.scope():
    glorot = keras.initializers.GlorotUniform(seed=0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, kernel_initializer=glorot)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.5), loss, jit_compile=False)
    model.optimizer.build(model.trainable_variables)

@tf.function
def step(batch):
    strategy.run(model.train_step, args=(batch,))

for _ in range(2):
    for batch in strategy.experimental_distribute_dataset(batches):
        step(batch)
print(json.dumps([strategy.num_replicas_in_sync, [w.tolist() for w in model.get_weights()]]))
"""


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _start(config: dict | None) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CONFIG"}
    environment |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment |= {} if config is None else {"TF_CONFIG": json.dumps(config)}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _results(processes: list[subprocess.Popen]) -> list:
    try:
        said = [process.communicate(timeout=300) for process in processes]
    finally:
        for process in processes:
            process.kill()
    for process, (_, errors) in zip(processes, said, strict=True):
        assert process.returncode == 0, errors[-3000:]
    return [json.loads(output.splitlines()[-1]) for output, _ in said]


def test_two_workers_take_the_steps_of_one():
    workers = [f"127.0.0.1:{port}" for port in _free_ports(2)]
    configs = [{"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}} for index in (0, 1)]
    (first, second), (alone,) = _results([_start(config) for config in configs]), _results([_start(None)])
    assert (first[0], second[0], alone[0]) == (2, 2, 1)
    for one, other, whole in zip(first[1], second[1], alone[1], strict=True):
        assert one == other
        np.testing.assert_allclose(one, whole, atol=1e-5)
