"""Right and wrong answers to the exercises of lesson 4: each wrong one stands for a misconception."""

import math
import statistics

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


ANSWERS = {
    "4.1": {
        "right": [median_after_warm_up, median_by_statistics],
        "wrong": [
            (mean_after_warm_up, "the mean, which one call ruins"),
            (fastest_after_warm_up, "the fastest, which is luck"),
            (median_without_the_slowest, "do not sort before you cut"),
            (upper_median, "two in the middle"),
            (median_of_any_number, "too few"),
        ],
    },
    "4.2": {
        "right": [cache_then_shuffle, read_into_memory],
        "wrong": [
            (without_cache, "was read 3 times"),
            (cache_at_the_end, "very same pixels"),
            (shuffle_before_cache, "Shuffle after it"),
            (cache_and_drop, "Is the last one dropped"),
            (cache_one_by_one, "Return batches of 8"),
        ],
    },
    "4.3": {
        "right": [Args(images_that_fit, RATES), Args(images_tried_out, RATES)],
        "wrong": [
            (Args(images_beside_bare_weights, RATES), "a learning weight is four numbers"),
            (Args(images_as_if_all_learned, RATES), "A frozen weight is one number"),
            (Args(images_rounded_up, RATES), "Round down"),
            (Args(images_below_nothing, RATES), "negative number of images"),
            (Args(images_that_fit, {"1": 3.0}), "`rates` must hold"),
        ],
        "prediction": "above 5 times",
    },
    "4.4": {
        "right": [Args(float32_then_divide, BITS), Args(multiply_by_the_inverse, BITS)],
        "wrong": [
            (Args(divide_in_float16, BITS), "float32 first"),
            (Args(never_divide, BITS), "times too long"),
            (Args(replace_overflow, BITS), "invent a direction"),
            (Args(skip_at_the_same_scale, BITS), "half of the scale"),
            (Args(raise_the_scale, BITS), "Keep it"),
            (Args(float32_then_divide, {"float32": 0.0, "mixed_float16": 1.0}), "positive numbers"),
        ],
        "prediction": "slower",
    },
    "4.5": {
        "right": [Args(paid_back, XLA), Args(paid_back_by_floor, XLA)],
        "wrong": [
            (Args(paid_back_by_whole_steps, XLA), "the difference of the two"),
            (Args(paid_back_too_early, XLA), "Round up"),
            (Args(paid_back_sometime, XLA), "no number of steps pays"),
            (Args(paid_back, [2.0]), "`xla` must hold"),
        ],
        "prediction": "never here",
    },
    "4.6": {
        "right": [Args(weighted_mean, DEVICES), Args(sum_of_shares, DEVICES)],
        "wrong": [
            (Args(sum_over_devices, DEVICES), "A sum over 2 devices"),
            (Args(mean_over_devices, DEVICES), "weigh each device's gradient"),
            (Args(first_device_only, DEVICES), "saw a part of the images only"),
            (Args(one_number_a_device, DEVICES), "across devices"),
        ],
        "prediction": "about the same time",
    },
    "4.7": {
        "right": [Args(seconds_before_by_after, PROFILE), Args(amdahl_by_shares, PROFILE)],
        "wrong": [
            (Args(product_of_factors, PROFILE), "Add the seconds that are left"),
            (Args(mean_of_factors, PROFILE), "what remains is the limit"),
            (Args(only_what_is_faster, PROFILE), "doubles the seconds of its part"),
            (Args(only_the_named_parts, PROFILE), "a part without a factor stays"),
        ],
        "prediction": "above 20 times",
    },
    "4.8": {
        "right": [Args(both_bills, ONCE), Args(both_bills_by_shares, ONCE)],
        "wrong": [
            (Args(without_the_first_pass, ONCE), "this pass is on the bill"),
            (Args(without_the_rest, ONCE), "The rest of the network runs in every epoch"),
            (Args(turned, ONCE), "as fast. Received 0"),
        ],
        "prediction": "2 to 10 times",
    },
}
