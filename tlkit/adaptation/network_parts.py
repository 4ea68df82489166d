"""The parts of an adapting network: encoders, a layer that reverses gradients, and measures of disagreement."""

from __future__ import annotations

import tlkit.quiet_start

import keras
import tensorflow as tf

__all__ = [
    "GradientReversal",
    "covariance_gap",
    "domain_loss",
    "make_dense_encoder",
    "make_image_encoder",
    "mmd_gap",
    "reverse_gradient",
]


@keras.saving.register_keras_serializable("tlkit")
class GradientReversal(keras.layers.Layer):
    """Pass values on as they are, and gradients back times `-strength`.

    Between an encoder and a classifier of domains, it lets the classifier learn to tell the domains apart while the
    encoder learns to prevent it.

    Args:
        strength: At least 0. At 0, the encoder doesn't hear of the domains.

    Call arguments:
        inputs: Of any shape, float.

    Returns:
        The inputs.

    Raises:
        ValueError: If `strength` is below 0.

    Reference:
        Ganin et al. (2016), [Domain-adversarial training of neural networks](https://jmlr.org/papers/v17/15-239.html).

    Example:
    >>> layer, x = GradientReversal(strength=0.5), tf.constant([3.0])
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = layer(x) ** 2
    >>> float(y[0]), float(tape.gradient(y, x)[0])
    (9.0, -3.0)
    """

    def __init__(self, strength: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        if not strength >= 0:
            msg = f"`strength` must be at least 0. Received: {strength!r}. 1 reverses the gradient at full size."
            raise ValueError(msg)
        self.strength = strength

    def call(self, inputs):
        """Return the inputs."""
        return reverse_gradient(inputs, self.strength)

    def get_config(self) -> dict:
        """Return what rebuilds the layer."""
        return {**super().get_config(), "strength": self.strength}


def reverse_gradient(x, strength):
    """The values of `x`, whose gradient is that of `-strength * x`."""
    reversed_part = -strength * x
    return reversed_part + tf.stop_gradient(x - reversed_part)


def make_dense_encoder(shape: tuple[int, ...], units: int = 64) -> keras.Model:
    """Return an encoder of tables: `(batch, num_features)` to `(batch, units)`, one layer with `tanh`."""
    return keras.Sequential([keras.Input(shape), keras.layers.Dense(units, activation="tanh")])


def make_image_encoder(shape: tuple[int, ...], units: int = 64) -> keras.Model:
    """Return an encoder of small pictures: `(batch, height, width, channels)` to `(batch, units)`."""
    layers = keras.layers
    convolutions = [
        layers.Conv2D(width, 3, strides=2, padding="same", activation="relu") for width in (units // 4, units // 2)
    ]
    return keras.Sequential(
        [keras.Input(shape), *convolutions, layers.Flatten(), layers.Dense(units, activation="tanh")]
    )


def covariance_gap(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """The squared distance of two covariances, `||cov(a) - cov(b)||² / (4 width²)`.

    Args:
        a: Codes, `(num_rows, width)`, float.
        b: Codes, `(other_num_rows, width)`, float.

    Returns:
        A number, `()`, at least 0.

    Reference:
        Sun and Saenko (2016), [Deep CORAL](https://arxiv.org/abs/1607.01719).
    """
    gap = _covariance(a) - _covariance(b)
    return tf.reduce_sum(gap**2) / (4 * tf.cast(tf.shape(a)[1], a.dtype) ** 2)


def _covariance(codes: tf.Tensor) -> tf.Tensor:
    centred = codes - tf.reduce_mean(codes, axis=0)
    return tf.matmul(centred, centred, transpose_a=True) / tf.cast(tf.shape(codes)[0] - 1, codes.dtype)


def mmd_gap(a: tf.Tensor, b: tf.Tensor) -> tf.Tensor:
    """The squared maximum mean discrepancy, with bias, summed over kernels of three widths.

    Args:
        a: Codes, `(num_rows, width)`, float.
        b: Codes, `(other_num_rows, width)`, float.

    Returns:
        A number, `()`, at least 0: the mean of three Gaussian kernels, whose squared widths are a fourth of, once and
        four times the mean squared distance of all pairs.

    Reference:
        Long et al. (2015), [Learning transferable features with deep adaptation
        networks](https://arxiv.org/abs/1502.02791).
    """
    codes = tf.concat([a, b], axis=0)
    lengths = tf.reduce_sum(codes**2, axis=1)
    squares = tf.nn.relu(lengths[:, None] + lengths - 2 * tf.matmul(codes, codes, transpose_b=True))
    mean_square = tf.stop_gradient(tf.reduce_mean(squares)) + 1e-12
    kernel = tf.add_n([tf.exp(-squares / (2 * mean_square * factor)) for factor in (0.25, 1.0, 4.0)]) / 3
    n = tf.shape(a)[0]
    return tf.reduce_mean(kernel[:n, :n]) + tf.reduce_mean(kernel[n:, n:]) - 2 * tf.reduce_mean(kernel[:n, n:])


def domain_loss(source_logits: tf.Tensor, target_logits: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy of a classifier of domains, with source 1 and target 0, each domain weighing one half."""
    return (_as(1.0, source_logits) + _as(0.0, target_logits)) / 2


def _as(label: float, logits: tf.Tensor) -> tf.Tensor:
    """The mean cross-entropy of logits, if all are of one label."""
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(label * tf.ones_like(logits), logits))
