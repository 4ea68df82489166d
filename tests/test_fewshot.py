"""Episodes, prototypes, losses and verification against scikit-learn, SciPy, and sums written out in loops."""

import itertools

import keras
import numpy as np
import pytest
from scipy import stats
from scipy.special import log_softmax
from sklearn.metrics import roc_curve
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.utils.estimator_checks import check_estimator

from tlkit import fewshot

RNG = np.random.default_rng(0)
LABELS = RNG.permutation(np.repeat([3, 5, 8, 13], 9))
TABLE = RNG.normal(size=(36, 6)) + 2 * np.eye(14)[LABELS][:, 3:9]


# --- episodes


@pytest.mark.parametrize(("way", "shot", "num_queries"), [(2, 1, 1), (4, 2, 5), (3, 4, 5)])
def test_episode_is_balanced_and_its_parts_share_no_image(way, shot, num_queries):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = fewshot.draw_episode(LABELS, way=way, shot=shot, num_queries=num_queries, rng=rng)
        assert len(set(found.classes)) == way
        assert len({*found.support, *found.queries}) == way * (shot + num_queries)
        assert (LABELS[found.support] == found.classes[found.support_labels]).all()
        assert (LABELS[found.queries] == found.classes[found.query_labels]).all()
        assert len(found.support) == way * shot


@pytest.mark.slow
def test_every_class_and_image_is_drawn_equally_often():
    episodes = fewshot.draw_episodes(LABELS, 4000, way=2, shot=1, num_queries=1)
    drawn = np.bincount(np.concatenate([each.support for each in episodes]), minlength=36)
    assert stats.chisquare(drawn).pvalue > 0.001
    classes = np.bincount(np.concatenate([each.classes for each in episodes]))[[3, 5, 8, 13]]
    assert stats.chisquare(classes).pvalue > 0.001


def test_the_seed_decides_and_small_classes_are_left_out():
    few = np.append(LABELS, 99)
    one, again, other = (fewshot.draw_episodes(few, 30, way=3, shot=1, seed=seed) for seed in (1, 1, 2))
    assert all(
        (a.support == b.support).all() and (a.queries == b.queries).all() for a, b in zip(one, again, strict=True)
    )
    assert any((a.support != b.support).any() for a, b in zip(one, other, strict=True))
    assert 99 not in np.concatenate([each.classes for each in one])


@pytest.mark.slow
def test_scores_are_those_of_the_classifier_alone():
    episodes = fewshot.draw_episodes(LABELS, 8, way=3, shot=2, seed=3)
    for rule in (KNeighborsClassifier(1), NearestCentroid(), fewshot.PrototypeClassifier()):
        found = fewshot.score_episodes(TABLE, episodes, rule)
        for accuracy, each in zip(found, episodes, strict=True):
            rule.fit(TABLE[each.support], LABELS[each.support])
            assert accuracy == rule.score(TABLE[each.queries], LABELS[each.queries])


# --- prototypes


def test_prototypes_are_scikit_learns_nearest_centroid():
    mine, theirs = (kind().fit(TABLE[:20], LABELS[:20]) for kind in (fewshot.PrototypeClassifier, NearestCentroid))
    np.testing.assert_allclose(mine.prototypes_, theirs.centroids_)
    assert (mine.predict(TABLE) == theirs.predict(TABLE)).all()


def test_one_image_of_each_class_makes_it_the_nearest_neighbour():
    rows = [int(np.flatnonzero(each == LABELS)[0]) for each in np.unique(LABELS)]
    mine = fewshot.PrototypeClassifier().fit(TABLE[rows], LABELS[rows])
    assert (mine.predict(TABLE) == KNeighborsClassifier(1).fit(TABLE[rows], LABELS[rows]).predict(TABLE)).all()


def test_it_is_an_estimator_by_the_rules_of_scikit_learn():
    check_estimator(fewshot.PrototypeClassifier(), on_skip=None)


# --- losses, against sums in loops


def _batch(seed: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.repeat([2, 4, 7], [3, 4, 5]))
    return labels, (rng.normal(size=(12, 5)) * spread).astype("float32")


def prototypical_in_loops(labels, z, shot):
    support = {c: [i for i in range(len(z)) if labels[i] == c][:shot] for c in sorted(set(labels.tolist()))}
    prototypes = [z[rows].mean(axis=0) for rows in support.values()]
    losses = []
    for i in range(len(z)):
        if i not in support[labels[i]]:
            logits = [-(np.linalg.norm(z[i] - p) ** 2) for p in prototypes]
            losses.append(-log_softmax(logits)[list(support).index(labels[i])])
    return np.mean(losses)


def contrastive_in_loops(labels, z, margin):
    kinds = {True: [], False: []}
    for i, j in itertools.combinations(range(len(z)), 2):
        distance = np.linalg.norm(z[i] - z[j])
        same = bool(labels[i] == labels[j])
        kinds[same].append(distance**2 if same else max(0, margin - distance) ** 2)
    return np.mean(kinds[True]) / 2 + np.mean(kinds[False]) / 2


def triplet_in_loops(labels, z, margin):
    losses, number = [], range(len(z))
    for a, p in itertools.permutations(number, 2):
        if labels[a] == labels[p]:
            positive = ((z[a] - z[p]) ** 2).sum()
            negatives = [((z[a] - z[n]) ** 2).sum() for n in number if labels[n] != labels[a]]
            semi_hard = [each for each in negatives if each > positive]
            losses.append(max(0, margin + positive - (min(semi_hard) if semi_hard else max(negatives))))
    return np.mean(losses)


LOSSES = [
    (fewshot.PrototypicalLoss(1), lambda y, z: prototypical_in_loops(y, z, 1)),
    (fewshot.PrototypicalLoss(2), lambda y, z: prototypical_in_loops(y, z, 2)),
    (fewshot.ContrastiveLoss(1.0), lambda y, z: contrastive_in_loops(y, z, 1.0)),
    (fewshot.ContrastiveLoss(0.3), lambda y, z: contrastive_in_loops(y, z, 0.3)),
    (fewshot.TripletSemiHardLoss(0.2), lambda y, z: triplet_in_loops(y, z, 0.2)),
    (fewshot.TripletSemiHardLoss(2.0), lambda y, z: triplet_in_loops(y, z, 2.0)),
]


@pytest.mark.parametrize(("loss", "oracle"), LOSSES)
def test_loss_is_the_sum_in_loops(loss, oracle):
    for seed, spread in itertools.product(range(4), (0.1, 0.5, 2.0)):
        labels, z = _batch(seed, spread)
        assert float(loss(labels, z)) == pytest.approx(oracle(labels, z), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(("loss", "oracle"), LOSSES)
def test_gradient_is_that_of_the_loops(loss, oracle):
    import tensorflow as tf

    labels, z = _batch(5, 0.4)
    with tf.GradientTape() as tape:
        value = tf.Variable(z)
        total = loss(labels, value)
    gradient = tape.gradient(total, value).numpy()
    exact, step = z.astype(float), 1e-6
    for place in [(0, 0), (3, 2), (7, 4), (11, 1)]:
        moved = [exact.copy(), exact.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        slope = (oracle(labels, moved[0]) - oracle(labels, moved[1])) / (2 * step)
        assert gradient[place] == pytest.approx(slope, rel=2e-3, abs=1e-4)


def test_equal_embeddings_have_a_finite_gradient():
    import tensorflow as tf

    for loss, _ in LOSSES:
        with tf.GradientTape() as tape:
            z = tf.Variable(np.ones((9, 2), "float32"))
            total = loss(np.repeat([0, 1, 2], 3), z)
        assert np.isfinite(tape.gradient(total, z).numpy()).all()


@pytest.mark.slow
def test_loss_survives_its_config_and_trains_by_compile_and_fit():
    for loss, oracle in LOSSES:
        again = type(loss).from_config(loss.get_config())
        labels, z = _batch(1, 0.5)
        assert float(again(labels, z)) == float(loss(labels, z))
        model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(5, kernel_initializer="identity")])
        model.compile("sgd", loss)
        history = model.fit(z, labels, batch_size=12, epochs=1, shuffle=False, verbose=0)
        assert history.history["loss"] == pytest.approx([oracle(labels, z)], rel=1e-4)


# --- training


def _head(seed: int) -> keras.Model:
    start = keras.initializers.GlorotUniform(seed)
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, kernel_initializer=start)])


@pytest.mark.slow
def test_models_side_by_side_end_where_each_ends_alone():
    options = {"way": 3, "per_class": 4, "steps": 12, "learning_rate": 0.01}
    data, loss = (TABLE.astype("float32"), LABELS), fewshot.TripletSemiHardLoss()
    together = [_head(seed) for seed in range(3)]
    losses = fewshot.train_embeddings(together, *data, loss, seeds=[5, 6, 7], **options)
    for i, seed in enumerate([5, 6, 7]):
        alone = _head(i)
        found = fewshot.train_embeddings([alone], *data, loss, seeds=[seed], **options)
        np.testing.assert_allclose(losses[:, i], found[:, 0], rtol=1e-4)
        np.testing.assert_allclose(together[i].get_weights()[0], alone.get_weights()[0], atol=1e-5)


@pytest.mark.slow
def test_a_step_is_a_step_of_keras_on_a_batch_of_whole_classes():
    mine, theirs = _head(0), _head(0)
    loss = fewshot.PrototypicalLoss()
    data = TABLE.astype("float32"), LABELS
    fewshot.train_embeddings([mine], *data, loss, seeds=[4], way=2, per_class=3, steps=1, learning_rate=0.05)
    rng, classes = np.random.default_rng(4), np.unique(LABELS)
    chosen = classes[rng.choice(4, 2, replace=False)]
    rows = np.concatenate([rng.choice(np.flatnonzero(each == LABELS), 3, replace=False) for each in chosen])
    theirs.compile(keras.optimizers.Adam(0.05), loss)
    theirs.train_on_batch(data[0][rows], LABELS[rows])
    np.testing.assert_allclose(mine.get_weights()[0], theirs.get_weights()[0], atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("loss", [LOSSES[0][0], LOSSES[2][0], LOSSES[4][0]])
def test_it_learns_to_compare_classes_that_it_has_not_seen(loss):
    """Two of twenty features tell the classes apart, and the others are louder."""
    rng = np.random.default_rng(1)
    labels, centres = np.repeat(np.arange(30), 12), rng.normal(size=(30, 2))
    table = np.hstack([centres[labels] + 0.05 * rng.normal(size=(360, 2)), 1.5 * rng.normal(size=(360, 18))])
    table, seen = table.astype("float32"), labels < 20
    start = keras.Sequential([keras.Input((20,)), keras.layers.Dense(4)])
    fewshot.train_embeddings([start], table[seen], labels[seen], loss, seeds=[0], steps=300, learning_rate=0.01)
    episodes = fewshot.draw_episodes(labels[~seen], 60, way=5, shot=1)
    before, after = (
        fewshot.score_episodes(each, episodes, fewshot.PrototypeClassifier()).mean()
        for each in (table[~seen], start.predict(table[~seen], verbose=0))
    )
    assert after > before + 0.2


# --- verification


def test_half_of_the_pairs_are_of_one_class_and_none_is_an_image_with_itself():
    rows, same = fewshot.draw_pairs(LABELS, 400, seed=2)
    assert same.sum() == 200
    assert ((LABELS[rows[:, 0]] == LABELS[rows[:, 1]]) == same).all()
    assert (rows[:, 0] != rows[:, 1]).all()
    assert (rows == fewshot.draw_pairs(LABELS, 400, seed=2)[0]).all()
    assert fewshot.draw_pairs([0, 0, 1], 20)[0][:10].max() == 1  # class 1 has no second image


def test_pair_distances_are_norms():
    rows, _ = fewshot.draw_pairs(LABELS, 10)
    assert fewshot.pair_distances(TABLE, rows).tolist() == pytest.approx(
        [np.linalg.norm(TABLE[i] - TABLE[j]) for i, j in rows]
    )


def test_equal_error_rate_is_that_of_the_roc_curve():
    for seed in range(8):
        rng = np.random.default_rng(seed)
        same = rng.random(300) < 0.4
        distances = np.round(rng.normal(np.where(same, 1.0, 2.0), 0.8), 1 if seed % 2 else 9)
        false_accepts, hits, _ = roc_curve(same, -distances, drop_intermediate=False)
        found = fewshot.equal_error_rate(same, distances)
        gap = np.abs(false_accepts[1:] - (1 - hits[1:]))  # the first place accepts nothing
        assert found.rate == pytest.approx((false_accepts[1:] + 1 - hits[1:])[gap.argmin()] / 2)
        rates = fewshot.error_rates(same, distances, found.threshold)
        assert np.mean(rates) == pytest.approx(found.rate)
        assert abs(rates[0] - rates[1]) == pytest.approx(gap.min())


# --- what is refused


@pytest.mark.parametrize(
    ("act", "match"),
    [
        (lambda: fewshot.draw_episode(LABELS, way=5, shot=1), "4 such classes"),
        (lambda: fewshot.draw_episode(LABELS, way=2, shot=8), r"8 \+ 5 images of each"),
        (lambda: fewshot.draw_episode(LABELS, way=1, shot=1), "`way` must be an integer of at least 2"),
        (lambda: fewshot.draw_episode(LABELS, way=2, shot=0), "`shot` must be"),
        (lambda: fewshot.draw_episode(LABELS[:, None], way=2, shot=1), r"Received shape \(36, 1\)"),
        (lambda: fewshot.score_episodes(TABLE[:5], fewshot.draw_episodes(LABELS, 3, way=2, shot=1), None), "at least"),
        (lambda: fewshot.PrototypeClassifier().fit(TABLE, LABELS[:5]), "inconsistent numbers"),
        (lambda: fewshot.PrototypicalLoss(0), "`shot` must be at least 1"),
        (lambda: fewshot.ContrastiveLoss(0), "`margin` must be above 0"),
        (lambda: fewshot.TripletSemiHardLoss(float("nan")), "Received: nan"),
        (lambda: fewshot.train_embeddings([], TABLE, LABELS, LOSSES[0][0], seeds=[]), "same length"),
        (lambda: fewshot.train_embeddings([_head(0)], TABLE, LABELS, LOSSES[0][0], seeds=[0]), "between 2 and 4"),
        (
            lambda: fewshot.train_embeddings([_head(0)], TABLE, LABELS, LOSSES[0][0], seeds=[0], way=2, per_class=1),
            "`per_class` must be at least 2",
        ),
        (lambda: fewshot.draw_pairs(LABELS, 3), "even number"),
        (lambda: fewshot.draw_pairs([0, 0], 2), "two classes"),
        (lambda: fewshot.equal_error_rate([True, False], [0.0, np.nan]), "1 of them not finite"),
        (lambda: fewshot.equal_error_rate([True, True], [0.0, 1.0]), "pairs of both kinds"),
        (lambda: fewshot.error_rates([True, False], [0.0], 1.0), r"shapes \(2,\) and \(1,\)"),
    ],
)
def test_bad_input_is_refused_in_good_words(act, match):
    with pytest.raises(ValueError, match=match):
        act()
