"""Train the model beside this file again, in plain Keras, from the same start to the same weights.

    python train.py FOLDER_OF_PHOTOS

`start.keras` is the network as it was before the training, with what is frozen in it; `photos.csv` names the photos
in the order in which they were learned from. The trained model is compared with `model.keras`.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

__all__ = ["main"]


def main(folder):
    """Train on the photos of a folder, and say how far the weights are from those of `model.keras`."""
    import keras
    from predict import read_photo

    here = Path(__file__).resolve().parent
    facts = json.loads((here / "labels.json").read_text("utf-8"))
    training = facts["training"]
    with open(here / "photos.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    photos = np.stack([read_photo(Path(folder) / row["file"], facts["size"]) for row in rows])
    labels = np.array([facts["classes"].index(row["class"]) for row in rows])

    model = keras.saving.load_model(here / "start.keras")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(training["learning_rate"]), loss)
    keras.utils.set_random_seed(training["seed"])
    model.fit(photos, labels, batch_size=training["batch_size"], epochs=training["epochs"])

    final = keras.saving.load_model(here / "model.keras")
    pairs = zip(model.get_weights(), final.get_weights(), strict=True)
    print(f"Largest difference of a weight from model.keras: {max(np.abs(a - b).max() for a, b in pairs):.2g}")


if __name__ == "__main__":
    main(sys.argv[1])
