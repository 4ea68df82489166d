"""What the sandbox spares Keras must not be seen in what Keras computes."""

import keras
import numpy as np
import pytest

from tlkit.grading.sandbox.inside.quick_keras import quicken

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
IMAGES = np.random.default_rng(0).uniform(0, 255, (40, 6))
LABELS = np.arange(40) % 3


class CountedDense(keras.layers.Dense):
    """Counts how often Python runs its call."""

    num_calls = 0

    def call(self, inputs, training=None):
        self.num_calls += 1
        return super().call(inputs)


def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6,))
    x = CountedDense(5, name="counted")(keras.layers.Rescaling(1 / 255)(inputs))
    x = keras.layers.Dropout(0.3)(keras.layers.BatchNormalization(name="bn")(x))
    return keras.Model(inputs, [keras.layers.Dense(3, name="head")(x), x])


def trained(*, freeze_late: bool = False, optimizer: str = "adam") -> tuple[list[np.ndarray], dict, int]:
    """Return the weights and the log after two trainings, and how often the first traced the network."""
    model = network()
    model = keras.Model(model.input, model.output[0])
    model.compile(optimizer, LOSS)
    model.get_layer("counted").num_calls = 0
    first = model.fit(IMAGES, LABELS, batch_size=20, epochs=2, verbose=0)
    num_calls = model.get_layer("counted").num_calls
    model.get_layer("counted").trainable = not freeze_late
    second = model.fit(IMAGES, LABELS, validation_data=(IMAGES, LABELS), verbose=0)
    return model.get_weights(), first.history | second.history, num_calls


@pytest.fixture
def quick(monkeypatch):
    for name in ("make_train_function", "predict"):
        monkeypatch.setattr(keras.Model, name, getattr(keras.Model, name))  # put back in the end
    return quicken


def assert_same(received, expected):
    assert len(received) == len(expected)
    for one, other in zip(received, expected, strict=True):
        assert type(one) is type(other)
        assert one.dtype == other.dtype
        assert one.flags.writeable == other.flags.writeable
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("freeze_late", [False, True])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_training_ends_alike_and_a_change_that_keras_does_not_hear_is_not_heard(quick, optimizer, freeze_late):
    weights, log, _ = trained(freeze_late=freeze_late, optimizer=optimizer)
    quick()
    quick_weights, quick_log, _ = trained(freeze_late=freeze_late, optimizer=optimizer)
    assert_same(quick_weights, weights)
    assert quick_log.keys() == log.keys()
    for name, values in log.items():
        np.testing.assert_allclose(quick_log[name], values, rtol=1e-5)


@pytest.mark.slow
def test_a_training_step_is_traced_once(quick):
    num_plain = trained()[2]
    quick()
    assert trained()[2] == 1 < num_plain


@pytest.mark.parametrize(
    ("images", "options"),
    [
        (IMAGES[:7], {}),
        (IMAGES[:7].astype("float32"), {}),
        (IMAGES[:7].astype("uint8"), {}),
        (IMAGES[:32], {}),
        (IMAGES, {}),
        (IMAGES, {"batch_size": 40}),
        (IMAGES[:7], {"batch_size": 3}),
        (IMAGES[:7], {"steps": 1}),
    ],
    ids=["real64", "real32", "whole", "one_batch", "two_batches", "large_batch", "small_batches", "steps"],
)
def test_predict_returns_what_it_returns_in_plain_keras(quick, images, options):
    model = network()
    expected = model.predict(images, verbose=0, **options)
    quick()
    assert_same(model.predict(images, verbose=0, **options), expected)


def test_predict_of_one_batch_makes_no_pipeline_and_of_several_still_does(quick, monkeypatch):
    made = []
    pipeline = "keras.src.backend.tensorflow.trainer.TFEpochIterator.__init__"
    plain = keras.src.backend.tensorflow.trainer.TFEpochIterator.__init__
    monkeypatch.setattr(pipeline, lambda self, *args, **kwargs: (made.append(1), plain(self, *args, **kwargs))[1])
    quick()
    network().predict(IMAGES[:32], verbose=0)
    assert made == []
    network().predict(IMAGES, verbose=0)
    assert made == [1]


def test_callbacks_of_predict_are_called(quick):
    seen = []
    quick()
    told = keras.callbacks.LambdaCallback(on_train_begin=None)
    told.on_predict_end = lambda logs=None: seen.append("end")
    network().predict(IMAGES[:7], verbose=0, callbacks=[told])
    assert seen == ["end"]


@pytest.mark.parametrize("images", [IMAGES[:0], IMAGES[:7, :4], np.array([["a"]])], ids=["none", "narrow", "text"])
def test_wrong_input_is_an_error_as_in_plain_keras(quick, images):
    with pytest.raises(Exception) as plain:  # noqa: PT011 (which one, Keras decides)
        network().predict(images, verbose=0)
    quick()
    with pytest.raises(type(plain.value)):
        network().predict(images, verbose=0)


def test_a_training_step_and_a_prediction_of_ones_own_are_run(quick):
    ran = []

    class Own(keras.Model):
        def train_step(self, data):
            ran.append("own step")
            return {"loss": keras.ops.sum(data[0])}

        def predict_on_batch(self, x):
            return self.predict(x, verbose=0)

    quick()
    part = network()
    model = Own(part.input, part.output[0])
    model.compile("adam", LOSS)
    model.fit(IMAGES, LABELS, batch_size=40, verbose=0)
    assert ran
    assert not model.optimizer.built
    assert model.predict_on_batch(IMAGES[:4]).shape == (4, 3)


@pytest.mark.slow
def test_a_model_that_is_built_by_its_first_step_trains(quick):
    quick()
    model = keras.Sequential([keras.layers.Dense(3)])
    model.compile("adam", LOSS)
    assert np.isfinite(model.fit(IMAGES, LABELS, verbose=0).history["loss"][0])
