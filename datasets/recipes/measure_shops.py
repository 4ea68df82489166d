"""Does `shops` forecast retailers that it has never seen better than what their own weeks say?

python datasets/recipes/measure_shops.py
"""

from __future__ import annotations

from collections.abc import Callable

import network_figures
import numpy as np
from pretrain_shops import draw_weeks

from tlkit.backbones.networks import load_network
from tlkit.data.arrays import ArraySplit
from tlkit.data.shops import Window, load_shops, shop_window

KNOWN, BEFORE_END = (8, 16, 26), (0, 4, 8)  # weeks of history; weeks that the three forecasts end before the last
PENALTIES = (0.1, 1.0, 3.0, 10.0, 30.0, 100.0)

Forecast = Callable[[Window], np.ndarray]


def ridge_weights(features: np.ndarray, sales: np.ndarray, penalty: float, towards: np.ndarray) -> np.ndarray:
    """Weights and constant of a ridge regression that is shrunk towards other weights: `(num_features + 1,)`."""
    x = np.column_stack([features, np.ones(len(features))])
    return towards + np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (sales - x @ towards))


def ways_of(train: ArraySplit) -> dict[str, dict[float, Forecast]]:
    """Every way to forecast, with the settings that validation shops choose from."""
    network = load_network("shops")
    pooled = ridge_weights(*draw_weeks(train, np.random.default_rng(0)), 1.0, np.zeros(5))

    def ridge(penalty: float, towards: np.ndarray) -> Forecast:
        def forecast(window: Window) -> np.ndarray:
            weights = ridge_weights(window.known, window.known_sales, penalty, towards)
            return np.column_stack([window.future, np.ones(len(window.future))]) @ weights

        return forecast

    return {
        "last week": {0.0: lambda window: np.full(len(window.future), window.known_sales[-1])},
        "own ridge": {penalty: ridge(penalty, np.zeros(5)) for penalty in PENALTIES},
        "ridge shrunk to the others'": {penalty: ridge(penalty, pooled) for penalty in PENALTIES},
        "shops": {0.0: lambda window: np.asarray(network(window.future))[:, 0]},
    }


def errors(forecast: Forecast, shops: ArraySplit, num_known: int) -> list[float]:
    """Mean absolute error of log sales of each shop, over three forecasts."""
    found = []
    for row in range(len(shops)):
        ends = [int(shops["known"][row].sum()) - weeks for weeks in BEFORE_END]
        windows = [shop_window(shops, row, num_known, end=end) for end in ends]
        found.append(float(np.mean([abs(forecast(window) - window.future_sales).mean() for window in windows])))
    return found


def main() -> None:
    """Measure, and keep the scores beside the weights, for the card."""
    data, cells = load_shops("cheese"), {}
    test = data.test.open("figures of the card")
    for num_known in KNOWN:
        chosen = {}
        for way, settings in ways_of(data.train).items():
            best = min(settings.values(), key=lambda forecast: np.mean(errors(forecast, data.val, num_known)))
            chosen[way] = errors(best, test, num_known)
        cells[f"{num_known} weeks known"] = chosen
    what = (
        "Mean absolute error of log sales, less is better: three forecasts of 12 weeks for each of the test retailers, "
        "the network without any tuning. Intervals are over retailers; settings were chosen on validation retailers."
    )
    network_figures.keep("shops", cells, command="python datasets/recipes/measure_shops.py", what=what, unit="error")


if __name__ == "__main__":
    main()
