"""Right and wrong answers to the exercises of lesson 2: each wrong one stands for a misconception."""

import keras
import numpy as np
import tensorflow as tf
from scipy import stats

from tlkit.checks.testing import Args
from tlkit.measure import paired_interval
from tlkit.tuning import linear_cka

LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def is_bn(layer):
    return isinstance(layer, keras.layers.BatchNormalization)


# --- 2.1


def moves_by_comparing(model, images, labels):
    before = model.get_weights()
    model.compile("adam", LOSS)
    model.fit(images, labels, verbose=0)
    moved = [w.name for w, old in zip(model.weights, before, strict=True) if not np.array_equal(w.numpy(), old)]
    model.set_weights(before)
    statistics = sum(name.startswith("moving_") for name in moved)
    return len(moved) - statistics, statistics


def moves_on_a_copy(model, images, labels):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for mine, theirs in zip(model.layers, copy.layers, strict=True):
        theirs.trainable = mine.trainable
    copy.compile(keras.optimizers.Adam(1e-2), LOSS)
    copy.train_on_batch(images, labels)
    learned, rest = copy.trainable_weights, copy.non_trainable_weights
    old = {w.path: w.numpy() for w in model.weights}
    weights = sum(bool((w.numpy() != old[w.path]).any()) for w in learned)
    return [weights, sum(bool((w.numpy() != old[w.path]).any()) for w in rest)]


def moves_by_flags(model, images, labels):
    return len(model.trainable_weights), 2 * sum(is_bn(layer) and layer.trainable for layer in model.layers)


def moves_all_together(model, images, labels):
    before = model.get_weights()
    model.compile("adam", LOSS)
    model.fit(images, labels, verbose=0)
    moved = sum(not np.array_equal(new, old) for new, old in zip(model.get_weights(), before, strict=True))
    model.set_weights(before)
    return moved, 0


def moves_left_behind(model, images, labels):
    before = model.get_weights()
    model.compile("adam", LOSS)
    model.fit(images, labels, verbose=0)
    moved = [w.name for w, old in zip(model.weights, before, strict=True) if not np.array_equal(w.numpy(), old)]
    statistics = sum(name.startswith("moving_") for name in moved)
    return len(moved) - statistics, statistics


def moves_about(model, images, labels):
    before = model.get_weights()
    model.compile("adam", LOSS)
    model.fit(images, labels, verbose=0)
    pairs = zip(model.weights, before, strict=True)
    moved = [w.name for w, old in pairs if not np.allclose(w.numpy(), old, atol=1e-3)]
    model.set_weights(before)
    statistics = sum(name.startswith("moving_") for name in moved)
    return sum(not name.startswith("moving_") for name in moved), statistics


# --- 2.2


def flat(model):
    for layer in model.layers:
        yield from flat(layer) if isinstance(layer, keras.Model) else [layer]


def unfreeze_flat_list(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        layer.trainable = learns and not is_bn(layer)


def unfreeze_by_the_kit(model, name):
    from tlkit.freezing import freeze, unfreeze

    freeze(model)
    unfreeze(model, name)


def unfreeze_outer_list(model, name):
    names = [layer.name for layer in model.layers]
    if name in names:
        for layer in model.layers[names.index(name) :]:
            layer.trainable = not is_bn(layer)


def unfreeze_with_batchnorm(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        layer.trainable = learns


def unfreeze_everything(model, name):
    for layer in flat(model):
        layer.trainable = not is_bn(layer)


def unfreeze_the_next(model, name):
    learns = False
    for layer in flat(model):
        layer.trainable = learns and not is_bn(layer)
        learns = learns or layer.name == name


def unfreeze_in_tiny(model, name):
    inner = model.get_layer("tiny")
    learns = False
    for layer in inner.layers:
        learns = learns or layer.name == name
        layer.trainable = learns and not is_bn(layer)


# --- 2.3


def set_learning(model, choose):
    for layer in model.layers:
        layer.trainable = choose(layer)


def tune_in_two_phases(model, images, labels):
    set_learning(model, lambda layer: layer.name == "head")
    model.compile(keras.optimizers.Adam(1e-2), LOSS)
    model.fit(images, labels, verbose=0)
    set_learning(model, lambda layer: not is_bn(layer))
    model.compile(keras.optimizers.Adam(1e-4), LOSS)
    model.fit(images, labels, verbose=0)


def tune_by_the_kit(model, images, labels):
    from tlkit.freezing import freeze, unfreeze

    for prepare, rate in ((freeze, 1e-2), (unfreeze, 1e-4)):
        prepare(model)
        model.compile(keras.optimizers.Adam(rate), LOSS)
        for start in range(0, len(images), 32):
            model.train_on_batch(images[start : start + 32], labels[start : start + 32])


def tune_without_compile(model, images, labels):
    set_learning(model, lambda layer: layer.name == "head")
    model.compile(keras.optimizers.Adam(1e-2), LOSS)
    model.fit(images, labels, verbose=0)
    set_learning(model, lambda layer: not is_bn(layer))
    model.optimizer.learning_rate = 1e-4
    model.fit(images, labels, verbose=0)


def tune_all_at_once(model, images, labels):
    set_learning(model, lambda layer: not is_bn(layer))
    model.compile(keras.optimizers.Adam(1e-2), LOSS)
    model.fit(images, labels, epochs=2, verbose=0)


def tune_gently_only(model, images, labels):
    set_learning(model, lambda layer: not is_bn(layer))
    model.compile(keras.optimizers.Adam(1e-4), LOSS)
    model.fit(images, labels, epochs=2, verbose=0)


def tune_with_batchnorm(model, images, labels):
    set_learning(model, lambda layer: layer.name == "head")
    model.compile(keras.optimizers.Adam(1e-2), LOSS)
    model.fit(images, labels, verbose=0)
    set_learning(model, lambda layer: True)
    model.compile(keras.optimizers.Adam(1e-4), LOSS)
    model.fit(images, labels, verbose=0)


# --- 2.4


def pairs_of(images, labels):
    return tf.data.Dataset.from_tensor_slices((images, labels))


def augment_after_batching(images, labels, augment):
    batches = pairs_of(images, labels).shuffle(len(images)).batch(32)
    return batches.map(lambda x, y: (augment(x, training=True), y))


def augment_after_the_cache(images, labels, augment):
    plain = pairs_of(images, labels).cache().shuffle(len(images), reshuffle_each_iteration=True)
    return plain.batch(16).map(lambda x, y: (augment(x, training=True), y)).prefetch(2)


def augment_before_the_cache(images, labels, augment):
    batches = pairs_of(images, labels).batch(1).map(lambda x, y: (augment(x, training=True), y)).unbatch()
    return batches.cache().shuffle(len(images)).batch(32)


def augment_in_one_order(images, labels, augment):
    return pairs_of(images, labels).batch(32).map(lambda x, y: (augment(x, training=True), y))


def augment_and_mix_images_alone(images, labels, augment):
    shuffled = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images))
    together = tf.data.Dataset.zip((shuffled, tf.data.Dataset.from_tensor_slices(labels)))
    return together.batch(32).map(lambda x, y: (augment(x, training=True), y))


def augment_full_batches(images, labels, augment):
    batches = pairs_of(images, labels).shuffle(len(images)).batch(32, drop_remainder=True)
    return batches.map(lambda x, y: (augment(x, training=True), y))


# --- 2.5

RNG = np.random.default_rng(0)
SWEEP = {
    "rates": [1e-4, 1e-3],
    "accuracy": [[0.8, 0.81, 0.8, 0.79, 0.8], [0.9, 0.91, 0.9, 0.89, 0.9]],
    "before": RNG.normal(size=(20, 9)),
    "logits": RNG.normal(size=(2, 20, 9)),
}


def share_of_changed(before, after):
    return np.mean(before.argmax(axis=1) != after.argmax(axis=1))


def share_in_a_loop(before, after):
    changed = [list(old).index(max(old)) != list(new).index(max(new)) for old, new in zip(before, after, strict=True)]
    return sum(changed) / len(changed)


def share_of_kept(before, after):
    return np.mean(before.argmax(axis=1) == after.argmax(axis=1))


def mean_change(before, after):
    return np.abs(before - after).mean()


def share_of_changed_logits(before, after):
    return np.mean(np.abs(before - after).max(axis=1) > 0.5)


def each_image(before, after):
    return before.argmax(axis=1) != after.argmax(axis=1)


# --- 2.6


def rates_on_the_model(model, images, labels, rates):
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(), LOSS)
    losses = []
    for rate in rates:
        model.optimizer.learning_rate = rate
        losses.append(float(model.train_on_batch(images, labels)))
    model.set_weights(before)
    return losses


def rates_by_tape(model, images, labels, rates):
    before = [np.array(weight.numpy()) for weight in model.weights]
    losses = []
    for rate in rates:
        with tf.GradientTape() as tape:
            value = LOSS(labels, model(images, training=True))
        gradients = tape.gradient(value, [weight.value for weight in model.trainable_weights])
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
            weight.assign_sub(rate * gradient)
        losses.append(float(value))
    for weight, value in zip(model.weights, before, strict=True):
        weight.assign(value)
    return np.array(losses)


def rates_not_restored(model, images, labels, rates):
    model.compile(keras.optimizers.SGD(), LOSS)
    losses = []
    for rate in rates:
        model.optimizer.learning_rate = rate
        losses.append(float(model.train_on_batch(images, labels)))
    return losses


def rates_restored_in_part(model, images, labels, rates):
    before = [np.array(weight.numpy()) for weight in model.trainable_weights]
    losses = rates_not_restored(model, images, labels, rates)
    for weight, value in zip(model.trainable_weights, before, strict=True):
        weight.assign(value)
    return losses


def rates_after_each_step(model, images, labels, rates):
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(), LOSS)
    losses = []
    for rate in rates:
        model.optimizer.learning_rate = rate
        model.train_on_batch(images, labels)
        losses.append(float(LOSS(labels, model(images, training=True))))
    model.set_weights(before)
    return losses


def rates_never_set(model, images, labels, rates):
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(rates[-1]), LOSS)
    losses = [float(model.train_on_batch(images, labels)) for _ in rates]
    model.set_weights(before)
    return losses


def rates_each_from_the_start(model, images, labels, rates):
    return [rates_on_the_model(model, images, labels, [rate])[0] for rate in rates][:-1]


# --- 2.7


def step_by_tape(model, images, labels, rates):
    pairs = [(w, rate) for name, rate in rates.items() for w in model.get_layer(name).trainable_weights]
    with tf.GradientTape() as tape:
        value = LOSS(labels, model(images, training=True))
    for (weight, rate), gradient in zip(pairs, tape.gradient(value, [w.value for w, _ in pairs]), strict=True):
        weight.assign_sub(rate * gradient)


def step_by_difference_of_sgd(model, images, labels, rates):
    before = {weight.path: np.array(weight.numpy()) for weight in model.weights}
    model.compile(keras.optimizers.SGD(1.0), LOSS)
    model.train_on_batch(images, labels)
    for layer in model.layers:
        for weight in layer.weights:
            old = before[weight.path]
            weight.assign(old + rates.get(layer.name, 0.0) * (weight.numpy() - old))


def step_by_adam(model, images, labels, rates):
    for name, rate in rates.items():
        layer = model.get_layer(name)
        with tf.GradientTape() as tape:
            value = LOSS(labels, model(images, training=True))
        gradients = tape.gradient(value, [w.value for w in layer.trainable_weights])
        keras.optimizers.Adam(rate).apply(gradients, layer.trainable_weights)


def step_layer_after_layer(model, images, labels, rates):
    for name, rate in rates.items():
        step_by_tape(model, images, labels, {name: rate})


def step_at_one_rate(model, images, labels, rates):
    rate = max(rates.values())
    model.compile(keras.optimizers.SGD(rate), LOSS)
    model.train_on_batch(images, labels)


def step_uphill(model, images, labels, rates):
    step_by_tape(model, images, labels, {name: -rate for name, rate in rates.items()})


# --- 2.8

START = RNG.normal(size=(30, 5))
FEATURES = {
    "before": START,
    "joint": START + RNG.normal(size=(5, 30, 5)),
    "head first": START + 0.1 * RNG.normal(size=(5, 30, 5)),
}


def alike_by_formula(a, b):
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


def alike_by_grams(a, b):
    a, b = ((x - x.mean(axis=0)) @ (x - x.mean(axis=0)).T for x in (a, b))
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))


def alike_without_centring(a, b):
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


def alike_as_one_vector(a, b):
    a, b = (a - a.mean(axis=0)).ravel(), (b - b.mean(axis=0)).ravel()
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def alike_without_the_square(a, b):
    return np.sqrt(linear_cka(a, b))


def alike_by_distance(a, b):
    return 1 - np.abs(a - b).mean()


# --- 2.9


def stop_in_a_loop(val_losses, patience):
    best = waited = 0
    for index, loss in enumerate(val_losses):
        is_lowest = loss < min(val_losses[:index], default=np.inf)
        best, waited = (index + 1, 0) if is_lowest else (best, waited + 1)
        if waited == patience:
            return index + 1, best
    return len(val_losses), best


def stop_by_argmin(val_losses, patience):
    for epoch in range(1, len(val_losses) + 1):
        best = int(np.argmin(val_losses[:epoch])) + 1
        if epoch == best + patience:
            return [epoch, best]
    return [len(val_losses), int(np.argmin(val_losses)) + 1]


def stop_at_the_last(val_losses, patience):
    epoch, _ = stop_in_a_loop(val_losses, patience)
    return epoch, epoch


def stop_at_the_first_rise(val_losses, patience):
    for epoch in range(1, len(val_losses)):
        if val_losses[epoch] > val_losses[epoch - 1]:
            return epoch + 1, int(np.argmin(val_losses[: epoch + 1])) + 1
    return len(val_losses), int(np.argmin(val_losses)) + 1


def stop_never(val_losses, patience):
    return len(val_losses), int(np.argmin(val_losses)) + 1


def stop_with_ties_as_progress(val_losses, patience):
    for epoch in range(1, len(val_losses) + 1):
        best = epoch - int(np.argmin(val_losses[:epoch][::-1]))
        if epoch == best + patience:
            return epoch, best
    return len(val_losses), best


def stop_counting_from_zero(val_losses, patience):
    epoch, best = stop_in_a_loop(val_losses, patience)
    return epoch - 1, best - 1


# --- 2.10

SCORES = {
    "head only": [0.8, 0.81, 0.8, 0.82, 0.8],
    "last blocks": [0.8, 0.82, 0.8, 0.81, 0.81],
    "upper half": [0.85, 0.86, 0.85, 0.87, 0.85],
    "everything": [0.93, 0.94, 0.92, 0.95, 0.93],
}
ONCE = ["final accuracy"]


def depth_step_by_step(scores):
    chosen = next(iter(scores))
    for name in scores:
        if name != chosen and paired_interval(scores[name], scores[chosen]).low > 0:
            chosen = name
    return chosen


def depth_by_t_test(scores):
    names = list(scores)
    chosen = names[0]
    for name in names[1:]:
        test = stats.ttest_rel(scores[name], scores[chosen])
        if test.pvalue < 0.05 and test.statistic > 0:
            chosen = name
    return chosen


def depth_of_the_best_mean(scores):
    return max(scores, key=lambda name: np.mean(scores[name]))


def depth_unpaired(scores):
    chosen = next(iter(scores))
    for name in scores:
        test = stats.ttest_ind(scores[name], scores[chosen])
        if test.pvalue < 0.05 and test.statistic > 0:
            chosen = name
    return chosen


def depth_always_all(scores):
    return "everything"


def depth_number(scores):
    return list(scores).index(depth_step_by_step(scores))


ANSWERS = {
    "2.1": {
        "right": [moves_by_comparing, moves_on_a_copy],
        "wrong": [
            (moves_by_flags, "dead branch"),
            (moves_all_together, "and 0. Statistics are named"),
            (moves_left_behind, "put back what it found"),
            (moves_about, "compare exactly"),
        ],
        "prediction": dict.fromkeys("ABCDEF", "head only"),
    },
    "2.2": {
        "right": [unfreeze_flat_list, unfreeze_by_the_kit],
        "wrong": [
            (unfreeze_outer_list, "one entry for the whole backbone"),
            (unfreeze_with_batchnorm, "does not hold it still"),
            (unfreeze_everything, "come before the layer named"),
            (unfreeze_the_next, "Without BatchNorm"),
            (unfreeze_in_tiny, "No such layer: tiny"),
        ],
    },
    "2.3": {
        "right": [tune_in_two_phases, tune_by_the_kit],
        "wrong": [
            (tune_without_compile, "0 of 3 convolutions moved"),
            (tune_all_at_once, "unfrozen in the first phase"),
            (tune_gently_only, "is there a first phase"),
            (tune_with_batchnorm, "arrays of BatchNorm moved"),
        ],
    },
    "2.4": {
        "right": [augment_after_batching, augment_after_the_cache],
        "wrong": [
            (augment_before_the_cache, "the very same pixels"),
            (augment_in_one_order, "came in the same order"),
            (augment_and_mix_images_alone, "another's label"),
            (augment_full_batches, "54 images gave 32"),
        ],
    },
    "2.5": {
        "right": [Args(share_of_changed, SWEEP), Args(share_in_a_loop, SWEEP)],
        "wrong": [
            (Args(share_of_kept, SWEEP), "0 of 40 images .* received 1.00"),
            (Args(mean_change, SWEEP), "1[0-9][0-9]"),
            (Args(share_of_changed_logits, SWEEP), "1.00 were called"),
            (Args(each_image, SWEEP), "Return one number"),
            (Args(share_of_changed, SWEEP | {"accuracy": [0.8, 0.9]}), "num_rates, num_seeds"),
        ],
        "prediction": {"rate": 1e-3, "forgotten": 20},
    },
    "2.6": {
        "right": [rates_on_the_model, rates_by_tape],
        "wrong": [
            (rates_not_restored, r"arrays differ after the search, such as `conv"),
            (rates_restored_in_part, r"such as `bn"),
            (rates_after_each_step, "Note the loss first"),
            (rates_never_set, "before each step"),
            (rates_each_from_the_start, "one a rate"),
        ],
    },
    "2.7": {
        "right": [step_by_tape, step_by_difference_of_sgd],
        "wrong": [
            (step_by_adam, "Adam's steps do not depend"),
            (step_layer_after_layer, r"Take \*all\* gradients first"),
            (step_at_one_rate, "has no rate, but moved"),
            (step_uphill, "off by 200%"),
        ],
    },
    "2.8": {
        "right": [Args(alike_by_formula, FEATURES), Args(alike_by_grams, FEATURES)],
        "wrong": [
            (Args(alike_without_centring, FEATURES), "Subtract each column's mean"),
            (Args(alike_as_one_vector, FEATURES), "against turned ones"),
            (Args(alike_without_the_square, FEATURES), "by the formula it is"),
            (Args(alike_by_distance, FEATURES), "with 50 added"),
            (Args(alike_by_formula, FEATURES | {"joint": START[None]}), "Five runs each"),
        ],
        "prediction": "joint",
    },
    "2.9": {
        "right": [stop_in_a_loop, stop_by_argmin],
        "wrong": [
            (stop_at_the_last, "received 5. The weights to keep"),
            (stop_at_the_first_rise, "patience 2 training ends after epoch 4"),
            (stop_never, "received 7"),
            (stop_with_ties_as_progress, "Four equal losses"),
            (stop_counting_from_zero, "received 2. Count the epochs"),
        ],
    },
    "2.10": {
        "right": [Args(depth_step_by_step, SCORES, ONCE), Args(depth_by_t_test, SCORES, ONCE)],
        "wrong": [
            (Args(depth_of_the_best_mean, SCORES, ONCE), "less than its interval is wide"),
            (Args(depth_unpaired, SCORES, ONCE), "the luck of a seed cancels"),
            (Args(depth_always_all, SCORES, ONCE), "wins by 15 points"),
            (Args(depth_number, SCORES, ONCE), "Return one of"),
            (Args(depth_step_by_step, SCORES, ["a look", "another"]), "opened 2 times"),
        ],
        "prediction": "everything",
    },
}
