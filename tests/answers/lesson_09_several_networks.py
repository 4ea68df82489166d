"""Right and wrong answers to the exercises of lesson 9: each wrong one stands for a misconception."""

import itertools
import math
import statistics

import numpy as np
import tensorflow as tf
from scipy.optimize import minimize_scalar
from scipy.special import comb, log_softmax, softmax
from sklearn.metrics import adjusted_rand_score, log_loss, normalized_mutual_info_score, rand_score
from sklearn.metrics.cluster import contingency_matrix, pair_confusion_matrix

from tlkit.checks.testing import Args
from tlkit.ensembles import ambiguity, score_teams, soft_vote

# --- 9.1


def vote_in_loops(chances, columns, classes):
    total = np.zeros((len(chances[0]), len(classes)))
    for table, own in zip(chances, columns, strict=True):
        for place, name in enumerate(own):
            total[:, classes.index(name)] += table[:, place] / len(chances)
    return total


def vote_of_the_kit(chances, columns, classes):
    aligned = [
        np.stack([table[:, own.index(name)] if name in own else np.zeros(len(table)) for name in classes], axis=1)
        for table, own in zip(chances, columns, strict=True)
    ]
    return soft_vote(aligned)


def vote_by_matrices(chances, columns, classes):
    tables = [
        table @ np.array([[float(name == wanted) for wanted in classes] for name in own])
        for table, own in zip(chances, columns, strict=True)
    ]
    return np.mean(tables, axis=0)


def vote_by_dictionaries(chances, columns, classes):
    found = []
    for image in range(len(chances[0])):
        told = [dict(zip(own, table[image], strict=True)) for table, own in zip(chances, columns, strict=True)]
        found.append([statistics.fmean(each.get(name, 0.0) for each in told) for name in classes])
    return found


def _aligned(chances, columns, classes, otherwise=0.0):
    empty = np.full(len(chances[0]), otherwise)
    return np.stack(
        [
            np.stack([table[:, own.index(name)] if name in own else empty for name in classes], axis=1)
            for table, own in zip(chances, columns, strict=True)
        ]
    )


def vote_hard(chances, columns, classes):
    tables = _aligned(chances, columns, classes)
    return np.eye(len(classes))[tables.argmax(axis=2)].mean(axis=0)


def vote_summed(chances, columns, classes):
    return _aligned(chances, columns, classes).sum(axis=0)


def vote_by_place(chances, columns, classes):
    total = np.zeros((len(chances[0]), len(classes)))
    for table in chances:
        total[:, : table.shape[1]] += table / len(chances)
    return total


def vote_of_those_that_know(chances, columns, classes):
    return np.nanmean(_aligned(chances, columns, classes, np.nan), axis=0)


def vote_by_product(chances, columns, classes):
    found = np.prod(_aligned(chances, columns, classes), axis=0)
    return found / found.sum(axis=1, keepdims=True)


def vote_of_the_surest(chances, columns, classes):
    return _aligned(chances, columns, classes).max(axis=0)


def vote_as_labels(chances, columns, classes):
    return vote_in_loops(chances, columns, classes).argmax(axis=1)


def vote_in_the_order_of_the_first(chances, columns, classes):
    return vote_in_loops(chances, columns, sorted(classes))


VOTE_GAINS = [-0.08, -0.09, -0.1]

# --- 9.2


def split_by_numpy(chances, labels):
    truth, mean = np.eye(chances.shape[2])[labels], chances.mean(axis=0)

    def square(a, b):
        return ((a - b) ** 2).sum(axis=-1).mean()

    return square(chances, truth), square(mean, truth), square(chances, mean)


def split_of_the_kit(chances, labels):
    return ambiguity(chances, labels)


def split_by_einsum(chances, labels):
    from_truth = chances - np.eye(chances.shape[2])[labels]
    vote = from_truth.mean(axis=0)
    apart = from_truth - vote
    squares = np.einsum("mik,mik->", from_truth, from_truth), np.einsum("mik,mik->", apart, apart)
    num_pairs = chances.shape[0] * chances.shape[1]
    return squares[0] / num_pairs, np.einsum("ik,ik->", vote, vote) / len(labels), squares[1] / num_pairs


def split_in_loops(chances, labels):
    members, images, classes = chances.shape
    parts = [0.0, 0.0, 0.0]
    for image in range(images):
        vote = [sum(chances[m, image, k] for m in range(members)) / members for k in range(classes)]
        truth = [float(k == labels[image]) for k in range(classes)]
        parts[1] += math.dist(vote, truth) ** 2 / images
        for member in range(members):
            parts[0] += math.dist(chances[member, image], truth) ** 2 / images / members
            parts[2] += math.dist(chances[member, image], vote) ** 2 / images / members
    return parts


def split_by_the_theorem(chances, labels):
    truth = tf.one_hot(labels, chances.shape[2], dtype=tf.float64)
    errors = [float(tf.reduce_mean(tf.reduce_sum((each - truth) ** 2, axis=1))) for each in chances]
    vote = float(tf.reduce_mean(tf.reduce_sum((tf.reduce_mean(chances, axis=0) - truth) ** 2, axis=1)))
    return sum(errors) / len(errors), vote, sum(errors) / len(errors) - vote


def split_over_all(chances, labels):
    return [each / chances.shape[2] for each in split_by_numpy(chances, labels)]


def split_summed(chances, labels):
    return [each * len(labels) for each in split_by_numpy(chances, labels)]


def split_of_hard_answers(chances, labels):
    return split_by_numpy(np.eye(chances.shape[2])[chances.argmax(axis=2)], labels)


def split_with_one_less(chances, labels):
    members, vote, spread = split_by_numpy(chances, labels)
    return members, vote, spread * len(chances) / max(len(chances) - 1, 1)


def split_of_roots(chances, labels):
    return np.sqrt(split_by_numpy(chances, labels))


def split_of_the_right_class(chances, labels):
    own = chances[:, np.arange(len(labels)), labels]
    mean = own.mean(axis=0)
    return ((1 - own) ** 2).mean(), ((1 - mean) ** 2).mean(), ((own - mean) ** 2).mean()


def split_of_logarithms(chances, labels):
    own = chances[:, np.arange(len(labels)), labels]
    members, vote = -np.log(own).mean(), -np.log(own.mean(axis=0)).mean()
    return members, vote, members - vote


def split_of_wrong_answers(chances, labels):
    members, vote = ((each.argmax(axis=-1) != labels).mean() for each in (chances, chances.mean(axis=0)))
    return members, vote, members - vote


def split_with_a_deviation(chances, labels):
    members, vote, _ = split_by_numpy(chances, labels)
    return members, vote, chances.std(axis=0).mean()


def split_turned_round(chances, labels):
    members, vote, spread = split_by_numpy(chances, labels)
    return vote, members, spread


def split_without_spread(chances, labels):
    return split_by_numpy(chances, labels)[:2]


CORRELATIONS = {"digits": 0.02, "textures": -0.07}

# --- 9.3


def out_of_fold_by_masks(fit, table, labels, folds):
    found = None
    for fold in np.unique(folds):
        held = folds == fold
        told = fit(table[~held], labels[~held])(table[held])
        found = np.zeros((len(table), told.shape[1])) if found is None else found
        found[held] = told
    return found


def out_of_fold_by_rows(fit, table, labels, folds):
    models = {fold: fit(table[folds != fold], labels[folds != fold]) for fold in set(folds.tolist())}
    return [models[int(fold)](row[None])[0] for row, fold in zip(table, folds, strict=True)]


def out_of_fold_by_sorting(fit, table, labels, folds):
    order, told = np.argsort(folds, kind="stable"), []
    for fold in np.unique(folds):
        keep = folds != fold
        told.append(fit(table[keep], labels[keep])(table[folds == fold]))
    return np.concatenate(told)[np.argsort(order)]


def out_of_fold_asking_all(fit, table, labels, folds):
    names, places = np.unique(folds, return_inverse=True)
    all_told = np.stack([fit(table[folds != name], labels[folds != name])(table) for name in names])
    return all_told[places, np.arange(len(table))]


def out_of_fold_by_heart(fit, table, labels, folds):
    return fit(table, labels)(table)


def out_of_fold_turned_round(fit, table, labels, folds):
    return _placed(fit, table, labels, folds, lambda held: held)


def _placed(fit, table, labels, folds, chosen):
    found = np.zeros((len(table), int(labels.max()) + 1))
    for fold in np.unique(folds):
        held = folds == fold
        rows = chosen(held)
        found[held] = fit(table[rows], labels[rows])(table[held])
    return found


def out_of_fold_in_another_order(fit, table, labels, folds):
    told = [fit(table[folds != f], labels[folds != f])(table[folds == f]) for f in np.unique(folds)]
    return np.concatenate(told)


def out_of_fold_numbered_from_0(fit, table, labels, folds):
    found = np.zeros((len(table), int(labels.max()) + 1))
    for fold in range(len(np.unique(folds))):
        held = folds == fold
        if held.any():
            found[held] = fit(table[~held], labels[~held])(table[held])
    return found


def out_of_fold_one_by_one(fit, table, labels, folds):
    others = ~np.eye(len(table), dtype=bool)
    return [fit(table[keep], labels[keep])(table[[row]])[0] for row, keep in enumerate(others)]


def out_of_fold_as_classes(fit, table, labels, folds):
    return out_of_fold_by_masks(fit, table, labels, folds).argmax(axis=1)


def out_of_fold_of_the_first_fold(fit, table, labels, folds):
    held = folds == folds[0]
    return fit(table[held], labels[held])(table)


def out_of_fold_with_one_other_fold(fit, table, labels, folds):
    names = np.unique(folds)
    found = np.zeros((len(table), int(labels.max()) + 1))
    for place, name in enumerate(names):
        other = folds == names[place - 1]
        found[folds == name] = fit(table[other], labels[other])(table[folds == name])
    return found


LEAKS = [0.3, 0.31, 0.29]

# --- 9.4


def bag_by_masks(chances, drawn):
    free = drawn == 0
    total = (free[:, :, None] * chances).sum(axis=0)
    return total / np.maximum(free.sum(axis=0), 1)[:, None]


def bag_in_loops(chances, drawn):
    found = np.zeros(chances.shape[1:])
    for row in range(chances.shape[1]):
        told = [chances[m, row] for m in range(len(chances)) if drawn[m, row] == 0]
        if told:
            found[row] = np.mean(told, axis=0)
    return found


def bag_by_masked_arrays(chances, drawn):
    hidden = np.broadcast_to((drawn > 0)[:, :, None], chances.shape)
    return np.ma.array(chances, mask=hidden).mean(axis=0).filled(0.0)


def bag_with_tensors(chances, drawn):
    free = tf.cast(tf.equal(drawn, 0), tf.float64)
    return tf.math.divide_no_nan(tf.einsum("mn,mnc->nc", free, chances), tf.reduce_sum(free, axis=0)[:, None])


def bag_of_all(chances, drawn):
    return chances.mean(axis=0)


def bag_turned_round(chances, drawn):
    return bag_by_masks(chances, (drawn == 0).astype(int))


def bag_of_those_that_drew_it_once(chances, drawn):
    return bag_by_masks(chances, np.maximum(drawn - 1, 0))


def bag_of_those_that_drew_it_often(chances, drawn):
    return bag_by_masks(chances, (drawn == 1).astype(int))


def bag_summed(chances, drawn):
    return ((drawn == 0)[:, :, None] * chances).sum(axis=0)


def bag_divided_by_all(chances, drawn):
    return ((drawn == 0)[:, :, None] * chances).mean(axis=0)


def bag_with_nan(chances, drawn):
    free = (drawn == 0)[:, :, None]
    with np.errstate(invalid="ignore"):
        return (free * chances).sum(axis=0) / free.sum(axis=0)


def bag_for_all_if_nobody(chances, drawn):
    free = drawn == 0
    nobody = ~free.any(axis=0)
    return bag_by_masks(chances, np.where(nobody, 0, drawn))


def bag_of_the_first(chances, drawn):
    return chances[np.argmin(drawn, axis=0), np.arange(chances.shape[1])]


BY_KIND = {"bagging": [0.0], "boosting": [-0.4], "random forest": [-0.03]}

# --- 9.5


def _mean(some):
    return [np.mean(same, axis=0) for same in zip(*some, strict=True)]


def soup_by_appending(members, score):
    first, *others = sorted(members, key=score, reverse=True)
    kept = [first]
    for member in others:
        if score(_mean([*kept, member])) >= score(_mean(kept)):
            kept.append(member)
    return _mean(kept)


def soup_by_sums(members, score):
    order = np.argsort([-score(each) for each in members], kind="stable")
    total, number = [each.copy() for each in members[order[0]]], 1
    best = score(total)
    for place in order[1:]:
        tried = [a + b for a, b in zip(total, members[place], strict=True)]
        now = score([each / (number + 1) for each in tried])
        if now >= best:
            total, number, best = tried, number + 1, now
    return [each / number for each in total]


def soup_of_flat_vectors(members, score):
    shapes = [each.shape for each in members[0]]
    ends = np.cumsum([each.size for each in members[0]])[:-1]

    def unfold(vector):
        return [part.reshape(shape) for part, shape in zip(np.split(vector, ends), shapes, strict=True)]

    rows = np.array([np.concatenate([each.ravel() for each in member]) for member in members])
    rows = rows[np.argsort([score(unfold(row)) for row in rows])[::-1]]
    kept = [0]
    for place in range(1, len(rows)):
        if score(unfold(rows[[*kept, place]].mean(axis=0))) >= score(unfold(rows[kept].mean(axis=0))):
            kept.append(place)
    return unfold(rows[kept].mean(axis=0))


def soup_with_tensors(members, score):
    ranked = sorted(members, key=lambda each: -score(each))
    kept, best = ranked[:1], score(ranked[0])
    for member in ranked[1:]:
        tried = [tf.reduce_mean(tf.stack(same), axis=0) for same in zip(*kept, member, strict=True)]
        if score(tried) >= best:
            kept, best = [*kept, member], score(tried)
    return [tf.reduce_mean(tf.stack(same), axis=0) for same in zip(*kept, strict=True)]


def soup_of_all(members, score):
    return _mean(members)


def soup_of_the_best(members, score):
    return max(members, key=score)


def soup_in_the_given_order(members, score):
    kept = [members[0]]
    for member in members[1:]:
        if score(_mean([*kept, member])) >= score(_mean(kept)):
            kept.append(member)
    return _mean(kept)


def soup_from_the_worst(members, score):
    return soup_in_the_given_order(sorted(members, key=score), score)


def soup_of_two_again_and_again(members, score):
    now, *others = sorted(members, key=score, reverse=True)
    for member in others:
        tried = _mean([now, member])
        now = tried if score(tried) >= score(now) else now
    return now


def soup_only_if_better(members, score):
    first, *others = sorted(members, key=score, reverse=True)
    kept = [first]
    for member in others:
        if score(_mean([*kept, member])) > score(_mean(kept)):
            kept.append(member)
    return _mean(kept)


def soup_until_one_harms(members, score):
    first, *others = sorted(members, key=score, reverse=True)
    kept = [first]
    for member in others:
        if score(_mean([*kept, member])) < score(_mean(kept)):
            break
        kept.append(member)
    return _mean(kept)


def soup_as_a_score(members, score):
    return score(soup_by_appending(members, score))


def soup_of_the_better_half(members, score):
    ranked = sorted(members, key=score, reverse=True)
    return _mean(ranked[: (len(ranked) + 1) // 2])


APART = [-0.6, -0.55, -0.65]

# --- 9.6


def temperature_by_trying(logits, labels):
    tried = np.exp(np.linspace(np.log(0.05), np.log(20), 600))
    rows = np.arange(len(labels))
    return tried[np.argmin([-log_softmax(logits / t, axis=1)[rows, labels].mean() for t in tried])]


def temperature_in_thirds(logits, labels):
    names, own = tf.constant(logits), tf.constant(labels)

    def cost(power):
        each = tf.nn.sparse_softmax_cross_entropy_with_logits(own, names / 2.0**power)
        return float(tf.reduce_mean(each))

    low, high = -4.5, 4.5
    for _ in range(30):
        first, second = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, second) if cost(first) < cost(second) else (first, high)
    return 2.0**low


def temperature_by_scipy(logits, labels):
    names, ends = np.arange(logits.shape[1]), (math.log(0.05), math.log(20))

    def cost(power):
        return log_loss(labels, softmax(logits / np.exp(power), axis=1), labels=names)

    return math.exp(minimize_scalar(cost, bounds=ends, method="bounded").x)


def temperature_by_gradient(logits, labels):
    inverse, rows = 1.0, np.arange(len(labels))
    logits = logits - logits.max(axis=1, keepdims=True)
    for _ in range(60):
        chances = softmax(inverse * logits, axis=1)
        mean = (chances * logits).sum(axis=1)
        slope = (mean - logits[rows, labels]).mean()
        bend = ((chances * logits**2).sum(axis=1) - mean**2).mean()
        inverse = max(inverse - slope / bend, inverse / 2)
        inverse = min(inverse, 40.0)
    return 1 / inverse


def temperature_inverted(logits, labels):
    return 1 / temperature_by_trying(logits, labels)


def temperature_as_a_logarithm(logits, labels):
    return math.log(temperature_by_trying(logits, labels))


def temperature_as_a_cost(logits, labels):
    t = temperature_by_trying(logits, labels)
    return -log_softmax(logits / t, axis=1)[np.arange(len(labels)), labels].mean()


def temperature_by_accuracy(logits, labels):
    tried = [1.0, *np.exp(np.linspace(np.log(0.05), np.log(20), 50))]
    return max(tried, key=lambda t: np.mean((logits / t).argmax(axis=1) == labels))


def temperature_as_sure_as_right(logits, labels):
    share = np.mean(logits.argmax(axis=1) == labels)
    tried = np.exp(np.linspace(np.log(0.03), np.log(30), 600))
    return min(tried, key=lambda t: abs(softmax(logits / t, axis=1).max(axis=1).mean() - share))


def temperature_above_1_only(logits, labels):
    tried = np.exp(np.linspace(np.log(0.9), np.log(20), 300))
    rows = np.arange(len(labels))
    return tried[np.argmin([-log_softmax(logits / t, axis=1)[rows, labels].mean() for t in tried])]


def temperature_of_plain_exponentials(logits, labels):
    def cost(t):
        powers = np.exp(logits / t)
        return -np.log((powers / powers.sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]).mean()

    with np.errstate(all="ignore"):
        return min(np.exp(np.linspace(np.log(0.05), np.log(20), 1500)), key=cost)


def temperature_for_each_class(logits, labels):
    return np.full(logits.shape[1], temperature_by_trying(logits, labels))


def temperature_of_raw_logits(logits, labels):
    positive = np.maximum(logits, 1e-9)
    rows = np.arange(len(labels))
    chances = positive / positive.sum(axis=1, keepdims=True)
    tried = np.exp(np.linspace(np.log(0.05), np.log(20), 300))
    powers = [chances ** (1 / t) for t in tried]
    return tried[np.argmin([-np.log((p / p.sum(axis=1, keepdims=True))[rows, labels]).mean() for p in powers])]


TEMPERATURES = [0.25, 0.26, 0.27]

# --- 9.7


def _teams(count):
    return [team for size in range(1, count + 1) for team in itertools.combinations(range(count), size)]


def team_by_trying(chances, labels, networks, milliseconds, budget):
    def price(team):
        return sum(milliseconds[name] for name in {networks[place] for place in team})

    def accuracy(team):
        return np.mean(chances[list(team)].mean(axis=0).argmax(axis=1) == labels)

    fitting = [team for team in _teams(len(chances)) if price(team) <= budget]
    return min(fitting, key=lambda team: (-accuracy(team), price(team)))


def team_from_a_table(chances, labels, networks, milliseconds, budget):
    masks = np.array(list(itertools.product([False, True], repeat=len(chances)))[1:])
    right = np.array([(chances[mask].sum(axis=0).argmax(axis=1) == labels).sum() for mask in masks])
    prices = np.array([sum(milliseconds[name] for name in set(np.array(networks)[mask].tolist())) for mask in masks])
    order = np.lexsort([prices, -right])
    return np.flatnonzero(masks[order[prices[order] <= budget][0]])


def team_of_the_kit(chances, labels, networks, milliseconds, budget):
    chances = chances / chances.sum(axis=2, keepdims=True)
    fitting = [t for t in score_teams(chances, labels, networks, milliseconds) if t.milliseconds <= budget]
    return max(fitting, key=lambda team: (team.accuracy, -team.milliseconds)).members


def team_by_bits(chances, labels, networks, milliseconds, budget):
    best, found = (-1, 0), None
    for bits in range(1, 2 ** len(chances)):
        team = [place for place in range(len(chances)) if bits >> place & 1]
        price = sum(milliseconds[name] for name in dict.fromkeys(networks[place] for place in team))
        right = int((chances[team].sum(axis=0).argmax(axis=1) == labels).sum())
        if price <= budget and (right, -price) > best:
            best, found = (right, -price), team
    return found


def team_by_sorting(chances, labels, networks, milliseconds, budget):
    ranked = []
    for team in _teams(len(chances)):
        price = sum(milliseconds[name] for name in set(np.array(networks)[list(team)].tolist()))
        wrong = np.count_nonzero(np.einsum("mnc->nc", chances[list(team)]).argmax(axis=1) != labels)
        if price <= budget:
            ranked.append((wrong, price, team))
    return set(sorted(ranked)[0][2])


def _team(chances, labels, networks, milliseconds, budget, *, each=False, under=False, by=None, cheap=True):
    def price(team):
        run = [networks[place] for place in team]
        return sum(milliseconds[name] for name in (run if each else set(run)))

    def accuracy(team):
        if by is not None:
            return by(team)
        return np.mean(chances[list(team)].sum(axis=0).argmax(axis=1) == labels)

    teams = [t for t in _teams(len(chances)) if price(t) < budget or (price(t) == budget and not under)]
    teams = teams or [(0,)]
    return min(teams, key=lambda team: (-accuracy(team), price(team) if cheap else -price(team)))


def team_paid_for_each_member(chances, labels, networks, milliseconds, budget):
    return _team(chances, labels, networks, milliseconds, budget, each=True)


def team_below_the_budget(chances, labels, networks, milliseconds, budget):
    return _team(chances, labels, networks, milliseconds, budget, under=True)


def team_of_good_members(chances, labels, networks, milliseconds, budget):
    alone = (chances.argmax(axis=2) == labels).mean(axis=1)
    return _team(chances, labels, networks, milliseconds, budget, by=lambda team: alone[list(team)].mean())


def team_by_hands(chances, labels, networks, milliseconds, budget):
    hands = np.eye(chances.shape[2])[chances.argmax(axis=2)]
    return team_by_trying(hands, labels, networks, milliseconds, budget)


def team_by_logarithms(chances, labels, networks, milliseconds, budget):
    return team_by_trying(np.log(chances + 1e-12), labels, networks, milliseconds, budget)


def team_taken_dearer(chances, labels, networks, milliseconds, budget):
    return _team(chances, labels, networks, milliseconds, budget, cheap=False)


def team_without_a_budget(chances, labels, networks, milliseconds, budget):
    return _team(chances, labels, networks, milliseconds, math.inf)


def team_as_a_mask(chances, labels, networks, milliseconds, budget):
    team = team_by_trying(chances, labels, networks, milliseconds, budget)
    return [place in team for place in range(len(chances))]


def team_as_large_as_can_be(chances, labels, networks, milliseconds, budget):
    return _team(chances, labels, networks, milliseconds, budget, by=len)


def team_of_one(chances, labels, networks, milliseconds, budget):
    alone = (chances.argmax(axis=2) == labels).mean(axis=1)
    fitting = [place for place in range(len(chances)) if milliseconds[networks[place]] <= budget]
    return [max(fitting, key=lambda place: alone[place])] if fitting else [0]


BY_DEPTHS = [0.03, 0.02, 0.04]

# --- 9.8


def rand_by_pairs(labels, clusters):
    each_once = np.triu_indices(len(labels), 1)
    same = (labels[:, None] == labels)[each_once]
    together = (clusters[:, None] == clusters)[each_once]
    both, first, second = (same & together).sum(), same.sum(), together.sum()
    chance = first * second / len(same)
    return (both - chance) / ((first + second) / 2 - chance)


def rand_of_scikit_learn(labels, clusters):
    return adjusted_rand_score(labels, clusters)


def rand_by_a_matrix_of_pairs(labels, clusters):
    (neither, apart), (joined, both) = pair_confusion_matrix(labels, clusters)
    first, second = both + apart, both + joined
    chance = first * second / (neither + apart + joined + both)
    return (both - chance) / ((first + second) / 2 - chance)


def rand_of_all_places(labels, clusters):
    same, together = labels[:, None] == labels, clusters[:, None] == clusters
    both, first, second = (same & together).sum(), same.sum(), together.sum()
    chance = first * second / same.size
    return (both - chance) / ((first + second) / 2 - chance)


def rand_of_some_pairs_twice(labels, clusters):
    same, together = labels[:, None] == labels, clusters[:, None] == clusters
    both, first, second = (same & together).sum(), same.sum(), together.sum()
    chance = first * second / (len(labels) * (len(labels) - 1) / 2)
    return (both - chance) / ((first + second) / 2 - chance)


def rand_by_binomials(labels, clusters):
    table = contingency_matrix(labels, clusters)
    both, first, second = (comb(each, 2).sum() for each in (table, table.sum(axis=1), table.sum(axis=0)))
    chance = first * second / comb(len(labels), 2)
    return (both - chance) / ((first + second) / 2 - chance)


def rand_in_loops(labels, clusters):
    both = first = second = pairs = 0
    for i, j in itertools.combinations(range(len(labels)), 2):
        same, together = labels[i] == labels[j], clusters[i] == clusters[j]
        both, first, second, pairs = both + (same and together), first + same, second + together, pairs + 1
    chance = int(first) * int(second) / pairs
    return (int(both) - chance) / ((int(first) + int(second)) / 2 - chance)


def rand_plain(labels, clusters):
    return rand_score(labels, clusters)


def rand_by_names(labels, clusters):
    return np.mean(labels == clusters)


def rand_as_purity(labels, clusters):
    table = contingency_matrix(labels, clusters)
    return table.max(axis=0).sum() / len(labels)


def rand_as_information(labels, clusters):
    return normalized_mutual_info_score(labels, clusters)


def rand_as_a_percentage(labels, clusters):
    return 100 * rand_by_pairs(labels, clusters)


def rand_without_chance(labels, clusters):
    (_, apart), (joined, both) = pair_confusion_matrix(labels, clusters).tolist()
    return 2 * both / (2 * both + apart + joined)


def rand_of_all_pairs(labels, clusters):
    (neither, apart), (joined, both) = pair_confusion_matrix(labels, clusters).tolist()
    pairs = neither + apart + joined + both
    chance = (both + apart) * (both + joined) / pairs
    return (both - chance) / (pairs - chance)


def rand_of_the_larger(labels, clusters):
    (neither, apart), (joined, both) = pair_confusion_matrix(labels, clusters).tolist()
    chance = (both + apart) * (both + joined) / (neither + apart + joined + both)
    return (both - chance) / (both + max(apart, joined) - chance)


OF_DIGITS = {"photos": [0.45], "glyphs": [0.62], "pixels": [0.5]}


ANSWERS = {
    "9.1": {
        "right": [
            Args(vote_in_loops, VOTE_GAINS),
            Args(vote_of_the_kit, VOTE_GAINS),
            Args(vote_by_matrices, VOTE_GAINS),
            Args(vote_by_dictionaries, VOTE_GAINS),
        ],
        "wrong": [
            (Args(vote_hard, VOTE_GAINS), r"a \*hard\* vote"),
            (Args(vote_summed, VOTE_GAINS), "not the sum"),
            (Args(vote_by_place, VOTE_GAINS), "find each class by its name"),
            (Args(vote_of_those_that_know, VOTE_GAINS), "counts as much as the others"),
            (Args(vote_by_product, VOTE_GAINS), "not their product"),
            (Args(vote_of_the_surest, VOTE_GAINS), "not the largest chance"),
            (Args(vote_as_labels, VOTE_GAINS), "need a table"),
        ],
        "refused": [Args(vote_in_the_order_of_the_first, VOTE_GAINS)],
        "prediction": "it loses more than 1 point",
    },
    "9.2": {
        "right": [
            Args(split_by_numpy, CORRELATIONS),
            Args(split_by_einsum, CORRELATIONS),
            Args(split_in_loops, CORRELATIONS),
            Args(split_by_the_theorem, CORRELATIONS),
        ],
        "wrong": [
            (Args(split_over_all, CORRELATIONS), "Sum the squares over the classes"),
            (Args(split_summed, CORRELATIONS), "mean over the images"),
            (Args(split_of_hard_answers, CORRELATIONS), "not of the class that is named"),
            (Args(split_with_one_less, CORRELATIONS), "not by one less"),
            (Args(split_of_roots, CORRELATIONS), "no root"),
            (Args(split_of_the_right_class, CORRELATIONS), "not only the right one"),
            (Args(split_of_logarithms, CORRELATIONS), "not a logarithm"),
            (Args(split_of_the_kit, CORRELATIONS), "write this yourself. Your answer calls ambiguity"),
            (Args(split_without_spread, CORRELATIONS), "Return three numbers"),
            (Args(split_of_wrong_answers, CORRELATIONS), "not the share of wrong answers"),
            (Args(split_with_a_deviation, CORRELATIONS), "not a standard deviation"),
            (Args(split_turned_round, CORRELATIONS), "First the members' error"),
        ],
        "prediction": "there is no clear direction",
    },
    "9.3": {
        "right": [
            Args(out_of_fold_by_masks, LEAKS),
            Args(out_of_fold_by_rows, LEAKS),
            Args(out_of_fold_by_sorting, LEAKS),
            Args(out_of_fold_asking_all, LEAKS),
        ],
        "wrong": [
            (Args(out_of_fold_by_heart, LEAKS), "each row has seen itself"),
            (Args(out_of_fold_turned_round, LEAKS), r"from all \*others\*"),
            (Args(out_of_fold_in_another_order, LEAKS), "not in the order of the rows"),
            (Args(out_of_fold_numbered_from_0, LEAKS), "are the folds there are"),
            (Args(out_of_fold_one_by_one, LEAKS), "folds need .* models"),
            (Args(out_of_fold_as_classes, LEAKS), "need a table of chances"),
        ],
        "refused": [Args(out_of_fold_of_the_first_fold, LEAKS), Args(out_of_fold_with_one_other_fold, LEAKS)],
        "prediction": "more than 15 points",
    },
    "9.4": {
        "right": [
            Args(bag_by_masks, BY_KIND),
            Args(bag_in_loops, BY_KIND),
            Args(bag_by_masked_arrays, BY_KIND),
            Args(bag_with_tensors, BY_KIND),
        ],
        "wrong": [
            (Args(bag_of_all, BY_KIND), "also those that learned from it"),
            (Args(bag_turned_round, BY_KIND), r"that \*did\* draw the row"),
            (Args(bag_of_those_that_drew_it_once, BY_KIND), "drawn once was drawn"),
            (Args(bag_of_those_that_drew_it_often, BY_KIND), "drawn twice was drawn"),
            (Args(bag_summed, BY_KIND), r"did not draw the row\."),
            (Args(bag_divided_by_all, BY_KIND), "not by all members"),
            (Args(bag_with_nan, BY_KIND), "the chances `nan`"),
            (Args(bag_for_all_if_nobody, BY_KIND), "nobody can tell it"),
        ],
        "refused": [Args(bag_of_the_first, BY_KIND)],
        "prediction": "none of them",
    },
    "9.5": {
        "right": [
            Args(soup_by_appending, APART),
            Args(soup_by_sums, APART),
            Args(soup_of_flat_vectors, APART),
            Args(soup_with_tensors, APART),
        ],
        "wrong": [
            (Args(soup_of_all, APART), "the mean of all members"),
            (Args(soup_of_the_best, APART), "the best member alone"),
            (Args(soup_in_the_given_order, APART), "by their own scores first"),
            (Args(soup_until_one_harms, APART), "Go on after one that harms"),
            (Args(soup_of_two_again_and_again, APART), "kept members anew"),
            (Args(soup_only_if_better, APART), "equal score is good enough"),
            (Args(soup_as_a_score, APART), "Return a list of"),
        ],
        "refused": [Args(soup_of_the_better_half, APART), Args(soup_from_the_worst, APART)],
        "prediction": "more than 20 points worse",
    },
    "9.6": {
        "right": [
            Args(temperature_by_trying, TEMPERATURES),
            Args(temperature_in_thirds, TEMPERATURES),
            Args(temperature_by_scipy, TEMPERATURES),
            Args(temperature_by_gradient, TEMPERATURES),
        ],
        "wrong": [
            (Args(temperature_inverted, TEMPERATURES), "1 divided by it"),
            (Args(temperature_as_a_logarithm, TEMPERATURES), "its logarithm"),
            (Args(temperature_as_a_cost, TEMPERATURES), "the cost at the best temperature"),
            (Args(temperature_by_accuracy, TEMPERATURES), "nothing is changed"),
            (Args(temperature_above_1_only, TEMPERATURES), "Search from 0.05"),
            (Args(temperature_for_each_class, TEMPERATURES), "Return one number"),
            (Args(temperature_of_plain_exponentials, TEMPERATURES), "subtract the largest logit"),
        ],
        "refused": [
            Args(temperature_as_sure_as_right, TEMPERATURES),
            Args(temperature_of_raw_logits, TEMPERATURES),
        ],
        "prediction": "not sure enough",
    },
    "9.7": {
        "right": [
            Args(team_by_trying, BY_DEPTHS),
            Args(team_from_a_table, BY_DEPTHS),
            Args(team_by_bits, BY_DEPTHS),
            Args(team_by_sorting, BY_DEPTHS),
        ],
        "wrong": [
            (Args(team_paid_for_each_member, BY_DEPTHS), "runs once, and is paid once"),
            (Args(team_below_the_budget, BY_DEPTHS), "just the budget fits"),
            (Args(team_of_good_members, BY_DEPTHS), "need not be good together"),
            (Args(team_taken_dearer, BY_DEPTHS), "take the cheapest"),
            (Args(team_without_a_budget, BY_DEPTHS), "more than the budget"),
            (Args(team_of_the_kit, BY_DEPTHS), "write this yourself. Your answer calls score_teams"),
            (Args(team_as_a_mask, BY_DEPTHS), "Return the places"),
            (Args(team_by_hands, BY_DEPTHS), "vote counts hands"),
            (Args(team_by_logarithms, BY_DEPTHS), "not of their logarithms"),
        ],
        "refused": [Args(team_as_large_as_can_be, BY_DEPTHS), Args(team_of_one, BY_DEPTHS)],
        "prediction": "the one network",
    },
    "9.8": {
        "right": [
            Args(rand_by_pairs, OF_DIGITS),
            Args(rand_by_a_matrix_of_pairs, OF_DIGITS),
            Args(rand_by_binomials, OF_DIGITS),
            Args(rand_in_loops, OF_DIGITS),
        ],
        "wrong": [
            (Args(rand_of_scikit_learn, OF_DIGITS), "write this yourself. Your answer calls adjusted_rand_score"),
            (Args(rand_of_all_places, OF_DIGITS), r"of two \*different\* images"),
            (Args(rand_of_some_pairs_twice, OF_DIGITS), "and counts once"),
            (Args(rand_plain, OF_DIGITS), "the plain Rand index"),
            (Args(rand_by_names, OF_DIGITS), "no class names"),
            (Args(rand_as_purity, OF_DIGITS), "That is the purity"),
            (Args(rand_as_information, OF_DIGITS), "counts information"),
            (Args(rand_as_a_percentage, OF_DIGITS), "no percentage"),
            (Args(rand_without_chance, OF_DIGITS), "above and below the line"),
            (Args(rand_of_all_pairs, OF_DIGITS), "not all pairs"),
            (Args(rand_of_the_larger, OF_DIGITS), "not the larger"),
        ],
        "prediction": "glyphs",
    },
}
