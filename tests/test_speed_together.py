"""Many seeds in one graph end where they end one after the other."""

import keras
import numpy as np
import pytest

from tlkit import speed
from tlkit.speed import epoch_sources as sources
from tlkit.speed import feature_store as features_module

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
BUDGETS = (9, 21, 40)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLKIT_CACHE", str(tmp_path))
    features_module._STORES.clear()


def features_of(num=60, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(num, 7)).astype("float32"), rng.integers(0, 3, num)


def head(seed, optimizer="adam", hidden=False, extra=()):
    keras.utils.set_random_seed(seed)
    dense = [keras.layers.Dense(5, activation="relu")] if hidden else []
    model = keras.Sequential([keras.Input((7,)), *dense, *extra, keras.layers.Dense(3)])
    model.compile(keras.optimizers.get(optimizer), LOSS, metrics=["accuracy"])
    return model


def state(model):
    return [np.asarray(v.numpy(), "float64") for v in (*model.variables, *model.optimizer.variables)]


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "hidden"), [("adam", False), ("sgd", True), ("rmsprop", True)])
def test_runs_side_by_side_end_where_plain_keras_ends(optimizer, hidden):
    (x, y), validation = features_of(), features_of(25, 1)
    runs = [(seed, budget) for budget in BUDGETS for seed in range(4)]
    data = [(x[:budget], y[:budget]) for _, budget in runs]
    plain = [head(seed, optimizer, hidden) for seed, _ in runs]
    expected = []
    for model, pair, (seed, _) in zip(plain, data, runs, strict=True):
        keras.utils.set_random_seed(seed)
        expected.append(model.fit(*pair, epochs=3, batch_size=8, validation_data=validation, verbose=0).history)
    models = [head(seed, optimizer, hidden) for seed, _ in runs]
    seeds = [seed for seed, _ in runs]
    found = speed.fit_together(models, data, seeds=seeds, epochs=3, batch_size=8, validation_data=validation)
    for history, want in zip(found, expected, strict=True):
        assert (history.gear, history.history.keys()) == ("together", want.keys())
        for name, values in want.items():
            np.testing.assert_allclose(history.history[name], values, rtol=1e-5, atol=1e-5)
    for one, other in zip(plain, models, strict=True):
        for a, b in zip(state(one), state(other), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_models_that_share_a_frozen_part_pass_their_images_once(monkeypatch):
    counts, run = [], features_module.run_prefix
    monkeypatch.setattr(
        features_module, "run_prefix", lambda prefix, rows, *rest: counts.append(len(rows)) or run(prefix, rows, *rest)
    )
    image = keras.Input((8, 8, 3))
    maps = keras.layers.Conv2D(4, 3, trainable=False)(keras.layers.Rescaling(1 / 255)(image))
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 8, 3)).astype("uint8"), features_of(30)[1]

    def made(seed):
        keras.utils.set_random_seed(seed)
        model = keras.Model(image, keras.layers.Dense(3)(pooled))
        model.compile("adam", LOSS)
        return model

    models, twins = [made(0), made(1)], [made(0), made(1)]
    speed.fit_together(models, [images, images], seeds=[0, 1], epochs=2)
    assert counts == [30]
    for seed, (model, twin) in enumerate(zip(models, twins, strict=True)):
        keras.utils.set_random_seed(seed)
        twin.fit(*images, epochs=2, verbose=0)
        for a, b in zip(state(twin), state(model), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_training_goes_on_with_the_states_of_the_optimizers():
    model, twin, data = head(0), head(0), features_of()
    for _ in range(2):
        speed.fit_together([model], [data], seeds=[3])
        keras.utils.set_random_seed(3)
        twin.fit(*data, verbose=0)
    for a, b in zip(state(twin), state(model), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda seed: head(seed, extra=[keras.layers.Dropout(0.3, seed=1)]), "cannot stand side by side"),
        (lambda seed: head(seed, keras.optimizers.SGD(0.1, momentum=0.5 * seed)), "compiled alike"),
        (lambda seed: head(seed, hidden=seed == 1), "compiled alike"),
    ],
)
def test_models_that_are_not_alike_are_trained_one_after_the_other_and_it_is_said(make, why):
    data = features_of()
    models, twins = [make(0), make(1)], [make(0), make(1)]
    histories = speed.fit_together(models, [data, data], seeds=[0, 1], epochs=2)
    for seed, (history, model, twin) in enumerate(zip(histories, models, twins, strict=True)):
        assert why in history.why
        keras.utils.set_random_seed(seed)
        twin.fit(*data, epochs=2, verbose=0)
        for a, b in zip(state(twin), state(model), strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2, 12345])
@pytest.mark.parametrize("num", [1, 7, 50])
def test_orders_are_those_that_keras_draws(seed, num):
    seen = []

    class Noted(keras.layers.Layer):
        def call(self, x):
            if hasattr(x, "numpy"):
                seen.append(x.numpy()[:, 0])
            return x

    model = keras.Sequential([keras.Input((1,)), Noted(), keras.layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    keras.utils.set_random_seed(seed)
    seen.clear()
    model.fit(np.arange(num, dtype="float32")[:, None], np.zeros(num), batch_size=num, verbose=0)
    np.testing.assert_array_equal(sources.seeded_orders(num, [7, seed])[1], seen[-1])


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"the same length\. Received 1, 2, 1"):
        speed.fit_together([head(0)], [features_of(), features_of()], seeds=[0])
