"""What the answers of lesson 2 must do: what moves, and three repairs (exercises 2.1 to 2.4)."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np

from tlkit.checks.configurations import CONFIGURATIONS, MOVES, true_moves
from tlkit.checks.exercise import CheckFailed, require, shared_trial
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import deep_classifier, hidden_rng, quiet_tracing, tiny_batch, with_dead_branch
from tlkit.freezing import audit

__all__ = [
    "augments_anew",
    "batchnorm_rests",
    "counts_what_moved",
    "draws_a_new_order",
    "every_image_once",
    "leaves_no_trace",
    "reaches_inside",
    "reconciles_the_moves",
    "six_moves",
    "statistics_apart",
    "statistics_hold_still",
    "the_head_learns_first",
    "the_rest_stays_frozen",
    "the_second_phase_is_gentle",
    "the_second_phase_is_heard",
    "works_without_batchnorm",
]

KINDS = ("flat", "nested", "sequential")


def _differences(model: keras.Model, before: list[np.ndarray]) -> dict[str, float]:
    """Largest change of each array of weights, by `layer/name`."""
    names = [f"{layer.name}/{weight.name}" for layer in _layers(model) for weight in layer.weights]
    arrays = [np.array(weight.numpy()) for layer in _layers(model) for weight in layer.weights]
    return {name: float(np.abs(new - old).max()) for name, new, old in zip(names, arrays, before, strict=True)}


def _layers(model: keras.Model) -> list[keras.Layer]:
    nested = [_layers(layer) if isinstance(layer, keras.Model) else [layer] for layer in model.layers]
    return [layer for group in nested for layer in group]


def _arrays(model: keras.Model) -> list[np.ndarray]:
    return [np.array(weight.numpy()) for layer in _layers(model) for weight in layer.weights]


# --- 2.1 What moves?


@quiet_tracing()
def _counts(what_moves: Callable, model: keras.Model, batch: tuple) -> tuple[int, int]:
    received = what_moves(model, *batch)
    fine = isinstance(received, (tuple, list)) and len(received) == 2
    require(fine, f"Return two numbers: arrays of weights that moved, statistics that moved. Received: {received!r}.")
    return int(received[0]), int(received[1])


def counts_what_moved(what_moves):
    """It counts what moved, not what was allowed to."""
    rng = hidden_rng()
    batch, model = tiny_batch(rng), with_dead_branch(rng)
    received, truth = _counts(what_moves, model, batch)[0], audit(model, batch).num_moved
    message = f"{truth} arrays of weights move in a network with a dead branch, whose flags say that it learns; "
    require(received == truth, f"{message}received {received}. Compare each array before and after a `fit`.")


@shared_trial
def _audits(what_moves: Callable) -> list[tuple]:
    """Of two networks: BatchNorm layers that learn, what was counted, the truth, and the arrays left moved."""
    rng = hidden_rng()
    batch = tiny_batch(rng)
    found = []
    for learning in rng.permutation(3)[:2]:
        model = deep_classifier(rng)
        for number, layer in enumerate(layer for layer in model.layers if layer.name.startswith("bn_")):
            layer.momentum = 0.99999
            layer.trainable = number <= learning
        report, before = audit(model, batch), _arrays(model)
        received, truth = _counts(what_moves, model, batch), (report.num_moved, report.num_bn_moved)
        left = [name for name, change in _differences(model, before).items() if change]
        found.append((learning + 1, received, truth, left))
    return found


def statistics_apart(what_moves):
    """BatchNorm's statistics are counted apart, however little they move."""
    for num_learning, received, truth, _ in _audits(what_moves):
        message = f"With {num_learning} of 3 BatchNorm layers learning, {truth[0]} weights and {truth[1]} statistics "
        message += (
            f"move; received {received[0]} and {received[1]}. Statistics are named `moving_...`; compare exactly."
        )
        require(received == truth, message)


def leaves_no_trace(what_moves):
    """The model's weights are as they were, statistics among them."""
    moved = [name for *_, left in _audits(what_moves) for name in left]
    message = f"After your audit {len(moved)} arrays differ, such as `{moved[0] if moved else ''}`: an audit that "
    require(not moved, message + "trains must put back what it found. `model.set_weights(before)` does.")


def reconciles_the_moves(what_moves):
    """You predicted first, for six configurations."""
    guess, truth = locked_prediction("2.1"), true_moves()
    wrong = [f"{name}: {truth[name]}" for name in CONFIGURATIONS if guess[name] != truth[name]]
    told = f" On this Keras, {'; '.join(wrong)}." if wrong else ""
    return f"You predicted {len(truth) - len(wrong)} of {len(truth)} configurations.{told}"


def six_moves(answer: object) -> None:
    if not isinstance(answer, dict) or set(answer) != set(CONFIGURATIONS) or not set(answer.values()) <= set(MOVES):
        msg = f"The prediction gives one of {list(MOVES)} to each of {list(CONFIGURATIONS)}. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 2.2 The backbone that never learned


@shared_trial
def _unfrozen(unfreeze_from, *, kind: str, depth: int = 4, bn: bool = True) -> tuple[set[str], set[str], set[str]]:
    """Layers that move and that should, and BatchNorm layers that move, of a model whose all is frozen but the head."""
    rng = hidden_rng()
    model, first = deep_classifier(rng, kind=kind, depth=depth, bn=bn), int(rng.integers(1, depth - 1))
    for layer in _layers(model):
        layer.trainable = layer.name == "head"
    if kind == "nested":
        model.get_layer("tiny").trainable = False
    unfreeze_from(model, f"conv_{first}")
    wanted = {f"conv_{i}" for i in range(first, depth)} | {"head"}
    moved = {change.layer for change in audit(model, tiny_batch(rng)).changes if change.moved}
    batch_norm = {name for name in moved if name.startswith("bn_")}
    return moved - batch_norm, wanted, batch_norm


def reaches_inside(unfreeze_from):
    """It finds the layer inside a nested backbone."""
    moved, wanted, _ = _unfrozen(unfreeze_from, kind="nested")
    message = f"The layer lies inside a nested model. {sorted(wanted)} should move in a step, {sorted(moved)} did. "
    require(wanted <= moved, message + "`model.layers` has one entry for the whole backbone: look into its `.layers`.")


def the_rest_stays_frozen(unfreeze_from):
    """What comes before the layer holds still, in every kind of model."""
    for kind in KINDS:
        moved, wanted, _ = _unfrozen(unfreeze_from, kind=kind)
        too_many, missing = sorted(moved - wanted), sorted(wanted - moved)
        require(not too_many, f"In a {kind} model {too_many} moved too, although they come before the layer named.")
        require(kind == "nested" or not missing, f"In a {kind} model {missing} did not move, although they should.")


def statistics_hold_still(unfreeze_from):
    """No BatchNorm layer moves: neither its statistics nor its scale."""
    for kind in KINDS:
        _, _, moved = _unfrozen(unfreeze_from, kind=kind)
        message = f"{sorted(moved)} moved in a {kind} model. `training=False` at the call does not hold it still in "
        require(not moved, message + "Keras 3; `layer.trainable = False` on each BatchNormalization does.")


def works_without_batchnorm(unfreeze_from):
    """It needs no BatchNorm."""
    moved, wanted, _ = _unfrozen(unfreeze_from, kind="flat", depth=5, bn=False)
    require(moved == wanted, f"Without BatchNorm {sorted(wanted)} should move, {sorted(moved)} did.")


# --- 2.3 The change that nobody heard


@shared_trial
@quiet_tracing()
def _tuned(fine_tune) -> dict[str, float]:
    rng = hidden_rng()
    model = deep_classifier(rng)
    before = _arrays(model)
    fine_tune(model, *tiny_batch(rng, 60))
    return _differences(model, before)


def the_second_phase_is_heard(fine_tune):
    """The convolutions learn in the end."""
    changes = _tuned(fine_tune)
    moved = sum(changes[f"conv_{i}/kernel"] > 0 for i in range(3))
    message = f"{moved} of 3 convolutions moved. Compile again after each change of `trainable`, and set it on the "
    require(
        moved == 3, message + "layers: `model.trainable = True` does nothing where the model itself was never False."
    )


def the_second_phase_is_gentle(fine_tune):
    """The convolutions only ever learn at 1e-4."""
    changes = _tuned(fine_tune)
    largest = max(changes[f"conv_{i}/kernel"] for i in range(3))
    message = f"A convolution moved by {largest:.1e}. Two steps of Adam at 1e-4 move a weight by about 2e-4: was it "
    require(largest < 2e-3, message + "unfrozen in the first phase, which runs at 1e-2?")


def the_head_learns_first(fine_tune):
    """The head learns at 1e-2 before."""
    largest = _tuned(fine_tune)["head/kernel"]
    message = f"The head moved by {largest:.1e}. An epoch of two steps at 1e-2 moves it by about 2e-2: "
    require(largest > 5e-3, message + "is there a first phase, at its own rate?")


def batchnorm_rests(fine_tune):
    """BatchNorm holds still in both phases."""
    moved = sorted(name for name, change in _tuned(fine_tune).items() if name.startswith("bn_") and change)
    message = f"{len(moved)} arrays of BatchNorm moved, such as `{moved[0] if moved else ''}`. "
    require(not moved, message + "Set `trainable = False` on each BatchNormalization, in both phases.")


# --- 2.4 The same pictures every epoch


@shared_trial
def _epochs(training_batches) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Images and labels of two epochs, and the labels by the image's grey level."""
    rng = hidden_rng()
    levels = rng.permutation(np.arange(20, 236, 4))  # 54 images, each of one grey
    labels = rng.integers(0, 3, len(levels)).astype("int32")
    images = np.broadcast_to(levels[:, None, None, None], (len(levels), 8, 8, 3)).astype("float32")
    augment = keras.Sequential([keras.layers.RandomBrightness(0.004, value_range=(0, 255))])
    dataset = training_batches(np.array(images), labels, augment)
    epochs = []
    for _ in range(2):
        batches = [(np.asarray(x), np.asarray(y)) for x, y in dataset.take(20)]
        require(batches, "The dataset is empty.")
        epochs.append((np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])))
    by_level = np.full(256, -1)
    by_level[levels] = labels
    return epochs, by_level


def _levels(images: np.ndarray) -> np.ndarray:
    """The grey that each image had before it was augmented: the nearest multiple of 4."""
    return (np.round(images.reshape(len(images), -1).mean(axis=1) / 4) * 4).astype(int)


def augments_anew(training_batches):
    """Each epoch shows other pixels of the same image."""
    (first, second), _ = _epochs(training_batches)
    means = [dict(zip(_levels(x), x.reshape(len(x), -1).mean(axis=1), strict=True)) for x, _ in (first, second)]
    shared = set(means[0]) & set(means[1])
    same = sum(abs(means[0][level] - means[1][level]) < 1e-6 for level in shared)
    message = f"{same} of {len(shared)} images had the very same pixels in two epochs. `cache` keeps what comes before "
    require(same <= len(shared) // 2, message + "it: what is random belongs after it.")


def draws_a_new_order(training_batches):
    """Each epoch has an order of its own."""
    (first, second), _ = _epochs(training_batches)
    orders = [_levels(images) for images, _ in (first, second)]
    message = "Two epochs came in the same order. `shuffle` before `batch`, over all images, draws a new one each time."
    require(not np.array_equal(*orders), message)


def every_image_once(training_batches):
    """Each epoch holds every image once, with its own label."""
    epochs, by_level = _epochs(training_batches)
    for images, labels in epochs:
        levels, known = _levels(images), np.flatnonzero(by_level >= 0)
        message = f"54 images gave {len(images)} in an epoch, {len(set(levels))} of them different: is one lost, "
        require(sorted(levels) == sorted(known), message + "or repeated?")
        wrong = int((by_level[levels] != labels).sum())
        require(wrong == 0, f"{wrong} of 54 images came with another's label: shuffle pairs, not images alone.")
