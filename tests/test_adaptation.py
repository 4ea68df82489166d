"""Closed forms against independent oracles, and what is known of self-training and of rules without labels."""

import numpy as np
import pytest
from scipy import linalg
from sklearn.decomposition import PCA
from sklearn.gaussian_process.kernels import RBF
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tlkit.adaptation import (
    AdaptedProbe,
    AsTheyAre,
    Coral,
    SelfTrainedProbe,
    StandardizedApart,
    SubspaceAlignment,
    Tca,
    gradual_guesses,
    importance_weights,
    mean_entropy,
    reverse_accuracy,
    turned_moons,
    weighted_risk,
)

RNG = np.random.default_rng(0)
SOURCE = RNG.normal(size=(80, 5)) @ RNG.normal(size=(5, 5)) + 2
TARGET = RNG.normal(size=(60, 5)) @ RNG.normal(size=(5, 5)) - 1
LABELS = np.arange(80) % 3
ALIGNERS = [AsTheyAre(), StandardizedApart(), Coral(), SubspaceAlignment(2), Tca(3)]


def assert_equal(received, truth):
    """To 1e-6, relative and absolute."""
    np.testing.assert_allclose(np.asarray(received), np.asarray(truth), rtol=1e-6, atol=1e-6)


def up_to_signs(a, b):
    """Columns of `a` with the signs of those of `b`: the sign of a component is a convention."""
    return a * np.sign((a * b).sum(axis=0))


def test_standardized_equals_scikit_learn():
    aligner = StandardizedApart(floor=0.0).fit(SOURCE, TARGET)
    assert_equal(aligner.transform_source(SOURCE), StandardScaler().fit_transform(SOURCE))
    assert_equal(aligner.transform_target(TARGET), StandardScaler().fit_transform(TARGET))


def test_a_constant_feature_stays_finite():
    flat = np.column_stack([SOURCE[:, 0], np.ones(len(SOURCE))])
    aligner = StandardizedApart(floor=0.0).fit(flat, flat)
    np.testing.assert_array_equal(aligner.transform_source(flat)[:, 1], np.zeros(len(flat)))


@pytest.mark.parametrize("ridge", [1e-6, 1.0])
def test_coral_equals_scipys_matrix_roots(ridge):
    roots = [linalg.sqrtm(np.cov(part, rowvar=False) + ridge * np.eye(5)) for part in (SOURCE, TARGET)]
    truth = (SOURCE - SOURCE.mean(0)) @ np.linalg.solve(roots[0], roots[1]) + TARGET.mean(0)
    aligner = Coral(ridge).fit(SOURCE, TARGET)
    assert_equal(aligner.transform_source(SOURCE), truth)
    np.testing.assert_array_equal(aligner.transform_target(TARGET), TARGET)


def test_subspace_alignment_equals_scikit_learns_components():
    bases = [np.asarray(PCA(3, svd_solver="full").fit(part).components_).T for part in (SOURCE, TARGET)]
    aligner = SubspaceAlignment(3).fit(SOURCE, TARGET)
    for received, truth in (
        (aligner.transform_source(SOURCE), (SOURCE - SOURCE.mean(0)) @ bases[0] @ bases[0].T @ bases[1]),
        (aligner.transform_target(TARGET), (TARGET - TARGET.mean(0)) @ bases[1]),
    ):
        assert_equal(up_to_signs(received, truth), truth)


@pytest.mark.slow
def test_tca_equals_the_eigenvectors_of_its_paper():
    """As Pan et al. write it: a matrix that is not symmetric, built with L and H, by a general solver."""
    rows, (n, m) = np.concatenate([SOURCE, TARGET]), (80, 60)
    kernel = np.asarray(RBF(4.0)(rows))
    side = np.repeat([1 / n, -1 / m], [n, m])
    centre = np.eye(n + m) - 1 / (n + m)
    matrix = np.linalg.inv(kernel @ np.outer(side, side) @ kernel + 0.5 * np.eye(n + m)) @ kernel @ centre @ kernel
    values, vectors = np.linalg.eig(matrix)
    best = np.argsort(-values.real)[:3]
    truth = kernel @ vectors[:, best].real
    received = Tca(3, trade_off=0.5, width=4.0).fit(SOURCE, TARGET).transform_source(rows)
    truth, received = (table / np.linalg.norm(table, axis=0) for table in (truth, received))
    assert_equal(up_to_signs(received, truth), truth)


def test_tca_brings_the_means_together():
    tca = Tca(2, trade_off=1e-3).fit(SOURCE, TARGET)
    codes = tca.transform_source(SOURCE), tca.transform_target(TARGET)
    gap = np.abs(codes[0].mean(0) - codes[1].mean(0)) / np.concatenate(codes).std(0)
    assert gap.max() < 0.1


def test_package_adapt_agrees():
    """PyPI's `adapt` as a second opinion. Its CORAL leaves the means apart, so that both domains are centred first."""
    feature_based = pytest.importorskip("adapt.feature_based")
    from sklearn.linear_model import LogisticRegression

    source, target = SOURCE - SOURCE.mean(0), TARGET - TARGET.mean(0)
    theirs = feature_based.CORAL(LogisticRegression(), Xt=target, lambda_=1.0, verbose=0).fit_transform(source, target)
    assert_equal(Coral(1.0).fit(source, target).transform_source(source), theirs)

    theirs = feature_based.SA(LogisticRegression(), Xt=target, n_components=3, verbose=0)
    theirs = np.asarray(theirs.fit_transform(source, target))
    ours = SubspaceAlignment(3).fit(source, target).transform_source(source)
    assert_equal(up_to_signs(ours, theirs), theirs)


@pytest.mark.parametrize("aligner", ALIGNERS, ids=lambda each: type(each).__name__)
def test_probes_on_aligned_features_have_one_shape(aligner):
    probe = AdaptedProbe(aligner).fit(SOURCE, LABELS, TARGET)
    chances = probe.predict_proba(TARGET[:7])
    assert chances.shape == (7, 3)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(probe.classes_[chances.argmax(axis=1)], probe.predict(TARGET[:7]))
    assert probe.score(TARGET[:7], probe.predict(TARGET[:7])) == 1.0


def test_self_training_follows_a_drift():
    rng = np.random.default_rng(1)
    labels = np.arange(200) % 2
    source = rng.normal(size=(200, 2)) * [1, 0.3] + 3 * labels[:, None] * [1, 0]
    target = source + np.array([1.2, 0])
    plain = AdaptedProbe().fit(source, labels, target).score(target, labels)
    assert SelfTrainedProbe(num_rounds=5).fit(source, labels, target).score(target, labels) > plain


def test_self_training_takes_a_share_of_each_class():
    from tlkit.adaptation.probes_of_two_domains import surest_rows

    guesses, confidence = np.array([0, 0, 0, 1, 1]), np.array([0.9, 0.5, 0.8, 0.6, 0.7])
    assert sorted(surest_rows(guesses, confidence, 0.5)) == [0, 2, 4]
    assert sorted(surest_rows(guesses, confidence, 1.0)) == [0, 1, 2, 3, 4]


def test_gradual_self_training_turns_the_moons():
    points, labels = turned_moons(200, seed=1)
    stages = [turned_moons(200, angle, seed=2 + angle) for angle in range(10, 91, 10)]

    def learn(x, y):
        return SVC(C=10, gamma=2.0).fit(x, y)

    in_steps = gradual_guesses(points, labels, [each for each, _ in stages], learn)
    at_once = gradual_guesses(points, labels, [stages[-1][0]], learn)
    assert np.mean(in_steps == stages[-1][1]) > 0.9 > 0.5 > np.mean(at_once == stages[-1][1])


def test_moons_turn_as_a_whole():
    start, labels = turned_moons(50, seed=3)
    turned, same = turned_moons(50, 90.0, seed=3)
    np.testing.assert_array_equal(labels, same)
    np.testing.assert_allclose(turned, start @ [[0, 1], [-1, 0]], atol=1e-12)


def test_importance_weights_are_the_ratio_of_two_normal_densities():
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(6000, 1)), rng.normal(size=(3000, 1)) + 0.7
    weights = importance_weights(source, target, strength=100.0, largest=1e6)
    truth = np.exp(0.7 * source[:, 0] - 0.7**2 / 2)
    middle = np.abs(source[:, 0]) < 1.5
    np.testing.assert_allclose(weights[middle], truth[middle], rtol=0.25)
    assert importance_weights(source, target, largest=0.9).max() == 0.9
    assert importance_weights(source, target + 50, strength=1.0).max() < 0.1


def test_weighted_risk_is_numpys_weighted_average():
    errors, weights = RNG.random(9), RNG.random(9)
    assert weighted_risk(errors, weights) == pytest.approx(np.average(errors, weights=weights))


def test_entropy_is_scipys():
    from scipy import stats

    chances = RNG.dirichlet(np.ones(4), 6)
    assert mean_entropy(chances) == pytest.approx(stats.entropy(chances, axis=1).mean())
    assert mean_entropy(np.eye(3)) == 0.0


def test_reverse_validation_is_fooled_by_nothing_but_consistent_errors():
    rng = np.random.default_rng(0)
    labels = np.arange(90) % 3
    table = rng.normal(size=(90, 4)) + 8 * np.eye(4)[labels]
    assert reverse_accuracy(table, labels, table, labels) == 1.0
    assert reverse_accuracy(table, labels, table, np.array([1, 2, 0])[labels]) == 0.0
    assert reverse_accuracy(table, labels, table, np.zeros(90, int)) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: Coral().fit(SOURCE, TARGET[:, :3]), r"same features .* \(80, 5\) and \(60, 3\)"),
        (lambda: Coral().fit(SOURCE, np.full((4, 5), np.nan)), "4 rows with NaN"),
        (lambda: Coral(0.0), "`ridge` must be a number of at least"),
        (lambda: StandardizedApart(-1), "`floor` must be a number of at least 0"),
        (lambda: SubspaceAlignment(2.5), "must be a whole number"),
        (lambda: SubspaceAlignment(9).fit(SOURCE, TARGET), "at most 5 with these tables"),
        (lambda: Tca(200).fit(SOURCE, TARGET), "at most 140, the rows of both"),
        (lambda: Tca(2, width=0.0), "`width` must be"),
        (lambda: AdaptedProbe().fit(SOURCE, LABELS[:5], TARGET), "one label for each of 80 rows"),
        (lambda: AdaptedProbe().fit(SOURCE, np.zeros(80), TARGET), "at least 2 classes"),
        (lambda: SelfTrainedProbe(num_rounds=0), "`num_rounds` must be a whole number of at least 1"),
        (lambda: gradual_guesses(SOURCE, LABELS, [], SVC), "at least one table"),
        (lambda: turned_moons(1), "`num_rows`"),
        (lambda: weighted_risk([1, 0], [0, 0]), "not all 0"),
        (lambda: mean_entropy([[0.5, 0.4]]), "each row with the sum 1"),
        (lambda: reverse_accuracy(SOURCE, LABELS, TARGET, [0, 1]), "one class for each of 60 rows"),
        (lambda: importance_weights(SOURCE, TARGET, strength=float("nan")), "`strength` must be"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
