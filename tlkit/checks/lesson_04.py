"""The exercises of lesson 4, acceleration. What each answer must do stands in `costs.py` and `throughput.py`."""

from __future__ import annotations

import numpy as np

from tlkit.checks import costs, throughput
from tlkit.checks.costs import EPOCH_GAINS, ONCE_GAINS, THROUGHPUTS, XLA_CHOICES
from tlkit.checks.exercise import Exercise, one_of, register
from tlkit.checks.throughput import DEVICE_TIMES, SPEEDS

__all__ = ["DEVICE_TIMES", "EPOCH_GAINS", "ONCE_GAINS", "SPEEDS", "THROUGHPUTS", "XLA_CHOICES"]


def _draw(*names: str):
    """A function that draws a positive number for each name, as a notebook measures them."""

    def draw(rng: np.random.Generator) -> dict[str, float]:
        return {name: float(rng.uniform(0.001, 5)) for name in names}

    return draw


register(
    Exercise(
        id="4.1", title="A fair time", points=2,
        hints=(
            "Three things: leave out the first calls, see whether enough are left, take the middle of these.",
            "`seconds[num_warmup:]` are the calls that count. NumPy knows the median.",
            "`timed = seconds[num_warmup:]`; `None` if `len(timed) < 5`, else `float(np.median(timed))`.",
        ),
        properties=(
            costs.drops_what_came_first, costs.takes_the_middle, costs.averages_the_middle_two, costs.five_or_nothing,
        ),
    ),
    Exercise(
        id="4.2", title="The order of a pipeline", points=2,
        hints=(
            "What is dear and always the same comes before `cache`; what is random comes after it.",
            "Dear: reading. Random: the order and the augmentation. `augment(x, training=True)` takes whole batches.",
            "`dataset.cache().shuffle(1000).batch(8).map(lambda x, y: (augment(x, training=True), y)).prefetch(2)`.",
        ),
        properties=(
            throughput.reads_each_image_once, throughput.augments_anew, throughput.draws_a_new_order,
            throughput.every_image_once,
        ),
    ),
    Exercise(
        id="4.3", title="How many images fit?", points=2, prediction=one_of(*THROUGHPUTS),
        given={"rates": _draw("1", "8", "64")},
        hints=(
            "First what is there once: the weights and what belongs to them. What is left is for the images.",
            "Once: `4 * (num_weights + 3 * num_learning)` bytes. An image: `4 * numbers_per_image` bytes.",
            "`max(0, (budget - once) // per_image)`: `//` rounds down.",
        ),
        properties=(
            costs.learning_weights_are_fourfold, costs.frozen_weights_are_bare, costs.whole_images_only,
            costs.nothing_is_no_image, costs.reconciles_the_images,
        ),
    ),
    Exercise(
        id="4.4", title="Sixteen bits", points=2, prediction=one_of(*SPEEDS),
        given={"bits": _draw("float32", "mixed_float16", "mixed_bfloat16")},
        hints=(
            "Two cases: one of the numbers is not finite, or all are. `np.isfinite(...).all()` tells them apart.",
            "What does float16 do with 1e-8? So which comes first, the division or `astype('float32')`?",
            "`return None, scale / 2` if not all are finite; else `return half.astype('float32') / scale, scale`.",
        ),
        properties=(
            throughput.divides_by_the_scale, throughput.small_gradients_survive, throughput.an_overflow_is_skipped,
            throughput.a_good_step_keeps_the_scale, throughput.reconciles_the_bits,
        ),
    ),
    Exercise(
        id="4.5", title="When has compiling paid?", points=2, prediction=one_of(*XLA_CHOICES),
        given={"xla": _draw("compile", "plain", "compiled")},
        hints=(
            "Compiling is a debt. What does each later step pay back?",
            "A step pays back `plain - compiled`. Is that always positive? Is the number of steps always whole?",
            "`gain = plain - compiled`; `None` if `gain <= 0`, else `math.ceil(compile_seconds / gain)`.",
        ),
        properties=(
            costs.the_gain_of_a_step_pays, costs.rounds_up_to_a_step, costs.never_is_an_answer, costs.reconciles_xla,
        ),
    ),
    Exercise(
        id="4.6", title="Shards of a batch", points=2, prediction=one_of(*DEVICE_TIMES),
        given={"devices": _draw("one device", "two devices")},
        hints=(
            "The loss is a mean over images. How does the mean of a whole follow from the means of its parts?",
            "`zip(*gradients)` gives, for each weight, its gradients from all devices.",
            "For each weight: `np.average(np.stack(parts), axis=0, weights=num_images)`.",
        ),
        properties=(
            throughput.weights_stay_apart, throughput.each_device_has_its_say, throughput.larger_shards_count_more,
            throughput.reconciles_the_devices,
        ),
    ),
    Exercise(
        id="4.7", title="What remains is what counts", points=2, prediction=one_of(*EPOCH_GAINS),
        given={"profile": _draw("read", "frozen part", "head")},
        hints=(
            "How many seconds does each part take before, and how many after? Add up both, then divide.",
            "A part without a factor stays as it is: `factors.get(part, 1)`.",
            "`sum(profile.values()) / sum(s / factors.get(part, 1) for part, s in profile.items())`.",
        ),
        properties=(
            costs.shares_decide, costs.an_infinite_factor_is_a_limit, costs.a_slower_part_counts,
            costs.reconciles_the_epoch,
        ),
    ),
    Exercise(
        id="4.8", title="Never run it twice", points=2, prediction=one_of(*ONCE_GAINS),
        given={"once": _draw("fit", "kept features")},
        hints=(
            "Write down the seconds of both ways for three epochs, by hand. What stands there three times, what once?",
            "Plain: `epochs * (once + each)`. Kept: the frozen part once, the rest in each epoch.",
            "`epochs * (once + each) / (once + epochs * each)`.",
        ),
        properties=(
            costs.one_epoch_gains_nothing, costs.counts_the_first_pass, costs.has_a_limit, costs.reconciles_the_pass,
        ),
    ),
)  # fmt: skip
