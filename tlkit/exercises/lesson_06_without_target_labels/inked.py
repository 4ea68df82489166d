"""Inputs that are matched before any feature is: ink on paper, whatever their colours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.prediction import one_of
from tlkit.checks.received import close, mean_shares, numbers_of
from tlkit.exercises.lesson_06_without_target_labels.shown import LUMINANCE, REACHES, inked
from tlkit.exercises.trials import draws, mixed

__all__ = ["MATCH_INPUTS"]


def _pages(ink: np.ndarray, paper: np.ndarray, rng: np.random.Generator, grain: int = 5) -> np.ndarray:
    """Pictures of strokes on grained paper, `(num_images, height, width, 3)`; more than half of each is paper."""
    height, width = (int(side) for side in rng.integers(7, 12, 2))
    pictures = np.broadcast_to(paper[:, None, None], (len(paper), height, width, 3)).astype(float).copy()
    row, column = int(rng.integers(1, height - 2)), int(rng.integers(1, width - 1))
    pictures[:, row, 1:-1] = ink[:, None]
    pictures[:, 1 : height // 2, column] = (0.5 * ink + 0.5 * paper)[:, None]
    pictures += rng.integers(-grain, grain + 1, pictures.shape)
    return np.clip(pictures.round(), 0, 255).astype("uint8")


def _inked(as_ink: Callable, images: np.ndarray) -> np.ndarray:
    shape = images.shape[:3]
    return numbers_of(as_ink(images.copy()), shape, f"Return one grey picture for each image, {shape}.")


def _expect(as_ink: Callable, images: np.ndarray, why: str) -> None:
    truth = inked(images)
    received = _inked(as_ink, images)
    gaps = np.where(np.isnan(received), np.inf, np.abs(received - truth))
    place = np.unravel_index(gaps.argmax(), gaps.shape)
    image, row, column = map(int, place)
    require(
        close(received, truth, rtol=0, atol=3e-4),
        f"In image {image} of {len(images)}, the pixel in row {row} and column {column} is {truth[place]:.4f}, and "
        f"{received[place]:.4f} came. {_told(received, images, why)}",
    )


def _told(received: np.ndarray, images: np.ndarray, otherwise: str) -> str:
    """What pictures that were received have misunderstood."""
    if np.isnan(received).any():
        return EMPTY
    grey = images.astype(float) @ np.array(LUMINANCE)
    each = {"axis": (1, 2), "keepdims": True}
    bytes_of, median = grey.astype("uint8"), np.median(grey, **each)
    slips = [
        (_stretched(images.mean(axis=3)), "Weigh the colours by LUMINANCE: green looks brighter than blue."),
        (
            _stretched(images.astype(float) @ np.array(LUMINANCE[::-1])),
            "The colours are in the order red, green, blue.",
        ),
        (_stretched(grey, grey.mean(**each)), "Paper is the *median* of a page: a mean lies between paper and ink."),
        (_stretched(grey, np.median(grey), each={}), EACH_PAGE),
        (_stretched(grey, np.median(grey)), EACH_PAGE),
        (_stretched(grey, each={}), EACH_PAGE),
        (
            _stretched(grey, far=lambda gap: np.maximum(gap, 0)),
            DARKER,
        ),
        (
            _stretched(grey, far=lambda gap: np.maximum(-gap, 0)),
            LIGHTER,
        ),
        (_stretched(grey, far=np.square), "The distance is not squared."),
        (_stretched(bytes_of, np.median(bytes_of, **each).astype("uint8")), BYTES),
        (1 - inked(images), "Paper is 0 and ink is 1, not the other way round."),
        (np.abs(grey - median), "Divide by the largest distance of each image."),
        (np.abs(grey - median) / 255, "Divide by the largest distance of each image, and not by 255."),
        ((grey - grey.min(**each)) / np.maximum(np.ptp(grey, **each), 1e-9), FROM_PAPER),
    ]
    return next((why for pages, why in slips if close(received, pages, rtol=0, atol=3e-4)), otherwise)


def _stretched(grey: np.ndarray, paper: np.ndarray | None = None, *, far: Callable = np.abs, each: dict | None = None):
    """Distances from the paper, by default each page's median, over the largest one, by default of each page."""
    each = {"axis": (1, 2), "keepdims": True} if each is None else each
    gap = far(grey - (np.median(grey, axis=(1, 2), keepdims=True) if paper is None else paper))
    return gap / np.maximum(gap.max(**each), 1e-9)


EACH_PAGE = "A faint page and a strong one stand in one batch: take the median and the largest distance of each image."
EMPTY = "On an empty page the largest distance is 0: 0 / 0 is NaN, so divide by at least a tiny number."
DARKER, LIGHTER = (f"Ink may be {how} than the paper: take the absolute value." for how in ("darker", "lighter"))
BYTES = "Bytes wrap below 0: convert to float first."
FROM_PAPER = "Paper is what most of a page is: take the distance from the median, so that dark ink counts as well."


def light_ink_or_dark(as_ink):
    """Paper is 0 and the strongest ink 1, whichever of them is lighter."""
    for rng in draws(2):
        number = int(rng.integers(2, 5))
        dark, light = rng.uniform(0, 60, (number, 3)), rng.uniform(160, 255, (number, 3))
        for ink, paper in mixed([(dark, light), (light, dark)], rng):
            _expect(as_ink, _pages(ink, paper, rng), FROM_PAPER)


def bytes_do_not_wrap(as_ink):
    """It computes with numbers, not with bytes, and weighs the three colours by how bright they look."""
    for rng in draws(2):
        ink, paper = np.array([[250, 20, 90], [10, 200, 30], [30, 30, 250]]), np.array([[20, 130, 40]] * 3)
        order = rng.permutation(3)
        jitter = rng.integers(-9, 10, (3, 3))
        why = "Convert to float first; the luminance is `images @ LUMINANCE`: green looks brighter than blue."
        _expect(as_ink, _pages(ink[order] + jitter, paper - jitter[::-1], rng), why)


def each_page_for_itself(as_ink):
    """Each image is stretched by itself."""
    for rng in draws(2):
        number = int(rng.integers(3, 6))
        paper = rng.uniform(60, 180, (number, 1)) * np.ones(3)
        contrast = rng.permutation(np.linspace(12, 70, number))[:, None]
        _expect(as_ink, _pages(paper + contrast, paper, rng), EACH_PAGE)


def an_empty_page_is_empty(as_ink):
    """A page without ink is 0 everywhere, beside pages with ink."""
    for rng in draws(2):
        ink, paper = rng.uniform(180, 255, (3, 3)), rng.uniform(0, 60, (3, 3))
        blank = int(rng.integers(3))
        ink[blank] = paper[blank]
        _expect(as_ink, _pages(ink, paper, rng, grain=0), EMPTY)


def reconciles_the_match(accuracy, prediction):
    """Your prediction is compared with your own accuracy."""
    fine = isinstance(accuracy, dict) and set(accuracy) == {"as drawn", "matched"}
    require(fine, "`accuracy` must hold the accuracies 'as drawn' and 'matched', seed by seed, as measured.")
    told = ", ".join(f"{name}: {mean:.0%}" for name, mean in mean_shares(accuracy, "accuracy").items())
    return f"You predicted {prediction!r}. Measured here: {told}."


MATCH_INPUTS = Exercise(
    id="6.3",
    title="Match the inputs",
    points=2,
    prediction=one_of(*REACHES),
    given={"accuracy": lambda rng: {name: rng.uniform(0.1, 0.6, 5).tolist() for name in ("as drawn", "matched")}},
    kit_has=(inked,),
    hints=(
        "What is most of a page: ink or paper? And which of them is lighter should not matter.",
        "`grey = images @ np.array(LUMINANCE)`, then `np.abs(grey - np.median(grey, axis=(1, 2), keepdims=True))`.",
        "Divide by `far.max(axis=(1, 2), keepdims=True)`, but at least by `1e-9`.",
    ),
    properties=(
        light_ink_or_dark,
        bytes_do_not_wrap,
        each_page_for_itself,
        an_empty_page_is_empty,
        reconciles_the_match,
    ),
)
