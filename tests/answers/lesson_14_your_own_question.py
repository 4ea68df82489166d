"""Right and wrong answers to the exercises of lesson 14: each wrong one stands for a misconception."""

import bisect
import itertools
import math
import numbers
import random

import numpy as np
import tensorflow as tf
from scipy import stats
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import DBSCAN
from sklearn.metrics import roc_curve

from tlkit.checks.testing import Args
from tlkit.exercises.lesson_14_your_own_question.shown import SHIFTS
from tlkit.study.verdict import corrected_interval

# --- 14.1


def _is_count(value):
    return type(value) is int and value > 0


def _is_text(value):
    return isinstance(value, str) and bool(value.strip())


def _are_counts(value):
    return isinstance(value, dict) and len(value) >= 2 and all(_is_count(count) for count in value.values())


FITS = {"text": _is_text, "count": _is_count, "counts": _are_counts}


def faults_by_helpers(card, schema):
    return [name for name, kind in schema.items() if name not in card or not FITS[kind](card[name])]


def faults_in_a_loop(card, schema):
    found = []
    for name in schema:
        value, kind = card.get(name), schema[name]
        if kind == "text":
            sound = isinstance(value, str) and value.strip() != ""
        elif kind == "count":
            sound = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        else:
            counts = list(value.values()) if isinstance(value, dict) else []
            sound = len(counts) > 1 and all(type(count) is int and count >= 1 for count in counts)
        if not sound:
            found.append(name)
    return found


def faults_as_a_set(card, schema):
    sound = {name for name in schema.keys() & card.keys() if FITS[schema[name]](card[name])}
    return set(schema) - sound


def faults_by_match(card, schema):
    def fits(kind, value):
        match kind, value:
            case "text", str():
                return len(value.split()) > 0
            case "count", bool():
                return False
            case "count", int():
                return value > 0
            case "counts", dict():
                return len(value) > 1 and all(fits("count", count) for count in value.values())
        return False

    return tuple(filter(lambda name: not fits(schema[name], card.get(name)), sorted(schema)))


def _faults_where(card, schema, **other):
    fits = FITS | other
    return [name for name, kind in schema.items() if name not in card or not fits[kind](card[name])]


def faults_of_missing_fields(card, schema):
    return [name for name in schema if name not in card]


def faults_that_allow_spaces(card, schema):
    return _faults_where(card, schema, text=lambda value: isinstance(value, str) and value != "")


def faults_that_count_true(card, schema):
    return _faults_where(card, schema, count=lambda value: isinstance(value, int) and value > 0)


def faults_that_allow_one_class(card, schema):
    return _faults_where(
        card, schema, counts=lambda value: isinstance(value, dict) and all(map(_is_count, value.values()))
    )


def faults_of_the_card(card, schema):
    return [name for name, value in card.items() if name not in schema or not FITS[schema[name]](value)]


def faults_as_a_number(card, schema):
    return len(faults_by_helpers(card, schema))


def faults_that_allow_zero(card, schema):
    return _faults_where(card, schema, count=lambda value: type(value) is int and value >= 0)


def faults_that_allow_halves(card, schema):
    return _faults_where(
        card, schema, count=lambda value: isinstance(value, numbers.Real) and not isinstance(value, bool) and value > 0
    )


# --- 14.2


def copies_by_components(images, limit):
    flat = images.reshape(len(images), -1).astype(float)
    near = np.abs(flat[:, None] - flat[None]).mean(axis=2) <= limit
    return connected_components(near, directed=False)[1]


def copies_by_spreading(images, limit):
    groups = list(range(len(images)))
    for a, b in itertools.combinations(range(len(images)), 2):
        if np.abs(images[a].astype(int) - images[b].astype(int)).mean() <= limit:
            old, new = groups[b], groups[a]
            groups = [new if group == old else group for group in groups]
    return groups


def copies_by_clustering(images, limit):
    flat = images.reshape(len(images), -1).astype(np.int64)
    distances = np.abs(flat[:, None] - flat[None]).sum(axis=2) / flat.shape[1]
    return DBSCAN(eps=limit, min_samples=1, metric="precomputed").fit(distances).labels_


def copies_with_tensors(images, limit):
    x = tf.cast(images, tf.float64)
    near = tf.reduce_mean(tf.abs(x[:, None] - x[None]), axis=[2, 3, 4]) <= limit
    reach = tf.cast(near, tf.int32)
    for _ in range(len(images)):
        reach = tf.minimum(reach @ tf.cast(near, tf.int32), 1)
    return tf.argmax(reach, axis=1)


def copies_in_bytes(images, limit):
    near = np.abs(images[:, None] - images[None]).mean(axis=(2, 3, 4)) <= limit
    return connected_components(near, directed=False)[1]


def copies_of_one_step(images, limit):
    x = images.astype(float)
    return [int(np.argmax(np.abs(x - each).mean(axis=(1, 2, 3)) <= limit)) for each in x]


def copies_by_colour(images, limit):
    means = images.astype(float).mean(axis=(1, 2))
    near = np.abs(means[:, None] - means[None]).mean(axis=2) <= limit
    return connected_components(near, directed=False)[1]


def copies_by_the_largest_difference(images, limit):
    x = images.astype(float)
    near = np.abs(x[:, None] - x[None]).max(axis=(2, 3, 4)) <= limit
    return connected_components(near, directed=False)[1]


def copies_that_are_equal(images, limit):
    known = {}
    return [known.setdefault(image.tobytes(), row) for row, image in enumerate(images)]


def copies_as_pairs(images, limit):
    x = images.astype(float)
    near = np.abs(x[:, None] - x[None]).mean(axis=(2, 3, 4)) <= limit
    return near


def copies_below_the_limit(images, limit):
    x = images.astype(float)
    near = np.abs(x[:, None] - x[None]).mean(axis=(2, 3, 4)) < limit
    return connected_components(near, directed=False)[1]


def copies_by_squares(images, limit):
    x = images.astype(float)
    near = np.sqrt(((x[:, None] - x[None]) ** 2).mean(axis=(2, 3, 4))) <= limit
    return connected_components(near, directed=False)[1]


# --- 14.3


def split_by_groups(groups, labels, share, seed):
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        mine = labels == label
        for group in rng.permutation(np.unique(groups[mine])):
            if held[mine].sum() < share * mine.sum():
                held |= groups == group
    return held


def split_by_sums(groups, labels, share, seed):
    rng, chosen = np.random.default_rng(seed), []
    for label in np.unique(labels):
        names, sizes = np.unique(groups[labels == label], return_counts=True)
        order = rng.permutation(len(names))
        reached = np.cumsum(sizes[order])
        number = int(np.searchsorted(reached, share * sizes.sum())) + 1
        chosen.extend(names[order[:number]])
    return np.isin(groups, chosen).tolist()


def split_with_pythons_random(groups, labels, share, seed):
    own, members = random.Random(seed), {}
    for row, (group, label) in enumerate(zip(groups.tolist(), labels.tolist(), strict=True)):
        members.setdefault(label, {}).setdefault(group, []).append(row)
    out = set()
    for label in sorted(members):
        parts = [members[label][group] for group in sorted(members[label])]
        own.shuffle(parts)
        wanted, taken = share * sum(map(len, parts)), 0
        while taken < wanted:
            rows = parts.pop()
            out.update(rows)
            taken += len(rows)
    return [row in out for row in range(len(groups))]


def split_as_numbers(groups, labels, share, seed):
    numbers_drawn = dict(zip(np.unique(groups), np.random.RandomState(seed).rand(len(np.unique(groups))), strict=True))
    held = np.zeros(len(groups), int)
    for label in set(labels.tolist()):
        rows = np.flatnonzero(labels == label)
        order = sorted(set(groups[rows].tolist()), key=numbers_drawn.get)
        sizes = [int((groups == group).sum()) for group in order]
        number = bisect.bisect_left(list(itertools.accumulate(sizes)), share * len(rows)) + 1
        held[np.isin(groups, order[:number])] = 1
    return held


def split_by_photos(groups, labels, share, seed):
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        held[rows[: math.ceil(share * len(rows))]] = True
    return held


def split_a_share_of_groups(groups, labels, share, seed):
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        names = rng.permutation(np.unique(groups[labels == label]))
        held |= np.isin(groups, names[: max(1, int(share * len(names) / 2))])
    return held


def split_always_alike(groups, labels, share, seed):
    return split_by_groups(groups, labels, share, 0)


def split_by_size(groups, labels, share, seed):
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        mine = labels == label
        for group in sorted(rng.permutation(np.unique(groups[mine])), key=lambda each: (groups == each).sum()):
            if held[mine].sum() < share * mine.sum():
                held |= groups == group
    return held


def split_without_a_seed(groups, labels, share, seed):
    return split_by_groups(groups, labels, share, None)


def split_into_rows(groups, labels, share, seed):
    return np.flatnonzero(split_by_groups(groups, labels, share, seed))


def split_the_other_way(groups, labels, share, seed):
    return ~split_by_groups(groups, labels, share, seed)


def split_without_classes(groups, labels, share, seed):
    first = labels == labels.min()
    return split_by_groups(groups, labels, share, seed) & first


def split_below_the_share(groups, labels, share, seed):
    rng, held = np.random.default_rng(seed), np.zeros(len(groups), bool)
    for label in np.unique(labels):
        mine = labels == label
        for group in rng.permutation(np.unique(groups[mine])):
            if (held | (groups == group))[mine].sum() < share * mine.sum():
                held |= groups == group
    return held


LEAK = [0.1, 0.2, 0.15, 0.1, 0.05, 0.3, 0.1, 0.2, 0.1, 0.1]


# --- 14.4


def budget_in_a_loop(costs, num_seeds, budget):
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        cost = first + (num_seeds - 1) * later
        if spent + cost <= budget:
            taken.append(name)
            spent += cost
    return taken


def budget_that_shrinks(costs, num_seeds, budget):
    names = []
    for name in costs:
        price = costs[name][0] + sum([costs[name][1]] * (num_seeds - 1))
        if price > budget:
            continue
        budget = budget - price
        names = [*names, name]
    return tuple(names)


def budget_by_recursion(costs, num_seeds, budget):
    if not costs:
        return []
    name, *others = costs
    rest = {other: costs[other] for other in others}
    cost = costs[name][0] - costs[name][1] + num_seeds * costs[name][1]
    if cost > budget:
        return budget_by_recursion(rest, num_seeds, budget)
    return [name, *budget_by_recursion(rest, num_seeds, budget - cost)]


def budget_with_arrays(costs, num_seeds, budget):
    table = np.array(list(costs.values()))
    totals = table @ np.array([1, num_seeds - 1])
    chosen = np.zeros(len(totals), bool)
    for row, total in enumerate(totals):
        chosen[row] = totals[chosen].sum() + total <= budget
    return np.array(list(costs))[chosen]


def _budget(costs, num_seeds, budget, total):
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        if spent + total(first, later, num_seeds) <= budget:
            taken.append(name)
            spent += total(first, later, num_seeds)
    return taken


def budget_of_first_runs(costs, num_seeds, budget):
    return _budget(costs, num_seeds, budget, lambda first, later, seeds: first * seeds)


def budget_until_one_does_not_fit(costs, num_seeds, budget):
    taken, spent = [], 0
    for name, (first, later) in costs.items():
        spent += first + (num_seeds - 1) * later
        if spent > budget:
            break
        taken.append(name)
    return taken


def budget_of_the_cheapest(costs, num_seeds, budget):
    cheap = dict(sorted(costs.items(), key=lambda item: item[1][0] + (num_seeds - 1) * item[1][1]))
    return budget_in_a_loop(cheap, num_seeds, budget)


def budget_with_room(costs, num_seeds, budget):
    return budget_in_a_loop(costs, num_seeds, budget - 1)


def budget_for_each(costs, num_seeds, budget):
    return [name for name in costs if budget_in_a_loop({name: costs[name]}, num_seeds, budget)]


def budget_as_a_sum(costs, num_seeds, budget):
    return sum(first + (num_seeds - 1) * later for first, later in costs.values())


def budget_by_the_alphabet(costs, num_seeds, budget):
    return sorted(budget_in_a_loop(costs, num_seeds, budget))


def budget_of_one_seed(costs, num_seeds, budget):
    return _budget(costs, num_seeds, budget, lambda first, later, seeds: first)


def budget_of_one_more_seed(costs, num_seeds, budget):
    return _budget(costs, num_seeds, budget, lambda first, later, seeds: first + seeds * later)


# --- 14.5

FOUND = {"differences": [0.1, 0.14, 0.06, 0.1, 0.12], "num_train": 200, "num_report": 50, "smallest": 0.05}


def _read(low, high, smallest):
    return "pays" if low >= smallest else "too little" if high < smallest else "undecided"


def verdict_by_the_kit(differences, num_train, num_report, smallest):
    found = corrected_interval(differences, num_train, num_report)
    return _read(found.low, found.high, smallest)


def verdict_by_hand(differences, num_train, num_report, smallest):
    number = len(differences)
    variance = np.var(differences, ddof=1) * (1 / number + num_report / num_train)
    half = stats.t.ppf(0.975, number - 1) * np.sqrt(variance)
    place = (np.mean(differences) - smallest) / half
    return "undecided" if -1 <= place < 1 else "pays" if place >= 1 else "too little"


def verdict_by_scipys_interval(differences, num_train, num_report, smallest):
    number = len(differences)
    error = math.sqrt(1 / number + num_report / num_train) * np.std(differences, ddof=1)
    low, high = stats.t.interval(0.95, number - 1, loc=np.mean(differences), scale=error)
    if low >= smallest:
        return np.str_("pays")
    return np.str_("too little") if high < smallest else np.str_("undecided")


def verdict_by_p_values(differences, num_train, num_report, smallest):
    number = len(differences)
    error = math.sqrt(1 / number + num_report / num_train) * np.std(differences, ddof=1)
    t = (np.mean(differences) - smallest) / error
    if 2 * stats.t.sf(abs(t), number - 1) > 0.05:
        return "undecided"
    return ("too little", "pays")[int(t > 0)]


def verdict_of_the_mean(differences, num_train, num_report, smallest):
    return "pays" if np.mean(differences) >= smallest else "too little"


def verdict_without_overlap(differences, num_train, num_report, smallest):
    half = stats.t.ppf(0.975, len(differences) - 1) * np.std(differences, ddof=1) / math.sqrt(len(differences))
    return _read(np.mean(differences) - half, np.mean(differences) + half, smallest)


def verdict_against_zero(differences, num_train, num_report, smallest):
    return verdict_by_the_kit(differences, num_train, num_report, 0.0)


def verdict_of_the_population(differences, num_train, num_report, smallest):
    number = len(differences)
    half = stats.t.ppf(0.975, number - 1) * np.std(differences) * math.sqrt(1 / number + num_report / num_train)
    return _read(np.mean(differences) - half, np.mean(differences) + half, smallest)


def verdict_misspelt(differences, num_train, num_report, smallest):
    return verdict_by_the_kit(differences, num_train, num_report, smallest).upper()


def verdict_at_90_percent(differences, num_train, num_report, smallest):
    found = corrected_interval(differences, num_train, num_report, level=0.9)
    return _read(found.low, found.high, smallest)


def verdict_of_the_last_deal(differences, num_train, num_report, smallest):
    return "pays" if differences[-1] >= smallest else "undecided"


# --- 14.6

THRESHOLDS = [0.1, 0.2, 0.15, 0.1, 0.05, 0.3, 0.1, 0.2, 0.1, 0.1]


def threshold_by_trying(scores, is_it, cost_missed, cost_alarm):
    def cost(threshold):
        said = scores >= threshold
        return cost_missed * (is_it & ~said).sum() + cost_alarm * (said & ~is_it).sum()

    return min([*scores, np.inf], key=cost)


def threshold_by_sums(scores, is_it, cost_missed, cost_alarm):
    order = np.argsort(scores)
    steps = np.where(is_it[order], cost_missed, -cost_alarm)
    costs = np.concatenate([[0.0], np.cumsum(steps)])
    ends = np.append(scores[order], scores.max() + 1)
    fair = np.append(True, np.diff(ends) > 0)
    return ends[fair][np.argmin(costs[fair])]


def threshold_from_a_table(scores, is_it, cost_missed, cost_alarm):
    values = np.append(np.unique(scores), np.nextafter(scores.max(), np.inf))
    said = scores[None] >= values[:, None]
    costs = ((~said & is_it) * cost_missed + (said & ~is_it) * cost_alarm).sum(axis=1)
    return float(values[costs.argmin()])


def threshold_between(scores, is_it, cost_missed, cost_alarm):
    values = sorted(set(scores.tolist()))
    middles = [(a + b) / 2 for a, b in itertools.pairwise(values)]
    best = None
    for middle in [values[0] - 1, *middles, values[-1] + 1]:
        missed = sum(1 for score, it in zip(scores, is_it, strict=True) if it and score < middle)
        alarms = sum(1 for score, it in zip(scores, is_it, strict=True) if not it and score >= middle)
        cost = missed * cost_missed + alarms * cost_alarm
        if best is None or cost < best[0]:
            best = cost, middle
    return best[1]


def threshold_of_fewest_errors(scores, is_it, cost_missed, cost_alarm):
    return threshold_by_trying(scores, is_it, 1, 1)


def threshold_with_costs_exchanged(scores, is_it, cost_missed, cost_alarm):
    return threshold_by_trying(scores, is_it, cost_alarm, cost_missed)


def threshold_of_a_half(scores, is_it, cost_missed, cost_alarm):
    return 0.5


def threshold_of_the_theory(scores, is_it, cost_missed, cost_alarm):
    return cost_alarm / (cost_alarm + cost_missed)


def threshold_above(scores, is_it, cost_missed, cost_alarm):
    def cost(threshold):
        said = scores > threshold
        return cost_missed * (is_it & ~said).sum() + cost_alarm * (said & ~is_it).sum()

    return min([-1e9, *scores], key=cost)


def threshold_without_never(scores, is_it, cost_missed, cost_alarm):
    def cost(threshold):
        said = scores >= threshold
        return cost_missed * (is_it & ~said).sum() + cost_alarm * (said & ~is_it).sum()

    return min(scores, key=cost)


def threshold_and_cost(scores, is_it, cost_missed, cost_alarm):
    return threshold_by_trying(scores, is_it, cost_missed, cost_alarm), 3.0


def threshold_not_a_number(scores, is_it, cost_missed, cost_alarm):
    return float("nan")


# --- 14.7

CHANGES = {name: [-0.1, -0.05, 0.0, -0.1, -0.1, -0.2, -0.1, -0.1, -0.1, -0.1] for name in SHIFTS}


def harmful_by_the_kit(plain, shifted, num_train, num_report):
    found = {name: corrected_interval(scores - plain, num_train, num_report) for name, scores in shifted.items()}
    return sorted((name for name in found if found[name].high < 0), key=lambda name: found[name].mean)


def _harmful(plain, shifted, num_train, num_report, *, level=0.95, overlap=True, ddof=1):
    means = {}
    for name, scores in shifted.items():
        change = np.asarray(scores) - plain
        share = 1 / len(change) + (num_report / num_train if overlap else 0)
        half = stats.t.ppf((1 + level) / 2, len(change) - 1) * change.std(ddof=ddof) * math.sqrt(share)
        if change.mean() + half < 0:
            means[name] = change.mean()
    return sorted(means, key=means.get)


def harmful_by_hand(plain, shifted, num_train, num_report):
    return _harmful(plain, shifted, num_train, num_report)


def harmful_by_p_values(plain, shifted, num_train, num_report):
    losses = []
    for name, scores in shifted.items():
        loss = plain - scores
        t = loss.mean() / (loss.std(ddof=1) * math.sqrt(1 / len(loss) + num_report / num_train))
        if 2 * stats.t.sf(t, len(loss) - 1) < 0.05 and t > 0:
            losses.append((loss.mean(), name))
    return [name for _, name in sorted(losses, reverse=True)]


def harmful_with_arrays(plain, shifted, num_train, num_report):
    names, changes = np.array(list(shifted)), np.stack(list(shifted.values())) - plain
    errors = changes.std(axis=1, ddof=1) * np.sqrt(1 / len(plain) + num_report / num_train)
    hurt = changes.mean(axis=1) + stats.t(len(plain) - 1).ppf(0.975) * errors < 0
    order = np.argsort(changes.mean(axis=1))
    return tuple(names[order][hurt[order]])


def harmful_by_means(plain, shifted, num_train, num_report):
    means = {name: np.mean(scores - plain) for name, scores in shifted.items()}
    return sorted((name for name in means if means[name] < 0), key=means.get)


def harmful_without_overlap(plain, shifted, num_train, num_report):
    return _harmful(plain, shifted, num_train, num_report, overlap=False)


def harmful_mildest_first(plain, shifted, num_train, num_report):
    return harmful_by_the_kit(plain, shifted, num_train, num_report)[::-1]


def harmful_unpaired(plain, shifted, num_train, num_report):
    found = {name: stats.ttest_ind(scores, plain) for name, scores in shifted.items()}
    return [name for name in found if found[name].pvalue < 0.05 and found[name].statistic < 0]


def harmful_as_numbers(plain, shifted, num_train, num_report):
    return {name: float(np.mean(scores - plain)) for name, scores in shifted.items()}


def harmful_on_either_side(plain, shifted, num_train, num_report):
    found = {name: corrected_interval(scores - plain, num_train, num_report) for name, scores in shifted.items()}
    return sorted((name for name in found if found[name].excludes_zero), key=lambda name: found[name].mean)


def harmful_by_medians(plain, shifted, num_train, num_report):
    found = harmful_by_the_kit(plain, shifted, num_train, num_report)
    return sorted(found, key=lambda name: np.median(shifted[name] - plain))


# --- 14.8

AGREEMENT = {"float16": 1.0, "int8": 0.98}


def test_in_order(kit, served, tolerance):
    faults, kept = [], kit["probabilities"]
    together, alone = served["together"], served["alone"]
    if served["class_names"] != kit["class_names"]:
        faults.append("classes")
    if together.shape != kept.shape or alone.shape != kept.shape:
        return [*faults, "shape"]
    if not (np.isfinite(together).all() and np.isfinite(alone).all()):
        return [*faults, "not finite"]
    if np.abs(together - kept).max() > tolerance:
        faults.append("values")
    if np.abs(alone - together).max() > tolerance:
        faults.append("alone")
    return faults


def test_by_flags(kit, served, tolerance):
    parts = [kit["probabilities"], served["together"], served["alone"]]
    has_shape = len({np.shape(part) for part in parts}) == 1
    is_finite = all(np.isfinite(part).all() for part in parts)
    judged = has_shape and is_finite
    flags = {
        "classes": list(served["class_names"]) != list(kit["class_names"]),
        "shape": not has_shape,
        "not finite": has_shape and not is_finite,
        "values": judged and not np.allclose(parts[1], parts[0], rtol=0, atol=tolerance),
        "alone": judged and not np.allclose(parts[2], parts[1], rtol=0, atol=tolerance),
    }
    return [name for name, is_fault in flags.items() if is_fault]


def test_as_a_set(kit, served, tolerance):
    def apart(a, b):
        return max(abs(x - y) for x, y in zip(np.ravel(a).tolist(), np.ravel(b).tolist(), strict=True)) > tolerance

    faults = {"classes"} if "|".join(kit["class_names"]) != "|".join(served["class_names"]) else set()
    if any(served[name].shape != kit["probabilities"].shape for name in ("together", "alone")):
        return faults | {"shape"}
    if any(not math.isfinite(value) for name in ("together", "alone") for value in served[name].ravel()):
        return faults | {"not finite"}
    if apart(served["together"], kit["probabilities"]):
        faults.add("values")
    if apart(served["alone"], served["together"]):
        faults.add("alone")
    return faults


def test_with_tensors(kit, served, tolerance):
    kept, together, alone = map(tf.constant, (kit["probabilities"], served["together"], served["alone"]))
    names = [] if kit["class_names"] == served["class_names"] else ["classes"]
    if not (together.shape == kept.shape == alone.shape):
        return (*names, "shape")
    if not bool(tf.reduce_all(tf.math.is_finite(tf.concat([together, alone], 0)))):
        return (*names, "not finite")
    apart = {"values": together - kept, "alone": alone - together}
    return (*names, *(name for name, difference in apart.items() if tf.reduce_max(tf.abs(difference)) > tolerance))


def test_by_classes(kit, served, tolerance):
    if served["together"].shape != kit["probabilities"].shape:
        return ["shape"]
    same = (served["together"].argmax(axis=1) == kit["probabilities"].argmax(axis=1)).all()
    return [] if same else ["values"]


def test_without_isfinite(kit, served, tolerance):
    faults = [] if served["class_names"] == kit["class_names"] else ["classes"]
    if served["together"].shape != kit["probabilities"].shape:
        return [*faults, "shape"]
    faults += ["values"] * bool(np.abs(served["together"] - kit["probabilities"]).max() > tolerance)
    return faults + ["alone"] * bool(np.abs(served["alone"] - served["together"]).max() > tolerance)


def test_that_stretches(kit, served, tolerance):
    faults = [] if served["class_names"] == kit["class_names"] else ["classes"]
    if not np.isfinite(served["together"]).all():
        return [*faults, "not finite"]
    faults += ["values"] * bool(np.abs(served["together"] - kit["probabilities"]).max() > tolerance)
    return faults + ["alone"] * bool(np.abs(served["alone"] - served["together"]).max() > tolerance)


def test_of_sets(kit, served, tolerance):
    found = test_in_order(kit, served | {"class_names": kit["class_names"]}, tolerance)
    return found + ["classes"] * (set(kit["class_names"]) != set(served["class_names"]))


def test_without_alone(kit, served, tolerance):
    return [fault for fault in test_in_order(kit, served, tolerance) if fault != "alone"]


def test_that_says_yes(kit, served, tolerance):
    return test_in_order(kit, served, tolerance) == []


def test_of_the_mean(kit, served, tolerance):
    found = test_in_order(kit, served, tolerance)
    if "values" in found and np.abs(served["together"] - kit["probabilities"]).mean() <= tolerance:
        found.remove("values")
    return found


def test_of_alone_without_a_tolerance(kit, served, tolerance):
    found = test_in_order(kit, served, tolerance)
    if "alone" not in found and not {"shape", "not finite"} & set(found):
        found += ["alone"] * (not np.array_equal(served["alone"], served["together"]))
    return found


def test_of_alone_against_the_kit(kit, served, tolerance):
    found = test_in_order(kit, served, tolerance)
    if found in (["values"], ["classes", "values"]):
        return [*found, "alone"]
    return found


def test_of_the_first_fault(kit, served, tolerance):
    return test_in_order(kit, served, tolerance)[:1]


# --- 14.9

ALARMS_RIGHT = 0.08


def _wilson(count, total):
    interval = stats.binomtest(int(count), int(total)).proportion_ci(method="wilson")
    return interval.low, interval.high


def _point(threshold, test, count_alarm=np.greater_equal):
    scores, is_it = test
    count, total = count_alarm(scores[is_it], threshold).sum(), is_it.sum()
    return threshold, count / total, *_wilson(count, total)


def _spared(val, specificity, count_spared=np.less):
    """Return the scores of validation at which enough of the others are spared, in order."""
    scores, is_it = val
    tried = [*np.unique(scores), np.inf]
    return [each for each in tried if count_spared(scores[~is_it], each).mean() >= specificity]


def point_by_trying(val, test, specificity):
    return _point(min(_spared(val, specificity)), test)


def point_by_sorting(val, test, specificity):
    scores, is_it = val
    others = sorted(scores[~is_it].tolist())
    below = others[math.ceil(specificity * len(others) - 1e-9) - 1]  # this one may not raise an alarm
    threshold = min((each for each in scores.tolist() if each > below), default=math.inf)
    found = [bool(score >= threshold) for score, wanted in zip(*test, strict=True) if wanted]
    n, p, z = len(found), sum(found) / len(found), stats.norm.ppf(0.975)
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return [threshold, p, (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)]


def point_on_the_curve(val, test, specificity):
    false_alarms, _, thresholds = roc_curve(val[1], val[0], drop_intermediate=False)
    return np.array(_point(thresholds[np.flatnonzero(1 - false_alarms >= specificity)[-1]], test))


def point_with_tensors(val, test, specificity):
    scores, is_it = tf.constant(val[0]), tf.constant(val[1])
    tried = tf.constant([*sorted(val[0]), np.inf])
    spared = tf.reduce_mean(tf.cast(scores[~is_it][None] < tried[:, None], tf.float64), 1)
    threshold = tried[tf.argmax(tf.cast(spared >= specificity, tf.int32))]
    alarms = tf.cast(tf.boolean_mask(test[0], test[1]) >= threshold, tf.float32)
    low, high = _wilson(tf.reduce_sum(alarms), len(alarms))
    return threshold, tf.reduce_mean(alarms), np.float32(low), np.float32(high)


def point_chosen_on_the_test(val, test, specificity):
    return point_by_trying(test, test, specificity)


def point_chosen_on_both(val, test, specificity):
    both = tuple(np.concatenate(parts) for parts in zip(val, test, strict=True))
    return point_by_trying(both, test, specificity)


def point_at_a_half(val, test, specificity):
    return _point(0.5, test)


def point_of_a_fixed_sensitivity(val, test, specificity):
    scores = np.sort(val[0][val[1]])[::-1]
    return _point(scores[math.ceil(specificity * len(scores)) - 1], test)


def point_of_all_cases(val, test, specificity):
    return _point(min(_spared((val[0], np.zeros(len(val[0]), bool)), specificity)), test)


def point_of_the_others_alone(val, test, specificity):
    others = val[0][~val[1]]
    return _point(min(_spared((others, np.zeros(len(others), bool)), specificity)), test)


def point_above(val, test, specificity):
    return _point(min(_spared(val, specificity)), test, np.greater)


def point_that_spares_more(val, test, specificity):
    scores, is_it = val
    tried = [*np.unique(scores), np.inf]
    spared = [each for each in tried if (scores[~is_it] < each).mean() > specificity]
    return _point(min([*spared, np.inf]), test)


def point_without_infinity(val, test, specificity):
    threshold, *others = point_by_trying(val, test, specificity)
    return min(threshold, val[0].max()), *others


def point_of_validation(val, test, specificity):
    return _point(min(_spared(val, specificity)), val)


def point_of_right_alarms(val, test, specificity):
    threshold, alarm = min(_spared(val, specificity)), test[0] >= min(_spared(val, specificity))
    count, total = (alarm & test[1]).sum(), max(alarm.sum(), 1)
    return threshold, count / total, *_wilson(count, total)


def point_of_the_normal_distribution(val, test, specificity):
    threshold, share, *_ = point_by_trying(val, test, specificity)
    half = 1.96 * math.sqrt(share * (1 - share) / test[1].sum())
    return threshold, share, share - half, share + half


def point_exact(val, test, specificity):
    threshold, share, *_ = point_by_trying(val, test, specificity)
    total = int(test[1].sum())
    return threshold, share, *stats.binomtest(round(share * total), total).proportion_ci()


def point_of_many(val, test, specificity):
    threshold, share, *_ = point_by_trying(val, test, specificity)
    return threshold, share, *_wilson(round(share * len(test[1])), len(test[1]))


def point_by_names(val, test, specificity):
    names = ("threshold", "sensitivity", "low", "high")
    return dict(zip(names, point_by_trying(val, test, specificity), strict=True))


PLAN = {
    "compare": "features of photos against the best way without them",
    "judged on": "photos that are held out by groups",
    "smallest gain that pays": 0.05,
    "would change my mind": "an interval below five points",
}


ANSWERS = {
    "14.1": {
        "right": [faults_by_helpers, faults_in_a_loop, faults_as_a_set, faults_by_match],
        "wrong": [
            (faults_of_missing_fields, "'text' was asked for"),
            (faults_that_allow_spaces, "more than spaces"),
            (faults_that_count_true, "`True` is none"),
            (faults_that_allow_one_class, "at least two classes"),
            (faults_of_the_card, "more than the schema asks for"),
            (faults_as_a_number, "Return a list of names of fields"),
        ],
        "refused": [faults_that_allow_zero, faults_that_allow_halves],
        "prediction": PLAN,
    },
    "14.2": {
        "right": [copies_by_components, copies_by_spreading, copies_by_clustering, copies_with_tensors],
        "wrong": [
            (copies_in_bytes, "3 - 4 is 255"),
            (copies_of_one_step, "a chain of copies is one group"),
            (copies_by_colour, "equal colours are not equal pictures"),
            (copies_by_the_largest_difference, r"that of the \*mean\* absolute difference"),
            (copies_that_are_equal, "or a little changed"),
            (copies_as_pairs, "group numbers"),
        ],
        "refused": [copies_below_the_limit, copies_by_squares],
    },
    "14.3": {
        "right": [
            Args(split_by_groups, LEAK),
            Args(split_by_sums, LEAK),
            Args(split_with_pythons_random, LEAK),
            Args(split_as_numbers, LEAK),
        ],
        "wrong": [
            (Args(split_by_photos, LEAK), "have photos on both sides"),
            (Args(split_a_share_of_groups, LEAK), "Go on until"),
            (Args(split_always_alike, LEAK), "1 different splits"),
            (Args(split_without_a_seed, LEAK), "nobody could repeat"),
            (Args(split_the_other_way, LEAK), "one group less was enough"),
            (Args(split_without_classes, LEAK), "on one side only"),
            (Args(split_into_rows, LEAK), "for each photo that is held out"),
        ],
        "refused": [Args(split_below_the_share, LEAK), Args(split_by_size, LEAK)],
        "prediction": "by 10 points or more",
    },
    "14.4": {
        "right": [budget_in_a_loop, budget_that_shrinks, budget_by_recursion, budget_with_arrays],
        "wrong": [
            (budget_of_first_runs, "it counts once"),
            (budget_until_one_does_not_fit, "the next one is tried"),
            (budget_of_the_cheapest, "not preferred"),
            (budget_with_room, "just fits is taken"),
            (budget_for_each, "What is spent adds up"),
            (budget_as_a_sum, "Return a list of names"),
            (budget_by_the_alphabet, "The names are right"),
        ],
        "refused": [budget_of_one_seed, budget_of_one_more_seed],
    },
    "14.5": {
        "right": [
            Args(verdict_by_the_kit, FOUND),
            Args(verdict_by_hand, FOUND),
            Args(verdict_by_scipys_interval, FOUND),
            Args(verdict_by_p_values, FOUND),
        ],
        "wrong": [
            (Args(verdict_of_the_mean, FOUND), "the mean alone decides nothing"),
            (Args(verdict_without_overlap, FOUND), "too narrow here"),
            (Args(verdict_against_zero, FOUND), "not with 0"),
            (Args(verdict_of_the_population, FOUND), "n - 1 in the deviation"),
            (Args(verdict_misspelt, FOUND), "Return one of"),
            (Args(verdict_by_the_kit, FOUND | {"differences": 0.1}), "a difference for each deal"),
        ],
        "refused": [Args(verdict_at_90_percent, FOUND), Args(verdict_of_the_last_deal, FOUND)],
        "prediction": "pays",
    },
    "14.6": {
        "right": [
            Args(threshold_by_trying, THRESHOLDS),
            Args(threshold_by_sums, THRESHOLDS),
            Args(threshold_from_a_table, THRESHOLDS),
            Args(threshold_between, THRESHOLDS),
        ],
        "wrong": [
            (Args(threshold_of_fewest_errors, THRESHOLDS), "Multiply the number of each kind"),
            (Args(threshold_above, THRESHOLDS), "makes no error at all"),
            (Args(threshold_without_never, THRESHOLDS), "raises no alarm"),
            (Args(threshold_of_a_half, THRESHOLDS), "With the threshold 0.5,"),
            (Args(threshold_and_cost, THRESHOLDS), "Return one number"),
            (Args(threshold_not_a_number, THRESHOLDS), "not a number"),
        ],
        "refused": [Args(threshold_with_costs_exchanged, THRESHOLDS), Args(threshold_of_the_theory, THRESHOLDS)],
        "prediction": "below 0.3",
    },
    "14.7": {
        "right": [
            Args(harmful_by_the_kit, CHANGES),
            Args(harmful_by_hand, CHANGES),
            Args(harmful_by_p_values, CHANGES),
            Args(harmful_with_arrays, CHANGES),
        ],
        "wrong": [
            (Args(harmful_by_means, CHANGES), "if the whole interval"),
            (Args(harmful_without_overlap, CHANGES), "too narrow here"),
            (Args(harmful_mildest_first, CHANGES), "most negative first"),
            (Args(harmful_unpaired, CHANGES), "Subtract deal by deal"),
            (Args(harmful_as_numbers, CHANGES), "Return a list of names"),
            (Args(harmful_by_the_kit, {"fog": [0.1]}), "must hold a change"),
        ],
        "refused": [Args(harmful_on_either_side, CHANGES), Args(harmful_by_medians, CHANGES)],
        "prediction": "photographed",
    },
    "14.8": {
        "right": [
            Args(test_in_order, AGREEMENT),
            Args(test_by_flags, AGREEMENT),
            Args(test_as_a_set, AGREEMENT),
            Args(test_with_tensors, AGREEMENT),
        ],
        "wrong": [
            (Args(test_by_classes, AGREEMENT), r"The \*largest\* absolute difference"),
            (Args(test_without_isfinite, AGREEMENT), "never true"),
            (Args(test_that_stretches, AGREEMENT), "NumPy stretches"),
            (Args(test_of_sets, AGREEMENT), "not the sets"),
            (Args(test_without_alone, AGREEMENT), "Compare `alone`"),
            (Args(test_that_says_yes, AGREEMENT), "Return a list of names"),
            (Args(test_of_the_first_fault, AGREEMENT), "Name all faults"),
            (Args(test_of_alone_against_the_kit, AGREEMENT), "these two are equal"),
        ],
        "refused": [Args(test_of_the_mean, AGREEMENT), Args(test_of_alone_without_a_tolerance, AGREEMENT)],
        "prediction": "both",
    },
    "14.9": {
        "right": [
            Args(point_by_trying, ALARMS_RIGHT),
            Args(point_by_sorting, ALARMS_RIGHT),
            Args(point_on_the_curve, ALARMS_RIGHT),
            Args(point_with_tensors, ALARMS_RIGHT),
        ],
        "wrong": [
            (Args(point_chosen_on_the_test, ALARMS_RIGHT), "the test only judges"),
            (Args(point_of_a_fixed_sensitivity, ALARMS_RIGHT), "That fixes the sensitivity"),
            (Args(point_of_all_cases, ALARMS_RIGHT), "not of all cases"),
            (Args(point_at_a_half, ALARMS_RIGHT), "Half is a convention"),
            (Args(point_above, ALARMS_RIGHT), "or above is an alarm"),
            (Args(point_of_validation, ALARMS_RIGHT), "where the threshold was chosen"),
            (Args(point_of_right_alarms, ALARMS_RIGHT), "share of alarms that are right"),
            (Args(point_of_the_normal_distribution, ALARMS_RIGHT), "is 0 for all or none"),
            (Args(point_exact, ALARMS_RIGHT), "errs on the wide side"),
            (Args(point_of_many, ALARMS_RIGHT), "n is their number"),
            (Args(point_without_infinity, ALARMS_RIGHT), "the threshold is `np.inf`"),
            (Args(point_by_names, ALARMS_RIGHT), "Return four numbers"),
        ],
        "refused": [
            Args(point_chosen_on_both, ALARMS_RIGHT),
            Args(point_of_the_others_alone, ALARMS_RIGHT),
            Args(point_that_spares_more, ALARMS_RIGHT),
        ],
        "prediction": "less than a fifth",
    },
}
