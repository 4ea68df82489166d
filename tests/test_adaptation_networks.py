"""Networks that adapt: gaps and gradients against other formulas, and what training must and must not change."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.gaussian_process.kernels import RBF

from tlkit.adaptation import (
    Adda,
    Dann,
    DeepCoral,
    DeepMmd,
    GradientReversal,
    SelfTrainedNetwork,
    SourceNetwork,
    covariance_gap,
    make_dense_encoder,
    make_image_encoder,
    mmd_gap,
)
from tlkit.adaptation.network_parts import domain_loss, reverse_gradient
from tlkit.measure import paired_interval

pytestmark = pytest.mark.slow

ALL = [SourceNetwork, DeepCoral, DeepMmd, Dann, Adda, SelfTrainedNetwork]
RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(9, 4)), RNG.normal(size=(7, 4)) + 1
QUICK = {"num_steps": 40, "batch_size": 16}


def shifted_clusters(seed, shift=2.0):
    """Two clusters apart along one axis, and the same ones shifted along another that is of no use."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(160) % 2)
    points = rng.normal(size=(160, 2)) + 3 * np.column_stack([labels, labels])
    return points, labels, points[::-1] + np.array([shift, -shift]), labels[::-1]


def test_covariance_gap_is_numpys():
    truth = ((np.cov(A.T) - np.cov(B.T)) ** 2).sum() / (4 * 4**2)
    assert float(covariance_gap(tf.constant(A), tf.constant(B))) == pytest.approx(truth, rel=1e-9)


def test_mmd_gap_is_that_of_scikit_learns_kernels():
    rows = np.concatenate([A, B])
    mean_square = np.mean(((rows[:, None] - rows) ** 2).sum(-1))
    kernels = [np.asarray(RBF(np.sqrt(mean_square * factor))(rows)) for factor in (0.25, 1.0, 4.0)]
    kernel = np.stack(kernels).mean(axis=0)
    truth = kernel[:9, :9].mean() + kernel[9:, 9:].mean() - 2 * kernel[:9, 9:].mean()
    assert float(mmd_gap(tf.constant(A), tf.constant(B))) == pytest.approx(truth, rel=1e-6)


@pytest.mark.parametrize("strength", [0.0, 0.3, 2.0])
def test_reversed_gradient_by_finite_differences(strength):
    """The value passes unchanged; the gradient is `-strength` times that of the function behind it."""
    layer, x = GradientReversal(strength), tf.constant(A)
    with tf.GradientTape() as tape:
        tape.watch(x)
        passed = layer(x)
        loss = tf.reduce_sum(tf.sin(passed))
    np.testing.assert_allclose(np.asarray(passed), A, rtol=1e-5)
    slope = (np.sin(A + 1e-6) - np.sin(A - 1e-6)) / 2e-6
    np.testing.assert_allclose(np.asarray(tape.gradient(loss, x)), -strength * slope, atol=1e-5)
    assert GradientReversal.from_config(layer.get_config()).strength == strength


def test_critic_learns_at_full_size_behind_a_reversal():
    weight = tf.Variable([[1.0], [0.5], [-1.0], [2.0]], dtype=tf.float64)
    found = []
    for strength in (0.1, 3.0):
        with tf.GradientTape() as tape:
            codes = [reverse_gradient(tf.constant(part), strength) for part in (A, B)]
            loss = domain_loss(*(tf.matmul(code, weight) for code in codes))
        found.append(tape.gradient(loss, weight).numpy())
    np.testing.assert_allclose(*found)
    assert np.abs(found[0]).max() > 0


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_all_have_one_shape_and_repeat_themselves(kind):
    source, labels, target, _ = shifted_clusters(0)
    names = np.array([3, 8])[labels]
    network = kind(0.3, **QUICK).fit(source, names, target)
    chances = network.predict_proba(target)
    assert chances.shape == (160, 2)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    assert set(network.predict(target)) <= {3, 8}
    other = kind(0.3, seed=5, **QUICK).fit(source, names, target)  # borrows the same graphs
    again = kind(0.3, **QUICK).fit(source, names, target)
    np.testing.assert_array_equal(chances, again.predict_proba(target))
    np.testing.assert_array_equal(chances, network.predict_proba(target))
    assert np.abs(chances - other.predict_proba(target)).max() > 1e-3
    logits = network.as_model().predict(target, verbose=0)
    np.testing.assert_allclose(tf.nn.softmax(logits), chances, atol=1e-5)


@pytest.mark.parametrize("kind", [DeepCoral, DeepMmd, Dann, Adda, SelfTrainedNetwork], ids=lambda kind: kind.__name__)
def test_without_strength_it_is_the_network_of_the_source(kind):
    source, labels, target, _ = shifted_clusters(0)
    plain = SourceNetwork(0.0, **QUICK).fit(source, labels, target)
    adapted = kind(0.0, **QUICK).fit(source, labels, target)
    np.testing.assert_allclose(plain.predict_proba(target), adapted.predict_proba(target), atol=1e-6)
    strong = kind(100.0 if kind is DeepCoral else 1.0, **QUICK).fit(source, labels, target)
    assert np.abs(plain.predict_proba(target) - strong.predict_proba(target)).max() > 1e-3


def test_source_network_equals_keras_own_training():
    """The same weights, batches and Adam, once by the shared graph and once by `train_on_batch`."""
    source, labels, target, _ = shifted_clusters(1)
    network = SourceNetwork(0.0, **QUICK).fit(source, labels, target)
    rng = np.random.default_rng(0)
    network._graphs.restart(rng, 2e-3)
    start = [variable.numpy() for variable in network._graphs.answering]
    rows = network._batches(source, rng)
    model = network.as_model()
    model.set_weights(start)
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for batch in rows:
        model.train_on_batch(source[batch].astype("float32"), labels[batch])
    np.testing.assert_allclose(
        tf.nn.softmax(model.predict(target, verbose=0)), network.predict_proba(target), atol=1e-4
    )


def test_adda_leaves_the_encoder_of_the_source_as_it_is():
    source, labels, target, _ = shifted_clusters(2)
    network = Adda(1.0, **QUICK).fit(source, labels, target)
    first = network._graphs.encoder.get_weights()
    plain = SourceNetwork(0.0, **QUICK).fit(source, labels, target)
    for mine, theirs in zip(first, plain._graphs.encoder.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_mmd_undoes_a_plain_shift():
    """What alignment is made for: within an interval over five paired seeds, it gains."""
    gains = []
    for seed in range(5):
        source, labels, target, truth = shifted_clusters(seed, shift=2.5)
        fitted = [
            kind(10.0, seed=seed, num_steps=200).fit(source, labels, target).score(target, truth)
            for kind in (DeepMmd, SourceNetwork)
        ]
        gains.append(fitted[0] - fitted[1])
    assert paired_interval(gains, np.zeros(5)).mean > -0.02


def test_pictures_need_an_encoder_of_pictures():
    images = RNG.random((40, 8, 8, 1))
    network = Dann(encoder=make_image_encoder, **QUICK).fit(images, np.arange(40) % 4, images)
    assert network.predict_proba(images[:3]).shape == (3, 4)


def with_dropout(shape):
    """An encoder that keeps a state which does not learn."""
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(4), keras.layers.BatchNormalization()])


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: Dann(-1.0), "`strength` must be a number of at least 0"),
        (lambda: Dann(num_steps=0), "`num_steps` must be a whole number"),
        (lambda: Dann(learning_rate=float("nan")), "`learning_rate`"),
        (lambda: GradientReversal(-0.1), "1 reverses the gradient at full size"),
        (
            lambda: Dann().fit(A, np.arange(9) % 2, B[:, :2]),
            r"rows of one shape. Received shapes \(9, 4\) and \(7, 2\)",
        ),
        (lambda: Dann().fit(A, np.arange(5) % 2, B), "one label for each of 9 rows"),
        (lambda: Dann(encoder=with_dropout).fit(A, np.arange(9) % 2, B), "without BatchNorm and dropout"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()


def test_encoders_have_the_shapes_that_they_promise():
    assert make_dense_encoder((5,), 7).output_shape == (None, 7)
    assert make_image_encoder((16, 16, 1), 32).output_shape == (None, 32)
