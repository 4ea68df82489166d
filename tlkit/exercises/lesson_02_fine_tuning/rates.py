"""The learning rate: what it costs the old task, how to find it, and how to set one for each depth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import CheckFailed, Exercise, require, shared_trial
from tlkit.checks.received import close, numbers_of, one_number
from tlkit.exercises.lesson_02_fine_tuning.shown import NUM_SEEDS
from tlkit.exercises.toys import deep_classifier, quiet_tracing, tiny_batch
from tlkit.exercises.trials import draws, mixed, twin

__all__ = ["FORGOTTEN", "RATE_FINDER", "RATE_FOR_EACH_DEPTH"]


def _loss() -> keras.losses.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def _share(forgotten, before: np.ndarray, after: np.ndarray) -> float:
    return one_number(forgotten(before, after), "a share")


def changed_answers(forgotten):
    """It is the share of images whose answer has changed."""
    for rng in draws(2):
        size, classes = int(rng.integers(30, 60)), int(rng.integers(4, 12))
        before = rng.normal(size=(size, classes))
        for changed in mixed((0, size // 3, size), rng):
            after = before * rng.uniform(0.8, 1.2, (size, 1))
            after[:changed] = np.roll(before[:changed], 1, axis=1)
            order = rng.permutation(size)
            received = _share(forgotten, before[order], after[order])
            require(
                close(received, changed / size),
                f"{changed} of {size} images have a different top answer than before, a share of {changed / size:.3f}; "
                f"received {received:.3f}. Compare the `argmax` of each row.",
            )


def size_does_not_count(forgotten):
    """Scaling or shifting all logits changes no answer."""
    for rng in draws(2):
        size = int(rng.integers(20, 50))
        before, factor = rng.normal(size=(size, 9)), float(rng.uniform(2, 9))
        for changed in mixed((0, int(rng.integers(1, size)), int(rng.integers(1, size)), size), rng):
            after = np.where(np.arange(size)[:, None] < changed, np.roll(before, 1, axis=1), before) * factor + 100
            received = _share(forgotten, before, after)
            told = {0: "No answer", size: "All answers"}.get(changed, f"{changed} of {size} answers")
            require(
                close(received, changed / size),
                f"All logits were multiplied by {factor:.1f} and raised by 100. {told} changed, but a share of "
                f"{received:.2f} was called forgotten.",
            )


def reconciles_the_sweep(forgotten, sweep, prediction):
    """Your prediction is compared with your own runs, five seeds per rate."""
    rates = sweep["rates"]
    accuracy, logits = np.asarray(sweep["accuracy"], float), sweep["logits"]
    require(
        accuracy.shape == (len(rates), 5) and len(logits) == len(rates),
        f"`sweep['accuracy']` must be (num_rates, num_seeds). Received {accuracy.shape} for {len(rates)} rates.",
    )
    best = int(accuracy.mean(axis=1).argmax())
    share = [_share(forgotten, np.asarray(sweep["before"]), np.asarray(after)) for after in logits]
    return (
        f"You predicted a rate of {prediction['rate']:g} and {prediction['forgotten']:.0f} % of the old answers lost. "
        f"Measured here: the best rate is {rates[best]:g}, which changed {share[best]:.0%} of them; the smallest rate "
        f"changed {share[0]:.0%}."
    )


def _rate_and_share(answer: object) -> None:
    numbers = isinstance(answer, dict) and set(answer) == {"rate", "forgotten"}
    if not numbers or not all(isinstance(value, (int, float)) for value in answer.values()):
        msg = f"The prediction is {{'rate': a learning rate, 'forgotten': a percentage}}. Received: {answer!r}."
        raise CheckFailed(msg)
    if not (0 < answer["rate"] <= 1 and 0 <= answer["forgotten"] <= 100):
        msg = f"The rate must be in (0, 1], the percentage in [0, 100]. Received: {answer!r}."
        raise CheckFailed(msg)


def _draw_sweep(rng: np.random.Generator) -> dict[str, object]:
    """A sweep of three rates: the middle one is best, and the larger a rate, the more answers change."""
    before = rng.normal(size=(60, 9))
    logits = [before + change * rng.normal(size=before.shape) for change in (0.02, 0.4, 5.0)]
    accuracy = [list(centre + rng.uniform(-0.02, 0.02, NUM_SEEDS)) for centre in (0.7, 0.9, 0.8)]
    return {"rates": [1e-4, 1e-3, 1e-2], "accuracy": accuracy, "before": before, "logits": logits}


FORGOTTEN = Exercise(
    id="2.5",
    title="What the old network forgets",
    points=2,
    prediction=_rate_and_share,
    given={"sweep": _draw_sweep},
    hints=(
        "The old network's answer to an image is the class with the largest logit.",
        "`logits.argmax(axis=1)` gives one answer per image; compare the answers before with those after.",
        "`np.mean(before.argmax(axis=1) != after.argmax(axis=1))`.",
    ),
    properties=(changed_answers, size_does_not_count, reconciles_the_sweep),
)


@dataclass
class _Search:
    """What became of a search: the losses received, those of Keras' own steps, and in inference mode; what moved."""

    rates: list[float]
    received: np.ndarray
    truth: np.ndarray
    at_rest: float
    moved: list[str]


@shared_trial
@quiet_tracing()
def _searches(try_rates: Callable) -> list[_Search]:
    found = []
    for rng in draws(1):
        model, batch = deep_classifier(rng, depth=2), tiny_batch(rng, int(rng.integers(34, 50)))
        low, *others = np.geomspace(0.1, rng.uniform(0.5, 1.0), int(rng.integers(4, 7))).tolist()
        rates = [*mixed(others, rng), low]  # not in order
        truth, at_rest = _reference_losses(twin(model), batch, rates)
        before = model.get_weights()
        message = f"{len(rates)} rates need as many losses, one for each."
        received = numbers_of(try_rates(model, *batch, rates), (len(rates),), message)
        pairs = zip(model.weights, model.get_weights(), before, strict=True)
        moved = [weight.path for weight, new, old in pairs if not np.array_equal(new, old)]
        found.append(_Search(rates, received, truth, at_rest, moved))
    return found


def _reference_losses(model: keras.Model, batch: tuple, rates: list[float]) -> tuple[np.ndarray, float]:
    """The loss before each step of plain SGD, and the loss at first in inference mode."""
    model.compile(keras.optimizers.SGD(), _loss(), run_eagerly=True)  # tracing would take longer than the steps
    at_rest, losses = float(_loss()(batch[1], model(batch[0], training=False))), []
    for rate in rates:
        model.optimizer.learning_rate = rate
        losses.append(float(model.train_on_batch(*batch)))
    return np.array(losses), at_rest


def _starts_right(search: _Search) -> None:
    is_at_rest = close(search.received[0], search.at_rest, rtol=1e-3)
    why = (
        "That is the loss in inference mode, where BatchNorm uses its moving statistics; a step goes down the loss in "
        "training mode."
        if is_at_rest
        else "Record the loss of all images first, then take the step."
    )
    require(
        close(search.received[0], search.truth[0], rtol=1e-5),
        f"The model as it came has a loss of {search.truth[0]:.3f}; the first in your list is "
        f"{search.received[0]:.3f}. {why}",
    )


def starts_untouched(try_rates):
    """The first loss is that of the model as it came."""
    for search in _searches(try_rates):
        _starts_right(search)


def each_step_by_its_rate(try_rates):
    """Each step uses its own rate, in the order given."""
    for search in _searches(try_rates):
        same = [close(*pair, rtol=1e-4) for pair in zip(search.received, search.truth, strict=True)]
        first = int(np.argmin(same))
        require(
            all(same),
            f"Loss number {first + 1} is {search.received[first]:.4f}; plain SGD at the rates "
            f"{np.round(search.rates, 3).tolist()} comes to {search.truth[first]:.4f}. Set `optimizer.learning_rate` "
            "before each step, in that order.",
        )


def puts_weights_back(try_rates):
    """The weights are restored, bit for bit, after steps that were really taken."""
    for search in _searches(try_rates):
        _starts_right(search)
        moved = search.moved
        require(
            not moved,
            f"{len(moved)} arrays differ after the search, such as `{moved[0] if moved else ''}`. A search "
            "that trains must restore all of `get_weights()`, including BatchNorm's statistics.",
        )


RATE_FINDER = Exercise(
    id="2.6",
    title="A finder that leaves no trace",
    points=3,
    hints=(
        "One rate, one step: set the rate, train on the batch, record the loss. Then restore what you changed.",
        "`model.train_on_batch(images, labels)` returns the loss *before* its step; "
        "`model.optimizer.learning_rate = rate` sets the rate.",
        "`before = model.get_weights()`; compile with `keras.optimizers.SGD()`; loop over `rates`, append "
        "`float(model.train_on_batch(images, labels))`; `model.set_weights(before)`.",
    ),
    properties=(starts_untouched, each_step_by_its_rate, puts_weights_back),
)


@quiet_tracing()
def _stepped(gradient_step: Callable, rates: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """For each layer, how far it moved and how far off rate x gradient it is, relative to the gradient."""
    rng = next(draws(1))
    model, batch = deep_classifier(rng, depth=2, bn=False), tiny_batch(rng, int(rng.integers(12, 40)))
    gradients = _gradients(twin(model), batch)
    before = {weight.path: weight.numpy().copy() for weight in model.weights}
    gradient_step(model, *batch, rates)
    moved, off = {}, {}
    for weight, gradient in zip(model.weights, gradients, strict=True):
        name, change = weight.path.split("/")[-2], weight.numpy() - before[weight.path]
        wanted = -rates.get(name, 0.0) * gradient
        size = rates.get(name, 1.0) * np.abs(gradient).max() + 1e-7
        moved[name] = max(moved.get(name, 0.0), float(np.abs(change).max()))
        off[name] = max(off.get(name, 0.0), float(np.abs(change - wanted).max() / size))
    return moved, off


def _gradients(model: keras.Model, batch: tuple) -> list[np.ndarray]:
    with tf.GradientTape() as tape:
        loss = _loss()(batch[1], model(batch[0], training=True))
    return [np.asarray(each) for each in tape.gradient(loss, [weight.value for weight in model.weights])]


_NEAR = 2e-3  # relative to the largest gradient of a layer: float32 leaves less, one percent of weight decay more


def moves_by_rate_times_gradient(gradient_step):
    """A layer moves by its rate times its gradient, against the gradient."""
    for name, rate in (("head", 0.1), ("conv_1", 0.3), ("conv_0", 3.0)):
        _, off = _stepped(gradient_step, {name: rate})
        require(
            off[name] < _NEAR,
            f"At a rate of {rate}, layer `{name}` should move by -{rate} times the gradient of the mean "
            f"loss; it is off by {off[name]:.1%} of that. Take plain steps: Adam's do not depend on the gradient's "
            "size, weight decay adds to them, and the sum of the losses is not their mean.",
        )


def unnamed_layers_rest(gradient_step):
    """A layer without a rate holds still, while the named ones move."""
    for rng in draws(2):
        still, *named = rng.permutation(["head", "conv_0", "conv_1"]).tolist()
        moved, _ = _stepped(gradient_step, {name: float(rng.uniform(0.1, 1)) for name in named})
        require(min(moved[name] for name in named) > 0, f"{named} have rates, but did not all move.")
        require(
            moved[still] == 0,
            f"`{still}` has no rate, but moved by {moved[still]:.1e}. Go through only the layers that `rates` names.",
        )


def all_at_once(gradient_step):
    """All layers step from the same weights."""
    rates = {"head": 3.0, "conv_1": 1.0, "conv_0": 1.0}
    _, off = _stepped(gradient_step, rates)
    worst = max(off, key=off.__getitem__)
    require(
        off[worst] < _NEAR,
        f"With three layers named, `{worst}` is off by {off[worst]:.1%}. Take *all* gradients first, at "
        "the same weights, and only then move: one layer's step changes the others' gradients.",
    )


RATE_FOR_EACH_DEPTH = Exercise(
    id="2.7",
    title="A rate for each depth",
    points=2,
    hints=(
        "Plain gradient descent: new weights = old weights - rate x gradient, with the layer's own rate.",
        "`with tf.GradientTape() as tape: value = loss(labels, model(images, training=True))`, then "
        "`tape.gradient(value, [weight.value for weight in ...])`, once for all layers.",
        "Collect `pairs = [(w, rate) for name, rate in items() for w in model.get_layer(name)"
        ".trainable_weights]`, take the gradients of all of them, then `w.assign_sub(rate * gradient)` for each.",
    ),
    properties=(moves_by_rate_times_gradient, unnamed_layers_rest, all_at_once),
)
