"""Curves on the page: only new points travel, and a picture stays behind."""

import math
import re
from contextlib import suppress

import traitlets
from matplotlib.axes import Axes

from tlkit.curves import CurveRecorder, Curves
from tlkit.plots import plot_curves
from tlkit_widgets.shared.kit_widget import KitWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["CurvesView", "count", "kernel_id"]

WHOLE = 500  # up to so many points all of them travel: a page that is still loading would miss a difference


class CurvesView(KitWidget):
    """What the page draws. Only new points travel; `data` keeps all, for a reload or a second view.

    Attributes:
        data: `{"<run>/<kind>/<metric>": [x0, y0, x1, y1, ...]}`; the kind is `epoch`, `batch`, or the number of one of
            the values of a metric that is an array.
        runs: One dict a run: name, phases, best epoch, how it ended, and how many values each array has.
        status: What is going on, in words.
        state: `"idle"`, `"running"` or `"done"`.
        log_scale: Whether losses are drawn on a logarithmic axis.
        smoothing: Weight in [0, 1) of the past in the exponential mean over batches; 0 draws batches as they are.
        learning_rate: Whether the learning rate has a panel.
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (8.4, 3.0)

    data = traitlets.Dict().tag(sync=True)
    runs = traitlets.List().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    progress = traitlets.Float(0.0).tag(sync=True)
    state = traitlets.Enum(["idle", "running", "done"], "idle").tag(sync=True)
    log_scale = traitlets.Bool(False).tag(sync=True)
    smoothing = traitlets.Float(0.0, min=0.0, max=0.99).tag(sync=True)
    learning_rate = traitlets.Bool(False).tag(sync=True)
    _kernel_id = traitlets.Unicode().tag(sync=True)  # set while an interrupt of the kernel would stop the training

    def __init__(self, recorder: CurveRecorder, **kwargs):
        self._recorder = recorder
        super().__init__(**kwargs)
        self.on_msg(self._answer)

    def push(self, points: dict[str, list[float]]) -> None:
        """Append points `{series: [x, y, ...]}` and send them."""
        starts = {}
        for series, values in points.items():
            kept = self.data.setdefault(series, [])
            starts[series] = len(kept)
            kept.extend(values)
        if sum(map(len, self.data.values())) <= 2 * WHOLE:
            self.send_state("data")
        else:
            self.send({"kind": "points", "points": points, "starts": starts})

    def describe(self) -> str:
        return " ".join(["Training curves.", *map(_say, self._recorder.runs)])

    def __repr__(self) -> str:
        return "training curves"

    def _answer(self, _widget, content, _buffers) -> None:
        if content.get("kind") == "stop":  # only where the page cannot interrupt the kernel
            self._recorder.stop()
        elif content.get("kind") == "all":
            self.send_state("data")

    def _draw(self, figure) -> None:
        runs = _by_name([run for run in self._recorder.runs if run.num_epochs])
        metrics = list(dict.fromkeys(name.removeprefix("val_") for run in runs.values() for name in run.history))
        metrics = sorted((name for name in metrics if name != "learning_rate"), key=lambda name: name != "loss")[:3]
        if not metrics:
            figure.text(0.5, 0.5, "No epoch was finished.", ha="center")
            return
        histories = {name: run.history for name, run in runs.items()}
        for axes, metric in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics, strict=True):
            plot_curves(histories, metric, ax=axes, title=_finding(runs, metric))
            if any(metric in run.values for run in runs.values()):
                axes.set_ylabel(f"{axes.get_ylabel()}, mean of its values")
            _mark_phases(axes, runs)
            _mark_ends(axes, runs)


def _by_name(runs: list[Curves]) -> dict[str, Curves]:
    """Runs by their names, which get a number where two are alike."""
    names = [run.name for run in runs]
    return {f"{run.name} ({i})" if names.count(run.name) > 1 else run.name: run for i, run in enumerate(runs, 1)}


def _finding(runs: dict[str, Curves], metric: str) -> str:
    """Title of a panel: the best value, on validation images where there are any, and the run that has it."""
    name = f"val_{metric}" if any(f"val_{metric}" in run.history for run in runs.values()) else metric
    found = {label: best for label, run in runs.items() if name in run.history and (best := run.best(name))}
    if not found:
        return f"{name} is never a number: the training diverged"
    across = Curves(history={name: [best.value for best in found.values()]}).best(name)
    label, best = list(found.items())[across.epoch - 1 if across else 0]
    return f"best {name} {best.value:.3g} in epoch {best.epoch}" + (f" of {label}" if len(found) > 1 else "")


def _mark_phases(axes: Axes, runs: dict[str, Curves]) -> None:
    for phase in {phase for run in runs.values() for phase in run.phases[1:]}:
        axes.axvline(phase.start, color="#555555", linestyle=":", linewidth=1)
        place = {"xycoords": ("data", "axes fraction"), "fontsize": 7, "va": "top"}
        axes.annotate(f" {phase.name}", (phase.start, 1), **place)


def _mark_ends(axes: Axes, runs: dict[str, Curves]) -> None:
    """Where a run ended before its time."""
    for run in runs.values():
        if run.ended in ("stopped early", "stopped by you", "broken off"):
            place = {
                "xycoords": ("data", "axes fraction"),
                "fontsize": 7,
                "ha": "right",
                "va": "bottom",
                "rotation": 90,
            }
            axes.annotate(run.ended, (run.num_epochs, 0.02), **place)


def _say(run: Curves) -> str:
    last = ", ".join(_change(run, name) for name in run.history)
    best = run.best()
    most = f"; best {best.metric} in epoch {best.epoch}" if best else ""
    return f"{run.name}: {count(run.num_epochs, 'epoch')}, {run.ended}; {last}{most}."


def _change(run: Curves, name: str) -> str:
    """From the first to the last epoch that measured it, as far as these are numbers."""
    measured = [value for value in run.history[name] if math.isfinite(value)] or [math.nan]
    of = f" (mean of {max(map(len, run.values[name]))})" if name in run.values else ""
    return f"{name}{of} {measured[0]:.3g} to {measured[-1]:.3g}"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def kernel_id() -> str:
    """What Jupyter Server calls this kernel, or nothing outside of one."""
    with suppress(Exception):  # any of several when there is no kernel
        from ipykernel.connect import get_connection_file

        found = re.search(r"kernel-(.+)\.json$", get_connection_file())
        return found.group(1) if found else ""
    return ""
