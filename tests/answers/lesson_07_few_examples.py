"""Right and wrong answers to the exercises of lesson 7: each wrong one stands for a misconception."""

import itertools
import math
import random

import keras
import numpy as np
import tensorflow as tf
from scipy import stats
from scipy.spatial.distance import cdist
from scipy.special import log_softmax, logsumexp, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from tlkit.checks.testing import Args
from tlkit.fewshot import PrototypeClassifier, draw_episode, equal_error_rate
from tlkit.measure import mean_interval

# --- 7.1


def episode_by_permutation(labels, way, shot, num_queries, seed):
    rng = np.random.default_rng(seed)
    names, counts = np.unique(labels, return_counts=True)
    chosen = rng.choice(names[counts >= shot + num_queries], way, replace=False)
    rows = np.stack([rng.permutation(np.flatnonzero(labels == each))[: shot + num_queries] for each in chosen])
    return rows[:, :shot], rows[:, shot:]


def episode_with_pythons_random(labels, way, shot, num_queries, seed):
    own, members = random.Random(seed), {}
    for row, label in enumerate(labels.tolist()):
        members.setdefault(label, []).append(row)
    large = sorted(label for label, rows in members.items() if len(rows) >= shot + num_queries)
    drawn = [own.sample(members[label], shot + num_queries) for label in own.sample(large, way)]
    return [rows[:shot] for rows in drawn], [rows[shot:] for rows in drawn]


def episode_of_the_kit(labels, way, shot, num_queries, seed):
    rng = np.random.default_rng(seed)
    found = draw_episode(labels, way=way, shot=shot, num_queries=num_queries, rng=rng)
    return found.support.reshape(way, shot), found.queries.reshape(way, num_queries)


def episode_class_by_class(labels, way, shot, num_queries, seed):
    own, found = np.random.default_rng(seed), []
    for name in own.permutation(np.unique(labels)):
        rows = np.flatnonzero(labels == name)
        if len(rows) >= shot + num_queries and len(found) < way:
            found.append(own.choice(rows, shot + num_queries, replace=False))
    return np.array(found)[:, num_queries:], np.array(found)[:, :num_queries]


def episode_by_sorting(labels, way, shot, num_queries, seed):
    order = np.random.RandomState(seed).permutation(len(labels))
    supports, queries = [], []
    for name in dict.fromkeys(labels[order].tolist()):
        rows = order[labels[order] == name]
        if len(rows) >= shot + num_queries and len(supports) < way:
            supports.append(rows[:shot])
            queries.append(rows[len(rows) - num_queries :])
    return np.array(supports), np.array(queries)


def _episode(labels, way, shot, num_queries, seed, *, twice=False, least=None, again=False, first=False):
    rng = np.random.default_rng(seed)
    names, counts = np.unique(labels, return_counts=True)
    names = names[counts >= (shot + num_queries if least is None else least)]
    chosen = names[:way] if first else rng.choice(names, way, replace=again)
    supports, queries = [], []
    for name in chosen:
        rows = rng.permutation(np.flatnonzero(labels == name))
        rest = rng.permutation(rows) if twice else rows[shot:]
        supports.append(rows[:shot])
        queries.append(rest[:num_queries])
    return np.array(supports), np.array(queries)


def episode_with_queries_from_all(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, seed, twice=True)


def episode_of_any_class(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, seed, least=0)


def episode_of_classes_twice(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, seed, again=True)


def episode_of_the_first_classes(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, seed, first=True)


def episode_without_a_seed(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, None)


def episode_of_images(labels, way, shot, num_queries, seed):
    rows = np.random.default_rng(seed).permutation(len(labels))[: way * (shot + num_queries)].reshape(way, -1)
    return rows[:, :shot], rows[:, shot:]


def episode_of_the_first_images(labels, way, shot, num_queries, seed):
    rng = np.random.default_rng(seed)
    names, counts = np.unique(labels, return_counts=True)
    chosen = rng.choice(names[counts >= shot + num_queries], way, replace=False)
    rows = np.stack([np.flatnonzero(labels == each)[: shot + num_queries] for each in chosen])
    return rows[:, :shot], rows[:, shot:]


def episode_of_large_classes(labels, way, shot, num_queries, seed):
    return _episode(labels, way, shot, num_queries, seed, least=shot + num_queries + 1)


def episode_with_queries_behind(labels, way, shot, num_queries, seed):
    rows = np.sort(np.hstack(episode_by_permutation(labels, way, shot, num_queries, seed)), axis=1)
    return rows[:, :shot], rows[:, shot:]


def episode_of_names(labels, way, shot, num_queries, seed):
    support, queries = episode_by_permutation(labels, way, shot, num_queries, seed)
    return labels[support], labels[queries]


def episode_as_one_table(labels, way, shot, num_queries, seed):
    return np.hstack(episode_by_permutation(labels, way, shot, num_queries, seed))


MEASURED = [0.8, 0.7, 0.75, 0.6]

# --- 7.2


def named_by_means(support, support_labels, queries):
    names = np.unique(support_labels)
    prototypes = np.stack([support[support_labels == name].mean(axis=0) for name in names])
    return names[((queries[:, None] - prototypes[None]) ** 2).sum(axis=2).argmin(axis=1)]


def named_by_the_kit(support, support_labels, queries):
    return PrototypeClassifier().fit(support, support_labels).predict(queries)


def named_by_a_table_of_distances(support, support_labels, queries):
    names, codes = np.unique(support_labels, return_inverse=True)
    hot = np.eye(len(names))[codes]
    return names[cdist(queries, hot.T @ support / hot.sum(axis=0)[:, None]).argmin(axis=1)]


def named_by_scikit_learn(support, support_labels, queries):
    return NearestCentroid().fit(support, support_labels).predict(queries)


def named_in_loops(support, support_labels, queries):
    means = {}
    for name in set(support_labels.tolist()):
        rows = [row for row, label in zip(support.tolist(), support_labels, strict=True) if label == name]
        means[name] = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return [min(means, key=lambda name: math.dist(means[name], query)) for query in queries.tolist()]


def named_by_the_neighbour(support, support_labels, queries):
    return KNeighborsClassifier(1).fit(support, support_labels).predict(queries)


def named_by_place(support, support_labels, queries):
    return np.searchsorted(np.unique(support_labels), named_by_means(support, support_labels, queries)) + 1000


def named_by_angle(support, support_labels, queries):
    names = np.unique(support_labels)
    prototypes = np.stack([support[support_labels == name].mean(axis=0) for name in names])
    return names[cdist(queries, prototypes, "cosine").argmin(axis=1)]


def named_by_sums(support, support_labels, queries):
    names = np.unique(support_labels)
    sums = np.stack([support[support_labels == name].sum(axis=0) for name in names])
    return names[cdist(queries, sums).argmin(axis=1)]


def named_by_absolute_differences(support, support_labels, queries):
    names = np.unique(support_labels)
    prototypes = np.stack([support[support_labels == name].mean(axis=0) for name in names])
    return names[cdist(queries, prototypes, "cityblock").argmin(axis=1)]


def named_by_a_vote(support, support_labels, queries):
    return KNeighborsClassifier(min(5, len(support))).fit(support, support_labels).predict(queries)


def named_by_the_furthest(support, support_labels, queries):
    names = np.unique(support_labels)
    prototypes = np.stack([support[support_labels == name].mean(axis=0) for name in names])
    return names[cdist(queries, prototypes).argmax(axis=1)]


def named_by_regression(support, support_labels, queries):
    return LogisticRegression(max_iter=2000).fit(support, support_labels).predict(queries)


def distances_in_place_of_names(support, support_labels, queries):
    names = np.unique(support_labels)
    return cdist(queries, np.stack([support[support_labels == name].mean(axis=0) for name in names]))


BY_RULE = {"nearest neighbour": [0.8], "nearest prototype": [0.9], "logistic regression": [0.9]}

# --- 7.3


def interval_by_hand(right):
    scores = right.mean(axis=1)
    half = stats.t.ppf(0.975, len(scores) - 1) * scores.std(ddof=1) / np.sqrt(len(scores))
    return scores.mean(), scores.mean() - half, scores.mean() + half


def interval_of_the_kit(right):
    found = mean_interval(right.mean(axis=1))
    return found.mean, found.low, found.high


def interval_of_scipy(right):
    scores = right.mean(axis=1)
    ends = stats.t.interval(0.95, len(scores) - 1, loc=scores.mean(), scale=stats.sem(scores))
    return [scores.mean(), *ends]


def interval_of_a_test(right):
    scores = [sum(map(bool, row)) / len(row) for row in right.tolist()]
    low, high = stats.ttest_1samp(scores, 0).confidence_interval(0.95)
    return np.array([(low + high) / 2, low, high])


def interval_over_queries(right):
    found = mean_interval(right.ravel().astype(float))
    return found.mean, found.low, found.high


def interval_within_the_shares(right):
    mean, low, high = interval_of_scipy(right)
    return mean, max(low, 0), min(high, 1)


def interval_of_one_episode(right):
    scores = right.mean(axis=1)
    half = stats.t.ppf(0.975, len(scores) - 1) * scores.std(ddof=1)
    return scores.mean(), scores.mean() - half, scores.mean() + half


def interval_of_the_population(right):
    scores = right.mean(axis=1)
    half = stats.t.ppf(0.975, len(scores) - 1) * scores.std() / np.sqrt(len(scores))
    return scores.mean(), scores.mean() - half, scores.mean() + half


def interval_of_a_bell(right):
    scores = right.mean(axis=1)
    half = stats.norm.ppf(0.975) * scores.std(ddof=1) / np.sqrt(len(scores))
    return scores.mean(), scores.mean() - half, scores.mean() + half


def interval_as_a_half_width(right):
    mean, low, high = interval_by_hand(right)
    return mean, (high - low) / 2


def interval_turned_round(right):
    mean, low, high = interval_by_hand(right)
    return mean, high, low


def interval_at_90_percent(right):
    found = mean_interval(right.mean(axis=1), level=0.9)
    return found.mean, found.low, found.high


def interval_in_percent(right):
    return [100 * value for value in interval_by_hand(right)]


def interval_of_columns(right):
    return interval_by_hand(right.T)


# --- 7.4


def proto_by_log_softmax(support, queries):
    prototypes = support.mean(axis=1)
    logits = -((queries[:, :, None] - prototypes) ** 2).sum(axis=3)
    own = np.arange(len(support))
    return -log_softmax(logits, axis=2)[own, :, own].mean()


def proto_in_loops(support, queries):
    prototypes = [images.mean(axis=0) for images in support]
    losses = []
    for name, asked in enumerate(queries):
        for query in asked:
            logits = [-float(((query - prototype) ** 2).sum()) for prototype in prototypes]
            losses.append(logsumexp(logits) - logits[name])
    return sum(losses) / len(losses)


def proto_with_keras(support, queries):
    way, number, width = queries.shape
    distances = cdist(queries.reshape(-1, width), support.mean(axis=1), "sqeuclidean")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(np.repeat(np.arange(way), number), -distances)


def proto_with_tensors(support, queries):
    x = tf.reduce_mean(tf.constant(support), axis=1)
    logits = -tf.reduce_sum((tf.constant(queries)[:, :, None] - x) ** 2, axis=-1)
    answers = tf.repeat(tf.range(len(support))[:, None], queries.shape[1], axis=1)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(answers, logits))


def _proto(support, queries, *, sign=-1.0, power=1.0, mean=True, first=False, axis=2):
    prototypes = support[:, 0] if first else support.mean(axis=1)
    logits = sign * ((queries[:, :, None] - prototypes) ** 2).sum(axis=3) ** power
    own = np.arange(len(support))
    found = -log_softmax(logits, axis=axis)[own, :, own]
    return found.mean() if mean else found.sum()


def proto_summed(support, queries):
    return _proto(support, queries, mean=False)


def proto_with_the_other_sign(support, queries):
    return _proto(support, queries, sign=1.0)


def proto_of_roots(support, queries):
    return _proto(support, queries, power=0.5)


def proto_of_the_first_image(support, queries):
    return _proto(support, queries, first=True)


def proto_over_classes(support, queries):
    return _proto(support, queries, axis=0)


def proto_of_own_distances(support, queries):
    return ((queries - support.mean(axis=1, keepdims=True)) ** 2).sum(axis=2).mean()


def proto_of_plain_exponentials(support, queries):
    prototypes = support.mean(axis=1)
    own = np.arange(len(support))
    with np.errstate(all="ignore"):
        chances = np.exp(-((queries[:, :, None] - prototypes) ** 2).sum(axis=3))
        return -np.log((chances / chances.sum(axis=2, keepdims=True))[own, :, own]).mean()


def proto_with_a_smallest_chance(support, queries):
    gaps = ((queries[:, :, None] - support.mean(axis=1)) ** 2).sum(axis=3)
    chances = np.exp(gaps.min(axis=2, keepdims=True) - gaps)
    chances = chances / chances.sum(axis=2, keepdims=True)
    own = np.arange(len(support))
    return -np.log(chances[own, :, own] + 1e-12).mean()


def proto_as_an_error(support, queries):
    prototypes = support.mean(axis=1)
    own = np.arange(len(support))
    return 1 - softmax(-((queries[:, :, None] - prototypes) ** 2).sum(axis=3), axis=2)[own, :, own].mean()


GAINS = {"photos": [0.06, 0.07], "glyphs": [-0.02, -0.03]}

# --- 7.5


def contrastive_by_where(a, b, same, margin):
    distances = np.linalg.norm(a - b, axis=1)
    return np.where(same, distances**2, np.maximum(0, margin - distances) ** 2).mean()


def contrastive_in_a_loop(a, b, same, margin):
    total = 0.0
    for one, other, alike in zip(a.tolist(), b.tolist(), same.tolist(), strict=True):
        distance = math.dist(one, other)
        total += distance**2 if alike else max(0.0, margin - distance) ** 2
    return total / len(a)


def contrastive_in_two_parts(a, b, same, margin):
    near, far = (np.sqrt(((a - b)[part] ** 2).sum(axis=1)) for part in (same, ~same))
    return ((near**2).sum() + (np.clip(margin - far, 0, None) ** 2).sum()) / len(same)


def contrastive_with_tensors(a, b, same, margin):
    distance = tf.norm(tf.constant(a) - tf.constant(b), axis=1)
    kind = tf.cast(same, distance.dtype)
    return tf.reduce_mean(kind * distance**2 + (1 - kind) * tf.nn.relu(margin - distance) ** 2)


def contrastive_summed(a, b, same, margin):
    return contrastive_by_where(a, b, same, margin) * len(a)


def contrastive_exchanged(a, b, same, margin):
    return contrastive_by_where(a, b, ~same, margin)


def contrastive_without_an_end(a, b, same, margin):
    distances = np.linalg.norm(a - b, axis=1)
    return np.where(same, distances**2, (margin - distances) ** 2).mean()


def contrastive_of_squares(a, b, same, margin):
    squares = ((a - b) ** 2).sum(axis=1)
    return np.where(same, squares, np.maximum(0, margin - squares)).mean()


def contrastive_without_the_square(a, b, same, margin):
    distances = np.linalg.norm(a - b, axis=1)
    return np.where(same, distances**2, np.maximum(0, margin - distances)).mean()


def contrastive_of_a_plain_distance(a, b, same, margin):
    distances = np.linalg.norm(a - b, axis=1)
    return np.where(same, distances, np.maximum(0, margin - distances) ** 2).mean()


def contrastive_halved(a, b, same, margin):
    return contrastive_by_where(a, b, same, margin) / 2


def contrastive_by_kind(a, b, same, margin):
    distances = np.linalg.norm(a - b, axis=1)
    return (distances[same] ** 2).mean() / 2 + (np.maximum(0, margin - distances[~same]) ** 2).mean() / 2


def contrastive_of_two_means(a, b, same, margin):
    return 2 * contrastive_by_kind(a, b, same, margin)


# --- 7.6


def triplets_in_loops(squares, labels, margin):
    losses = []
    for anchor, positive in itertools.permutations(range(len(labels)), 2):
        if labels[anchor] == labels[positive]:
            negatives = squares[anchor, labels != labels[anchor]]
            further = negatives[negatives > squares[anchor, positive]]
            negative = further.min() if len(further) else negatives.max()
            losses.append(max(0, margin + squares[anchor, positive] - negative))
    return np.mean(losses)


def triplets_by_sorting(squares, labels, margin):
    total = number = 0
    for anchor in range(len(labels)):
        others = sorted(squares[anchor][labels != labels[anchor]].tolist())
        for positive in squares[anchor][(labels == labels[anchor]) & (np.arange(len(labels)) != anchor)].tolist():
            negative = next((each for each in others if each > positive), others[-1])
            total, number = total + max(0.0, margin + positive - negative), number + 1
    return total / number


def triplets_as_a_cube(squares, labels, margin):
    same = labels[:, None] == labels[None]
    positive, negative = squares[:, :, None], np.where(same, np.nan, squares)[:, None, :]
    further = np.where(negative > positive, negative, np.inf).min(axis=2)
    chosen = np.where(np.isfinite(further), further, np.nanmax(negative, axis=2))
    return np.maximum(0, margin + squares - chosen)[same & ~np.eye(len(labels), dtype=bool)].mean()


def triplets_with_tensors(squares, labels, margin):
    d, same = tf.constant(squares), tf.constant(labels[:, None] == labels[None])
    others = tf.where(same, tf.constant(-1.0, d.dtype), d)
    negative = tf.repeat(others[:, None], len(labels), axis=1)
    further = tf.reduce_min(tf.where(negative > d[:, :, None], negative, np.inf), axis=2)
    chosen = tf.where(tf.math.is_inf(further), tf.reduce_max(others, axis=1)[:, None], further)
    pairs = tf.linalg.set_diag(same, tf.zeros(len(labels), bool))
    return tf.reduce_mean(tf.nn.relu(margin + d - chosen)[pairs])


def _triplets(squares, labels, margin, choose, *, itself=False, floor=0.0, mean=np.mean):
    losses = []
    for anchor in range(len(labels)):
        negatives = squares[anchor, labels != labels[anchor]]
        for positive in np.flatnonzero(labels == labels[anchor]):
            negative = choose(squares[anchor, positive], negatives)
            if (itself or positive != anchor) and negative is not None:
                losses.append(max(floor, margin + squares[anchor, positive] - negative))
    return float(mean(losses))


def _semi_hard(positive, negatives):
    further = negatives[negatives > positive]
    return further.min() if len(further) else negatives.max()


def triplets_of_the_hardest(squares, labels, margin):
    return _triplets(squares, labels, margin, lambda positive, negatives: negatives.min())


def triplets_of_the_easiest(squares, labels, margin):
    return _triplets(squares, labels, margin, lambda positive, negatives: negatives.max())


def triplets_at_least_as_far(squares, labels, margin):
    def choose(positive, negatives):
        as_far = negatives[negatives >= positive]
        return as_far.min() if len(as_far) else negatives.max()

    return _triplets(squares, labels, margin, choose)


def triplets_of_roots(squares, labels, margin):
    return triplets_in_loops(np.sqrt(squares), labels, margin)


def triplets_without_an_end(squares, labels, margin):
    return _triplets(squares, labels, margin, _semi_hard, floor=-np.inf)


def triplets_with_itself(squares, labels, margin):
    return _triplets(squares, labels, margin, _semi_hard, itself=True)


def triplets_summed(squares, labels, margin):
    return _triplets(squares, labels, margin, _semi_hard, mean=np.sum)


def triplets_that_cost(squares, labels, margin):
    return _triplets(squares, labels, margin, _semi_hard, mean=lambda v: sum(v) / max(1, sum(x > 0 for x in v)))


def triplets_without_the_furthest(squares, labels, margin):
    def choose(positive, negatives):
        further = negatives[negatives > positive]
        return further.min() if len(further) else None

    return _triplets(squares, labels, margin, choose)


BY_LOSS = {"prototypical": [0.01], "contrastive": [-0.08], "triplet": [-0.04]}

# --- 7.7


def threshold_by_trying(distances, same):
    def gap(t):
        return abs(np.mean(distances[~same] <= t) - np.mean(distances[same] > t))

    return min(np.unique(distances), key=gap)


def threshold_of_the_kit(distances, same):
    return equal_error_rate(same, distances).threshold


def threshold_in_arrays(distances, same):
    tried = np.sort(distances)
    accepts, rejects = (distances[~same] <= tried[:, None]), (distances[same] > tried[:, None])
    return tried[np.abs(accepts.mean(axis=1) - rejects.mean(axis=1)).argmin()]


def threshold_by_the_curve(distances, same):
    accepts, hits, thresholds = roc_curve(same, -distances, drop_intermediate=False)
    return -thresholds[1:][np.abs(accepts + hits - 1)[1:].argmin()]


def threshold_by_sorting(distances, same):
    best, least = 0.0, math.inf
    order = np.argsort(distances, kind="stable")
    accepted = {True: 0, False: 0}
    for place, row in enumerate(order):
        accepted[bool(same[row])] += 1
        if place + 1 < len(order) and distances[order[place + 1]] == distances[row]:
            continue
        gap = abs(accepted[False] / (~same).sum() - 1 + accepted[True] / same.sum())
        if gap < least:
            best, least = float(distances[row]), gap
    return best


def threshold_of_fewest_errors(distances, same):
    return min(np.unique(distances), key=lambda t: ((distances <= t) != same).sum())


def threshold_of_counts(distances, same):
    return min(
        np.unique(distances),
        key=lambda t: abs(int((distances[~same] <= t).sum()) - int((distances[same] > t).sum())),
    )


def threshold_not_a_number(distances, same):
    return float("nan")


def threshold_in_the_middle(distances, same):
    return (distances[same].mean() + distances[~same].mean()) / 2


def threshold_as_a_rate(distances, same):
    threshold = threshold_by_trying(distances, same)
    return (np.mean(distances[~same] <= threshold) + np.mean(distances[same] > threshold)) / 2


def threshold_and_rate(distances, same):
    return threshold_by_trying(distances, same), threshold_as_a_rate(distances, same)


def threshold_below(distances, same):
    return np.nextafter(threshold_by_trying(distances, same), -np.inf)


def threshold_for_similarity(distances, same):
    return min(np.unique(distances), key=lambda t: abs(np.mean(distances[~same] >= t) - np.mean(distances[same] < t)))


def threshold_as_a_row(distances, same):
    return int(np.flatnonzero(distances == threshold_by_trying(distances, same))[0])


MOVED = [0.05, 0.04, 0.06]

# --- 7.8


def unseen_by_isin(episodes, labels, trained):
    seen = labels[trained]
    return [
        place
        for place, each in enumerate(episodes)
        if not np.isin(labels[np.concatenate([each["support"], each["queries"]])], seen).any()
    ]


def unseen_by_sets(episodes, labels, trained):
    seen, found = {int(labels[row]) for row in trained}, []
    for place, each in enumerate(episodes):
        classes = {int(labels[row]) for row in [*each["support"], *each["queries"]]}
        if classes.isdisjoint(seen):
            found.append(place)
    return tuple(found)


def unseen_by_a_mask(episodes, labels, trained):
    fresh = ~np.isin(labels, np.unique(labels[trained]))
    return np.flatnonzero([fresh[each["support"]].all() and fresh[each["queries"]].all() for each in episodes])


def unseen_by_taking_away(episodes, labels, trained):
    left = set(range(len(episodes)))
    for place, name in itertools.product(range(len(episodes)), set(labels[trained].tolist())):
        if name in labels[episodes[place]["support"]] or name in labels[episodes[place]["queries"]]:
            left.discard(place)
    return left


def unseen_by_images(episodes, labels, trained):
    rows = [np.concatenate([each["support"], each["queries"]]) for each in episodes]
    return [place for place, each in enumerate(rows) if not np.isin(each, trained).any()]


def unseen_in_part(episodes, labels, trained):
    seen = labels[trained]
    return [i for i, each in enumerate(episodes) if not np.isin(labels[each["support"]], seen).all()]


def unseen_turned_round(episodes, labels, trained):
    return [i for i in range(len(episodes)) if i not in unseen_by_isin(episodes, labels, trained)]


def unseen_as_a_mask(episodes, labels, trained):
    good = unseen_by_isin(episodes, labels, trained)
    return [place in good for place in range(len(episodes))]


def unseen_as_a_number(episodes, labels, trained):
    return len(unseen_by_isin(episodes, labels, trained))


def unseen_as_episodes(episodes, labels, trained):
    return [episodes[place] for place in unseen_by_isin(episodes, labels, trained)]


def unseen_of_labels_and_rows(episodes, labels, trained):
    return [i for i, each in enumerate(episodes) if not np.isin(labels[each["support"]], trained).any()]


def unseen_by_the_first_class(episodes, labels, trained):
    return [i for i, each in enumerate(episodes) if labels[each["support"][0]] not in labels[trained]]


LEAKS = [0.2, 0.19, 0.21]


ANSWERS = {
    "7.1": {
        "right": [
            Args(episode_by_permutation, MEASURED),
            Args(episode_with_pythons_random, MEASURED),
            Args(episode_class_by_class, MEASURED),
            Args(episode_by_sorting, MEASURED),
        ],
        "wrong": [
            (Args(episode_with_queries_from_all, MEASURED), "Such an image names itself"),
            (Args(episode_of_any_class, MEASURED), "A class of .* images was drawn|where some classes have only"),
            (Args(episode_of_classes_twice, MEASURED), "Draw the classes without replacement"),
            (Args(episode_of_the_first_classes, MEASURED), "Draw the classes by chance"),
            (Args(episode_of_the_first_images, MEASURED), "Draw the images by chance, too"),
            (Args(episode_without_a_seed, MEASURED), "could not be compared"),
            (Args(episode_of_images, MEASURED), "A row belongs to one class"),
            (Args(episode_of_the_kit, MEASURED), "write this yourself. Your answer calls draw_episode"),
            (Args(episode_of_large_classes, MEASURED), "these are just enough"),
            (Args(episode_of_names, MEASURED), "and not their classes"),
            (Args(episode_as_one_table, MEASURED), "Return two arrays"),
            (Args(episode_with_queries_behind, MEASURED), "is up to chance, too"),
        ],
        "prediction": "above 50 %",
    },
    "7.2": {
        "right": [
            Args(named_by_means, BY_RULE),
            Args(named_by_a_table_of_distances, BY_RULE),
            Args(named_by_scikit_learn, BY_RULE),
            Args(named_in_loops, BY_RULE),
        ],
        "wrong": [
            (Args(named_by_the_neighbour, BY_RULE), r"You take the nearest \*image"),
            (Args(named_by_place, BY_RULE), "not their places"),
            (Args(named_by_angle, BY_RULE), "You take the angle"),
            (Args(named_by_sums, BY_RULE), "You take the sum of a class"),
            (Args(named_by_the_furthest, BY_RULE), "You take the furthest"),
            (Args(named_by_absolute_differences, BY_RULE), "You add absolute differences"),
            (Args(named_by_regression, BY_RULE), "with the mean of each class"),
            (Args(named_by_the_kit, BY_RULE), "write this yourself. Your answer calls PrototypeClassifier"),
            (Args(distances_in_place_of_names, BY_RULE), "one for each"),
        ],
        "refused": [Args(named_by_a_vote, BY_RULE)],
        "prediction": "nearest prototype",
    },
    "7.3": {
        "right": [
            Args(interval_by_hand, MEASURED),
            Args(interval_of_the_kit, MEASURED),
            Args(interval_of_scipy, MEASURED),
            Args(interval_of_a_test, MEASURED),
        ],
        "wrong": [
            (Args(interval_over_queries, MEASURED), "share its classes and its support"),
            (Args(interval_of_one_episode, MEASURED), "not one episode"),
            (Args(interval_of_the_population, MEASURED), "needs n - 1"),
            (Args(interval_of_a_bell, MEASURED), "larger than that of a bell"),
            (Args(interval_as_a_half_width, MEASURED), "Return three numbers"),
            (Args(interval_turned_round, MEASURED), "comes before the high end"),
            (Args(interval_at_90_percent, MEASURED), "the quantile is that of 0.975"),
            (Args(interval_of_columns, MEASURED), r"Each \*row\* is an episode"),
            (Args(interval_in_percent, MEASURED), "and not percent"),
            (Args(interval_within_the_shares, MEASURED), "reach beyond 0 or 1"),
        ],
        "prediction": "1 to 3 points",
    },
    "7.4": {
        "right": [
            Args(proto_by_log_softmax, GAINS),
            Args(proto_in_loops, GAINS),
            Args(proto_with_keras, GAINS),
            Args(proto_with_tensors, GAINS),
        ],
        "wrong": [
            (Args(proto_summed, GAINS), "not their sum"),
            (Args(proto_with_the_other_sign, GAINS), r"\*minus\* the distance"),
            (Args(proto_of_roots, GAINS), r"the \*squared\* distances"),
            (Args(proto_of_the_first_image, GAINS), "not the first of them"),
            (Args(proto_of_own_distances, GAINS), "the softmax is missing"),
            (Args(proto_of_plain_exponentials, GAINS), "subtract the largest logit"),
            (Args(proto_over_classes, GAINS), "each query is named once"),
            (Args(proto_with_a_smallest_chance, GAINS), "add nothing to a chance"),
        ],
        "refused": [Args(proto_as_an_error, GAINS)],
        "prediction": "only photos",
    },
    "7.5": {
        "right": [
            contrastive_by_where,
            contrastive_in_a_loop,
            contrastive_in_two_parts,
            contrastive_with_tensors,
        ],
        "wrong": [
            (contrastive_summed, "not their sum"),
            (contrastive_exchanged, "`same` is exchanged"),
            (contrastive_without_an_end, "Beyond the margin"),
            (contrastive_of_squares, "one of the distance"),
            (contrastive_without_the_square, "squared, too"),
            (contrastive_of_a_plain_distance, r"its \*squared\* distance"),
            (contrastive_halved, "no half"),
            (contrastive_by_kind, "half of the weight"),
            (contrastive_of_two_means, "not one mean for each kind"),
        ],
    },
    "7.6": {
        "right": [
            Args(triplets_in_loops, BY_LOSS),
            Args(triplets_by_sorting, BY_LOSS),
            Args(triplets_as_a_cube, BY_LOSS),
            Args(triplets_with_tensors, BY_LOSS),
        ],
        "wrong": [
            (Args(triplets_of_the_hardest, BY_LOSS), "yours is the hardest"),
            (Args(triplets_of_the_easiest, BY_LOSS), "not the furthest"),
            (Args(triplets_without_an_end, BY_LOSS), "keeps the margin costs nothing"),
            (Args(triplets_with_itself, BY_LOSS), "no positive of itself"),
            (Args(triplets_summed, BY_LOSS), "not their sum"),
            (Args(triplets_that_cost, BY_LOSS), "count in the mean, too"),
            (Args(triplets_without_the_furthest, BY_LOSS), "take the furthest one"),
            (Args(triplets_at_least_as_far, BY_LOSS), "`>`, not `>=`"),
            (Args(triplets_of_roots, BY_LOSS), "take no root"),
        ],
        "prediction": "prototypical",
    },
    "7.7": {
        "right": [
            Args(threshold_by_trying, MOVED),
            Args(threshold_in_arrays, MOVED),
            Args(threshold_by_the_curve, MOVED),
            Args(threshold_by_sorting, MOVED),
        ],
        "wrong": [
            (Args(threshold_of_fewest_errors, MOVED), "fewest errors in all"),
            (Args(threshold_as_a_rate, MOVED), "in the unit of the distances"),
            (Args(threshold_not_a_number, MOVED), "not a number"),
            (Args(threshold_in_the_middle, MOVED), "Try each distance"),
            (Args(threshold_of_the_kit, MOVED), "write this yourself. Your answer calls equal_error_rate"),
            (Args(threshold_and_rate, MOVED), "Return one number"),
            (Args(threshold_below, MOVED), "a distance that occurs, unchanged"),
            (Args(threshold_of_counts, MOVED), r"makes the \*counts"),
        ],
        "refused": [
            Args(threshold_for_similarity, MOVED),
            Args(threshold_as_a_row, MOVED),
        ],
        "prediction": "more than 3 points",
    },
    "7.8": {
        "right": [
            Args(unseen_by_isin, LEAKS),
            Args(unseen_by_sets, LEAKS),
            Args(unseen_by_a_mask, LEAKS),
            Args(unseen_by_taking_away, LEAKS),
        ],
        "wrong": [
            (Args(unseen_by_images, LEAKS), "but their classes are not"),
            (Args(unseen_in_part, LEAKS), "One trained class among several"),
            (Args(unseen_turned_round, LEAKS), "These are the others"),
            (Args(unseen_as_a_number, LEAKS), r"such as `\[0, 3\]`. Received: \d"),
            (Args(unseen_as_episodes, LEAKS), "Return the places of episodes in the list"),
            (Args(unseen_of_labels_and_rows, LEAKS), "`trained` are rows"),
            (Args(unseen_by_isin, [20, 19, 21]), "must hold shares"),
        ],
        "refused": [Args(unseen_by_the_first_class, LEAKS), Args(unseen_as_a_mask, LEAKS)],
        "prediction": "more than 10 points",
    },
}
