"""Where in an image a model finds its evidence for a class."""

from collections.abc import Iterable

import numpy as np
import traitlets

from tlkit.plots import show_images
from tlkit_widgets.grad_cam.heat import check_model, grad_cam, map_layers, probabilities
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, check_labels, sheet_of

__all__ = ["GradCam", "grad_cam"]


class GradCam(SpriteWidget):
    """Image with the places that speak for a class brought out; choose the image, the class and the layer.

    Args:
        model: A functional or sequential model from images to one output for each class, or to one output for two
            classes: logits, or a softmax or sigmoid of them. Backbones may be nested in it.
        images: Array of shape (n, h, w, 3), as the model takes them, values in [0, 255].
        class_names: One name for each class; of a single output, first the class that it says no to.
        labels: True classes, integers of shape (n,), or `None`.
        thumb: Side of the pictures that are sent to the page, in pixels.

    Attributes:
        index: Which image.
        class_index: Which class is explained; `None`: the predicted one.
        block: At the end of which block, or branch, the maps are taken.
        strength: How strongly the heat covers the image, in [0, 1].
        heat: float32 of shape (rows, columns) in [0, 1].
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (5.6, 3.0)

    index = traitlets.Int(0).tag(sync=True)
    class_index = traitlets.Int(None, allow_none=True).tag(sync=True)
    block = traitlets.Unicode().tag(sync=True)
    strength = traitlets.Float(0.6, min=0.0, max=1.0).tag(sync=True)
    blocks = traitlets.List(traitlets.Unicode()).tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    num_images = traitlets.Int().tag(sync=True)
    _labels = traitlets.List().tag(sync=True)
    _shares = traitlets.List().tag(sync=True)  # what the model gives each class, of this image
    _heat = traitlets.Bytes().tag(sync=True)  # float32 (rows, columns)
    _rows = traitlets.Int().tag(sync=True)

    def __init__(self, model, images, class_names, labels=None, *, thumb: int = 96):
        self._model, self._images, names = model, np.asarray(images), list(class_names)
        check_model(model)
        self._layers = map_layers(model)
        labels = [] if labels is None else check_labels(labels, len(images), names).tolist()
        self._all_shares = probabilities(model, model.predict(self._images, verbose=0))
        if self._all_shares.shape[1] != len(names):
            msg = f"`class_names` must have one name for each score: {self._all_shares.shape[1]} of "
            msg += f"{model.outputs[0].shape[1]} outputs. Received: {len(names)} names."
            raise ValueError(msg)
        self.heat = np.zeros((1, 1), "float32")
        super().__init__(
            **{"blocks": list(self._layers), "block": list(self._layers)[-1], "class_names": names, "_labels": labels},
            num_images=len(images),
            **sheet_of(images, thumb),
        )
        self._look()

    @property
    def explained(self) -> int:
        """Index of the class that is explained."""
        return int(self._all_shares[self.index].argmax()) if self.class_index is None else self.class_index

    def what_if(self) -> Iterable[dict[str, int | None]]:
        """Every image, its likeliest class explained."""
        return ({"index": index, "class_index": None} for index in range(self.num_images))

    def describe(self) -> str:
        row, column = np.unravel_index(self.heat.argmax(), self.heat.shape)
        name, share = self.class_names[self.explained], self._all_shares[self.index][self.explained]
        place = f"{_third(row, self.heat.shape[0], ('top', 'middle', 'bottom'))} "
        place += _third(column, self.heat.shape[1], ("left", "centre", "right"))
        where = f"The evidence is strongest at the {place}" if self.heat.any() else "Nothing in the image speaks for it"
        return f"Grad-CAM of image {self.index} for {name}, which the model gives {share:.0%}. {where}."

    def __repr__(self) -> str:
        return f"GradCam({self.num_images} images, {len(self.class_names)} classes)"

    @traitlets.observe("index", "class_index", "block")
    def _changed(self, _change) -> None:
        if self.num_images and self._sprite:
            self._look()

    def _look(self) -> None:
        image = self._images[self.index : self.index + 1]
        self.heat = grad_cam(self._model, image, self.explained, layer=self._layers[self.block])[0]
        with self.hold_sync():
            self._rows = len(self.heat)
            self._heat = self.heat.astype("<f4").tobytes()
            self._shares = self._all_shares[self.index].tolist()

    def _draw(self, figure) -> None:
        axes = figure.subplots(1, 2)
        for place in axes:
            show_images(self._images[self.index : self.index + 1], ax=place)
        cover = {"cmap": "inferno", "alpha": self.strength * self.heat, "interpolation": "bilinear"}
        axes[1].imshow(self.heat, extent=(0, 1, 1, 0), **cover)
        axes[1].set_title(f"for {self.class_names[self.explained]}, at {self.block}", fontsize=9)

    @traitlets.validate("index", "class_index")
    def _in_range(self, proposal):
        value, name = proposal["value"], proposal["trait"].name
        size = self.num_images if name == "index" else len(self.class_names)
        if size and value is not None and not 0 <= value < size:
            msg = f"`{name}` must be in [0, {size}). Received: {value}."
            raise ValueError(msg)
        return value

    @traitlets.validate("block")
    def _known(self, proposal):
        if proposal["value"] not in self._layers:
            msg = f"`block` must be one of {list(self._layers)}. Received: {proposal['value']!r}."
            raise ValueError(msg)
        return proposal["value"]


def _third(index, size: int, names: tuple[str, str, str]) -> str:
    return names[min(2, 3 * int(index) // size)]
