"""The exercises of lesson 2, fine-tuning. What the answers must do: `moving.py`, `rates.py`, `choosing.py`."""

from __future__ import annotations

import numpy as np

from tlkit.checks import choosing, moving, rates
from tlkit.checks.choosing import DEPTHS
from tlkit.checks.configurations import CONFIGURATIONS, MOVES, kind_of_moves
from tlkit.checks.exercise import Exercise, one_of, register

__all__ = ["CONFIGURATIONS", "DEPTHS", "MOVES", "kind_of_moves"]

NUM_SEEDS = 5

# --- what the notebook measures, as `tlkit grade` draws it


def _draw_sweep(rng: np.random.Generator) -> dict[str, object]:
    """A sweep of three rates: the middle one is best, and the larger a rate, the more answers change."""
    before = rng.normal(size=(60, 9))
    logits = [before + change * rng.normal(size=before.shape) for change in (0.02, 0.4, 5.0)]
    accuracy = [list(centre + rng.uniform(-0.02, 0.02, NUM_SEEDS)) for centre in (0.7, 0.9, 0.8)]
    return {"rates": [1e-4, 1e-3, 1e-2], "accuracy": accuracy, "before": before, "logits": logits}


def _draw_drifted(rng: np.random.Generator) -> dict[str, object]:
    """Features `(num_images, num_features)` before, and after five runs each: jointly they drift further."""
    before = rng.normal(size=(50, 6))
    runs = {"joint": 0.8, "head first": 0.2}
    drifted = {name: list(before + size * rng.normal(size=(NUM_SEEDS, 50, 6))) for name, size in runs.items()}
    return {"before": before, **drifted}


def _draw_depths(rng: np.random.Generator) -> dict[str, list[float]]:
    """Accuracies of each depth, one a seed: each depth but the last gains on the one before, in every seed."""
    luck = rng.uniform(-0.03, 0.03, NUM_SEEDS)
    gains = dict(zip(DEPTHS, (0.0, 0.08, 0.16, 0.16), strict=True))
    return {name: list(0.6 + luck + gain + rng.uniform(-0.01, 0.01, NUM_SEEDS)) for name, gain in gains.items()}


def _draw_log(rng: np.random.Generator) -> list[str]:
    """A vault that was opened once: what a learner does with it, only the notebook shows."""
    return ["final accuracy of the chosen depth"]


register(
    Exercise(
        id="2.1", title="What moves?", points=3, prediction=moving.six_moves,
        hints=(
            "Keep the weights, train for one epoch, compare each array with what you kept, and put everything back.",
            "`model.get_weights()` gives copies in the order of `model.weights`; each weight has a `name`.",
            "`before = model.get_weights()`; compile and fit; `moved = [(w.name, not np.array_equal(w.numpy(), old)) "
            "for w, old in zip(model.weights, before)]`; `model.set_weights(before)`; count.",
        ),
        properties=(
            moving.counts_what_moved, moving.statistics_apart, moving.leaves_no_trace, moving.reconciles_the_moves,
        ),
    ),
    Exercise(
        id="2.2", title="The backbone that never learned", points=2,
        hints=(
            "`model.layers` has one entry for a nested backbone. The layer that you look for lies in *its* `layers`.",
            "Make a flat list first: a layer that is a `keras.Model` is replaced by its own layers.",
            "Walk the flat list with `learns = learns or layer.name == name`; "
            "`layer.trainable = learns and not isinstance(layer, keras.layers.BatchNormalization)`.",
        ),
        properties=(
            moving.reaches_inside, moving.the_rest_stays_frozen, moving.statistics_hold_still,
            moving.works_without_batchnorm,
        ),
    ),
    Exercise(
        id="2.3", title="The change that nobody heard", points=2,
        hints=(
            "Two phases, each with flags of its own. When does Keras look at the flags?",
            "`compile` before each `fit`: at 1e-2 with only the head learning, at 1e-4 with all but BatchNorm.",
            "Set the flags, `model.compile(keras.optimizers.Adam(1e-2), loss)`, `fit`; set the flags anew, "
            "`model.compile(keras.optimizers.Adam(1e-4), loss)`, `fit`.",
        ),
        properties=(
            moving.the_second_phase_is_heard, moving.the_second_phase_is_gentle, moving.the_head_learns_first,
            moving.batchnorm_rests,
        ),
    ),
    Exercise(
        id="2.4", title="The same pictures every epoch", points=2,
        hints=(
            "Two things are to be new in each epoch, the order and the augmentation. What does `cache` make old?",
            "Only what is the same in each epoch may come before `cache`. Images in memory need no cache at all.",
            "`from_tensor_slices((images, labels)).shuffle(len(images)).batch(32)`, then "
            "`.map(lambda x, y: (augment(x, training=True), y))`.",
        ),
        properties=(moving.augments_anew, moving.draws_a_new_order, moving.every_image_once),
    ),
    Exercise(
        id="2.5", title="What the old network forgets", points=2, prediction=rates.rate_and_share,
        given={"sweep": _draw_sweep},
        hints=(
            "The old network's answer to an image is the class with the largest logit.",
            "`logits.argmax(axis=1)` gives one answer an image; compare those before with those after.",
            "`np.mean(before.argmax(axis=1) != after.argmax(axis=1))`.",
        ),
        properties=(rates.changed_answers, rates.size_does_not_count, rates.reconciles_the_sweep),
    ),
    Exercise(
        id="2.6", title="A finder that leaves no trace", points=3,
        hints=(
            "One rate, one step: set the rate, train on the batch, note the loss. And put back what you changed.",
            "`model.train_on_batch(images, labels)` returns the loss *before* its step; "
            "`model.optimizer.learning_rate = rate` sets the rate.",
            "`before = model.get_weights()`; compile with `keras.optimizers.SGD()`; loop over `rates`, append "
            "`float(model.train_on_batch(images, labels))`; `model.set_weights(before)`.",
        ),
        properties=(rates.starts_untouched, rates.each_step_by_its_rate, rates.puts_weights_back),
    ),
    Exercise(
        id="2.7", title="A rate for each depth", points=2,
        hints=(
            "Plain gradient descent: new weights = old weights - rate x gradient, with the rate of the layer.",
            "`with tf.GradientTape() as tape: value = loss(labels, model(images, training=True))`, then "
            "`tape.gradient(value, [weight.value for weight in ...])`, once for all layers.",
            "Collect `pairs = [(w, rate) for name, rate in rates.items() for w in model.get_layer(name)"
            ".trainable_weights]`, take the gradients of all of them, then `w.assign_sub(rate * gradient)` for each.",
        ),
        properties=(rates.moves_by_rate_times_gradient, rates.unnamed_layers_rest, rates.all_at_once),
    ),
    Exercise(
        id="2.8", title="Head first", points=3, prediction=one_of("joint", "head first", "no difference"),
        given={"drifted": _draw_drifted},
        hints=(
            "Subtract each column's mean. What is left is compared by the matrix product of one with the other.",
            "Sizes are Frobenius norms: `np.linalg.norm(a.T @ b)` is one number.",
            "`np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))`, both centred.",
        ),
        properties=(
            choosing.ignores_turn_and_size, choosing.ignores_the_mean, choosing.agrees_with_the_definition,
            choosing.reconciles_the_drift,
        ),
    ),
    Exercise(
        id="2.9", title="When to stop", points=2,
        hints=(
            "Remember the lowest loss so far and its epoch; what counts is how long ago that was.",
            "Stop after the epoch in which `epoch - best_epoch` reaches `patience`; epochs count from 1.",
            "Loop `for epoch, loss in enumerate(val_losses, 1)`: if `loss < lowest`, remember both; "
            "if `epoch - best_epoch >= patience`, return `(epoch, best_epoch)`.",
        ),
        properties=(
            choosing.waits_for_patience, choosing.keeps_the_best, choosing.goes_on_to_the_end,
            choosing.a_tie_is_no_progress,
        ),
    ),
    Exercise(
        id="2.10", title="How deep?", points=3, prediction=one_of(*DEPTHS),
        given={"depth_scores": _draw_depths, "list(data.test.log)": _draw_log},
        hints=(
            "The depths come in order, the least that learns first. Change to a deeper one only for a reason.",
            "`paired_interval(deeper, chosen)` says whether the deeper one wins: `.low > 0`.",
            "Start with the first; for each further one: if `paired_interval(scores[name], scores[chosen]).low > 0`, "
            "it becomes the chosen one.",
        ),
        properties=(
            choosing.takes_a_clear_winner, choosing.prefers_less_when_undecided, choosing.compares_within_seeds,
            choosing.opens_the_vault_once,
        ),
    ),
)  # fmt: skip
