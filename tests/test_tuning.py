"""The rate finder leaves no trace, each depth gets its own rate, and features are compared up to what means nothing."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.traces import trace
from tlkit.freezing import blocks
from tlkit.tuning import (
    LayerwiseAdam,
    RateSearch,
    block_factors,
    find_learning_rate,
    linear_cka,
    make_layerwise_adam,
)

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (40, 8, 8, 3)).astype("uint8")
LABELS = RNG.integers(0, 3, 40)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def make_model(optimizer="adam"):
    """A convolution, BatchNorm, dropout and a head, compiled."""
    x = inputs = keras.Input((8, 8, 3))
    x = keras.layers.Rescaling(1 / 255)(x)
    x = keras.layers.Conv2D(4, 3, name="conv")(x)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.Dropout(0.3, seed=1)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, keras.layers.Dense(3, name="head")(x))
    model.compile(optimizer, LOSS, metrics=["accuracy"])
    return model


def _state(model):
    return [variable.numpy().tobytes() for variable in [*model.variables, *model.optimizer.variables]]


@pytest.mark.slow
@pytest.mark.parametrize("trained", [False, True])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_search_leaves_the_model_as_it_was(optimizer, trained):
    keras.utils.set_random_seed(0)
    model = make_model(optimizer)
    if trained:
        model.fit(IMAGES, LABELS, epochs=1, verbose=0)
    before = _state(model)
    search = find_learning_rate(model, (IMAGES, LABELS), low=1e-4, high=10.0, num_steps=20, batch_size=16)
    assert _state(model) == before
    assert len(set(search.losses)) > 3  # it did train


@pytest.mark.slow
def test_search_goes_up_geometrically_and_suggests_less_than_the_edge():
    keras.utils.set_random_seed(0)
    search = find_learning_rate(make_model(), (IMAGES, LABELS), low=1e-5, high=10.0, num_steps=25)
    np.testing.assert_allclose(np.diff(np.log(search.rates)), np.log(search.rates[1] / search.rates[0]))
    assert len(search.rates) == len(search.losses) == len(search.smoothed) <= 25
    assert search.edge in search.rates
    assert search.suggestion == search.edge / 10


@pytest.mark.slow
def test_search_ends_after_a_divergence():
    keras.utils.set_random_seed(0)
    search = find_learning_rate(make_model("sgd"), (IMAGES, LABELS), low=1e-3, high=1e9, num_steps=60)
    assert len(search.rates) < 60
    assert search.edge < search.rates[-1]


@pytest.mark.parametrize(
    ("smoothed", "edge"),
    [
        ([3.0, 2.0, 1.0, 1.1, 5.0], 1e-2),  # falls, then breaks
        ([1.0, 1.3, 0.9, 1.2, 9.0], 1e-3),  # a bump by the way is not the edge
        ([1.0, 1.1, 1.0, np.inf, np.nan], 1e-3),
        ([1.0, 1.0, 1.0, 1.0, 1.0], 1e-1),  # never breaks
    ],
)
def test_edge_is_where_the_loss_leaves_its_valley_for_good(smoothed, edge):
    rates = np.geomspace(1e-5, 1e-1, 5)
    assert RateSearch(rates, np.array(smoothed), np.array(smoothed)).edge == pytest.approx(edge)


@pytest.mark.slow
def test_search_does_not_fix_what_is_trainable():
    """A `train_on_batch` would: Keras goes on with the flags of its first call."""
    model = make_model()
    find_learning_rate(model, (IMAGES, LABELS), num_steps=3)
    model.get_layer("conv").trainable = False
    before = model.get_layer("conv").get_weights()[0]
    model.fit(IMAGES, LABELS, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.get_layer("conv").get_weights()[0], before)


@pytest.mark.slow
def test_search_takes_the_losses_that_training_would_have():
    """Against Keras' own step, one rate after the other."""
    keras.utils.set_random_seed(0)
    model = make_model("sgd")
    search = find_learning_rate(model, (IMAGES[:16], LABELS[:16]), low=1e-3, high=1e-1, num_steps=5, batch_size=16)
    order, expected = np.random.default_rng(0).permutation(16), []  # dropout's masks go by the row
    for rate in search.rates:
        model.optimizer.learning_rate = float(rate)
        expected.append(model.train_on_batch(IMAGES[order], LABELS[order])[0])
    np.testing.assert_allclose(search.losses, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "options", "match"),
    [
        (lambda m: setattr(m, "trainable", False), {}, "Nothing in `model` learns"),
        (lambda m: None, {"low": 0.0}, r"0 < low < high. Received: 0\.0"),
        (lambda m: None, {"low": 1.0, "high": 0.1}, "0 < low < high"),
        (lambda m: None, {"num_steps": 1}, "at least 2"),
        (lambda m: None, {"num_steps": 4.0}, "`num_steps` must be a whole number"),
        (lambda m: None, {"batch_size": 0}, "`batch_size` must be a whole number"),
        (lambda m: None, {"high": np.inf}, "must be finite"),
        (lambda m: setattr(m, "compiled", False), {}, "must be compiled"),
    ],
)
def test_search_refuses(change, options, match):
    model = make_model()
    change(model)
    with pytest.raises(ValueError, match=match):
        find_learning_rate(model, (IMAGES, LABELS), **options)


X = RNG.normal(size=(48, 6)).astype("float32")
Y = RNG.integers(0, 3, 48)


def small(optimizer="sgd", loss=LOSS, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(4), keras.layers.Dense(3)])
    model.compile(optimizer, loss, **options)
    return model


def mixed():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        return small()
    finally:
        keras.config.set_dtype_policy("float32")


def scheduled():
    return small(keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(1e-3, 3)))


def own_rate():
    return small(keras.optimizers.SGD(lambda: 1e-3))


def own_loss():
    return small("sgd", lambda true, predicted: keras.ops.mean(keras.ops.square(predicted[:, 0])))


def trained():
    model = small(keras.optimizers.SGD(0.1, momentum=0.9))
    model.fit(X, Y, epochs=2, verbose=0)
    return model


def two_of_each():
    keras.utils.set_random_seed(0)
    one, two = keras.Input((6,), name="one"), keras.Input((2,), name="two")
    joined = keras.layers.Concatenate()([one, two])
    heads = {"a": keras.layers.Dense(3, name="a")(joined), "b": keras.layers.Dense(1, name="b")(joined)}
    model = keras.Model({"one": one, "two": two}, heads)
    model.compile("sgd", {"a": LOSS, "b": "mse"}, metrics={"a": ["accuracy"]})
    return model


class OwnStep(keras.Model):
    def train_step(self, data):
        logs = super().train_step(data)
        return {"loss": 2 * logs["loss"]}


class NoLoss(keras.Model):
    def train_step(self, data):
        return {"score": super().train_step(data)["loss"]}


def subclass(kind):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    model = kind(inputs, keras.layers.Dense(3)(inputs))
    model.compile("sgd", LOSS)
    return model


def dataset(*parts, repeat=1):
    return tf.data.Dataset.from_tensor_slices(parts).batch(16).repeat(repeat)


BOTH = ({"one": X, "two": X[:, :2]}, {"a": Y, "b": X[:, :1]})
SITUATIONS = {
    "mixed precision": (mixed, (X, Y)),
    "a loss scale that starts too high": (
        lambda: small(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(), initial_scale=2.0**127)),
        (X, Y),
    ),
    "a schedule": (scheduled, (X, Y)),
    "a rate that is a function": (own_rate, (X, Y)),
    "a loss of one's own": (own_loss, (X, Y)),
    "a trained model with momentum": (trained, (X, Y)),
    "dicts": (two_of_each, BOTH),
    "weights": (small, (X, Y, np.linspace(0, 2, 48).astype("float32"))),
    "a dataset": (small, dataset(X, Y)),
    "a dataset with weights": (small, dataset(X, Y, np.linspace(0, 2, 48).astype("float32"))),
    "a dataset of dicts": (two_of_each, dataset(*BOTH)),
    "an endless dataset": (small, dataset(X, Y, repeat=-1)),
    "batches of other sizes": (small, tf.data.Dataset.from_tensor_slices((X, Y)).batch(20)),
    "a train_step of one's own": (lambda: subclass(OwnStep), (X, Y)),
    "eager": (lambda: small(run_eagerly=True), (X, Y)),
}


def batches_of(data, size):
    """As the search takes them."""
    if not isinstance(data, tuple):
        return itertools.chain.from_iterable(itertools.repeat(data))
    order = np.random.default_rng(0).permutation(48)
    rows = (order[np.arange(start, start + size) % 48] for start in itertools.count(0, size))
    return (keras.tree.map_structure(lambda array, chosen=chosen: array[chosen], data) for chosen in rows)


@pytest.mark.slow
@pytest.mark.parametrize("name", SITUATIONS)
def test_search_takes_the_losses_of_keras_own_steps_and_leaves_no_trace(name):
    make, data = SITUATIONS[name]
    model = make()
    before = trace(model)
    search = find_learning_rate(model, data, low=1e-3, high=1e-1, num_steps=8, batch_size=16)
    assert trace(model) == before
    if "scale" not in name:
        np.testing.assert_allclose(search.losses, _expected(model, data, search.rates), rtol=2e-3)
    assert len(set(search.losses)) > 3


def _expected(model, data, rates):
    """The same steps by `train_on_batch`, with a plain optimizer that starts afresh."""
    own = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    momentum = getattr(own, "momentum", 0.0)
    model.optimizer = keras.optimizers.SGD(0.1, momentum=momentum)
    model.train_function, losses = None, []
    for rate, batch in zip(rates, batches_of(data, 16), strict=False):
        model.optimizer.learning_rate = float(rate)
        model.reset_metrics()
        losses.append(model.train_on_batch(*batch, return_dict=True)["loss"])
    return losses


@pytest.mark.slow
def test_gathered_gradients_are_one_step_of_a_larger_batch():
    model = small(keras.optimizers.SGD(gradient_accumulation_steps=3))
    before = trace(model)
    gathered = find_learning_rate(model, (X, Y), low=1e-3, high=1.0, num_steps=6, batch_size=8)
    assert trace(model) == before
    whole = find_learning_rate(small(), (X, Y), low=1e-3, high=1.0, num_steps=6, batch_size=24)
    np.testing.assert_allclose(gathered.losses, whole.losses, rtol=1e-4)


@pytest.mark.slow
def test_mixed_precision_finds_the_edge_that_single_precision_finds():
    edges = [find_learning_rate(make(), (X, Y), low=1e-3, high=1e4, num_steps=30) for make in (small, mixed)]
    assert all(search.has_broken for search in edges)
    assert edges[1].edge == pytest.approx(edges[0].edge, rel=1.0)


def test_a_search_that_breaks_nothing_says_so():
    assert not find_learning_rate(small(), (X, Y), low=1e-7, high=1e-6, num_steps=4).has_broken


@pytest.mark.parametrize(
    ("make", "data", "message"),
    [
        (small, (np.full((48, 6), np.nan, "float32"), Y), "The loss is nan before any rate has acted"),
        (lambda: subclass(NoLoss), (X, Y), r"must return a dict with 'loss'. Received: \['score'\]"),
        (lambda: small(None), (X, Y), "compiled with an optimizer"),
        (small, iter([(X, Y)]), "would use it up"),
        (small, X, "It has no labels. Received: ndarray"),
    ],
)
def test_search_says_what_it_cannot_do_and_leaves_no_trace(make, data, message):
    model = make()
    before = trace(model) if model.optimizer else None
    with pytest.raises(ValueError, match=message):
        find_learning_rate(model, data, num_steps=4)
    assert before is None or trace(model) == before


@pytest.mark.slow
def test_each_block_moves_by_its_own_rate():
    """Adam's first step is one learning rate for every weight, so it tells the rates."""
    keras.utils.set_random_seed(0)
    model = make_model()
    model.compile(make_layerwise_adam(model, 1e-3, decay=0.5), LOSS)
    model.optimizer.epsilon = 1e-20
    before = {name: model.get_layer(name).get_weights()[0] for name in ("conv", "head")}
    model.train_on_batch(IMAGES, LABELS)
    moved = {name: np.abs(model.get_layer(name).get_weights()[0] - old).max() for name, old in before.items()}
    assert moved["head"] == pytest.approx(1e-3, rel=1e-2)
    assert moved["conv"] == pytest.approx(5e-4, rel=1e-2)


def test_rates_survive_saving(tmp_path):
    model = make_model()
    model.compile(make_layerwise_adam(model, 1e-3, decay=0.5), LOSS)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").optimizer
    assert isinstance(again, LayerwiseAdam)
    assert again.factors == model.optimizer.factors
    assert set(again.factors.values()) == {1.0, 0.5}


@pytest.mark.parametrize("decay", [0.0, -1.0, 1.5])
def test_rates_refuse_a_decay_that_is_none(decay):
    with pytest.raises(ValueError, match=r"`decay` must be a factor in \(0, 1\]"):
        make_layerwise_adam(make_model(), 1e-3, decay=decay)


@pytest.mark.slow
def test_factors_hold_under_odd_names_loss_scaling_and_weight_decay():
    """With a factor of 0 nothing moves, and by 1 all does, however Keras wraps the optimizer."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(3, name="my-layer.1"), keras.layers.Dense(3, name="head")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    factors = block_factors(blocks(model), {"my-layer.1": 0.0})
    optimizer = LayerwiseAdam(1e-2, factors, weight_decay=0.1)
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer), "mse")
    before = [layer.get_weights()[0] for layer in model.layers]
    model.fit(RNG.normal(size=(8, 4)), RNG.normal(size=(8, 3)), verbose=0)
    assert optimizer.weight_decay == 0.1
    moved = [not np.array_equal(old, layer.get_weights()[0]) for old, layer in zip(before, model.layers, strict=True)]
    assert moved == [False, True]


@pytest.mark.slow
def test_weight_decay_without_factors_is_that_of_adam():
    x, y = RNG.normal(size=(8, 4)), RNG.normal(size=(8, 3))
    results = []
    for make in (keras.optimizers.Adam, LayerwiseAdam):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        model.compile(make(0.01, weight_decay=0.1), "mse")
        model.fit(x, y, epochs=3, verbose=0)
        results.append(model.get_weights())
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


def test_block_factors_refuse_what_they_cannot_tell_apart():
    def tower(name):
        x = keras.Input((4,))
        return keras.Model(x, keras.layers.Dense(4, name="d")(x), name=name)

    x = inputs = keras.Input((4,))
    for name in ("one", "two"):
        x = tower(name)(x)
    model = keras.Model(inputs, keras.layers.Dense(1, name="head")(x))
    parts = blocks(model)
    assert set(block_factors(parts, {"head": 0.5}).values()) == {0.5, 1.0}
    with pytest.raises(ValueError, match=r"have the path 'd/kernel'.*nested models different names"):
        block_factors(parts, {parts[0].name: 0.1})
    with pytest.raises(ValueError, match=r"`factors` must name blocks of the model. Received: 'haed'. Did you mean 'h"):
        block_factors(parts, {"haed": 0.1})


FEATURES = RNG.normal(size=(50, 6))
ROTATION = np.linalg.qr(RNG.normal(size=(6, 6)))[0]


@pytest.mark.parametrize(
    ("other", "low", "high"),
    [
        (FEATURES, 1 - 1e-9, 1 + 1e-9),
        (FEATURES @ ROTATION * 7 + 3, 1 - 1e-9, 1 + 1e-9),
        (RNG.normal(size=(50, 4)), 0.0, 0.35),
        (np.zeros((50, 2)), 0.0, 0.0),
    ],
)
def test_alike_up_to_rotation_scale_and_shift(other, low, high):
    assert low <= linear_cka(FEATURES, other) <= high
    assert linear_cka(FEATURES, other) == pytest.approx(linear_cka(other, FEATURES))


@pytest.mark.parametrize("other", [FEATURES[:10], FEATURES[0], FEATURES[None]])
def test_alike_refuses(other):
    with pytest.raises(ValueError, match="of the same images"):
        linear_cka(FEATURES, other)
