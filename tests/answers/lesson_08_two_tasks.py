"""Right and wrong answers to the exercises of lesson 8: each wrong one stands for a misconception."""

import math

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize, stats
from scipy.special import log_softmax, logsumexp

from tlkit.checks.testing import Args
from tlkit.measure import paired_interval
from tlkit.multitask import quarter_turns, uncertainty_weights

# --- 8.1


def reached_by_the_tape(model, x):
    found = {}
    for task in model.output:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x)[task])
        gradients = tape.gradient(loss, model.trainable_variables)
        taught = {id(w) for w, g in zip(model.trainable_variables, gradients, strict=True) if g is not None}
        found[task] = [layer.name for layer in model.layers if any(id(w) in taught for w in layer.trainable_weights)]
    return found


def reached_layer_by_layer(model, x):
    with tf.GradientTape(persistent=True) as tape:
        losses = {task: tf.reduce_mean(logits) for task, logits in model(tf.constant(x)).items()}
    found = {task: set() for task in losses}
    for layer in model.layers:
        for weight in layer.trainable_weights:
            for task, loss in losses.items():
                if tape.gradient(loss, weight) is not None:
                    found[task].add(layer.name)
    return found


def reached_by_sources(model, x):
    learning = {layer.name: layer.trainable_weights for layer in model.layers if layer.trainable_weights}
    found = {}
    for task in model.output:
        with tf.GradientTape() as tape:
            loss = tf.norm(model(x)[task])
        each = tape.gradient(loss, learning)
        found[task] = tuple(name for name, parts in each.items() if any(part is not None for part in parts))
    return found


def reached_by_wiggling(model, x):
    found = {task: [] for task in model.output}
    before = {task: logits.numpy() for task, logits in model(x).items()}
    for layer in model.layers:
        if layer.trainable_weights:
            kept = layer.get_weights()
            layer.set_weights([weight + 0.37 for weight in kept])
            for task, logits in model(x).items():
                if not np.allclose(logits.numpy(), before[task], atol=1e-6):
                    found[task].append(layer.name)
            layer.set_weights(kept)
    return found


def reached_as_all_layers(model, x):
    return {task: [layer.name for layer in model.layers if layer.trainable_weights] for task in model.output}


def reached_without_other_heads(model, x):
    tasks = set(model.output)
    names = [layer.name for layer in model.layers if layer.trainable_weights]
    return {task: [name for name in names if name == task or name not in tasks] for task in tasks}


def reached_even_if_frozen(model, x):
    found = {}
    for task in model.output:
        weights = [(layer.name, weight) for layer in model.layers for weight in layer.weights]
        with tf.GradientTape() as tape:
            tape.watch([weight.value for _, weight in weights])
            loss = tf.reduce_sum(model(x)[task] ** 2)
        gradients = tape.gradient(loss, [weight.value for _, weight in weights])
        found[task] = {name for (name, _), g in zip(weights, gradients, strict=True) if g is not None}
    return found


def reached_by_all_together(model, x):
    found = reached_by_the_tape(model, x)
    shared = set.intersection(*map(set, found.values()))
    return dict.fromkeys(found, shared)


def reached_as_paths(model, x):
    return {task: [weight.path for weight in model.trainable_variables] for task in model.output}


def reached_as_one_list(model, x):
    return [layer.name for layer in model.layers]


def reached_by_a_step(model, x):
    for weight in model.trainable_variables:
        weight.assign_sub(0.1 * weight)
    return reached_by_the_tape(model, x)


def reached_heads_only(model, x):
    return {task: [task] for task in model.output}


GAINS = [-0.01, 0.0, -0.005]

# --- 8.2


def masked_by_rows(logits, labels):
    known = labels >= 0
    if not known.any():
        return 0.0
    found = log_softmax(logits[known], axis=1)
    return -found[np.arange(len(found)), labels[known]].mean()


def masked_in_a_loop(logits, labels):
    costs = []
    for row, label in zip(logits, labels, strict=True):
        if label != -1:
            costs.append(logsumexp(row) - row[label])
    return sum(costs) / max(len(costs), 1)


def masked_by_keras(logits, labels):
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)(labels, logits)


def masked_by_weights(logits, labels):
    known = (labels >= 0).astype(float)
    costs = tf.nn.sparse_softmax_cross_entropy_with_logits(np.maximum(labels, 0), logits)
    return tf.reduce_sum(known * costs) / max(known.sum(), 1.0)


def _masked(logits, labels, *, known=None, divide=None):
    known = labels >= 0 if known is None else known
    costs = -log_softmax(logits, axis=1)[np.arange(len(labels)), np.maximum(labels, 0)]
    return costs[known].sum() / (divide or max(known.sum(), 1))


def masked_as_class_0(logits, labels):
    return _masked(logits, labels, known=np.ones(len(labels), bool))


def masked_as_the_last_class(logits, labels):
    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


def masked_over_the_batch(logits, labels):
    return _masked(logits, labels, divide=len(labels))


def masked_summed(logits, labels):
    return _masked(logits, labels, divide=1)


def masked_with_the_other_sign(logits, labels):
    return -masked_by_rows(logits, labels)


def masked_not_a_number(logits, labels):
    known = labels >= 0
    with np.errstate(all="ignore"):
        costs = -log_softmax(logits[known], axis=1)[np.arange(known.sum()), labels[known]]
        return np.float64(costs.sum()) / known.sum()


def masked_of_plain_exponentials(logits, labels):
    known = labels >= 0
    if not known.any():
        return 0.0
    with np.errstate(all="ignore"):
        chances = np.exp(logits[known]) / np.exp(logits[known]).sum(axis=1, keepdims=True)
        return -np.log(chances[np.arange(len(chances)), labels[known]]).mean()


def masked_with_a_smallest_chance(logits, labels):
    known = labels >= 0
    chances = np.exp(logits[known] - logits[known].max(axis=1, keepdims=True))
    chances = chances[np.arange(known.sum()), labels[known]] / chances.sum(axis=1)
    return -np.log(chances + 1e-12).mean() if known.any() else 0.0


def masked_as_an_error(logits, labels):
    known = labels >= 0
    if not known.any():
        return 0.0
    chances = np.exp(log_softmax(logits[known], axis=1))
    return 1 - chances[np.arange(len(chances)), labels[known]].mean()


FILLED = [-0.5, -0.6, -0.55]

# --- 8.3


def _word(low, high):
    return "helps" if low > 0 else "hurts" if high < 0 else "not shown"


def verdicts_of_the_kit(alone, together):
    found = {task: paired_interval(values, alone) for task, values in together.items()}
    return {task: _word(each.low, each.high) for task, each in found.items()}


def verdicts_by_hand(alone, together):
    verdicts = {}
    for task, values in together.items():
        differences = values - alone
        n = len(differences)
        half = stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)
        verdicts[task] = _word(differences.mean() - half, differences.mean() + half)
    return verdicts


def verdicts_by_a_test(alone, together):
    verdicts = dict.fromkeys(together, "not shown")
    for task, values in together.items():
        test = stats.ttest_rel(values, alone)
        if test.pvalue < 0.05:
            verdicts[task] = "helps" if test.statistic > 0 else "hurts"
    return verdicts


def verdicts_of_scipy(alone, together):
    verdicts = {}
    for task, values in together.items():
        low, high = stats.ttest_1samp(values - alone, 0).confidence_interval(0.95)
        verdicts[task] = _word(low, high)
    return verdicts


def verdicts_by_the_mean(alone, together):
    return {task: "helps" if values.mean() > alone.mean() else "hurts" for task, values in together.items()}


def verdicts_by_a_point(alone, together):
    means = {task: (values - alone).mean() for task, values in together.items()}
    return {task: _word(mean - 0.01, mean + 0.01) for task, mean in means.items()}


def verdicts_unpaired(alone, together):
    verdicts = {}
    for task, values in together.items():
        low, high = stats.ttest_ind(values, alone).confidence_interval(0.95)
        verdicts[task] = _word(low, high)
    return verdicts


def verdicts_of_a_bell(alone, together):
    verdicts = {}
    for task, values in together.items():
        differences = values - alone
        half = 1.96 * stats.sem(differences)
        verdicts[task] = _word(differences.mean() - half, differences.mean() + half)
    return verdicts


def verdicts_turned_round(alone, together):
    found = {task: paired_interval(alone, values) for task, values in together.items()}
    return {task: _word(each.low, each.high) for task, each in found.items()}


def verdicts_as_numbers(alone, together):
    return {task: float((values - alone).mean()) for task, values in together.items()}


def verdicts_as_a_list(alone, together):
    return list(verdicts_of_the_kit(alone, together).values())


def verdicts_by_every_seed(alone, together):
    return {task: _word((values - alone).min(), (values - alone).max()) for task, values in together.items()}


BY_LABELS = {"the same few": [-0.01, 0.0], "all": [0.01, 0.02]}

# --- 8.4


def stitch_by_tensordot(trunks, exchange):
    return np.tensordot(exchange, trunks, axes=1)


def stitch_by_einsum(trunks, exchange):
    return np.einsum("ij,jbw->ibw", exchange, trunks)


def stitch_in_loops(trunks, exchange):
    mixtures = []
    for row in exchange:
        mixture = np.zeros_like(trunks[0])
        for weight, trunk in zip(row, trunks, strict=True):
            mixture += weight * trunk
        mixtures.append(mixture)
    return mixtures


def stitch_with_tensors(trunks, exchange):
    flat = tf.reshape(tf.constant(trunks), (len(trunks), -1))
    return tf.reshape(tf.constant(exchange) @ flat, trunks.shape)


def stitch_transposed(trunks, exchange):
    return np.tensordot(exchange.T, trunks, axes=1)


def stitch_of_its_own(trunks, exchange):
    return np.diag(exchange)[:, None, None] * trunks


def stitch_by_a_softmax(trunks, exchange):
    return np.tensordot(np.exp(log_softmax(exchange, axis=1)), trunks, axes=1)


def stitch_that_adds(trunks, exchange):
    return trunks + np.tensordot(exchange, trunks, axes=1)


def stitch_of_shares(trunks, exchange):
    return np.tensordot(exchange / exchange.sum(axis=1, keepdims=True), trunks, axes=1)


def stitch_without_signs(trunks, exchange):
    return np.tensordot(np.abs(exchange), trunks, axes=1)


def stitch_of_one_task(trunks, exchange):
    return stitch_by_tensordot(trunks, exchange)[0]


def stitch_of_means(trunks, exchange):
    return np.tensordot(exchange, trunks, axes=1) / len(trunks)


BY_WIDTH = {"loop, 64 units": [0.01, 0.02], "loop, 6 units": [0.03, 0.04]}

# --- 8.5


def _flat(gradients):
    return np.concatenate([each.ravel() for each in gradients])


def cosine_by_concatenation(a, b):
    x, y = _flat(a), _flat(b)
    lengths = np.linalg.norm(x) * np.linalg.norm(y)
    return x @ y / lengths if lengths > 0 else 0.0


def cosine_by_sums(a, b):
    product = sum((p * q).sum() for p, q in zip(a, b, strict=True))
    squares = sum((p**2).sum() for p in a) * sum((q**2).sum() for q in b)
    return 0 if squares == 0 else product / np.sqrt(squares)


def cosine_of_units(a, b):
    x, y = (list(np.hstack([np.ravel(each) for each in gradients])) for gradients in (a, b))
    if not any(x) or not any(y):
        return 0.0
    product = math.fsum(p * q for p, q in zip(x, y, strict=True))
    return product / math.hypot(*x) / math.hypot(*y)


def cosine_with_keras(a, b):
    x, y = (tf.concat([tf.reshape(each, -1) for each in gradients], 0) for gradients in (a, b))
    return -keras.losses.cosine_similarity(x, y)


def cosine_of_each_array(a, b):
    return np.mean([cosine_by_concatenation([p], [q]) for p, q in zip(a, b, strict=True)])


def cosine_without_lengths(a, b):
    return _flat(a) @ _flat(b)


def cosine_as_a_correlation(a, b):
    x, y = _flat(a), _flat(b)
    return np.corrcoef(x, y)[0, 1] if x.any() and y.any() else 0.0


def cosine_as_an_angle(a, b):
    return np.arccos(np.clip(cosine_by_concatenation(a, b), -1, 1))


def cosine_without_a_sign(a, b):
    return abs(cosine_by_concatenation(a, b))


def cosine_of_the_first(a, b):
    return cosine_by_concatenation(a[:1], b[:1])


def cosine_not_a_number(a, b):
    x, y = _flat(a), _flat(b)
    with np.errstate(all="ignore"):
        return x @ y / (np.linalg.norm(x) * np.linalg.norm(y))


def cosine_with_a_small_number(a, b):
    x, y = _flat(a), _flat(b)
    return x @ y / (np.linalg.norm(x) * np.linalg.norm(y) + 1e-8)


def cosine_as_a_distance(a, b):
    return 1 - cosine_by_concatenation(a, b)


def cosine_by_one_length(a, b):
    x, y = _flat(a), _flat(b)
    return x @ y / (x @ x) if x.any() else 0.0


COSINES = [-0.05, -0.04, -0.06]

# --- 8.6


def changes_by_products(gradients, weights, learning_rate):
    return gradients @ (-learning_rate * (weights @ gradients))


def changes_in_loops(gradients, weights, learning_rate):
    total = [0.0] * gradients.shape[1]
    for weight, gradient in zip(weights, gradients, strict=True):
        total = [so_far + weight * each for so_far, each in zip(total, gradient, strict=True)]
    return [-learning_rate * sum(p * q for p, q in zip(gradient, total, strict=True)) for gradient in gradients]


def changes_by_gram(gradients, weights, learning_rate):
    return -learning_rate * (gradients @ gradients.T) @ weights


def changes_with_tensors(gradients, weights, learning_rate):
    g, w = tf.constant(gradients), tf.constant(weights)
    step = -learning_rate * tf.reduce_sum(w[:, None] * g, axis=0)
    return tf.linalg.matvec(g, step)


def changes_upwards(gradients, weights, learning_rate):
    return gradients @ (learning_rate * (weights @ gradients))


def changes_of_weighted_losses(gradients, weights, learning_rate):
    return weights * changes_by_products(gradients, weights, learning_rate)


def changes_with_equal_weights(gradients, weights, learning_rate):
    return changes_by_products(gradients, np.ones_like(weights), learning_rate)


def changes_alone(gradients, weights, learning_rate):
    return -learning_rate * weights * (gradients**2).sum(axis=1)


def changes_by_angles(gradients, weights, learning_rate):
    unit = gradients / np.linalg.norm(gradients, axis=1, keepdims=True)
    return changes_by_products(unit, weights, learning_rate)


def changes_without_a_rate(gradients, weights, learning_rate):
    return changes_by_products(gradients, weights, 1.0)


def changes_by_the_mean(gradients, weights, learning_rate):
    return gradients @ (-learning_rate * np.mean(weights[:, None] * gradients, axis=0))


def changes_by_an_average(gradients, weights, learning_rate):
    return gradients @ (-learning_rate * np.average(gradients, axis=0, weights=weights))


def changes_as_a_step(gradients, weights, learning_rate):
    return -learning_rate * (weights @ gradients)


def changes_summed(gradients, weights, learning_rate):
    return changes_by_products(gradients, weights, learning_rate).sum()


# --- 8.7


def weights_in_closed_form(losses):
    return 1 / (2 * losses)


def weights_of_the_kit(losses):
    return uncertainty_weights(losses, floor=1e-9)


def weights_with_tensors(losses):
    return tf.math.reciprocal(2 * tf.constant(losses))


def weights_by_search(losses):
    return [math.exp(-optimize.minimize_scalar(lambda s, loss=loss: math.exp(-s) * loss + s / 2).x) for loss in losses]


def weights_by_a_root(losses):
    return [1 / math.exp(optimize.brentq(lambda s, loss=loss: 0.5 - math.exp(-s) * loss, -30, 30)) for loss in losses]


def weights_without_the_half(losses):
    return 1 / losses


def weights_as_s(losses):
    return np.log(2 * losses)


def weights_turned_round(losses):
    return 2 * losses


def weights_of_squares(losses):
    return 1 / (2 * losses**2)


def weights_that_add_up(losses):
    weights = 1 / losses
    return weights / weights.sum()


def weights_of_exponentials(losses):
    return np.exp(-losses)


def weights_that_are_equal(losses):
    return np.ones(len(losses))


def weights_summed(losses):
    return (1 / (2 * losses)).sum()


BY_RULE = {"equal": [-0.03, -0.02], "uncertainty": [-0.06, -0.07]}

# --- 8.8


def turned_by_rot90(images):
    turned = [np.rot90(images, k, axes=(1, 2)) for k in range(4)]
    return np.concatenate(turned), np.repeat(np.arange(4), len(images))


def turned_by_the_kit(images):
    return quarter_turns(images)


def turned_by_transposing(images):
    found = [images]
    for _ in range(3):
        found.append(found[-1].transpose(0, 2, 1, 3)[:, ::-1])
    return np.vstack(found), np.array([k for k in range(4) for _ in images])


def turned_in_loops(images):
    pictures, labels = [], []
    for turns in range(4):
        for image in images:
            pictures.append(np.rot90(image, turns))
            labels.append(turns)
    return np.array(pictures), labels


def turned_with_tensors(images):
    return tf.concat([tf.image.rot90(images, k) for k in range(4)], 0), tf.repeat(tf.range(4), len(images))


def turned_clockwise(images):
    turned = [np.rot90(images, -k, axes=(1, 2)) for k in range(4)]
    return np.concatenate(turned), np.repeat(np.arange(4), len(images))


def turned_image_by_image(images):
    turned = np.stack([np.rot90(images, k, axes=(1, 2)) for k in range(4)], axis=1)
    return turned.reshape(-1, *images.shape[1:]), np.tile(np.arange(4), len(images))


def turned_with_wrong_labels(images):
    return turned_by_rot90(images)[0], np.tile(np.arange(4), len(images))


def turned_in_a_mirror(images):
    turned = [images, images.transpose(0, 2, 1, 3), images[:, ::-1], images[:, :, ::-1]]
    return np.concatenate(turned), np.repeat(np.arange(4), len(images))


def turned_without_upright(images):
    turned = [np.rot90(images, k, axes=(1, 2)) for k in range(1, 4)]
    return np.concatenate(turned), np.repeat(np.arange(1, 4), len(images))


def turned_in_degrees(images):
    return turned_by_rot90(images)[0], np.repeat([0, 90, 180, 270], len(images))


def turned_without_labels(images):
    return turned_by_rot90(images)[0]


def turned_only_half(images):
    turned = [images, np.rot90(images, 2, axes=(1, 2))] * 2
    return np.concatenate(turned), np.repeat(np.arange(4), len(images))


FREE_GAINS = {"quarter turns": [0.01, 0.0], "the jigsaw": [0.03, 0.02]}


ANSWERS = {
    "8.1": {
        "right": [
            Args(reached_by_the_tape, GAINS),
            Args(reached_layer_by_layer, GAINS),
            Args(reached_by_sources, GAINS),
            Args(reached_by_wiggling, GAINS),
        ],
        "wrong": [
            (Args(reached_as_all_layers, GAINS), "on the way of its own task's only"),
            (Args(reached_without_other_heads, GAINS), "ask the gradients"),
            (Args(reached_even_if_frozen, GAINS), "is not trainable gets no gradient"),
            (Args(reached_as_paths, GAINS), "as `layer.name` does"),
            (Args(reached_as_one_list, GAINS), "for each task"),
            (Args(reached_by_a_step, GAINS), "take no step"),
        ],
        "refused": [Args(reached_by_all_together, GAINS), Args(reached_heads_only, GAINS)],
        "prediction": "within 1 point",
    },
    "8.2": {
        "right": [
            Args(masked_by_rows, FILLED),
            Args(masked_in_a_loop, FILLED),
            Args(masked_by_keras, FILLED),
            Args(masked_by_weights, FILLED),
        ],
        "wrong": [
            (Args(masked_as_class_0, FILLED), "is not class 0"),
            (Args(masked_as_the_last_class, FILLED), "in Python it is the last class"),
            (Args(masked_over_the_batch, FILLED), "number of known labels"),
            (Args(masked_summed, FILLED), "not their sum"),
            (Args(masked_with_the_other_sign, FILLED), r"\*minus\* the logarithm"),
            (Args(masked_not_a_number, FILLED), "Is 0 divided by 0"),
            (Args(masked_of_plain_exponentials, FILLED), "subtract the largest logit"),
            (Args(masked_as_an_error, FILLED), "logarithm of the right chance"),
            (Args(masked_with_a_smallest_chance, FILLED), "add nothing to it"),
        ],
        "prediction": "by more than 20 points",
    },
    "8.3": {
        "right": [
            Args(verdicts_of_the_kit, BY_LABELS),
            Args(verdicts_by_hand, BY_LABELS),
            Args(verdicts_by_a_test, BY_LABELS),
            Args(verdicts_of_scipy, BY_LABELS),
        ],
        "wrong": [
            (Args(verdicts_unpaired, BY_LABELS), "take the difference of each pair"),
            (Args(verdicts_by_a_point, BY_LABELS), "does not make a mean sure"),
            (Args(verdicts_of_a_bell, BY_LABELS), "Student's quantile"),
            (Args(verdicts_as_numbers, BY_LABELS), "A verdict is one of"),
            (Args(verdicts_as_a_list, BY_LABELS), "for each task"),
            (Args(verdicts_turned_round, BY_LABELS), "'helps', received 'hurts'|'hurts', received 'helps'"),
        ],
        "refused": [Args(verdicts_by_the_mean, BY_LABELS), Args(verdicts_by_every_seed, BY_LABELS)],
        "prediction": "the labels of further images",
    },
    "8.4": {
        "right": [
            Args(stitch_by_tensordot, BY_WIDTH),
            Args(stitch_by_einsum, BY_WIDTH),
            Args(stitch_in_loops, BY_WIDTH),
            Args(stitch_with_tensors, BY_WIDTH),
        ],
        "wrong": [
            (Args(stitch_transposed, BY_WIDTH), "yours is transposed"),
            (Args(stitch_of_its_own, BY_WIDTH), "not only from its own"),
            (Args(stitch_by_a_softmax, BY_WIDTH), "without a softmax"),
            (Args(stitch_that_adds, BY_WIDTH), "not added again"),
            (Args(stitch_of_shares, BY_WIDTH), "need not add up to 1"),
            (Args(stitch_without_signs, BY_WIDTH), "takes a trunk away"),
            (Args(stitch_of_one_task, BY_WIDTH), "mixtures of that shape"),
            (Args(stitch_of_means, BY_WIDTH), "do not divide by the number of tasks"),
        ],
        "prediction": "more help and more harm",
    },
    "8.5": {
        "right": [
            Args(cosine_by_concatenation, COSINES),
            Args(cosine_by_sums, COSINES),
            Args(cosine_of_units, COSINES),
            Args(cosine_with_keras, COSINES),
        ],
        "wrong": [
            (Args(cosine_of_each_array, COSINES), "a small array must not count"),
            (Args(cosine_without_lengths, COSINES), "Divide by both lengths"),
            (Args(cosine_as_a_correlation, COSINES), "takes the means away"),
            (Args(cosine_as_an_angle, COSINES), "not the angle"),
            (Args(cosine_without_a_sign, COSINES), "whether the two agree"),
            (Args(cosine_of_the_first, COSINES), "not only the first"),
            (Args(cosine_not_a_number, COSINES), "not a number"),
            (Args(cosine_as_a_distance, COSINES), "not the distance"),
            (Args(cosine_by_one_length, COSINES), "the lengths of both"),
            (Args(cosine_with_a_small_number, COSINES), "A small number in the denominator"),
        ],
        "prediction": "clearly below 0",
    },
    "8.6": {
        "right": [changes_by_products, changes_in_loops, changes_by_gram, changes_with_tensors],
        "wrong": [
            (changes_upwards, r"goes \*down\*"),
            (changes_of_weighted_losses, "without its weight"),
            (changes_with_equal_weights, r"the \*weighted\* sum"),
            (changes_alone, "the gradients of the others"),
            (changes_by_angles, "Lengths count"),
            (changes_without_a_rate, "as long as the learning rate"),
            (changes_as_a_step, "one for each"),
            (changes_by_the_mean, "do not divide by the number of tasks"),
            (changes_by_an_average, "do not divide by their sum"),
        ],
        "refused": [changes_summed],
    },
    "8.7": {
        "right": [
            Args(weights_in_closed_form, BY_RULE),
            Args(weights_with_tensors, BY_RULE),
            Args(weights_by_search, BY_RULE),
            Args(weights_by_a_root, BY_RULE),
        ],
        "wrong": [
            (Args(weights_of_the_kit, BY_RULE), "write this yourself. Your answer calls uncertainty_weights"),
            (Args(weights_without_the_half, BY_RULE), "a half before `s`"),
            (Args(weights_as_s, BY_RULE), "This is `s`"),
            (Args(weights_turned_round, BY_RULE), r"a \*small\* weight"),
            (Args(weights_of_squares, BY_RULE), "not its square"),
            (Args(weights_that_add_up, BY_RULE), "need not add up"),
            (Args(weights_of_exponentials, BY_RULE), "is not the loss itself"),
            (Args(weights_that_are_equal, BY_RULE), "no attention"),
        ],
        "refused": [Args(weights_summed, BY_RULE)],
        "prediction": "worse than equal weights",
    },
    "8.8": {
        "right": [
            Args(turned_by_rot90, FREE_GAINS),
            Args(turned_by_transposing, FREE_GAINS),
            Args(turned_in_loops, FREE_GAINS),
            Args(turned_with_tensors, FREE_GAINS),
        ],
        "wrong": [
            (Args(turned_clockwise, FREE_GAINS), "the right edge becomes the top"),
            (Args(turned_image_by_image, FREE_GAINS), "in their order"),
            (Args(turned_with_wrong_labels, FREE_GAINS), "Which label belongs to which"),
            (Args(turned_in_a_mirror, FREE_GAINS), "Some are mirrored"),
            (Args(turned_without_upright, FREE_GAINS), "in four directions are"),
            (Args(turned_without_labels, FREE_GAINS), "Return two arrays"),
            (Args(turned_only_half, FREE_GAINS), "not the four directions"),
            (Args(turned_in_degrees, FREE_GAINS), "no angle in degrees"),
            (Args(turned_by_the_kit, FREE_GAINS), "write this yourself. Your answer calls quarter_turns"),
        ],
        "prediction": "the jigsaw",
    },
}
