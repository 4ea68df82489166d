"""Right and wrong answers to the exercises of lesson 0: each wrong one stands for a misconception."""

import math

import keras
import numpy as np
from scipy import special, stats

from tlkit.checks.testing import Args

# --- 0.1

FINALS = {"head": 0.64, "everything": 0.1}


def epoch_by_argmax(history):
    return int(np.argmax(history["val_accuracy"])) + 1


def epoch_in_a_loop(history):
    best, best_epoch = -1.0, 0
    for epoch, value in enumerate(history["val_accuracy"], 1):
        if value > best:
            best, best_epoch = value, epoch
    return best_epoch


def epoch_from_zero(history):
    return int(np.argmax(history["val_accuracy"]))


def epoch_of_training(history):
    return int(np.argmax(history["accuracy"])) + 1


def epoch_of_smallest_loss(history):
    return int(np.argmin(history["val_loss"])) + 1


def last_of_the_best(history):
    values = history["val_accuracy"]
    return max(range(1, len(values) + 1), key=lambda epoch: (values[epoch - 1], epoch))


# --- 0.2


def ask_by_call(network, picture):
    pixels = picture if picture.dtype == np.uint8 else picture * 255
    return network(pixels[None].astype("float32"), training=False)[0]


def ask_by_predict(network, picture):
    if picture.dtype.kind == "f":
        picture = 255 * picture
    return network.predict(np.expand_dims(picture, 0), verbose=0).ravel()


def ask_without_batch(network, picture):
    return network(picture)


def ask_for_a_batch(network, picture):
    return np.asarray(network(np.array([picture if picture.dtype == np.uint8 else 255 * picture])))


def ask_divided(network, picture):
    return network((picture / 255 if picture.dtype == np.uint8 else picture)[None])[0]


def ask_unscaled(network, picture):
    return network(picture[None])[0]


def ask_by_the_largest_value(network, picture):
    return network((picture * 255.0 if picture.max() <= 1 else picture)[None])[0]


def ask_in_training(network, picture):
    pixels = picture if picture.dtype == np.uint8 else picture * 255
    return network(pixels[None].astype("float32"), training=True)[0]


# --- 0.3


def softmax_stable(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_by_log_sum(logits):
    return np.exp(logits - special.logsumexp(logits, axis=-1, keepdims=True))


def softmax_of_keras(logits):
    return keras.ops.softmax(logits)


def softmax_plain(logits):
    return np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)


def softmax_over_everything(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def softmax_with_one_maximum(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(logits):
    return special.expit(logits)


def shares_of_the_sum(logits):
    positive = logits - logits.min(axis=-1, keepdims=True)
    return positive / positive.sum(axis=-1, keepdims=True)


# --- 0.4


def names_by_argsort(probabilities, names, k):
    return [(names[i], float(probabilities[i])) for i in np.argsort(probabilities)[::-1][:k]]


def names_by_sorting_pairs(probabilities, names, k):
    return sorted(zip(names, probabilities, strict=True), key=lambda pair: pair[1], reverse=True)[:k]


def names_upwards(probabilities, names, k):
    return [(names[i], probabilities[i]) for i in np.argsort(probabilities)[-k:]]


def names_least_likely(probabilities, names, k):
    return [(names[i], probabilities[i]) for i in np.argsort(probabilities)[:k]]


def names_torn_apart(probabilities, names, k):
    order = np.argsort(probabilities)[::-1][:k]
    return [(names[i], probability) for i, probability in zip(order, np.sort(probabilities), strict=False)]


def places_not_names(probabilities, names, k):
    return [(int(i), probabilities[i]) for i in np.argsort(probabilities)[::-1][:k]]


def always_five_names(probabilities, names, k):
    return names_by_argsort(probabilities, names, 5)


# --- 0.5


def refuse_row_by_row(probabilities, names, at_least):
    return [names[row.argmax()] if row.max() >= at_least else "unknown" for row in probabilities]


def refuse_at_once(probabilities, names, at_least):
    best = np.array(names)[probabilities.argmax(axis=1)]
    return np.where(probabilities.max(axis=1) >= at_least, best, "unknown")


def never_refuse(probabilities, names, at_least):
    return [names[row.argmax()] for row in probabilities]


def refuse_all_or_none(probabilities, names, at_least):
    sure = probabilities.max(axis=1).mean() >= at_least
    return [names[row.argmax()] if sure else "unknown" for row in probabilities]


def leave_out_the_unsure(probabilities, names, at_least):
    return [names[row.argmax()] for row in probabilities if row.max() >= at_least]


def refuse_at_the_edge(probabilities, names, at_least):
    return [names[row.argmax()] if row.max() > at_least else "unknown" for row in probabilities]


def refuse_by_the_first(probabilities, names, at_least):
    return [names[row.argmax()] if row[0] >= at_least else "unknown" for row in probabilities]


# --- 0.6

RIGHT = np.arange(130) < 83


def interval_of_wilson(right):
    interval = stats.binomtest(int(sum(right)), len(right)).proportion_ci(method="wilson")
    return interval.low, interval.high


def interval_of_clopper_and_pearson(right):
    num, total = int(np.sum(right)), len(right)
    low = stats.beta.ppf(0.025, num, total - num + 1) if num else 0.0
    return [low, stats.beta.ppf(0.975, num + 1, total - num) if num < total else 1.0]


def interval_of_agresti_and_coull(right):
    total = len(right) + 4
    share = (np.sum(right) + 2) / total
    half = 1.96 * math.sqrt(share * (1 - share) / total)
    return np.clip([share - half, share + half], 0, 1)


def interval_from_the_book(right):
    share = np.mean(right)
    half = 1.96 * math.sqrt(share * (1 - share) / len(right))
    return max(0.0, share - half), min(1.0, share + half)


def interval_of_one_error(right):
    interval = stats.binomtest(int(sum(right)), len(right)).proportion_ci(0.68, method="wilson")
    return interval.low, interval.high


def interval_of_deviations(right):
    share = (np.sum(right) + 2) / (len(right) + 4)
    half = 1.96 * math.sqrt(share * (1 - share))
    return max(0.0, share - half), min(1.0, share + half)


def interval_beyond_one(right):
    total = len(right) + 4
    share = (np.sum(right) + 2) / total
    half = 1.96 * math.sqrt(share * (1 - share) / total)
    return share - half, share + half


def a_number_for_an_interval(right):
    return float(np.mean(right))


# --- 0.7


def seconds_of_all_steps(num_images, batch_size, epochs, first, later):
    return first + (math.ceil(num_images / batch_size) * epochs - 1) * later


def seconds_in_a_loop(num_images, batch_size, epochs, first, later):
    seconds = 0.0
    for epoch in range(epochs):
        for start in range(0, num_images, batch_size):
            seconds += first if epoch == start == 0 else later
    return seconds


def seconds_rounded_down(num_images, batch_size, epochs, first, later):
    return first + (num_images // batch_size * epochs - 1) * later


def seconds_with_a_first_each_epoch(num_images, batch_size, epochs, first, later):
    return epochs * (first + (math.ceil(num_images / batch_size) - 1) * later)


def seconds_of_first_steps(num_images, batch_size, epochs, first, later):
    return math.ceil(num_images / batch_size) * epochs * first


def seconds_of_images(num_images, batch_size, epochs, first, later):
    return first + (num_images * epochs - 1) * later


def seconds_with_one_step_more(num_images, batch_size, epochs, first, later):
    return first + math.ceil(num_images / batch_size) * epochs * later


ANSWERS = {
    "0.1": {
        "right": [Args(epoch_by_argmax, FINALS), Args(epoch_in_a_loop, FINALS)],
        "wrong": [
            (Args(epoch_from_zero, FINALS), "counts from 0"),
            (Args(epoch_of_training, FINALS), r"Received 5\. .*by heart"),
            (Args(epoch_of_smallest_loss, FINALS), r"Received 3\. "),
            (Args(last_of_the_best, FINALS), "cheaper"),
            (Args(epoch_by_argmax, {"head": 0.64}), "as measured"),
        ],
        "prediction": "better",
    },
    "0.2": {
        "right": [ask_by_call, ask_by_predict],
        "wrong": [
            (ask_without_batch, "Your code raised ValueError"),
            (ask_for_a_batch, r"shape \(1, 3\)"),
            (ask_divided, r"must stay in \[0, 255\]"),
            (ask_unscaled, "not multiplied by 255"),
            (ask_by_the_largest_value, "largest value says nothing"),
            (ask_in_training, "dropout is at work"),
        ],
    },
    "0.3": {
        "right": [softmax_stable, softmax_by_log_sum, softmax_of_keras],
        "wrong": [
            (softmax_plain, "no number any more"),
            (softmax_over_everything, r"sum to \[0\.0, 0\.0, 0\.0, 1\.0\]"),
            (softmax_with_one_maximum, r"sum to \[nan"),
            (sigmoid, "divide by their sum"),
            (shares_of_the_sum, "negative logit"),
        ],
    },
    "0.4": {
        "right": [names_by_argsort, names_by_sorting_pairs],
        "wrong": [
            (names_upwards, "sorts upwards"),
            (names_least_likely, "Asked for the 4 likeliest"),
            (names_torn_apart, "another name"),
            (places_not_names, "the name a text"),
            (always_five_names, "k = 1 of 6"),
        ],
    },
    "0.5": {
        "right": [Args(refuse_row_by_row, 0.5), Args(refuse_at_once, 0.5)],
        "wrong": [
            (Args(never_refuse, 0.5), r"answers were \['cat', 'cup', 'cup', 'bell'\]"),
            (Args(refuse_all_or_none, 0.5), r"answers were \['unknown', 'unknown', 'unknown', 'unknown'\]"),
            (Args(leave_out_the_unsure, 0.5), "as many answers"),
            (Args(refuse_at_the_edge, 0.5), "use `>=`"),
            (Args(refuse_by_the_first, 0.5), "name of each row"),
        ],
        "prediction": 8,
    },
    "0.6": {
        "right": [
            Args(interval_of_wilson, RIGHT),
            Args(interval_of_clopper_and_pearson, RIGHT),
            Args(interval_of_agresti_and_coull, RIGHT),
        ],
        "wrong": [
            (Args(interval_from_the_book, RIGHT), "Take another formula"),
            (Args(interval_of_one_error, RIGHT), "not one"),
            (Args(interval_of_deviations, RIGHT), "standard deviation, divided"),
            (Args(interval_beyond_one, RIGHT), "A share lies in"),
            (Args(a_number_for_an_interval, RIGHT), "Return two numbers"),
        ],
        "prediction": "5 to 10 points",
    },
    "0.7": {
        "right": [Args(seconds_of_all_steps, 60.0), Args(seconds_in_a_loop, 60.0)],
        "wrong": [
            (Args(seconds_rounded_down, 60.0), "Round up"),
            (Args(seconds_with_a_first_each_epoch, 60.0), r"Received 62\.5"),
            (Args(seconds_of_first_steps, 60.0), "Received 400"),
            (Args(seconds_of_images, 60.0), r"Received 807\.5"),
            (Args(seconds_with_one_step_more, 60.0), "no later step"),
        ],
        "prediction": "about the same",
    },
}
