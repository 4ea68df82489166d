"""How much of a comparison fits the minutes that there are, decided before it begins."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import numpy as np

from tlkit.backbones import add_head
from tlkit.study.settings import Settings
from tlkit.study.source_networks import Source
from tlkit.study.trained_contestants import BATCH_SIZE, FINE_TUNING, FROM_SCRATCH

__all__ = ["Pace", "Plan", "make_plan", "measure_pace"]

USUAL_STEPS, FEWEST_STEPS = 100, 60  # of a training, where photos are few
FEWEST_EPOCHS, MOST_EPOCHS = 6, 30
FEWEST_PHOTOS = 200  # to which a comparison is cut down before its trainings are left out
LEARNED_FROM = 0.64  # of the photos of a deal
TRACING = 25.0  # seconds for the first step of each network, on a slow laptop


@dataclass(frozen=True)
class Pace:
    """How fast this machine is with the photos and one network.

    Attributes:
        step_seconds: Of one training step of `BATCH_SIZE` photos, all layers learning.
        photo_seconds: Of one photo forwards.
    """

    step_seconds: float
    photo_seconds: float


@dataclass(frozen=True)
class Plan:
    """What a comparison does.

    Attributes:
        num_photos: Photos that are compared on; fewer than there are where the budget asks for it.
        epochs: Of each training; 0 where no network is trained.
        fine_tuned: The backbones that are fine-tuned, as the settings name them.
        seconds: An estimate of what the comparison takes.
        reason: What was left out for the budget, in sentences, or nothing.
    """

    num_photos: int
    epochs: int
    fine_tuned: tuple[str, ...]
    seconds: float
    reason: str = ""


@dataclass(frozen=True)
class _Work:
    """What the photos and the settings ask for."""

    settings: Settings
    paces: dict[str, Pace]

    def plan(self, num_photos: int, fine_tuned: tuple[str, ...], fewest_steps: int) -> Plan:
        """All contestants but the fine-tuning of other backbones."""
        steps = math.ceil(LEARNED_FROM * num_photos / BATCH_SIZE)
        epochs = int(np.clip(math.ceil(fewest_steps / steps), FEWEST_EPOCHS, MOST_EPOCHS))
        first = self.paces[self.settings.backbones[0]]
        again = self.settings.seeds - 1  # with the setting that the first seed chose
        a_step = (len(FROM_SCRATCH) + again) * first.step_seconds
        a_step += sum((len(FINE_TUNING) + again) * self.paces[name].step_seconds for name in fine_tuned)
        seconds = epochs * steps * a_step + TRACING * (1 + 2 * len(fine_tuned))
        return Plan(num_photos, epochs, fine_tuned, seconds + self._forward_seconds(num_photos))

    def without_training(self, num_photos: int) -> Plan:
        """Only the contestants that train no network."""
        return Plan(num_photos, 0, (), self._forward_seconds(num_photos))

    def _forward_seconds(self, num_photos: int) -> float:
        networks = [self.paces[self.settings.backbones[0]], *self.paces.values()]  # the first twice: its control
        return TRACING + num_photos * sum(pace.photo_seconds for pace in networks)


def measure_pace(source: Source) -> Pace:
    """Time a few steps on random photos."""
    model = add_head(source.load_fresh(), 2)
    model.compile(keras.optimizers.Adam(), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    photos = np.random.default_rng(0).integers(0, 256, (BATCH_SIZE, source.size, source.size, 3), dtype="uint8")
    labels = np.arange(BATCH_SIZE) % 2
    step = _fastest(lambda: model.train_on_batch(photos, labels))
    forward = _fastest(lambda: model.predict_on_batch(photos))
    return Pace(step, forward / BATCH_SIZE)


def make_plan(num_photos: int, settings: Settings, paces: dict[str, Pace]) -> Plan:
    """Choose what a comparison does so that it keeps to its budget.

    Where all of it would take too long, in this order: the trainings are shorter; backbones that are slow to train are
    not fine-tuned, the slowest first; the comparison is made on fewer photos; no network is trained.

    Args:
        num_photos: Photos that may be learned from and reported on.
        settings: Its `seeds`, `backbones` and `budget_minutes` count.
        paces: Of this machine, for each backbone.

    Example:
        >>> make_plan(320, Settings(), {"photos": Pace(0.05, 0.001)}).epochs
        15
    """
    work, limit = _Work(settings, paces), 60 * settings.budget_minutes
    by_pace = sorted(settings.backbones, key=lambda name: paces[name].step_seconds)
    full = work.plan(num_photos, settings.backbones, USUAL_STEPS)
    candidates = [full, *(work.plan(num_photos, tuple(by_pace[:n]), FEWEST_STEPS) for n in range(len(by_pace), 0, -1))]
    sizes = np.unique(np.geomspace(min(FEWEST_PHOTOS, num_photos), num_photos, 60).astype(int))[::-1]
    candidates += [work.plan(int(size), tuple(by_pace[:1]), FEWEST_STEPS) for size in sizes]
    none = work.without_training(num_photos)
    chosen = next((plan for plan in candidates if plan.seconds <= limit), none)
    return replace(chosen, reason=_tell(full, chosen))


def _tell(full: Plan, chosen: Plan) -> str:
    """What the budget leaves out."""
    if chosen == full:
        return ""
    told = [f"All of it would take about {full.seconds / 60:.0f} minutes."]
    if not chosen.epochs:
        return f"{told[0]} No network is trained: a larger budget compares with fine-tuning and training from scratch."
    if chosen.epochs < full.epochs:
        told.append(f"Trainings have {chosen.epochs} epochs, not {full.epochs}.")
    left_out = [name for name in full.fine_tuned if name not in chosen.fine_tuned]
    if left_out:
        told.append(f"{', '.join(left_out)}: not fine-tuned.")
    if chosen.num_photos < full.num_photos:
        told.append(f"{chosen.num_photos:,} photos, drawn by chance, are compared on; the final model learns from all.")
    return " ".join(told)


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of three runs, after one that does not count."""
    seconds = []
    for _ in range(4):
        began = time.monotonic()
        work()
        seconds.append(time.monotonic() - began)
    return min(seconds[1:])
