"""Train the model beside this file again, in Keras and scikit-learn, from the same start to the same weights.

    python train.py FOLDER_OF_PHOTOS

`start.keras` is the network as it was; only its last layer is learned, as a logistic regression on standardised
features. `photos.csv` names the photos. The result is compared with `model.keras`.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

__all__ = ["main"]


def main(folder):
    """Train on the photos of a folder, and say how far the weights are from those of `model.keras`."""
    import keras
    from predict import read_photo

    here = Path(__file__).resolve().parent
    facts = json.loads((here / "labels.json").read_text("utf-8"))
    with open(here / "photos.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    photos = np.stack([read_photo(Path(folder) / row["file"], facts["size"]) for row in rows])
    labels = np.array([facts["classes"].index(row["class"]) for row in rows])

    model = keras.saving.load_model(here / "start.keras")
    features = keras.Model(model.inputs, model.get_layer("head").input)
    values = np.concatenate([features.predict_on_batch(photos[i : i + 64]) for i in range(0, len(photos), 64)])
    regression = LogisticRegression(C=facts["training"]["C"], max_iter=1000)
    scaler, regression = make_pipeline(StandardScaler(), regression).fit(values, labels)
    kernel = (regression.coef_ / scaler.scale_).T
    bias = regression.intercept_ - scaler.mean_ @ kernel
    if len(facts["classes"]) == 2:  # one row of weights for two classes: the first class gets zeros
        kernel, bias = np.hstack([np.zeros_like(kernel), kernel]), np.array([0.0, *bias])
    model.get_layer("head").set_weights([kernel, bias])

    final = keras.saving.load_model(here / "model.keras")
    pairs = zip(model.get_weights(), final.get_weights(), strict=True)
    print(f"Largest difference of a weight from model.keras: {max(np.abs(a - b).max() for a, b in pairs):.2g}")


if __name__ == "__main__":
    main(sys.argv[1])
