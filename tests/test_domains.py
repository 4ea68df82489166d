"""Distances between domains against what is known of them, and the pulled classifier against its limits."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel

from tlkit.domains import fit_anchored, proxy_a_distance, squared_mmd

RNG = np.random.default_rng(0)
SAME = RNG.normal(size=(2, 80, 6))
X = RNG.normal(size=(90, 4))
Y = (X @ RNG.normal(size=(4, 3))).argmax(axis=1)


def test_distances_grow_with_the_shift_and_do_not_know_which_is_first():
    for measure in (proxy_a_distance, squared_mmd):
        found = [measure(SAME[0], SAME[1] + shift) for shift in (0, 0.5, 1, 3)]
        assert found == sorted(found)
        assert abs(found[0]) < 0.35
        assert measure(SAME[0], SAME[1] + 1) == pytest.approx(measure(SAME[1] + 1, SAME[0]), abs=0.25)
    assert proxy_a_distance(SAME[0], SAME[1] + 9) == 2


def test_proxy_distance_is_fooled_neither_by_many_features_nor_by_unequal_numbers():
    wide = RNG.normal(size=(2, 60, 300))  # any labels of these can be learned by heart
    assert proxy_a_distance(*wide) < 0.5
    assert proxy_a_distance(SAME[0], RNG.normal(size=(8, 6)), repeats=20) < 0.8  # always the majority: 1.6


def test_mmd_is_the_definition():
    a, b = SAME[0][:20], SAME[1][:30] + 0.3
    width, off = 1.7, lambda kernel: (kernel.sum() - np.trace(kernel)) / (len(kernel) * (len(kernel) - 1))
    within, between = [off(rbf_kernel(t, gamma=1 / (2 * width**2))) for t in (a, b)], rbf_kernel(a, b, 1 / 5.78)
    assert squared_mmd(a, b, width=width) == pytest.approx(sum(within) - 2 * between.mean())


def test_mmd_has_no_bias():
    draws = [squared_mmd(*np.random.default_rng(seed).normal(size=(2, 12, 3))) for seed in range(200)]
    assert abs(np.mean(draws)) < 3 * np.std(draws) / np.sqrt(200)
    assert min(draws) < 0


def test_mmd_of_equal_points_is_no_division_by_zero():
    assert squared_mmd(np.ones((4, 2)), np.ones((4, 2))) == 0


def test_without_a_start_it_is_logistic_regression():
    mine = fit_anchored(X, Y, 3, strength=0.01)
    theirs = LogisticRegression(C=1 / (0.01 * len(X)), tol=1e-8, max_iter=2000).fit(X, Y)
    assert np.mean(mine.predict(X) == theirs.predict(X)) > 0.97  # scikit-learn leaves the bias free
    assert mine.score(X, Y) > 0.9


def test_pull_goes_from_the_source_to_the_target():
    source = fit_anchored(X, (Y + 1) % 3, 3)
    accuracies, away = [], []
    for strength in (100.0, 0.1, 1e-5):
        found = fit_anchored(X, Y, 3, start=source, strength=strength)
        accuracies.append(found.score(X, Y))
        away.append(np.linalg.norm(found.weights - source.weights))
    assert accuracies == sorted(accuracies)
    assert away == sorted(away)
    assert accuracies[0] < 0.1 < 0.9 < accuracies[-1]
    assert away[0] < 0.1


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: squared_mmd(X, X[:, :2]), r"shapes \(90, 4\) and \(90, 2\)"),
        (lambda: proxy_a_distance(X, X[:3]), "at least 4 images"),
        (lambda: squared_mmd(X, X, width=0.0), "`width` must be above 0"),
        (lambda: fit_anchored(X, Y, 2), r"integers in \[0, 2\)"),
        (lambda: fit_anchored(X, Y, 3, strength=-1), "at least 0"),
        (lambda: fit_anchored(X, Y, 3, start=fit_anchored(X[:, :2], Y, 3)), r"weights of shape \(5, 3\)"),
    ],
)
def test_errors(act, match):
    with pytest.raises(ValueError, match=match):
        act()
