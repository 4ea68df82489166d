"""Right and wrong answers to the exercises of lesson 6: each wrong one stands for a misconception."""

import itertools

import numpy as np
import tensorflow as tf
from scipy import linalg
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.svm import SVC

from tlkit.adaptation import gradual_guesses, reverse_accuracy
from tlkit.checks.testing import Args
from tlkit.exercises.lesson_06_without_target_labels.shown import LUMINANCE, RULES, gains_by, inked
from tlkit.probes import linear_probe

# --- 6.1


def _given_input(joint):
    return joint / joint.sum(axis=1, keepdims=True)


def _given_class(joint):
    return joint / joint.sum(axis=0, keepdims=True)


def kind_in_order(source, target):
    if np.allclose(source, target):
        return "none"
    if np.allclose(_given_input(source), _given_input(target)):
        return "covariate"
    if np.allclose(_given_class(source), _given_class(target)):
        return "label"
    return "concept" if np.allclose(source.sum(axis=1), target.sum(axis=1)) else "several"


def kind_by_ratios(source, target):
    ratio = target / source
    by_input, by_class = np.ptp(ratio, axis=1).max() < 1e-8, np.ptp(ratio, axis=0).max() < 1e-8
    if by_input and by_class:
        return "none"
    if by_input or by_class:
        return "covariate" if by_input else "label"
    return "several" if np.abs(source.sum(1) - target.sum(1)).max() > 1e-8 else "concept"


def kind_in_loops(source, target):
    def same(a, b):
        return all(abs(x - y) < 1e-7 for row, other in zip(a, b, strict=True) for x, y in zip(row, other, strict=True))

    def rows(table):
        return [[value / sum(row) for value in row] for row in table]

    s, t = source.tolist(), target.tolist()
    if same(s, t):
        return "none"
    if same(rows(s), rows(t)):
        return "covariate"
    if same(rows(zip(*s, strict=True)), rows(zip(*t, strict=True))):
        return "label"
    return "concept" if all(abs(sum(a) - sum(b)) < 1e-7 for a, b in zip(s, t, strict=True)) else "several"


def kind_with_tensors(source, target):
    def same(a, b):
        return bool(tf.reduce_all(tf.abs(a - b) < 1e-7))

    s, t = tf.constant(source), tf.constant(target)
    means = [each / tf.reduce_sum(each, axis=1, keepdims=True) for each in (s, t)]
    looks = [each / tf.reduce_sum(each, axis=0, keepdims=True) for each in (s, t)]
    cases = [(same(s, t), "none"), (same(*means), "covariate"), (same(*looks), "label")]
    last = "concept" if same(tf.reduce_sum(s, 1), tf.reduce_sum(t, 1)) else "several"
    return next((name for found, name in cases if found), last)


def kind_the_other_way(source, target):
    return {"covariate": "label", "label": "covariate"}.get(
        kind_in_order(source, target), kind_in_order(source, target)
    )


def kind_of_the_first_class(source, target):
    if np.allclose(source, target):
        return "none"
    if np.allclose(_given_input(source)[:, 0], _given_input(target)[:, 0]):
        return "covariate"
    if np.allclose(_given_class(source), _given_class(target)):
        return "label"
    return "concept" if np.allclose(source.sum(axis=1), target.sum(axis=1)) else "several"


def kind_of_the_first_input(source, target):
    first = _given_class(source)[0], _given_class(target)[0]
    return (
        "label" if kind_in_order(source, target) == "several" and np.allclose(*first) else kind_in_order(source, target)
    )


def kind_by_marginals(source, target):
    if np.allclose(source, target):
        return "none"
    inputs, classes = (np.allclose(source.sum(axis=axis), target.sum(axis=axis)) for axis in (1, 0))
    return "concept" if inputs else "covariate" if classes else "several"


def kind_without_concept(source, target):
    found = kind_in_order(source, target)
    return "covariate" if found == "concept" else found


def kind_without_several(source, target):
    found = kind_in_order(source, target)
    return "concept" if found == "several" else found


def kind_without_none(source, target):
    found = kind_in_order(source, target)
    return "covariate" if found == "none" else found


def kind_as_a_number(source, target):
    return float(np.abs(source - target).sum())


# --- 6.2

GAINS = {"the camera": [0.2, 0.22, 0.25], "the hand": [0.01, 0.02, 0.015]}


def _power(symmetric, exponent):
    values, vectors = np.linalg.eigh(symmetric)
    return (vectors * values**exponent) @ vectors.T


def coral_by_eigenvectors(source, target):
    change = _power(np.cov(source.T), -0.5) @ _power(np.cov(target.T), 0.5)
    return (source - source.mean(axis=0)) @ change + target.mean(axis=0)


def coral_by_scipy(source, target):
    white = (source - source.mean(0)) @ np.linalg.inv(linalg.sqrtm(np.cov(source, rowvar=False)).real)
    return white @ linalg.sqrtm(np.cov(target, rowvar=False)).real + target.mean(0)


def coral_with_tensors(source, target):
    def centred(x):
        return x - tf.reduce_mean(x, axis=0)

    def covariance(x):
        return tf.matmul(centred(x), centred(x), transpose_a=True) / (x.shape[0] - 1)

    s, t = tf.constant(source), tf.constant(target)
    root = tf.linalg.sqrtm(covariance(s))
    return centred(s) @ tf.linalg.inv(root) @ tf.linalg.sqrtm(covariance(t)) + tf.reduce_mean(t, axis=0)


def coral_by_svd(source, target):
    def root(table, power):
        _, size, vectors = np.linalg.svd(table - table.mean(0), full_matrices=False)
        return vectors.T @ np.diag((size / np.sqrt(len(table) - 1)) ** power) @ vectors

    return np.array([row @ root(source, -1) @ root(target, 1) for row in source - source.mean(0)]) + target.mean(0)


def coral_not_centred(source, target):
    return source @ _power(np.cov(source.T), -0.5) @ _power(np.cov(target.T), 0.5)


def coral_of_means(source, target):
    return source - source.mean(axis=0) + target.mean(axis=0)


def coral_of_variances(source, target):
    return (source - source.mean(axis=0)) / source.std(axis=0) * target.std(axis=0) + target.mean(axis=0)


def coral_by_cholesky(source, target):
    white = np.linalg.solve(np.linalg.cholesky(np.cov(source.T)), (source - source.mean(axis=0)).T)
    return (np.linalg.cholesky(np.cov(target.T)) @ white).T + target.mean(axis=0)


def coral_of_the_target(source, target):
    return coral_by_eigenvectors(target, source)


def coral_the_wrong_way(source, target):
    change = _power(np.cov(source.T), 0.5) @ _power(np.cov(target.T), -0.5)
    return (source - source.mean(axis=0)) @ change + target.mean(axis=0)


def coral_that_only_whitens(source, target):
    return (source - source.mean(axis=0)) @ _power(np.cov(source.T), -0.5) + target.mean(axis=0)


def coral_with_bias(source, target):
    change = _power(np.cov(source.T, bias=True), -0.5) @ _power(np.cov(target.T, bias=True), 0.5)
    return (source - source.mean(axis=0)) @ change + target.mean(axis=0)


def coral_with_an_identity(source, target):
    own, other = (np.cov(table.T) + np.eye(table.shape[1]) for table in (source, target))
    return (source - source.mean(axis=0)) @ _power(own, -0.5) @ _power(other, 0.5) + target.mean(axis=0)


# --- 6.3

ACCURACY = {"as drawn": [0.14, 0.15], "matched": [0.44, 0.46]}


def ink_by_median(images):
    grey = images @ np.array(LUMINANCE)
    far = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def ink_one_by_one(images):
    pages = []
    for image in images.astype(float):
        grey = 0.299 * image[..., 0] + 0.587 * image[..., 1] + 0.114 * image[..., 2]
        far = abs(grey - np.median(grey))
        pages.append(far / far.max() if far.max() > 1e-6 else np.zeros_like(far))
    return np.stack(pages)


def ink_with_tensors(images):
    grey = tf.tensordot(tf.cast(images, tf.float64), tf.constant(LUMINANCE, tf.float64), 1)
    flat = tf.reshape(grey, (grey.shape[0], -1))
    ordered = tf.sort(flat, axis=1)
    size = ordered.shape[1]
    middle = (ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2
    far = tf.abs(flat - middle[:, None])
    return tf.reshape(tf.math.divide_no_nan(far, tf.reduce_max(far, axis=1, keepdims=True)), grey.shape)


def ink_by_where(images):
    grey = np.einsum("nhwc,c->nhw", images.astype("float32"), np.array(LUMINANCE, "float32"))
    far = np.abs(grey - np.median(grey.reshape(len(grey), -1), axis=1)[:, None, None])
    top = far.max(axis=(1, 2))[:, None, None]
    return np.where(top > 1e-3, far / np.where(top > 1e-3, top, 1), 0)


def ink_that_must_be_light(images):
    grey = images @ np.array(LUMINANCE)
    far = np.clip(grey - np.median(grey, axis=(1, 2), keepdims=True), 0, None)
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def ink_by_mean_of_colours(images):
    grey = images.astype(float).mean(axis=-1)
    far = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def ink_of_the_batch(images):
    grey = images @ np.array(LUMINANCE)
    far = np.abs(grey - np.median(grey))
    return far / max(far.max(), 1e-9)


def ink_that_divides_by_zero(images):
    grey = images @ np.array(LUMINANCE)
    far = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))
    with np.errstate(all="ignore"):
        return far / far.max(axis=(1, 2), keepdims=True)


def ink_in_colour(images):
    return images / 255


def ink_from_the_mean(images):
    grey = images @ np.array(LUMINANCE)
    far = np.abs(grey - grey.mean(axis=(1, 2), keepdims=True))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def ink_in_bytes(images):
    grey = (images @ np.array(LUMINANCE)).astype("uint8")
    far = np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True).astype("uint8"))
    return far / np.maximum(far.max(axis=(1, 2), keepdims=True), 1e-9)


def ink_by_the_kit(images):
    return inked(images)


def ink_turned_round(images):
    return 1 - ink_by_median(images)


def ink_in_levels(images):
    grey = images @ np.array(LUMINANCE)
    return np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))


# --- 6.4

DANN_GAINS = [-0.02, -0.03, 0.01]


def step_by_parts(weights, task, domain, strength, rate):
    return {
        "encoder": weights["encoder"] - rate * (task["encoder"] - strength * domain["encoder"]),
        "head": weights["head"] - rate * task["head"],
        "critic": weights["critic"] - rate * domain["critic"],
    }


def step_by_signs(weights, task, domain, strength, rate):
    sign = {"encoder": -strength, "head": 0.0, "critic": 1.0}
    return {name: array - rate * (task[name] + sign[name] * domain[name]) for name, array in weights.items()}


def step_in_two(weights, task, domain, strength, rate):
    after = {name: array - rate * task[name] for name, array in weights.items()}
    after["critic"] = after["critic"] - rate * domain["critic"]
    after["encoder"] = after["encoder"] + rate * strength * domain["encoder"]
    return after


def step_with_tensors(weights, task, domain, strength, rate):
    w, t, d = ({name: tf.constant(array) for name, array in each.items()} for each in (weights, task, domain))
    moved = [w["encoder"] - rate * t["encoder"] + rate * strength * d["encoder"], w["head"] - rate * t["head"]]
    return dict(zip(("encoder", "head", "critic"), [*moved, w["critic"] - rate * d["critic"]], strict=True))


def _signed(encoder, head, critic):
    def step(weights, task, domain, strength, rate):
        factors = {"encoder": encoder(strength), "head": head(strength), "critic": critic(strength)}
        return {n: a - rate * (factors[n][0] * task[n] + factors[n][1] * domain[n]) for n, a in weights.items()}

    return step


step_without_reversal = _signed(lambda s: (1, s), lambda s: (1, 0), lambda s: (0, 1))
step_that_reverses_the_critic = _signed(lambda s: (1, -s), lambda s: (1, 0), lambda s: (0, -s))
step_that_scales_the_critic = _signed(lambda s: (1, -s), lambda s: (1, 0), lambda s: (0, s))
step_that_ignores_the_strength = _signed(lambda s: (1, -1), lambda s: (1, 0), lambda s: (0, 1))
step_with_a_slow_head = _signed(lambda s: (1, -s), lambda s: (1 / (1 + s), 0), lambda s: (0, 1))
step_uphill = _signed(lambda s: (-1, s), lambda s: (-1, 0), lambda s: (0, -1))


def step_without_a_rate(weights, task, domain, strength, rate):
    return step_by_parts(weights, task, domain, strength, 1.0)


def step_of_gradients(weights, task, domain, strength, rate):
    return task["encoder"] - strength * domain["encoder"]


# --- 6.5

SHIFT_GAINS = [-0.1, -0.05, -0.12]


def ceiling_over_names(source_labels, target_labels):
    names = np.unique(np.concatenate([source_labels, target_labels]))
    return sum(min(np.mean(source_labels == name), np.mean(target_labels == name)) for name in names)


def ceiling_by_counts(source_labels, target_labels):
    size = max(source_labels.max(), target_labels.max()) + 1
    shares = [np.bincount(labels, minlength=size) / len(labels) for labels in (source_labels, target_labels)]
    return np.minimum(*shares).sum()


def ceiling_by_distance(source_labels, target_labels):
    names = set(source_labels.tolist()) | set(target_labels.tolist())
    gaps = [abs(np.mean(source_labels == name) - np.mean(target_labels == name)) for name in names]
    return 1 - sum(gaps) / 2


def ceiling_with_tensors(source_labels, target_labels):
    size = int(max(source_labels.max(), target_labels.max())) + 1
    counts = [tf.math.bincount(tf.cast(x, tf.int32), minlength=size) for x in (source_labels, target_labels)]
    shares = [
        tf.cast(count, tf.float64) / len(x) for count, x in zip(counts, (source_labels, target_labels), strict=True)
    ]
    return tf.reduce_sum(tf.minimum(*shares))


def ceiling_of_counts(source_labels, target_labels):
    size = max(source_labels.max(), target_labels.max()) + 1
    counts = [np.bincount(labels, minlength=size) for labels in (source_labels, target_labels)]
    return np.minimum(*counts).sum() / len(target_labels)


def ceiling_of_equal_names(source_labels, target_labels):
    return len(set(source_labels) & set(target_labels)) / len(set(source_labels) | set(target_labels))


def ceiling_of_one(source_labels, target_labels):
    return 1.0


def ceiling_of_larger_shares(source_labels, target_labels):
    names = np.unique(np.concatenate([source_labels, target_labels]))
    return sum(max(np.mean(source_labels == name), np.mean(target_labels == name)) for name in names)


def ceiling_of_the_distance(source_labels, target_labels):
    return 1 - 2 * (1 - ceiling_over_names(source_labels, target_labels))


def ceiling_in_percent(source_labels, target_labels):
    return 100 * ceiling_over_names(source_labels, target_labels)


def ceiling_of_products(source_labels, target_labels):
    names = np.unique(source_labels)
    return sum(np.mean(source_labels == name) * np.mean(target_labels == name) for name in names)


def ceiling_as_shares(source_labels, target_labels):
    return [np.mean(source_labels == name) for name in np.unique(source_labels)]


# --- 6.6

CHOSEN = {name: [0.02, 0.05, 0.01] for name in RULES}


def back_by_probe(source, labels, target, guesses):
    if len(np.unique(guesses)) < 2:
        return np.mean(labels == guesses[0])
    return linear_probe(target, guesses, strength=0.05).score(source, labels)


def back_by_the_kit(source, labels, target, guesses):
    return reverse_accuracy(source, labels, target, guesses)


def back_by_neighbours(source, labels, target, guesses):
    return KNeighborsClassifier(min(5, len(target))).fit(target, guesses).score(source, labels)


def back_by_centroids(source, labels, target, guesses):
    names = np.unique(guesses)
    centres = np.stack([target[guesses == name].mean(axis=0) for name in names])
    nearest = ((source[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    return float((names[nearest] == labels).mean())


def back_by_least_squares(source, labels, target, guesses):
    names, codes = np.unique(guesses, return_inverse=True)
    table, other = (np.hstack([part, np.ones((len(part), 1))]) for part in (target, source))
    weights = np.linalg.lstsq(table, np.eye(len(names))[codes], rcond=None)[0]
    return np.mean(names[(other @ weights).argmax(axis=1)] == labels)


def back_that_is_forward(source, labels, target, guesses):
    return linear_probe(source, labels, strength=0.05).score(target, guesses)


def back_that_judges_itself(source, labels, target, guesses):
    if len(np.unique(guesses)) < 2:
        return np.mean(labels == guesses[0])
    return linear_probe(target, guesses, strength=0.05).score(target, guesses)


def back_up_to_names(source, labels, target, guesses):
    if len(np.unique(guesses)) < 2:
        return np.mean(labels == guesses[0])
    told = linear_probe(target, guesses, strength=0.05).predict(source)
    return float(np.mean([np.bincount(labels[told == name]).max() / (told == name).sum() for name in np.unique(told)]))


def back_without_one_class(source, labels, target, guesses):
    if len(np.unique(guesses)) < 2:
        return 0.0
    return linear_probe(target, guesses, strength=0.05).score(source, labels)


def back_as_a_risk(source, labels, target, guesses):
    return 1 - back_by_probe(source, labels, target, guesses)


def back_by_guesses_of_the_source(source, labels, target, guesses):
    return linear_probe(source, labels, strength=0.05).score(source, labels)


def back_as_a_list(source, labels, target, guesses):
    return [linear_probe(target, guesses).predict(source)] if len(np.unique(guesses)) > 1 else []


# --- 6.7

RUNS = {
    "baseline": [0.5, 0.6, 0.55],
    "accuracy": [[0.5, 0.6, 0.55], [0.7, 0.5, 0.6]],
    "criterion": [[1, 2, 1], [2, 1, 2]],
}


def gain_by_rows(baseline, accuracy, criterion):
    return accuracy[criterion.argmax(axis=0), np.arange(len(baseline))] - baseline


def gain_in_a_loop(baseline, accuracy, criterion):
    gains = []
    for seed, base in enumerate(baseline):
        best = max(range(len(accuracy)), key=lambda row, seed=seed: criterion[row][seed])
        gains.append(accuracy[best][seed] - base)
    return gains


def gain_by_take_along_axis(baseline, accuracy, criterion):
    best = np.argmax(criterion, axis=0)[None]
    return np.take_along_axis(np.asarray(accuracy), best, axis=0)[0] - baseline


def gain_with_tensors(baseline, accuracy, criterion):
    chosen = tf.one_hot(tf.argmax(criterion, axis=0), len(accuracy), axis=0, dtype=tf.float64)
    return tf.reduce_sum(chosen * tf.cast(accuracy, tf.float64), axis=0) - baseline


def gain_by_peeking(baseline, accuracy, criterion):
    return accuracy.max(axis=0) - baseline


def gain_of_one_strength(baseline, accuracy, criterion):
    return accuracy[criterion.mean(axis=1).argmax()] - baseline


def gain_by_the_smallest(baseline, accuracy, criterion):
    return accuracy[criterion.argmin(axis=0), np.arange(len(baseline))] - baseline


def gain_over_the_mean(baseline, accuracy, criterion):
    return accuracy[criterion.argmax(axis=0), np.arange(len(baseline))] - baseline.mean()


def gain_of_the_criterion(baseline, accuracy, criterion):
    return criterion.max(axis=0) - baseline


def gain_by_the_kit(baseline, accuracy, criterion):
    return gains_by(criterion, accuracy, baseline)


def gain_in_points(baseline, accuracy, criterion):
    return 100 * gain_by_rows(baseline, accuracy, criterion)


def gain_on_average(baseline, accuracy, criterion):
    return gain_by_rows(baseline, accuracy, criterion).mean()


def gain_the_other_way(baseline, accuracy, criterion):
    return -gain_by_rows(baseline, accuracy, criterion)


# --- 6.8

REACHED = {"all at once": [0.4, 0.45], "in steps": [0.99, 1.0]}


def walk_with_probes(source, labels, stages):
    points, guesses = source, labels
    for stage in stages:
        points, guesses = stage, linear_probe(points, guesses).predict(stage)
    return guesses


def walk_by_the_kit(source, labels, stages):
    return gradual_guesses(source, labels, stages, linear_probe)


def walk_with_neighbours(source, labels, stages):
    for before, stage in itertools.pairwise([source, *stages]):
        labels = KNeighborsClassifier(5).fit(before, labels).predict(stage)
    return labels


def walk_with_a_kernel(source, labels, stages):
    model = SVC(C=1, gamma=0.05).fit(source, labels)
    for stage in stages[:-1]:
        model = SVC(C=1, gamma=0.05).fit(stage, model.predict(stage))
    return model.predict(stages[-1]).tolist()


def walk_by_recursion(source, labels, stages):
    first, *others = stages
    guesses = NearestCentroid().fit(source, labels).predict(first)
    return walk_by_recursion(first, guesses, others) if others else guesses


def walk_all_at_once(source, labels, stages):
    return linear_probe(source, labels).predict(stages[-1])


def walk_that_keeps_the_source(source, labels, stages):
    for stage in stages[:-1]:
        guesses = linear_probe(source, labels).predict(stage)
        source, labels = np.concatenate([source, stage]), np.concatenate([labels, guesses])
    return linear_probe(source, labels).predict(stages[-1])


def walk_to_the_middle(source, labels, stages):
    middle = len(stages) // 2
    guesses = walk_with_probes(source, labels, stages[:middle]) if middle else labels
    return linear_probe(stages[middle - 1] if middle else source, guesses).predict(stages[-1])


def walk_of_all_stages(source, labels, stages):
    found, points, guesses = [], source, labels
    for stage in stages:
        points, guesses = stage, linear_probe(points, guesses).predict(stage)
        found.append(guesses)
    return np.concatenate(found)


def walk_on_the_spot(source, labels, stages):
    probe = LogisticRegression().fit(source, labels)
    for _ in stages:
        probe = LogisticRegression().fit(stages[-1], probe.predict(stages[-1]))
    return probe.predict(stages[-1])


def walk_with_a_curve(source, labels, stages):
    model = SVC(C=10, gamma=2.0).fit(source, labels)
    for stage in stages[:-1]:
        model = SVC(C=10, gamma=2.0).fit(stage, model.predict(stage))
    return model.predict(stages[-1])


def walk_learned_at_once(source, labels, stages):
    table = np.concatenate(stages)
    return linear_probe(table, linear_probe(source, labels).predict(table)).predict(stages[-1])


def walk_that_stops_early(source, labels, stages):
    return linear_probe(source, labels).predict(stages[0])


def walk_in_codes(source, labels, stages):
    return (walk_with_probes(source, labels, stages) == labels.max()).astype(int) * 1000


ANSWERS = {
    "6.1": {
        "right": [kind_in_order, kind_by_ratios, kind_in_loops, kind_with_tensors],
        "wrong": [
            (kind_the_other_way, "was called '(label|covariate)'"),
            (kind_of_the_first_class, "not only the first"),
            (kind_without_concept, "but mean something else"),
            (kind_without_several, "Neither p"),
            (kind_without_none, "Both tables are the same"),
            (kind_by_marginals, "stays the same"),
            (kind_as_a_number, "Return one of"),
        ],
        "refused": [kind_of_the_first_input],
    },
    "6.2": {
        "right": [
            Args(each, GAINS) for each in (coral_by_eigenvectors, coral_by_scipy, coral_with_tensors, coral_by_svd)
        ],
        "wrong": [
            (Args(coral_not_centred, GAINS), "Centre each domain"),
            (Args(coral_of_means, GAINS), "has kept its own covariance"),
            (Args(coral_of_variances, GAINS), "features vary together, too"),
            (Args(coral_with_bias, GAINS), "`np.cov` without `bias=True`"),
            (Args(coral_with_an_identity, GAINS), "not even the identity"),
            (Args(coral_the_wrong_way, GAINS), "Whiten the centred source"),
            (Args(coral_by_cholesky, GAINS), "symmetric roots"),
            (Args(coral_of_the_target, GAINS), "one row for each"),
            (Args(coral_that_only_whitens, GAINS), "whitened, but not coloured"),
            (Args(coral_by_svd, {name: [20, 25] for name in GAINS}), "must hold shares"),
        ],
        "prediction": "the camera",
    },
    "6.3": {
        "right": [Args(each, ACCURACY) for each in (ink_by_median, ink_one_by_one, ink_with_tensors, ink_by_where)],
        "wrong": [
            (Args(ink_that_must_be_light, ACCURACY), "Ink may be darker"),
            (Args(ink_by_mean_of_colours, ACCURACY), "green looks brighter"),
            (Args(ink_of_the_batch, ACCURACY), "of each image"),
            (Args(ink_that_divides_by_zero, ACCURACY), "0 / 0 is NaN"),
            (Args(ink_in_colour, ACCURACY), "one grey picture"),
            (Args(ink_from_the_mean, ACCURACY), "a mean lies between"),
            (Args(ink_in_bytes, ACCURACY), "Bytes wrap below 0"),
            (Args(ink_turned_round, ACCURACY), "not the other way round"),
            (Args(ink_in_levels, ACCURACY), "Divide by the largest"),
            (Args(ink_by_the_kit, ACCURACY), "write this yourself. Your answer calls inked"),
        ],
        "prediction": "30 to 60 %",
    },
    "6.4": {
        "right": [Args(each, DANN_GAINS) for each in (step_by_parts, step_by_signs, step_in_two, step_with_tensors)],
        "wrong": [
            (Args(step_without_reversal, DANN_GAINS), "sign must be reversed"),
            (Args(step_that_reverses_the_critic, DANN_GAINS), r"out of\* the critic"),
            (Args(step_that_scales_the_critic, DANN_GAINS), "unscaled"),
            (Args(step_that_ignores_the_strength, DANN_GAINS), "minus strength times"),
            (Args(step_with_a_slow_head, DANN_GAINS), "head only learns"),
            (Args(step_uphill, DANN_GAINS), r"Downhill is \*minus"),
            (Args(step_without_a_rate, DANN_GAINS), "Multiply the gradient by `rate`"),
            (Args(step_of_gradients, DANN_GAINS), "Return a dictionary"),
        ],
        "prediction": "negative",
    },
    "6.5": {
        "right": [
            Args(each, SHIFT_GAINS)
            for each in (ceiling_over_names, ceiling_by_counts, ceiling_by_distance, ceiling_with_tensors)
        ],
        "wrong": [
            (Args(ceiling_of_counts, SHIFT_GAINS), "divide each count"),
            (Args(ceiling_of_equal_names, SHIFT_GAINS), "not the names that both"),
            (Args(ceiling_of_one, SHIFT_GAINS), "only where the shares are equal"),
            (Args(ceiling_of_larger_shares, SHIFT_GAINS), r"the \*smaller\* one"),
            (Args(ceiling_of_products, SHIFT_GAINS), "guesses by chance"),
            (Args(ceiling_of_the_distance, SHIFT_GAINS), "only half of their sum"),
            (Args(ceiling_in_percent, SHIFT_GAINS), "That is in percent"),
            (Args(ceiling_as_shares, SHIFT_GAINS), "Return one number"),
        ],
        "prediction": "negative",
    },
    "6.6": {
        "right": [
            Args(each, CHOSEN) for each in (back_by_probe, back_by_neighbours, back_by_centroids, back_by_least_squares)
        ],
        "wrong": [
            (Args(back_that_judges_itself, CHOSEN), r"judge on the source and its \*labels"),
            (Args(back_up_to_names, CHOSEN), "consistent is no merit"),
            (Args(back_without_one_class, CHOSEN), "treat it apart"),
            (Args(back_as_a_risk, CHOSEN), "share of errors"),
            (Args(back_by_guesses_of_the_source, CHOSEN), r"Received 1\.000"),
            (Args(back_by_the_kit, CHOSEN), "write this yourself. Your answer calls reverse_accuracy"),
            (Args(back_as_a_list, CHOSEN), "Return one number"),
        ],
        "refused": [Args(back_that_is_forward, CHOSEN)],
        "prediction": "reverse validation",
    },
    "6.7": {
        "right": [
            Args(each, RUNS) for each in (gain_by_rows, gain_in_a_loop, gain_by_take_along_axis, gain_with_tensors)
        ],
        "wrong": [
            (Args(gain_by_peeking, RUNS), "labels that nobody wrote"),
            (Args(gain_of_one_strength, RUNS), "Each seed chooses for itself"),
            (Args(gain_over_the_mean, RUNS), "not their mean"),
            (Args(gain_by_the_smallest, RUNS), r"The \*largest\* criterion"),
            (Args(gain_of_the_criterion, RUNS), r"what counts is its \*accuracy"),
            (Args(gain_the_other_way, RUNS), "not the other way round"),
            (Args(gain_in_points, RUNS), "These are in points"),
            (Args(gain_by_the_kit, RUNS), "write this yourself. Your answer calls gains_by"),
            (Args(gain_on_average, RUNS), "one gain for each seed"),
        ],
    },
    "6.8": {
        "right": [
            Args(each, REACHED)
            for each in (walk_with_probes, walk_with_neighbours, walk_with_a_kernel, walk_by_recursion)
        ],
        "wrong": [
            (Args(walk_all_at_once, REACHED), "Without the stages in between"),
            (Args(walk_that_keeps_the_source, REACHED), r"guesses \*alone\* before"),
            (Args(walk_to_the_middle, REACHED), r"the last one turned by (19|2)\d"),
            (Args(walk_of_all_stages, REACHED), "one class for each of the"),
            (Args(walk_in_codes, REACHED), "as `labels` names them"),
            (Args(walk_by_the_kit, REACHED), "write this yourself. Your answer calls gradual_guesses"),
            (Args(walk_on_the_spot, REACHED), "In another order|stages in between, your"),
            (Args(walk_with_a_curve, REACHED), "too curved"),
            (Args(walk_learned_at_once, REACHED), "as if all were learned from at once"),
        ],
        "refused": [Args(walk_that_stops_early, REACHED)],
        "prediction": "above 60 %",
    },
}
