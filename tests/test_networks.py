"""The small networks for texts, names, sounds and sales: the cards say what was measured, and each has learned."""

import json

import keras
import numpy as np
import pytest

from tlkit.backbones import list_networks, load_network, load_pieces
from tlkit.backbones.embedded_weights import weights_dir
from tlkit.backbones.near_attention import NearAttention
from tlkit.backbones.spelling import character_error_rate, spell, spelling_lessons, spelling_loss
from tlkit.data import load_gloss_pairs, load_names, load_shops, load_words_spoken, shop_window
from tlkit.data.names import load_name_letters
from tlkit.probes import linear_probe

ENTRIES = list_networks()
each_entry = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)


def test_all_networks_are_there():
    names = {entry.name for entry in ENTRIES}
    assert names == {"glosses", "glosses_apart", "names_mr_ne", "names_bn", "names_es", "speech", "shops"}


@each_entry
def test_files_are_small_and_cards_quote_the_record(entry):
    assert entry.file.stat().st_size < 5e6
    card = (weights_dir().parent / "cards" / f"weights-{entry.name}.md").read_text("utf-8")
    record = json.loads((weights_dir() / f"{entry.name}.record.json").read_text("utf-8"))
    measured = json.loads((weights_dir() / f"{entry.name}.measured.json").read_text("utf-8"))
    assert entry.sha256 in card
    assert f"{len(record['curve'])} epochs, {record['cpu_seconds']:.0f} CPU seconds" in card
    assert measured["command"] in card
    scale, digits = (100, 1) if measured["unit"] == "%" else (1, 3)
    for asked, ways in measured["cells"].items():
        for way, scores in ways.items():
            assert f"| {asked} | {way} | {scale * np.mean(scores):.{digits}f}" in card


@pytest.mark.slow
@each_entry
def test_the_control_is_the_same_network_untrained(entry):
    trained, control, other = (
        load_network(entry.name, trained=on, seed=seed) for on, seed in ((True, 0), (False, 0), (False, 1))
    )
    shapes = [[variable.shape for variable in model.weights] for model in (trained, control, other)]
    assert shapes[0] == shapes[1] == shapes[2]
    kernels = [
        np.concatenate([np.ravel(v) for v in model.trainable_weights if v.ndim > 1])
        for model in (trained, control, other)
    ]
    assert all(np.isfinite(kernel).all() for kernel in kernels)
    assert not np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[1], kernels[2])
    again = load_network(entry.name, trained=False, seed=0)
    assert all(np.array_equal(one, two) for one, two in zip(control.weights, again.weights, strict=True))


def test_an_unknown_network_is_named():
    with pytest.raises(ValueError, match=r"`name` must be one of .*speech.*Received: 'speach'"):
        load_network("speach")
    with pytest.raises(ValueError, match=r"a network that reads texts: glosses, glosses_apart. Received: 'speech'"):
        load_pieces("speech")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["glosses", "glosses_apart"])
def test_a_definition_is_nearest_to_its_meaning(name):
    pairs = load_gloss_pairs(with_targets=False).select(np.arange(0, 64 * 200, 200))
    pieces = load_pieces(name)

    def share_found(network):
        one, other = (np.asarray(network(pieces(pairs[key]))) for key in ("text", "meaning"))
        one, other = (found / np.linalg.norm(found, axis=1, keepdims=True) for found in (one, other))
        return ((one @ other.T).argmax(1) == np.arange(len(pairs))).mean()

    assert share_found(load_network(name)) > 0.6
    assert share_found(load_network(name, trained=False)) < 0.6


def test_padding_of_texts_does_not_count():
    network, pieces = load_network("glosses"), load_pieces("glosses")
    short, long = (np.asarray(network(pieces(["a small wild cat"], length))) for length in (6, 20))
    assert np.allclose(short, long, atol=1e-5)


@pytest.mark.slow
def test_speech_tells_unheard_voices_and_words_apart():
    """Words and voices that pre-training has never heard, by voices that the probe has not heard, either."""
    data = load_words_spoken("words", per_class=3)
    test = data.test.open("does speech help?")
    found = {}
    for name, trained in (("speech", True), ("control", False)):
        network = load_network("speech", trained=trained)
        train_features, test_features = (
            network.predict(split["picture"][..., None].astype("float32"), verbose=0) for split in (data.train, test)
        )
        found[name] = linear_probe(train_features, data.train.labels, strength=0.01).score(test_features, test.labels)
    assert found["speech"] > found["control"] + 0.15


def test_shops_answer_to_a_price():
    """A price that is a tenth lower sells more, by the network that has never seen the shop."""
    network, test = load_network("shops"), load_shops("cheese").test.open("does it answer?")
    future = np.stack([shop_window(test, row, 16).future[0] for row in range(len(test))])
    cheaper = future + np.array([4 * np.log(0.9), 0, 0, 0], np.float32)
    gains = np.asarray(network(cheaper) - network(future))
    assert gains.mean() > 0.05


@pytest.mark.slow
def test_a_close_parent_writes_hindi_that_it_has_never_seen():
    val = load_names("hi").val
    errors = {
        name: character_error_rate(spell(load_network(name), val["english"]), val["name"])
        for name in ("names_mr_ne", "names_bn", "names_es")
    }
    assert errors["names_mr_ne"] < errors["names_bn"] < errors["names_es"]
    assert errors["names_mr_ne"] < 0.5
    assert errors["names_es"] > 0.9, "another script"


def test_lessons_of_spelling_ask_for_the_next_letter():
    pairs = load_names("hi").train.select(np.arange(5))
    (letters, before), after = spelling_lessons(pairs, begin=3)
    source, target = load_name_letters()
    assert source.decode(letters) == pairs["english"].tolist()
    assert target.decode(after) == pairs["name"].tolist()
    assert (before[:, 0] == 3).all()
    length = len(pairs["name"][0])
    assert before[0, 1 : length + 1].tolist() == after[0, :length].tolist()
    assert (before[0, length + 1 :] == 0).all(), "nothing follows the end"
    assert float(spelling_loss()(after, keras.ops.one_hot(after, len(target)) * 100.0)) < 1e-3


def test_the_alphabet_is_held():
    source, _ = load_name_letters()
    with pytest.raises(ValueError, match=r"letters that the alphabet lacks: '5'. Leave it out"):
        source.encode(["area 51".replace("1", "5")])
    with pytest.raises(ValueError, match=r"at most 19 letters.*with 24 letters"):
        source.encode(["a" * 24])


def test_attention_looks_at_no_padding_and_prefers_what_is_near():
    rng = np.random.default_rng(0)
    query, key, value = (rng.normal(size=(1, 6, 4)).astype("float32") for _ in range(3))
    letters = np.array([[5, 4, 3, 0, 0, 0]])
    layer = NearAttention()
    before = np.asarray(layer([query, key, value, letters]))
    changed = value.copy()
    changed[:, 3:] += 100
    assert np.allclose(layer([query, key, changed, letters]), before)
    ones = [np.zeros_like(query), np.zeros_like(key), np.eye(6, dtype="float32")[None], np.ones((1, 6), int)]
    weights = np.asarray(layer(ones))[0]
    assert (weights.argmax(1) == np.arange(6)).all()
    assert np.allclose(weights.sum(1), 1, atol=1e-5)


@pytest.mark.slow
def test_a_decoder_sees_no_letter_to_come():
    model = load_network("names_mr_ne")
    (letters, before), _ = spelling_lessons(load_names("hi").train.select(np.arange(2)))
    first = np.asarray(model([letters, before], training=False))
    changed = before.copy()
    changed[:, 6:] = 9
    second = np.asarray(model([letters, changed], training=False))
    assert np.allclose(first[:, :6], second[:, :6], atol=1e-5)
    assert not np.allclose(first[:, 6:], second[:, 6:])


@pytest.mark.slow
def test_a_network_is_saved_and_loaded_as_keras_does(tmp_path):
    model = load_network("names_es")
    model.save(tmp_path / "names.keras")
    again = keras.models.load_model(tmp_path / "names.keras")
    inputs, _ = spelling_lessons(load_names("hi").train.select(np.arange(2)))
    assert np.allclose(model(inputs, training=False), again(inputs, training=False), atol=1e-6)
