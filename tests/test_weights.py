"""The embedded weights: small, intact, described by their record, and worth more than random ones."""

import json

import numpy as np
import pytest

from tlkit.backbones import list_embedded, load_backbone, load_classifier
from tlkit.backbones.embedded import read_arrays, weights_dir
from tlkit.data import load_dataset
from tlkit.measure import paired_interval
from tlkit.probes import linear_probe

ENTRIES = list_embedded()
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def test_there_are_photos_first():
    assert ENTRIES[0].name == "photos", "the default of `load_backbone` must come first"


@each_entry
def test_file_is_small_and_intact(entry):
    assert entry.file.stat().st_size < 5_000_000
    assert all(np.isfinite(array).all() for array in read_arrays(entry).values())


@each_entry
def test_card_and_index_quote_the_record(entry):
    record = json.loads((weights_dir() / f"{entry.name}.record.json").read_text("utf-8"))
    card = (weights_dir().parent / entry.facts["card"]).read_text("utf-8")
    assert entry.facts["val_accuracy"] == record["val_accuracy"]
    for figure in (f"**{100 * record['val_accuracy']:.1f} %**", str(record["cpu_minutes"]), str(record["val_images"])):
        assert figure in card
    assert (weights_dir().parent / "cards" / f"weights-{entry.name}-filters.png").exists()
    assert len(record["curve"]) == sum(stage[0] for stage in record["recipe"]["stages"])


@each_entry
def test_classifier_has_a_name_for_each_output(entry):
    model, names = load_classifier(weights=entry.name)
    assert model.output_shape == (None, len(names))
    assert len(names) == entry.num_classes
    assert all(isinstance(name, str) and not name.isdigit() for name in names) or entry.source != "photos"


@pytest.mark.slow
def test_photos_tell_textures_apart_and_random_weights_do_not():
    data = load_dataset("textures", per_class=40)
    scores = {}
    for weights in ("photos", "random"):
        backbone = load_backbone(weights=weights)
        train, val = (backbone.predict(x, verbose=0).mean(axis=(1, 2)) for x in (data.train.images, data.val.images))
        scores[weights] = [_score(train, val, data, seed) for seed in range(5)]
    gain = paired_interval(scores["photos"], scores["random"])
    assert gain.low > 0.15, f"the probe on `photos` must beat the random control by 15 points: {gain}"


def _score(train, val, data, seed: int) -> float:
    rows = np.random.default_rng(seed).permutation(len(train))
    chosen = np.concatenate([rows[data.train.labels[rows] == label][:20] for label in range(data.num_classes)])
    return linear_probe(train[chosen], data.train.labels[chosen]).score(val, data.val.labels)
