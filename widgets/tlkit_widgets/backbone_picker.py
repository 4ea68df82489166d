"""All backbones in one table: sort, filter, measure here, pick one."""

import time

import tlkit.quiet_start

import keras
import numpy as np
import traitlets

from tlkit.backbones import list_backbones, load_backbone
from tlkit.choices import nearest_or_all
from tlkit_widgets.shared.background import WorkingWidget
from tlkit_widgets.shared.sources import esm, style

__all__ = ["BackbonePicker"]

BATCH = 8  # images at once when measuring


class BackbonePicker(WorkingWidget):
    """Every model of `keras.applications`: parameters, published ImageNet accuracy, what is embedded, speed here.

    Args:
        input_size: Side of the images for which speed is measured, in pixels.
        selected: Name of a backbone.

    Attributes:
        selected: Name of the picked backbone; pass it to `load_backbone`.
        rows: One dict a backbone.
        milliseconds: Measured time of one image, by name.

    Speed is measured with random weights, which take as long as trained ones: best of three batches of 8 images after
    one that is not counted.
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (6.4, 4.0)

    selected = traitlets.Unicode("mobilenet_v3_small").tag(sync=True)
    rows = traitlets.List().tag(sync=True)
    milliseconds = traitlets.Dict().tag(sync=True)
    input_size = traitlets.Int(64, min=32).tag(sync=True)
    busy = traitlets.Unicode().tag(sync=True)  # name of the one that is being measured

    def __init__(self, *, input_size: int = 64, selected: str = "mobilenet_v3_small"):
        self._infos = {info.name: info for info in list_backbones()}
        rows = [
            {
                **{"name": info.name, "parameters": info.num_parameters, "MB": info.size_mb, "image": info.input_size},
                **{"accuracy": info.imagenet_top1, "features": info.num_features, "embedded": list(info.embedded)},
            }
            for info in self._infos.values()
        ]
        super().__init__(rows=rows, input_size=input_size)
        self.selected = selected
        self.on_msg(self._answer)

    def measure(self, name: str | None = None) -> float:
        """Milliseconds for one image of `input_size` through `name`, otherwise through the picked one."""
        name = name or self.selected
        self.busy = name
        try:
            shape = (self.input_size, self.input_size, 3)
            model = load_backbone(name, weights=None, input_shape=shape)
            seconds = _best_seconds(model, np.zeros((BATCH, *shape), "float32"))
            self.milliseconds = self.milliseconds | {name: 1000 * seconds / BATCH}
        finally:
            self.busy = ""
        return self.milliseconds[name]

    def describe(self) -> str:
        info = self._infos[self.selected]
        accuracy = f"{info.imagenet_top1:.1%} on ImageNet" if info.imagenet_top1 else "no published accuracy"
        return (
            f"Table of {len(self.rows)} backbones. Picked: {info.name}, {info.num_parameters:,} parameters, {accuracy}."
        )

    def __repr__(self) -> str:
        return "BackbonePicker()"

    def _answer(self, _widget, content, _buffers) -> None:
        if content.get("kind") == "measure" and not self.busy:
            self._start(self.measure)

    def _draw(self, figure) -> None:
        axes = figure.subplots()
        known = [row for row in self.rows if row["accuracy"] and row["parameters"]]
        for row in known:
            picked, place = row["name"] == self.selected, (row["parameters"] / 1e6, 100 * row["accuracy"])
            axes.scatter(*place, color="#c95700" if picked else "#0072b2", marker="D" if picked else "o")
            if picked or row["embedded"]:
                axes.annotate(f" {row['name']}", place, fontsize=8)
        axes.set(xscale="log", xlabel="parameters without the top (millions)", ylabel="published ImageNet accuracy (%)")
        axes.set_title(f"{len(known)} backbones: larger is not always better", fontsize=10)

    @traitlets.validate("selected")
    def _known(self, proposal):
        if proposal["value"] not in self._infos:
            msg = f"There is no backbone {proposal['value']!r}.{nearest_or_all(proposal['value'], self._infos)}"
            raise ValueError(msg)
        return proposal["value"]


def _best_seconds(model: keras.Model, batch: np.ndarray) -> float:
    times = []
    for _ in range(4):
        began = time.perf_counter()
        model.predict_on_batch(batch)
        times.append(time.perf_counter() - began)
    return min(times[1:])
