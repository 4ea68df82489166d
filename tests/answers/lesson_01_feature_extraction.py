"""Right and wrong answers to the exercises of lesson 1: each wrong one stands for a misconception."""

import math
from fractions import Fraction

import numpy as np
import tensorflow as tf
from scipy import stats
from sklearn.metrics import precision_recall_fscore_support

from tlkit.checks.testing import Args
from tlkit.exercises.lesson_01_feature_extraction.shown import SCALINGS
from tlkit.measure import confusion_matrix, paired_interval

# --- 1.1


def share_by_shapes(model):
    learning = sum(np.prod(weight.shape) for weight in model.trainable_weights)
    return learning / sum(np.prod(weight.shape) for weight in model.weights)


def share_by_arrays(model):
    learning = sum(weight.numpy().size for weight in model.trainable_variables)
    return learning / model.count_params()


def share_of_arrays(model):
    return len(model.trainable_weights) / len(model.weights)


def share_by_flags(model):
    learning = [layer for layer in model.layers if layer.trainable]
    return sum(np.prod(w.shape) for layer in learning for w in layer.trainable_weights) / model.count_params()


def share_with_statistics(model):
    learning = sum(layer.count_params() for layer in model.layers if layer.trainable)
    return learning / model.count_params()


def share_of_frozen(model):
    return sum(np.prod(w.shape) for w in model.trainable_weights) / max(
        1, sum(np.prod(w.shape) for w in model.non_trainable_weights)
    )


def share_by_counting_tensors(model):
    sizes = {id(weight): tf.size(weight) for weight in model.weights}
    return tf.add_n([sizes[id(w)] for w in model.trainable_weights]) / tf.add_n(list(sizes.values()))


def share_as_a_fraction(model):
    frozen = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    return 1 - Fraction(frozen, model.count_params())


def share_in_percent(model):
    return 100 * share_by_shapes(model)


def share_of_nothing(model):
    model.trainable = False
    return 0.0


# --- 1.2


def nearest_scaling(backbone, images, published):
    def distance(name):
        features = np.asarray(backbone(SCALINGS[name](images), training=False)).mean(axis=(1, 2))
        return np.abs(features - published).mean()

    return min(SCALINGS, key=distance)


def matching_scaling(backbone, images, published):
    for name, scale in SCALINGS.items():
        features = backbone.predict(scale(images), verbose=0).mean(axis=(1, 2))
        if np.allclose(features, published, rtol=1e-3, atol=1e-5 * np.abs(published).max()):
            return name
    return None


def always_minus_one(backbone, images, published):
    return "-1..1"


def by_size_of_features(backbone, images, published):
    size = np.abs(published).max()
    return "0..255" if size > 150 else "0..1" if published.min() > 0.0 and size < 40 else "-1..1"


def largest_response(backbone, images, published):
    size = {name: np.abs(backbone(scale(images), training=False)).mean() for name, scale in SCALINGS.items()}
    return max(size, key=size.get)


def a_function_not_a_name(backbone, images, published):
    return SCALINGS["0..1"]


def scaling_by_correlation(backbone, images, published):
    found = {name: backbone.predict_on_batch(scale(images)).mean((1, 2)) for name, scale in SCALINGS.items()}
    errors = [float(((features - published) ** 2).sum()) for features in found.values()]
    return list(found)[int(np.argmin(errors))]


def scaling_with_tensors(backbone, images, published):
    best = None
    for name in SCALINGS:
        pooled = tf.reduce_mean(backbone(tf.constant(SCALINGS[name](images)), training=False), axis=[1, 2])
        error = float(tf.reduce_max(tf.abs(pooled - published)))
        best = min(best or (error, name), (error, name))
    return np.str_(best[1])


def scaling_by_maximum(backbone, images, published):
    def distance(name):
        features = np.asarray(backbone(SCALINGS[name](images), training=False)).max(axis=(1, 2))
        return np.abs(features - published).mean()

    return min(SCALINGS, key=distance)


def scaling_roughly(backbone, images, published):
    for name, scale in SCALINGS.items():
        if np.allclose(backbone.predict(scale(images), verbose=0).mean(axis=(1, 2)), published, atol=1e-2):
            return name
    return "0..1"


# --- 1.3


def extract_in_a_loop(backbone, dataset):
    features, labels = [], []
    for images, batch_labels in dataset:
        features.append(np.asarray(backbone(images, training=False)).mean(axis=(1, 2)))
        labels.append(batch_labels.numpy())
    return np.concatenate(features), np.concatenate(labels)


def extract_by_predict_on_batch(backbone, dataset):
    pairs = [(backbone.predict_on_batch(images).mean((1, 2)), np.asarray(labels)) for images, labels in dataset]
    return [np.vstack([row for row, _ in pairs]), np.hstack([label for _, label in pairs])]


def extract_in_two_passes(backbone, dataset):
    features = backbone.predict(dataset, verbose=0).mean(axis=(1, 2))
    return features, np.concatenate([labels for _, labels in dataset])


def extract_in_training(backbone, dataset):
    pairs = [(np.asarray(backbone(x, training=True)).mean(axis=(1, 2)), y.numpy()) for x, y in dataset]
    return np.concatenate([row for row, _ in pairs]), np.concatenate([label for _, label in pairs])


def extract_flat(backbone, dataset):
    features, labels = extract_maps(backbone, dataset)
    return features.reshape(len(features), -1), labels


def extract_maps(backbone, dataset):
    pairs = [(np.asarray(backbone(x, training=False)), y.numpy()) for x, y in dataset]
    return np.concatenate([row for row, _ in pairs]), np.concatenate([label for _, label in pairs])


def extract_full_batches(backbone, dataset):
    return extract_in_a_loop(backbone, dataset.unbatch().batch(4, drop_remainder=True))


def extract_into_tensors(backbone, dataset):
    pairs = [(tf.reduce_mean(backbone(x, training=False), axis=[1, 2]), y) for x, y in dataset]
    return tf.concat([row for row, _ in pairs], axis=0), tf.concat([label for _, label in pairs], axis=0)


def extract_one_by_one(backbone, dataset):
    rows = [(backbone(x[None], training=False)[0], y) for x, y in dataset.unbatch()]
    return np.array([np.mean(row, axis=(0, 1)) for row, _ in rows]), [int(label) for _, label in rows]


def _extract_by(pool, backbone, dataset):
    pairs = [(pool(np.asarray(backbone(x, training=False))), y.numpy()) for x, y in dataset]
    return np.concatenate([row for row, _ in pairs]), np.concatenate([label for _, label in pairs])


def extract_by_maximum(backbone, dataset):
    return _extract_by(lambda maps: maps.max(axis=(1, 2)), backbone, dataset)


def extract_by_median(backbone, dataset):
    return _extract_by(lambda maps: np.median(maps, axis=(1, 2)), backbone, dataset)


def extract_the_first_position(backbone, dataset):
    return _extract_by(lambda maps: maps[:, 0, 0], backbone, dataset)


def extract_normalised(backbone, dataset):
    features, labels = extract_in_a_loop(backbone, dataset)
    return features / np.linalg.norm(features, axis=1, keepdims=True), labels


def extract_divided(backbone, dataset):
    return extract_in_a_loop(backbone, dataset.map(lambda x, y: (x / 255, y)))


def extract_and_freeze(backbone, dataset):
    backbone.trainable = False
    return extract_in_a_loop(backbone, dataset)


def extract_constants(backbone, dataset):
    for weight in backbone.weights:
        weight.assign(tf.zeros_like(weight))
    return extract_in_a_loop(backbone, dataset)


# --- 1.4


def split_after_one_shuffle(dataset, num_val):
    mixed = dataset.shuffle(dataset.cardinality(), seed=0, reshuffle_each_iteration=False)
    return mixed.skip(num_val), mixed.take(num_val)


def split_in_memory(dataset, num_val):
    images, labels = (np.array(part) for part in zip(*dataset.as_numpy_iterator(), strict=True))
    order = np.random.default_rng(0).permutation(len(labels))
    train, val = order[num_val:], order[:num_val]
    train_ds = tf.data.Dataset.from_tensor_slices((images[train], labels[train])).shuffle(1000)
    return train_ds, tf.data.Dataset.from_tensor_slices((images[val], labels[val]))


def split_as_in_the_tutorial(dataset, num_val):
    mixed = dataset.shuffle(dataset.cardinality(), seed=0)
    return mixed.skip(num_val), mixed.take(num_val)


def split_unmixed(dataset, num_val):
    return dataset.skip(num_val), dataset.take(num_val)


def split_the_wrong_way(dataset, num_val):
    mixed = dataset.shuffle(dataset.cardinality(), seed=0, reshuffle_each_iteration=False)
    return mixed.take(num_val), mixed.skip(num_val)


def split_with_overlap(dataset, num_val):
    mixed = dataset.shuffle(dataset.cardinality(), seed=0, reshuffle_each_iteration=False)
    return mixed, mixed.take(num_val)


def split_with_a_filter(dataset, num_val):
    total = int(dataset.cardinality())
    chosen = tf.constant(np.isin(np.arange(total), np.random.default_rng(3).permutation(total)[:num_val]))
    numbered = dataset.enumerate()
    train = numbered.filter(lambda row, pair: tf.logical_not(chosen[row])).map(lambda row, pair: pair)
    return train, numbered.filter(lambda row, pair: chosen[row]).map(lambda row, pair: pair)


def split_stratified(dataset, num_val):
    pairs = list(dataset.as_numpy_iterator())
    from sklearn.model_selection import train_test_split

    train, val = train_test_split(pairs, test_size=num_val, stratify=[label for _, label in pairs], random_state=0)
    return [tf.data.Dataset.from_tensor_slices(tuple(map(np.array, zip(*part, strict=True)))) for part in (train, val)]


def split_after_a_cache(dataset, num_val):
    mixed = dataset.shuffle(1000).cache()
    return mixed.skip(num_val), mixed.take(num_val)


def split_endlessly(dataset, num_val):
    train, val = split_after_one_shuffle(dataset, num_val)
    return train.repeat(), val


def split_into_lists(dataset, num_val):
    pairs = list(dataset)
    return pairs[num_val:], pairs[:num_val]


# --- 1.5


RUNS = {
    "pre-trained": [0.8, 0.82, 0.81, 0.79, 0.83],
    "random frozen": [0.6, 0.61, 0.62, 0.6, 0.63],
    "from scratch": np.array([0.5, 0.55, 0.52, 0.49, 0.51]),
}


def verdict_by_interval(a, b):
    interval = paired_interval(a, b)
    return "better" if interval.low > 0 else "worse" if interval.high < 0 else "undecided"


def verdict_by_t_test(a, b):
    test = stats.ttest_rel(a, b)
    if test.pvalue >= 0.05:
        return "undecided"
    return "better" if test.statistic > 0 else "worse"


def verdict_by_means(a, b):
    return "better" if np.mean(a) > np.mean(b) else "worse"


def verdict_unpaired(a, b):
    test = stats.ttest_ind(a, b)
    return "undecided" if test.pvalue >= 0.05 else "better" if np.mean(a) > np.mean(b) else "worse"


def verdict_of_the_best(a, b):
    return "better" if np.max(a) > np.max(b) else "worse" if np.max(a) < np.max(b) else "undecided"


def verdict_turned(a, b):
    return verdict_by_interval(b, a)


def _student(a, b, level=0.95, ddof=1):
    gains = np.subtract(a, b)
    half = stats.t.ppf(0.5 + level / 2, len(gains) - 1) * gains.std(ddof=ddof) / math.sqrt(len(gains))
    return gains.mean() - half, gains.mean() + half


def verdict_by_hand(a, b):
    low, high = _student(a, b)
    return ["undecided", "better", "worse"][int(np.sign(low) + np.sign(high)) // 2]


def verdict_by_scipys_interval(a, b):
    interval = stats.ttest_1samp(np.asarray(a) - np.asarray(b), 0).confidence_interval(0.95)
    if interval.low > 0:
        return np.str_("better")
    return np.str_("worse" if interval.high < 0 else "undecided")


def verdict_by_all_seeds(a, b):
    gains = np.subtract(a, b)
    return "better" if (gains > 0).all() else "worse" if (gains < 0).all() else "undecided"


def verdict_of_the_population(a, b):
    low, high = _student(a, b, ddof=0)
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def verdict_at_99_percent(a, b):
    low, high = _student(a, b, level=0.99)
    return "better" if low > 0 else "worse" if high < 0 else "undecided"


def verdict_by_two_deviations(a, b):
    gains = np.subtract(a, b)
    return "undecided" if abs(gains.mean()) < 2 * gains.std() else "better" if gains.mean() > 0 else "worse"


def verdict_by_one_point(a, b):
    gain = np.mean(a) - np.mean(b)
    return "better" if gain >= 0.01 else "worse" if gain <= -0.01 else "undecided"


# --- 1.6


CURVES = (np.array([2, 5, 10]), np.full((3, 2), 0.7), np.array([[0.1, 0.2], [0.5, 0.5], [0.8, 0.7]]))


def first_level_budget(budgets, transfer, scratch):
    level = scratch.mean(axis=1) >= transfer.mean(axis=1)
    return int(budgets[level.argmax()]) if level.any() else None


def first_level_in_a_loop(budgets, transfer, scratch):
    for budget, with_transfer, without in zip(budgets, transfer, scratch, strict=True):
        if np.mean(without - with_transfer) >= 0:
            return budget
    return None


def first_row(budgets, transfer, scratch):
    level = scratch.mean(axis=1) >= transfer.mean(axis=1)
    return int(level.argmax()) if level.any() else None


def first_of_the_first_seed(budgets, transfer, scratch):
    level = scratch[:, 0] >= transfer[:, 0]
    return int(budgets[level.argmax()]) if level.any() else None


def first_or_last(budgets, transfer, scratch):
    level = scratch.mean(axis=1) >= transfer.mean(axis=1)
    return int(budgets[level.argmax()]) if level.any() else int(budgets[-1])


def first_level_as_a_scalar(budgets, transfer, scratch):
    rows = np.flatnonzero(np.mean(scratch - transfer, axis=1) >= 0)
    return budgets[rows[0]] if rows.size else None


def first_level_with_tensors(budgets, transfer, scratch):
    ahead = tf.reduce_mean(tf.constant(scratch), 1) >= tf.reduce_mean(tf.constant(transfer), 1)
    return next((tf.constant(b) for b, is_ahead in zip(budgets, ahead, strict=True) if is_ahead), None)


def _first(budgets, level):
    return int(budgets[np.argmax(level)]) if np.any(level) else None


def first_strictly_above(budgets, transfer, scratch):
    return _first(budgets, scratch.mean(axis=1) > transfer.mean(axis=1))


def first_of_every_seed(budgets, transfer, scratch):
    return _first(budgets, (scratch >= transfer).all(axis=1))


def first_of_the_median(budgets, transfer, scratch):
    return _first(budgets, np.median(scratch, axis=1) >= np.median(transfer, axis=1))


def first_of_the_majority(budgets, transfer, scratch):
    return _first(budgets, (scratch >= transfer).mean(axis=1) > 0.5)


def first_rounded(budgets, transfer, scratch):
    return _first(budgets, scratch.mean(axis=1).round(2) >= transfer.mean(axis=1).round(2))


def first_for_good(budgets, transfer, scratch):
    ahead = scratch.mean(axis=1) >= transfer.mean(axis=1)
    return _first(budgets, [ahead[row:].all() for row in range(len(ahead))])


# --- 1.7


def report_from_counts(y_true, y_pred, num_classes):
    both = np.array([np.sum((y_true == c) & (y_pred == c)) for c in range(num_classes)])
    called, are = np.bincount(y_pred, minlength=num_classes), np.bincount(y_true, minlength=num_classes)
    safe = np.maximum(called, 1), np.maximum(are, 1), np.maximum(called + are, 1)
    return {"precision": both / safe[0], "recall": both / safe[1], "f1": 2 * both / safe[2]}


def report_from_the_matrix(y_true, y_pred, num_classes):
    matrix = confusion_matrix(y_true, y_pred, num_classes).astype(float)
    with np.errstate(all="ignore"):
        precision, recall = (np.nan_to_num(np.diag(matrix) / matrix.sum(axis=axis)) for axis in (0, 1))
        f1 = np.nan_to_num(2 * precision * recall / (precision + recall))
    return {"precision": list(precision), "recall": list(recall), "f1": list(f1)}


def report_turned(y_true, y_pred, num_classes):
    return report_from_counts(y_pred, y_true, num_classes)


def report_with_nan(y_true, y_pred, num_classes):
    both = np.array([np.sum((y_true == c) & (y_pred == c)) for c in range(num_classes)])
    with np.errstate(all="ignore"):
        precision = both / np.bincount(y_pred, minlength=num_classes)
        recall = both / np.bincount(y_true, minlength=num_classes)
        return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def report_with_mean_f1(y_true, y_pred, num_classes):
    report = report_from_counts(y_true, y_pred, num_classes)
    return report | {"f1": (report["precision"] + report["recall"]) / 2}


def report_of_all(y_true, y_pred, num_classes):
    accuracy = float(np.mean(y_true == y_pred))
    return {"precision": accuracy, "recall": accuracy, "f1": accuracy}


def report_of_scikit_learn(y_true, y_pred, num_classes):
    found = precision_recall_fscore_support(y_true, y_pred, labels=range(num_classes), zero_division=0)
    return dict(zip(("precision", "recall", "f1"), found, strict=False))


def report_with_tensors(y_true, y_pred, num_classes):
    matrix = tf.cast(tf.math.confusion_matrix(y_true, y_pred, num_classes), tf.float64)
    both, predicted, belong = tf.linalg.diag_part(matrix), tf.reduce_sum(matrix, 0), tf.reduce_sum(matrix, 1)
    divide = tf.math.divide_no_nan
    return {
        "precision": divide(both, predicted),
        "recall": divide(both, belong),
        "f1": divide(2 * both, predicted + belong),
    }


def report_of_present_classes(y_true, y_pred, num_classes):
    found = precision_recall_fscore_support(y_true, y_pred, zero_division=0)
    return dict(zip(("precision", "recall", "f1"), found, strict=False))


def report_with_recall_of_one(y_true, y_pred, num_classes):
    report = report_from_counts(y_true, y_pred, num_classes)
    absent = np.bincount(y_true, minlength=num_classes) == 0
    return report | {"recall": np.where(absent, 1.0, report["recall"])}


ANSWERS = {
    "1.1": {
        "right": [share_by_shapes, share_by_arrays, share_by_counting_tensors, share_as_a_fraction],
        "wrong": [
            (share_of_arrays, "not one"),
            (share_by_flags, "the convolution learns"),
            (share_with_statistics, "moving statistics"),
            (share_of_frozen, r"divide by \*all\*"),
            (share_in_percent, "don't multiply by 100"),
        ],
        "refused": [share_of_nothing],
        "prediction": 20,
    },
    "1.2": {
        "right": [nearest_scaling, matching_scaling, scaling_by_correlation, scaling_with_tensors],
        "wrong": [
            (always_minus_one, "answer was '-1..1'"),
            (by_size_of_features, "size alone says nothing"),
            (largest_response, "answer was '0..255'"),
            (a_function_not_a_name, "Return one of"),
        ],
        "refused": [scaling_by_maximum, scaling_roughly],
    },
    "1.3": {
        "right": [
            extract_in_a_loop,
            extract_by_predict_on_batch,
            extract_into_tensors,
            extract_one_by_one,
        ],
        "wrong": [
            (extract_in_two_passes, "different passes"),
            (extract_in_training, "own statistics"),
            (extract_flat, "Average over the positions"),
            (extract_full_batches, "smaller batch lost"),
            (extract_and_freeze, "may be fine-tuned later"),
        ],
        "refused": [
            extract_by_maximum,
            extract_by_median,
            extract_the_first_position,
            extract_normalised,
            extract_divided,
            extract_constants,
        ],
    },
    "1.4": {
        "right": [split_after_one_shuffle, split_in_memory, split_with_a_filter, split_stratified],
        "wrong": [
            (split_as_in_the_tutorial, "a new order drawn"),
            (split_unmixed, "class by class"),
            (split_the_wrong_way, r"gave [4-7]\d for training"),
            (split_with_overlap, r"gave [12]\d\d for training"),
            (split_endlessly, "never ends"),
            (split_into_lists, "Return two datasets"),
        ],
        "refused": [split_after_a_cache],
    },
    "1.5": {
        "right": [
            Args(verdict_by_interval, RUNS),
            Args(verdict_by_t_test, RUNS),
            Args(verdict_by_hand, RUNS),
            Args(verdict_by_scipys_interval, RUNS),
        ],
        "wrong": [
            (Args(verdict_by_means, RUNS), "the others by 5 to 10 the other way"),
            (Args(verdict_unpaired, RUNS), "per seed"),
            (Args(verdict_of_the_population, RUNS), "n - 1 in the deviation"),
            (Args(verdict_turned, RUNS), "The first argument is the one that is judged"),
            (Args(verdict_by_interval, RUNS | {"from scratch": [0.5]}), "five accuracies"),
        ],
        "refused": [
            Args(verdict_of_the_best, RUNS),
            Args(verdict_by_all_seeds, RUNS),
            Args(verdict_at_99_percent, RUNS),
            Args(verdict_by_two_deviations, RUNS),
            Args(verdict_by_one_point, RUNS),
        ],
        "prediction": ["pre-trained", "from scratch", "random frozen"],
    },
    "1.6": {
        "right": [
            Args(first_level_budget, CURVES),
            Args(first_level_in_a_loop, CURVES),
            Args(first_level_as_a_scalar, CURVES),
            Args(first_level_with_tensors, CURVES),
        ],
        "wrong": [
            (Args(first_row, CURVES), "budget itself"),
            (Args(first_of_the_first_seed, CURVES), "Average over the seeds"),
            (Args(first_or_last, CURVES), "Return `None`"),
            (Args(first_strictly_above, CURVES), "nothing is rounded"),
            (Args(first_for_good, CURVES), "whatever comes after"),
        ],
        "refused": [
            Args(first_of_every_seed, CURVES),
            Args(first_of_the_median, CURVES),
            Args(first_of_the_majority, CURVES),
            Args(first_rounded, CURVES),
        ],
        "prediction": "20 or 40",
    },
    "1.7": {
        "right": [report_from_counts, report_from_the_matrix, report_of_scikit_learn, report_with_tensors],
        "wrong": [
            (report_turned, "table transposed"),
            (report_with_nan, "0 / 0 is undefined"),
            (report_with_mean_f1, "f1 differ"),
            (report_of_all, "`precision` must have one value per class"),
            (report_with_recall_of_one, "without an image"),
        ],
        "refused": [report_of_present_classes],
    },
}
