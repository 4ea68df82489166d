"""LiveCurves without a browser: what travels, what stays, how a stop is heard, and what a notebook keeps."""

import io
import itertools
import json
import signal
import time

import keras
import numpy as np
import pytest
import tensorflow as tf
from matplotlib.figure import Figure
from PIL import Image
from tlkit_widgets import LiveCurves
from tlkit_widgets.live_curves.widget import CurvesView

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32")


@pytest.fixture(scope="module")
def model():
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    return model


def fit(model, live, *, epochs=2, **options):
    return model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, callbacks=[live], **options)


@pytest.fixture
def sent(monkeypatch):
    messages = []
    monkeypatch.setattr(CurvesView, "send", lambda self, content, buffers=None: messages.append(content))
    return messages


@pytest.mark.slow
def test_the_view_holds_all_points(model):
    live = LiveCurves("probe")
    history = fit(model, live, validation_data=(X, Y)).history
    data = live.view.data
    np.testing.assert_allclose(
        data["0/epoch/val_loss"], np.ravel([[i + 1, v] for i, v in enumerate(history["val_loss"])])
    )
    assert len(data["0/batch/loss"]) == 2 * 8
    assert data["0/epoch/learning_rate"] == pytest.approx([1, 0.1, 2, 0.1])
    assert (live.view.state, live.view.status) == ("done", "finished after 2 epochs")
    assert live.view.runs[0]["best"]["metric"] == "val_loss"


def test_only_new_points_travel_once_there_are_many(model, sent):
    live = LiveCurves()
    live.view.data["0/batch/loss"] = [0.0, 1.0] * 600
    live.view.push({"0/epoch/loss": [1, 0.5]})
    live.view.push({"0/epoch/loss": [2, 0.4]})
    assert sent[-1] == {"kind": "points", "points": {"0/epoch/loss": [2, 0.4]}, "starts": {"0/epoch/loss": 2}}
    assert live.view.data["0/epoch/loss"] == [1, 0.5, 2, 0.4]


@pytest.mark.slow
def test_messages_are_held_to_ten_a_second(model, monkeypatch):
    pushes = []
    live = LiveCurves()
    monkeypatch.setattr(live.view, "push", pushes.append)
    clock = iter(np.arange(0, 1e6, 0.01))  # each look at the clock is 10 ms later
    monkeypatch.setattr("tlkit_widgets.live_curves.callback.time.monotonic", lambda: next(clock))
    fit(model, live, epochs=25)  # 100 batches, 25 epochs: more than a look at the clock for each
    assert 8 <= len(pushes) <= 30


def test_values_that_are_not_numbers_can_travel(model):
    live = LiveCurves()
    live.set_params({"epochs": 1, "steps": 1})
    live.on_train_begin()
    live.on_epoch_begin(0)
    live.on_epoch_end(0, {"loss": float("nan"), "accuracy": 0.5})
    live.on_train_end()
    assert live.view.data["0/epoch/loss"] == [1, None]
    json.dumps(live.view.get_state(["data", "runs"]), allow_nan=False)
    assert live.view.picture().startswith(b"\x89PNG")
    assert "loss nan to nan" in live.view.describe()


class Reports(keras.Model):
    """A `train_step` that reports what `extra` makes of the loss, and nothing else."""

    extra = staticmethod(lambda loss: {})

    def train_step(self, data):
        loss = super().train_step(data)["loss"]
        return type(self).extra(loss)


def reporting(extra):
    image = keras.Input((4,))
    own = type("Own", (Reports,), {"extra": staticmethod(extra)})(image, keras.layers.Dense(2)(image))
    own.compile(keras.optimizers.SGD(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return own


def dense(num_classes=2, rate=0.1, **options):
    net = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(num_classes)])
    hot = "categorical_crossentropy" if "metrics" in options else "sparse_categorical_crossentropy"
    net.compile(keras.optimizers.SGD(rate), hot, **options)
    return net


def two_outputs():
    image = keras.Input((4,))
    net = keras.Model(image, [keras.layers.Dense(2, name="a")(image), keras.layers.Dense(2, name="c")(image)])
    losses = [keras.losses.SparseCategoricalCrossentropy(from_logits=True)] * 2
    net.compile("sgd", losses, metrics=[["accuracy"], ["accuracy"]])
    return net


def generator():
    while True:
        yield X[:16], Y[:16]


def hot(num_classes):
    return X, keras.utils.to_categorical(np.arange(64) % num_classes, num_classes)


SITUATIONS = {
    "three values": (lambda: dense(3, metrics=[keras.metrics.F1Score()]), hot(3), {"validation_data": hot(3)}),
    "twenty values": (lambda: dense(20, metrics=[keras.metrics.F1Score()]), hot(20), {}),
    "a diverging loss": (lambda: dense(rate=1e38), (X * 1e30, Y), {}),
    "a schedule": (lambda: dense(rate=keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)), (X, Y), {}),
    "two outputs": (two_outputs, (X, [Y, Y]), {"validation_data": (X, [Y, Y])}),
    "validation every other epoch": (dense, (X, Y), {"validation_data": (X, Y), "validation_freq": 2, "epochs": 5}),
    "a later start": (dense, (X, Y), {"initial_epoch": 2, "epochs": 4}),
    "no epoch": (dense, (X, Y), {"epochs": 0}),
    "an endless generator": (dense, (generator, None), {"steps_per_epoch": 3}),
    "several steps at once": (lambda: dense(steps_per_execution=3), (X, Y), {}),
    "weights of classes": (dense, (X, Y), {"class_weight": {0: 1.0, 1: 9.0}}),
    "no number": (lambda: reporting(lambda loss: {"loss": tf.constant("a")}), (X, Y), {}),
    "a name with slashes": (lambda: reporting(lambda loss: {"loss/batch": loss, "val/acc": loss}), (X, Y), {}),
    "a batch of losses": (lambda: reporting(lambda loss: {"loss": tf.fill([5], loss)}), (X, Y), {}),
    "a word and a nest": (lambda: reporting(lambda loss: {"a": tf.constant("b"), "c": {"d": loss}}), (X, Y), {}),
}


@pytest.mark.slow
@pytest.mark.parametrize("beside", ["alone", "bare", "others"])
@pytest.mark.parametrize(("make", "data", "options"), SITUATIONS.values(), ids=SITUATIONS)
def test_what_plain_keras_trains_is_drawn_and_stays_the_same(make, data, options, beside):
    live = LiveCurves()
    live.interval = 0.0
    seen = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
    adds = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(learning_rate=0.5))
    calls = {"alone": [live], "bare": live, "others": [adds, live, seen]}[beside]
    (plain, history), (watched, same) = (trained(make, data, options, calls) for calls in (None, calls))
    for mine, theirs in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert set(history) <= set(same)
    json.dumps(live.view.get_state(["data", "runs"]), allow_nan=False)
    assert live.view.picture().startswith(b"\x89PNG")
    assert live.view.state == "done"
    assert live.curves.num_epochs == options.get("epochs", 2) - options.get("initial_epoch", 0)


def trained(make, data, options, callbacks):
    keras.utils.set_random_seed(1)
    net, (x, y) = make(), data
    x = x() if callable(x) else x
    return net, net.fit(x, y, verbose=0, callbacks=callbacks, **{"epochs": 2, **options}).history


@pytest.mark.slow
def test_each_value_of_an_array_is_a_line_up_to_a_number():
    made = {}
    for name in ("three values", "twenty values"):
        live = LiveCurves("probe")
        (make, data, options) = SITUATIONS[name]
        history = trained(make, data, options, live)[1]["f1_score"]
        made[name] = [key for key in live.view.data if key.endswith("/f1_score")]
        assert live.view.data["0/epoch/f1_score"] == pytest.approx([1, np.mean(history[0]), 2, np.mean(history[1])])
        assert live.view.runs[0]["arrays"]["f1_score"] == len(history[0])
    assert made["three values"] == ["0/epoch/f1_score", "0/0/f1_score", "0/1/f1_score", "0/2/f1_score"]
    assert made["twenty values"] == ["0/epoch/f1_score"]
    assert "f1_score (mean of 20) 0" in live.view.describe()


@pytest.mark.slow
def test_an_epoch_that_measures_nothing_is_no_point():
    live = LiveCurves()
    make, data, options = SITUATIONS["validation every other epoch"]
    history = trained(make, data, options, live)[1]["val_loss"]
    assert live.view.data["0/epoch/val_loss"] == pytest.approx([2, history[0], 4, history[1]])


@pytest.mark.slow
def test_progress_counts_the_epochs_that_are_trained():
    live, seen = LiveCurves(), []
    live.interval = 0.0
    live.view.observe(lambda change: seen.append(change["new"]), "progress")
    make, data, options = SITUATIONS["a later start"]
    trained(make, data, options, live)
    assert seen[0] == pytest.approx(0.25)
    assert "epoch 4 of 4" in live.view.status or live.view.status == "finished after 2 epochs"


def test_stop_message_ends_training_and_keeps_what_was_learned(model):
    live = LiveCurves()
    live.interval = 0
    seen = iter(range(100))
    live.view.observe(lambda _: next(seen) == 3 and live.view._answer(None, {"kind": "stop"}, []), "progress")
    history = fit(model, live, epochs=500)
    assert live.view.status.startswith("stopped by you after")
    assert len(history.history["loss"]) < 10
    assert len(fit(model, live, epochs=1).history["loss"]) == 1


def interrupt_at(monkeypatch, live, *batches):
    """Raise SIGINT in the process, as a kernel's interrupt does, at the ends of these batches."""
    count, original = iter(range(1, 10_000)), live.on_train_batch_end

    def on_train_batch_end(batch, logs=None):
        original(batch, logs)
        if next(count) in batches:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(live, "on_train_batch_end", on_train_batch_end)


def test_an_interrupt_in_a_jupyter_session_is_an_orderly_stop(model, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    before = signal.getsignal(signal.SIGINT)
    live = LiveCurves()
    interrupt_at(monkeypatch, live, 5)
    assert len(fit(model, live, epochs=500).history["loss"]) == 2
    assert live.curves.ended == "stopped by you"
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_interrupt_breaks_off(model, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    live = LiveCurves()
    monkeypatch.setattr(live, "stop", lambda: setattr(live, "_stopped", True))  # as if the batch never ended
    interrupt_at(monkeypatch, live, 5, 6)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(KeyboardInterrupt):
            fit(model, live, epochs=500)
        live._after_cell(None)  # IPython calls this when the cell is over
        assert live.view.status == "broken off after 1 epoch"
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_interrupt_elsewhere_stays_an_error(model, monkeypatch):
    """Under nbclient and nbval an interrupt means that a cell's time is out."""
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    live = LiveCurves()
    interrupt_at(monkeypatch, live, 5)
    with pytest.raises(KeyboardInterrupt):
        fit(model, live, epochs=500)


def test_terminal_gets_a_line_an_epoch(model, capsys):
    fit(model, LiveCurves("probe"), epochs=2)
    lines = [line for line in capsys.readouterr().out.splitlines() if "epoch" in line]
    assert len(lines) == 2
    assert lines[1].startswith("probe: epoch 2 of 2: accuracy ")


@pytest.mark.slow
def test_picture_and_its_description(model):
    live = LiveCurves("probe", phase="feature extraction")
    empty = live.view.picture()
    fit(model, live, validation_data=(X, Y))
    live.phase("fine-tuning")
    fit(model, live, validation_data=(X, Y))
    live.start("again")
    fit(model, live, validation_data=(X, Y))
    drawn = live.view.picture()
    assert drawn != empty
    assert Image.open(io.BytesIO(drawn)).size[0] > 600
    assert "probe: 4 epochs, finished; " in live.view.describe()
    assert "again: 2 epochs, finished; " in live.view.describe()


def test_texts_are_constant(model):
    live = LiveCurves("probe")
    before = (repr(live), repr(live.view))
    fit(model, live)
    assert (repr(live), repr(live.view)) == before == ("LiveCurves('probe')", "training curves")


def test_cost_of_an_update(model):
    """5 ms each at most, here the best of some: the machine may be busy."""
    live = LiveCurves()
    live.view.data["0/batch/loss"] = [0.0, 1.0] * 10_000
    costs = []
    for i in range(20):
        began = time.perf_counter()
        live.view.push({"0/batch/loss": [float(i), 0.5]})
        costs.append(time.perf_counter() - began)
    assert min(costs) < 0.005


@pytest.mark.slow
def test_traces_for_a_page_that_is_reloaded_cost_a_hundredth_of_the_time(model, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lesson.ipynb")
    now, traces = [0.0], []

    def leave_trace(self):
        traces.append(now[0])
        now[0] += 1.0  # as if a picture took a second

    monkeypatch.setattr("tlkit_widgets.live_curves.callback.time.monotonic", lambda: now[0])
    monkeypatch.setattr(CurvesView, "leave_trace", leave_trace)
    live = LiveCurves()
    pace = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: now.__setitem__(0, now[0] + 10.0))
    model.fit(X, Y, batch_size=64, epochs=40, verbose=0, callbacks=[live, pace])
    assert len(traces) >= 3
    assert all(after - before >= 100 for before, after in itertools.pairwise(traces))


@pytest.mark.slow
def test_no_trace_outside_of_a_jupyter_session(model, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(CurvesView, "leave_trace", lambda self: pytest.fail("it would differ from run to run"))
    live = LiveCurves()
    live.interval = live.trace_interval = 0.0
    fit(model, live, epochs=3)


def test_the_pass_through_the_frozen_part_is_told(model):
    live = LiveCurves()
    live.interval = 0.0
    live.on_frozen_pass(120, 400)
    assert (live.view.status, live.view.progress) == ("frozen part, once: 120 of 400 images", 0.3)


def test_an_early_end_is_marked_in_the_picture(model):
    live = LiveCurves("probe")
    live.interval = 0.0
    stop = keras.callbacks.EarlyStopping("loss", min_delta=100.0, patience=1)
    model.fit(X, Y, batch_size=16, epochs=9, verbose=0, callbacks=[live, stop])
    assert live.view.runs[0]["ended"] == "stopped early"
    texts = []
    figure = Figure()
    live.view._draw(figure)
    for axes in figure.axes:
        texts += [text.get_text() for text in axes.texts]
    assert "stopped early" in texts


@pytest.mark.slow
def test_share_of_an_epoch(model, monkeypatch):
    """At most 2 %: processor time of the callback over the time of batches that take 5 ms each."""
    spent = [0.0]

    def timed(method):
        def call(*args, **kwargs):
            began = time.thread_time()
            method(*args, **kwargs)
            spent[0] += time.thread_time() - began

        return call

    live = LiveCurves()
    for name in ("on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end"):
        monkeypatch.setattr(live, name, timed(getattr(live, name)))
    pace = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: time.sleep(0.005))
    began = time.perf_counter()
    model.fit(X, Y, batch_size=1, epochs=4, verbose=0, callbacks=[live, pace])  # 256 batches
    share = spent[0] / (time.perf_counter() - began)
    print(f"{share:.2%} of the time of an epoch, {1e3 * spent[0] / 256:.3f} ms a batch")
    assert share < 0.02
