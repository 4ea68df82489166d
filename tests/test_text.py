"""Pooling, neighbours, objectives and tuning of texts, each against another way to compute it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics.pairwise import cosine_similarity

from tlkit import text
from tlkit.backbones import load_network, load_pieces

RNG = np.random.default_rng(0)
TEXTS = ["a small wild cat", "a large bird of prey", "a tax on income", "money that is owed", "a dog", "a bank"]
LABELS = np.array([0, 0, 1, 1, 0, 1])


def test_mean_of_pieces_is_keras_masked_pooling():
    tokens = np.array([[5, 7, 0, 0], [3, 4, 6, 9], [8, 0, 0, 0]])
    vectors = RNG.normal(size=(3, 4, 6))
    wanted = keras.layers.GlobalAveragePooling1D()(vectors, mask=tokens != 0)
    np.testing.assert_allclose(text.mean_of_pieces(vectors, tokens), wanted, rtol=1e-5)
    assert (text.mean_of_pieces(vectors, np.zeros((3, 4))) == 0).all()


def test_nearest_sorts_cosines_and_leaves_out_itself():
    vectors, others = RNG.normal(size=(7, 4)), RNG.normal(size=(5, 4))
    rows, cosines = text.nearest(vectors, others, number=3)
    wanted = cosine_similarity(vectors, others)
    assert (rows == np.argsort(-wanted, axis=1)[:, :3]).all()
    np.testing.assert_allclose(cosines, -np.sort(-wanted, axis=1)[:, :3])
    twins = np.vstack([vectors, vectors[2]])
    assert text.nearest(twins)[0][[2, 7], 0].tolist() == [7, 2]


def test_term_weights_are_those_of_scikit_learn():
    counts = RNG.integers(0, 3, (6, 9))
    counts[3], counts[:, 4] = 0, 0
    np.testing.assert_allclose(text.term_weights(counts), TfidfTransformer().fit_transform(counts).toarray())


def test_masked_pieces_have_the_shares_of_bert():
    tokens = RNG.integers(3, 5000, (4000, 10))
    tokens[:, 7:] = 0
    inputs, chosen = text.mask_pieces(tokens, 5000, share=0.15, seed=3)
    assert not chosen[:, 7:].any()
    assert (inputs[~chosen] == tokens[~chosen]).all()
    assert abs(chosen[:, :7].mean() - 0.15) < 0.01
    masked, kept = (inputs[chosen] == 2).mean(), (inputs[chosen] == tokens[chosen]).mean()
    assert abs(masked - 0.8) < 0.03
    assert abs(kept - 0.1) < 0.03
    assert ((inputs[chosen] >= 3) | (inputs[chosen] == 2)).all()
    again = text.mask_pieces(tokens, 5000, share=0.15, seed=3)
    assert (again[0] == inputs).all()
    assert (text.mask_pieces(tokens, 5000, seed=4)[1] != chosen).any()


def test_masked_loss_is_keras_with_weights():
    logits, tokens = RNG.normal(size=(3, 5, 8)) * 3, RNG.integers(0, 8, (3, 5))
    chosen = RNG.random((3, 5)) < 0.5
    costs = keras.losses.sparse_categorical_crossentropy(tokens, logits, from_logits=True)
    wanted = np.average(costs, weights=chosen)
    assert text.masked_loss(logits, tokens, chosen) == pytest.approx(wanted, rel=1e-5)


def test_info_nce_is_that_of_the_recipe():
    one, other = RNG.normal(size=(6, 4)), RNG.normal(size=(6, 4))
    a, b = (tf.math.l2_normalize(each, axis=1) for each in (one, other))
    scores = 7.0 * tf.matmul(a, b, transpose_b=True)
    own = tf.range(6)
    wanted = [
        tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(own, each))
        for each in (scores, tf.transpose(scores))
    ]
    assert text.info_nce(one, other, scale=7.0) == pytest.approx(np.mean(wanted), rel=1e-6)


def _by_keras(tokens, labels, stages, rate, steps, seed):
    """The oracle: a whole Keras model with its own Adam, anew in each stage, on the same orders."""
    encoder = load_network("glosses")
    head = keras.layers.Dense(2, kernel_initializer="zeros")
    head.build(encoder.output_shape)
    parts = {2: head.trainable_variables, 1: encoder.trainable_variables[1:], 0: encoder.trainable_variables[:1]}
    rng, number = np.random.default_rng(seed), steps // len(stages)
    for stage in stages:
        learns = [each for part in stage for each in parts[part]]
        optimizer = keras.optimizers.Adam(rate)
        optimizer.build(learns)
        epochs = -(-number * 4 // len(tokens))
        order = np.concatenate([rng.permutation(len(tokens)) for _ in range(epochs)])[: number * 4].reshape(number, 4)
        for step, rows in enumerate(order):
            optimizer.learning_rate = rate * (0.5 + 0.5 * np.cos(np.pi * step / number))
            with tf.GradientTape() as tape:
                logits = head(encoder(tokens[rows], training=False))
                loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels[rows], logits))
            found = tape.gradient(loss, [each.value for each in learns])
            slopes = [tf.convert_to_tensor(each) for each in found]  # sparse ones are squared before they are summed
            optimizer.apply_gradients(zip(slopes, learns, strict=True))
    return [each.numpy() for each in encoder.trainable_variables], [each.numpy() for each in head.trainable_variables]


@pytest.mark.slow
@pytest.mark.parametrize("schedule", ["tuned", "gradual", "frozen"])
def test_tuned_copies_are_what_keras_trains_alone(schedule):
    tokens = load_pieces("glosses")(TEXTS, 8)
    copies, rates, seeds = np.stack([tokens, tokens]), [2e-3, 5e-3], [0, 3]
    tuned = text.tune_encoders(
        "glosses", copies, [LABELS, LABELS], rates=rates, seeds=seeds, schedule=schedule, steps=6, batch_size=4
    )
    for copy, (rate, seed) in enumerate(zip(rates, seeds, strict=True)):
        weights, head = _by_keras(tokens, LABELS, text.SCHEDULES[schedule], rate, 6, seed)
        for mine, theirs in zip([*tuned.weights[copy], *tuned.heads[copy]], [*weights, *head], strict=True):
            np.testing.assert_allclose(mine, theirs, atol=2e-4)


@pytest.mark.slow
def test_untrained_copies_start_from_their_seeds():
    tokens = load_pieces("glosses")(TEXTS, 8)
    tuned = text.tune_encoders(
        "glosses", np.stack([tokens] * 3), [LABELS] * 3, rates=[1e-3] * 3, seeds=[1, 2, 1], trained=False, steps=3
    )
    unused = sorted(set(range(50)) - set(tokens.ravel().tolist()))
    start = load_network("glosses", trained=False, seed=2).get_layer("pieces").embeddings.numpy()
    assert (tuned.weights[1][0][unused] == start[unused]).all()
    assert (tuned.weights[0][0] == tuned.weights[2][0]).all()
    assert (tuned.predict(tokens, [1]) == tuned.predict(tokens)[1]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: text.mean_of_pieces(np.ones((2, 3, 4)), np.ones((2, 2))), r"Received shapes \(2, 3, 4\) and \(2, 2\)"),
        (lambda: text.nearest(np.eye(3), number=3), "from 1 to 2"),
        (lambda: text.nearest(np.ones(3)), r"Received shape \(3,\)"),
        (lambda: text.nearest(np.eye(3), np.eye(4)), "one width"),
        (lambda: text.term_weights([[-1]]), "at least 0"),
        (lambda: text.mask_pieces([[3]], 3), "`num_pieces` above 3"),
        (lambda: text.masked_loss(np.ones((1, 1, 2)), [[0]], [[False]]), "mask more pieces"),
        (lambda: text.info_nce(np.eye(3), np.eye(2)), "must both be"),
        (lambda: text.tune_encoders("glosses", [[3]], [0], rates=[1], seeds=[0]), "`tokens` must be"),
        (lambda: text.tune_encoders("glosses", [[[3]]], [[0]], rates=[1], seeds=[0], steps=2), "at least 3"),
        (lambda: text.tune_encoders("glosses", [[[3]]], [[0]], rates=[1], seeds=[0], schedule="tune"), "schedule"),
    ],
    ids=range(11),
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
