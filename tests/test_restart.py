"""`restart`: a run after it equals a run of a new model, and nothing is traced again."""

import keras
import numpy as np
import pytest

from tlkit.restart import restart

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(40, 6)).astype("float32"), RNG.integers(0, 3, 40)


class CountedDense(keras.layers.Dense):
    """A layer that knows how often it was traced."""

    num_calls = 0

    def call(self, inputs):
        type(self).num_calls += 1
        return super().call(inputs)


def _build(optimizer: keras.optimizers.Optimizer) -> keras.Model:
    layers = [keras.Input((6,)), CountedDense(8, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(3)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=False)
    return model


def _train(model: keras.Model) -> list[np.ndarray]:
    model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SGD", "Adam", "Adagrad", "RMSprop"])
def test_a_restarted_model_trains_like_a_new_one(name):
    make = getattr(keras.optimizers, name)
    used, new = _build(make(0.05)), _build(make(0.05))
    _train(used)
    first, second = _train(restart(used, 7)), _train(restart(new, 7))
    for mine, theirs in zip(first, second, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


@pytest.mark.slow
def test_nothing_is_traced_again():
    model = _build(keras.optimizers.Adam())
    _train(model)
    before = CountedDense.num_calls
    model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    assert CountedDense.num_calls == before
    restart(model, 1)
    after_clone = CountedDense.num_calls  # making the fresh weights calls each layer once, outside any step
    _train(model)
    assert CountedDense.num_calls == after_clone


@pytest.mark.slow
def test_weights_depend_on_the_seed_and_statistics_start_anew():
    model = _build(keras.optimizers.SGD(0.1))
    trained = _train(model)
    one, again, other = (restart(model, seed).get_weights() for seed in (1, 1, 2))
    assert np.array_equal(one[0], again[0])
    assert not np.array_equal(one[0], other[0])
    assert not np.array_equal(one[0], trained[0])
    moving_mean = model.layers[1].moving_mean
    assert not np.asarray(moving_mean).any()


@pytest.mark.slow
def test_a_learning_rate_set_by_hand_stays():
    model = _build(keras.optimizers.Adam(0.01))
    _train(model)
    model.optimizer.learning_rate = 0.5
    restart(model, 0)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.5)
    assert int(model.optimizer.iterations) == 0


def test_what_is_frozen_stays_frozen():
    model = _build(keras.optimizers.Adam())
    model.layers[0].trainable = False
    restart(model, 0)
    assert [bool(layer.trainable) for layer in model.layers] == [False, True, True]
