"""Right and wrong answers to the exercises of lesson 3: each wrong one stands for a misconception."""

import collections
import itertools
from fractions import Fraction

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_score
from sklearn.model_selection import KFold, LeaveOneOut, StratifiedKFold, cross_val_predict, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tlkit.checks.testing import Args
from tlkit.measure import paired_interval

# --- 3.1

LUCK = np.linspace(-0.02, 0.02, 10)
AT_TEN = {
    "transfer": {
        name: 0.4 + 0.1 * number + LUCK for number, name in enumerate(("photos", "glyphs", "colours", "opposed"))
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


def gain_as_an_interval(transfer, ways):
    return paired_interval(transfer, ways[max(ways, key=lambda name: ways[name]["validation"])]["test"])


def gain_by_t_test(transfer, ways):
    difference = np.asarray(transfer) - ways[_best(ways)]["test"]
    low, high = stats.ttest_1samp(difference, 0).confidence_interval(0.95)
    return [difference.mean(), low, high]


def gain_by_hand(transfer, ways):
    validation = np.array([way["validation"] for way in ways.values()])
    baseline = np.asarray(list(ways.values())[validation.argmax()]["test"])
    difference = [a - b for a, b in zip(transfer, baseline, strict=True)]
    mean, error = np.mean(difference), stats.sem(difference)
    return np.array([mean, *(mean + error * stats.t.ppf([0.025, 0.975], len(difference) - 1))])


Gain = collections.namedtuple("Gain", "mean low high")


def gain_with_names(transfer, ways):
    return Gain(*gain_by_t_test(transfer, ways))


def gain_as_the_median(transfer, ways):
    _, low, high = gain_by_interval(transfer, ways)
    return np.median(np.asarray(transfer) - ways[_best(ways)]["test"]), low, high


def gain_by_bootstrap(transfer, ways):
    found = paired_interval(transfer, ways[_best(ways)]["test"], method="bootstrap")
    return found.mean, found.low, found.high


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


def mark_by_ends(gains):
    half = stats.t.ppf(0.975, gains.shape[2] - 1) * stats.sem(gains, axis=2)
    means = gains.mean(axis=2)
    return np.where(means - half > 0, 1, np.where(means + half < 0, -1, 0))


def mark_as_floats(gains):
    marks = np.zeros(gains.shape[:2])
    marks[stats.ttest_1samp(gains, 0, axis=2, alternative="greater").pvalue < 0.025] = 1.0
    marks[stats.ttest_1samp(gains, 0, axis=2, alternative="less").pvalue < 0.025] = -1.0
    return marks


def _mark_beyond(gains, half):
    return (np.sign(gains.mean(axis=2)) * (np.abs(gains.mean(axis=2)) > half)).astype(int)


def mark_with_the_spread_of_all(gains):
    seeds = gains.shape[2]
    return _mark_beyond(gains, stats.t.ppf(0.975, seeds - 1) * gains.std(axis=2) / np.sqrt(seeds))


def mark_with_a_degree_too_many(gains):
    return _mark_beyond(gains, stats.t.ppf(0.975, gains.shape[2]) * stats.sem(gains, axis=2))


def mark_with_a_correction(gains):
    level = 0.05 / gains[..., 0].size
    return _mark_beyond(gains, stats.t.ppf(1 - level / 2, gains.shape[2] - 1) * stats.sem(gains, axis=2))


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
    return np.mean(np.array(means) * gains.mean() <= 0)


def lies_as_a_fraction(gains, k):
    groups = list(itertools.combinations(np.asarray(gains).tolist(), k))
    sign = np.sign(np.mean(gains))
    return Fraction(sum(bool(np.sign(np.mean(group)) != sign) for group in groups), len(groups))


def lies_by_indices(gains, k):
    gains = np.asarray(gains)
    groups = gains[np.array(list(itertools.combinations(range(len(gains)), k)))]
    return (np.sign(groups.mean(axis=1)) != np.sign(gains.mean())).mean()


def lies_by_the_median(gains, k):
    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.mean(group)) != np.sign(np.median(gains)) for group in groups]))


def lies_with_zeros_as_true(gains, k):
    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.mean(group)) == -np.sign(np.mean(gains)) for group in groups]))


def lies_by_medians(gains, k):
    groups = itertools.combinations(gains, k)
    return float(np.mean([np.sign(np.median(group)) != np.sign(np.mean(gains)) for group in groups]))


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


def unfair_as_an_array(report):
    return np.array(sorted(unfair_one_by_one(report)), dtype=str)


def unfair_as_a_tuple(report):
    a, b = report["transfer"], report["baseline"]
    best = sorted(report["ways"], key=report["ways"].get)[-1]
    rules = {
        "labels": a["labels"] != b["labels"],
        "settings tried": a["settings tried"] != b["settings tried"],
        "chosen on": a["chosen on"] == "test" or b["chosen on"] == "test",
        "seeds": bool(set(a["seeds"]) ^ set(b["seeds"])),
        "way": b["way"] != best,
    }
    return tuple(name for name, broken in rules.items() if broken)


def _unfair_by_seeds(report, same):
    a, b = (report[side]["seeds"] for side in ("transfer", "baseline"))
    found = [name for name in unfair_one_by_one(report) if name != "seeds"]
    return found if same(a, b) else [*found, "seeds"]


def unfair_unless_a_subset(report):
    return _unfair_by_seeds(report, lambda a, b: set(a) <= set(b))


def unfair_unless_a_superset(report):
    return _unfair_by_seeds(report, lambda a, b: set(a) >= set(b))


def unfair_by_the_sum_of_seeds(report):
    return _unfair_by_seeds(report, lambda a, b: sum(a) == sum(b))


def unfair_by_the_largest_seed(report):
    return _unfair_by_seeds(report, lambda a, b: (len(a), max(a)) == (len(b), max(b)))


def unfair_three_at_most(report):
    return unfair_one_by_one(report)[:3]


def unfair_if_fewer_for_the_baseline(report):
    a, b = report["transfer"], report["baseline"]
    found = [name for name in unfair_one_by_one(report) if name not in ("labels", "settings tried")]
    return [*found, *(name for name in ("labels", "settings tried") if a[name] > b[name])]


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


def turns_in_float32(dial, gains):
    found = turns_on_a_line(np.asarray(dial), np.asarray(gains))
    return None if found is None else np.float32(found)


def turns_in_an_array(dial, gains):
    means = np.asarray(gains).mean(axis=1)
    first = next((i for i, mean in enumerate(means) if not mean > 0), None)
    if first is None:
        return None
    if first == 0:
        return np.array(dial[0])
    share = means[first - 1] / (means[first - 1] - means[first])
    return np.array((1 - share) * dial[first - 1] + share * dial[first])


def turns_below_zero_only(dial, gains):
    means = np.mean(gains, axis=1)
    if (means >= 0).all():
        return None
    i = int(np.argmax(means < 0))
    if i == 0:
        return float(dial[0])
    return float(dial[i - 1] + (dial[i] - dial[i - 1]) * means[i - 1] / (means[i - 1] - means[i]))


def turns_by_medians(dial, gains):
    return turns_on_a_line(dial, np.median(gains, axis=1, keepdims=True))


def turns_halfway(dial, gains):
    means = np.mean(gains, axis=1)
    if (means > 0).all():
        return None
    i = int(np.argmax(means <= 0))
    return float(dial[0] if i == 0 else (dial[i - 1] + dial[i]) / 2)


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


def distance_by_one_shuffle(a, b):
    size, rng = min(len(a), len(b)), np.random.default_rng(3)
    features = np.concatenate([rng.permutation(a)[:size], rng.permutation(b)[:size]])
    domain, order = np.repeat([0, 1], size), rng.permutation(2 * size)
    fit, judge = order[:size], order[size:]
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=1000))
    right = probe.fit(features[fit], domain[fit]).predict(features[judge]) == domain[judge]
    error = np.mean([1 - right[domain[judge] == each].mean() for each in (0, 1)])
    return np.float32(2 * (1 - 2 * error))


def distance_by_shuffled_folds(a, b):
    size, rng = min(len(a), len(b)), np.random.default_rng(0)
    features = np.concatenate([table[rng.choice(len(table), size, replace=False)] for table in (a, b)])
    domain, folds = np.repeat([0, 1], size), StratifiedKFold(5, shuffle=True, random_state=0)
    judged = cross_val_predict(SVC(kernel="linear", C=0.1), features, domain, cv=folds)
    return 2 - 4 * float(np.mean(judged != domain))


def distance_by_curves(a, b):
    size, rng = min(len(a), len(b)), np.random.default_rng(0)
    a, b = (table[rng.permutation(len(table))[:size]] for table in (a, b))
    half = size // 2
    probe = make_pipeline(StandardScaler(), SVC()).fit(np.concatenate([a[:half], b[:half]]), np.repeat([0, 1], half))
    return 2 * (2 * probe.score(np.concatenate([a[half:], b[half:]]), np.repeat([0, 1], size - half)) - 1)


def distance_without_mixing(a, b):
    half = min(len(a), len(b)) // 2
    probe, domain = _probe(), np.repeat([0, 1], half)
    probe.fit(np.concatenate([a[:half], b[:half]]), domain)
    return 2 * (2 * probe.score(np.concatenate([a[half : 2 * half], b[half : 2 * half]]), domain) - 1)


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


def pull_in_a_loop(weights, start, strength):
    total = 0.0
    for name in weights:
        centre = start[name] if name in start else np.zeros_like(weights[name])
        total += float(np.square(weights[name] - centre).sum())
    return total * strength / 2


def pull_as_an_array(weights, start, strength):
    gaps = [np.subtract(weights[name], start.get(name, 0.0)).ravel() for name in weights]
    gaps = np.concatenate(gaps)
    return np.asarray(strength / 2 * gaps @ gaps)


def pull_in_place(weights, start, strength):
    for name, array in start.items():
        weights[name] -= array
    return strength / 2 * sum((array**2).sum() for array in weights.values())


def pull_nothing_without_a_start(weights, start, strength):
    return pull_by_name(weights, start, strength) if start else 0.0


def pull_by_distances(weights, start, strength):
    return strength / 2 * sum(np.linalg.norm(array - start.get(name, 0.0)) for name, array in weights.items())


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


def choose_by_scaled_folds(tables, labels):
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000))
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    return max(tables, key=lambda name: cross_val_score(probe, tables[name], labels, cv=folds).mean())


def choose_by_a_held_out_third(tables, labels):
    found = {}
    for name, table in tables.items():
        right = []
        for part in range(3):
            judged = np.zeros(len(labels), bool)
            for each in np.unique(labels):
                judged[np.flatnonzero(labels == each)[part::3]] = True
            probe = LogisticRegression(max_iter=1000).fit(table[~judged], labels[~judged])
            right.append(probe.score(table[judged], labels[judged]))
        found[name] = np.mean(right)
    return sorted(found, key=found.get)[-1]


def _largest(tables, measure):
    return max(tables, key=lambda name: measure(tables[name]))


def choose_fewest_features(tables, labels):
    return _largest(tables, lambda table: -table.shape[1])


def choose_most_features(tables, labels):
    return _largest(tables, lambda table: table.shape[1])


def choose_largest_variance(tables, labels):
    return _largest(tables, np.var)


def choose_smallest_variance(tables, labels):
    return _largest(tables, lambda table: -np.var(table))


def choose_largest_values(tables, labels):
    return _largest(tables, lambda table: np.abs(table).mean())


def choose_by_silhouette(tables, labels):
    return _largest(tables, lambda table: silhouette_score(table, labels))


def choose_without_holding_out(tables, labels):
    return _largest(tables, lambda table: LogisticRegression(max_iter=1000).fit(table, labels).score(table, labels))


def choose_by_best_fold(tables, labels):
    probe = LogisticRegression(max_iter=1000)
    return _largest(tables, lambda table: cross_val_score(probe, table, labels, cv=3).max())


def choose_by_worst_fold(tables, labels):
    probe = LogisticRegression(max_iter=1000)
    return _largest(tables, lambda table: cross_val_score(probe, table, labels, cv=3).min())


def choose_first(tables, labels):
    return next(iter(tables))


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


GAINS_BY_SEED = (gain_by_interval, gain_as_an_interval, gain_by_t_test, gain_by_hand, gain_with_names)

ANSWERS = {
    "3.1": {
        "right": [Args(each, AT_TEN) for each in GAINS_BY_SEED],
        "wrong": [
            (Args(gain_over_the_weakest, AT_TEN), "the gain over '"),
            (Args(gain_over_the_first, AT_TEN), "Take the best of the ways"),
            (Args(gain_over_the_best_on_test, AT_TEN), "you report its luck"),
            (Args(gain_unpaired, AT_TEN), "shared luck cancels"),
            (Args(gain_by_normal, AT_TEN), "1.96 is too small"),
            (Args(gain_by_bootstrap, AT_TEN), "Student's 95 % interval is"),
            (Args(gain_as_the_median, AT_TEN), "not the median"),
            (Args(gain_as_a_mean, AT_TEN), "Return three numbers"),
            (Args(gain_by_interval, {"transfer": {}}), "`at_ten` must hold"),
        ],
        "prediction": ["glyphs"],
    },
    "3.2": {
        "right": [Args(each, GAINS) for each in (mark_by_t_test, mark_cell_by_cell, mark_by_ends, mark_as_floats)],
        "wrong": [
            (Args(mark_by_mean, GAINS), "100% of"),
            (Args(mark_by_normal, GAINS), "1[0-9]% of .* should be one in twenty. With few"),
            (Args(mark_by_spread, GAINS), "You will also miss"),
            (Args(mark_with_a_correction, GAINS), "0% of"),
            (Args(mark_by_agreement, GAINS), "seeds out of|marked; at 95 %|are left blank|were left blank"),
            (Args(mark_as_booleans, GAINS), "Clear gains get 1, clear losses get -1"),
            (Args(mark_with_the_spread_of_all, GAINS), "takes `ddof=1`"),
            (Args(mark_with_a_degree_too_many, GAINS), "one degree of freedom less"),
        ],
        "prediction": 12,
    },
    "3.3": {
        "right": [
            Args(each, CELL) for each in (lies_by_combinations, lies_by_bits, lies_as_a_fraction, lies_by_indices)
        ],
        "wrong": [
            (Args(lies_as_losses, CELL), "compare with the sign of the mean of all seeds"),
            (Args(lies_singly, CELL), "groups of [235] out of"),
            (Args(lies_in_a_row, CELL), "lists each group once"),
            (Args(lies_with_repeats, CELL), "have a mean on the wrong side"),
            (Args(lies_as_a_count, CELL), r"received [1-3]\.000"),
            (Args(lies_by_the_median, CELL), "their mean is on the other side"),
            (Args(lies_with_zeros_as_true, CELL), "or exactly 0"),
            (Args(lies_by_medians, CELL), "of all groups of 3 have not that sign"),
        ],
        "prediction": 3,
    },
    "3.4": {
        "right": [unfair_one_by_one, unfair_by_sorting, unfair_as_an_array, unfair_as_a_tuple],
        "wrong": [
            (unfair_if_different, "the same seeds may come in a different order"),
            (unfair_first_only, r"Received \['[a-z ]+'\]: name them all"),
            (unfair_three_at_most, "[45] things were unfair"),
            (unfair_by_comparing_choices, "Equal luck is still luck"),
            (unfair_without_the_way, "Only 'way' was unfair"),
            (unfair_by_number_of_seeds, "Only 'seeds' was unfair"),
            (unfair_unless_a_subset, r"Only 'seeds' was .* Received \[\]"),
            (unfair_unless_a_superset, r"Only 'seeds' was unfair: .* Received \[\]\."),
            (unfair_by_the_sum_of_seeds, r"'seeds' was unfair: .* Received \[\]\."),
            (unfair_by_the_largest_seed, r"was unfair: .*41?, .* Received \[\]\."),
            (unfair_if_fewer_for_the_baseline, "Only '(labels|settings tried)' was unfair"),
        ],
    },
    "3.5": {
        "right": [
            Args(each, TURNED) for each in (turns_on_a_line, turns_by_interp, turns_in_float32, turns_in_an_array)
        ],
        "wrong": [
            (Args(turns_at_a_setting, TURNED), "a straight line between them"),
            (Args(turns_halfway, TURNED), "crosses 0 at"),
            (Args(turns_last, TURNED), "falls through 0 at"),
            (Args(turns_by_one_seed, TURNED), "nothing was ever gained|stays at 12 points"),
            (Args(turns_by_medians, TURNED), "straight line|stays at 12"),
            (Args(turns_below_zero_only, TURNED), "the first that has fallen to 0"),
            (Args(turns_at_the_end, TURNED), "beyond the end of the dial"),
        ],
        "prediction": "10 to 25 degrees",
    },
    "3.6": {
        "right": [
            Args(distance_by_halves, DOMAINS),
            Args(distance_by_balanced_folds, DOMAINS),
            Args(distance_by_one_shuffle, DOMAINS),
            Args(distance_by_shuffled_folds, DOMAINS),
        ],
        "wrong": [
            (Args(distance_on_its_own_images, DOMAINS), "learns its own images by heart"),
            (Args(distance_with_a_majority, DOMAINS), "as many of one domain as of the other"),
            (Args(distance_by_curves, DOMAINS), r"for a \*linear\* classifier"),
            (Args(distance_without_mixing, DOMAINS), "Shuffle the rows first|nearly 2 apart"),
            (Args(distance_by_accuracy, DOMAINS), "Received -2.00"),
            (Args(distance_up_to_one, DOMAINS), "Received 1.00"),
            (Args(distance_of_means, DOMAINS), r"Received (2[5-9]|3[0-9])\."),
        ],
        "prediction": "about the same",
    },
    "3.7": {
        "right": [Args(each, BALANCE) for each in (pull_by_name, pull_by_norms, pull_in_a_loop, pull_as_an_array)],
        "wrong": [
            (Args(pull_to_zero, BALANCE), "not towards 0"),
            (Args(pull_old_layers_only, BALANCE), "A head without a start"),
            (Args(pull_nothing_without_a_start, BALANCE), "no layer has a start"),
            (Args(pull_on_average, BALANCE), "Sum over all weights, don't average"),
            (Args(pull_by_distances, BALANCE), "times as much"),
            (Args(pull_without_the_half, BALANCE), "Take half the strength"),
            (Args(pull_in_place, BALANCE), "changed its first argument in place"),
        ],
        "prediction": "in between",
    },
    "3.8": {
        "right": [
            Args(each, OWN, RESCUED)
            for each in (choose_by_folds, choose_by_neighbours, choose_by_scaled_folds, choose_by_a_held_out_third)
        ],
        "wrong": [
            (Args(choose_by_heart, OWN, RESCUED), "fit every labelled image"),
            (Args(choose_without_holding_out, OWN, RESCUED), "it was not fitted to|3 images of each class"),
            (Args(choose_never, OWN, RESCUED), "received 'pixels'. Neither"),
            (Args(choose_by_unmixed_folds, OWN, RESCUED), "Folds cut from sorted labels"),
            (Args(choose_a_score, OWN, RESCUED), "Return one of"),
            (Args(choose_always, OWN, {"pixels": [0.9]}), "`rescued` must hold"),
            (Args(choose_fewest_features, OWN, RESCUED), "the 100 features of"),
            (Args(choose_most_features, OWN, RESCUED), "the 12 features of .* the 100 of"),
            (Args(choose_largest_variance, OWN, RESCUED), "10 images of each class"),
            (Args(choose_smallest_variance, OWN, RESCUED), "8 images of each class"),
            (Args(choose_largest_values, OWN, RESCUED), "3 images of each class"),
            (Args(choose_by_silhouette, OWN, RESCUED), "is only more compact"),
            (Args(choose_by_best_fold, OWN, RESCUED), "all of a lucky third"),
            (Args(choose_first, OWN, RESCUED), "never transferring nor always"),
        ],
        "prediction": "glyphs unfrozen",
    },
}
