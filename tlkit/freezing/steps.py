"""A few training steps, as many as it takes to see what moves."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from tlkit.counts import count
from tlkit.freezing.rehearsal import inner_of, train_on, updates_of, values_of

__all__ = ["Steps", "named"]

_MOST_UPDATES = 8  # a weight behind one that starts at 0 moves from the second on; a schedule may start at 0, too
_MOST_SKIPPED = 40  # halvings of a loss scale: from the largest float16 to the smallest
_NAMES = 5  # that are named in a sentence


class Steps:
    """Training steps until everything trainable has moved, or nothing else is going to."""

    def __init__(self, model: keras.Model, before: dict[int, np.ndarray]):
        self.model, self.before = model, before
        self.still = list(model.trainable_variables)  # may learn, but did not move so far
        self.moved: set[int] = set()
        self.num_steps = self.num_skipped = self.num_updates = 0

    def train(self, batches: Sequence[tuple]) -> None:
        """Take steps on these batches in turn, until nothing is left that may move or the number of steps is spent."""
        gathered = getattr(inner_of(self.model.optimizer), "gradient_accumulation_steps", None) or 1
        while self.num_updates < _MOST_UPDATES and self.num_steps < gathered * _MOST_UPDATES + _MOST_SKIPPED:
            self._step(batches[self.num_steps % len(batches)])
            if not self.still:
                break

    def _step(self, batch: tuple) -> None:
        updates, scale = self._updates(), self._scale()
        train_on(self.model, batch)
        self.num_steps += 1
        self.num_updates += self._updates() != updates or self.model.optimizer is None
        self.num_skipped += self._scale() < scale
        moved = [variable for variable in self.still if _differs(variable, self.before)]
        self.moved |= {id(variable) for variable in moved}
        self.still = [variable for variable in self.still if id(variable) not in self.moved]

    def _updates(self) -> int:
        return updates_of(self.model) if self.model.optimizer else 0

    def _scale(self) -> float:
        """By what mixed precision multiplies the loss; a step that it skips halves it."""
        optimizer = self.model.optimizer
        if not isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
            return 1.0
        return float(optimizer.dynamic_scale if optimizer.built else optimizer.initial_scale)

    def notes(self) -> list[str]:
        """Return, in sentences, what was odd about the steps: skipped ones, gathered gradients, weights that stayed."""
        found = []
        if self.num_skipped:
            found.append(
                f"Mixed precision skipped {count(self.num_skipped, 'step')} of {self.num_steps} to find its loss "
                "scale: a shorter fit() moves nothing."
            )
        gathered = getattr(inner_of(self.model.optimizer), "gradient_accumulation_steps", None)
        if gathered:
            found.append(f"The optimizer gathers {gathered} batches per step: a shorter fit() moves nothing.")
        if self.still:
            found.append(
                f"{count(len(self.still), 'weight')} may learn, but did not move in "
                f"{count(self.num_updates, 'update')}: no gradient arrives, or the step is too small "
                f"({named(self.still)})."
            )
        return found


def named(variables: Sequence[keras.Variable]) -> str:
    """Return the paths of the first few variables, and `...` where there are more."""
    names = [variable.path for variable in variables[:_NAMES]]
    return ", ".join([*names, *(["..."] if len(variables) > _NAMES else [])])


def _differs(variable: keras.Variable, before: dict[int, np.ndarray]) -> bool:
    return bool((values_of(variable) != before[id(variable)]).any())
