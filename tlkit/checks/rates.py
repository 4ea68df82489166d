"""What the answers of lesson 2 must do: the learning rate, found and set for each depth (exercises 2.5 to 2.7)."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import CheckFailed, require, shared_trial
from tlkit.checks.received import one_number
from tlkit.checks.session import locked_prediction
from tlkit.checks.toys import deep_classifier, hidden_rng, quiet_tracing, tiny_batch

__all__ = [
    "all_at_once",
    "changed_answers",
    "each_step_by_its_rate",
    "moves_by_rate_times_gradient",
    "puts_weights_back",
    "rate_and_share",
    "reconciles_the_sweep",
    "size_does_not_count",
    "starts_untouched",
    "unnamed_layers_rest",
]


def _loss() -> keras.losses.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


# --- 2.5 What the old network forgets


def _share(forgotten, before: np.ndarray, after: np.ndarray) -> float:
    return one_number(forgotten(before, after), "a share")


def changed_answers(forgotten, sweep):
    """It is the share of images whose answer is another one."""
    rng = hidden_rng()
    before = rng.normal(size=(40, 9))
    for changed in (0, 13, 40):
        after = before * rng.uniform(0.8, 1.2, (40, 1))
        after[:changed] = np.roll(before[:changed], 1, axis=1)
        received = _share(forgotten, before, after)
        message = f"{changed} of 40 images have another top answer than before; received {received:.2f}. "
        require(abs(received - changed / 40) < 1e-9, message + "Compare the `argmax` of each row.")


def size_does_not_count(forgotten, sweep):
    """Logits that only grow or shift change no answer."""
    before = hidden_rng().normal(size=(30, 9))
    received = _share(forgotten, before, 5 * before + 100)
    message = f"All logits were multiplied by 5 and raised by 100: no answer changed, but {received:.2f} were called "
    require(received == 0, message + "forgotten.")


def reconciles_the_sweep(forgotten, sweep):
    """Your prediction is held against your own runs, five seeds a rate."""
    guess = locked_prediction("2.5")
    rates = sweep["rates"]
    accuracy, logits = np.asarray(sweep["accuracy"], float), sweep["logits"]
    message = f"`sweep['accuracy']` must be (num_rates, num_seeds). Received {accuracy.shape} for {len(rates)} rates."
    require(accuracy.shape == (len(rates), 5) and len(logits) == len(rates), message)
    best = int(accuracy.mean(axis=1).argmax())
    share = [_share(forgotten, np.asarray(sweep["before"]), np.asarray(after)) for after in logits]
    return (
        f"You predicted {guess['rate']:g} and {guess['forgotten']:.0f} % of the old answers lost; measured here: best "
        f"{rates[best]:g}, which changed {share[best]:.0%} of them; the smallest rate changed {share[0]:.0%}."
    )


def rate_and_share(answer: object) -> None:
    numbers = isinstance(answer, dict) and set(answer) == {"rate", "forgotten"}
    if not numbers or not all(isinstance(value, (int, float)) for value in answer.values()):
        msg = f"The prediction is {{'rate': a learning rate, 'forgotten': percent}}. Received: {answer!r}."
        raise CheckFailed(msg)
    if not (0 < answer["rate"] <= 1 and 0 <= answer["forgotten"] <= 100):
        msg = f"The rate lies in (0, 1], the percent in [0, 100]. Received: {answer!r}."
        raise CheckFailed(msg)


# --- 2.6 A finder that leaves no trace


@shared_trial
@quiet_tracing()
def _search(try_rates, *, num_rates: int = 6) -> tuple[keras.Model, list[np.ndarray], np.ndarray, np.ndarray]:
    """The model after the search, its weights before, the losses received, and those of Keras' own steps."""
    rng = hidden_rng()
    model, batch = deep_classifier(rng, depth=2), tiny_batch(rng)
    rates = [float(rate) for rate in np.geomspace(0.1, rng.uniform(0.5, 1.0), num_rates)]
    before = model.get_weights()
    truth = _reference_losses(model, batch, rates)
    received = np.asarray(try_rates(model, *batch, rates), float)
    require(received.shape == (num_rates,), f"{num_rates} rates gave losses of shape {received.shape}; one a rate.")
    return model, before, received, truth


def _reference_losses(model: keras.Model, batch: tuple, rates: list[float]) -> np.ndarray:
    twin = keras.models.clone_model(model)
    twin.set_weights(model.get_weights())
    twin.compile(keras.optimizers.SGD(), _loss(), run_eagerly=True)  # tracing would take longer than the steps
    losses = []
    for rate in rates:
        twin.optimizer.learning_rate = rate
        losses.append(float(twin.train_on_batch(*batch)))
    return np.array(losses)


def starts_untouched(try_rates):
    """The first loss is that of the model as it came."""
    _, _, received, truth = _search(try_rates)
    message = f"The model as it came has a loss of {truth[0]:.3f}; the first in your list is {received[0]:.3f}. "
    require(np.isclose(received[0], truth[0], rtol=1e-4), message + "Note the loss first, then take the step.")


def each_step_by_its_rate(try_rates):
    """Each step is taken at its own rate."""
    _, _, received, truth = _search(try_rates)
    same = np.isclose(received, truth, rtol=1e-4)
    first = int(np.argmin(same))
    message = f"Loss number {first + 1} is {received[first]:.4f}; plain SGD at the rates given comes to "
    require(same.all(), f"{message}{truth[first]:.4f}. Set `optimizer.learning_rate` before each step.")


def puts_weights_back(try_rates):
    """The weights are put back, bit for bit."""
    model, before, _, _ = _search(try_rates)
    pairs = zip(model.weights, model.get_weights(), before, strict=True)
    moved = [weight.path for weight, new, old in pairs if not np.array_equal(new, old)]
    message = f"{len(moved)} arrays differ after the search, such as `{moved[0] if moved else ''}`: a search that "
    require(not moved, message + "trains must restore all of `get_weights()`, BatchNorm's statistics too.")


# --- 2.7 A rate for each depth


@quiet_tracing()
def _stepped(gradient_step, rates: dict[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """For each layer, how far it moved and how far off rate x gradient it is, relative to the gradient."""
    rng = hidden_rng()
    model, batch = deep_classifier(rng, depth=2, bn=False), tiny_batch(rng)
    with tf.GradientTape() as tape:
        loss = _loss()(batch[1], model(batch[0], training=True))
    before = {weight.path: weight.numpy().copy() for weight in model.weights}
    gradients = tape.gradient(loss, [weight.value for weight in model.weights])
    gradient_step(model, *batch, rates)
    moved, off = {}, {}
    for weight, gradient in zip(model.weights, gradients, strict=True):
        name, change = weight.path.split("/")[-2], weight.numpy() - before[weight.path]
        wanted = -rates.get(name, 0.0) * np.asarray(gradient)
        size = rates.get(name, 1.0) * np.abs(gradient).max() + 1e-7
        moved[name] = max(moved.get(name, 0.0), float(np.abs(change).max()))
        off[name] = max(off.get(name, 0.0), float(np.abs(change - wanted).max() / size))
    return moved, off


def moves_by_rate_times_gradient(gradient_step):
    """A layer moves by its rate times its gradient, against the gradient."""
    for name, rate in (("head", 0.1), ("conv_1", 0.03), ("conv_0", 0.3)):
        _, off = _stepped(gradient_step, {name: rate})
        message = (
            f"At a rate of {rate} layer `{name}` should move by -{rate} times the gradient of the mean loss; it is "
        )
        message += (
            f"off by {off[name]:.0%} of that. Adam's steps do not depend on the gradient's size: use plain steps."
        )
        require(off[name] < 0.02, message)


def unnamed_layers_rest(gradient_step):
    """A layer without a rate holds still."""
    moved, _ = _stepped(gradient_step, {"head": 0.1, "conv_1": 0.01})
    message = f"`conv_0` has no rate, but moved by {moved['conv_0']:.1e}: go through the layers that `rates` names."
    require(moved["conv_0"] == 0, message)


def all_at_once(gradient_step):
    """All layers step from the same weights."""
    rates = {"head": 3.0, "conv_1": 1.0, "conv_0": 1.0}
    _, off = _stepped(gradient_step, rates)
    worst = max(off, key=off.__getitem__)
    message = f"With three layers named, `{worst}` is off by {off[worst]:.0%}. Take *all* gradients first, at the same "
    require(off[worst] < 0.02, message + "weights, and only then move: one layer's step changes the others' gradients.")
