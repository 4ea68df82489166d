"""Windows, naive rules, ridges, tuning and bands against scikit-learn, Keras, and sums written out in loops."""

import keras
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import mean_pinball_loss
from sklearn.utils.estimator_checks import check_estimator

from tlkit import forecasting
from tlkit.backbones.networks import build_shops
from tlkit.data import load_shops, shop_window

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(20, 3)), RNG.normal(size=20)
TOWARDS = np.array([2.0, -1.0, 3.0, 0.5])


# --- naive rules and origins


def test_seasons_are_those_of_a_loop():
    for season in range(1, 9):
        for horizon in (1, 5, 20):
            found = forecasting.repeat_season(X.T, season, horizon)
            looped = [[row[len(row) - season + week % season] for week in range(horizon)] for row in X.T]
            assert found.tolist() == looped
    assert (forecasting.repeat_last(Y, 4) == Y[-1]).all()


def test_origins_are_those_of_a_search():
    for _ in range(200):
        num_weeks, num_known, horizon, step = (int(each) for each in RNG.integers([5, 1, 1, 1], [60, 20, 15, 8]))
        possible = [week for week in range(num_weeks) if week >= num_known and week + horizon <= num_weeks]
        wanted = [week for week in possible if (possible[-1] - week) % step == 0]
        assert forecasting.rolling_origins(num_weeks, num_known, horizon, step) == wanted


def test_windows_are_those_of_the_shops_and_know_their_weeks():
    shops = load_shops("juice").val
    cut = forecasting.cut_windows(shops, 16, before_end=(0, 5))
    assert len(cut.shop) == 2 * len(shops)
    for place, row in enumerate(cut.shop):
        total = int(shops["known"][row].sum())
        one = shop_window(shops, row, 16, end=total - 5 * (place % 2))
        for name in ("known", "known_sales", "future", "future_sales", "level"):
            np.testing.assert_array_equal(getattr(cut, name)[place], getattr(one, name))
        sold = shops["sales"][row, cut.weeks[place]]
        np.testing.assert_allclose(cut.future_sales[place] + cut.level[place], sold, atol=1e-5)


def test_sources_do_not_see_the_weeks_that_are_kept_from_them():
    shops = load_shops("juice").val
    plain = forecasting.draw_weeks(shops, per_shop=3, without_last=24, seed=1)
    spoiled = dict(shops.arrays)
    spoiled["sales"] = shops["sales"].copy()
    for row, known in enumerate(shops["known"]):
        spoiled["sales"][row, np.flatnonzero(known)[-24:]] = 99
    again = forecasting.draw_weeks(
        type(shops)(spoiled, shops.schema, noun="shops"), per_shop=3, without_last=24, seed=1
    )
    for mine, theirs in zip(plain, again, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_shop_is_one_observation():
    errors, shop = RNG.random((9, 4)), np.array([2, 2, 7, 2, 9, 9, 7, 2, 2])
    wanted = [errors[shop == each].mean() for each in (2, 7, 9)]
    np.testing.assert_allclose(forecasting.mean_by_shop(errors, shop), wanted)
    twice = forecasting.mean_by_shop(np.vstack([errors, errors]), np.tile(shop, 2))
    np.testing.assert_allclose(twice, wanted)


# --- ridge


@pytest.mark.parametrize("penalty", [0.01, 1.0, 50.0])
@pytest.mark.parametrize("weights", [None, RNG.uniform(0.1, 2, 20)])
def test_ridge_is_scikit_learns_of_what_is_left(penalty, weights):
    mine = forecasting.RidgeTowards(penalty, TOWARDS).fit(X, Y, weights)
    rows = np.column_stack([X, np.ones(20)])
    theirs = Ridge(penalty, fit_intercept=False).fit(rows, Y - rows @ TOWARDS, weights)
    np.testing.assert_allclose([*mine.coef_, mine.intercept_], theirs.coef_ + TOWARDS)
    np.testing.assert_allclose(mine.predict(X), rows @ (theirs.coef_ + TOWARDS))


def test_ridge_between_least_squares_and_the_others():
    np.testing.assert_allclose(forecasting.RidgeTowards(0).fit(X, Y).coef_, LinearRegression().fit(X, Y).coef_)
    np.testing.assert_allclose(forecasting.RidgeTowards(1e9, TOWARDS).fit(X, Y).coef_, TOWARDS[:3], atol=1e-6)


def test_ridge_is_an_estimator():
    check_estimator(forecasting.RidgeTowards(), on_skip=None)


# --- tuning


@pytest.mark.slow
@pytest.mark.parametrize("layers", [None, ["sales"]])
def test_each_copy_is_tuned_as_keras_alone_would(layers):
    keras.utils.set_random_seed(0)
    starts = [build_shops(), build_shops()]
    x, y = RNG.normal(size=(3, 9, 4)).astype("float32"), RNG.normal(size=(3, 9)).astype("float32")
    models = [starts[0], starts[1], starts[0]]
    tuned = forecasting.tune_each(models, x, y, steps=12, learning_rate=0.01, layers=layers)
    said = tuned.predict(x)
    for place, start in enumerate(models):
        alone = keras.models.clone_model(start)
        alone.set_weights(start.get_weights())
        for layer in alone.layers:
            layer.trainable = layers is None or layer.name in layers
        alone.compile(keras.optimizers.Adam(0.01), keras.losses.Huber(0.5))
        alone.fit(x[place], y[place], batch_size=9, epochs=12, verbose=0)
        for mine, theirs in zip(tuned.weights, alone.get_weights(), strict=True):
            np.testing.assert_allclose(mine[place], theirs, atol=1e-5)
        np.testing.assert_allclose(said[place], alone.predict(x[place], verbose=0), atol=1e-5)


@pytest.mark.slow
def test_no_step_leaves_the_network_as_it_is():
    model = build_shops()
    x = RNG.normal(size=(2, 5, 4)).astype("float32")
    tuned = forecasting.tune_each(model, x, np.zeros((2, 5)), steps=0, learning_rate=0.1)
    np.testing.assert_allclose(tuned.predict(x)[1], model.predict(x[1], verbose=0), atol=1e-6)


# --- bands


@pytest.mark.parametrize("level", [0.1, 0.5, 0.9])
def test_pinball_is_scikit_learns(level):
    said = RNG.normal(size=(20, 1))
    found = forecasting.PinballLoss([level])(Y[:, None], said)
    assert float(found) == pytest.approx(mean_pinball_loss(Y, said[:, 0], alpha=level), rel=1e-5)


def test_pinball_of_several_levels_is_their_mean_and_can_be_saved():
    loss, said = forecasting.PinballLoss([0.2, 0.7]), RNG.normal(size=(20, 2))
    each = [mean_pinball_loss(Y, said[:, place], alpha=level) for place, level in enumerate((0.2, 0.7))]
    assert float(loss(Y[:, None], said)) == pytest.approx(np.mean(each), rel=1e-5)
    again = forecasting.PinballLoss.from_config(loss.get_config())
    assert again.levels == loss.levels


def test_band_is_the_higher_quantile_with_the_new_error_at_infinity():
    for number in range(1, 60):
        errors = RNG.normal(size=number)
        with_new = np.append(np.abs(errors), np.inf)
        for share in (0.31, 0.5, 0.8, 0.9):
            assert forecasting.band_from_others(errors, share) == np.quantile(with_new, share, method="inverted_cdf")


def test_band_holds_its_share_of_new_values():
    held = [
        abs(RNG.standard_cauchy()) <= forecasting.band_from_others(RNG.standard_cauchy(24), 0.8) for _ in range(4000)
    ]
    assert np.mean(held) == pytest.approx(0.8, abs=0.025)


def test_weights_halve():
    weights = forecasting.forget(9, 3)
    np.testing.assert_allclose(weights[3:] / weights[:-3], 2)
    assert (forecasting.forget(5, np.inf) == 1).all()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: forecasting.repeat_season(Y, 21, 3), "an integer of 1 to 20"),
        (lambda: forecasting.repeat_last(Y, 0), "`horizon` must be at least 1"),
        (lambda: forecasting.rolling_origins(20, 0, 3, 1), "`num_known` must be at least 1"),
        (lambda: forecasting.cut_windows(load_shops().val, 99), "No shop has 99"),
        (lambda: forecasting.draw_weeks(load_shops().val, without_last=60), "before its last 60"),
        (lambda: forecasting.mean_by_shop(Y, [1, 2]), r"Received shape \(2,\)"),
        (lambda: forecasting.RidgeTowards(-1).fit(X, Y), "`penalty` must be at least 0"),
        (lambda: forecasting.RidgeTowards(1, [1.0]).fit(X, Y), "must have 4 numbers"),
        (lambda: forecasting.PinballLoss([1.0]), "shares between 0 and 1"),
        (lambda: forecasting.band_from_others([np.nan], 0.5), "errors finite"),
        (lambda: forecasting.forget(3, 0), "`half_life` above 0"),
        (lambda: forecasting.tune_each(build_shops(), X, Y, steps=1, learning_rate=0.1), "Received shapes"),
        (
            lambda: forecasting.tune_each(
                [build_shops()], X[None, :, [0, 1, 2, 0]], Y[None], steps=1, learning_rate=1, layers=["x"]
            ),
            "must be names of layers",
        ),
        (
            lambda: forecasting.tune_each([], X[None], Y[None], steps=1, learning_rate=0.1),
            "one for each of 1 copies",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, said):
    with pytest.raises(ValueError, match=said):
        call()
