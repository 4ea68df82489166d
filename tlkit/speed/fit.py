"""Training as `model.fit` does it, without running the frozen part twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter  # noqa: E402

from tlkit.speed.cache import as_arrays  # noqa: E402
from tlkit.speed.features import store_for  # noqa: E402
from tlkit.speed.plan import Plan, plan_for, split_for  # noqa: E402

__all__ = ["fit"]

CHUNK_BYTES = 64 * 2**20  # of features that one call of a graph takes
TEST_BATCH = 256


def fit(
    model: keras.Model,
    data: Any,
    *,
    validation_data: Any = None,
    batch_size: int = 32,
    epochs: int = 1,
    shuffle: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    verbose: int = 0,
) -> keras.callbacks.History:
    """Train a compiled model as `model.fit` does, and reach the same weights, without running the frozen part twice.

    The model is cut at its freeze line. What the frozen part makes of an image is computed when the image is first
    seen, and found by the image's content ever after: in the next epoch, at the next seed, in a smaller budget. Images
    that random augmentation changes are new each time, so they go through the frozen part, as they must.

    Graphs stay warm: a learning part, a way of compiling and a kind of data like those of an earlier call cost no new
    trace, in this model or in another one. A callback sees the weights as they are at the end of an epoch.

    Args:
        model: Compiled by the learner, as for `model.fit`. Its variables and its optimizer learn.
        data: A `Split`, a pair of images `(n, height, width, channels)` and labels `(n, ...)`, or a batched
            `tf.data.Dataset` of such pairs.
        validation_data: The same kinds, or `None`.
        batch_size: Images a step. A `tf.data.Dataset` has its own.
        epochs: Number of epochs.
        shuffle: Whether to draw a new order for each epoch: the order that `model.fit` would draw after the same
            `keras.utils.set_random_seed`, which is the same one in every epoch. A `tf.data.Dataset` has its own.
        callbacks: As for `model.fit`. Steps are run one by one where a callback listens to batches.
        verbose: As for `model.fit`.

    Returns:
        What `model.fit` returns: a `History`.

    Raises:
        ValueError: If the model is not compiled, nothing in it learns, `trainable` was changed since it was last
            trained without compiling again, or the data are of no known kind.

    Example:

    >>> image = keras.Input((4, 4, 3))
    >>> features = keras.layers.Conv2D(4, 3, trainable=False)(image)
    >>> model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(features)))
    >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> history = fit(model, (np.ones((8, 4, 4, 3), "float32"), np.zeros(8, int)), epochs=3)
    >>> len(history.history["loss"])
    3
    """
    _check_model(model)
    split = split_for(model)
    plan = plan_for(split.suffix, model.get_compile_config())
    train = _source(split.prefix, data, batch_size, shuffle)
    test = None if validation_data is None else _source(split.prefix, validation_data, TEST_BATCH, False)
    options = {"epochs": epochs, "steps": train.num_batches, "verbose": verbose}
    calls = keras.callbacks.CallbackList(
        list(callbacks), add_history=True, add_progbar=bool(verbose), model=model, **options
    )
    model.stop_training = False
    calls.on_train_begin()
    logs: dict = {}
    plan.load(split.suffix, model.optimizer)
    try:
        for epoch in range(epochs):
            logs = _epoch(model, (split.suffix, plan), (train, test), (calls, epoch, epoch == epochs - 1))
            if model.stop_training:
                break
    except BaseException:
        # Stopped by hand, or by an error: what was learned so far is kept, as in `model.fit`.
        plan.save(split.suffix, model.optimizer)
        raise
    model.optimizer.finalize_variable_values(model.trainable_variables)
    calls.on_train_end(logs)
    return model.history


def _epoch(model: keras.Model, parts: tuple, sources: tuple, state: tuple) -> dict[str, float]:
    (suffix, plan), (train, test), (calls, epoch, last) = parts, sources, state
    by_step = any(map(_listens_to_batches, calls.callbacks))
    watched = any(map(_is_the_users, calls.callbacks))
    calls.on_epoch_begin(epoch)
    # Only callbacks can change, or see, the state between two epochs.
    if watched:
        plan.load(suffix, model.optimizer)
    plan.rest.reset_metrics()
    step = 0
    for x, y, size in train.chunks(by_step):
        calls.on_train_batch_begin(step)
        plan.train(x, y, size)
        step += -(-len(x) // size)
        calls.on_train_batch_end(step - 1, _results(plan) if by_step else None)
    logs = _results(plan)
    if watched or last:
        plan.save(suffix, model.optimizer)
    if test is not None:
        logs |= {f"val_{name}": value for name, value in _evaluate(plan, test).items()}
    calls.on_epoch_end(epoch, logs)
    return logs


def _evaluate(plan: Plan, test) -> dict[str, float]:
    plan.rest.reset_metrics()
    for x, y, size in test.chunks(False):
        plan.test(x, y, size)
    return _results(plan)


def _results(plan: Plan) -> dict[str, float]:
    return {name: float(value) for name, value in plan.rest.get_metrics_result().items()}


def _is_the_users(callback: keras.callbacks.Callback) -> bool:
    return not isinstance(callback, (keras.callbacks.ProgbarLogger, keras.callbacks.History))


def _listens_to_batches(callback: keras.callbacks.Callback) -> bool:
    if not _is_the_users(callback):
        return False
    base = keras.callbacks.Callback
    names = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), name) is not getattr(base, name) for name in names)


class _Arrays:
    """Features of images in memory; each epoch takes them in another order."""

    def __init__(self, prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> None:
        images, labels = as_arrays(data)
        if labels is None:
            msg = "`data` must have labels. Pass a pair `(images, labels)` or a `Split`."
            raise ValueError(msg)
        self.labels = labels
        self.features = images if prefix is None else store_for(prefix).features(prefix, images)
        self.batch_size, self.num_batches = batch_size, -(-len(images) // batch_size)
        self._orders = _keras_orders(len(images)) if shuffle else itertools.repeat(None)

    def chunks(self, by_step: bool) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        order = next(self._orders)
        image_bytes = max(self.features[0].nbytes, 1)
        size = self.batch_size if by_step else max(CHUNK_BYTES // image_bytes // self.batch_size, 1) * self.batch_size
        for start in range(0, len(self.features), size):
            rows = slice(start, start + size) if order is None else order[start : start + size]
            yield np.asarray(self.features[rows]), self.labels[rows], self.batch_size


def _keras_orders(num_images: int) -> Iterator[np.ndarray]:
    """The order of each epoch, as `model.fit` draws it for arrays.

    Keras makes a new iterator for each epoch. Where a global seed is set, each of them draws the same order.
    """
    dataset = ArrayDataAdapter(np.arange(num_images), batch_size=num_images, shuffle=True).get_tf_dataset()
    first, second = (next(dataset.as_numpy_iterator()) for _ in range(2))
    if np.array_equal(first, second):
        return itertools.repeat(first)
    # One iterator for all epochs: to make one costs as much as to train a head for an epoch.
    return dataset.repeat().as_numpy_iterator()


class _Stream:
    """A `tf.data.Dataset`, whose images are looked up by their content at every pass."""

    def __init__(self, prefix: keras.Model | None, dataset: tf.data.Dataset) -> None:
        self.prefix, self.dataset = prefix, dataset
        count = int(dataset.cardinality())
        self.num_batches = count if count >= 0 else None

    def chunks(self, by_step: bool) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        chunk: list[tuple[np.ndarray, np.ndarray]] = []
        for batch in self.dataset.as_numpy_iterator():
            if not isinstance(batch, tuple) or len(batch) != 2:
                msg = "`data` must give pairs of images and labels. With sample weights use `model.fit`."
                raise ValueError(msg)
            chunk.append((self._features(batch[0]), batch[1]))
            full = sum(x.nbytes for x, _ in chunk) >= CHUNK_BYTES
            # Only the last batch of a chunk may be smaller.
            if by_step or full or len(batch[0]) < len(chunk[0][0]):
                yield _joined(chunk)
                chunk = []
        if chunk:
            yield _joined(chunk)
        if self.num_batches:
            # Keras makes an iterator more after each epoch, which it does not use: a shuffled data set draws for it.
            iter(self.dataset)

    def _features(self, images: np.ndarray) -> np.ndarray:
        if self.prefix is None:
            return images
        return store_for(self.prefix).features(self.prefix, images, where="memory")


def _joined(chunk: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, int]:
    return np.concatenate([x for x, _ in chunk]), np.concatenate([y for _, y in chunk]), len(chunk[0][0])


def _source(prefix: keras.Model | None, data: Any, batch_size: int, shuffle: bool) -> _Arrays | _Stream:
    if isinstance(data, tf.data.Dataset):
        return _Stream(prefix, data)
    return _Arrays(prefix, data, batch_size, shuffle)


def _check_model(model: keras.Model) -> None:
    if not getattr(model, "compiled", False):
        msg = f"`model` must be compiled. Call `{model.name}.compile(...)` first."
        raise ValueError(msg)
    if type(model).train_step is not keras.Model.train_step:
        msg = f"`model` has a `train_step` of its own ({type(model).__name__}). Use `model.fit`."
        raise ValueError(msg)
    if not model.trainable_variables:
        msg = "Nothing in `model` learns: all layers are frozen. Unfreeze the head, compile again."
        raise ValueError(msg)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    known = {id(variable) for variable in model.optimizer._trainable_variables}
    if known != {id(variable) for variable in model.trainable_variables}:
        msg = (
            "`trainable` was changed since `model` was last trained. Call `model.compile(...)` again: Keras ignores it."
        )
        raise ValueError(msg)
