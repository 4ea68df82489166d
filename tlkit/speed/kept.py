"""The second gear: Keras' own `fit` of the user's own model, fed with what the frozen part has computed before.

`model.fit` runs as it is: it draws the orders, calls the callbacks, evaluates, and keeps the history. Only the two
functions that it calls for each batch are ours (Keras makes them once and keeps them on the model): they look up what
the frozen part makes of the batch and hand it to Keras' own `train_step` or `test_step` of the learning part, which is
made of the user's own layers, optimizer, loss and metrics. What the batches hold in place of inputs are row numbers, or
the inputs themselves where they come in a stream; so a batch can always go through the whole model instead, and does
when a callback has changed what the frozen part computes.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.feature_store import FeatureStore, Progress, store_for
from tlkit.speed.frozen_split import FrozenSplit
from tlkit.speed.rows import as_rows, num_rows, take_rows

__all__ = ["Feed", "KeptSteps", "flags_of", "learning_part", "warn_of_unheard_change"]

# What `compile` sets: the learning part is given the very objects of the model.
COMPILED = (
    "optimizer",
    "loss",
    "_compile_loss",
    "_compile_metrics",
    "_loss_tracker",
    "_jit_compile",
    "_run_eagerly",
    "steps_per_execution",
    "compiled",
)


def learning_part(model: keras.Model, suffix: keras.Model) -> keras.Model:
    """The suffix of a cut, compiled with the optimizer, loss and metric objects of the whole model."""
    if suffix is not model:
        # Past `__setattr__`, which would make the objects parts of this model, too.
        suffix.__dict__.update({name: vars(model)[name] for name in COMPILED if name in vars(model)})
    return suffix


def flags_of(model: keras.Model) -> tuple[bool, ...]:
    """What learns: the flag of every layer and of every variable."""
    layers = [layer.trainable for layer in model._flatten_layers()]
    return (*layers, *(variable.trainable for variable in model.variables))


class Feed:
    """One data set of a training: what stands in for its inputs, and how to get from there to features.

    Attributes:
        name: The key under which the stand-in comes in a batch.
        data: To be given to `fit` in place of `x`.
    """

    def __init__(self, number: int, x: Any) -> None:
        self.name = f"tlkit_kept_{number}"
        self.rows = as_rows(x)
        self._table: np.ndarray | None = None
        self._store: FeatureStore | None = None
        if self.rows is not None:
            self.data: Any = {self.name: np.arange(num_rows(self.rows))}
        else:
            self.data = _marked(x, self.name)

    def prepare(self, prefix: keras.Model | None, progress: Progress) -> None:
        """Run the frozen part over all rows that it has not seen; a stream comes batch by batch."""
        if prefix is None:
            return
        self._store = store_for(prefix)
        if self.rows is not None:
            self._table = self._store.features(prefix, self.rows, progress=progress)

    def features(self, prefix: keras.Model, key: Any) -> np.ndarray:
        """What the frozen part makes of a batch."""
        if self._table is not None:
            return self._table[key]
        if self._store is None:
            self._store = store_for(prefix)
        return self._store.features(prefix, self.inputs(key), where="memory")

    def inputs(self, key: Any) -> Any:
        """The inputs of a batch as the whole model takes them."""
        return key if self.rows is None else take_rows(self.rows, key)


def _marked(x: Any, name: str) -> Any:
    """A stream whose inputs are `{name: inputs}`; `None` where `x` is not a stream that can be marked."""
    # Where the end of an epoch is found only by reaching it, Keras counts one step more than it makes: this is left to
    # Keras, and so is a stream that gives no batches at all.
    if isinstance(x, tf.data.Dataset) and x.cardinality() not in (tf.data.UNKNOWN_CARDINALITY, 0):
        return x.map(lambda *batch: _mark(batch if isinstance(x.element_spec, tuple) else batch[0], name))
    if isinstance(x, keras.utils.PyDataset) and not x.use_multiprocessing:
        return _MarkedPyDataset(x, name)
    return None


def _mark(batch: Any, name: str) -> Any:
    x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
    return keras.utils.pack_x_y_sample_weight({name: x}, y, weights)


class _MarkedPyDataset(keras.utils.PyDataset):
    def __init__(self, inner: keras.utils.PyDataset, name: str) -> None:
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self.inner, self.name = inner, name

    @property
    def num_batches(self) -> Any:
        return self.inner.num_batches

    def __getitem__(self, index: int):
        return _mark(self.inner[index], self.name)

    def on_epoch_begin(self) -> None:
        self.inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self.inner.on_epoch_end()


class KeptSteps:
    """The steps of a compiled model, as Keras keeps them from its first `fit` until it is compiled again.

    Attributes:
        split: The cut.
        flags: What learned when the steps were made: Keras takes no notice of a change before `compile`.
        why_whole: Why batches go through the whole model, if they do: what a callback changed.
    """

    def __init__(self, model: keras.Model, split: FrozenSplit) -> None:
        self.split, self.flags = split, flags_of(model)
        self.why_whole: str | None = None
        self._rest = learning_part(model, split.suffix)
        self._loss_tracker = model._loss_tracker
        self._functions: dict[tuple, Callable] = {}

    def is_of(self, model: keras.Model) -> bool:
        """Whether the model has not been compiled since."""
        return self._loss_tracker is model._loss_tracker

    def fit(
        self, model: keras.Model, arguments: dict[str, Any], feeds: list[Feed], is_watched: bool
    ) -> keras.callbacks.History:
        """Run `model.fit(**arguments)` with these steps.

        Args:
            model: The one that the steps belong to.
            arguments: For `model.fit`, with the data of the feeds in them.
            feeds: The feeds of training and of validation.
            is_watched: Whether a callback might change the frozen part, so that each batch must ask.
        """
        self._model, self._feeds = model, {feed.name: feed for feed in feeds}
        prefix = self.split.prefix
        self._frozen = [v.numpy() for v in prefix.variables] if is_watched and prefix is not None else None
        self.why_whole = None if prefix is not None else "there is nothing to keep"
        before = {name: vars(model)[name] for name in ("train_function", "test_function")}
        model.__dict__.update(train_function=self._train, test_function=self._test)
        model.__dict__.update(make_train_function=self._make_train, make_test_function=self._make_test)
        try:
            return model.fit(**arguments)
        finally:
            for name in ("make_train_function", "make_test_function"):
                model.__dict__.pop(name, None)
            ours = {"train_function": self._train, "test_function": self._test}
            model.__dict__.update({name: old for name, old in before.items() if vars(model)[name] == ours[name]})
            del self._model, self._feeds, self._frozen

    def _train(self, iterator: Iterator) -> Any:
        return self._run("train_step", iterator)

    def _test(self, iterator: Iterator) -> Any:
        return self._run("test_step", iterator)

    def _make_train(self, force: bool = False) -> None:
        self._make("train_function", self._train, force)

    def _make_test(self, force: bool = False) -> None:
        self._make("test_function", self._test, force)

    def _make(self, name: str, function: Callable, force: bool) -> None:
        """Called when a callback has compiled the model again: from then on, the whole model runs."""
        if force or vars(self._model)[name] is None:
            self.why_whole = "a callback compiled the model again"
            self._functions.clear()
            self._model.__dict__[name] = function

    def _run(self, name: str, iterator: Iterator) -> Any:
        logs = None
        for batch in itertools.islice(iterator, self._model.steps_per_execution):
            logs = self._step(name, keras.tree.map_structure(_without_optionals, batch))
        if logs is None:
            raise StopIteration
        return logs

    def _step(self, name: str, batch: Any) -> Any:
        feed = self._feed_of(batch)
        if feed is None:  # a callback evaluates, or trains on a batch, with data of its own
            return self._call(self._model, name, keras.tree.map_structure(_as_tensor, batch))
        self._look_for_changes()
        x, y, weights = keras.utils.unpack_x_y_sample_weight(batch)
        whole = self.why_whole is not None or not all(map(_is_numeric, keras.tree.flatten(x[feed.name])))
        inputs = self._inputs(feed, x[feed.name], whole)
        owner = self._model if whole else self._rest
        return self._call(owner, name, keras.utils.pack_x_y_sample_weight(inputs, y, weights))

    def _inputs(self, feed: Feed, key: Any, whole: bool) -> Any:
        if whole and feed.rows is None:
            return key
        key = keras.tree.map_structure(np.asarray, key)
        inputs = feed.inputs(key) if whole else feed.features(self.split.prefix, key)
        return keras.tree.map_structure(tf.constant, inputs)

    def _feed_of(self, batch: Any) -> Feed | None:
        x = keras.utils.unpack_x_y_sample_weight(batch)[0]
        return self._feeds.get(next(iter(x), "")) if isinstance(x, dict) and len(x) == 1 else None

    def _call(self, owner: keras.Model, name: str, batch: Any) -> Any:
        """One step, as a graph for all batches of a kind, whatever their size."""
        _build_optimizer(self._model)
        step = getattr(owner, name)
        if self._model.run_eagerly:
            return step(batch)
        specs = keras.tree.map_structure(_spec, batch)
        key = (owner is self._model, name, repr(specs))
        if key not in self._functions:
            function = tf.function(step, autograph=False, jit_compile=self._model.jit_compile)
            self._functions[key] = function.get_concrete_function(specs)
        return self._functions[key](batch)

    def _look_for_changes(self) -> None:
        if self.why_whole is None and self._frozen is not None and self.split.prefix is not None:
            now = [variable.numpy() for variable in self.split.prefix.variables]
            if not all(map(np.array_equal, self._frozen, now)):
                self.why_whole = "a callback changed weights of the frozen part"
        if not self._functions and flags_of(self._model) != self.flags:
            self.why_whole = "a callback changed what learns"


def _is_numeric(leaf: Any) -> bool:
    return isinstance(leaf, tf.Tensor) and (leaf.dtype.is_floating or leaf.dtype.is_integer or leaf.dtype.is_bool)


def _without_optionals(leaf: Any) -> Any:
    return None if isinstance(leaf, tf.experimental.Optional) else leaf


def _as_tensor(leaf: Any) -> Any:
    return None if leaf is None else tf.convert_to_tensor(leaf)


def _spec(tensor: Any) -> Any:
    if tensor is None:
        return None
    if isinstance(tensor, tf.Tensor) and tensor.shape.rank:
        return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)
    return tf.type_spec_from_value(tensor)


def _build_optimizer(model: keras.Model) -> None:
    """Make the optimizer's variables in the order of the model's, as its first step would."""
    if model.optimizer is not None and not model.optimizer.built and model.trainable_variables:
        model.optimizer.build(model.trainable_variables)


def warn_of_unheard_change(model: keras.Model) -> None:
    """Warn that `trainable` was changed since the steps were made: as in Keras, they go on unchanged."""
    warnings.warn(
        f"`trainable` was changed in {model.name!r} after it was last trained, and it has not been compiled since: "
        "Keras ignores the change, so what learned before keeps learning. Call `model.compile(...)` to make it count.",
        stacklevel=4,
    )
