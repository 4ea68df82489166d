"""Curves and their recorder: values against plain Keras, phases, runs, and each way that a training ends."""

import keras
import numpy as np
import pytest

from tlkit.curves import CurveRecorder, Curves, Phase

X = np.random.default_rng(0).normal(size=(48, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")


@pytest.fixture(scope="module")
def model():
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


def fit(model, *callbacks, epochs=2, **options):
    return model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, callbacks=list(callbacks), **options)


def test_history_is_what_fit_returns(model):
    recorder = CurveRecorder("probe")
    returned = fit(model, recorder, validation_data=(X, Y)).history
    assert list(recorder.curves.history) == list(returned)
    for name, values in returned.items():
        np.testing.assert_allclose(recorder.curves.history[name], values, rtol=1e-6)
    assert recorder.curves.learning_rate == pytest.approx([0.1, 0.1])
    assert recorder.curves.ended == "finished"


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
