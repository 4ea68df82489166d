"""Where in an image a model finds its evidence for a class."""

from difflib import get_close_matches

import numpy as np
import traitlets

from tlkit.quiet import quiet_import

quiet_import()

import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

from tlkit.freezing import blocks  # noqa: E402
from tlkit.plots import show_images  # noqa: E402
from tlkit_widgets._kit import KitWidget, esm, style  # noqa: E402
from tlkit_widgets._sprite import check_labels, make_sprite  # noqa: E402

__all__ = ["GradCam", "grad_cam"]


def grad_cam(model: keras.Model, images, classes=None, *, layer: str | None = None) -> np.ndarray:
    """Grad-CAM: the maps of a layer, weighted by how much each raises the score of a class.

    Works on frozen models too: the gradient is taken with respect to the maps, not to weights.

    Args:
        model: A functional model from images to scores, such as `add_head` makes.
        images: Array of shape (n, h, w, 3), as the model takes them.
        classes: One class index for all images, or one each. `None` takes the predicted ones.
        layer: Name of a layer whose output has shape (n, rows, columns, channels). `None` takes the last one.

    Returns:
        float32 of shape (n, rows, columns) in [0, 1]; all 0 where nothing speaks for the class.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization" (ICCV 2017).
    """
    inner = _with_maps(model, layer or map_layers(model)[-1][1])
    images = tf.cast(images, "float32")
    with tf.GradientTape() as tape:
        tape.watch(images)  # else nothing is recorded where every weight is frozen
        maps, scores = inner(images, training=False)
        chosen = tf.argmax(scores, 1) if classes is None else tf.broadcast_to(tf.cast(classes, "int64"), [len(images)])
        score = tf.gather(scores, chosen, axis=1, batch_dims=1)  # (n,)
    weights = tf.reduce_mean(tape.gradient(score, maps), (1, 2), keepdims=True)  # (n, 1, 1, channels)
    heat = tf.nn.relu(tf.reduce_sum(weights * maps, -1))  # (n, rows, columns)
    return tf.math.divide_no_nan(heat, tf.reduce_max(heat, (1, 2), keepdims=True)).numpy()


def map_layers(model: keras.Model) -> list[tuple[str, str]]:
    """Pairs of a block's name and the layer that ends it, for each block that gives maps larger than one place."""
    found = [(part.name, part.layers[-1].name) for part in blocks(model) if part.cut and len(part.output_shape) == 4]
    if not found:
        msg = f"`model` must have a layer with maps (n, rows, columns, channels). {model.name!r} has none."
        raise ValueError(msg)
    return found


def _with_maps(model: keras.Model, layer: str) -> keras.Model:
    names = [other.name for other in model.layers]
    if layer not in names:
        near = get_close_matches(layer, names, 1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        msg = f"`layer` must name a layer of {model.name!r}. Received: {layer!r}.{guess}"
        raise ValueError(msg)
    return keras.Model(model.inputs, [model.get_layer(layer).output, model.outputs[0]])


class GradCam(KitWidget):
    """Image with the places that speak for a class brought out; choose the image, the class and the layer.

    Args:
        model: A functional model from images to logits, such as `add_head` makes.
        images: Array of shape (n, h, w, 3), as the model takes them, values in [0, 255].
        class_names: One name a class.
        labels: True classes, integers of shape (n,), or `None`.
        thumb: Side of the pictures that are sent to the page, in pixels.

    Attributes:
        index: Which image.
        class_index: Which class is explained; `None`: the predicted one.
        block: At the end of which block the maps are taken.
        strength: How strongly the heat covers the image, in [0, 1].
        heat: float32 of shape (rows, columns) in [0, 1].
    """

    _esm = esm("grad_cam.js")
    _css = style("grad_cam.css")
    _figure_size = (5.6, 3.0)

    index = traitlets.Int(0).tag(sync=True)
    class_index = traitlets.Int(None, allow_none=True).tag(sync=True)
    block = traitlets.Unicode().tag(sync=True)
    strength = traitlets.Float(0.6, min=0.0, max=1.0).tag(sync=True)
    blocks = traitlets.List(traitlets.Unicode()).tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    num_images = traitlets.Int().tag(sync=True)
    _labels = traitlets.List().tag(sync=True)
    _shares = traitlets.List().tag(sync=True)  # softmax of the scores of this image
    _heat = traitlets.Bytes().tag(sync=True)  # float32 (rows, columns)
    _rows = traitlets.Int().tag(sync=True)
    _sprite = traitlets.Bytes().tag(sync=True)
    _columns = traitlets.Int().tag(sync=True)
    _thumb = traitlets.Int().tag(sync=True)

    def __init__(self, model, images, class_names, labels=None, *, thumb: int = 96):
        self._model, self._images, names = model, np.asarray(images), list(class_names)
        self._layers = dict(map_layers(model))
        labels = [] if labels is None else check_labels(labels, len(images), names).tolist()
        scores = model.predict(self._images, verbose=0)
        if scores.ndim != 2 or scores.shape[1] != len(names):
            msg = f"`class_names` must have one name for each score, {scores.shape[1:]}. Received: {len(names)} names."
            raise ValueError(msg)
        self._all_shares = np.asarray(keras.ops.softmax(scores))
        sprite, columns = make_sprite(images, thumb)
        self.heat = np.zeros((1, 1), "float32")
        super().__init__(
            **{"blocks": list(self._layers), "block": list(self._layers)[-1], "class_names": names, "_labels": labels},
            **{"num_images": len(images), "_sprite": sprite, "_columns": columns, "_thumb": thumb},
        )
        self._look()

    @property
    def explained(self) -> int:
        """Index of the class that is explained."""
        return int(self._all_shares[self.index].argmax()) if self.class_index is None else self.class_index

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
        figure.set_facecolor("white")
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
