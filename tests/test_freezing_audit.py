"""What an audit says against what `fit` then does: audited, trained for a few epochs, compared."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.traces import trace
from tlkit.freezing import audit, blocks, freeze
from tlkit.freezing.rehearsal import left_as_it_was, train_on

L = keras.layers
RNG = np.random.default_rng(0)
X = RNG.normal(size=(90, 6)).astype("float32")
Y = RNG.integers(0, 3, 90)
IMAGES = RNG.integers(0, 256, (90, 8, 8, 3)).astype("float32")
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def dense(*layers, **compiled):
    """The layers and a head on six numbers, compiled."""
    model = keras.Sequential([keras.Input((6,)), *layers, L.Dense(3, name="head")])
    model.compile(**({"optimizer": "adam", "loss": LOSS} | compiled))
    return model


def dead(**options):
    """A layer that no gradient reaches, whatever it is multiplied with."""
    return L.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(-1e6), name="dead", **options)


def mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        image = keras.Input((8, 8, 3))
        maps = L.Conv2D(16, 3, activation="relu")(image)
        model = keras.Model(image, L.Dense(3, dtype="float32")(L.Flatten()(maps)))
        model.compile("adam", LOSS)
    finally:
        keras.config.set_dtype_policy("float32")
    return model, (IMAGES, Y)


def single_flags():
    model = dense(L.Dense(4, name="first"))
    model.layers[0].kernel.trainable = model.layers[1].bias.trainable = False
    return model, (X, Y)


def gathered(steps):
    return dense(L.Dense(4), optimizer=keras.optimizers.Adam(gradient_accumulation_steps=steps)), (X, Y)


def gathered_and_scaled():
    inner = keras.optimizers.Adam(gradient_accumulation_steps=3)
    return dense(L.Dense(4), optimizer=keras.optimizers.LossScaleOptimizer(inner, initial_scale=2.0**127)), (X, Y)


def two_of_each():
    one, two = keras.Input((6,), name="one"), keras.Input((2,), name="two")
    shared = L.Dense(4, name="shared")(one)
    aside = L.Dense(4, name="aside")(two)
    model = keras.Model({"one": one, "two": two}, {"a": L.Dense(3, name="a")(shared), "b": L.Dense(1, name="b")(aside)})
    model.compile("sgd", {"a": LOSS, "b": None})
    return model, ({"one": X, "two": X[:, :2]}, {"a": Y, "b": X[:, 0]})


def list_of_inputs():
    one, two = keras.Input((6,)), keras.Input((6,))
    model = keras.Model([one, two], [L.Dense(3)(L.Add()([one, two])), L.Dense(1)(two)])
    model.compile("sgd", [LOSS, "mse"], loss_weights=[1.0, 0.0])
    return model, ([X, X], [Y, X[:, :1]])


def weighted(first):
    """Only rows from `first` on count."""
    return dense(L.Dense(4)), (X, Y, (np.arange(90) >= first).astype("float32"))


def behind_a_zero():
    """The classifier's weights start at 0: what is before it learns from the second step on."""
    return dense(L.Dense(4), L.Dense(4, kernel_initializer="zeros"), L.Dense(4, kernel_initializer="zeros")), (X, Y)


def schedule_from_zero():
    rates = keras.optimizers.schedules.CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=5)
    return dense(L.Dense(4), optimizer=keras.optimizers.SGD(rates)), (X, Y)


def no_decay_for_the_first():
    optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.1)
    model = dense(L.Dense(4, activation="relu", bias_initializer=keras.initializers.Constant(-1e6), name="out_of_it"))
    optimizer.exclude_from_weight_decay(var_names=["out_of_it"])
    model.compile(optimizer, LOSS)
    return model, (X, Y)


class OnlyTheHead(keras.Model):
    """A `train_step` that leaves all but the last two weights alone."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x, y, self(x, training=True))
        weights = self.trainable_weights[-2:]
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self._loss_tracker.update_state(loss)
        return {"loss": self._loss_tracker.result()}


class OwnLoss(keras.Model):
    """A `compute_loss` that reaches a weight of the model itself, and none of its head."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.scale = self.add_weight(shape=(), initializer="ones", name="scale")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return keras.ops.mean(keras.ops.square(self.scale * self.get_layer("features").kernel))


def subclass(kind):
    inputs = keras.Input((6,))
    model = kind(inputs, L.Dense(3, name="head")(L.Dense(4, name="features")(inputs)))
    model.compile("adam", LOSS)
    return model, (X, Y)


class AddsLoss(L.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.centre = self.add_weight(shape=(6,), name="centre")

    def call(self, x):
        self.add_loss(keras.ops.mean((x - self.centre) ** 2))
        return x


class Counts(L.Layer):
    """State that moves at each call in training, and is no BatchNorm."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x, training=False):
        if training:
            self.calls.assign_add(1.0)
        return x


def batchnorm_that_rests():
    return dense(L.Dense(4), L.BatchNormalization(momentum=1.0)), (X, Y)


def batchnorm_in_a_wrapper(flag):
    model = keras.Sequential([keras.Input((2, 3)), L.TimeDistributed(L.BatchNormalization()), L.Flatten(), L.Dense(3)])
    model.layers[0].trainable = flag
    model.compile("sgd", LOSS)
    return model, (X.reshape(90, 2, 3), Y)


def recurrent():
    words = RNG.integers(0, 5, (90, 4))
    layers = [keras.Input((4,)), L.Embedding(9, 3), L.Bidirectional(L.LSTM(3)), L.Dropout(0.2), L.Dense(3)]
    model = keras.Sequential(layers)
    model.compile("adam", LOSS)
    return model, (words, Y)


def lora():
    model = dense(L.Dense(4, name="first"))
    model.layers[0].enable_lora(2)
    model.compile("adam", LOSS)
    return model, (X, Y)


def trained_then(change):
    def make():
        model = dense(L.Dense(4, name="first"), L.BatchNormalization(name="bn"))
        model.layers[0].trainable = False
        model.compile(keras.optimizers.SGD(0.1, momentum=0.9), LOSS)
        model.fit(X, Y, verbose=0)
        change(model)
        return model, (X, Y)

    return make


def thaw(model):
    model.trainable = False
    model.trainable = True


def built_then_frozen():
    """As after loading a compiled model: the optimizer is there, but nothing was traced, so flags are heard."""
    model = dense(L.Dense(4, name="first"))
    model.optimizer.build(model.trainable_variables)
    model.layers[0].trainable = False
    return model, (X, Y)


def eager_then_frozen():
    model = dense(L.Dense(4, name="first"), run_eagerly=True)
    model.fit(X, Y, verbose=0)
    model.layers[0].trainable = False
    return model, (X, Y)


def under_a_strategy():
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        return dense(L.Dense(4)), (X, Y)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return X[index * 30 : index * 30 + 30].astype("float64"), Y[index * 30 : index * 30 + 30]


def dataset(*parts, repeat=1):
    return tf.data.Dataset.from_tensor_slices(parts).batch(30).repeat(repeat)


SITUATIONS = {
    "mixed precision": mixed_precision,
    "flags of single weights": single_flags,
    "gathered gradients": lambda: gathered(4),
    "gathered over more batches than are read": lambda: gathered(9),
    "gathered and scaled": gathered_and_scaled,
    "a loss scale that starts too high": lambda: (
        dense(optimizer=keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), initial_scale=2.0**127)),
        (1000 * X, Y),
    ),
    "dicts, one output without a loss": two_of_each,
    "lists, one output that weighs nothing": list_of_inputs,
    "no row weighs anything": lambda: weighted(90),
    "only late rows weigh anything": lambda: weighted(70),
    "a dead layer": lambda: (dense(dead()), (X, Y)),
    "a dead layer with a penalty": lambda: (dense(dead(kernel_regularizer="l2")), (X, Y)),
    "a dead layer that decays": lambda: (dense(dead(), optimizer=keras.optimizers.AdamW(0.01)), (X, Y)),
    "a dead layer that is left out of the decay": no_decay_for_the_first,
    "a dead layer with a constraint": lambda: (dense(dead(kernel_constraint="non_neg")), (X, Y)),
    "an activity penalty": lambda: (dense(L.Dense(4, activity_regularizer="l2")), (X, Y)),
    "behind weights that are 0": behind_a_zero,
    "a rate of 0": lambda: (dense(L.Dense(4), optimizer=keras.optimizers.SGD(0.0)), (X, Y)),
    "a schedule from 0": schedule_from_zero,
    "a rate below rounding": lambda: (dense(L.Dense(4), optimizer=keras.optimizers.SGD(1e-30)), (X, Y)),
    "a moving average": lambda: (
        dense(L.Dense(4), optimizer=keras.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2)),
        (X, Y),
    ),
    "clipped to nothing": lambda: (dense(optimizer=keras.optimizers.SGD(0.1, clipvalue=0.0)), (X, Y)),
    "a train_step of one's own": lambda: subclass(OnlyTheHead),
    "a compute_loss of one's own": lambda: subclass(OwnLoss),
    "a layer that adds a loss": lambda: (dense(AddsLoss()), (X, Y)),
    "a layer that counts": lambda: (dense(Counts(), L.Dense(4)), (X, Y)),
    "batchnorm with a momentum of 1": batchnorm_that_rests,
    "batchnorm in a wrapper": lambda: batchnorm_in_a_wrapper(True),
    "frozen batchnorm in a wrapper": lambda: batchnorm_in_a_wrapper(False),
    "words": recurrent,
    "LoRA": lora,
    "one logit": lambda: (
        keras.Sequential([keras.Input((6,)), L.Dense(1)]),
        (X, (Y > 1).astype("float32")),
    ),
    "a second training": trained_then(lambda model: None),
    "thawed after training": trained_then(thaw),
    "frozen after training": trained_then(lambda model: setattr(model.layers[1], "trainable", False)),
    "a single weight frozen after training": trained_then(lambda m: setattr(m.layers[2].kernel, "trainable", False)),
    "built, then frozen": built_then_frozen,
    "eager, then frozen": eager_then_frozen,
    "a dataset": lambda: (dense(L.Dense(4)), dataset(X, Y)),
    "a dataset with weights": lambda: (dense(L.Dense(4)), dataset(X, Y, np.zeros(90, "float32"))),
    "a dataset of dicts": lambda: (two_of_each()[0], dataset(*two_of_each()[1])),
    "an endless dataset": lambda: (dense(L.Dense(4)), dataset(X, Y, repeat=-1)),
    "a PyDataset": lambda: (dense(L.Dense(4)), Batches()),
    "a list of batches": lambda: (dense(L.Dense(4)), [(X[i : i + 30], Y[i : i + 30]) for i in (0, 30, 60)]),
    "a strategy": under_a_strategy,
    "decimals in double precision": lambda: (dense(L.Dense(4)), (X.astype("float64"), Y)),
    "an unlikely rate": lambda: (dense(L.Dense(4), optimizer=keras.optimizers.SGD(1e20)), (X, Y)),
}


def fit(model, data):
    if not model.compiled:
        model.compile("sgd", "mse")
    steps = {"steps_per_epoch": 3} if isinstance(data, tf.data.Dataset) and data.cardinality() < 0 else {}
    if isinstance(data, tuple):
        inputs, labels, *weights = data
        model.fit(inputs, labels, sample_weight=weights[0] if weights else None, epochs=4, verbose=0)
    elif isinstance(data, list):
        for _ in range(4):
            for batch in data:
                model.train_on_batch(*batch)
    else:
        model.fit(data, epochs=4, verbose=0, **steps)


def weights_of(model):
    """In the order of an audit: by blocks, then what is in none."""
    owners = [layer for block in blocks(model) for layer in block.layers] + [model]
    return list({id(weight): weight for layer in owners for weight in layer.weights}.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", SITUATIONS)
def test_audit_says_what_fit_moves(name):
    keras.utils.set_random_seed(0)
    model, data = SITUATIONS[name]()
    report = audit(model, data)
    before = [np.array(weight) for weight in weights_of(model)]
    fit(model, data)
    moved = [not np.array_equal(old, weight) for old, weight in zip(before, weights_of(model), strict=True)]
    names = [weight.path for weight in weights_of(model)]
    assert [change.weight for change in report.changes] == [name.split("/")[-1] for name in names]
    assert dict(zip(names, [change.moved for change in report.changes], strict=True)) == dict(
        zip(names, moved, strict=True)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mixed precision", "Mixed precision skipped"),
        ("gathered gradients", "gathers 4 batches"),
        ("a dead layer", "may learn, but did not move in 8 updates: .*dead/kernel"),
        ("a rate of 0", "4 weights may learn, but did not move"),
        ("frozen after training", "compile"),
    ],
)
def test_what_a_learner_should_know_is_said(name, words):
    keras.utils.set_random_seed(0)
    report = audit(*SITUATIONS[name]())
    assert re.search(words, report.summary)
    assert report.summary in repr(report)


def test_one_step_is_enough_where_all_moves():
    keras.utils.set_random_seed(0)
    report = audit(dense(L.Dense(4)), (X, Y))
    assert (report.num_steps, report.notes) == (1, ())


@pytest.mark.slow
@pytest.mark.parametrize("name", SITUATIONS)
def test_audit_leaves_no_trace(name):
    keras.utils.set_random_seed(0)
    model, data = SITUATIONS[name]()
    if not model.compiled:
        model.compile("sgd", "mse")
    before = trace(model)
    audit(model, data)
    assert trace(model) == before


@pytest.mark.slow
def test_a_training_goes_on_as_if_there_had_been_no_audit():
    results = []
    for audited in (False, True):
        keras.utils.set_random_seed(0)
        model, data = mixed_precision()
        model.fit(*data, epochs=2, verbose=0)
        if audited:
            audit(model, data)
            freeze(model)
            audit(model, data, optimizer="adam", loss=LOSS)
            model.trainable = True
        model.fit(*data, epochs=2, verbose=0)
        results.append([v.numpy() for v in (*model.variables, *model.optimizer.variables)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def stopped_in_training(model, data):
    with left_as_it_was(model):
        train_on(model, data)
        model.head_of_mine = "new"
        raise RuntimeError("stop")


def test_an_error_inside_leaves_no_trace_either():
    model, data = subclass(OwnLoss)
    before = trace(model)
    with pytest.raises(RuntimeError, match="stop"):
        stopped_in_training(model, data)
    assert trace(model) == before
    assert not hasattr(model, "head_of_mine")


def test_what_fit_would_refuse_is_refused_with_the_next_step():
    model = dense(L.Dense(4, name="first"))
    model.layers[0].trainable = False
    model.optimizer.build(model.trainable_variables)
    model.layers[0].trainable = True
    with pytest.raises(ValueError, match="Unknown variable"):
        model.fit(X, Y, verbose=0)
    model.train_function = None
    with pytest.raises(ValueError, match=r"2 weights became trainable .*first/kernel.*\.compile\(\.\.\.\)` again"):
        audit(model, (X, Y))


@pytest.mark.slow
def test_statistics_without_a_learning_weight_are_not_guessed():
    model = dense(L.BatchNormalization(scale=False, center=False, name="bn"), L.Dense(4, name="first"))
    model.fit(X, Y, verbose=0)
    model.get_layer("first").trainable = False
    assert "It is not known whether the statistics of bn move" in audit(model, (X, Y)).summary


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (iter([(X, Y)]), "would use it up"),
        ((X, Y[:5]), r"same number of rows.*\[5, 90\]"),
        ((X[:0], Y[:0]), r"at least one.*\[0\]"),
        (tf.data.Dataset.from_tensor_slices((X, Y)).take(0), "It is empty"),
        (7, "Received: int"),
        ("photos", "Received: str"),
    ],
)
def test_data_that_are_none(data, message):
    with pytest.raises(ValueError, match=message):
        audit(dense(), data)


def test_uncompiled_models_with_several_outputs_get_a_loss_for_each():
    one = keras.Input((6,))
    model = keras.Model(one, [L.Dense(3)(one), L.Dense(1)(one)])
    assert audit(model, (X, [Y, X[:, :1]])).num_moved == 4
    with pytest.raises(ValueError, match="labels for each of 2 outputs"):
        audit(model, (X, Y))
