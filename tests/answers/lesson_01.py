"""Right and wrong answers to the exercises of lesson 1: each wrong one stands for a misconception."""

import numpy as np
import tensorflow as tf
from scipy import stats

from tlkit.checks.lesson_01 import SCALINGS
from tlkit.checks.testing import Args
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


ANSWERS = {
    "1.1": {
        "right": [share_by_shapes, share_by_arrays],
        "wrong": [
            (share_of_arrays, "not one"),
            (share_by_flags, "the conv learns"),
            (share_with_statistics, "moving statistics"),
            (share_of_frozen, r"divide by \*all\*"),
        ],
        "prediction": 20,
    },
    "1.2": {
        "right": [nearest_scaling, matching_scaling],
        "wrong": [
            (always_minus_one, "was called '-1..1'"),
            (by_size_of_features, "size alone says nothing"),
            (largest_response, "was called '0..255'"),
            (a_function_not_a_name, "Return one of"),
        ],
    },
    "1.3": {
        "right": [extract_in_a_loop, extract_by_predict_on_batch],
        "wrong": [
            (extract_in_two_passes, "different passes"),
            (extract_in_training, "own statistics"),
            (extract_flat, "average over the positions"),
            (extract_full_batches, "smaller batch lost"),
        ],
    },
    "1.4": {
        "right": [split_after_one_shuffle, split_in_memory],
        "wrong": [
            (split_as_in_the_tutorial, "drawn anew"),
            (split_unmixed, "class by class"),
            (split_the_wrong_way, "gave 60 for training"),
            (split_with_overlap, "gave 200 for training"),
        ],
    },
    "1.5": {
        "right": [Args(verdict_by_interval, RUNS), Args(verdict_by_t_test, RUNS)],
        "wrong": [
            (Args(verdict_by_means, RUNS), "verdict was 'worse'. With five"),
            (Args(verdict_unpaired, RUNS), "per seed"),
            (Args(verdict_of_the_best, RUNS), "verdict was 'better'. With five"),
            (Args(verdict_turned, RUNS), "the reverse"),
            (Args(verdict_by_interval, RUNS | {"from scratch": [0.5]}), "five accuracies"),
        ],
        "prediction": ["pre-trained", "from scratch", "random frozen"],
    },
    "1.6": {
        "right": [Args(first_level_budget, CURVES), Args(first_level_in_a_loop, CURVES)],
        "wrong": [
            (Args(first_row, CURVES), "budget itself"),
            (Args(first_of_the_first_seed, CURVES), "lucky seed"),
            (Args(first_or_last, CURVES), "Return `None`"),
        ],
        "prediction": "20 or 40",
    },
    "1.7": {
        "right": [report_from_counts, report_from_the_matrix],
        "wrong": [
            (report_turned, "table turned"),
            (report_with_nan, "0 of 0"),
            (report_with_mean_f1, "f1 differ"),
            (report_of_all, "one value a class"),
        ],
    },
}
