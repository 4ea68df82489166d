"""Pre-train `shops`: how sales of cheese follow price and display, learned from all retailers but the targets.

    python datasets/recipes/pretrain_shops.py

Each window is told as a target will be: relative to the means of 8 to 26 known weeks.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import network_training
import numpy as np

from tlkit.backbones.networks import build_shops
from tlkit.data.arrays import ArraySplit
from tlkit.data.shops import HORIZON, load_shops, shop_window

EPOCHS, BATCH, RATE = 30, 128, 3e-3
KNOWN = (8, 27)  # weeks: at least, and less than
WINDOWS_A_SHOP = 12


def draw_weeks(shops: ArraySplit, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Features `(num_weeks, 4)` and relative log sales `(num_weeks,)` of windows at random places."""
    windows = []
    for row in range(len(shops)):
        for _ in range(WINDOWS_A_SHOP):
            known = int(rng.integers(*KNOWN))
            end = int(rng.integers(known + HORIZON, shops["known"][row].sum() + 1))
            windows.append(shop_window(shops, row, known, end=end))
    features = np.concatenate([part for window in windows for part in (window.known, window.future)])
    return features, np.concatenate([part for window in windows for part in (window.known_sales, window.future_sales)])


def validation_error(model: keras.Model, shops: ArraySplit) -> tuple[float, float]:
    """Mean absolute error of log sales in the last 12 weeks, 16 weeks known: of the network, and of the known mean."""
    windows = [shop_window(shops, row, 16) for row in range(len(shops))]
    said = model.predict(np.concatenate([window.future for window in windows]), verbose=0)[:, 0]
    sales = np.concatenate([window.future_sales for window in windows])
    return float(abs(said - sales).mean()), float(abs(sales).mean())


def main() -> None:
    """Train, and write weights and record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--work", type=Path, default=network_training.WORK)
    options = parser.parse_args()
    data = load_shops("cheese")
    keras.utils.set_random_seed(0)
    model = build_shops()
    model.compile(keras.optimizers.AdamW(RATE, weight_decay=1e-3), keras.losses.Huber(0.5))

    def train_epoch(epoch: int) -> dict[str, float]:
        model.optimizer.learning_rate = RATE * (1 - epoch / EPOCHS)
        features, sales = draw_weeks(data.train, np.random.default_rng([1, epoch]))
        loss = model.fit(features, sales, batch_size=BATCH, verbose=0).history["loss"][0]
        return {"loss": loss, "val_error": validation_error(model, data.val)[0]}

    record = network_training.run(model, EPOCHS, train_epoch, options.work / "shops")
    error, mean_error = validation_error(model, data.val)
    results = {"num_train": len(data.train), "num_val": len(data.val)}
    results |= {"val_error": round(error, 4), "val_error_of_the_mean": round(mean_error, 4)}
    recipe = {"epochs": EPOCHS, "batch": BATCH, "rate": RATE, "known": KNOWN, "windows_a_shop": WINDOWS_A_SHOP}
    facts = {
        "architecture": "shops",
        "options": {},
        "source": "shops",
        "about": f"weekly sales of cheese by {len(data.train)} retailers",
    }
    network_training.export("shops", model, {"recipe": recipe, **record, **results}, facts=facts)


if __name__ == "__main__":
    main()
