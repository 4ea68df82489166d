"""Right and wrong answers to the exercises of lesson 2: each wrong one stands for a misconception."""

import collections
import itertools

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


def moves_by_paths(model, images, labels):
    before = {weight.path: np.array(weight.numpy()) for weight in model.weights}
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    model.fit(images, labels, batch_size=16, shuffle=False, verbose=0)
    counted = collections.Counter()
    for weight in model.weights:
        if (weight.numpy() != before[weight.path]).any():
            counted[weight.path.split("/")[-1].startswith("moving_")] += 1
        weight.assign(before[weight.path])
    return np.array([counted[False], counted[True]])


Moves = collections.namedtuple("Moves", "arrays statistics")


def moves_with_names(model, images, labels):
    return Moves(*moves_by_comparing(model, images, labels))


def moves_on_one_image(model, images, labels):
    return moves_by_comparing(model, images[:1], labels[:1])


def moves_in_one_step(model, images, labels):
    return moves_by_comparing(model, images[:32], labels[:32])


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


def unfreeze_in_two_passes(model, name):
    layers = list(flat(model))
    first = [layer.name for layer in layers].index(name)
    for layer in layers:
        layer.trainable = False
    for layer in layers[first:]:
        if not is_bn(layer):
            layer.trainable = True


def unfreeze_by_recursion(model, name):
    def walk(layers, learns):
        for layer in layers:
            if isinstance(layer, keras.Model):
                learns = walk(layer.layers, learns)
                continue
            learns = learns or layer.name == name
            layer.trainable = bool(learns and type(layer) is not keras.layers.BatchNormalization)
        return learns

    walk(model.layers, False)


def unfreeze_without_freezing(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        if learns:
            layer.trainable = not is_bn(layer)


def unfreeze_but_not_the_front(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        if learns or not is_bn(layer):
            layer.trainable = learns and not is_bn(layer)


def unfreeze_by_part_of_a_name(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or name in layer.name
        layer.trainable = learns and not is_bn(layer)


def unfreeze_all_called_batchnorm(model, name):
    learns = False
    for layer in flat(model):
        learns = learns or layer.name == name
        layer.trainable = learns and "norm" not in layer.name


def unfreeze_one_level(model, name):
    layers = [each for layer in model.layers for each in (layer.layers if hasattr(layer, "layers") else [layer])]
    names = [layer.name for layer in layers]
    if name in names:
        for layer in layers:
            layer.trainable = False
        for layer in layers[names.index(name) :]:
            layer.trainable = not is_bn(layer)


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


def tune_by_tape(model, images, labels):
    def epoch(choose, rate):
        set_learning(model, choose)
        optimizer, weights = keras.optimizers.Adam(rate), model.trainable_weights
        for start in range(0, len(images), 32):
            with tf.GradientTape() as tape:
                value = LOSS(labels[start : start + 32], model(images[start : start + 32], training=True))
            optimizer.apply(tape.gradient(value, [weight.value for weight in weights]), weights)

    epoch(lambda layer: layer.name == "head", 1e-2)
    epoch(lambda layer: not is_bn(layer), 1e-4)


def tune_by_datasets(model, images, labels):
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
    model.trainable = False
    model.trainable = True
    for layer in model.layers:
        layer.trainable = layer is model.layers[-1]
    for rate in (1e-2, 1e-4):
        model.compile(optimizer=keras.optimizers.Adam(learning_rate=rate), loss=LOSS)
        model.fit(batches, verbose=0)
        for layer in model.layers:
            layer.trainable = not is_bn(layer)


def _in_phases(model, images, labels, *, phases, optimizer=keras.optimizers.Adam, epochs=1, batch_size=32):
    for choose, rate in phases:
        set_learning(model, choose)
        model.compile(optimizer(rate), LOSS)
        model.fit(images, labels, epochs=epochs, batch_size=batch_size, verbose=0)


def only_head(layer):
    return layer.name == "head"


def all_but_bn(layer):
    return not is_bn(layer)


RIGHT_PHASES = [(only_head, 1e-2), (all_but_bn, 1e-4)]


def tune_with_a_frozen_head(model, images, labels):
    phases = [(only_head, 1e-2), (lambda layer: not is_bn(layer) and not only_head(layer), 1e-4)]
    _in_phases(model, images, labels, phases=phases)


def tune_for_five_epochs(model, images, labels):
    _in_phases(model, images, labels, phases=RIGHT_PHASES, epochs=5)


def tune_trunk_first(model, images, labels):
    _in_phases(model, images, labels, phases=RIGHT_PHASES[::-1])


def tune_too_fast(model, images, labels):
    _in_phases(model, images, labels, phases=[(only_head, 1e-2), (all_but_bn, 5e-4)])


def tune_with_other_labels(model, images, labels):
    _in_phases(model, images, np.roll(labels, 1), phases=RIGHT_PHASES)


def tune_in_one_step(model, images, labels):
    _in_phases(model, images[:32], labels[:32], phases=RIGHT_PHASES)


def tune_scaled_images(model, images, labels):
    _in_phases(model, images / 255, labels, phases=RIGHT_PHASES)


def tune_by_sgd(model, images, labels):
    _in_phases(model, images, labels, phases=RIGHT_PHASES, optimizer=keras.optimizers.SGD)


def tune_head_gently(model, images, labels):
    _in_phases(model, images, labels, phases=[(only_head, 1e-3), (all_but_bn, 1e-4)])


def tune_in_large_batches(model, images, labels):
    _in_phases(model, images, labels, phases=RIGHT_PHASES, batch_size=64)


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
    return plain.batch(32).map(lambda x, y: (augment(x, training=True), y)).prefetch(2)


def augment_in_parallel(images, labels, augment):
    data = pairs_of(images, labels).shuffle(10 * len(images)).batch(32)
    return data.map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=2).prefetch(tf.data.AUTOTUNE)


def augment_by_numbers(images, labels, augment):
    images, labels = tf.constant(images), tf.constant(labels)
    rows = tf.data.Dataset.range(len(images)).shuffle(len(images)).batch(32)
    return rows.map(lambda row: (augment(tf.gather(images, row), training=True), tf.gather(labels, row)))


def augment_large_batches(images, labels, augment):
    data = pairs_of(images, labels).shuffle(len(images)).batch(64)
    return data.map(lambda x, y: (augment(x, training=True), y))


def augment_neighbours(images, labels, augment):
    return pairs_of(images, labels).shuffle(2).batch(32).map(lambda x, y: (augment(x, training=True), y))


def augment_half(images, labels, augment):
    def some(x, y):
        return tf.concat([augment(x[::2], training=True), x[1::2]], 0), tf.concat([y[::2], y[1::2]], 0)

    return pairs_of(images, labels).shuffle(len(images)).batch(32).map(some)


def augment_otherwise(images, labels, augment):
    data = pairs_of(images, labels).shuffle(len(images)).batch(32)
    return data.map(lambda x, y: (x + tf.random.uniform((tf.shape(x)[0], 1, 1, 1), -0.2, 0.2), y))


def augment_in_inference_mode(images, labels, augment):
    data = pairs_of(images, labels).shuffle(len(images)).batch(32)
    return data.map(lambda x, y: (augment(x, training=False), y))


def augment_for_ever(images, labels, augment):
    return augment_after_batching(images, labels, augment).repeat()


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


def share_in_float32(before, after):
    changed = tf.argmax(before, axis=1) != tf.argmax(after, axis=1)
    return tf.reduce_mean(tf.cast(changed, "float32"))


def share_by_a_metric(before, after):
    metric = keras.metrics.Accuracy()
    metric.update_state(np.argmax(before, axis=1), np.argmax(after, axis=1))
    return 1 - metric.result()


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


def rates_by_hand(model, images, labels, rates):
    before, losses = model.get_weights(), []
    for rate in rates:
        model.compile(keras.optimizers.SGD(rate), LOSS)
        losses.append(model.fit(images, labels, batch_size=len(images), verbose=0).history["loss"][0])
    model.set_weights(before)
    return losses


def rates_on_a_copy(model, images, labels, rates):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.compile(keras.optimizers.SGD(), LOSS, run_eagerly=True)
    found = ()
    for rate in rates:
        copy.optimizer.learning_rate.assign(rate)
        found += (copy.train_on_batch(images, labels),)
    return found


def rates_sorted(model, images, labels, rates):
    return rates_by_tape(model, images, labels, sorted(rates))


def rates_on_a_batch_of_32(model, images, labels, rates):
    return rates_by_tape(model, images[:32], labels[:32], rates)


def rates_in_inference_mode(model, images, labels, rates):
    before = model.get_weights()
    model.compile(keras.optimizers.SGD(), LOSS)
    losses = []
    for rate in rates:
        model.optimizer.learning_rate = rate
        losses.append(model.evaluate(images, labels, verbose=0))
        model.train_on_batch(images, labels)
    model.set_weights(before)
    return losses


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


def step_by_optimizers(model, images, labels, rates):
    weights = {name: model.get_layer(name).trainable_weights for name in rates}
    with tf.GradientTape() as tape:
        logits = model(images, training=True)
        value = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
    values = {name: [weight.value for weight in own] for name, own in weights.items()}
    gradients = tape.gradient(value, values)
    for name, rate in rates.items():
        keras.optimizers.SGD(rate).apply(gradients[name], weights[name])


def step_on_all_by_hand(model, images, labels, rates):
    with tf.GradientTape() as tape:
        value = LOSS(labels, model(images))
    gradients = tape.gradient(value, model.trainable_weights)
    owners = {id(weight): layer.name for layer in model.layers for weight in layer.trainable_weights}
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        if owners[id(weight)] in rates:
            weight.assign(weight - rates[owners[id(weight)]] * gradient)


def step_with_decay(model, images, labels, rates):
    old = {weight.path: weight.numpy() for weight in model.weights}
    step_by_tape(model, images, labels, rates)
    for name, rate in rates.items():
        for weight in model.get_layer(name).trainable_weights:
            weight.assign_sub(rate * 0.01 * old[weight.path])


def step_of_the_sum(model, images, labels, rates):
    step_by_tape(model, images, labels, {name: rate * len(images) for name, rate in rates.items()})


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


def alike_by_covariances(a, b):
    width = a.shape[1]
    both = np.cov(np.hstack([a, b]), rowvar=False)
    own, other, cross = both[:width, :width], both[width:, width:], both[:width, width:]
    return (cross**2).sum() / np.sqrt((own**2).sum() * (other**2).sum())


def alike_in_tensorflow(a, b):
    a, b = (tf.constant(x, "float64") - tf.reduce_mean(tf.constant(x, "float64"), axis=0) for x in (a, b))
    norm = tf.linalg.norm
    return norm(tf.transpose(a) @ b) ** 2 / (norm(tf.transpose(a) @ a) * norm(tf.transpose(b) @ b))


def alike_by_the_kit(a, b):
    return linear_cka(a, b)


def alike_in_place(a, b):
    a -= a.mean(axis=0)
    b -= b.mean(axis=0)
    return alike_by_formula(a, b)


def alike_without_centring(a, b):
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


def alike_as_one_vector(a, b):
    a, b = (a - a.mean(axis=0)).ravel(), (b - b.mean(axis=0)).ravel()
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def alike_without_the_square(a, b):
    return np.sqrt(alike_by_formula(a, b))


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


Stop = collections.namedtuple("Stop", "epochs best")


def stop_with_names(val_losses, patience):
    return Stop(*stop_in_a_loop(val_losses, patience))


def stop_in_an_array(val_losses, patience):
    losses = np.asarray(val_losses)
    lows = np.flatnonzero(losses < np.concatenate([[np.inf], np.minimum.accumulate(losses)[:-1]]))
    for low, after in zip(lows, [*lows[1:], len(losses) + patience], strict=True):
        if after - low > patience:
            return np.array([min(low + patience, len(losses) - 1) + 1, low + 1])
    return np.array([len(losses), lows[-1] + 1])


def stop_with_min_delta(val_losses, patience):
    lowest, best = np.inf, 0
    for epoch, loss in enumerate(val_losses, 1):
        if loss < lowest - 1e-3:
            lowest, best = loss, epoch
        if epoch - best >= patience:
            return epoch, best
    return len(val_losses), best


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


def _depth_by(beats):
    """A rule that goes through the depths and takes one that beats the chosen one by `beats(more, less)`."""

    def choose_depth(scores):
        chosen = next(iter(scores))
        for name in scores:
            if name != chosen and beats(np.array(scores[name]) - scores[chosen]):
                chosen = name
        return chosen

    return choose_depth


def _reach(gains, level=0.95, one_sided=False):
    share = level if one_sided else (1 + level) / 2
    return stats.t.ppf(share, len(gains) - 1) * stats.sem(gains)


depth_by_hand = _depth_by(lambda gains: gains.mean() > _reach(gains))
depth_by_one_sample = _depth_by(lambda gains: stats.ttest_1samp(gains, 0).confidence_interval(0.95).low > 0)
depth_one_sided = _depth_by(lambda gains: gains.mean() > _reach(gains, one_sided=True))
depth_by_normal = _depth_by(lambda gains: gains.mean() > 1.96 * stats.sem(gains))
depth_at_99 = _depth_by(lambda gains: gains.mean() > _reach(gains, level=0.99))
depth_with_a_correction = _depth_by(lambda gains: gains.mean() > _reach(gains, level=1 - 0.05 / 3))
depth_of_every_seed = _depth_by(lambda gains: (gains > 0).all())
depth_by_two_points = _depth_by(lambda gains: gains.mean() > 0.02)


def depth_by_bootstrap(scores):
    chosen = next(iter(scores))
    for name in scores:
        if name != chosen and paired_interval(scores[name], scores[chosen], method="bootstrap").low > 0:
            chosen = name
    return chosen


def depth_by_neighbours(scores):
    names = list(scores)
    chosen = names[0]
    for less, more in itertools.pairwise(names):
        if paired_interval(scores[more], scores[less]).low > 0:
            chosen = more
    return chosen


def depth_against_the_first(scores):
    first = next(iter(scores))
    return [name for name in scores if name == first or paired_interval(scores[name], scores[first]).low > 0][-1]


def depth_from_the_deepest(scores):
    names = list(scores)[::-1]
    chosen = names[0]
    for name in names[1:]:
        if paired_interval(scores[chosen], scores[name]).low <= 0:
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
        "right": [moves_by_comparing, moves_on_a_copy, moves_by_paths, moves_with_names],
        "wrong": [
            (moves_by_flags, "may get no gradient"),
            (moves_all_together, "received 0. Statistics are those"),
            (moves_left_behind, "put back what it found"),
            (moves_about, "whose names begin with `moving_`"),
            (moves_on_one_image, "for one epoch"),
            (moves_in_one_step, "Train on all images"),
        ],
        "prediction": dict.fromkeys("ABCDEF", "head only"),
    },
    "2.2": {
        "right": [unfreeze_flat_list, unfreeze_by_the_kit, unfreeze_in_two_passes, unfreeze_by_recursion],
        "wrong": [
            (unfreeze_outer_list, "one entry for the whole backbone"),
            (unfreeze_with_batchnorm, "does not hold them still"),
            (unfreeze_everything, "come before the named layer"),
            (unfreeze_the_next, "Without BatchNorm"),
            (unfreeze_in_tiny, "No such layer: tiny"),
            (unfreeze_without_freezing, "it may have been free"),
            (unfreeze_but_not_the_front, "all of them are BatchNorm"),
            (unfreeze_by_part_of_a_name, "compare whole names"),
            (unfreeze_all_called_batchnorm, "should learn but do not"),
            (unfreeze_one_level, "a twice nested model"),
        ],
    },
    "2.3": {
        "right": [tune_in_two_phases, tune_by_the_kit, tune_by_tape, tune_by_datasets],
        "wrong": [
            (tune_without_compile, "The convolution did not move"),
            (tune_all_at_once, "The head moved by 2"),
            (tune_gently_only, "Is there a first phase"),
            (tune_with_batchnorm, "arrays of BatchNorm moved"),
            (tune_with_a_frozen_head, "`head/(kernel|bias)` ends 1"),
            (tune_for_five_epochs, "The head moved by [45]"),
            (tune_trunk_first, "Does the head come first"),
            (tune_too_fast, "The convolution moved by 5"),
            (tune_with_other_labels, "these images and labels as they are"),
            (tune_in_one_step, r"[34] batches of 32.* It moved by 0.010"),
            (tune_scaled_images, "from where two phases of one epoch end"),
            (tune_by_sgd, r"One step of Adam at 1e-2 moves it|head/\w+` ends .* from where two phases"),
            (tune_head_gently, "The head moved by 1"),
            (tune_in_large_batches, "batches of 32.* It moved by 0.020"),
        ],
    },
    "2.4": {
        "right": [augment_after_batching, augment_after_the_cache, augment_in_parallel, augment_by_numbers],
        "wrong": [
            (augment_before_the_cache, "the very same pixels"),
            (augment_in_one_order, "came in the same order"),
            (augment_and_mix_images_alone, "another's label"),
            (augment_full_batches, "images gave 32 in an epoch"),
            (augment_large_batches, "came in batches of"),
            (augment_neighbours, "A small buffer mixes only neighbours"),
            (augment_half, "images came as they were"),
            (augment_otherwise, "by something else than `augment`|as they were. Give"),
            (augment_in_inference_mode, "in training mode"),
            (augment_for_ever, "more than 60 batches"),
        ],
    },
    "2.5": {
        "right": [
            Args(each, SWEEP) for each in (share_of_changed, share_in_a_loop, share_in_float32, share_by_a_metric)
        ],
        "wrong": [
            (Args(share_of_kept, SWEEP), "different top answer than before"),
            (Args(mean_change, SWEEP), r"a share of [0-9]+\.[0-9]+ was called forgotten"),
            (Args(share_of_changed_logits, SWEEP), "No answer changed, but a share of 1.00"),
            (Args(each_image, SWEEP), "Return one number"),
            (Args(share_of_changed, SWEEP | {"accuracy": [0.8, 0.9]}), "num_rates, num_seeds"),
        ],
        "prediction": {"rate": 1e-3, "forgotten": 20},
    },
    "2.6": {
        "right": [rates_on_the_model, rates_by_tape, rates_by_hand, rates_on_a_copy],
        "wrong": [
            (rates_not_restored, r"arrays differ after the search, such as `conv"),
            (rates_restored_in_part, r"such as `bn"),
            (rates_after_each_step, "first, then take the step"),
            (rates_never_set, "before each step"),
            (rates_each_from_the_start, "one for each"),
            (rates_sorted, "in that order"),
            (rates_on_a_batch_of_32, "Record the loss of all images"),
            (rates_in_inference_mode, "That is the loss in inference mode"),
        ],
    },
    "2.7": {
        "right": [step_by_tape, step_by_difference_of_sgd, step_by_optimizers, step_on_all_by_hand],
        "wrong": [
            (step_by_adam, "Adam's do not depend"),
            (step_layer_after_layer, r"Take \*all\* gradients first"),
            (step_at_one_rate, "has no rate, but moved"),
            (step_uphill, "off by 200.0%"),
            (step_with_decay, "weight decay adds to them"),
            (step_of_the_sum, "the sum of the losses is not their mean"),
        ],
    },
    "2.8": {
        "right": [
            Args(each, FEATURES)
            for each in (alike_by_formula, alike_by_grams, alike_by_covariances, alike_in_tensorflow)
        ],
        "wrong": [
            (Args(alike_without_centring, FEATURES), "Subtract each column's mean"),
            (Args(alike_as_one_vector, FEATURES), "compared with rotated ones"),
            (Args(alike_without_the_square, FEATURES), "by the formula, it is"),
            (Args(alike_by_distance, FEATURES), "added to one of them"),
            (Args(alike_by_the_kit, FEATURES), "asks you to write this yourself. Your answer calls linear_cka"),
            (Args(alike_in_place, FEATURES), "changed its first and the second argument in place"),
            (Args(alike_by_formula, FEATURES | {"joint": START[None]}), "Five runs each"),
        ],
        "prediction": "joint",
    },
    "2.9": {
        "right": [stop_in_a_loop, stop_by_argmin, stop_with_names, stop_in_an_array],
        "wrong": [
            (stop_at_the_last, "The weights to keep"),
            (stop_at_the_first_rise, "and patience [23], training ends after"),
            (stop_never, r"training ends after epoch \d+; received"),
            (stop_with_ties_as_progress, "epoch 1 stays the best"),
            (stop_counting_from_zero, "Count the epochs since"),
            (stop_with_min_delta, "which is a new low each time"),
        ],
    },
    "2.10": {
        "right": [
            Args(each, SCORES, ONCE)
            for each in (depth_step_by_step, depth_by_t_test, depth_by_hand, depth_by_one_sample)
        ],
        "wrong": [
            (Args(depth_of_the_best_mean, SCORES, ONCE), "not clearly beaten is the better one"),
            (Args(depth_unpaired, SCORES, ONCE), "the luck of each seed cancels"),
            (Args(depth_always_all, SCORES, ONCE), "Return one of the names"),
            (Args(depth_number, SCORES, ONCE), r"Return one of the names.* Received: \d"),
            (Args(depth_one_sided, SCORES, ONCE), "contains 0, if only just"),
            (Args(depth_by_normal, SCORES, ONCE), "if only just; received"),
            (Args(depth_by_bootstrap, SCORES, ONCE), "contains 0"),
            (Args(depth_at_99, SCORES, ONCE), "neither more nor less than that interval"),
            (Args(depth_with_a_correction, SCORES, ONCE), "Ask for neither"),
            (Args(depth_of_every_seed, SCORES, ONCE), "(lies above|contains) 0; received|Not every seed"),
            (Args(depth_by_two_points, SCORES, ONCE), r"gains 1.2 points in \*every\* seed"),
            (Args(depth_by_neighbours, SCORES, ONCE), "not with its neighbour"),
            (Args(depth_against_the_first, SCORES, ONCE), "the one that is chosen so far"),
            (Args(depth_from_the_deepest, SCORES, ONCE), "never go back"),
            (Args(depth_step_by_step, SCORES, ["a look", "another"]), "opened 2 times"),
        ],
        "prediction": "everything",
    },
}
