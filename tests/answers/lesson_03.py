"""Right and wrong answers to the exercises of lesson 3: each wrong one stands for a misconception."""

import itertools

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from tlkit.checks.testing import Args
from tlkit.measure import paired_interval

# --- 3.1

LUCK = np.linspace(-0.02, 0.02, 10)
AT_TEN = {
    "transfer": {
        name: 0.4 + 0.1 * number + LUCK
        for number, name in enumerate(("photos", "glyphs", "colours", "opposed", "random"))
    },
    "ways": {
        "pixels": {"validation": 0.7, "test": 0.7 + LUCK[::-1]},
        "random": {"validation": 0.4, "test": 0.4 + LUCK},
    },
}


def _best(ways, part="validation"):
    return max(ways, key=lambda name: np.mean(ways[name][part]))


def gain_by_interval(transfer, ways):
    found = paired_interval(transfer, ways[_best(ways)]["test"])
    return found.mean, found.low, found.high


def gain_by_t_test(transfer, ways):
    difference = np.asarray(transfer) - ways[_best(ways)]["test"]
    low, high = stats.ttest_1samp(difference, 0).confidence_interval(0.95)
    return [difference.mean(), low, high]


def gain_over_the_first(transfer, ways):
    found = paired_interval(transfer, next(iter(ways.values()))["test"])
    return found.mean, found.low, found.high


def gain_over_the_weakest(transfer, ways):
    found = paired_interval(transfer, ways[min(ways, key=lambda name: ways[name]["validation"])]["test"])
    return found.mean, found.low, found.high


def gain_over_the_best_on_test(transfer, ways):
    found = paired_interval(transfer, ways[_best(ways, "test")]["test"])
    return found.mean, found.low, found.high


def gain_unpaired(transfer, ways):
    test = stats.ttest_ind(transfer, ways[_best(ways)]["test"])
    interval = test.confidence_interval(0.95)
    return np.mean(transfer) - np.mean(ways[_best(ways)]["test"]), interval.low, interval.high


def gain_by_normal(transfer, ways):
    difference = np.asarray(transfer) - ways[_best(ways)]["test"]
    half = 1.96 * difference.std(ddof=1) / np.sqrt(len(difference))
    return difference.mean(), difference.mean() - half, difference.mean() + half


def gain_as_a_mean(transfer, ways):
    return np.mean(transfer) - np.mean(ways[_best(ways)]["test"])


# --- 3.2

GAINS = np.random.default_rng(0).normal(0.02, 0.05, (5, 4, 10))


def mark_by_t_test(gains):
    return (np.sign(gains.mean(axis=2)) * (stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05)).astype(int)


def mark_cell_by_cell(gains):
    intervals = [[paired_interval(cell, np.zeros(len(cell))) for cell in row] for row in gains]
    return [[int(cell.low > 0) - int(cell.high < 0) for cell in row] for row in intervals]


def mark_by_mean(gains):
    return np.sign(gains.mean(axis=2)).astype(int)


def mark_by_normal(gains):
    error = gains.std(axis=2, ddof=1) / np.sqrt(gains.shape[2])
    return (np.sign(gains.mean(axis=2)) * (np.abs(gains.mean(axis=2)) > 1.96 * error)).astype(int)


def mark_by_spread(gains):
    return (np.sign(gains.mean(axis=2)) * (np.abs(gains.mean(axis=2)) > 2 * gains.std(axis=2, ddof=1))).astype(int)


def mark_by_agreement(gains):
    return (gains > 0).all(axis=2).astype(int) - (gains < 0).all(axis=2).astype(int)


def mark_as_booleans(gains):
    return stats.ttest_1samp(gains, 0, axis=2).pvalue < 0.05


# --- 3.3

CELL = np.random.default_rng(1).normal(0.01, 0.03, 10)


def lies_by_combinations(gains, k):
    return float(np.mean([np.sign(np.mean(g)) != np.sign(np.mean(gains)) for g in itertools.combinations(gains, k)]))


def lies_by_bits(gains, k):
    masks = [[bool(number >> bit & 1) for bit in range(len(gains))] for number in range(2 ** len(gains))]
    means = [gains[mask].mean() for mask in map(np.array, masks) if mask.sum() == k]
    return np.mean(np.array(means) * gains.mean() < 0)


def lies_as_losses(gains, k):
    return float(np.mean([np.mean(group) < 0 for group in itertools.combinations(gains, k)]))


def lies_singly(gains, k):
    return float(np.mean(np.sign(gains) != np.sign(gains.mean())))


def lies_in_a_row(gains, k):
    windows = np.lib.stride_tricks.sliding_window_view(gains, k).mean(axis=1)
    return float(np.mean(np.sign(windows) != np.sign(gains.mean())))


def lies_with_repeats(gains, k):
    return float(np.mean([np.sign(sum(g)) != np.sign(gains.mean()) for g in itertools.product(gains, repeat=k)]))


def lies_as_a_count(gains, k):
    return sum(np.sign(np.mean(group)) != np.sign(gains.mean()) for group in itertools.combinations(gains, k))


# --- 3.4


def unfair_one_by_one(report):
    transfer, baseline, ways = report["transfer"], report["baseline"], report["ways"]
    found = [name for name in ("labels", "settings tried") if transfer[name] != baseline[name]]
    found += ["chosen on"] * ("test" in (transfer["chosen on"], baseline["chosen on"]))
    found += ["seeds"] * (set(transfer["seeds"]) != set(baseline["seeds"]))
    return found + ["way"] * (baseline["way"] != max(ways, key=ways.get))


def unfair_by_sorting(report):
    a, b = ({**report[side], "seeds": sorted(report[side]["seeds"])} for side in ("transfer", "baseline"))
    found = {name for name in ("labels", "settings tried", "seeds") if a[name] != b[name]}
    if {a["chosen on"], b["chosen on"]} != {"validation"}:
        found.add("chosen on")
    if any(value > report["ways"][b["way"]] for value in report["ways"].values()):
        found.add("way")
    return found


def unfair_if_different(report):
    return [name for name in report["transfer"] if report["transfer"][name] != report["baseline"][name]]


def unfair_first_only(report):
    return unfair_one_by_one(report)[:1]


def unfair_by_comparing_choices(report):
    same = report["transfer"]["chosen on"] == report["baseline"]["chosen on"]
    return [name for name in unfair_one_by_one(report) if name != "chosen on" or not same]


def unfair_without_the_way(report):
    return [name for name in unfair_one_by_one(report) if name != "way"]


def unfair_by_number_of_seeds(report):
    same = len(report["transfer"]["seeds"]) == len(report["baseline"]["seeds"])
    return [name for name in unfair_one_by_one(report) if name != "seeds" or not same]


# --- 3.5

ANGLES = [0.0, 15.0, 30.0, 45.0]
TURNED = {"angles": ANGLES, "gains": np.array([0.1, 0.04, -0.1, -0.3])[:, None] + LUCK}


def turns_on_a_line(dial, gains):
    means = np.mean(gains, axis=1)
    if (means > 0).all():
        return None
    i = int(np.argmax(means <= 0))
    if i == 0:
        return float(dial[0])
    return float(dial[i - 1] + (dial[i] - dial[i - 1]) * means[i - 1] / (means[i - 1] - means[i]))


def turns_by_interp(dial, gains):
    means = np.mean(gains, axis=1)
    for i, mean in enumerate(means):
        if mean <= 0:
            return dial[i] if i == 0 else float(np.interp(0, [mean, means[i - 1]], [dial[i], dial[i - 1]]))
    return None


def turns_at_a_setting(dial, gains):
    means = np.mean(gains, axis=1)
    return float(dial[np.argmax(means <= 0)]) if (means <= 0).any() else None


def turns_last(dial, gains):
    means = np.mean(gains, axis=1)
    if (means > 0).all():
        return None
    i = int(np.flatnonzero((means[:-1] > 0) & (means[1:] <= 0))[-1]) if (means > 0).any() else 0
    if not (means > 0).any():
        return float(dial[0])
    return float(dial[i] + (dial[i + 1] - dial[i]) * means[i] / (means[i] - means[i + 1]))


def turns_by_one_seed(dial, gains):
    return turns_on_a_line(dial, np.asarray(gains)[:, :1])


def turns_at_the_end(dial, gains):
    found = turns_on_a_line(dial, gains)
    return float(dial[-1]) if found is None else found


# --- 3.6

DOMAINS = {
    name: np.random.default_rng(seed).normal(size=(60, 8)) + shift
    for seed, (name, shift) in enumerate({"by character": 0, "by font": 0, "digits": 2}.items())
}


def _probe():
    return LogisticRegression(C=0.1, max_iter=1000)


def distance_by_halves(a, b):
    size, rng = min(len(a), len(b)), np.random.default_rng(0)
    a, b = (table[rng.permutation(len(table))[:size]] for table in (a, b))
    half = size // 2
    probe = _probe().fit(np.concatenate([a[:half], b[:half]]), np.repeat([0, 1], half))
    error = 1 - probe.score(np.concatenate([a[half:], b[half:]]), np.repeat([0, 1], size - half))
    return 2 * (1 - 2 * error)


def distance_by_balanced_folds(a, b):
    features, domain = np.concatenate([a, b]), np.repeat([0, 1], [len(a), len(b)])
    probe = LogisticRegression(C=0.1, max_iter=1000, class_weight="balanced")
    right = cross_val_score(probe, features, domain, cv=4, scoring="balanced_accuracy").mean()
    return 2 * (2 * right - 1)


def distance_on_its_own_images(a, b):
    size = min(len(a), len(b))
    features, domain = np.concatenate([a[:size], b[:size]]), np.repeat([0, 1], size)
    return 2 * (2 * _probe().fit(features, domain).score(features, domain) - 1)


def distance_with_a_majority(a, b):
    features, domain = np.concatenate([a, b]), np.repeat([0, 1], [len(a), len(b)])
    return 2 * (2 * cross_val_score(_probe(), features, domain, cv=4).mean() - 1)


def distance_by_accuracy(a, b):
    return 2 * (1 - 2 * (distance_by_halves(a, b) / 4 + 0.5))


def distance_up_to_one(a, b):
    return distance_by_halves(a, b) / 2


def distance_of_means(a, b):
    return float(np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)))


# --- 3.7

BALANCE = {"strengths": [1e-4, 1e-2, 1.0], "gains": np.array([0.02, 0.06, 0.01])[:, None] + LUCK}


def pull_by_name(weights, start, strength):
    return strength / 2 * sum(((array - start.get(name, 0.0)) ** 2).sum() for name, array in weights.items())


def pull_by_norms(weights, start, strength):
    gaps = [weights[name] - start[name] if name in start else weights[name] for name in weights]
    return 0.5 * strength * float(np.linalg.norm(np.concatenate([gap.ravel() for gap in gaps])) ** 2)


def pull_to_zero(weights, start, strength):
    return strength / 2 * sum((array**2).sum() for array in weights.values())


def pull_old_layers_only(weights, start, strength):
    return strength / 2 * sum(((weights[name] - start[name]) ** 2).sum() for name in start)


def pull_on_average(weights, start, strength):
    return strength / 2 * sum(((array - start.get(name, 0.0)) ** 2).mean() for name, array in weights.items())


def pull_without_the_half(weights, start, strength):
    return 2 * pull_by_name(weights, start, strength)


# --- 3.8


def _own():
    rng, labels = np.random.default_rng(0), np.repeat(np.arange(4), 10)
    return {"tables": {name: rng.normal(size=(40, 12)) for name in ("pixels", "glyphs")}, "labels": labels}


OWN = _own()
RESCUED = {"colours unfrozen": [0.87], "glyphs frozen": [0.88], "glyphs unfrozen": [0.93], "pixels": [0.9]}


def choose_by_folds(tables, labels):
    probe = LogisticRegression(max_iter=1000)
    found = {name: cross_val_score(probe, table, labels, cv=3).mean() for name, table in tables.items()}
    return max(found, key=found.get)


def choose_by_neighbours(tables, labels):
    judge = KNeighborsClassifier(1)
    scores = {name: cross_val_score(judge, table, labels, cv=LeaveOneOut()).mean() for name, table in tables.items()}
    return max(scores, key=scores.get)


def choose_by_heart(tables, labels):
    found = {name: LogisticRegression(C=1e3).fit(x, labels).score(x, labels) for name, x in tables.items()}
    return max(found, key=lambda name: (found[name], tables[name].shape[1]))


def choose_never(tables, labels):
    return "pixels"


def choose_by_unmixed_folds(tables, labels):
    probe, folds = LogisticRegression(max_iter=1000), KFold(len(labels) // 3)
    found = {name: cross_val_score(probe, table, labels, cv=folds).mean() for name, table in tables.items()}
    return max(found, key=lambda name: (found[name], name == "pixels"))


def choose_always(tables, labels):
    return next(name for name in tables if name != "pixels")


def choose_a_score(tables, labels):
    return max(cross_val_score(LogisticRegression(), table, labels, cv=3).mean() for table in tables.values())


ANSWERS = {
    "3.1": {
        "right": [Args(gain_by_interval, AT_TEN), Args(gain_by_t_test, AT_TEN)],
        "wrong": [
            (Args(gain_over_the_weakest, AT_TEN), "the gain over 'random network'"),
            (Args(gain_over_the_best_on_test, AT_TEN), "the test's luck"),
            (Args(gain_unpaired, AT_TEN), "shared luck cancels"),
            (Args(gain_by_normal, AT_TEN), "1.96 is too small"),
            (Args(gain_as_a_mean, AT_TEN), "Return three numbers"),
            (Args(gain_by_interval, {"transfer": {}}), "`at_ten` must hold"),
        ],
        "prediction": ["glyphs"],
    },
    "3.2": {
        "right": [Args(mark_by_t_test, GAINS), Args(mark_cell_by_cell, GAINS)],
        "wrong": [
            (Args(mark_by_mean, GAINS), "100% were marked"),
            (Args(mark_by_normal, GAINS), "1[0-9]% were marked; at 95 % it is one in twenty. Take Student's"),
            (Args(mark_by_spread, GAINS), "were left blank"),
            (Args(mark_by_agreement, GAINS), "9 of 9 cells that gain 0.5"),
            (Args(mark_as_booleans, GAINS), "of 12 cells are marked otherwise"),
        ],
        "prediction": 12,
    },
    "3.3": {
        "right": [Args(lies_by_combinations, CELL), Args(lies_by_bits, CELL)],
        "wrong": [
            (Args(lies_as_losses, CELL), "compare with the sign of the mean of all seeds"),
            (Args(lies_singly, CELL), "groups of 2 out of 8"),
            (Args(lies_in_a_row, CELL), "lists each once"),
            (Args(lies_with_repeats, CELL), "have a mean on the wrong side"),
            (Args(lies_as_a_count, CELL), "received 3.000"),
        ],
        "prediction": 3,
    },
    "3.4": {
        "right": [unfair_one_by_one, unfair_by_sorting],
        "wrong": [
            (unfair_if_different, "the same seeds may come in another order"),
            (unfair_first_only, "Three things were unfair"),
            (unfair_by_comparing_choices, "equal luck is luck all the same"),
            (unfair_without_the_way, "Only 'way' was unfair"),
            (unfair_by_number_of_seeds, "Only 'seeds' was unfair"),
        ],
    },
    "3.5": {
        "right": [Args(turns_on_a_line, TURNED), Args(turns_by_interp, TURNED)],
        "wrong": [
            (Args(turns_at_a_setting, TURNED), "a straight line between them"),
            (Args(turns_last, TURNED), "falls through 0 at 0.5"),
            (Args(turns_by_one_seed, TURNED), "nothing was ever gained|stays at 10 points"),
            (Args(turns_at_the_end, TURNED), "Beyond the dial we know nothing"),
        ],
        "prediction": "10 to 25 degrees",
    },
    "3.6": {
        "right": [Args(distance_by_halves, DOMAINS), Args(distance_by_balanced_folds, DOMAINS)],
        "wrong": [
            (Args(distance_on_its_own_images, DOMAINS), "learns its own images by heart"),
            (Args(distance_with_a_majority, DOMAINS), "as many of one domain as of the other"),
            (Args(distance_by_accuracy, DOMAINS), "Received -2.00"),
            (Args(distance_up_to_one, DOMAINS), "Received 1.00"),
            (Args(distance_of_means, DOMAINS), r"Received (29|3[01])\."),
        ],
        "prediction": "about the same",
    },
    "3.7": {
        "right": [Args(pull_by_name, BALANCE), Args(pull_by_norms, BALANCE)],
        "wrong": [
            (Args(pull_to_zero, BALANCE), "not towards 0"),
            (Args(pull_old_layers_only, BALANCE), "A head without a start"),
            (Args(pull_on_average, BALANCE), "Sum, do not average"),
            (Args(pull_without_the_half, BALANCE), " 2 times as much"),
        ],
        "prediction": "in between",
    },
    "3.8": {
        "right": [Args(choose_by_folds, OWN, RESCUED), Args(choose_by_neighbours, OWN, RESCUED)],
        "wrong": [
            (Args(choose_by_heart, OWN, RESCUED), "fit the labelled images to the last one"),
            (Args(choose_never, OWN, RESCUED), "To transfer never is no cure"),
            (Args(choose_by_unmixed_folds, OWN, RESCUED), "Folds cut from sorted labels"),
            (Args(choose_a_score, OWN, RESCUED), "Return one of"),
            (Args(choose_always, OWN, {"pixels": [0.9]}), "`rescued` must hold"),
        ],
        "prediction": "glyphs unfrozen",
    },
}
