"""Losses that teach a network to compare: prototypical, contrastive, and triplet with semi-hard negatives.

Each is a Keras loss: the labels of a batch `(batch,)` are integers, and the outputs are embeddings `(batch, num_dims)`.
Unlike a classifier's loss, it belongs to the batch as a whole: what counts is how its images lie to one another.
"""

from __future__ import annotations

from typing import Any

import keras

__all__ = ["ContrastiveLoss", "PrototypicalLoss", "TripletSemiHardLoss"]

ops: Any = keras.ops  # its type hints say that each result may be `None`
_FAR = 1e9  # more than any squared distance that occurs


class PrototypicalLoss(keras.losses.Loss):
    """Cross-entropy of naming the queries of a batch by their distances from its prototypes.

    The first `shot` images of each class in the batch are its support, and their mean is the class's prototype. All
    other images are queries. The logits are minus the squared distances from the prototypes.

    Args:
        shot: Images of support for each class, at least 1. Each class needs at least one more in the batch.

    Raises:
        ValueError: If `shot` is below 1.

    Reference:
        Snell, Swersky and Zemel (2017), [Prototypical networks for few-shot
        learning](https://arxiv.org/abs/1703.05175).

    Example:
    >>> loss = PrototypicalLoss(shot=1)
    >>> labels, embeddings = ops.array([0, 1, 0, 1]), ops.array([[0.0], [3.0], [0.0], [3.0]])
    >>> round(float(loss(labels, embeddings)), 5)  # two prototypes, and two queries that lie on them
    0.00012
    """

    def __init__(self, shot: int = 1, name: str = "prototypical", **kwargs):
        super().__init__(name=name, **kwargs)
        if not shot >= 1:
            msg = f"`shot` must be at least 1: a prototype needs an image. Received: {shot!r}."
            raise ValueError(msg)
        self.shot = shot

    def call(self, y_true, y_pred):
        """Return the mean loss of the queries, a scalar."""
        same = _same_class(y_true)  # (batch, batch), 1.0 where two images are of one class
        earlier = ops.sum(ops.tril(same, -1), axis=1)  # how many of its class come before an image
        support = ops.cast(earlier < self.shot, same.dtype)
        members = same * support[None]
        prototypes = ops.matmul(members, y_pred) / ops.sum(members, axis=1, keepdims=True)  # each image's own
        leaders = ops.cast(earlier == 0, same.dtype)  # one image stands for each class
        logits = -_squared_distances(y_pred, prototypes) - _FAR * (1 - leaders)[None]
        own = ops.sum(same * leaders[None] * ops.log_softmax(logits, axis=1), axis=1)
        queries = 1 - support
        return -ops.sum(own * queries) / ops.sum(queries)

    def get_config(self):
        """Return what makes the loss again."""
        return {**super().get_config(), "shot": self.shot}


class ContrastiveLoss(keras.losses.Loss):
    """Draw pairs of one class together, and push pairs of two classes apart until the margin lies between them.

    A pair of one class costs its squared distance, another pair `max(0, margin - distance) ** 2`. All pairs of a batch
    count: both of a pair go through the same network, which is what makes it siamese. Since few of the pairs are of
    one class, the mean of each kind has half of the weight.

    Args:
        margin: Distance from which a pair of two classes costs nothing, above 0, in the unit of the embeddings.

    Raises:
        ValueError: If `margin` is not above 0.

    Reference:
        Hadsell, Chopra and LeCun (2006), [Dimensionality reduction by learning an invariant
        mapping](https://doi.org/10.1109/CVPR.2006.100).

    Example:
    >>> loss = ContrastiveLoss(margin=1.0)
    >>> labels = ops.array([0, 0, 1])
    >>> [float(loss(labels, ops.array([[0.0], [x], [1.0]]))) for x in (0.0, 2.0)]
    [0.0, 2.0]
    """

    def __init__(self, margin: float = 1.0, name: str = "contrastive", **kwargs):
        super().__init__(name=name, **kwargs)
        self.margin = _above_zero(margin)

    def call(self, y_true, y_pred):
        """Return the loss of the batch, a scalar."""
        same = _same_class(y_true)
        squared = _squared_distances(y_pred, y_pred)
        one_class = same * (1 - ops.eye(ops.shape(same)[0], dtype=same.dtype))
        apart = ops.relu(self.margin - ops.sqrt(ops.maximum(squared, 1e-12))) ** 2
        return (_mean_where(one_class, squared) + _mean_where(1 - same, apart)) / 2

    def get_config(self):
        """Return what makes the loss again."""
        return {**super().get_config(), "margin": self.margin}


class TripletSemiHardLoss(keras.losses.Loss):
    """Let each image be nearer to one of its class than to one of another, by a margin.

    For each anchor and each other image of its class, the positive, the loss is
    `max(0, margin + squared distance to the positive - squared distance to the negative)`. The negative is semi-hard:
    the nearest image of another class that is further away than the positive. Where there is none, it is the furthest
    one. The loss is the mean over all anchors and positives.

    Args:
        margin: By how much the squared distances should differ, above 0.

    Raises:
        ValueError: If `margin` is not above 0.

    Reference:
        Schroff, Kalenichenko and Philbin (2015), [FaceNet](https://arxiv.org/abs/1503.03832), section 3.2.

    Example:
    >>> loss = TripletSemiHardLoss(margin=1.0)
    >>> labels = ops.array([0, 0, 1])
    >>> [float(loss(labels, ops.array([[0.0], [1.0], [x]]))) for x in (3.0, 1.0)]
    [0.0, 1.5]
    """

    def __init__(self, margin: float = 0.2, name: str = "triplet_semi_hard", **kwargs):
        super().__init__(name=name, **kwargs)
        self.margin = _above_zero(margin)

    def call(self, y_true, y_pred):
        """Return the loss of the batch, a scalar."""
        same = _same_class(y_true)
        squared = _squared_distances(y_pred, y_pred)
        positive = squared[:, :, None]  # (anchor, positive, 1)
        negative = squared[:, None, :]  # (anchor, 1, negative)
        others = (1 - same)[:, None, :]
        further = ops.cast(negative > positive, same.dtype) * others
        nearest = ops.min(negative + _FAR * (1 - further), axis=2)
        furthest = ops.max(negative * others, axis=2)
        chosen = ops.where(ops.max(further, axis=2) > 0, nearest, furthest)
        pairs = same * (1 - ops.eye(ops.shape(same)[0], dtype=same.dtype))
        return _mean_where(pairs, ops.relu(self.margin + squared - chosen))

    def get_config(self):
        """Return what makes the loss again."""
        return {**super().get_config(), "margin": self.margin}


def _same_class(labels):
    """`(batch, batch)` float32: 1 where two images are of one class."""
    flat = ops.reshape(labels, (-1,))
    return ops.cast(flat[:, None] == flat[None], "float32")


def _squared_distances(a, b):
    """`(len(a), len(b))`, as a sum of squares: the formula without differences loses small distances to rounding."""
    return ops.sum((a[:, None] - b[None]) ** 2, axis=2)


def _mean_where(weights, values):
    """The mean of the values whose weight is 1, and 0 if there is none."""
    return ops.sum(weights * values) / ops.maximum(ops.sum(weights), 1.0)


def _above_zero(margin: float) -> float:
    if not margin > 0:
        msg = f"`margin` must be above 0: without one, equal embeddings cost nothing. Received: {margin!r}."
        raise ValueError(msg)
    return float(margin)
