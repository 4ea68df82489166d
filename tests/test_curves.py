"""Curves and their recorder: values against plain Keras, phases, runs, and each way that a training ends."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tlkit.curves import CurveRecorder, Curves, Phase

X = np.random.default_rng(0).normal(size=(48, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")


HOT = keras.utils.to_categorical(Y, 2)
SIGNATURE = (tf.TensorSpec((None, 4), "float32"), tf.TensorSpec((None,), "int32"))


def make(activation=None, metrics=("accuracy",)):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2, activation)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy" if activation else loss, metrics=list(metrics))
    return model


@pytest.fixture(scope="module")
def model():
    return make()


def fit(model, *callbacks, epochs=2, **options):
    return model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)


def fit_hot(model, *callbacks, **options):
    return model.fit(X, HOT, batch_size=16, epochs=2, verbose=0, callbacks=list(callbacks), **options)


@pytest.mark.slow
def test_history_is_what_fit_returns(model):
    recorder = CurveRecorder("probe")
    returned = fit(model, recorder, validation_data=(X, Y)).history
    assert list(recorder.curves.history) == list(returned)
    for name, values in returned.items():
        np.testing.assert_allclose(recorder.curves.history[name], values, rtol=1e-6)
    assert recorder.curves.learning_rate == pytest.approx([0.1, 0.1])
    assert recorder.curves.ended == "finished"


@pytest.mark.slow
def test_batch_values_are_those_of_the_batch_alone(model):
    """With a rate of 0 the model stays, so that each batch's loss can be computed apart."""
    model.optimizer.learning_rate = 0.0
    recorder = CurveRecorder()
    fit(model, recorder, epochs=2, shuffle=False)
    wanted = [model.evaluate(X[i : i + 16], Y[i : i + 16], verbose=0)[0] for i in (0, 16, 32)] * 2
    positions, values = zip(*recorder.curves.batches["loss"], strict=True)
    np.testing.assert_allclose(values, wanted, atol=1e-5)
    np.testing.assert_allclose(positions, np.arange(1, 7) / 3)
    model.optimizer.learning_rate = 0.1


@pytest.mark.slow
def test_phases_follow_each_other_and_runs_start_anew(model):
    recorder = CurveRecorder("first", phase="feature extraction")
    fit(model, recorder, epochs=2)
    recorder.phase("fine-tuning")
    fit(model, recorder, epochs=1)
    fit(model, recorder, epochs=1)
    assert recorder.curves.phases == [Phase("feature extraction", 0), Phase("fine-tuning", 2), Phase("phase 3", 3)]
    assert recorder.curves.batches["loss"][-1][0] == 4
    recorder.start("second")
    fit(model, recorder, epochs=1)
    assert [(run.name, run.num_epochs) for run in recorder.runs] == [("first", 4), ("second", 1)]
    assert [row["phase"] for row in recorder.runs[0].rows()] == ["feature extraction"] * 2 + ["fine-tuning", "phase 3"]


@pytest.mark.slow
def test_a_metric_that_begins_later_keeps_its_epochs(model):
    recorder = CurveRecorder()
    fit(model, recorder, epochs=2)
    fit(model, recorder, epochs=1, validation_data=(X, Y))
    assert np.isnan(recorder.curves.history["val_loss"]).tolist() == [True, True, False]
    assert recorder.curves.best("val_loss").epoch == 3


def test_stopped_by_the_learner_in_mid_epoch(model):
    recorder = CurveRecorder()

    def stop(batch, logs):
        if len(recorder.curves.batches["loss"]) == 4:
            recorder.stop()

    fit(model, recorder, keras.callbacks.LambdaCallback(on_train_batch_end=stop), epochs=50)
    assert recorder.curves.ended == "stopped by you"
    assert recorder.curves.num_epochs == 2
    fit(model, recorder, epochs=1)
    assert recorder.curves.ended == "finished"


def test_early_stopping_is_told_apart(model):
    recorder = CurveRecorder()
    fit(model, recorder, keras.callbacks.EarlyStopping("loss", patience=1, min_delta=10), epochs=20)
    assert recorder.curves.ended == "stopped early"
    assert recorder.curves.num_epochs < 20


def test_a_generator_of_unknown_length_is_recorded_in_order(model):
    recorder = CurveRecorder()
    batches = ((X[i : i + 16], Y[i : i + 16]) for i in (0, 16, 32))
    model.fit(batches, epochs=1, verbose=0, callbacks=[recorder], shuffle=False)
    positions = [position for position, _ in recorder.curves.batches["loss"]]
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[-1] <= 1


def test_epochs_are_counted_from_the_first_one_of_the_run(model):
    recorder = CurveRecorder()
    fit(model, recorder, epochs=5, initial_epoch=3)
    assert (recorder.curves.num_epochs, recorder.curves.ended) == (2, "finished")
    fit(model, recorder, epochs=4, initial_epoch=4)  # none at all
    assert (recorder.curves.num_epochs, recorder.curves.ended) == (2, "finished")


@pytest.mark.slow
def test_an_array_is_drawn_by_its_mean_and_kept_whole():
    model = make("softmax", metrics=[keras.metrics.F1Score()])
    recorder = CurveRecorder()
    returned = fit_hot(model, recorder, validation_data=(X, HOT)).history
    np.testing.assert_allclose(recorder.curves.history["f1_score"], np.mean(returned["f1_score"], axis=1))
    np.testing.assert_allclose(recorder.curves.values["val_f1_score"], returned["val_f1_score"])
    assert list(recorder.curves.values) == ["f1_score", "val_f1_score"]


@pytest.mark.slow
def test_the_last_batch_is_told_from_the_mean_by_its_size():
    model, recorder = make(), CurveRecorder()
    model.optimizer.learning_rate = 0.0
    model.fit(X, Y, batch_size=20, epochs=2, verbose=0, callbacks=[recorder], shuffle=False)
    parts = [slice(0, 20), slice(20, 40), slice(40, 48)] * 2
    wanted = [model.evaluate(X[i], Y[i], verbose=0) for i in parts]
    for values, name in zip(zip(*wanted, strict=True), ("loss", "accuracy"), strict=True):
        np.testing.assert_allclose([value for _, value in recorder.curves.batches[name]], values, atol=1e-5)


class TwoPlayers(keras.Model):
    """A `train_step` as that of a GAN: optimizers of its own, a loss that is a mean and one that is of the batch."""

    def compile(self):
        super().compile()
        self.ours, self.mean = keras.optimizers.SGD(0.1), keras.metrics.Mean("g_loss")

    @property
    def metrics(self):
        return [self.mean]

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, self(x), from_logits=True))
        self.ours.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self.mean.update_state(loss)
        return {"d_loss": loss, "g_loss": self.mean.result(), "two": tf.stack([loss, loss]), "word": tf.constant("a")}


@pytest.mark.slow
def test_the_losses_of_an_own_train_step_are_taken_as_they_come():
    image = keras.Input((4,))
    model, recorder = TwoPlayers(image, keras.layers.Dense(2)(image)), CurveRecorder()
    model.compile()
    history = fit(model, recorder, epochs=2).history
    losses = recorder.curves.batches
    np.testing.assert_allclose(losses["d_loss"], losses["g_loss"], atol=1e-6)
    assert len(losses["d_loss"]) == 6
    np.testing.assert_allclose(recorder.curves.history["d_loss"], history["d_loss"], rtol=1e-6)
    assert list(recorder.curves.history) == ["d_loss", "g_loss", "two"]  # a word is no curve
    assert np.isnan(recorder.curves.learning_rate).all()  # that of `compile()` takes no step


def test_a_generator_tells_its_length_in_the_first_epoch(model):
    recorder = CurveRecorder()
    data = tf.data.Dataset.from_generator(lambda: zip(X[None], Y[None], strict=True), output_signature=SIGNATURE)
    model.fit(data.unbatch().batch(16), epochs=2, verbose=0, callbacks=[recorder])
    positions = [position for position, _ in recorder.curves.batches["loss"]]
    np.testing.assert_allclose(positions[3:], [4 / 3, 5 / 3, 2])


@pytest.mark.parametrize(
    "value", [None, np.nan, np.inf, [], [1, 2], "word", object(), {"a": 1}, tf.ragged.constant([[1], []])]
)
def test_nothing_that_is_reported_ends_a_training(value):
    recorder = CurveRecorder()
    recorder.on_train_begin()
    for epoch in range(2):
        recorder.on_epoch_begin(epoch)
        recorder.on_train_batch_end(0, {"loss": value})
        recorder.on_train_batch_end(0, {"loss": value})  # a loop of one's own may count as it likes
        recorder.on_epoch_end(epoch, {"loss": value} if epoch else {})
    recorder.on_train_end()
    assert (recorder.curves.num_epochs, recorder.curves.ended) == (2, "finished")
    assert recorder.curves.rows()[1]["epoch"] == 2
    recorder.curves.best()


@pytest.mark.parametrize(
    ("history", "metric", "expected"),
    [
        ({"loss": [3, 1, 2]}, None, ("loss", 2, 1)),
        ({"loss": [3, 1], "val_loss": [1, 2]}, None, ("val_loss", 1, 1)),
        ({"accuracy": [0.1, 0.9, 0.9]}, None, ("accuracy", 2, 0.9)),
        ({"mean_absolute_error": [3, 2]}, "mean_absolute_error", ("mean_absolute_error", 2, 2)),
    ],
)
def test_best(history, metric, expected):
    best = Curves(history=history).best(metric)
    assert (best.metric, best.epoch, best.value) == expected


def test_best_of_nothing_and_of_an_unknown_metric():
    assert Curves().best() is None
    assert Curves(history={"loss": [float("nan"), float("inf")]}).best() is None
    with pytest.raises(ValueError, match=r"one of \['loss'\]. Received: 'auc'"):
        Curves(history={"loss": [1.0]}).best("auc")
