"""Teaching, attention, scripts, twins and tuning against Keras, SciPy, and loops written out."""

import keras
import numpy as np
import pytest
from scipy.special import softmax

from tlkit import translation
from tlkit.backbones import load_network
from tlkit.backbones.spelling import spell, spelling_lessons, spelling_loss
from tlkit.data import load_names
from tlkit.data.names import load_name_letters, to_devanagari

RNG = np.random.default_rng(0)


# --- teaching


def test_the_shift_is_that_of_the_kits_own_lessons():
    pairs = load_names("hi").train.select(np.arange(40))
    for begin in (2, 3):
        (_, before), after = spelling_lessons(pairs, begin)
        np.testing.assert_array_equal(translation.shift_right(after, begin), before)


def test_a_full_row_keeps_its_letters():
    assert translation.shift_right([[7, 5, 6, 1]], 3).tolist() == [[3, 7, 5, 6]]
    with pytest.raises(ValueError, match=r"`letters` must be \(num_names, length\).*Received shape \(3,\)"):
        translation.shift_right([1, 2, 3])


def test_the_loss_is_that_of_keras_with_padding_ignored():
    scores = RNG.normal(size=(4, 7, 9)) * 3
    letters = RNG.integers(0, 9, (4, 7))
    assert translation.masked_cross_entropy(scores, letters) == pytest.approx(
        float(spelling_loss()(letters, scores.astype("float32"))), rel=1e-5
    )
    assert translation.masked_cross_entropy(scores + 5000, letters) < 20
    with pytest.raises(ValueError, match=r"with a letter. Received shapes \(4, 7, 9\) and \(4, 7\)"):
        translation.masked_cross_entropy(scores, 0 * letters)


@pytest.mark.slow
def test_a_name_is_written_as_by_the_network_of_the_kit():
    model, (source, target) = load_network("names_mr_ne"), load_name_letters()
    letters = source.encode(["east asia"])

    def next_scores(said):
        before = np.zeros((1, 20), np.int32)
        before[0, : len(said)] = said
        return model.predict_on_batch([letters, before])[0, len(said) - 1]

    written = translation.write_greedily(next_scores)
    assert target.decode([[*written, 1]]) == spell(model, ["east asia"])


def test_a_name_without_an_end_stops():
    assert translation.write_greedily(lambda said: np.eye(5)[4], longest=3) == [4, 4, 4]
    assert translation.write_greedily(lambda said: np.eye(5)[1]) == []


# --- attention


def test_attention_is_a_softmax_of_what_is_there():
    scores, letters = RNG.normal(size=(3, 6)) * 4, np.array([3, 0, 5, 9, 0, 0])
    for level in (-4000, 0, 4000):
        found = translation.attention_over(scores + level, letters)
        np.testing.assert_allclose(found[:, letters > 0], softmax(scores[:, letters > 0], axis=1), rtol=1e-6)
        assert (found[:, letters == 0] == 0).all()
    with pytest.raises(ValueError, match=r"one that is not padding. Received shapes \(3, 6\) and \(6,\)"):
        translation.attention_over(scores, 0 * letters)


@pytest.mark.slow
def test_the_maps_are_what_the_network_attends_by():
    """The value of a block, weighted by its map, is what the block gives."""
    model = load_network("names_mr_ne")
    (letters, before), _ = spelling_lessons(load_names("hi").train.select(np.arange(3)))
    maps = translation.attention_maps(model, letters, before)
    assert maps.shape == (2, 3, 20, 20)
    np.testing.assert_allclose(maps.sum(axis=-1), 1, atol=1e-5)
    assert abs(maps * (letters == 0)[None, :, None]).max() == 0
    block = model.get_layer("decoder_2_attention")
    inputs, output = keras.Model(model.inputs, [block.input, block.output])([letters, before], training=False)
    np.testing.assert_allclose(maps[1] @ np.asarray(inputs[2]), output, atol=1e-4)
    with pytest.raises(ValueError, match="`model` must attend to letters"):
        translation.attention_maps(load_network("shops"), letters, before)


# --- scripts


def test_letters_move_as_names_of_the_kit_do():
    names = load_names("bn").val["name"].tolist()
    assert [translation.move_script(name, 0x980, 0x900) for name in names] == [to_devanagari(n, "bn") for n in names]
    assert translation.move_script("a\u09ff\u0a00 \u0980", 0x980, 0x900) == "a\u097f\u0a00 \u0900"


@pytest.mark.slow
def test_a_network_writes_the_same_in_its_own_letters():
    model = load_network("names_bn")
    names = load_names("bn").val["english"][:20].tolist()
    before, weights = spell(model, names), model.get_weights()
    translation.swap_scripts(model, 0x980, 0x900)
    own = spell(model, names)
    assert own != before
    assert [to_devanagari(name, "bn") for name in own] == before
    translation.swap_scripts(model, 0x900, 0x980)
    assert all(np.array_equal(one, two) for one, two in zip(weights, model.get_weights(), strict=True))


# --- twins


def test_twins_are_found_however_they_are_written():
    assert translation.find_twins(["São Tomé", "ST. LUCIA"], ["st lucia", "lucia", "sao-tome"]) == [0, 2]
    assert translation.find_twins([], ["chad"]) == []


def test_the_parents_of_the_kit_have_no_twin_but_in_the_leak():
    test = load_names("hi").test.open("twins of the test")["english"]
    for language in ("mr", "ne", "bn", "es"):
        assert translation.find_twins(load_names(language).train["english"], test) == []
        assert len(translation.find_twins(load_names(language, apart=None).train["english"], test)) > 100


# --- tuning


def test_epochs_are_those_of_a_search():
    for _ in range(200):
        updates, pairs, batch = (int(each) for each in RNG.integers(1, [400, 200, 40]))
        steps = len(range(0, pairs, batch))
        wanted = next(epochs for epochs in range(1, 500) if epochs * steps >= updates)
        assert translation.epochs_for(updates, pairs, batch) == wanted
    with pytest.raises(ValueError, match=r"must be above 0. Received: 5, 0, 3"):
        translation.epochs_for(5, 0, 3)


@pytest.mark.slow
def test_a_run_starts_fresh_and_leaves_what_is_frozen():
    tuner = translation.NameTuner(frozen=("encoder",))
    start, pairs = load_network("names_mr_ne").get_weights(), load_names("hi", num_train=20).train
    ends = [tuner.tune(start, pairs, updates=2, rate=1e-3, seed=1).get_weights() for _ in range(2)]
    for one, two in zip(*ends, strict=True):
        np.testing.assert_allclose(one, two, atol=1e-5)
    other = tuner.tune(start, pairs, updates=2, rate=1e-3, seed=2).get_weights()
    assert any(not np.allclose(one, two, atol=1e-6) for one, two in zip(ends[0], other, strict=True))
    frozen = [variable.path.startswith("encoder") for variable in tuner.model.weights]
    for variable, before, after, stays in zip(tuner.model.weights, start, ends[0], frozen, strict=True):
        assert stays <= np.array_equal(before, after), variable.path
    assert not np.array_equal(ends[0][-2], start[-2]), "the last layer learns"


# --- records


def test_records_are_read():
    leak = translation.recorded("names_hindi", "a parent trained further")
    assert leak["with twins"].mean() < leak["without twins"].mean()
    with pytest.raises(ValueError, match="`asked` must be one of"):
        translation.recorded("names_hindi", "nothing")
