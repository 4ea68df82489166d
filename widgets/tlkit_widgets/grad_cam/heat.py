"""Grad-CAM itself: where in an image a model finds its evidence for a class, and how sure of the class it is."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.choices import nearest_or_all
from tlkit.freezing import blocks
from tlkit.freezing.graph import Step, kernel_layers, read_graph
from tlkit_widgets.shared.ending import Ending, read_ending

__all__ = ["check_model", "grad_cam", "map_layers", "probabilities"]


def grad_cam(
    model: keras.Model, images, classes=None, *, layer: str | keras.Layer | None = None, batch_size: int = 32
) -> np.ndarray:
    """Grad-CAM: the maps of a layer, weighted by how much each raises the score of a class.

    The score is the logit, also where the model ends with a softmax or a sigmoid: behind these, what a sure model sees
    is too small to be seen. Works on frozen models: the gradient is taken with respect to the maps, not to weights.

    Args:
        model: A functional or sequential model from images to one output for each class, or to one output for two
            classes, nested models included.
        images: Array of shape (n, h, w, channels), as the model takes them.
        classes: One class index for all images, or one each. `None` takes the predicted ones.
        layer: A layer, or its name, whose output has shape (n, rows, columns, channels). `None` takes the last one.
        batch_size: Images at a time.

    Returns:
        float32 of shape (n, rows, columns) in [0, 1]; all 0 where nothing speaks for the class.

    Raises:
        ValueError: If the model is subclassed, or has no maps, several inputs or outputs, or no such layer or class.

    Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization" (ICCV 2017).
    """
    check_model(model)
    target = list(map_layers(model).values())[-1] if layer is None else _find_layer(model, layer)
    ending, images = read_ending(model), np.asarray(images)
    wanted = None if classes is None else np.broadcast_to(classes, len(images))
    parts = [slice(i, i + batch_size) for i in range(0, len(images), batch_size)]
    heats = [_heat(model, images[part], None if wanted is None else wanted[part], target, ending) for part in parts]
    return np.concatenate(heats)


def _heat(model: keras.Model, images, classes, layer: keras.Layer, ending: Ending) -> np.ndarray:
    images = tf.cast(images, "float32")
    before = nullcontext([]) if ending.owner is None else _watched(ending.owner, ending.attribute)
    with tf.GradientTape() as tape, _watched(layer, "call") as calls, before as endings:
        tape.watch(images)  # otherwise nothing is recorded where every weight is frozen
        outputs = model(images, training=False)
        scores = _for_each_class(endings[-1][0] if endings else outputs)  # (n, num_classes)
        chosen = tf.argmax(scores, 1) if classes is None else _check_classes(classes, scores.shape[1])
        score = tf.gather(scores, chosen, axis=1, batch_dims=1)  # (n,)
    maps = calls[-1][1] if calls else None
    slopes: Any = None if maps is None else tape.gradient(score, maps)
    if slopes is None:
        msg = f"The scores of {model.name!r} have no gradient with respect to {layer.name!r}. Name another `layer`, "
        msg += "one on the way from the images to the scores."
        raise ValueError(msg)
    slopes, maps = tf.cast(slopes, "float32"), tf.cast(maps, "float32")
    weights = tf.reduce_mean(slopes, (1, 2), keepdims=True)  # (n, 1, 1, channels)
    heat = tf.nn.relu(tf.reduce_sum(weights * maps, -1))  # (n, rows, columns)
    return tf.math.divide_no_nan(heat, tf.reduce_max(heat, (1, 2), keepdims=True)).numpy()


def probabilities(model: keras.Model, outputs: np.ndarray) -> np.ndarray:
    """What the model gives each class, from what `predict` returns.

    Args:
        model: As for `grad_cam`.
        outputs: (n, num_classes), or (n, 1): a single output tells the second class from the first.

    Returns:
        (n, num_classes): the outputs themselves where they are probabilities, the softmax of logits, and of one output
        1 - p and p.
    """
    kind, single = read_ending(model).kind, outputs.shape[1] == 1
    known = kind in ("softmax", "sigmoid") or (kind == "other" and not single and _are_shares(outputs))
    if single:
        positive = outputs if known else np.asarray(keras.ops.sigmoid(outputs))
        return np.concatenate([1 - positive, positive], 1)
    return outputs if known else np.asarray(keras.ops.softmax(outputs))


def map_layers(model: keras.Model) -> dict[str, keras.Layer]:
    """Layers whose maps have more than one place: the end of each block, and of each branch that has no block's end.

    Returns:
        `{name of the block, or of the layer at a branch's end: layer}` in the order of the data.

    Raises:
        ValueError: If there is none.
    """
    found: dict[str, keras.Layer] = {}
    ends = _branch_ends(read_graph(model)[0])
    for part in blocks(model):
        if part.cut and _has_places(part.output_shape):
            found[part.name] = part.layers[-1]
        else:
            for layer in (layer for layer in part.layers if any(layer is end for end in ends)):
                found[layer.name if layer.name not in found else f"{part.name}/{layer.name}"] = layer
    if not found:
        msg = f"`model` must have a layer with maps (n, rows, columns, channels). {model.name!r} has none: its "
        msg += "features have no positions that could be evidence for a class."
        raise ValueError(msg)
    return found


def check_model(model: keras.Model) -> None:
    """Raise `ValueError` where Grad-CAM can do nothing."""
    read_graph(model)  # raises where there is no graph of layers
    for what, tensors in (("input", model.inputs), ("output", model.outputs)):
        if len(tensors) != 1:
            names = [getattr(tensor, "name", "") for tensor in tensors]
            msg = f"`model` must have one {what}. {model.name!r} has {len(tensors)}: {names}. Make a model of the one "
            msg += "that you mean, as keras.Model(model.inputs, model.outputs[0])."
            raise ValueError(msg)
    shape = model.outputs[0].shape
    if len(shape) != 2:
        msg = f"`model` must give one score per class, (n, num_classes). {model.name!r} gives {tuple(shape)}."
        raise ValueError(msg)


@contextmanager
def _watched(owner: Any, attribute: str) -> Generator[list[tuple[Any, Any]]]:
    """Note the first argument and the result of each call of `owner.attribute`.

    A layer of a nested model cannot be an output of a new model, as it can in a flat one: its tensors there are not
    those of the outer model, and calling it again would leave a mark in the user's graph.
    """
    own, seen = vars(owner), []
    had, original = attribute in own, getattr(owner, attribute)

    def watch(*args, **kwargs):
        result = original(*args, **kwargs)
        if tf.executing_eagerly():  # not in a graph that another thread builds at this moment
            seen.append((args[0] if args else None, result))
        return result

    own[attribute] = watch
    try:
        yield seen
    finally:
        if had:
            own[attribute] = original
        else:
            del own[attribute]


def _for_each_class(scores):
    """(n, num_classes) of float32; a single score speaks for the second class, and against the first."""
    scores = tf.cast(scores, "float32")
    return tf.concat([-scores, scores], 1) if scores.shape[1] == 1 else scores


def _check_classes(classes: np.ndarray, num_classes: int) -> np.ndarray:
    if classes.min() < 0 or classes.max() >= num_classes:
        msg = f"`classes` must be in [0, {num_classes}). Received: {np.unique(classes).tolist()}."
        raise ValueError(msg)
    return classes.astype("int64")


def _find_layer(model: keras.Model, layer: str | keras.Layer) -> keras.Layer:
    steps = [step for step in read_graph(model)[0] if step.layer is not None]
    found = {id(step.layer): step for step in steps if layer in (step.layer, step.layer and step.layer.name)}
    if len(found) != 1:
        names = list(dict.fromkeys(step.layer.name for step in steps if step.layer is not None))
        many = f" {len(found)} layers have this name: pass the layer itself." if found else nearest_or_all(layer, names)
        msg = f"`layer` must name a layer of {model.name!r}. Received: {layer!r}.{many}"
        raise ValueError(msg)
    (step,) = found.values()
    if len(step.shape) != 4:
        msg = f"`layer` must give maps (n, rows, columns, channels). {layer!r} of {model.name!r} gives {step.shape}."
        raise ValueError(msg)
    return step.layer


def _branch_ends(steps: Sequence[Step]) -> list[keras.Layer]:
    """Layers whose maps go on only to what has no places any more, as pooling over all of them."""
    placed = {tensor for step in steps if _has_places(step.shape) for tensor in step.inputs}
    ends = (i for i, step in enumerate(steps) if _has_places(step.shape) and not placed.intersection(step.outputs))
    learned = (i for i in ends if kernel_layers(steps[: i + 1]))  # the image itself is no map
    return [layer for i in learned if (layer := steps[i].layer) is not None]


def _has_places(shape: Sequence[int | None]) -> bool:
    return len(shape) == 4 and any(side != 1 for side in shape[1:3])


def _are_shares(outputs: np.ndarray) -> bool:
    return bool((outputs >= 0).all() and np.allclose(outputs.sum(1), 1, atol=1e-3))
