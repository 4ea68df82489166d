"""The embedded weights: small, intact, described by their record, quick to load, and worth more than random ones."""

import json
import statistics
import time

import numpy as np
import pytest
from PIL import Image

from tlkit.backbones import find_embedded, list_backbones, list_embedded, load_backbone, load_classifier, recognise
from tlkit.backbones.__main__ import main as recognise_photos
from tlkit.backbones.embedded_weights import read_arrays, weights_dir
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
    assert entry.sha256 in card
    assert (weights_dir().parent / "cards" / f"weights-{entry.name}-filters.png").exists()
    assert len(record["curve"]) == sum(stage[0] for stage in record["recipe"]["stages"])


@pytest.mark.slow
@each_entry
def test_classifier_has_a_name_for_each_output(entry):
    model, names = load_classifier(weights=entry.name)
    assert model.output_shape == (None, len(names))
    assert len(names) == entry.num_classes
    assert all(isinstance(name, str) and not name.isdigit() for name in names) or entry.source != "photos"


def test_there_are_sources_of_every_kind():
    assert {"photos", "glyphs", "colours", "opposed"} <= {entry.name for entry in ENTRIES}
    assert (weights_dir().parent / "cards" / "weights-random.md").exists()


@each_entry
def test_each_source_is_found_for_its_architecture(entry):
    assert find_embedded(entry.name, entry.architecture) == entry
    info = next(info for info in list_backbones() if info.name == entry.architecture)
    assert entry.name in info.embedded


@pytest.mark.slow
def test_sources_of_one_architecture_are_one_network_with_other_weights():
    first, *others = (load_backbone("mobilenet_v3_small", weights=name) for name in ("photos", "glyphs", "colours"))
    for other in others:
        pairs = list(zip(first.weights, other.weights, strict=True))
        assert all(one.shape == two.shape for one, two in pairs)
        assert not np.array_equal(*pairs[0])


@pytest.mark.slow
def test_loading_takes_little_longer_than_building():
    def seconds(weights):
        began = time.process_time()
        load_backbone("mobilenet_v3_small", weights=weights, alpha=1.0)
        return time.process_time() - began

    runs = [(seconds("photos"), seconds(None)) for _ in range(4)][1:]  # in turn; the first pair warms up
    loading, building = (statistics.median(column) for column in zip(*runs, strict=True))
    assert loading < building + 0.3, "CPU seconds"


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype="uint8")


@pytest.mark.slow
def test_recognise_gives_the_classifiers_own_probabilities(picture):
    everything = recognise(picture, top=200)
    assert sum(probability for _, probability in everything) == pytest.approx(1, abs=1e-4)
    assert everything == sorted(everything, key=lambda pair: -pair[1])
    model, names = load_classifier()
    square = Image.fromarray(picture[:, 15:105]).resize((64, 64), Image.Resampling.LANCZOS)
    assert everything[0][0] == names[np.asarray(model(np.asarray(square)[None]))[0].argmax()]


@pytest.mark.slow
def test_recognise_reads_files(picture, tmp_path, capsys):
    Image.fromarray(picture).save(tmp_path / "noise.png")
    assert recognise(tmp_path / "noise.png") == recognise(picture)
    recognise_photos([str(tmp_path / "noise.png")])
    assert f"noise.png: {recognise(picture)[0][0]} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (np.zeros((8, 8, 3)), {}, r"`image` must be uint8.*Received: float64 \(8, 8, 3\)"),
        (np.zeros((8, 8), "uint8"), {}, r"Received: uint8 \(8, 8\)"),
        (np.zeros((8, 8, 3), "uint8"), {"top": 0}, "`top` must be a whole number of at least 1. Received: 0"),
        (np.zeros((8, 8, 3), "uint8"), {"weights": "photo"}, "Did you mean 'photos'"),
    ],
)
def test_recognise_refuses(image, options, message):
    with pytest.raises(ValueError, match=message):
        recognise(image, **options)


@pytest.mark.slow
def test_a_cup_of_coffee_is_recognised():
    skimage_data = pytest.importorskip("skimage.data")
    assert "espresso" in [name for name, _ in recognise(skimage_data.coffee())]


@pytest.mark.slow
@pytest.mark.large
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
