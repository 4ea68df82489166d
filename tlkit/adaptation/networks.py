"""Networks that learn from a labelled source and an unlabelled target, all fitted in one way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self

import tlkit.quiet_start

import keras
import numpy as np
from numpy.typing import ArrayLike

from tlkit.adaptation.network_parts import covariance_gap, domain_loss, make_dense_encoder, mmd_gap, reverse_gradient
from tlkit.adaptation.probes_of_two_domains import surest_rows
from tlkit.adaptation.tables import as_labels, check_at_least
from tlkit.adaptation.trainer import AdversaryTrainer, Trainer

__all__ = ["Adda", "Dann", "DeepCoral", "DeepMmd", "SelfTrainedNetwork", "SourceNetwork"]

_TRAINERS: dict[tuple, Any] = {}


def _no_gap(_critic: keras.Model, _a: Any, _b: Any, strength: Any, /) -> Any:
    return 0.0 * strength


def _covariance_term(_critic: keras.Model, a: Any, b: Any, strength: Any) -> Any:
    return strength * covariance_gap(a, b)


def _mmd_term(_critic: keras.Model, a: Any, b: Any, strength: Any) -> Any:
    return strength * mmd_gap(a, b)


def _critics_term(critic: keras.Model, a: Any, b: Any, strength: Any) -> Any:
    return domain_loss(critic(reverse_gradient(a, strength)), critic(reverse_gradient(b, strength)))


class SourceNetwork:
    """An encoder and a linear head that learn from the source alone: the baseline of all networks here.

    With one seed, all of them start from the same weights and see the same batches. Inputs may be tables or pictures:
    the encoder decides. Adam, mean cross-entropy, and a strength that grows from 0 to its full size as in Ganin et al.

    Args:
        strength: Of the adaptation, at least 0; at 0, all of them are this network.
        encoder: A function of the shape of one row that makes a Keras model with codes `(batch, width)`; all its
            weights must learn. `make_dense_encoder` is for tables, `make_image_encoder` for small pictures.
        num_steps: At least 1.
        batch_size: Rows of each domain in a step.
        learning_rate: Above 0.
        seed: Draws weights and batches.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(80) % 2
    >>> source = rng.normal(size=(80, 2)) + 6 * labels[:, None]
    >>> SourceNetwork(num_steps=80).fit(source, labels, source).score(source, labels) > 0.95
    True
    """

    _trainer: ClassVar[type[Trainer]] = Trainer
    _gap = staticmethod(_no_gap)  # what is added to the loss of the source, for codes of both domains

    def __init__(
        self,
        strength: float = 0.1,
        *,
        encoder: Callable[[tuple[int, ...]], keras.Model] = make_dense_encoder,
        num_steps: int = 400,
        batch_size: int = 64,
        learning_rate: float = 2e-3,
        seed: int = 0,
    ):
        check_at_least("strength", strength, 0)
        check_at_least("num_steps", num_steps, 1, whole=True)
        check_at_least("batch_size", batch_size, 2, whole=True)
        check_at_least("learning_rate", learning_rate, np.finfo(float).tiny)
        self.strength, self.encoder, self.seed = strength, encoder, seed
        self.num_steps, self.batch_size, self.learning_rate = num_steps, batch_size, learning_rate

    def fit(self, source: ArrayLike, labels: ArrayLike, target: ArrayLike) -> Self:
        """Learn from the labelled source and the unlabelled target.

        Args:
            source: `(num_rows, ...)`, float, about unit size.
            labels: `(num_rows,)`, of at least 2 classes.
            target: `(other_num_rows, ...)`, rows of the same shape.

        Returns:
            The network itself.

        Raises:
            ValueError: If shapes or labels do not fit.
        """
        x, z = np.asarray(source, "float32"), np.asarray(target, "float32")
        if x.ndim < 2 or x.shape[1:] != z.shape[1:] or not len(z):
            msg = f"`source` and `target` must have rows of one shape. Received shapes {x.shape} and {z.shape}."
            raise ValueError(msg)
        self.classes_, codes = np.unique(as_labels(labels, len(x)), return_inverse=True)
        self._shape = x.shape[1:]
        self._graphs = self._shared_graphs(self._shape)
        rng = np.random.default_rng(self.seed)
        self._graphs.restart(rng, self.learning_rate)
        self._learn(x, codes.astype("int32"), z, rng)
        self._weights = [variable.numpy() for variable in self._graphs.answering]
        return self

    def _learn(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, rng: np.random.Generator) -> None:
        strengths = (self.strength * _warm_up(self.num_steps)).astype("float32")
        self._graphs.train(x, y, z, self._batches(x, rng), self._batches(z, rng), strengths)

    def _batches(self, table: np.ndarray, rng: np.random.Generator, num_steps: int | None = None) -> np.ndarray:
        return rng.integers(len(table), size=(num_steps or self.num_steps, self.batch_size)).astype("int32")

    def _shared_graphs(self, shape: tuple[int, ...]) -> Any:
        """The graphs of this kind and these shapes, traced by whichever network came first."""
        key = type(self), self.encoder, shape, len(self.classes_)
        if key not in _TRAINERS:
            _TRAINERS[key] = self._trainer(self._gap, self.encoder, shape, len(self.classes_))
        return _TRAINERS[key]

    def predict_proba(self, features: ArrayLike) -> np.ndarray:
        """Probabilities `(num_rows, num_classes)`, `float32`, for rows of the target, in the order of `classes_`."""
        for variable, value in zip(self._graphs.answering, self._weights, strict=True):
            variable.assign(value)  # another network may have used the graphs since
        return self._graphs.chances(np.asarray(features, "float32")).numpy()

    def predict(self, features: ArrayLike) -> np.ndarray:
        """Classes `(num_rows,)` for rows of the target."""
        return self.classes_[self.predict_proba(features).argmax(axis=1)]

    def score(self, features: ArrayLike, labels: ArrayLike) -> float:
        """Accuracy on rows of the target, in [0, 1]."""
        return float(np.mean(self.predict(features) == np.asarray(labels)))

    def as_model(self) -> keras.Model:
        """A Keras model of its own from rows of the target to logits, with what was learned; it can be saved."""
        reader, head = (keras.models.clone_model(part) for part in (self._graphs.reader, self._graphs.head))
        size = len(reader.weights)
        reader.set_weights(self._weights[:size])
        head.set_weights(self._weights[size:])
        return keras.Sequential([keras.Input(self._shape), reader, head])


def _warm_up(num_steps: int) -> np.ndarray:
    """From 0 to nearly 1: a critic that knows nothing yet has nothing to teach."""
    return 2 / (1 + np.exp(-10 * np.arange(num_steps) / num_steps)) - 1


class DeepCoral(SourceNetwork):
    """Also brings the covariances of both domains' codes together: see `covariance_gap`.

    Reference:
        Sun and Saenko (2016), [Deep CORAL](https://arxiv.org/abs/1607.01719).
    """

    _gap = staticmethod(_covariance_term)


class DeepMmd(SourceNetwork):
    """Also brings the distributions of both domains' codes together, by their maximum mean discrepancy: see `mmd_gap`.

    Reference:
        Long et al. (2015), [Learning transferable features with deep adaptation
        networks](https://arxiv.org/abs/1502.02791).
    """

    _gap = staticmethod(_mmd_term)


class Dann(SourceNetwork):
    """Also learns codes from which a critic cannot tell the domains, through a reversed gradient.

    Reference:
        Ganin et al. (2016), [Domain-adversarial training of neural networks](https://jmlr.org/papers/v17/15-239.html).
    """

    _gap = staticmethod(_critics_term)


class Adda(SourceNetwork):
    """First learns the source; then a second encoder, for the target, learns to pass for the first before a critic.

    Its `strength` is the learning rate of the second encoder, as a multiple of `learning_rate`: no label holds it in
    place, so that the rate alone decides how far it drifts. The second stage takes half of `num_steps`.

    Reference:
        Tzeng et al. (2017), [Adversarial discriminative domain adaptation](https://arxiv.org/abs/1702.05464).
    """

    _trainer = AdversaryTrainer

    def _learn(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, rng: np.random.Generator) -> None:
        super()._learn(x, y, z, rng)
        self._graphs.part_ways(self.learning_rate, self.strength * self.learning_rate)
        half = max(1, self.num_steps // 2)
        self._graphs.fool(x, z, self._batches(x, rng, half), self._batches(z, rng, half))


class SelfTrainedNetwork(SourceNetwork):
    """First learns the source; then goes on with its own guesses for the target among the labels, the surest first.

    Its `strength` is the share of target rows, in each class that was guessed, that it learns from; at most 1. Three
    rounds of guessing, each followed by a fourth of `num_steps`.

    Reference:
        Lee (2013), Pseudo-label: the simple and efficient semi-supervised learning method for deep neural networks.
    """

    ROUNDS = 3

    def _learn(self, x: np.ndarray, y: np.ndarray, z: np.ndarray, rng: np.random.Generator) -> None:
        super()._learn(x, y, z, rng)
        if not self.strength:
            return
        steps = max(1, self.num_steps // 4)
        for _ in range(self.ROUNDS):
            chances = self._graphs.chances(z).numpy()
            guesses = chances.argmax(axis=1)
            sure = surest_rows(guesses, chances.max(axis=1), min(1.0, self.strength))
            table, both = np.concatenate([x, z[sure]]), np.concatenate([y, guesses[sure]]).astype("int32")
            batches = self._batches(table, rng, steps)
            self._graphs.train(table, both, z, batches, self._batches(z, rng, steps), np.zeros(steps, "float32"))
