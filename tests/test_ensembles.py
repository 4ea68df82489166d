"""Votes, diversity, calibration, averaged weights and prices against scikit-learn and against plain loops."""

import itertools

import keras
import numpy as np
import pytest
from scipy.special import softmax
from sklearn.datasets import make_classification
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from tlkit import ensembles

RNG = np.random.default_rng(0)
CHANCES = softmax(1.5 * RNG.normal(size=(4, 50, 3)), axis=2)
LABELS = RNG.integers(0, 3, 50)
NETWORKS = ["one", "two", "one", "three"]
TIMES = {"one": 2.0, "two": 3.0, "three": 0.5}


# --- votes


@pytest.mark.parametrize("weights", [None, [1, 0, 3]])
def test_a_vote_is_that_of_scikit_learn(weights):
    table, labels = make_classification(120, 8, n_informative=5, n_classes=3, random_state=0)
    rules = [("a", LogisticRegression()), ("b", KNeighborsClassifier(3)), ("c", DecisionTreeClassifier(random_state=0))]
    vote = VotingClassifier(rules, voting="soft", weights=weights, flatten_transform=False).fit(table, labels)
    found = ensembles.soft_vote(vote.transform(table), weights)
    np.testing.assert_allclose(found, vote.predict_proba(table))


def test_only_the_ratios_of_weights_count():
    weights = RNG.uniform(0, 1, 4)
    one, ten = (ensembles.soft_vote(CHANCES, scale * weights) for scale in (1, 10))
    np.testing.assert_allclose(one, ten)
    order = RNG.permutation(4)
    np.testing.assert_allclose(one, ensembles.soft_vote(CHANCES[order], weights[order]))


def test_accuracy_weights_in_a_loop():
    accuracies = RNG.uniform(0, 1, 6)
    squares = [max(each - 0.25, 0) ** 2 for each in accuracies]
    found = ensembles.accuracy_weights(accuracies, 4)
    np.testing.assert_allclose(found, [each / sum(squares) for each in squares], atol=1e-9)
    assert ensembles.accuracy_weights([0.2, 0.1], 2).tolist() == [0.5, 0.5]


# --- diversity


def test_ambiguity_is_the_brier_score_and_what_the_vote_gains():
    found = ensembles.ambiguity(CHANCES, LABELS)
    options = {"labels": [0, 1, 2], "scale_by_half": False}
    members = [brier_score_loss(LABELS, each, **options) for each in CHANCES]
    assert found.members == pytest.approx(np.mean(members))
    assert found.vote == pytest.approx(brier_score_loss(LABELS, CHANCES.mean(axis=0), **options))
    assert found.members - found.spread == pytest.approx(found.vote)
    alike = ensembles.ambiguity(CHANCES[[0, 0, 0]], LABELS)
    assert alike.spread == pytest.approx(0, abs=1e-12)


def test_disagreement_in_a_loop():
    answers = RNG.integers(0, 3, (4, 30))
    shares = [np.mean([x != y for x, y in zip(a, b, strict=True)]) for a, b in itertools.combinations(answers, 2)]
    assert ensembles.disagreement(answers) == pytest.approx(np.mean(shares))


# --- calibration


@pytest.mark.slow
@pytest.mark.parametrize("aim", [0.3, 1.0, 2.0])
def test_temperature_is_the_best_of_a_grid(aim):
    logits = 2 * RNG.normal(size=(400, 4))
    labels = (logits + RNG.gumbel(size=logits.shape)).argmax(axis=1)
    chances = softmax(aim * logits, axis=1)
    grid = np.exp(np.linspace(np.log(0.1), np.log(20), 3000))
    best = min(grid, key=lambda t: log_loss(labels, softmax(aim * logits / t, axis=1), labels=range(4)))
    found = ensembles.fit_temperature(chances, labels)
    assert found == pytest.approx(best, rel=3e-3)
    np.testing.assert_allclose(ensembles.soften(chances, found), softmax(aim * logits / found, axis=1), atol=1e-9)
    assert ensembles.calibration_error(ensembles.soften(chances, found), labels) < 0.1


def test_calibration_error_in_a_loop():
    chances = CHANCES[0]
    sure, right, total = chances.max(axis=1), chances.argmax(axis=1) == LABELS, 0.0
    for low, high in itertools.pairwise(np.linspace(0, 1, 8)):
        inside = (sure > low) & (sure <= high)
        if inside.any():
            total += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    assert ensembles.calibration_error(chances, LABELS, num_bins=7) == pytest.approx(total)
    assert ensembles.calibration_error(np.eye(3)[LABELS], LABELS) == 0


# --- weights


def _network(seed):
    start = keras.initializers.GlorotUniform(seed)
    layers = [keras.layers.Dense(4, kernel_initializer=start), keras.layers.BatchNormalization()]
    return keras.Sequential([keras.Input((3,)), *layers])


@pytest.mark.slow
def test_a_soup_of_linear_networks_answers_as_their_mean():
    networks = [_network(seed) for seed in range(3)]
    before = [[each.copy() for each in network.get_weights()] for network in networks]
    soup = _network(9)
    soup.set_weights(ensembles.average_weights(networks))
    rows = RNG.normal(size=(5, 3)).astype("float32")
    told = [network.predict(rows, verbose=0) for network in networks]
    np.testing.assert_allclose(soup.predict(rows, verbose=0), np.mean(told, axis=0), rtol=1e-5, atol=1e-6)
    for network, weights in zip(networks, before, strict=True):
        for own, old in zip(network.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(own, old)
    assert all(each.dtype == np.float32 for each in ensembles.average_weights(networks))


# --- teams


def test_all_teams_in_a_loop():
    teams = ensembles.score_teams(CHANCES, LABELS, NETWORKS, TIMES)
    assert len(teams) == len({team.members for team in teams}) == 15
    for members, accuracy, milliseconds in teams:
        vote = sum(CHANCES[place] for place in members)
        assert accuracy == np.mean(vote.argmax(axis=1) == LABELS)
        assert milliseconds == sum({NETWORKS[place]: TIMES[NETWORKS[place]] for place in members}.values())
    assert ensembles.price_of([], NETWORKS, TIMES) == 0


# --- what is refused


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: ensembles.soft_vote(CHANCES[0]), "must have 3 axes"),
        (lambda: ensembles.soft_vote(2 * CHANCES), "sum to 1"),
        (lambda: ensembles.soft_vote(CHANCES * np.nan), "sum to 1"),
        (lambda: ensembles.soft_vote(CHANCES, [1, 1]), "`weights` must be 4 numbers"),
        (lambda: ensembles.soft_vote(CHANCES, [0, 0, 0, 0]), "not all of them 0"),
        (lambda: ensembles.soft_vote(CHANCES, [1, -1, 1, 1]), "at least 0"),
        (lambda: ensembles.accuracy_weights([1.2], 2), "shares in"),
        (lambda: ensembles.accuracy_weights([0.5], 1), "`num_classes` must be"),
        (lambda: ensembles.ambiguity(CHANCES, LABELS + 1), "integers from 0 to 2"),
        (lambda: ensembles.ambiguity(CHANCES, LABELS[:4]), r"shape \(4,\)"),
        (lambda: ensembles.disagreement([[0, 1]]), "two members"),
        (lambda: ensembles.soften(CHANCES[0], 0), "above 0"),
        (lambda: ensembles.calibration_error(CHANCES[0], LABELS, num_bins=0), "`num_bins`"),
        (lambda: ensembles.average_weights([]), "0 models"),
        (lambda: ensembles.price_of([0], ["other"], TIMES), "lacks other"),
        (lambda: ensembles.price_of([0], ["one"], {"one": -1}), "at least 0"),
        (lambda: ensembles.score_teams(CHANCES, LABELS, ["one"], TIMES), "1 networks"),
    ],
)
def test_bad_input_is_refused_in_good_words(act, match):
    with pytest.raises(ValueError, match=match):
        act()


def test_networks_of_two_shapes_are_refused():
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="2 different lists of shapes"):
        ensembles.average_weights([_network(0), other])
