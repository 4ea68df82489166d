"""The network that is trained: a backbone of Keras without weights, dropout and a linear head."""

from __future__ import annotations

import keras
import numpy as np
from recipe import Recipe, StagedSchedule

__all__ = ["backbone_of", "build_model", "compile_model", "evaluate", "predict_labels"]

BUILDERS = {
    "mobilenet_v3_small": keras.applications.MobileNetV3Small,
    "mobilenet_v2": keras.applications.MobileNetV2,
    "mobilenet": keras.applications.MobileNet,
}


def build_model(recipe: Recipe, num_classes: int, steps_per_epoch: int) -> keras.Model:
    """Backbone, dropout and a linear head, compiled. Input in [0, 255], output logits."""
    backbone = _build_backbone(recipe)
    image = keras.Input((None, None, 3), dtype="uint8")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = keras.layers.Dropout(0.1)(backbone(x))
    model = keras.Model(image, keras.layers.Dense(num_classes, name="head")(x))
    compile_model(model, recipe, StagedSchedule(recipe.stages, steps_per_epoch))
    return model


def compile_model(model: keras.Model, recipe: Recipe, learning_rate) -> None:
    """Compile with AdamW, at a rate or a schedule; BatchNorm and biases do not decay."""
    decay = recipe.stages[0].weight_decay
    optimizer = keras.optimizers.AdamW(learning_rate, weight_decay=decay, beta_2=0.99)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=False)


def _build_backbone(recipe: Recipe) -> keras.Model:
    """Build the architecture for images of any size, scaled to [-1, 1]; output averaged over positions."""
    kwargs = {"include_preprocessing": False} if "v3" in recipe.architecture else {}
    backbone = BUILDERS[recipe.architecture](
        input_shape=(None, None, 3), alpha=recipe.alpha, include_top=False, weights=None, pooling="avg", **kwargs
    )
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = recipe.bn_momentum
    return backbone


def backbone_of(model: keras.Model) -> keras.Model:
    """The backbone within what `build_model` returns."""
    return next(layer for layer in model.layers if isinstance(layer, keras.Model))


def predict_labels(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """Most likely class of each image, `(num_images,)`."""
    batches = (np.ascontiguousarray(images[i : i + 500]) for i in range(0, len(images), 500))
    return np.concatenate([np.asarray(model.predict_on_batch(batch)).argmax(1) for batch in batches])


def evaluate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Top-1 accuracy in [0, 1] on images at their own size, no augmentation."""
    return float((predict_labels(model, images) == labels).mean())
