"""A Keras callback that draws while `fit` runs, with a stop button that works."""

import math
import os
import signal
import threading
import time
from contextlib import suppress
from typing import Any

from IPython import get_ipython

from tlkit.curves import CurveRecorder, Curves
from tlkit.languages import translate
from tlkit_widgets.live_curves.widget import CurvesView, kernel_id

__all__ = ["LiveCurves"]


class LiveCurves(CurveRecorder):
    """Keras callback that draws the curves in the notebook while `fit` runs.

    The button *Stop training* ends `fit` after the present batch; history and weights are kept, and the next cell
    runs. Passed to a second `fit`, it goes on with the next phase of the same run; `start(name)` lays another run over
    the earlier ones. When training ends the live view is replaced by a picture; name the object in a cell to explore
    the curves again.

    A metric that is an array, as `F1Score` without an average, is drawn by the mean of its values; up to 8 of them are
    thin lines beside it. An epoch that does not measure a metric, as with `validation_freq`, is left out of its line.

    A page that is reloaded while `fit` holds the kernel cannot ask it for anything. So every few seconds a picture of
    the curves so far is left in the notebook too: hidden where the live curves are, seen where they are not.

    Args:
        name: Name of the run.
        phase: Name of the first phase, such as `"feature extraction"`.
        log_scale: Whether losses are drawn on a logarithmic axis.
        smoothing: Weight in [0, 1) of the past in the exponential mean over batches.
        learning_rate: Whether the learning rate has a panel.

    Example:

        live = LiveCurves("probe", phase="feature extraction")
        model.fit(train_ds, validation_data=val_ds, epochs=5, callbacks=[live])
        live.phase("fine-tuning")
        model.fit(train_ds, validation_data=val_ds, epochs=5, callbacks=[live])
    """

    reads_logs_only = True
    interval = 0.1  # seconds between two messages to the page
    trace_interval = 5.0  # seconds between two pictures for a page that is reloaded, at least
    most_values = 8  # of a metric that is an array: so many are lines of their own, of more only the mean is drawn

    def __init__(self, name="training", *, phase="", log_scale=False, smoothing=0.0, learning_rate=False):
        self._points: dict[str, list[tuple[int, float]]] = {}  # what epochs measured, by the page's name of it
        self._num_sent: dict[str, int] = {}
        self._old_handler: Any = None  # as `signal` returns it
        self._last, self._began, self._next_trace = 0.0, 0.0, 0.0
        super().__init__(name, phase=phase)
        self.view = CurvesView(self, log_scale=log_scale, smoothing=smoothing, learning_rate=learning_rate)

    def __repr__(self) -> str:
        return f"LiveCurves({self.runs[0].name!r})"

    def _ipython_display_(self) -> None:
        self.view._ipython_display_()

    def on_train_begin(self, logs=None) -> None:
        super().on_train_begin(logs)
        self._began = time.monotonic()
        self._next_trace = self._began + self.trace_interval
        self._watch()
        self.view.runs = [_summary(run) for run in self.runs]
        self.view.status = translate("the first step builds the graph, which takes a while")
        self.view.state = "running"
        self._open()

    def on_train_batch_end(self, batch, logs=None) -> None:
        super().on_train_batch_end(batch, logs)
        if time.monotonic() - self._last >= self.interval:
            self._flush(self._share())

    def on_epoch_end(self, epoch, logs=None) -> None:
        super().on_epoch_end(epoch, logs)
        for series, value in self._measured().items():
            self._points.setdefault(series, []).append((self.curves.num_epochs, value))
        if time.monotonic() - self._last >= self.interval:
            self._flush(1.0)
        if get_ipython() is None:
            new = {name: values[-1] for name, values in self.curves.history.items() if self._is_new(values)}
            print(f"{self.curves.name}: {self._place()}: " + ", ".join(f"{name} {new[name]:.4g}" for name in new))

    def on_frozen_pass(self, done: int, total: int) -> None:
        """`tlkit.speed.fit` tells here how far the images have come through the frozen part."""
        if time.monotonic() - self._last >= self.interval:
            with self.view.hold_sync():
                self.view.status = translate(f"frozen part, once: {done} of {total} images")
                self.view.progress = done / total
            self._last = time.monotonic()

    def on_train_end(self, logs=None) -> None:
        super().on_train_end(logs)
        self._end()

    def _open(self) -> None:
        """Show the live view where the cell's outputs are. Without a notebook there is one line per epoch instead."""
        if get_ipython() is not None:
            self.view._ipython_display_()

    def _leave(self) -> None:
        """A saved notebook has no kernel to ask: leave the picture."""
        self.view.freeze()

    def _end(self) -> None:
        """Give the interrupt back and leave the picture; also after an error or a second interrupt broke `fit` off."""
        self._unwatch()
        self.view.push(self._unsent())
        ended, number = self.curves.ended, self.curves.num_epochs
        status = f"{ended} after 1 epoch" if number == 1 else f"{ended} after {number} epochs"
        with self.view.hold_sync():
            self.view.runs = [_summary(run) for run in self.runs]
            self.view.status = translate(status)
            self.view.state, self.view.progress = "done", 0.0
        self.view.send_state("data")  # whole, should a message have come before the page was ready
        self._leave()

    def _watch(self) -> None:
        """A first interrupt stops the training in order, a second one breaks it off.

        Only within a Jupyter Server session, which sets `JPY_SESSION_NAME`: elsewhere, as under nbclient and nbval, an
        interrupt means that time is out, and the cell must fail.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        if "JPY_SESSION_NAME" in os.environ:
            self._old_handler = signal.signal(signal.SIGINT, self._on_interrupt)
            self.view.set_trait("_kernel_id", kernel_id())
        if (shell := get_ipython()) is not None:
            shell.events.register("post_run_cell", self._after_cell)

    def _unwatch(self) -> None:
        if self._old_handler is not None:
            signal.signal(signal.SIGINT, self._old_handler)
            self._old_handler = None
            self.view.set_trait("_kernel_id", "")
        if (shell := get_ipython()) is not None:
            with suppress(ValueError):  # it is not registered in a thread
                shell.events.unregister("post_run_cell", self._after_cell)

    def _on_interrupt(self, *_) -> None:
        if self._stopped:
            raise KeyboardInterrupt
        self.stop()  # only sets flags: the signal may have come in the middle of a message

    def _after_cell(self, _result) -> None:
        """The cell is over and `on_train_end` was not called."""
        self.curves.ended = "broken off"
        self._end()

    def _flush(self, share: float) -> None:
        """Send the new points and where training stands, `share` of the present epoch being over."""
        self.view.push(self._unsent())
        progress = min(1.0, (self._epoch - self._first + share) / max(1, self._planned("epochs") - self._first))
        seconds = time.monotonic() - self._began
        remain = seconds * (1 - progress) / progress if seconds > 3 and progress else 0
        left = translate(f", about {remain:.0f} s left") if remain else ""
        with self.view.hold_sync():
            self.view.runs = [_summary(run) for run in self.runs]
            self.view.progress = progress
            self.view.status = f"{self._place()}, {seconds:.0f} s{left}"
        self._last = time.monotonic()
        self._trace()

    def _trace(self) -> None:
        """At most a hundredth of the time goes into these pictures."""
        began = time.monotonic()
        if self._old_handler is not None and began >= self._next_trace and self.curves.num_epochs:
            self.view.leave_trace()
            now = time.monotonic()
            self._next_trace = now + max(self.trace_interval, 100 * (now - began))

    def _place(self) -> str:
        """Where training stands, in epochs as `fit` counts them."""
        planned = self._planned("epochs")
        number = self._epoch + 1
        return translate(f"epoch {number} of {planned}" if planned else f"epoch {number}")

    def _measured(self) -> dict[str, float]:
        """What the present epoch measured, by the page's names."""
        curves, number = self.curves, len(self.runs) - 1
        new = {f"{number}/epoch/{name}": values[-1] for name, values in curves.history.items() if self._is_new(values)}
        for name, rows in curves.values.items():
            if self._is_new(rows) and len(rows[-1]) <= self.most_values:
                new |= {f"{number}/{i}/{name}": value for i, value in enumerate(rows[-1])}
        return new | {f"{number}/epoch/learning_rate": curves.learning_rate[-1]}

    def _is_new(self, values: list) -> bool:
        return len(values) > self._finished

    def _unsent(self) -> dict[str, list[float | None]]:
        batches = {f"{len(self.runs) - 1}/batch/{name}": pairs for name, pairs in self.curves.batches.items()}
        series = batches | self._points
        new = {name: pairs[self._num_sent.get(name, 0) :] for name, pairs in series.items()}
        self._num_sent |= {name: len(pairs) for name, pairs in series.items()}
        return {name: [_finite(v) for pair in pairs for v in pair] for name, pairs in new.items() if pairs}


def _finite(value: float) -> float | None:
    """JSON has neither NaN nor infinity, and a training that diverges has both."""
    return value if math.isfinite(value) else None


def _summary(run: Curves) -> dict:
    best = run.best()
    phases = [{"name": phase.name, "start": phase.start} for phase in run.phases]
    arrays = {name: max(map(len, rows)) for name, rows in run.values.items()}
    return {"name": run.name, "phases": phases, "ended": run.ended, "best": best and vars(best), "arrays": arrays}
