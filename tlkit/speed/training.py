"""One training: which gear it takes, and its run in that gear."""

from __future__ import annotations

import contextlib
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tlkit.speed.cache import show_progress
from tlkit.speed.epoch_sources import ArraySource, ViewFeed, ViewSource, check_views
from tlkit.speed.forward import warn_of_late_change
from tlkit.speed.gears import (
    KEPT,
    PLAIN,
    QUICK,
    Choice,
    choose,
    why_not_quick_arguments,
    why_not_quick_callbacks,
    why_not_quick_data,
)
from tlkit.speed.kept import Feed, KeptSteps, flags_of, warn_of_unheard_change
from tlkit.speed.quick import QuickSteps, QuickTraining
from tlkit.speed.rows import suits
from tlkit.speed.shared_graphs import Plan, borrowed_plan, plan_key, split_for
from tlkit.speed.views import Views

__all__ = ["Training"]


class Training:
    """One call of `fit`: the choice of the gear, and the run."""

    def __init__(self, model: keras.Model, given: dict[str, Any]) -> None:
        self.model, self.given = model, given
        callbacks = given["callbacks"]
        inner = getattr(callbacks, "callbacks", callbacks)  # of a CallbackList
        self.callbacks = [] if not inner else keras.tree.flatten(inner)

    def run(self) -> keras.callbacks.History:
        """Train, in the gear that an earlier training of this model has begun or in the one that is chosen now."""
        steps = vars(self.model).get("_tlkit_steps")
        if steps is not None and steps.is_of(self.model) and self.model.train_function is None:
            return self._go_on(steps)
        return self._start(choose(self.model, split_for))

    def _start(self, choice: Choice) -> keras.callbacks.History:
        why = self._why_not_quick() if choice.gear == QUICK else None
        if why:
            has_cut = choice.cut.prefix is not None
            nothing = f"there is nothing to keep: {choice.cut.reason}"
            choice = Choice(KEPT if has_cut else PLAIN, why if has_cut else nothing, choice.split)
        if choice.gear == QUICK:
            return self._quick(choice)
        return self._kept(choice) if choice.gear == KEPT else self._plain(choice)

    def _why_not_quick(self) -> str | None:
        given = self.given
        why = why_not_quick_arguments(given)
        if why:
            return why
        validation = given["validation_data"]
        pairs = [] if validation is None else [validation]
        if not isinstance(given["x"], Views):
            pairs.append((given["x"], given["y"]))
        for pair in pairs:
            if not isinstance(pair, tuple) or len(pair) != 2:
                return "the data are not a pair of arrays"
            why = why_not_quick_data(*pair)
            if why:
                return why
            if not suits(pair[0], self.model):
                return "the inputs are not of the shape that the model asks for"
        return why_not_quick_callbacks(self.callbacks)

    def _quick(self, choice: Choice, last: Plan | None = None) -> keras.callbacks.History:
        model, given, split = self.model, self.given, choice.cut
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        with borrowed_plan(split.suffix, model.get_compile_config(), last) as plan:
            train, test = self._sources(split)
            why = None if plan is last else self._difference(plan, split, train)
            if why is None:
                if last is None:
                    key = plan_key(split.suffix, model.get_compile_config())
                    steps = QuickSteps(choice, plan, model._loss_tracker, model.optimizer, flags_of(model), key)
                    model.__dict__["_tlkit_steps"] = steps
                QuickTraining(model, split.suffix, plan, train, test, self._calls(train), given["epochs"]).run()
                return _said(model.history, choice)
        rest = Choice(KEPT if split.prefix is not None else PLAIN, why, split)
        return self._kept(rest) if rest.gear == KEPT else self._plain(rest)

    def _sources(self, split) -> tuple:
        given, prefix = self.given, split.prefix
        size = given["batch_size"] or 32
        if isinstance(given["x"], Views):
            check_views(prefix, given["x"])
            train = ViewSource(given["x"], size, given["shuffle"])
        else:
            train = ArraySource(prefix, given["x"], given["y"], size, given["shuffle"])
        if given["validation_data"] is None:
            return train, None
        size = given["validation_batch_size"] or size
        images, labels = given["validation_data"]
        return train, ArraySource(prefix, images, labels, size, False)

    def _difference(self, plan, split, train) -> str | None:
        """The reason not to use the copy, where a batch of the training data comes out differently in it."""
        shape = [min(8, len(train.labels)), *(side or 8 for side in split.suffix.inputs[0].shape[1:])]
        x = np.random.default_rng(0).normal(size=shape).astype(split.suffix.inputs[0].dtype)
        try:
            return plan.difference(self.model, split.suffix, x, train.labels[: len(x)])
        except Exception:  # from data that do not suit the loss, say: Keras refuses them in its own words
            return "a batch of the data could not be tried out"

    def _calls(self, train) -> keras.callbacks.CallbackList:
        given, verbose = self.given, self.given["verbose"]
        if isinstance(given["callbacks"], keras.callbacks.CallbackList):
            return given["callbacks"]
        return keras.callbacks.CallbackList(
            given["callbacks"],
            add_history=True,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=given["epochs"],
            steps=train.num_batches,
            model=self.model,
        )

    def _go_on(self, steps: KeptSteps | QuickSteps) -> keras.callbacks.History:
        """A second training without `compile`: what learned before learns, as in Keras."""
        if isinstance(steps, QuickSteps) and self._why_not_quick():
            if not steps.is_as_made(self.model):
                warn_of_late_change(self.model.name)
            return self._start(steps.choice)
        if flags_of(self.model) != steps.flags:
            warn_of_unheard_change(self.model)
        if isinstance(steps, QuickSteps):
            return self._quick(steps.choice, steps.plan)
        return self._kept(Choice(KEPT, "it goes on with the steps of the last training", steps.split), steps)

    def _kept(self, choice: Choice, steps: KeptSteps | None = None) -> keras.callbacks.History:
        feeds = self._feeds(choice)
        if feeds is None:
            return self._plain(
                Choice(PLAIN, "the data are of a kind or shape whose rows cannot be told apart", choice.split)
            )
        steps = steps or KeptSteps(self.model, choice.cut)
        self.model.__dict__["_tlkit_steps"] = steps
        is_watched = why_not_quick_callbacks(self.callbacks) is not None
        history = steps.fit(self.model, self._with_pass(feeds, choice), feeds, is_watched)
        if steps.why_whole:
            choice = Choice(KEPT, f"{steps.why_whole}: batches went through the whole model from then on", choice.split)
        return _said(history, choice)

    def _feeds(self, choice: Choice) -> list[Feed] | None:
        """Stand-ins for the training and validation data, put into the arguments; `None` where there can be none."""
        given, x = self.given, self.given["x"]
        if isinstance(x, Views):
            check_views(choice.cut.prefix, x)
            train: Feed = ViewFeed(0, x, given["batch_size"] or 32, given["shuffle"])
            given.update(shuffle=False, batch_size=None)
        else:
            train = Feed(0, x)
        labels = keras.tree.flatten((given["y"], given["sample_weight"]))
        is_known = all(label is None or hasattr(label, "shape") for label in labels)
        if not is_known or not self._can_feed(train, x) or (train.rows is None and given["validation_split"]):
            return None
        given["x"] = train.data
        validation: Any = keras.utils.unpack_x_y_sample_weight(given["validation_data"])
        test = Feed(1, validation[0]) if validation[0] is not None else None
        if test is None or not self._can_feed(test, validation[0]):
            return [train]
        packed = keras.utils.pack_x_y_sample_weight(test.data, *validation[1:])
        given["validation_data"] = packed
        return [train, test]

    def _can_feed(self, feed: Feed, x: Any) -> bool:
        """Whether inputs have the shapes that the model asks for; of other streams than data sets, nothing is known."""
        if feed.data is None:
            return False
        if isinstance(x, tf.data.Dataset):
            spec: Any = x.element_spec
            spec = spec if isinstance(spec, tuple) else (spec,)
            return len(spec) <= 3 and suits(spec[0], self.model)
        return feed.rows is None or suits(feed.rows, self.model)

    def _with_pass(self, feeds: list[Feed], choice: Choice) -> dict[str, Any]:
        """The arguments with a callback, after the user's own, that runs the frozen part before the first epoch."""
        callbacks, own = self.given["callbacks"], _Pass(feeds, choice.cut.prefix, self.callbacks)
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.append(own)
            return self.given
        return self.given | {"callbacks": [*self.callbacks, own]}

    def _plain(self, choice: Choice) -> keras.callbacks.History:
        if isinstance(self.given["x"], Views):
            msg = f"`Views` need a frozen part that is kept. Here it cannot be: {choice.why}. Train on images instead."
            raise ValueError(msg)
        if self.given["verbose"] not in (0, None):
            print(f"tlkit: plain model.fit, because {choice.why}.")
        return _said(self.model.fit(**self.given), choice)


class _Pass(keras.callbacks.Callback):
    """The pass through the frozen part, shown and reported while it runs."""

    def __init__(self, feeds: list[Feed], prefix: keras.Model, others: list[keras.callbacks.Callback]) -> None:
        super().__init__()
        self._feeds, self._prefix = feeds, prefix
        self._listeners = [callback for callback in others if hasattr(callback, "on_frozen_pass")]

    def on_train_begin(self, logs=None) -> None:
        """Run it over all rows that are known beforehand."""
        with contextlib.suppress(_StoppedInPass):  # what is missing is then computed batch by batch
            for feed in self._feeds:
                bar = show_progress(
                    1 if (self.params or {}).get("verbose") not in (0, None) and feed.rows is not None else 0
                )
                feed.prepare(self._prefix, lambda done, total, bar=bar: self._tell(bar, done, total))

    def _tell(self, bar, done: int, total: int) -> None:
        bar(done, total)
        for callback in self._listeners:
            callback.on_frozen_pass(done, total)
        if self.model is not None and self.model.stop_training:
            raise _StoppedInPass


class _StoppedInPass(Exception):
    """A callback set `model.stop_training` while rows went through the frozen part."""


def _said(history: keras.callbacks.History, choice: Choice) -> keras.callbacks.History:
    if history is not None:
        history.gear, history.why = choice.gear, choice.why
    return history
