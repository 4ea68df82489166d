"""What fits into memory."""

from __future__ import annotations

from collections.abc import Callable

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import whole_number
from tlkit.exercises.lesson_04_acceleration.measured import draw_numbers, measured_numbers
from tlkit.exercises.lesson_04_acceleration.shown import THROUGHPUTS
from tlkit.exercises.trials import draws, mixed, slip

__all__ = ["LARGEST_BATCH"]


def _expect_images(largest_batch: Callable, budget: int, num_weights: int, num_learning: int, per_image: int) -> None:
    """Expect the number of images that fit; say what was counted otherwise."""
    once = num_weights + 3 * num_learning
    truth = max(0, (budget - 4 * once) // (4 * per_image))
    received = whole_number(largest_batch(budget, num_weights, num_learning, per_image), "of images")

    def fit(numbers: int, share: float = 1) -> int:
        return int((share * budget - 4 * numbers) // (4 * per_image))

    four = "A learning weight is four numbers: itself, its gradient and two averages."
    slips = [
        (
            (budget - 4 * once) // (4 * per_image),
            "A negative number of images makes no sense: even the weights don't fit.",
        ),
        (truth + 1, "Round down: a part of an image isn't an image."),
        (max(0, fit(4 * num_weights)), "A frozen weight is one number: no gradient, no averages."),
        (max(0, fit(num_weights + 4 * num_learning)), "The total already counts the learning weights."),
        (max(0, fit(num_weights)), four),
        (max(0, fit(num_weights + num_learning)), four),
        (max(0, fit(num_weights + 2 * num_learning)), four),
        (max(0, fit(once, 0.8)), "That leaves a fifth free. In practice you should; here count to the last byte."),
    ]
    told = (
        f"With {budget:,} bytes, {num_weights:,} weights, {num_learning:,} of them learning, and {per_image:,} outputs"
    )
    why = slip(received, slips, "A number takes 4 bytes.")
    require(received == truth, f"{told} per image, {truth} images fit. Received {received}. {why}")


def learning_weights_are_fourfold(largest_batch):
    """A learning weight also needs its gradient and Adam's two averages, 4 bytes each."""
    for rng in draws(3):
        weights, per_image, images = (int(number) for number in rng.integers((1000, 50, 20), (4000, 200, 90)))
        _expect_images(largest_batch, 4 * (4 * weights + images * per_image), weights, weights, per_image)


def frozen_weights_are_bare(largest_batch):
    """A frozen weight needs nothing besides itself."""
    for rng in draws(3):
        frozen, learning, per_image, images = (int(n) for n in rng.integers((9000, 300, 50, 3), (15_000, 600, 90, 30)))
        budget = 4 * (frozen + 4 * learning + images * per_image)
        _expect_images(largest_batch, budget, frozen + learning, learning, per_image)


def whole_images_only(largest_batch):
    """A fraction of an image does not count."""
    for rng in draws(3):
        weights, per_image, images = (int(number) for number in rng.integers((100, 500, 3), (200, 1500, 30)))
        nearly_one = 4 * per_image - int(rng.integers(1, per_image))
        _expect_images(largest_batch, 4 * (4 * weights + images * per_image) + nearly_one, weights, weights, per_image)


def nothing_is_no_image(largest_batch):
    """If the weights alone are too large, no image fits."""
    for rng in draws(3):
        weights, per_image = (int(number) for number in rng.integers((4000, 50), (9000, 200)))
        for budget in mixed([2 * weights, 16 * weights - 4, 16 * weights + 4 * per_image], rng):
            _expect_images(largest_batch, budget, weights, weights, per_image)


def reconciles_the_images(rates, prediction):
    """You predicted first."""
    values = measured_numbers(rates, ("1", "64"), "rates", "images per second, by batch size")
    ratio = values[1] / values[0]
    measured = THROUGHPUTS[0] if ratio < 2 else THROUGHPUTS[1] if ratio <= 5 else THROUGHPUTS[2]
    return f"You predicted {prediction!r}. Measured here: {ratio:.1f} times as many images per second, {measured!r}."


LARGEST_BATCH = Exercise(
    id="4.3",
    title="How many images fit?",
    points=2,
    prediction=one_of(*THROUGHPUTS),
    given={"rates": draw_numbers("1", "8", "64")},
    hints=(
        "First subtract what is stored once: the weights and what goes with them. The rest is for the images.",
        "Once: `4 * (num_weights + 3 * num_learning)` bytes. Per image: `4 * numbers_per_image` bytes.",
        "`max(0, (budget - once) // per_image)`: `//` rounds down.",
    ),
    properties=(
        learning_weights_are_fourfold,
        frozen_weights_are_bare,
        whole_images_only,
        nothing_is_no_image,
        reconciles_the_images,
    ),
)
