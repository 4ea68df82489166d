"""Right and wrong answers to the exercises of lesson 4: each wrong one stands for a misconception."""

import math
import statistics
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from tlkit.checks.testing import Args

# --- 4.1


def median_after_warm_up(seconds, num_warmup):
    timed = seconds[num_warmup:]
    return float(np.median(timed)) if len(timed) >= 5 else None


def median_by_statistics(seconds, num_warmup):
    timed = sorted(list(seconds)[num_warmup:])
    return None if len(timed) < 5 else statistics.median(timed)


def mean_after_warm_up(seconds, num_warmup):
    timed = seconds[num_warmup:]
    return float(np.mean(timed)) if len(timed) >= 5 else None


def fastest_after_warm_up(seconds, num_warmup):
    timed = seconds[num_warmup:]
    return float(np.min(timed)) if len(timed) >= 5 else None


def median_without_the_slowest(seconds, num_warmup):
    timed = np.sort(seconds)[: len(seconds) - num_warmup]
    return float(np.median(timed)) if len(timed) >= 5 else None


def upper_median(seconds, num_warmup):
    timed = sorted(seconds[num_warmup:])
    return float(timed[len(timed) // 2]) if len(timed) >= 5 else None


def median_of_any_number(seconds, num_warmup):
    return float(np.median(seconds[num_warmup:]))


def median_as_an_array(seconds, num_warmup):
    timed = np.asarray(seconds)[num_warmup:]
    return np.array(np.median(timed)) if timed.size > 4 else None


def median_as_a_tensor(seconds, num_warmup):
    timed = tf.sort(tf.constant(seconds)[num_warmup:])
    size = len(timed)
    return None if size < 5 else (timed[(size - 1) // 2] + timed[size // 2]) / 2


def median_sorted_in_place(seconds, num_warmup):
    timed = seconds[num_warmup:]
    timed.sort()
    return None if len(timed) < 5 else float((timed[(len(timed) - 1) // 2] + timed[len(timed) // 2]) / 2)


# --- 4.2


def _augmented(dataset, augment):
    return dataset.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)


def cache_then_shuffle(dataset, augment):
    return _augmented(dataset.cache().shuffle(1000).batch(8), augment).prefetch(tf.data.AUTOTUNE)


def read_into_memory(dataset, augment):
    images, labels = (np.array(part) for part in zip(*dataset.as_numpy_iterator(), strict=True))
    pairs = tf.data.Dataset.from_tensor_slices((images, labels))
    return _augmented(pairs.shuffle(len(images)).batch(8), augment)


def without_cache(dataset, augment):
    return _augmented(dataset.shuffle(1000).batch(8), augment).prefetch(2)


def cache_at_the_end(dataset, augment):
    return _augmented(dataset.shuffle(1000).batch(8), augment).cache().prefetch(2)


def shuffle_before_cache(dataset, augment):
    return _augmented(dataset.shuffle(1000).batch(8).cache(), augment)


def cache_and_drop(dataset, augment):
    return _augmented(dataset.cache().shuffle(1000).batch(8, drop_remainder=True), augment)


def cache_one_by_one(dataset, augment):
    return dataset.cache().shuffle(1000)


def cache_and_augment_one_by_one(dataset, augment):
    single = dataset.cache().shuffle(10_000, reshuffle_each_iteration=True)
    return single.map(lambda x, y: (augment(x[None], training=True)[0], y)).batch(8)


def batches_from_a_generator(dataset, augment):
    pairs = list(dataset)

    def generate():
        order = np.random.permutation(len(pairs))
        for start in range(0, len(order), 8):
            images, labels = (
                tf.stack(part) for part in zip(*(pairs[i] for i in order[start : start + 8]), strict=True)
            )
            yield augment(images, training=True), labels

    several = tuple(tf.TensorSpec([None, *one.shape], one.dtype) for one in dataset.element_spec)
    return tf.data.Dataset.from_generator(generate, output_signature=several)


def shuffle_batches(dataset, augment):
    return _augmented(dataset.cache().batch(8).shuffle(100), augment)


def shuffle_two(dataset, augment):
    return _augmented(dataset.cache().shuffle(2).batch(8), augment)


def augment_without_training(dataset, augment):
    return dataset.cache().shuffle(1000).batch(8).map(lambda x, y: (augment(x), y))


def augment_for_inference(dataset, augment):
    return dataset.cache().shuffle(1000).batch(8).map(lambda x, y: (augment(x, training=False), y))


def repeat_for_ever(dataset, augment):
    return cache_then_shuffle(dataset, augment).repeat()


def repeat_each_image(dataset, augment):
    return _augmented(dataset.cache().shuffle(1000).repeat().batch(8), augment)


# --- 4.3

RATES = {"1": 40.0, "8": 200.0, "64": 400.0}


def images_that_fit(budget, num_weights, num_learning, numbers_per_image):
    left = budget // 4 - num_weights - 3 * num_learning
    return max(0, left // numbers_per_image)


def images_tried_out(budget, num_weights, num_learning, numbers_per_image):
    images = 0
    while 4 * (num_weights + 3 * num_learning + (images + 1) * numbers_per_image) <= budget:
        images += 1
    return images


def images_beside_bare_weights(budget, num_weights, num_learning, numbers_per_image):
    return max(0, (budget - 4 * num_weights) // (4 * numbers_per_image))


def images_as_if_all_learned(budget, num_weights, num_learning, numbers_per_image):
    return max(0, (budget - 16 * num_weights) // (4 * numbers_per_image))


def images_rounded_up(budget, num_weights, num_learning, numbers_per_image):
    return max(0, math.ceil((budget - 4 * (num_weights + 3 * num_learning)) / (4 * numbers_per_image)))


def images_below_nothing(budget, num_weights, num_learning, numbers_per_image):
    return (budget - 4 * (num_weights + 3 * num_learning)) // (4 * numbers_per_image)


def images_as_a_fraction(budget, num_weights, num_learning, numbers_per_image):
    left = Fraction(budget, 4) - num_weights - 3 * num_learning
    return Fraction(max(0, math.floor(left / numbers_per_image)))


def images_as_a_tensor(budget, num_weights, num_learning, numbers_per_image):
    left = tf.constant(budget - 4 * num_weights - 12 * num_learning)
    return tf.maximum(left // (4 * numbers_per_image), 0)


def images_counted_twice(budget, num_weights, num_learning, numbers_per_image):
    return max(0, (budget - 4 * (num_weights + 4 * num_learning)) // (4 * numbers_per_image))


def images_with_a_fifth_free(budget, num_weights, num_learning, numbers_per_image):
    return images_that_fit(int(0.8 * budget), num_weights, num_learning, numbers_per_image)


# --- 4.4

BITS = {"float32": 0.1, "mixed_float16": 0.5, "mixed_bfloat16": 0.08}


def float32_then_divide(half, scale):
    if not np.isfinite(half).all():
        return None, scale / 2
    return half.astype("float32") / scale, scale


def multiply_by_the_inverse(half, scale):
    gradients = np.asarray(half, "float32") * np.float32(1 / scale)
    return (gradients, scale) if np.all(np.abs(gradients) < np.inf) else (None, scale * 0.5)


def divide_in_float16(half, scale):
    if not np.isfinite(half).all():
        return None, scale / 2
    return (half / np.float16(scale)).astype("float32"), scale


def never_divide(half, scale):
    if not np.isfinite(half).all():
        return None, scale / 2
    return half.astype("float32"), scale


def replace_overflow(half, scale):
    return np.nan_to_num(half.astype("float32"), posinf=65504, neginf=-65504) / scale, scale


def skip_at_the_same_scale(half, scale):
    return (half.astype("float32") / scale, scale) if np.isfinite(half).all() else (None, scale)


def raise_the_scale(half, scale):
    return (half.astype("float32") / scale, 2 * scale) if np.isfinite(half).all() else (None, scale / 2)


class Step(NamedTuple):
    gradients: np.ndarray | None
    scale: float


def unscaled_as_a_named_tuple(half, scale):
    if np.isinf(half).any() or np.isnan(half).any():
        return Step(None, np.float32(scale / 2))
    return Step(np.true_divide(half, scale, dtype="float32"), scale)


def unscaled_as_tensors(half, scale):
    gradients = tf.cast(half, tf.float32) / scale
    return (gradients, tf.constant(scale)) if tf.reduce_all(tf.math.is_finite(gradients)) else (None, scale / 2)


def clipped_to_one(half, scale):
    gradients, next_scale = float32_then_divide(half, scale)
    return None if gradients is None else np.clip(gradients, -1, 1), next_scale


def unscaled_in_double(half, scale):
    gradients, next_scale = float32_then_divide(half, scale)
    return None if gradients is None else gradients.astype("float64"), next_scale


def largest_is_an_overflow(half, scale):
    if not np.isfinite(half).all() or np.abs(half).max() >= 65504:
        return None, scale / 2
    return half.astype("float32") / scale, scale


# --- 4.5

XLA = {"compile": 2.0, "plain": 0.01, "compiled": 0.03}


def paid_back(compile_seconds, plain, compiled):
    gain = plain - compiled
    return math.ceil(compile_seconds / gain) if gain > 0 else None


def paid_back_by_floor(compile_seconds, plain, compiled):
    if compiled >= plain:
        return None
    return int(-(-compile_seconds // (plain - compiled)))


def paid_back_by_whole_steps(compile_seconds, plain, compiled):
    return math.ceil(compile_seconds / plain) if plain > compiled else None


def paid_back_too_early(compile_seconds, plain, compiled):
    return int(compile_seconds / (plain - compiled)) if plain > compiled else None


def paid_back_sometime(compile_seconds, plain, compiled):
    return math.ceil(compile_seconds / abs(plain - compiled)) if plain != compiled else 10**9


def paid_back_in_decimals(compile_seconds, plain, compiled):
    gain = Decimal(plain) - Decimal(compiled)
    return (Decimal(compile_seconds) / gain).to_integral_value(ROUND_CEILING) if gain > 0 else None


def paid_back_in_numpy(compile_seconds, plain, compiled):
    return np.ceil(np.float64(compile_seconds) / (plain - compiled)) if plain > compiled else None


def paid_back_within_a_thousand(compile_seconds, plain, compiled):
    steps = paid_back(compile_seconds, plain, compiled)
    return steps if steps is not None and steps <= 1000 else None


def paid_back_one_later(compile_seconds, plain, compiled):
    return math.floor(compile_seconds / (plain - compiled)) + 1 if plain > compiled else None


# --- 4.6

DEVICES = {"one device": 1.0, "two devices": 1.1}


def weighted_mean(gradients, num_images):
    return [np.average(np.stack(parts), axis=0, weights=num_images) for parts in zip(*gradients, strict=True)]


def sum_of_shares(gradients, num_images):
    total = sum(num_images)
    scaled = [[g * n / total for g in shard] for shard, n in zip(gradients, num_images, strict=True)]
    return [sum(parts[1:], start=parts[0]) for parts in zip(*scaled, strict=True)]


def sum_over_devices(gradients, num_images):
    return [np.sum(np.stack(parts), axis=0) for parts in zip(*gradients, strict=True)]


def mean_over_devices(gradients, num_images):
    return [np.mean(np.stack(parts), axis=0) for parts in zip(*gradients, strict=True)]


def first_device_only(gradients, num_images):
    return gradients[0]


def one_number_a_device(gradients, num_images):
    return [np.mean([np.mean(g) for g in shard]) for shard in gradients]


def weighted_with_tensors(gradients, num_images):
    weights = tf.constant(num_images, tf.float64) / sum(num_images)
    return [tf.tensordot(weights, tf.stack(parts), 1) for parts in zip(*gradients, strict=True)]


def sum_in_a_loop(gradients, num_images):
    combined = [np.zeros_like(part, dtype=float) for part in gradients[0]]
    for shard, count in zip(gradients, num_images, strict=True):
        for row, part in enumerate(shard):
            combined[row] += count * part / sum(num_images)
    return tuple(combined)


def weighted_in_place(gradients, num_images):
    for shard, count in zip(gradients, num_images, strict=True):
        for row in range(len(shard)):
            shard[row] *= count / sum(num_images)
    return [np.sum(parts, axis=0) for parts in zip(*gradients, strict=True)]


def without_resting_devices(gradients, num_images):
    pairs = [(shard, n) for shard, n in zip(gradients, num_images, strict=True) if np.abs(shard[0]).max() > 1e-9]
    return weighted_mean([shard for shard, _ in pairs], [n for _, n in pairs])


# --- 4.7

PROFILE = {"read": 1.0, "frozen part": 2.0, "head": 0.1}


def seconds_before_by_after(profile, factors):
    return sum(profile.values()) / sum(s / factors.get(part, 1) for part, s in profile.items())


def amdahl_by_shares(profile, factors):
    total = sum(profile.values())
    left = sum((s / total) * (1 - 1 / factors[part]) for part, s in profile.items() if part in factors)
    return 1 / (1 - left)


def product_of_factors(profile, factors):
    return math.prod(factors.values())


def mean_of_factors(profile, factors):
    total = sum(profile.values())
    return sum(s * factors.get(part, 1) for part, s in profile.items()) / total


def only_what_is_faster(profile, factors):
    return sum(profile.values()) / sum(s / max(1, factors.get(part, 1)) for part, s in profile.items())


def only_the_named_parts(profile, factors):
    return sum(profile[part] for part in factors) / sum(max(1e-12, profile[part] / f) for part, f in factors.items())


def seconds_as_fractions(profile, factors):
    exact = {part: Fraction(seconds) for part, seconds in profile.items()}
    gone = {part for part, factor in factors.items() if factor == math.inf}
    after = sum(seconds / Fraction(factors.get(part, 1)) for part, seconds in exact.items() if part not in gone)
    return sum(exact.values()) / after


def seconds_in_arrays(profile, factors):
    before = np.array(list(profile.values()))
    after = before / np.array([factors.get(part, 1.0) for part in profile])
    return np.array(before.sum() / after.sum())


def seconds_in_place(profile, factors):
    before = sum(profile.values())
    for part, factor in factors.items():
        profile[part] /= factor
    return before / sum(profile.values())


def never_slower(profile, factors):
    return max(1, seconds_before_by_after(profile, factors))


def at_most_ten(profile, factors):
    return min(10, seconds_before_by_after(profile, factors))


def the_time_that_is_left(profile, factors):
    return 1 / seconds_before_by_after(profile, factors)


# --- 4.8

ONCE = {"fit": 20.0, "kept features": 4.0}


def both_bills(once, each, epochs):
    return epochs * (once + each) / (once + epochs * each)


def both_bills_by_shares(once, each, epochs):
    share = once / (once + each)
    return 1 / (share / epochs + 1 - share)


def without_the_first_pass(once, each, epochs):
    return (once + each) / each


def without_the_rest(once, each, epochs):
    return epochs * (once + each) / (once + each)


def turned(once, each, epochs):
    return (once + epochs * each) / (epochs * (once + each))


def both_bills_as_a_fraction(once, each, epochs):
    once, each = Fraction(once), Fraction(each)
    return epochs * (once + each) / (once + epochs * each)


def both_bills_as_a_tensor(once, each, epochs):
    plain = tf.reduce_sum(tf.constant([once, each], tf.float64)) * epochs
    return plain / (once + epochs * each)


def never_above_ten(once, each, epochs):
    return min(10, both_bills(once, each, epochs))


ANSWERS = {
    "4.1": {
        "right": [median_after_warm_up, median_by_statistics, median_as_an_array, median_as_a_tensor],
        "wrong": [
            (mean_after_warm_up, "the mean, which one call ruins"),
            (fastest_after_warm_up, "the fastest, which is luck"),
            (median_without_the_slowest, "not the slowest ones"),
            (upper_median, "two in the middle"),
            (median_of_any_number, "too few"),
            (median_sorted_in_place, "changed its first argument in place"),
        ],
    },
    "4.2": {
        "right": [
            cache_then_shuffle,
            read_into_memory,
            cache_and_augment_one_by_one,
            batches_from_a_generator,
        ],
        "wrong": [
            (without_cache, "was read 3 times"),
            (cache_at_the_end, "very same pixels"),
            (shuffle_before_cache, "Shuffle after it"),
            (cache_and_drop, "Is the last batch dropped"),
            (cache_one_by_one, "Return batches of 8"),
            (shuffle_batches, "shuffle single images"),
            (shuffle_two, "within its buffer"),
            (augment_without_training, "without any augmentation"),
            (repeat_for_ever, "does it `repeat`"),
        ],
        "refused": [augment_for_inference, repeat_each_image],
    },
    "4.3": {
        "right": [
            Args(images_that_fit, RATES),
            Args(images_tried_out, RATES),
            Args(images_as_a_fraction, RATES),
            Args(images_as_a_tensor, RATES),
        ],
        "wrong": [
            (Args(images_beside_bare_weights, RATES), "A learning weight is four numbers"),
            (Args(images_as_if_all_learned, RATES), "A frozen weight is one number"),
            (Args(images_rounded_up, RATES), "Round down"),
            (Args(images_below_nothing, RATES), "negative number of images"),
            (Args(images_counted_twice, RATES), "already counts the learning weights"),
            (Args(images_with_a_fifth_free, RATES), "leaves a fifth free"),
            (Args(images_that_fit, {"1": 3.0}), "`rates` must hold"),
        ],
        "prediction": "above 5 times",
    },
    "4.4": {
        "right": [
            Args(float32_then_divide, BITS),
            Args(multiply_by_the_inverse, BITS),
            Args(unscaled_as_a_named_tuple, BITS),
            Args(unscaled_as_tensors, BITS),
        ],
        "wrong": [
            (Args(divide_in_float16, BITS), "float32 first"),
            (Args(never_divide, BITS), "times too long"),
            (Args(replace_overflow, BITS), "invent a direction"),
            (Args(skip_at_the_same_scale, BITS), "half the scale"),
            (Args(raise_the_scale, BITS), "Keep it"),
            (Args(clipped_to_one, BITS), "change no more"),
            (Args(unscaled_in_double, BITS), "Received float64"),
            (Args(largest_is_an_overflow, BITS), "the largest number of float16"),
            (Args(float32_then_divide, {"float32": 0.0, "mixed_float16": 1.0}), "positive numbers"),
        ],
        "prediction": "slower",
    },
    "4.5": {
        "right": [
            Args(paid_back, XLA),
            Args(paid_back_by_floor, XLA),
            Args(paid_back_in_decimals, XLA),
            Args(paid_back_in_numpy, XLA),
        ],
        "wrong": [
            (Args(paid_back_by_whole_steps, XLA), "the difference of the two"),
            (Args(paid_back_too_early, XLA), "round up"),
            (Args(paid_back_sometime, XLA), "no number of steps pays"),
            (Args(paid_back_within_a_thousand, XLA), "a small gain pays, too"),
            (Args(paid_back_one_later, XLA), "no further step is needed"),
            (Args(paid_back, [2.0]), "`xla` must hold"),
        ],
        "prediction": "never here",
    },
    "4.6": {
        "right": [
            Args(weighted_mean, DEVICES),
            Args(sum_of_shares, DEVICES),
            Args(weighted_with_tensors, DEVICES),
            Args(sum_in_a_loop, DEVICES),
        ],
        "wrong": [
            (Args(sum_over_devices, DEVICES), r"A sum over \d devices"),
            (Args(mean_over_devices, DEVICES), "weight each device's gradient"),
            (Args(first_device_only, DEVICES), "saw only part of the images"),
            (Args(one_number_a_device, DEVICES), "across devices"),
            (Args(weighted_in_place, DEVICES), "in place"),
        ],
        "refused": [Args(without_resting_devices, DEVICES)],
        "prediction": "about the same time",
    },
    "4.7": {
        "right": [
            Args(seconds_before_by_after, PROFILE),
            Args(amdahl_by_shares, PROFILE),
            Args(seconds_as_fractions, PROFILE),
            Args(seconds_in_arrays, PROFILE),
        ],
        "wrong": [
            (Args(product_of_factors, PROFILE), "Factors are not multiplied"),
            (Args(mean_of_factors, PROFILE), "the other parts set the limit"),
            (Args(only_what_is_faster, PROFILE), "doubles the seconds of its part"),
            (Args(only_the_named_parts, PROFILE), "A part without a factor stays"),
            (Args(the_time_that_is_left, PROFILE), "the part of the time that is left"),
            (Args(seconds_in_place, PROFILE), "in place"),
        ],
        "refused": [Args(never_slower, PROFILE), Args(at_most_ten, PROFILE)],
        "prediction": "above 20 times",
    },
    "4.8": {
        "right": [
            Args(both_bills, ONCE),
            Args(both_bills_by_shares, ONCE),
            Args(both_bills_as_a_fraction, ONCE),
            Args(both_bills_as_a_tensor, ONCE),
        ],
        "wrong": [
            (Args(without_the_first_pass, ONCE), "this pass is on the bill"),
            (Args(without_the_rest, ONCE), "The rest of the network runs in every epoch"),
            (Args(turned, ONCE), "the part of the time that is left"),
        ],
        "refused": [Args(never_above_ten, ONCE)],
        "prediction": "2 to 10 times",
    },
}
