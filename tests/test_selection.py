"""Each score against an oracle that shares no line with it: loops, scikit-learn, SciPy, a numerical optimum."""

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tlkit.selection import (
    foretell,
    h_score,
    images_seen,
    leep,
    logme,
    nce,
    probe_accuracy,
    regret,
    shrinkage_of,
    taus_of_draws,
    weighted_tau,
)

RNG = np.random.default_rng(0)
SHAPES = [(40, 3, 2), (60, 8, 4), (24, 60, 3)]  # images, columns, classes; the last is wider than long


def _table(n, width, classes, shift=1.0, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes)
    return rng.normal(size=(n, width)) + shift * rng.normal(size=(classes, width))[labels], labels


def _probabilities(n, source, seed=0):
    logits = np.random.default_rng(seed).normal(size=(n, source)) * 2
    exp = np.exp(logits)
    return exp / exp.sum(axis=1, keepdims=True)


# --- from the source's head


@pytest.mark.parametrize(("n", "source", "classes"), SHAPES)
def test_leep_is_the_papers_sums(n, source, classes):
    p, labels = _probabilities(n, source), _table(n, 2, classes)[1]
    total = 0.0
    for i in range(n):
        likely = 0.0
        for z in range(source):
            both = sum(p[j, z] for j in range(n) if labels[j] == labels[i]) / n
            alone = sum(p[j, z] for j in range(n)) / n
            likely += both / alone * p[i, z]
        total += math.log(likely)
    assert leep(p, labels) == pytest.approx(total / n, abs=1e-9)


@pytest.mark.parametrize(("n", "source", "classes"), SHAPES)
def test_nce_is_mutual_information_less_entropy(n, source, classes):
    p, labels = _probabilities(n, source), _table(n, 2, classes)[1]
    entropy = stats.entropy(np.bincount(labels))
    assert nce(p, labels) == pytest.approx(mutual_info_score(labels, p.argmax(axis=1)) - entropy, abs=1e-9)


@pytest.mark.parametrize("score", [leep, nce])
def test_scores_of_heads_know_no_names(score):
    p, labels = _probabilities(50, 6), _table(50, 2, 3)[1]
    assert score(p, labels) == pytest.approx(score(p[:, ::-1], np.array(["b", "c", "a"])[labels]), abs=1e-12)
    assert score(np.eye(3)[labels], labels) == 0
    assert score(np.full((50, 4), 0.25), labels) == pytest.approx(-stats.entropy(np.bincount(labels)))


def test_leep_is_at_least_nce_plus_the_mean_log_of_the_answer():
    """Proposition 1 of the LEEP paper."""
    for seed in range(5):
        p, labels = _probabilities(60, 5, seed), _table(60, 2, 3, seed=seed)[1]
        assert leep(p, labels) >= nce(p, labels) + np.log(p.max(axis=1)).mean()


# --- from features


def _evidence(f, t, log_a, log_b):
    covariance = np.eye(len(f)) / np.exp(log_b) + f @ f.T / np.exp(log_a)
    return stats.multivariate_normal(np.zeros(len(f)), covariance, allow_singular=True).logpdf(t)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "width", "classes"), [(40, 3, 2), (60, 8, 4), (24, 40, 3)])
def test_logme_is_the_largest_evidence(n, width, classes):
    f, labels = _table(n, width, classes, shift=1.5)
    best = []
    for label in range(classes):
        t = (labels == label).astype(float)
        starts = itertools.product((-1.0, 3.0), (1.0, 4.0))
        fine = {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 4000}
        unlikely = lambda x, t=t: -_evidence(f, t, *x)  # noqa: E731
        runs = [optimize.minimize(unlikely, start, method="Nelder-Mead", options=fine).fun for start in starts]
        best.append(-min(runs) / n)
    assert logme(f, labels) == pytest.approx(np.mean(best), abs=1e-6)


def test_logme_turns_with_the_features_and_knows_no_names():
    f, labels = _table(50, 6, 3)
    turn = stats.ortho_group.rvs(6, random_state=0)
    assert logme(f @ turn, np.array([7, 5, 9])[labels]) == pytest.approx(logme(f, labels), abs=1e-8)
    assert logme(f, labels) > logme(f, np.random.default_rng(0).permutation(labels))


def test_logme_of_features_that_fit_exactly_is_finite():
    assert np.isfinite(logme(np.eye(6)[:, :4] * 3, [0, 1, 0, 1, 0, 1]))
    assert np.isfinite(logme(np.zeros((6, 2)), [0, 1, 0, 1, 0, 1]))


@pytest.mark.parametrize(("n", "width", "classes"), SHAPES)
def test_shrinkage_is_that_of_scikit_learn(n, width, classes):
    f = _table(n, width, classes)[0]
    assert shrinkage_of(f) == pytest.approx(LedoitWolf().fit(f).shrinkage_, abs=1e-9)


@pytest.mark.parametrize(("n", "width", "classes"), SHAPES)
def test_h_score_is_that_of_scikit_learns_covariance(n, width, classes):
    f, labels = _table(n, width, classes)
    fitted = LedoitWolf().fit(f)
    means = np.stack([f[labels == label].mean(axis=0) for label in labels])
    truth = (1 - fitted.shrinkage_) * np.trace(np.linalg.solve(fitted.covariance_, np.cov(means.T, bias=True)))
    assert h_score(f, labels) == pytest.approx(truth, abs=1e-6)


def test_plain_h_score_is_the_sum_of_squared_canonical_correlations():
    f, labels = _table(60, 5, 3)
    q, _ = np.linalg.qr(f - f.mean(axis=0))
    r, _ = np.linalg.qr((np.eye(3)[labels] - np.eye(3)[labels].mean(axis=0))[:, :2])
    truth = (np.linalg.svd(q.T @ r, compute_uv=False) ** 2).sum()
    assert h_score(f, labels, shrinkage=0) == pytest.approx(truth, abs=1e-9)


def test_plain_h_score_is_blind_to_wide_tables_and_the_shrunk_one_is_not():
    f, labels = _table(24, 60, 3, shift=2)
    mixed = np.random.default_rng(1).permutation(labels)
    assert [round(h_score(f, y, shrinkage=0), 6) for y in (labels, mixed)] == [2, 2]
    assert h_score(f, labels) > h_score(f, mixed) + 0.1


def test_equal_features_score_nothing():
    assert h_score(np.ones((6, 3)), [0, 1] * 3) == 0
    assert shrinkage_of(np.ones((6, 3))) in (0, 1)


def test_probe_is_scikit_learns_cross_validation():
    f, labels = _table(60, 5, 3, shift=0.7)
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=1000))
    truth = cross_val_score(probe, f, labels, cv=StratifiedKFold(4, shuffle=True, random_state=7)).mean()
    assert probe_accuracy(f, labels, folds=4, seed=7) == pytest.approx(truth)


# --- the judge


@pytest.mark.parametrize("seed", range(6))
def test_weighted_tau_is_scipys(seed):
    rng = np.random.default_rng(seed)
    truth, score = rng.normal(size=(2, int(rng.integers(3, 20))))
    if seed % 2:
        score = score.round()  # ties
    ranks = stats.rankdata(-truth, method="ordinal").astype(int) - 1
    assert weighted_tau(truth, score) == pytest.approx(stats.weightedtau(truth, score, rank=ranks).statistic)


def test_constant_scores_foretell_nothing():
    assert weighted_tau([0.3, 0.1, 0.2], [1, 1, 1]) == 0
    assert regret([0.3, 0.1, 0.9], [1, 1, 1]) == pytest.approx(0.6)


def test_a_score_is_compared_with_other_draws():
    truths = RNG.normal(size=(6, 5))
    found = foretell(truths, truths)
    taus = [weighted_tau(np.delete(truths, s, 0).mean(axis=0), truths[s]) for s in range(6)]
    low, high = stats.t.interval(0.95, 5, np.mean(taus), stats.sem(taus))
    assert (found.mean, found.low, found.high) == pytest.approx((np.mean(taus), low, high))
    assert taus_of_draws(truths, truths) == pytest.approx(taus)
    assert found.mean < 0.9  # against its own draw it would be 1


def test_cuts_share_a_pass_and_fine_tunings_do_not():
    cuts = [("a", "end"), ("a", "middle"), ("b", "end"), ("b", "end")]
    assert images_seen(cuts, 50) == 100
    assert images_seen(iter(cuts), 50, epochs=4) == 600
    assert images_seen([], 50) == images_seen(cuts, 0) == 0


# --- refusals


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: leep([[0.5, 0.5]] * 3, [0, 1]), "Received shapes"),
        (lambda: leep([[2.0, -1.0]] * 4, [0, 1, 0, 1]), "softmax"),
        (lambda: nce([[0.4, 0.4]] * 4, [0, 1, 0, 1]), "softmax"),
        (lambda: logme([[1.0], [np.nan]], [0, 1]), "finite"),
        (lambda: logme([[1.0], [2.0]], [1, 1]), "at least 2 classes"),
        (lambda: logme(np.zeros((2, 3, 3)), [0, 1]), "Average a feature map"),
        (lambda: h_score(np.zeros((4, 2)), [0, 1] * 2, shrinkage=1.5), r"\[0, 1\]"),
        (lambda: probe_accuracy(np.zeros((4, 2)), [0, 0, 0, 1]), "rarest class"),
        (lambda: weighted_tau([1.0], [1.0]), "at least 2 candidates"),
        (lambda: regret([1.0, np.nan], [1.0, 2.0]), "finite"),
        (lambda: foretell([[1.0, 2.0]], [[1.0, 2.0]]), "at least 2 draws"),
        (lambda: taus_of_draws([[1.0, 2.0]] * 2, [[1.0, 2.0]]), "Received shapes"),
        (lambda: images_seen([("a", "b")], -1), "at least 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, match):
    with pytest.raises(ValueError, match=match):
        call()
