"""What a training would need is said before it runs; a training can be stopped, and several can run at once."""

import threading

import keras
import numpy as np
import pytest

from tlkit import speed
from tlkit.speed import feature_store as features_module
from tlkit.speed import shared_graphs as plan_module


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features_module._STORES.clear()
    plan_module._PLANS.clear()


def model_of(frozen=True):
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, activation="relu", name="conv", trainable=not frozen)(image)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    model = keras.Model(image, keras.layers.Dense(3, name="head")(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"], jit_compile=False)
    return model


def images_of(num=40, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, 1, (num, 8, 8, 3)).astype("float32"), rng.integers(0, 3, num).astype("int32")


def test_before_the_first_training_nothing_is_kept_and_nothing_is_run(monkeypatch):
    monkeypatch.setattr(features_module, "run_prefix", pytest.fail)
    monkeypatch.setattr(plan_module, "_loop", pytest.fail)
    cost = speed.describe_cut(model_of(), images_of())
    assert (cost.cut, cost.num_images, cost.num_cached) == ("pool", 40, 0)
    assert (cost.image_bytes, cost.num_bytes) == (16, 640)
    assert not cost.is_cached
    assert not cost.is_warm
    assert (cost.pass_seconds, cost.epoch_seconds) == (None, None)


@pytest.mark.slow
def test_after_a_training_features_graphs_and_seconds_are_there():
    model, (images, labels) = model_of(), images_of()
    speed.fit(model, images[:30], labels[:30], verbose=0)
    part, whole = speed.describe_cut(model, images[:30]), speed.describe_cut(model, (images, labels))
    assert part.is_cached
    assert part.is_warm
    assert part.pass_seconds > 0
    assert part.epoch_seconds > 0
    assert (whole.num_cached, whole.is_cached, whole.is_warm) == (30, False, True)
    assert speed.describe_cut(model_of(), images).is_warm  # a new head, the same graph


def test_without_a_cut_there_is_nothing_to_keep():
    cost = speed.describe_cut(model_of(frozen=False), images_of())
    assert (cost.cut, cost.num_bytes, cost.is_cached, cost.pass_seconds) == (None, 0, True, None)


def test_without_images_only_they_are_unknown():
    cost = speed.describe_cut(model_of())
    assert (cost.num_images, cost.num_bytes, cost.is_cached, cost.image_bytes) == (None, None, False, 16)


class Stop(keras.callbacks.Callback):
    """Stops at the n-th call of a method."""

    reads_logs_only = True

    def __init__(self, method, number):
        super().__init__()
        self.method, self.number, self.calls = method, number, 0
        setattr(self, method, self._count)

    def _count(self, *arguments, **options):
        self.calls += 1
        if self.calls == self.number:
            self.model.stop_training = True


@pytest.mark.slow
def test_a_stop_during_the_pass_ends_it_and_keeps_what_was_done(monkeypatch):
    monkeypatch.setattr(features_module, "PASS_BYTES", 4 * 8 * 8 * 3 * 8)  # batches of 8 images
    model, data = model_of(), images_of()
    start = model.get_weights()
    history = speed.fit(model, data, epochs=3, callbacks=[Stop("on_frozen_pass", 2)], verbose=0)
    assert history.history == {}
    assert speed.describe_cut(model, data).num_cached == 16
    for before, after in zip(start, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)
    history = speed.fit(model, data, epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3
    assert features_module.store_for(plan_module.split_for(model).prefix).num_passed == 40


class StopWatched(Stop):
    """What a subclass adds is not vouched for: Keras' own `fit` runs."""


@pytest.mark.slow
def test_a_stop_during_the_pass_of_the_kept_gear_comes_after_the_first_batch(monkeypatch):
    monkeypatch.setattr(features_module, "PASS_BYTES", 4 * 8 * 8 * 3 * 8)
    model, data = model_of(), images_of()
    history = speed.fit(model, data, epochs=3, callbacks=[StopWatched("on_frozen_pass", 2)], verbose=0)
    assert (history.gear, len(history.epoch), int(model.optimizer.iterations)) == ("kept", 1, 1)


@pytest.mark.slow
def test_the_pass_shows_a_bar_where_the_training_does(capsys):
    model, data = model_of(), images_of()
    speed.fit(model, data, verbose=1)
    assert "/image" in capsys.readouterr().out
    speed.fit(model, data, verbose=1)
    again = capsys.readouterr().out
    assert "loss" in again
    assert "/image" not in again  # nothing was left to pass
    features_module._STORES.clear()
    speed.fit(model, data, verbose=0)
    assert capsys.readouterr().out == ""


class StopAtBatch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.stop_training = batch == 1


@pytest.mark.slow
def test_a_stop_after_a_batch_ends_the_epoch_as_in_plain_keras():
    weights, lengths = [], []
    for train in (keras.Model.fit, speed.fit):
        model, (images, labels) = model_of(), images_of()
        train(model, images, labels, batch_size=8, epochs=4, shuffle=False, verbose=0, callbacks=[StopAtBatch()])
        lengths.append((len(model.history.epoch), int(model.optimizer.iterations)))
        weights.append(model.get_weights())
    assert lengths == [(1, 2), (1, 2)]
    for plain, fast in zip(*weights, strict=True):
        np.testing.assert_allclose(fast, plain, atol=1e-6)


@pytest.mark.slow
def test_another_thread_can_stop_a_training():
    model, begun = model_of(), threading.Event()

    class Wait(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            begun.set()

    run = threading.Thread(
        target=speed.fit, args=(model, *images_of()), kwargs={"epochs": 10**6, "callbacks": [Wait()]}
    )
    run.start()
    assert begun.wait(60)
    model.stop_training = True
    run.join(60)
    assert not run.is_alive()
    assert len(model.history.epoch) < 10**6


@pytest.mark.slow
def test_trainings_at_the_same_time_reach_the_weights_of_one_after_the_other():
    def trained(seed, models):
        data = images_of(seed=seed)
        speed.fit(models[seed], data, epochs=20, shuffle=False, callbacks=[keras.callbacks.LambdaCallback()], verbose=0)

    together, alone = [model_of() for _ in range(3)], [model_of() for _ in range(3)]
    for seed in range(3):
        trained(seed, alone)
    threads = [threading.Thread(target=trained, args=(seed, together)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(alone, together, strict=True):
        for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_allclose(b, a, atol=1e-6)


@pytest.mark.slow
def test_a_training_inside_a_callback_leaves_the_outer_one_alone():
    class Probe(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            speed.fit(model_of(), images_of(seed=1), verbose=0)

    weights = []
    for callbacks in ([], [Probe()]):
        model = model_of()
        speed.fit(model, images_of(), batch_size=16, epochs=2, shuffle=False, callbacks=callbacks, verbose=0)
        weights.append(model.get_weights())
    for quiet, disturbed in zip(*weights, strict=True):
        np.testing.assert_allclose(disturbed, quiet, atol=1e-6)
