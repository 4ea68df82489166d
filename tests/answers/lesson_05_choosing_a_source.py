"""Right and wrong answers to the exercises of lesson 5: each wrong one stands for a misconception."""

import itertools
import math

import numpy as np
import tensorflow as tf
from scipy import stats
from sklearn.covariance import empirical_covariance, shrunk_covariance
from sklearn.preprocessing import StandardScaler

from tlkit.checks.testing import Args
from tlkit.exercises.lesson_05_choosing_a_source.shown import SCORES, TARGETS
from tlkit.measure import mean_interval
from tlkit.selection import foretell, h_score, leep, nce, weighted_tau

# --- 5.1


def leep_with_one_hot(probabilities, labels):
    hot = (labels[:, None] == np.unique(labels)).astype(float)
    joint = hot.T @ probabilities
    conditional = joint / np.maximum(joint.sum(axis=0), 1e-300)
    return np.log(((probabilities @ conditional.T) * hot).sum(axis=1)).mean()


def leep_in_loops(probabilities, labels):
    num, source = probabilities.shape
    total = 0.0
    for own, label in zip(probabilities, labels, strict=True):
        likely = 0.0
        for z in range(source):
            column = probabilities[:, z]
            if column.sum() > 0:
                likely += column[labels == label].sum() / column.sum() * own[z]
        total += math.log(likely)
    return total / num


def leep_with_tensors(probabilities, labels):
    p, (_, y) = tf.constant(probabilities), tf.unique(labels)
    hot = tf.one_hot(y, tf.reduce_max(y) + 1, dtype=p.dtype)
    conditional = tf.math.divide_no_nan(tf.transpose(hot) @ p, tf.reduce_sum(p, axis=0))
    return tf.reduce_mean(tf.math.log(tf.reduce_sum((p @ tf.transpose(conditional)) * hot, axis=1)))


def leep_in_a_dictionary(probabilities, labels):
    weight = probabilities.sum(axis=0)
    used = weight > 0
    given = {label: probabilities[labels == label].sum(axis=0)[used] / weight[used] for label in set(labels.tolist())}
    return float(np.mean([np.log(row[used] @ given[y]) for row, y in zip(probabilities, labels.tolist(), strict=True)]))


def _leep(probabilities, labels, *, divide=0, answers=False):
    p = np.eye(probabilities.shape[1])[probabilities.argmax(axis=1)] if answers else probabilities
    hot = (labels[:, None] == np.unique(labels)).astype(float)
    joint = hot.T @ p / len(labels)
    conditional = joint / np.maximum(joint.sum(axis=divide, keepdims=True), 1e-300)
    return ((p @ conditional.T) * hot).sum(axis=1)


def leep_without_log(probabilities, labels):
    return _leep(probabilities, labels).mean()


def leep_log_of_mean(probabilities, labels):
    return np.log(_leep(probabilities, labels).mean())


def leep_as_a_sum(probabilities, labels):
    return np.log(_leep(probabilities, labels)).sum()


def leep_divided_by_rows(probabilities, labels):
    return np.log(_leep(probabilities, labels, divide=1)).mean()


def leep_of_answers(probabilities, labels):
    return np.log(_leep(probabilities, labels, answers=True)).mean()


def leep_as_a_loss(probabilities, labels):
    return -leep_in_loops(probabilities, labels)


def leep_for_each_image(probabilities, labels):
    return np.log(_leep(probabilities, labels))


def leep_that_divides_by_zero(probabilities, labels):
    joint = np.stack([probabilities[labels == label].sum(axis=0) for label in np.unique(labels)])
    with np.errstate(all="ignore"):
        conditional = joint / joint.sum(axis=0)
    return np.log(
        (probabilities @ conditional.T)[np.arange(len(labels)), np.unique(labels, return_inverse=True)[1]]
    ).mean()


def leep_in_bits(probabilities, labels):
    return leep(probabilities, labels) / np.log(2)


def leep_without_division(probabilities, labels):
    hot = (labels[:, None] == np.unique(labels)).astype(float)
    return np.log(((probabilities @ (hot.T @ probabilities / len(labels)).T) * hot).sum(axis=1)).mean()


def leep_of_the_kit_as_text(probabilities, labels):
    return str(leep(probabilities, labels))


WON = dict.fromkeys(TARGETS, "photos") | {"digits": "glyphs"}


# --- 5.2


def _centred(features, labels):
    x = features - features.mean(axis=0)
    means = np.zeros_like(x)
    for label in np.unique(labels):
        means[labels == label] = x[labels == label].mean(axis=0)
    return x, means


def h_by_the_formula(features, labels, shrinkage):
    x, means = _centred(features, labels)
    cov, between = x.T @ x / len(x), means.T @ means / len(x)
    shrunk = (1 - shrinkage) * cov + shrinkage * np.diag(cov).mean() * np.eye(len(cov))
    return (1 - shrinkage) * np.trace(np.linalg.pinv(shrunk, rcond=1e-10) @ between)


def h_with_numpys_cov(features, labels, shrinkage):
    _, means = _centred(features, labels)
    cov = np.cov(features, rowvar=False, bias=True)
    shrunk = cov * (1 - shrinkage)
    shrunk[np.diag_indices(len(cov))] += shrinkage * np.trace(cov) / len(cov)
    values, axes = np.linalg.eigh(shrunk)
    kept = values > 1e-9 * values.max()
    along = means @ axes[:, kept]
    return (1 - shrinkage) * float(((along**2).mean(axis=0) / values[kept]).sum())


def h_by_the_kit(features, labels, shrinkage):
    return h_score(features, labels, shrinkage=shrinkage)


def h_with_scikit_learns_covariance(features, labels, shrinkage):
    shrunk = shrunk_covariance(empirical_covariance(features), shrinkage)
    between = empirical_covariance(_centred(features, labels)[1])
    return (1 - shrinkage) * float(np.sum(np.linalg.pinv(shrunk, rcond=1e-10) * between.T))


def h_class_by_class(features, labels, shrinkage):
    x = features - features.mean(axis=0)
    cov = x.T @ x / len(x)
    inverse = np.linalg.pinv((1 - shrinkage) * cov + shrinkage * cov.trace() / len(cov) * np.eye(len(cov)), 1e-10)
    total = 0.0
    for label in set(labels.tolist()):
        mean, share = x[labels == label].mean(axis=0), np.mean(labels == label)
        total += share * mean @ inverse @ mean
    return (1 - shrinkage) * total


def _h(features, labels, shrinkage, *, factor=None, size=None, between=None, share=None):
    x, means = _centred(features, labels)
    cov = x.T @ x / len(x)
    s = shrinkage if share is None else share
    m = np.diag(cov).mean() if size is None else size(cov)
    shrunk = (1 - s) * cov + s * m * np.eye(len(cov))
    spread = means.T @ means / len(x) if between is None else between(x, labels)
    return (1 - shrinkage if factor is None else factor) * np.trace(np.linalg.pinv(shrunk, rcond=1e-10) @ spread)


def h_without_shrinkage(features, labels, shrinkage):
    return _h(features, labels, shrinkage, share=0.0)


def h_without_the_factor(features, labels, shrinkage):
    return _h(features, labels, shrinkage, factor=1.0)


def h_with_a_plain_identity(features, labels, shrinkage):
    return _h(features, labels, shrinkage, size=lambda cov: 1.0)


def h_with_the_sum(features, labels, shrinkage):
    return _h(features, labels, shrinkage, size=np.trace)


def _of_classes(x, labels):
    means = np.stack([x[labels == label].mean(axis=0) for label in np.unique(labels)])
    return np.cov(means, rowvar=False, bias=True)


def h_of_equal_classes(features, labels, shrinkage):
    return _h(features, labels, shrinkage, between=_of_classes)


def h_of_the_whole_spread(features, labels, shrinkage):
    return _h(features, labels, shrinkage, between=lambda x, labels: x.T @ x / len(x))


def h_the_other_way(features, labels, shrinkage):
    return _h(features, labels, shrinkage, share=1 - shrinkage)


def h_without_centring(features, labels, shrinkage):
    means = np.zeros_like(features)
    for label in np.unique(labels):
        means[labels == label] = features[labels == label].mean(axis=0)
    cov, between = features.T @ features / len(features), means.T @ means / len(features)
    shrunk = (1 - shrinkage) * cov + shrinkage * np.diag(cov).mean() * np.eye(len(cov))
    return (1 - shrinkage) * np.trace(np.linalg.pinv(shrunk, rcond=1e-10) @ between)


def h_of_ledoit_and_wolf(features, labels, shrinkage):
    return h_score(features, labels)


def h_as_nan(features, labels, shrinkage):
    return float("nan")


# --- 5.3


def _spread(table):
    spread = table.std(axis=0)
    return np.where(spread > 0, spread, 1.0)


def folds_in_a_loop(features, labels, fold, classify):
    right = np.zeros(len(labels), bool)
    for number in np.unique(fold):
        held = fold == number
        train = features[~held]
        middle, spread = train.mean(axis=0), _spread(train)
        said = classify((train - middle) / spread, labels[~held], (features[held] - middle) / spread)
        right[held] = said == labels[held]
    return right.mean()


def folds_with_scikit_learn(features, labels, fold, classify):
    count = 0
    for number in set(fold.tolist()):
        learned, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        scaler = StandardScaler().fit(features[learned])
        said = classify(scaler.transform(features[learned]), labels[learned], scaler.transform(features[held]))
        count += int((said == labels[held]).sum())
    return count / len(labels)


def folds_image_by_image(features, labels, fold, classify):
    found = []
    for row in range(len(labels)):
        train, own = features[fold != fold[row]], features[row : row + 1]
        middle, spread = train.mean(axis=0), _spread(train)
        said = classify((train - middle) / spread, labels[fold != fold[row]], (own - middle) / spread)
        found.append(said[0] == labels[row])
    return sum(found) / len(found)


def folds_of_answers(features, labels, fold, classify):
    said = np.empty_like(labels)
    for held in (fold == number for number in np.unique(fold)):
        middle, spread = features[~held].mean(axis=0), _spread(features[~held])
        scaled = (features - middle) / spread
        said[held] = classify(scaled[~held], labels[~held], scaled[held])
    return tf.reduce_mean(tf.cast(said == labels, tf.float64))


def folds_scaled_before(features, labels, fold, classify):
    scaled, right = (features - features.mean(axis=0)) / _spread(features), []
    for held in (fold == number for number in np.unique(fold)):
        right += (classify(scaled[~held], labels[~held], scaled[held]) == labels[held]).tolist()
    return np.mean(right)


def folds_scaled_apart(features, labels, fold, classify):
    right = []
    for held in (fold == number for number in np.unique(fold)):
        train, test = ((part - part.mean(axis=0)) / _spread(part) for part in (features[~held], features[held]))
        right += (classify(train, labels[~held], test) == labels[held]).tolist()
    return np.mean(right)


def folds_not_scaled(features, labels, fold, classify):
    parts = [(fold == number) for number in np.unique(fold)]
    right = [classify(features[~held], labels[~held], features[held]) == labels[held] for held in parts]
    return np.concatenate(right).mean()


def folds_averaged(features, labels, fold, classify):
    found = []
    for held in (fold == number for number in np.unique(fold)):
        middle, spread = features[~held].mean(axis=0), _spread(features[~held])
        said = classify((features[~held] - middle) / spread, labels[~held], (features[held] - middle) / spread)
        found.append((said == labels[held]).mean())
    return np.mean(found)


def folds_judged_on_the_learned(features, labels, fold, classify):
    scaled = (features - features.mean(axis=0)) / _spread(features)
    return (classify(scaled, labels, scaled) == labels).mean()


def folds_with_a_zero(features, labels, fold, classify):
    right = []
    for held in (fold == number for number in np.unique(fold)):
        with np.errstate(all="ignore"):
            scaled = (features - features[~held].mean(axis=0)) / features[~held].std(axis=0)
        right += (classify(scaled[~held], labels[~held], scaled[held]) == labels[held]).tolist()
    return np.mean(right)


def folds_one_by_one(features, labels, fold, classify):
    return folds_of_answers(features, labels, np.arange(len(labels)), classify)


def folds_numbered_from_zero(features, labels, fold, classify):
    return folds_in_a_loop(features, labels, np.unique(fold, return_inverse=True)[1] % 2, classify)


def folds_in_percent(features, labels, fold, classify):
    return 100 * folds_in_a_loop(features, labels, fold, classify)


def folds_of_errors(features, labels, fold, classify):
    return 1 - folds_in_a_loop(features, labels, fold, classify)


def folds_from_0(features, labels, fold, classify):
    parts = [fold == number for number in range(3)]
    return np.mean(
        [np.mean(classify(features[~held], labels[~held], features[held]) == labels[held]) for held in parts]
    )


def folds_as_a_list(features, labels, fold, classify):
    return [folds_in_a_loop(features, labels, fold, classify)]


LEAK = {"outside": [0.4, 0.5], "inside": [0.1, 0.1], "chance": 0.1}


# --- 5.4


def foretold_by_the_kit(truths, scores):
    found = foretell(truths, scores)
    return found.mean, found.low, found.high


def foretold_in_a_loop(truths, scores):
    taus = [weighted_tau(np.delete(truths, draw, axis=0).mean(axis=0), scores[draw]) for draw in range(len(truths))]
    found = mean_interval(taus, percent=False)
    return [found.mean, found.low, found.high]


def foretold_with_a_t_interval(truths, scores):
    total, num_draws = truths.sum(axis=0), len(truths)
    taus = [weighted_tau((total - truths[row]) / (num_draws - 1), scores[row]) for row in range(num_draws)]
    return np.mean(taus), *stats.t.interval(0.95, num_draws - 1, np.mean(taus), stats.sem(taus))


def _pairs_weighed(truth, score):
    order = np.argsort(-truth)
    agree = first = second = 0.0
    for (r, i), (s, j) in itertools.combinations(enumerate(order), 2):
        weight = 1 / (1 + r) + 1 / (1 + s)
        a, b = np.sign(truth[i] - truth[j]), np.sign(score[i] - score[j])
        agree, first, second = agree + weight * a * b, first + weight * a * a, second + weight * b * b
    return agree / math.sqrt(first * second) if second else 0.0


def foretold_from_scratch(truths, scores):
    taus = np.array(
        [_pairs_weighed((truths.sum(0) - t) / (len(truths) - 1), s) for t, s in zip(truths, scores, strict=True)]
    )
    half = stats.t.ppf(0.975, len(taus) - 1) * taus.std(ddof=1) / len(taus) ** 0.5
    return np.array([taus.mean(), taus.mean() - half, taus.mean() + half])


def _scipys(truth, score):
    ranks = stats.rankdata(-truth, method="ordinal").astype(int) - 1
    value = stats.weightedtau(truth, score, rank=ranks).statistic
    return 0.0 if np.isnan(value) else value


def foretold_by_scipy(truths, scores):
    others = (truths.sum(axis=0) - truths) / (len(truths) - 1)
    taus = [_scipys(truth, score) for truth, score in zip(others, scores, strict=True)]
    half = stats.t(len(taus) - 1).isf(0.025) * stats.sem(taus)
    return tf.constant([np.mean(taus), np.mean(taus) - half, np.mean(taus) + half])


def _foretold(truths, scores, agree=weighted_tau, against=None):
    others = (truths.sum(axis=0) - truths) / (len(truths) - 1) if against is None else against(truths)
    with np.errstate(all="ignore"):
        taus = [agree(truth, score) for truth, score in zip(others, scores, strict=True)]
    return np.nan_to_num(taus)


def _interval(taus):
    found = mean_interval(taus, percent=False)
    return found.mean, found.low, found.high


def _or_0(agree):
    return lambda truth, score: agree(truth, score) if np.ptp(score) else 0.0


def foretold_of_its_own_draw(truths, scores):
    return _interval(_foretold(truths, scores, against=lambda t: t))


def foretold_of_all_draws(truths, scores):
    return _interval(_foretold(truths, scores, against=lambda t: np.repeat(t.mean(axis=0)[None], len(t), axis=0)))


def foretold_by_plain_tau(truths, scores):
    return _interval(_foretold(truths, scores, agree=_or_0(lambda t, s: stats.kendalltau(t, s).statistic)))


def foretold_by_spearman(truths, scores):
    return _interval(_foretold(truths, scores, agree=_or_0(lambda t, s: stats.spearmanr(t, s).statistic)))


def foretold_by_pearson(truths, scores):
    return _interval(_foretold(truths, scores, agree=_or_0(lambda t, s: np.corrcoef(t, s)[0, 1])))


def foretold_weighed_by_the_score(truths, scores):
    return _interval(_foretold(truths, scores, agree=lambda t, s: weighted_tau(s, t)))


def foretold_upside_down(truths, scores):
    return _interval(_foretold(truths, scores, agree=lambda t, s: weighted_tau(-t, -s)))


def foretold_with_a_normal_interval(truths, scores):
    taus = _foretold(truths, scores)
    half = 1.96 * taus.std(ddof=1) / len(taus) ** 0.5
    return taus.mean(), taus.mean() - half, taus.mean() + half


def foretold_without_a_mean(truths, scores):
    return _foretold(truths, scores)[:2]


def foretold_without_equal_ones(truths, scores):
    return _interval(_foretold(truths, scores)[np.ptp(scores, axis=1) > 0])


def foretold_with_a_spread(truths, scores):
    taus = _foretold(truths, scores)
    return taus.mean(), taus.mean() - taus.std(ddof=1), taus.mean() + taus.std(ddof=1)


def foretold_of_the_population(truths, scores):
    taus = _foretold(truths, scores)
    half = stats.t.ppf(0.975, len(taus) - 1) * taus.std() / len(taus) ** 0.5
    return taus.mean(), taus.mean() - half, taus.mean() + half


def foretold_within_the_range(truths, scores):
    mean, low, high = foretold_with_a_t_interval(truths, scores)
    return mean, max(low, -1), min(high, 1)


_TRUTHS = np.random.default_rng(0).uniform(0.2, 0.9, (5, 4))
JUDGED = {name: (_TRUTHS, _TRUTHS + place) for place, name in enumerate(SCORES)}


# --- 5.5


def distance_of_shares(answers, domains):
    errors = [np.mean(answers[domains == name] != name) for name in np.unique(domains)]
    return max(0.0, 2 * (1 - 2 * np.mean(errors)))


def distance_of_counts(answers, domains):
    wrong, total = {}, {}
    for said, domain in zip(answers.tolist(), domains.tolist(), strict=True):
        total[domain] = total.get(domain, 0) + 1
        wrong[domain] = wrong.get(domain, 0) + (said != domain)
    return max(2 - 2 * sum(wrong[name] / total[name] for name in total), 0)


def distance_by_scikit_learn(answers, domains):
    from sklearn.metrics import balanced_accuracy_score

    return np.clip(2 * (2 * balanced_accuracy_score(domains, answers) - 1), 0, None)


def distance_with_tensors(answers, domains):
    right = tf.cast(tf.equal(answers, domains), tf.float64)
    _, group = tf.unique(domains)
    accuracy = tf.reduce_mean(tf.math.unsorted_segment_mean(right, group, 2))
    return tf.nn.relu(2 * (2 * accuracy - 1))


def distance_of_all(answers, domains):
    return max(0.0, 2 * (1 - 2 * np.mean(answers != domains)))


def distance_below_zero(answers, domains):
    return 2 * (1 - 2 * np.mean([np.mean(answers[domains == name] != name) for name in np.unique(domains)]))


def distance_without_sign(answers, domains):
    return abs(distance_below_zero(answers, domains))


def distance_from_0_to_1(answers, domains):
    return distance_of_shares(answers, domains) / 2


def distance_as_the_error(answers, domains):
    return (1 - distance_below_zero(answers, domains) / 2) / 2


def distance_of_single_errors(answers, domains):
    return 2 * (1 - distance_as_the_error(answers, domains))


def distance_as_the_accuracy(answers, domains):
    return 1 - distance_as_the_error(answers, domains)


def distance_of_0_and_1(answers, domains):
    return max(0.0, 2 * (1 - 2 * np.mean([np.mean(answers[domains == name] != name) for name in (0, 1)])))


def distance_of_each(answers, domains):
    return [np.mean(answers[domains == name] != name) for name in np.unique(domains)]


def distance_of_the_worse(answers, domains):
    return max(0.0, 2 * (1 - 2 * max(distance_of_each(answers, domains))))


NEARER = {"digits": True, "textures": False}


# --- 5.6


def images_by_sets(candidates, num_images, epochs):
    networks = {network for network, _ in candidates}
    return num_images * (epochs * len(set(candidates)) if epochs else len(networks))


def images_one_by_one(candidates, num_images, epochs):
    seen, total = set(), 0
    for network, cut in candidates:
        key = (network, cut) if epochs > 0 else network
        if key not in seen:
            seen.add(key)
            total += num_images * max(epochs, 1)
    return total


def images_from_a_dictionary(candidates, num_images, epochs):
    cuts = {}
    for network, cut in candidates:
        cuts.setdefault(network, set()).add(cut)
    if epochs == 0:
        return len(cuts) * num_images
    return sum(len(of_one) * epochs * num_images for of_one in cuts.values())


def images_with_arrays(candidates, num_images, epochs):
    table = np.array(candidates)
    rows = np.unique(table, axis=0) if epochs else np.unique(table[:, 0])
    return np.int64(len(rows)) * num_images * (epochs or 1)


def images_without_sharing(candidates, num_images, epochs):
    return num_images * len(set(candidates)) * max(epochs, 1)


def images_always_shared(candidates, num_images, epochs):
    return num_images * len({network for network, _ in candidates}) * max(epochs, 1)


def images_counted_twice(candidates, num_images, epochs):
    return num_images * (epochs * len(candidates) if epochs else len({network for network, _ in candidates}))


def images_of_no_epoch(candidates, num_images, epochs):
    return num_images * len(set(candidates)) * epochs


def images_and_features(candidates, num_images, epochs):
    return images_by_sets(candidates, num_images, epochs) + (num_images * len(set(candidates)) if epochs else 0)


def images_as_a_share(candidates, num_images, epochs):
    return images_by_sets(candidates, num_images, epochs) + 0.5


def images_by_cuts(candidates, num_images, epochs):
    return num_images * (epochs * len(set(candidates)) if epochs else len({cut for _, cut in candidates}))


def images_of_one_candidate(candidates, num_images, epochs):
    return num_images * max(epochs, 1)


# --- 5.7


def _known(networks, limit):
    return {name: row for name, row in networks.items() if None not in row and row[0] <= limit}


def front_by_sorting(networks, limit):
    known, best, found = _known(networks, limit), -1.0, []
    for name in sorted(known, key=lambda name: (known[name][0], -known[name][1])):
        if known[name][1] > best:
            found.append(name)
            best = known[name][1]
    return found


def front_by_pairs(networks, limit):
    known = _known(networks, limit)

    def is_beaten(name):
        time, top = known[name]
        return any(t <= time and a >= top and (t < time or a > top) for t, a in known.values())

    return sorted((name for name in known if not is_beaten(name)), key=lambda name: known[name])


def front_with_arrays(networks, limit):
    known = _known(networks, limit)
    if not known:
        return []
    names, (times, tops) = np.array(list(known)), np.array(list(known.values())).T
    worse = (times[None] <= times[:, None]) & (tops[None] >= tops[:, None])
    worse &= (times[None] < times[:, None]) | (tops[None] > tops[:, None])
    kept = np.flatnonzero(~worse.any(axis=1))
    return names[kept[np.argsort(times[kept])]]


def front_by_the_kit(networks, limit):
    from tlkit.plots import pareto_front

    rows = [{"name": n, "ms": t, "top": a} for n, (t, a) in networks.items() if t is None or t <= limit]
    return tuple(row["name"] for row in pareto_front(rows, "ms", "top"))


def front_above_all_faster_ones(networks, limit):
    rows = sorted((time, -top, name) for name, (time, top) in _known(networks, limit).items())
    best = itertools.accumulate((-top for _, top, _ in rows), max, initial=-1.0)
    return [name for (_, top, name), before in zip(rows, best, strict=False) if -top > before]


def front_of_the_affordable(networks, limit):
    known = _known(networks, limit)
    return sorted(known, key=known.__getitem__)


def front_without_a_limit(networks, limit):
    return front_by_sorting(networks, math.inf)


def front_below_the_limit(networks, limit):
    return front_by_sorting({name: row for name, row in networks.items() if row[0] != limit}, limit)


def front_with_equals(networks, limit):
    known = _known(networks, limit)
    beaten = [name for name, (t, a) in known.items() if any(s < t and b > a for s, b in known.values())]
    return sorted(set(known) - set(beaten), key=known.__getitem__)


def front_of_the_best(networks, limit):
    return front_by_sorting(networks, limit)[-1:]


def front_slowest_first(networks, limit):
    return front_by_sorting(networks, limit)[::-1]


def front_with_unknown(networks, limit):
    filled = {name: (t or 0.0, a or 1.0) for name, (t, a) in networks.items()}
    return front_by_sorting(filled, limit)


def front_as_a_number(networks, limit):
    return len(front_by_sorting(networks, limit))


def front_as_indices(networks, limit):
    return [list(networks).index(name) for name in front_by_sorting(networks, limit)]


FRONT = ["mobilenet", "inception_v3"]


# --- 5.8


def setting_by_sets(given):
    has = {part["domain"] for part in given if part["use"] == "learn" and part["labels"] > 0}
    return "inductive" if "target" in has else "transductive" if "source" in has else "unsupervised"


def setting_by_sums(given):
    labels = {"source": 0, "target": 0}
    for part in given:
        if part["use"] != "judge":
            labels[part["domain"]] += part["labels"]
    if labels["target"]:
        return "inductive"
    if labels["source"]:
        return "transductive"
    return "unsupervised"


def setting_by_any(given):
    names = {"target": "inductive", "source": "transductive"}
    for domain, name in names.items():
        if any(part["labels"] and part["domain"] == domain and part["use"] == "learn" for part in given):
            return name
    return "unsupervised"


def setting_by_match(given):
    known = [part["domain"] for part in given if part["use"] == "learn" for _ in range(min(1, part["labels"]))]
    match sorted(set(known)):
        case [*_, "target"]:
            return "inductive"
        case ["source"]:
            return "transductive"
    return "unsupervised"


def setting_of_all_labels(given):
    return setting_by_sets([part | {"use": "learn"} for part in given])


def setting_of_the_source_first(given):
    has = {part["domain"] for part in given if part["use"] == "learn" and part["labels"] > 0}
    return "transductive" if has == {"source"} else "inductive" if has == {"source", "target"} else "unsupervised"


def setting_of_one_part(given):
    first = {part["domain"]: part for part in given if part["use"] == "learn"}
    return setting_by_sets(list(first.values()))


def setting_exchanged(given):
    found = setting_by_sets(given)
    return {"inductive": "transductive", "transductive": "inductive"}.get(found, found)


def setting_misspelt(given):
    return setting_by_sets(given).capitalize()


def setting_of_many_labels(given):
    return setting_by_sets([part | {"labels": part["labels"] if part["labels"] > 9 else 0} for part in given])


def setting_by_images(given):
    return setting_by_sets([part | {"labels": part["images"]} for part in given])


def setting_as_a_place(given):
    return ["inductive", "transductive", "unsupervised"].index(setting_by_sets(given))


ANSWERS = {
    "5.1": {
        "right": [
            Args(leep_with_one_hot, WON),
            Args(leep_in_loops, WON),
            Args(leep_with_tensors, WON),
            Args(leep_in_a_dictionary, WON),
        ],
        "wrong": [
            (Args(leep_without_log, WON), "Take the logarithm of each"),
            (Args(leep_log_of_mean, WON), "not the other way round"),
            (Args(leep_as_a_sum, WON), "It is a mean over images"),
            (Args(leep_divided_by_rows, WON), "not by y"),
            (Args(leep_of_answers, WON), "another score, NCE"),
            (Args(leep_as_a_loss, WON), "at most 0, and higher"),
            (Args(leep_that_divides_by_zero, WON), "not a number"),
            (Args(leep, WON), "write this yourself. Your answer calls leep"),
            (Args(leep_for_each_image, WON), "Return one number"),
        ],
        "refused": [
            Args(leep_in_bits, WON),
            Args(leep_without_division, WON),
            Args(leep_of_the_kit_as_text, WON),
            Args(nce, WON),
            Args(leep_in_loops, {"digits": "glyphs"}),
        ],
        "prediction": "one for most, another for some",
    },
    "5.2": {
        "right": [h_by_the_formula, h_with_numpys_cov, h_with_scikit_learns_covariance, h_class_by_class],
        "wrong": [
            (h_without_shrinkage, "shrunk before it is inverted"),
            (h_without_the_factor, "multiplied by 1 - shrinkage"),
            (h_with_a_plain_identity, "m the mean variance"),
            (h_with_the_sum, "not the sum"),
            (h_of_equal_classes, "weighted by their images"),
            (h_of_the_whole_spread, "not of the features"),
            (h_the_other_way, r"share of the \*identity"),
            (h_without_centring, "Take the mean off each"),
            (h_by_the_kit, "write this yourself. Your answer calls h_score"),
        ],
        "refused": [h_of_ledoit_and_wolf, h_as_nan],
    },
    "5.3": {
        "right": [
            Args(folds_in_a_loop, LEAK),
            Args(folds_with_scikit_learn, LEAK),
            Args(folds_image_by_image, LEAK),
            Args(folds_of_answers, LEAK),
        ],
        "wrong": [
            (Args(folds_scaled_before, LEAK), "The scaler saw the held-out"),
            (Args(folds_scaled_apart, LEAK), r"deviation of the \*others"),
            (Args(folds_not_scaled, LEAK), "the largest would decide"),
            (Args(folds_averaged, LEAK), r"mean over \*images"),
            (Args(folds_judged_on_the_learned, LEAK), "never from itself"),
            (Args(folds_with_a_zero, LEAK), "A deviation of 0"),
            (Args(folds_in_percent, LEAK), "That is in percent"),
            (Args(folds_of_errors, LEAK), r"share of the \*wrong"),
            (Args(folds_from_0, LEAK), "The folds are numbered"),
            (Args(folds_in_a_loop, LEAK | {"outside": [40, 50]}), "must hold shares.* Received: 40, 50"),
            (Args(folds_as_a_list, LEAK), r"Return one number.* Received: \["),
        ],
        "refused": [
            Args(folds_one_by_one, LEAK),
            Args(folds_numbered_from_zero, LEAK),
            Args(folds_in_a_loop, {"outside": [0.5]}),
        ],
        "prediction": "between",
    },
    "5.4": {
        "right": [
            Args(foretold_with_a_t_interval, JUDGED),
            Args(foretold_in_a_loop, JUDGED),
            Args(foretold_from_scratch, JUDGED),
            Args(foretold_by_scipy, JUDGED),
        ],
        "wrong": [
            (Args(foretold_of_its_own_draw, JUDGED), r"with the \*other\* draws"),
            (Args(foretold_of_all_draws, JUDGED), "leave that one out"),
            (Args(foretold_by_plain_tau, JUDGED), "Weigh the pairs"),
            (Args(foretold_by_spearman, JUDGED), "count the pairs that agree"),
            (Args(foretold_by_pearson, JUDGED), "Only the ranking counts"),
            (Args(foretold_weighed_by_the_score, JUDGED), r"those by the \*truth"),
            (Args(foretold_upside_down, JUDGED), "not the worst"),
            (Args(foretold_with_a_normal_interval, JUDGED), "larger than 1.96"),
            (Args(foretold_with_a_spread, JUDGED), "how much draws differ"),
            (Args(foretold_of_the_population, JUDGED), "needs n - 1"),
            (Args(foretold_without_equal_ones, JUDGED), "is not left out"),
            (Args(foretold_by_the_kit, JUDGED), "write this yourself. Your answer calls foretell"),
            (Args(foretold_without_a_mean, JUDGED), "Return three numbers"),
            (Args(foretold_within_the_range, JUDGED), "reach beyond -1 or 1"),
        ],
        "refused": [
            Args(foretold_in_a_loop, {"LEEP": JUDGED["LEEP"]}),
        ],
        "prediction": "probe",
    },
    "5.5": {
        "right": [
            Args(distance_of_shares, NEARER),
            Args(distance_of_counts, NEARER),
            Args(distance_by_scikit_learn, NEARER),
            Args(distance_with_tensors, NEARER),
        ],
        "wrong": [
            (Args(distance_of_all, NEARER), "Take the error of each domain"),
            (Args(distance_below_zero, NEARER), "at least 0"),
            (Args(distance_without_sign, NEARER), "not its absolute value"),
            (Args(distance_from_0_to_1, NEARER), "From 0 to 2"),
            (Args(distance_as_the_error, NEARER), "That is the error"),
            (Args(distance_of_single_errors, NEARER), "the error counts twice"),
            (Args(distance_as_the_accuracy, NEARER), "That is the accuracy"),
            (Args(distance_of_0_and_1, NEARER), "not 0 and 1"),
            (Args(distance_of_each, NEARER), "Return one number"),
        ],
        "refused": [Args(distance_of_the_worse, NEARER), Args(distance_of_shares, {"digits": 1})],
        "prediction": "in some targets",
    },
    "5.6": {
        "right": [images_by_sets, images_one_by_one, images_from_a_dictionary, images_with_arrays],
        "wrong": [
            (images_without_sharing, "read from the same pass"),
            (images_always_shared, "no cut shares a pass"),
            (images_counted_twice, "named twice is run once"),
            (images_of_no_epoch, "still need one pass"),
            (images_and_features, "all there are"),
            (images_by_cuts, "not through a cut"),
            (images_of_one_candidate, "each of the candidates is fine-tuned|each of the networks sees"),
            (images_as_a_share, "Return a whole number"),
        ],
    },
    "5.7": {
        "right": [
            Args(front_by_sorting, FRONT),
            Args(front_by_pairs, FRONT),
            Args(front_with_arrays, FRONT),
            Args(front_above_all_faster_ones, FRONT),
        ],
        "wrong": [
            (Args(front_of_the_affordable, FRONT), "is beaten by"),
            (Args(front_without_a_limit, FRONT), "can be afforded"),
            (Args(front_below_the_limit, FRONT), "Exactly that much can be afforded"),
            (Args(front_with_equals, FRONT), "better in one, beats"),
            (Args(front_of_the_best, FRONT), "were left out"),
            (Args(front_slowest_first, FRONT), "the fastest first"),
            (Args(front_with_unknown, FRONT), "is not known"),
            (Args(front_by_the_kit, FRONT), "write this yourself. Your answer calls pareto_front"),
            (Args(front_as_a_number, FRONT), "Return a list of names"),
        ],
        "refused": [Args(front_as_indices, FRONT), Args(front_by_sorting, [])],
        "prediction": 8,
    },
    "5.8": {
        "right": [setting_by_sets, setting_by_sums, setting_by_any, setting_by_match],
        "wrong": [
            (setting_of_all_labels, "labels that judge"),
            (setting_of_the_source_first, "few or many"),
            (setting_of_one_part, "Look at all parts"),
            (setting_exchanged, "Are there labels of the target"),
            (setting_misspelt, "Received: 'Inductive'|Received: 'Trans|Received: 'Unsup"),
            (setting_as_a_place, "Return one of"),
        ],
        "refused": [setting_of_many_labels, setting_by_images],
    },
}
