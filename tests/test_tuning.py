"""The rate finder leaves no trace, each depth gets its own rate, and features are compared up to what means nothing."""

import keras
import numpy as np
import pytest

from tlkit.tuning import LayerwiseAdam, RateSearch, find_learning_rate, linear_cka, make_layerwise_adam

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


def test_search_goes_up_geometrically_and_suggests_less_than_the_edge():
    keras.utils.set_random_seed(0)
    search = find_learning_rate(make_model(), (IMAGES, LABELS), low=1e-5, high=10.0, num_steps=25)
    np.testing.assert_allclose(np.diff(np.log(search.rates)), np.log(search.rates[1] / search.rates[0]))
    assert len(search.rates) == len(search.losses) == len(search.smoothed) <= 25
    assert search.edge in search.rates
    assert search.suggestion == search.edge / 10


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


def test_search_does_not_fix_what_is_trainable():
    """A `train_on_batch` would: Keras goes on with the flags of its first call."""
    model = make_model()
    find_learning_rate(model, (IMAGES, LABELS), num_steps=3)
    model.get_layer("conv").trainable = False
    before = model.get_layer("conv").get_weights()[0]
    model.fit(IMAGES, LABELS, epochs=1, verbose=0)
    np.testing.assert_array_equal(model.get_layer("conv").get_weights()[0], before)


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
        (lambda m: None, {"low": 0.0}, r"0 < low < high .* Received: 0\.0"),
        (lambda m: None, {"low": 1.0, "high": 0.1}, "0 < low < high"),
        (lambda m: None, {"num_steps": 1}, "at least 2"),
        (lambda m: setattr(m, "compiled", False), {}, "must be compiled"),
    ],
)
def test_search_refuses(change, options, match):
    model = make_model()
    change(model)
    with pytest.raises(ValueError, match=match):
        find_learning_rate(model, (IMAGES, LABELS), **options)


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
