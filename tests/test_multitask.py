"""Sharing, weights and training for several tasks against SciPy, Keras' own training, and sums written out."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import optimize
from scipy.special import log_softmax

from tlkit import multitask

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(40, 5)).astype("float32")
SIGN = (TABLE[:, 0] > 0).astype(int)
SIZE = np.where(np.arange(40) < 10, np.digitize(TABLE[:, 1], (-0.5, 0.5)), -1)
TASKS = {"sign": 2, "size": 3}
LABELS = {"sign": SIGN, "size": SIZE}


def _models(number=2, *, sharing=multitask.hard_sharing, width=4):
    return [sharing(5, TASKS, width=width, seed=seed) for seed in range(number)]


# --- sharing


def test_hard_sharing_is_a_linear_head_on_tanh():
    model = multitask.hard_sharing(5, TASKS, width=4, seed=3)
    kernel, bias = model.get_layer("trunk").get_weights()
    hidden = np.tanh(TABLE @ kernel + bias)
    for task, logits in model(TABLE).items():
        own, offset = model.get_layer(task).get_weights()
        np.testing.assert_allclose(logits, hidden @ own + offset, atol=1e-5)


@pytest.mark.parametrize("sharing", [multitask.hard_sharing, multitask.soft_sharing])
def test_both_losses_reach_what_is_shared(sharing):
    model = sharing(5, TASKS, width=4)
    shared = {"hard_sharing": {"trunk"}, "soft_sharing": {"trunk_sign", "trunk_size", "cross_stitch"}}[sharing.__name__]
    for task in TASKS:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(TABLE)[task] ** 2)
        found = tape.gradient(loss, {layer.name: layer.trainable_weights for layer in model.layers})
        reached = {name for name, parts in found.items() if parts and all(part is not None for part in parts)}
        assert reached == shared | {task}


def test_a_second_task_changes_no_start():
    alone, both = multitask.hard_sharing(5, {"sign": 2}, seed=7), multitask.hard_sharing(5, TASKS, seed=7)
    for name in ("trunk", "sign"):
        for one, other in zip(alone.get_layer(name).get_weights(), both.get_layer(name).get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_soft_sharing_mixes_by_its_matrix():
    model = multitask.soft_sharing(5, TASKS, width=4, seed=1)
    exchange = RNG.normal(size=(2, 2)).astype("float32")
    model.get_layer("cross_stitch").set_weights([exchange])
    trunks = []
    for task in TASKS:
        kernel, bias = model.get_layer(f"trunk_{task}").get_weights()
        trunks.append(np.tanh(TABLE @ kernel + bias))
    assert not np.allclose(*trunks)
    for i, (task, logits) in enumerate(model(TABLE).items()):
        kernel, bias = model.get_layer(task).get_weights()
        mixture = exchange[i, 0] * trunks[0] + exchange[i, 1] * trunks[1]
        np.testing.assert_allclose(logits, mixture @ kernel + bias, atol=1e-5)


def test_cross_stitch_begins_with_its_own_and_can_be_saved():
    for number, rest in ((1, 0.0), (3, 0.1)):
        layer = multitask.CrossStitch(number, own=0.8)
        layer([keras.ops.ones((2, 4))] * number)
        np.testing.assert_allclose(layer.exchange, (0.8 - rest) * np.eye(number) + rest, atol=1e-6)
        assert multitask.CrossStitch.from_config(layer.get_config()).own == 0.8


def test_sharing_needs_a_task():
    for sharing in (multitask.hard_sharing, multitask.soft_sharing):
        with pytest.raises(ValueError, match="at least one task"):
            sharing(5, {})


# --- weights


def test_uncertainty_is_the_minimum():
    losses = np.exp(RNG.uniform(-3, 3, 6))
    for loss, weight in zip(losses, multitask.uncertainty_weights(losses), strict=True):
        least = optimize.minimize_scalar(lambda s, loss=loss: np.exp(-s) * loss + s / 2).x
        assert weight == pytest.approx(np.exp(-least), rel=1e-4)


def test_gradient_norms_become_equal():
    norms = RNG.uniform(0.1, 9, (4, 3))
    weights = multitask.gradient_norm_weights(norms)
    np.testing.assert_allclose(weights.sum(axis=1), 3)
    np.testing.assert_allclose(weights * norms, np.broadcast_to((weights * norms)[:, :1], (4, 3)))


def test_a_learned_task_does_not_get_all_the_weight():
    assert multitask.uncertainty_weights([0.0, 1.0]).tolist() == [50.0, 0.5]
    assert multitask.gradient_norm_weights([0.0, 0.0]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("weigh", [multitask.uncertainty_weights, multitask.gradient_norm_weights])
def test_weights_refuse(weigh):
    for values in ([-1.0, 2.0], [np.nan, 1.0], 3.0):
        with pytest.raises(ValueError, match="one number for each task, at least 0"):
            weigh(values)
    with pytest.raises(ValueError, match=r"`floor` must be above 0. Received: 0"):
        weigh([1.0, 2.0], floor=0)


# --- training


def _rows(task_number, seed, known, steps, batch):
    return np.random.default_rng([seed, task_number]).choice(np.flatnonzero(known), (steps, batch))


@pytest.mark.slow
@pytest.mark.parametrize("sharing", [multitask.hard_sharing, multitask.soft_sharing])
def test_each_model_ends_where_keras_ends_with_masked_losses(sharing):
    """The oracle: `train_on_batch` with one batch for all tasks, -1 where a row was not drawn for a task."""
    models, references = _models(sharing=sharing), _models(sharing=sharing)
    weights, steps, batch = {"sign": 1.0, "size": 0.3}, 8, 6
    multitask.train_tasks(
        models, TABLE, LABELS, seeds=[4, 9], weights=weights, steps=steps, batch_size=batch, learning_rate=0.01
    )
    for model, reference, seed in zip(models, references, (4, 9), strict=True):
        losses = {task: keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1) for task in TASKS}
        reference.compile(keras.optimizers.Adam(0.01), losses, loss_weights=weights)
        drawn = [_rows(i, seed, labels >= 0, steps, batch) for i, labels in enumerate(LABELS.values())]
        for sign_rows, size_rows in zip(*drawn, strict=True):
            none = np.full(batch, -1)
            y = {"sign": np.r_[SIGN[sign_rows], none], "size": np.r_[none, SIZE[size_rows]]}
            reference.train_on_batch(np.r_[TABLE[sign_rows], TABLE[size_rows]], y)
        for mine, theirs in zip(model.get_weights(), reference.get_weights(), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=2e-5)


def test_the_masked_loss_of_keras_is_the_mean_of_the_known():
    logits = 3 * RNG.normal(size=(40, 3)).astype("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    known = SIZE >= 0
    truth = -log_softmax(logits[known], axis=1)[np.arange(known.sum()), SIZE[known]].mean()
    assert float(loss(SIZE, logits)) == pytest.approx(truth, rel=1e-5)
    assert float(loss(np.full(40, -1), logits)) == 0.0


@pytest.mark.slow
def test_notes_are_losses_lengths_and_cosines_of_the_first_step():
    [model] = models = _models(1)
    kernel, bias = model.get_layer("trunk").get_weights()
    hidden, flat = None, []
    for i, (task, labels) in enumerate(LABELS.items()):
        [rows] = _rows(i, 5, labels >= 0, 1, 7)
        own, offset = model.get_layer(task).get_weights()
        hidden = np.tanh(TABLE[rows] @ kernel + bias)
        logs = log_softmax(hidden @ own + offset, axis=1)
        error = (np.exp(logs) - np.eye(TASKS[task])[labels[rows]]) / 7
        back = error @ own.T * (1 - hidden**2)
        flat.append((-logs[np.arange(7), labels[rows]].mean(), np.r_[(TABLE[rows].T @ back).ravel(), back.sum(axis=0)]))
    notes = multitask.train_tasks(models, TABLE, LABELS, seeds=[5], steps=1, batch_size=7)
    (a, x), (b, y) = flat
    np.testing.assert_allclose(notes.losses[0, 0], [a, b], rtol=1e-4)
    np.testing.assert_allclose(notes.norms[0, 0], [np.linalg.norm(x), np.linalg.norm(y)], rtol=1e-4)
    cosine = x @ y / np.linalg.norm(x) / np.linalg.norm(y)
    np.testing.assert_allclose(notes.cosines[0, 0], [[1, cosine], [cosine, 1]], atol=1e-5)
    assert notes.tasks == ("sign", "size")
    assert notes.weights.tolist() == [[[1.0, 1.0]]]


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["uncertainty", "gradient norm"])
def test_rules_follow_running_means(rule):
    notes = multitask.train_tasks(_models(), TABLE, LABELS, seeds=[0, 1], weights=rule, steps=5)
    source = notes.losses if rule == "uncertainty" else notes.norms
    weigh = multitask.uncertainty_weights if rule == "uncertainty" else multitask.gradient_norm_weights
    running = source[0]
    np.testing.assert_allclose(notes.weights[0], weigh(running), rtol=1e-5)
    for now, weights in zip(source[1:], notes.weights[1:], strict=True):
        running = 0.9 * running + 0.1 * now
        np.testing.assert_allclose(weights, weigh(running), rtol=1e-4)


@pytest.mark.slow
def test_a_weight_of_zero_leaves_the_other_task_alone():
    alone = multitask.hard_sharing(5, {"sign": 2}, width=4, seed=0)
    [both] = _models(1)
    multitask.train_tasks([alone], TABLE, {"sign": SIGN}, seeds=[3], steps=20)
    multitask.train_tasks([both], TABLE, LABELS, seeds=[3], steps=20, weights={"sign": 1.0, "size": 0.0})
    np.testing.assert_allclose(alone(TABLE)["sign"], both(TABLE)["sign"], atol=1e-5)


@pytest.mark.slow
def test_labels_may_differ_from_model_to_model():
    each = np.stack([SIZE, np.roll(SIZE, 20)])
    together, alone = _models(), _models()
    multitask.train_tasks(together, TABLE, {"sign": SIGN, "size": each}, seeds=[0, 1], steps=6)
    for model, seed, own in zip(alone, (0, 1), each, strict=True):
        multitask.train_tasks([model], TABLE, {"sign": SIGN, "size": own}, seeds=[seed], steps=6)
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one(TABLE)["size"], other(TABLE)["size"], atol=1e-5)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"seeds": [0]}, "must have the same length"),
        ({"labels": {"sign": SIGN}}, r"must name the outputs of the models, \['sign', 'size'\]"),
        ({"labels": {**LABELS, "size": np.full(40, -1)}}, "at least one label of 'size'. Model 0 has none"),
        ({"weights": "by feeling"}, "must be None, one of"),
        ({"weights": {"sign": 1.0}}, "a weight of at least 0 for each of"),
        ({"weights": {"sign": 1.0, "size": -1.0}}, "a weight of at least 0 for each of"),
    ],
)
def test_training_refuses(change, match):
    options = {"features": TABLE, "labels": LABELS, "seeds": [0, 1], **change}
    with pytest.raises(ValueError, match=match):
        multitask.train_tasks(_models(), **options)


# --- labels that cost nothing

SQUARES = RNG.integers(0, 256, (3, 6, 6, 2))


def test_quarter_turns_are_tensorflows():
    pictures, turns = multitask.quarter_turns(SQUARES)
    assert turns.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    for k in range(4):
        np.testing.assert_array_equal(pictures[turns == k], tf.image.rot90(SQUARES, k))


def test_jigsaw_moves_whole_tiles_in_eight_ways():
    pictures, orders = multitask.jigsaw(SQUARES)
    assert np.bincount(orders).tolist() == [3] * 8
    np.testing.assert_array_equal(pictures[:3], SQUARES)
    corners = [(0, 0), (0, 3), (3, 0), (3, 3)]
    tiles = [SQUARES[0, i : i + 3, j : j + 3].tolist() for i, j in corners]
    found = {tuple(tiles.index(one[i : i + 3, j : j + 3].tolist()) for i, j in corners) for one in pictures[::3]}
    assert len(found) == 8
    assert all(sorted(order) == [0, 1, 2, 3] for order in found)


@pytest.mark.parametrize("make", [multitask.quarter_turns, multitask.jigsaw])
def test_free_labels_need_squares(make):
    with pytest.raises(ValueError, match=r"must be square.*Received shape \(2, 4, 6, 1\)"):
        make(np.zeros((2, 4, 6, 1)))


def test_jigsaw_needs_an_even_size():
    with pytest.raises(ValueError, match="of an even size"):
        multitask.jigsaw(np.zeros((2, 5, 5, 1)))
