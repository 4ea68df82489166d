"""Right and wrong answers to the exercises of lesson 0: each wrong one stands for a misconception."""

import heapq
import math
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scipy import special, stats

from tlkit.checks.testing import Args
from tlkit.measure.intervals import Interval

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


def epoch_by_index(history):
    values = list(history["val_accuracy"])
    return np.int32(values.index(max(values)) + 1)


def epoch_as_a_tensor(history):
    return keras.ops.argmax(keras.ops.array(history["val_accuracy"])) + 1


def epoch_of_the_first_fall(history):
    values = history["val_accuracy"]
    return next((i for i in range(1, len(values)) if values[i] < values[i - 1]), len(values))


def epoch_with_patience(history):
    values, best = history["val_accuracy"], 0
    for i, value in enumerate(values):
        if value > values[best]:
            best = i
        elif i - best >= 2:
            break
    return best + 1


def epoch_of_rounded(history):
    return int(np.argmax(np.round(history["val_accuracy"], 2))) + 1


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


def ask_by_dtype_kind(network, picture):
    batch = np.asarray(picture, "float64")[np.newaxis]
    return list(network.predict_on_batch(batch * (1 if np.issubdtype(picture.dtype, np.integer) else 255))[0])


def ask_with_tensors(network, picture):
    image = tf.image.convert_image_dtype(picture, tf.float32)
    return tf.squeeze(network(tf.expand_dims(255.0 * image, 0), training=False), 0)


def ask_scaling_doubles_only(network, picture):
    return network((picture * 255.0 if picture.dtype == np.float64 else picture)[None])[0]


def ask_with_turned_channels(network, picture):
    pixels = picture if picture.dtype == np.uint8 else picture * 255
    return network(pixels[None, ..., ::-1] if picture.dtype != np.uint8 else pixels[None])[0]


def ask_and_freeze(network, picture):
    network.trainable = False
    return ask_by_call(network, picture)


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


def softmax_row_by_row(logits):
    rows = [[math.exp(x - max(row)) for x in row] for row in np.atleast_2d(logits).tolist()]
    return np.reshape([[x / sum(row) for x in row] for row in rows], np.shape(logits))


def softmax_less_the_mean(logits):
    powers = np.exp(logits - logits.mean(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_less_the_median(logits):
    powers = np.exp(logits - np.median(logits, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_less_the_first(logits):
    powers = np.exp(logits - logits[..., :1])
    return powers / powers.sum(axis=-1, keepdims=True)


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


class Guess(NamedTuple):
    name: str
    share: float


def names_as_named_tuples(probabilities, names, k):
    guesses = [Guess(name, share) for name, share in zip(names, probabilities, strict=True)]
    return sorted(guesses, key=lambda guess: -guess.share)[:k]


def names_from_a_heap(probabilities, names, k):
    pairs = heapq.nlargest(k, zip(probabilities, names, strict=True))
    return [[name, Fraction(float(share))] for share, name in pairs]


def names_by_text(probabilities, names, k):
    return sorted(zip(names, probabilities, strict=True), key=lambda pair: str(pair[1]), reverse=True)[:k]


def names_rounded(probabilities, names, k):
    return [(name, round(float(share), 2)) for name, share in names_by_argsort(probabilities, names, k)]


def names_without_numbers(probabilities, names, k):
    return [(name, math.nan) for name, _ in names_by_argsort(probabilities, names, k)]


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


def refuse_with_objects(probabilities, names, at_least):
    best = np.array(names, object)[probabilities.argmax(axis=1)]
    best[probabilities.max(axis=1) < at_least] = "unknown"
    return best


def refuse_as_a_tensor(probabilities, names, at_least):
    best = tf.gather(tf.constant(names), tf.argmax(probabilities, axis=1))
    return tf.where(tf.reduce_max(probabilities, axis=1) >= at_least, best, "unknown")


def refuse_with_a_margin(probabilities, names, at_least):
    return refuse_row_by_row(probabilities, names, at_least - 0.05)


def refuse_below_a_half(probabilities, names, at_least):
    return refuse_row_by_row(probabilities, names, max(at_least, 0.5))


def refuse_rounded(probabilities, names, at_least):
    return refuse_row_by_row(np.round(probabilities, 2), names, round(at_least, 2))


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


def interval_object_of_scipy(right):
    return stats.binomtest(int(sum(right)), len(right)).proportion_ci(method="wilson")


def interval_as_a_tensor(right):
    return tf.constant(interval_of_wilson(right))


def interval_of_this_kit(right):
    low, high = interval_of_wilson(right)
    return Interval(float(np.mean(right)), low, high, 0.95, len(right))


def interval_of_bayes(right):
    return stats.beta.ppf([0.025, 0.975], np.sum(right) + 0.5, np.sum(~np.asarray(right)) + 0.5)


def interval_of_99_percent(right):
    return stats.binomtest(int(sum(right)), len(right)).proportion_ci(0.99, method="wilson")


def interval_of_99_99_percent(right):
    return stats.binomtest(int(sum(right)), len(right)).proportion_ci(0.9999, method="exact")


def interval_of_hoeffding(right):
    half = math.sqrt(math.log(2 / 0.05) / (2 * len(right)))
    return max(0.0, np.mean(right) - half), min(1.0, np.mean(right) + half)


def interval_of_one_over_the_root(right):
    half = 1 / math.sqrt(len(right))
    return max(0.0, np.mean(right) - half), min(1.0, np.mean(right) + half)


def interval_three_times_too_wide(right):
    low, high = interval_of_wilson(right)
    return max(0.0, 2 * low - high), min(1.0, 2 * high - low)


def interval_of_nan(right):
    return math.nan, math.nan


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


def seconds_as_a_fraction(num_images, batch_size, epochs, first, later):
    steps = epochs * (num_images // batch_size + (num_images % batch_size > 0))
    return Fraction(first) + (steps - 1) * Fraction(later)


def seconds_in_decimals(num_images, batch_size, epochs, first, later):
    steps = len(range(0, num_images, batch_size)) * epochs
    return Decimal(str(first)) + (steps - 1) * Decimal(str(later))


def seconds_across_epochs(num_images, batch_size, epochs, first, later):
    return first + (math.ceil(num_images * epochs / batch_size) - 1) * later


def seconds_with_one_batch_more(num_images, batch_size, epochs, first, later):
    return first + ((num_images // batch_size + 1) * epochs - 1) * later


ANSWERS = {
    "0.1": {
        "right": [
            Args(epoch_by_argmax, FINALS),
            Args(epoch_in_a_loop, FINALS),
            Args(epoch_by_index, FINALS),
            Args(epoch_as_a_tensor, FINALS),
        ],
        "wrong": [
            (Args(epoch_from_zero, FINALS), "counts from 0"),
            (Args(epoch_of_training, FINALS), "by heart"),
            (Args(epoch_of_smallest_loss, FINALS), "smallest validation loss"),
            (Args(last_of_the_best, FINALS), "cheaper"),
            (Args(epoch_of_the_first_fall, FINALS), "look at the whole curve"),
            (Args(epoch_of_rounded, FINALS), "don't round"),
            (Args(epoch_by_argmax, {"head": 0.64}), "as measured"),
        ],
        "refused": [Args(epoch_with_patience, FINALS)],
        "prediction": "better",
    },
    "0.2": {
        "right": [ask_by_call, ask_by_predict, ask_by_dtype_kind, ask_with_tensors],
        "wrong": [
            (ask_without_batch, "Your code raised ValueError"),
            (ask_for_a_batch, r"shape \(1, [2-6]\)"),
            (ask_divided, r"must stay in \[0, 255\]"),
            (ask_unscaled, "float(32|64) picture .* not multiplied by 255"),
            (ask_scaling_doubles_only, "float32 picture"),
            (ask_with_turned_channels, "channels, the axes or the values"),
            (ask_and_freeze, "changed which layers"),
            (ask_by_the_largest_value, "largest value says nothing"),
            (ask_in_training, "dropout is at work"),
        ],
    },
    "0.3": {
        "right": [softmax_stable, softmax_by_log_sum, softmax_of_keras, softmax_row_by_row],
        "wrong": [
            (softmax_plain, r"exp\(1000\) overflows"),
            (softmax_over_everything, r"sum to \[.*\b0\.0\b.*\]"),
            (softmax_with_one_maximum, r"sum to \[.*nan"),
            (sigmoid, "divide by their sum"),
            (shares_of_the_sum, "negative logit"),
        ],
        "refused": [softmax_less_the_mean, softmax_less_the_median, softmax_less_the_first],
    },
    "0.4": {
        "right": [names_by_argsort, names_by_sorting_pairs, names_as_named_tuples, names_from_a_heap],
        "wrong": [
            (names_upwards, "ascending order"),
            (names_least_likely, "The 4 most likely names|least likely first"),
            (names_torn_apart, "another name"),
            (places_not_names, "the name as a string"),
            (names_rounded, "don't round"),
            (always_five_names, "k = 1 with [4-8]"),
        ],
        "refused": [names_by_text, names_without_numbers],
    },
    "0.5": {
        "right": [
            Args(refuse_row_by_row, 0.5),
            Args(refuse_at_once, 0.5),
            Args(refuse_with_objects, 0.5),
            Args(refuse_as_a_tensor, 0.5),
        ],
        "wrong": [
            (Args(never_refuse, 0.5), "Decide for each row"),
            (Args(leave_out_the_unsure, 0.5), "as many answers"),
            (Args(refuse_at_the_edge, 0.5), "use `>=`"),
            (Args(refuse_by_the_first, 0.5), "name of each row"),
            (Args(refuse_rounded, 0.5), "no rounding"),
        ],
        "refused": [Args(refuse_all_or_none, 0.5), Args(refuse_with_a_margin, 0.5), Args(refuse_below_a_half, 0.5)],
        "prediction": 8,
    },
    "0.6": {
        "right": [
            Args(interval_of_wilson, RIGHT),
            Args(interval_of_clopper_and_pearson, RIGHT),
            Args(interval_of_agresti_and_coull, RIGHT),
            Args(interval_object_of_scipy, RIGHT),
            Args(interval_as_a_tensor, RIGHT),
            Args(interval_of_this_kit, RIGHT),
            Args(interval_of_bayes, RIGHT),
        ],
        "wrong": [
            (Args(interval_from_the_book, RIGHT), "Take another formula"),
            (Args(interval_of_one_error, RIGHT), "1.96 standard errors"),
            (Args(interval_of_99_percent, RIGHT), "another level than 95 %"),
            (Args(interval_of_deviations, RIGHT), "standard deviation, divided"),
            (Args(interval_beyond_one, RIGHT), "A share lies in"),
            (Args(a_number_for_an_interval, RIGHT), "Return two numbers"),
        ],
        "refused": [
            Args(interval_of_99_99_percent, RIGHT),
            Args(interval_of_hoeffding, RIGHT),
            Args(interval_of_one_over_the_root, RIGHT),
            Args(interval_three_times_too_wide, RIGHT),
            Args(interval_of_nan, RIGHT),
        ],
        "prediction": "5 to 10 points",
    },
    "0.7": {
        "right": [
            Args(seconds_of_all_steps, 60.0),
            Args(seconds_in_a_loop, 60.0),
            Args(seconds_as_a_fraction, Fraction(60)),
            Args(seconds_in_decimals, np.array(60)),
        ],
        "wrong": [
            (Args(seconds_rounded_down, 60.0), "still a step: round up"),
            (Args(seconds_with_a_first_each_epoch, 60.0), "later epochs don't repeat it"),
            (Args(seconds_of_images, 60.0), "a batch, not an image"),
            (Args(seconds_with_one_step_more, 60.0), "one fewer is left"),
            (Args(seconds_with_one_batch_more, 60.0), "fill their batches exactly"),
            (Args(seconds_across_epochs, 60.0), "its own, smaller batch"),
        ],
        "refused": [Args(seconds_of_first_steps, 60.0)],
        "prediction": "about the same",
    },
}
