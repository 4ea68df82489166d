"""Tensors, data sets and Keras models on their way through the pipe.

A data set stays where it is and is read element by element, so that its owner sees each read. A model of the checker is
rebuilt inside from its configuration and arrays; what a call changes in it (which layers learn, the numbers, how it is
compiled) comes back and is put into the original. A model that the learner built is rebuilt outside in the same way,
but only from classes of Keras that run no code of the configuration (see `strict`).
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.handing import call_on_copies
from tlkit.checks.held import held
from tlkit.grading.remote.exchange import Exchange, pair_of
from tlkit.grading.remote.strict import is_safe, require_safe
from tlkit.grading.remote.wire import Channel, ProtocolError

__all__ = ["KerasExchange"]

_MOST_AT_ONCE = 64
_MOST_ITERATORS, _MOST_REBUILT, _COST_OF_DATASET = 256, 1000, 5  # of one process in the sandbox
_DTYPES = {"bool", "float16", "float32", "float64", *(f"{u}int{bits}" for u in ("", "u") for bits in (8, 16, 32, 64))}
_MOST_DIMENSIONS = 8


class KerasExchange(Exchange):
    """An `Exchange` that also carries tensors, `tf.data` data sets, and Keras models, layers, losses and optimizers.

    Args:
        channel: To the other end.
        operations: What the other side may ask for besides using what was handed to it.
        is_inside: Whether this is the end in the sandbox. It rebuilds what it gets as it is, and what it rebuilt stands
            for the original: changes are reported. The end outside rebuilds only what is safe, as a copy.
    """

    def __init__(self, channel: Channel, operations: dict[str, Callable], *, is_inside: bool):
        self._is_inside = is_inside
        self._standing: dict[int, Any] = {}  # what stands here for a value of the other side, by its number there
        self._number_of: dict[int, int] = {}  # that number, by the id of what stands for it
        self._iterators: dict[int, Callable[[int], tuple[list, bool]]] = {}
        self._iterator_numbers = itertools.count(1)
        self._num_rebuilt = 0
        encoders = [
            (lambda value: id(value) in self._number_of, "yours", lambda value, _: self._number_of[id(value)]),
            (_is_tensor, "tensor", lambda value, pack: pack(np.asarray(value))),
            (lambda value: isinstance(value, tf.data.Dataset), "dataset", self._encode_dataset),
            (lambda value: _is_model(value) and self._may_leave(value), "model", self._encode_model),
            (lambda value: _is_keras_object(value) and self._may_leave(value), "keras", _encode_keras_object),
            (_is_keras_object, "opaque", lambda value, _: f"{type(value).__name__} of its own making"),
        ]
        decoders = {
            "tensor": lambda body, unpack: tf.constant(unpack(body)),
            "dataset": self._decode_dataset,
            "model": self._decode_model,
            "keras": lambda body, unpack: self._rebuild(unpack(body)),
        }
        reading = {"iterate": self._serve_iterate, "advance": self._serve_advance}
        super().__init__(channel, {**reading, **operations}, encoders, decoders)

    def _stand_for(self, number: int, value: Any) -> Any:
        self._standing[number], self._number_of[id(value)] = value, number
        return value

    # --- models

    def call(self, number: int, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
        """Call a function of the other side, and take over what it did to the models among its arguments."""
        value, changed = super().call(number, args, kwargs)
        if self._is_inside:
            return value, changed
        value, states = pair_of(value)
        for mine, state in states:
            _set_state(self.kept(mine), state, self._rebuild)
        return value, changed

    def _serve_call(self, number: int, args: tuple, kwargs: dict) -> tuple[Any, list[str]]:
        if not self._is_inside:
            return super()._serve_call(number, args, kwargs)
        models = [value for value in (*args, *kwargs.values()) if id(value) in self._number_of and _is_model(value)]
        before = [_state(model) for model in models]
        value, changed = call_on_copies(self.kept(number), args, kwargs)
        states = [(model, _changes(state, _state(model))) for model, state in zip(models, before, strict=True)]
        return (held(value), [(self._number_of[id(model)], changes) for model, changes in states if changes]), changed

    def _encode_model(self, model: keras.Model, pack: Callable) -> dict:
        was_sent = self.is_kept(model) and not self._is_inside  # what is rebuilt inside stands there until the end
        config = None if was_sent else _config(model)
        return pack({"number": self.keep(model), "config": config, "state": _state(model)})

    def _may_leave(self, value: Any) -> bool:
        """Whether the other side would rebuild it; what the checker hands in, it rebuilds without a look."""
        return not self._is_inside or is_safe(_config(value))

    def _decode_model(self, body: Any, unpack: Callable) -> keras.Model:
        found = unpack(body)
        if not isinstance(found, dict) or not {"number", "config", "state"} <= set(found):
            msg = "a model without configuration"
            raise ProtocolError(msg)
        model = self._standing.get(found["number"]) if self._is_inside else None
        if model is None:
            model = self._rebuild(found["config"])
        _set_state(model, found["state"], self._rebuild)
        return self._stand_for(found["number"], model) if self._is_inside else model

    def _rebuild(self, config: Any) -> Any:
        self._count_rebuilt()
        if not self._is_inside:
            require_safe(config)
        return keras.saving.deserialize_keras_object(config, safe_mode=not self._is_inside)

    def _count_rebuilt(self, cost: int = 1) -> None:
        """A small text can ask for many objects, and each takes its time."""
        self._num_rebuilt += cost
        if self._num_rebuilt > _MOST_REBUILT and not self._is_inside:
            msg = "more models, layers and data sets than are rebuilt"
            raise ProtocolError(msg)

    # --- data sets

    def _encode_dataset(self, dataset: tf.data.Dataset, pack: Callable) -> dict:
        spec = tf.nest.map_structure(_describe_spec, dataset.element_spec)
        return pack({"number": self.keep(dataset), "spec": spec, "cardinality": int(dataset.cardinality())})

    def _decode_dataset(self, body: Any, unpack: Callable) -> tf.data.Dataset:
        found = unpack(body)
        if not isinstance(found, dict) or type(found.get("number")) is not int:
            msg = "a data set without a number"
            raise ProtocolError(msg)
        number, spec = found["number"], tf.nest.map_structure(_spec_of, found.get("spec"))
        if number in self._standing:
            return self._standing[number]
        self._count_rebuilt(_COST_OF_DATASET)
        several = tf.nest.map_structure(lambda one: tf.TensorSpec([None, *one.shape], one.dtype), spec)
        dataset = tf.data.Dataset.from_generator(lambda: self._read(number, spec), output_signature=several).unbatch()
        dataset = _untuned(dataset)
        if type(found.get("cardinality")) is int and found["cardinality"] >= tf.data.INFINITE_CARDINALITY:
            dataset = dataset.apply(tf.data.experimental.assert_cardinality(found["cardinality"]))
        return self._stand_for(number, dataset)

    def _read(self, number: int, spec: Any) -> Iterator[Any]:
        """Read a data set of the other side: one element first, then more at once, never many too many."""
        iterator, count, is_done = self.peer.request("iterate", number=number), 1, False
        while not is_done:
            groups, is_done = pair_of(self.peer.request("advance", iterator=iterator, count=count))
            yield from (tf.nest.pack_sequence_as(spec, columns) for columns in groups)
            count = min(2 * count, _MOST_AT_ONCE)

    def _serve_iterate(self, number: int) -> int:
        dataset = self.kept(number)
        if not isinstance(dataset, tf.data.Dataset):
            msg = "something is read as a data set that is not one"
            raise ProtocolError(msg)
        iterator = next(self._iterator_numbers)
        is_even = all(spec.shape.is_fully_defined() for spec in tf.nest.flatten(dataset.element_spec))
        may_be_ahead = self._is_inside or getattr(dataset, "nobody_counts_reads", False)  # the checker may count them
        reader = _batch_reader if is_even and may_be_ahead else _element_reader
        self._iterators[iterator] = reader(dataset)
        if len(self._iterators) > _MOST_ITERATORS:  # many are left in the middle
            del self._iterators[min(self._iterators)]
        return iterator

    def _serve_advance(self, iterator: int, count: int) -> tuple:
        return self._iterators[iterator](count)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, tf.Tensor | tf.Variable | keras.Variable)


def _is_model(value: Any) -> bool:
    return isinstance(value, keras.Model)


def _is_keras_object(value: Any) -> bool:
    kinds = (keras.Layer, keras.optimizers.Optimizer, keras.losses.Loss, keras.metrics.Metric)
    return isinstance(value, (*kinds, keras.optimizers.schedules.LearningRateSchedule)) and not isinstance(value, type)


def _config(value: Any) -> Any:
    """Return the configuration of a Keras object; how a model is compiled stands in its state."""
    config: Any = keras.saving.serialize_keras_object(value)
    return {name: part for name, part in config.items() if name != "compile_config"}


def _encode_keras_object(value: Any, pack: Callable) -> Any:
    return pack(_config(value))


# --- the state of a model: what learns, its numbers, how it is compiled


def _state(model: keras.Model) -> dict:
    return {
        "layers": [bool(layer.trainable) for layer in _layers(model)],
        "variables": [bool(weight.trainable) for weight in model.weights],
        "weights": model.get_weights(),
        "compiled": _compilation(model),
    }


def _layers(layer: Any) -> list:
    """Return a model and its layers, outer ones first; a `Sequential` also keeps hidden ones, but only once built."""
    return [layer, *(inner for part in getattr(layer, "layers", []) for inner in _layers(part))]


def _compilation(model: keras.Model) -> dict | None:
    if not model.compiled:
        return None
    try:
        found = keras.saving.serialize_keras_object(model.optimizer)
        loss = model.loss
        loss = loss if loss is None or isinstance(loss, str) else keras.saving.serialize_keras_object(loss)
    except (TypeError, ValueError):
        return None
    return {"optimizer": found, "loss": loss}


def _changes(before: dict, after: dict) -> dict:
    """Return the parts of `after` that differ from `before`."""
    pairs = zip(before["weights"], after["weights"], strict=False)
    same_weights = len(before["weights"]) == len(after["weights"]) and all(np.array_equal(a, b) for a, b in pairs)
    names = [name for name in ("layers", "variables", "compiled") if before[name] != after[name]]
    return {name: after[name] for name in (*names, *([] if same_weights else ["weights"]))}


def _set_state(model: Any, state: Any, rebuild: Callable[[Any], Any]) -> None:
    if not _is_model(model) or not isinstance(state, dict):
        msg = "something as the state of a model that is not one"
        raise ProtocolError(msg)
    layers, variables = _layers(model), model.weights
    for layer, flag in _matched(layers, state.get("layers")):
        if layer.trainable != flag:
            layer.trainable = bool(flag)
    for variable, flag in _matched(variables, state.get("variables")):
        if variable.trainable != flag:
            variable.trainable = bool(flag)
    if state.get("weights") is not None:
        model.set_weights([np.asarray(array) for _, array in _matched(variables, state["weights"])])
    if state.get("compiled") is not None:
        _compile(model, state["compiled"], rebuild)


def _matched(own: list, received: Any) -> list[tuple[Any, Any]]:
    if received is None:
        return []
    if not isinstance(received, list) or len(received) != len(own):
        msg = "the state of a model of another shape"
        raise ProtocolError(msg)
    return list(zip(own, received, strict=True))


def _compile(model: keras.Model, compiled: Any, rebuild: Callable[[Any], Any]) -> None:
    loss = compiled.get("loss")
    loss = rebuild(loss) if isinstance(loss, dict) else loss
    model.compile(optimizer=rebuild(compiled.get("optimizer")), loss=loss)


# --- the elements of a data set


def _describe_spec(spec: Any) -> str:
    if not isinstance(spec, tf.TensorSpec) or spec.shape.rank is None:
        msg = f"Data sets of tensors of known rank can be used here. Received: {spec}."
        raise TypeError(msg)
    return f"{spec.dtype.name}:{','.join('?' if length is None else str(length) for length in spec.shape)}"


def _spec_of(text: Any) -> tf.TensorSpec:
    dtype, _, lengths = str(text).partition(":")
    shape = [None if length == "?" else int(length) for length in lengths.split(",") if length]
    if dtype not in _DTYPES or len(shape) > _MOST_DIMENSIONS:
        msg = "a data set of an unknown kind"
        raise ProtocolError(msg)
    return tf.TensorSpec(shape, dtype)


def _untuned(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Read without the thread that tunes a pipeline: with it, to free an old iterator may take up to a minute."""
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.with_options(options)


def _element_reader(dataset: tf.data.Dataset) -> Callable[[int], tuple[list, bool]]:
    """Return a function that reads a number of elements, no more, and says whether there are none left."""
    iterator = _untuned(dataset).as_numpy_iterator()

    def read(count: int) -> tuple[list, bool]:
        elements = list(itertools.islice(iterator, min(count, _MOST_AT_ONCE)))
        return _stacked([tf.nest.flatten(element) for element in elements]), len(elements) < count

    return read


def _batch_reader(dataset: tf.data.Dataset) -> Callable[[int], tuple[list, bool]]:
    """The same for elements of one shape, many at once however few are asked for: that takes a fraction of the time."""
    iterator = _untuned(dataset.batch(_MOST_AT_ONCE)).as_numpy_iterator()

    def read(_: int) -> tuple[list, bool]:
        batches = list(itertools.islice(iterator, 1))
        return [tf.nest.flatten(batch) for batch in batches], not batches

    return read


def _stacked(elements: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Put elements of equal shapes together: a few large arrays travel faster than many small ones."""
    shapes = {tuple(np.shape(leaf) for leaf in leaves) for leaves in elements}
    groups = [elements] if len(shapes) == 1 else [[leaves] for leaves in elements]
    return [[np.stack(column) for column in zip(*group, strict=True)] for group in groups]
