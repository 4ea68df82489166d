"""Attention between two words whose letters go roughly in the same order."""

from __future__ import annotations

import keras
import numpy as np

__all__ = ["NearAttention"]


@keras.saving.register_keras_serializable("tlkit")
class NearAttention(keras.layers.Layer):
    """Dot-product attention with a learned preference for letters at a near place.

    Takes `[query, key, value, letters]`: `(n, target, width)`, `(n, source, width)`, `(n, source, width)` and
    `(n, source)`, of which letter 0 is padding and is not looked at. Gives `(n, target, width)`.
    """

    def build(self, input_shape):
        """Make one preference for each distance between two places."""
        self.target, self.source = input_shape[0][1], input_shape[1][1]
        distances = np.arange(1 - self.target, self.source)
        start = keras.initializers.Constant(-0.25 * abs(distances).astype("float32"))
        self.nearness = self.add_weight(shape=distances.shape, initializer=start, name="nearness")

    def call(self, inputs):
        """Look at the letters of the source."""
        query, key, value, letters = inputs
        return keras.ops.matmul(self.look(query, key, letters), value)

    def look(self, query, key, letters):
        """Shares of attention of the letters of the source: `(n, target, source)`, rows sum to 1."""
        places = np.arange(self.source)[None] - np.arange(self.target)[:, None] + self.target - 1  # (target, source)
        scores = keras.ops.matmul(query, keras.ops.transpose(key, (0, 2, 1))) / query.shape[-1] ** 0.5
        scores = scores + keras.ops.take(self.nearness, places)
        return keras.ops.softmax(keras.ops.where(letters[:, None, :] > 0, scores, -1e9))
