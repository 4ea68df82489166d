"""The classification head."""

from __future__ import annotations

import keras

from tlkit.counts import check_count

__all__ = ["add_head"]


def add_head(backbone: keras.Model, num_classes: int, *, dropout: float = 0.0, seed: int = 0) -> keras.Model:
    """Return a model of the backbone's layers, average pooling, dropout and a linear layer named `head`.

    The backbone's graph is continued, not nested: every layer is reached by `model.get_layer(name)`, so that
    Grad-CAM, splitting and freezing by block work. The layers are shared: training the model trains `backbone`.

    Args:
        backbone: Its output is a feature map `(batch, height, width, channels)`.
        num_classes: Number of logits.
        dropout: Share of pooled features that is set to 0 while training, in [0, 1).
        seed: The seed of the initial weights of the head and of the dropout.

    Returns:
        A `keras.Model` with logits `(batch, num_classes)`, float32, no softmax: its loss needs `from_logits=True`.

    Raises:
        ValueError: If the output is not a feature map, or an argument is out of range.
    """
    num_classes = check_count("num_classes", num_classes, "Try len(class_names).")
    _check(backbone, dropout)
    x = keras.layers.GlobalAveragePooling2D(name="head_pool")(backbone.outputs[0])  # (batch, channels)
    x = keras.layers.Dropout(dropout, seed=seed, name="head_dropout")(x)
    kernel = keras.initializers.GlorotUniform(seed=seed)
    logits = keras.layers.Dense(num_classes, kernel_initializer=kernel, dtype="float32", name="head")(x)
    return keras.Model(backbone.inputs[0], logits, name=f"{backbone.name}_classifier")


def _check(backbone: keras.Model, dropout: float) -> None:
    shape = getattr(backbone, "outputs", None) and backbone.outputs[0].shape
    if not shape or len(shape) != 4:
        msg = (
            f"`backbone` must give a feature map (batch, height, width, channels). Received an output of shape {shape}."
        )
        msg += " Take one from `load_backbone()`, or cut your model at its last feature map."
        raise ValueError(msg)
    if not 0 <= dropout < 1:
        msg = f"`dropout` must be a share in [0, 1). Received: {dropout!r}. Write 20 % as 0.2."
        raise ValueError(msg)
