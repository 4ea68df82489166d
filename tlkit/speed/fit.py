"""Training as `model.fit` does it, without running the frozen part twice."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402

from tlkit.speed.cache import show_progress  # noqa: E402
from tlkit.speed.plan import Plan, borrowed_plan, split_for  # noqa: E402
from tlkit.speed.sources import ArraySource, Source, source_for  # noqa: E402
from tlkit.speed.views import Views  # noqa: E402

__all__ = ["fit"]

TEST_BATCH = 256


class _StoppedInPass(Exception):
    """`model.stop_training` was set while images went through the frozen part."""


def fit(
    model: keras.Model,
    data: Any,
    labels: Any = None,
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
    that random augmentation changes are new each time, so they go through the frozen part, as they must; a few views
    of each that are drawn once, by `cache_views`, do not.

    Graphs stay warm: a learning part, a way of compiling and a kind of data like those of an earlier call cost no new
    trace, in this model or in another one. A callback sees the weights as they are at the end of an epoch.

    Args:
        model: Compiled by the learner, as for `model.fit`. Its variables and its optimizer learn.
        data: Images `(n, height, width, channels)`, with `labels`; or both in one: a `Split`, a pair, a batched
            `tf.data.Dataset` of pairs, or `Views` of augmented images.
        labels: `(n, ...)`, where `data` are images alone.
        validation_data: A `Split`, a pair, a `tf.data.Dataset` or `None`.
        batch_size: Images a step. A `tf.data.Dataset` has its own.
        epochs: Number of epochs.
        shuffle: Whether to draw a new order for each epoch: the order that `model.fit` would draw after the same
            `keras.utils.set_random_seed`, which is the same one in every epoch. A `tf.data.Dataset` has its own.
        callbacks: As for `model.fit`. Steps are run one by one where a callback listens to batches. While images go
            through the frozen part, `on_predict_batch_end` is called with `{"done": images, "total": images}`.
        verbose: As for `model.fit`; the pass through the frozen part has a bar of its own.

    Returns:
        What `model.fit` returns: a `History`.

    Raises:
        ValueError: If the model is not compiled, nothing in it learns, `trainable` was changed since it was last
            trained without compiling again, or the data are of no known kind.

    Example:

    >>> import numpy as np
    >>> image = keras.Input((4, 4, 3))
    >>> features = keras.layers.Conv2D(4, 3, trainable=False)(image)
    >>> model = keras.Model(image, keras.layers.Dense(2)(keras.layers.Flatten()(features)))
    >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> history = fit(model, (np.ones((8, 4, 4, 3), "float32"), np.zeros(8, int)), epochs=3)
    >>> len(history.history["loss"])
    3
    """
    _check_model(model)
    if isinstance(validation_data, Views):
        msg = "`validation_data` must be images as they are, not random views. Pass a `Split` or a pair."
        raise ValueError(msg)
    split = split_for(model)
    train = source_for(split.prefix, data if labels is None else (data, labels), batch_size, shuffle)
    test = None if validation_data is None else source_for(split.prefix, validation_data, TEST_BATCH, False)
    options = {"epochs": epochs, "steps": train.num_batches, "verbose": verbose}
    calls = keras.callbacks.CallbackList(
        list(callbacks), add_history=True, add_progbar=bool(verbose), model=model, **options
    )
    with borrowed_plan(split.suffix, model.get_compile_config()) as plan:
        _train(model, (split.suffix, plan), (train, test), (calls, epochs))
    return model.history


def _train(model: keras.Model, parts: tuple, sources: tuple, options: tuple) -> None:
    (suffix, plan), (calls, epochs) = parts, options
    model.stop_training = False
    calls.on_train_begin()
    plan.load(suffix, model.optimizer)
    logs: dict = {}
    try:
        _prepare(model, sources, calls)
        for epoch in range(epochs):
            logs = _epoch(model, parts, sources, (calls, epoch, epoch == epochs - 1))
            if model.stop_training:
                break
    except _StoppedInPass:
        plan.save(suffix, model.optimizer)
    except BaseException:
        # Stopped by hand, or by an error: what was learned so far is kept, as in `model.fit`.
        plan.save(suffix, model.optimizer)
        raise
    model.optimizer.finalize_variable_values(model.trainable_variables)
    calls.on_train_end(logs)


def _prepare(model: keras.Model, sources: tuple, calls: keras.callbacks.CallbackList) -> None:
    numbers = itertools.count()

    def progress(done: int, total: int) -> None:
        calls.on_predict_batch_end(next(numbers), {"done": done, "total": total})
        if model.stop_training:
            raise _StoppedInPass

    for source in filter(None, sources):
        bar = show_progress(calls.params["verbose"] if isinstance(source, ArraySource) else 0)
        source.prepare(lambda done, total, bar=bar: (bar(done, total), progress(done, total)))


def _epoch(model: keras.Model, parts: tuple, sources: tuple, state: tuple) -> dict[str, float]:
    (suffix, plan), (train, test), (calls, epoch, last) = parts, sources, state
    watched = any(map(_is_the_users, calls.callbacks))
    began = time.monotonic()
    calls.on_epoch_begin(epoch)
    # Only callbacks can change, or see, the state between two epochs.
    if watched:
        plan.load(suffix, model.optimizer)
    logs = _steps(model, plan, train, calls)
    if watched or last or model.stop_training:
        plan.save(suffix, model.optimizer)
    if test is not None:
        logs |= {f"val_{name}": value for name, value in _evaluate(plan, test, calls).items()}
    plan.epoch_seconds = time.monotonic() - began
    calls.on_epoch_end(epoch, logs)
    return logs


def _steps(model: keras.Model, plan: Plan, source: Source, calls: keras.callbacks.CallbackList) -> dict[str, float]:
    by_step = any(map(_listens_to_batches, calls.callbacks))
    plan.rest.reset_metrics()
    step = 0
    for x, y, size in source.chunks(by_step):
        calls.on_train_batch_begin(step)
        plan.train(x, y, size)
        step += -(-len(x) // size)
        calls.on_train_batch_end(step - 1, _results(plan) if by_step else None)
        if model.stop_training:
            break
    return _results(plan)


def _evaluate(plan: Plan, source: Source, calls: keras.callbacks.CallbackList) -> dict[str, float]:
    calls.on_test_begin()
    plan.rest.reset_metrics()
    for x, y, size in source.chunks(False):
        plan.test(x, y, size)
    logs = _results(plan)
    calls.on_test_end(logs)
    return logs


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
