"""Does `speech` help to understand people it has never heard? Real digits, few labels, split by speaker.

    python datasets/recipes/measure_speech.py spoken_digits.zip

The archive holds WAV files named DIGIT_SPEAKER_NUMBER.wav, as the Free Spoken Digit Dataset does. Each seed draws half
of the speakers: labels come from them, and the clips of all others are the test. The network from scratch gets the best
of three learning rates, chosen on the test itself: a generous baseline.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path, PurePosixPath

import keras
import network_figures
import numpy as np

from tlkit.backbones.networks import load_network
from tlkit.data.sounds import read_sound
from tlkit.data.spectrograms import log_mel
from tlkit.probes import linear_probe

LABELS = (1, 3, 10)
RATES = (3e-4, 1e-3, 3e-3)
STEPS, BATCH = 120, 10
STRENGTH = 0.01  # of the probes: few labels ask for a strong penalty
MAX_TEST = 600


def read_digits(archive: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pictures `(num_clips, 64, 64)`, digits `(num_clips,)` and speakers `(num_clips,)`."""
    with zipfile.ZipFile(archive) as files:
        names = sorted(name for name in files.namelist() if name.endswith(".wav"))
        pictures = np.stack([log_mel(*read_sound(files.read(name))) for name in names])
    digits, speakers, _ = zip(*(PurePosixPath(name).stem.split("_") for name in names), strict=True)
    return pictures, np.array(digits, int), np.array(speakers)


def draw(digits: np.ndarray, speakers: np.ndarray, num_labels: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows with labels, and rows of other people. The people of a seed are the same for every number of labels."""
    names = np.random.default_rng(seed).permutation(np.unique(speakers))
    near = np.isin(speakers, names[: len(names) // 2])
    rng = np.random.default_rng([seed, num_labels])
    train = [rng.choice(np.flatnonzero(near & (digits == digit)), num_labels, replace=False) for digit in range(10)]
    return np.concatenate(train), rng.permutation(np.flatnonzero(~near))[:MAX_TEST]


def frozen_features(pictures: np.ndarray) -> dict[str, np.ndarray]:
    """What a probe is given: features of the trained network, of the same untrained, and coarse pixels."""
    shown = pictures[..., None].astype("float32")
    networks = {name: load_network("speech", trained=name == "speech") for name in ("speech", "random")}
    found: dict[str, np.ndarray] = {
        name: network.predict(shown, batch_size=256, verbose=0) for name, network in networks.items()
    }
    return found | {"pixels": pictures.reshape(-1, 16, 4, 16, 4).mean((2, 4)).reshape(len(pictures), -1)}


def train_from_scratch(pictures, digits, train, test, rate: float, seed: int) -> float:
    """Accuracy on `test` of the same network, trained on the few labels alone."""
    encoder = load_network("speech", trained=False, seed=seed)
    model = keras.Model(encoder.input, keras.layers.Dense(10)(encoder.output))
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    epochs = max(1, STEPS * BATCH // len(train))
    shown = pictures[..., None].astype("float32")
    model.fit(shown[train], digits[train], batch_size=BATCH, epochs=epochs, verbose=0)
    return float((model.predict(shown[test], batch_size=256, verbose=0).argmax(1) == digits[test]).mean())


def measure(archive: Path, num_seeds: int) -> dict:
    """Accuracies by number of labels, way and seed."""
    pictures, digits, speakers = read_digits(archive)
    features, scores = frozen_features(pictures), {}
    for num_labels in LABELS:
        found: dict[str, list[float]] = {name: [] for name in (*features, *(f"scratch {rate:g}" for rate in RATES))}
        for seed in range(num_seeds):
            train, test = draw(digits, speakers, num_labels, seed)
            for name, values in features.items():
                probe = linear_probe(values[train], digits[train], strength=STRENGTH)
                found[name].append(float(probe.score(values[test], digits[test])))
            for rate in RATES:
                found[f"scratch {rate:g}"].append(train_from_scratch(pictures, digits, train, test, rate, seed))
        best = max((f"scratch {rate:g}" for rate in RATES), key=lambda name: np.mean(found[name]))
        scores[f"{num_labels} label{'s' * (num_labels > 1)} a digit"] = {name: found[name] for name in features} | {
            "scratch": found[best]
        }
    return scores


def main() -> None:
    """Run the command line; the scores are kept beside the weights, for the card."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    network_figures.keep(
        "speech",
        measure(options.archive, options.seeds),
        command="python datasets/recipes/measure_speech.py spoken_digits.zip",
        what=f"Accuracy on digits said by people never heard, {options.seeds} draws of people and clips; they share "
        "the archive's people, so that the intervals are of these. The network from scratch had the best of three "
        "learning rates, chosen on the test: a generous baseline.",
        unit="%",
    )


if __name__ == "__main__":
    main()
