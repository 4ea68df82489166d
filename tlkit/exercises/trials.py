"""What a property tries an answer on, drawn so that no answer foresees it, and the truth, which no answer touches.

- `draws(n)`: so many generators; a property runs once with each, on sizes, names and numbers of that draw.
- `slip`: says the misconception that fits the number that was received.
- `mixed`: cases in an order that an answer cannot know, so that counting its calls earns nothing.
- `twin`: a copy of a model. The truth comes from the twin, *before* the answer gets the other one.
- `Untouched`: whether a model is what it was, for an answer that is to look and not to touch.
- `first_elements`: what a data set gives, and a failure where it gives more: an endless one must not stop a notebook.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

import tlkit.quiet_start

import keras
import numpy as np
import tensorflow as tf

from tlkit.checks.exercise import CheckFailed, require
from tlkit.checks.received import close
from tlkit.exercises.toys import hidden_rng

__all__ = ["Untouched", "draws", "first_elements", "mixed", "random_names", "slip", "twin"]

SECONDS_FOR_ELEMENTS = 30
T = TypeVar("T")
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


def draws(number: int) -> Iterator[np.random.Generator]:
    """Yield that many hidden generators: a property that holds for one draw by luck seldom holds for several."""
    for _ in range(number):
        yield hidden_rng()


def mixed(cases: Sequence[T], rng: np.random.Generator) -> list[T]:
    """Return the cases in a new order."""
    return [cases[row] for row in rng.permutation(len(cases))]


def random_names(number: int, rng: np.random.Generator) -> list[str]:
    """Return different words that nobody has met, in no order, as `["nolu", "beti"]`."""
    found: dict[str, None] = {}
    while len(found) < number:
        found["".join(rng.choice(_SYLLABLES, 2))] = None
    return list(found)


def slip(received: float, slips: Sequence[tuple[float, str]], otherwise: str = "") -> str:
    """Return what to say of the first of some known wrong values that was received, so that no other one is blamed.

    Example:

    >>> slip(3.0, [(2.0, "Round up."), (3.0, "The first step counts once.")])
    'The first step counts once.'
    """
    return next((message for value, message in slips if close(received, value, rtol=1e-6, atol=1e-9)), otherwise)


def twin(model: keras.Model) -> keras.Model:
    """Return a copy of a model: the same weights, of which the same learn. The answer gets one, the truth the other."""
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for mine, theirs in zip(_layers(model), _layers(copy), strict=True):
        theirs.trainable = mine.trainable  # outer layers first: a model sets its parts
    for mine, theirs in zip(model.weights, copy.weights, strict=True):
        theirs.trainable = mine.trainable
    return copy


class Untouched:
    """A model as it is now, to see later whether an answer that should only look at it has changed it.

    Args:
        model: A built Keras model.
    """

    def __init__(self, model: keras.Model):
        self._model, self._learns, self._weights = model, _flags(model), model.get_weights()

    def require(self, message: str = "") -> None:
        """Raise `CheckFailed` if the model learns otherwise, or has other weights, than it did."""
        learns, same = _flags(self._model), all(map(np.array_equal, self._model.get_weights(), self._weights))
        require(learns == self._learns, f"Your function changed which layers of the model learn. {message}")
        require(same, f"Your function changed the weights of the model. {message}")


def first_elements(dataset: tf.data.Dataset, at_most: int, message: str) -> list[Any]:
    """Return all elements of a data set as arrays.

    Raises:
        CheckFailed: With `message` if there are more than `at_most`; or if they took longer than
            `SECONDS_FOR_ELEMENTS`, as where a filter lets nothing through.
    """
    elements = dataset.take(at_most + 1)
    try:
        found = _in_background(lambda: list(elements.as_numpy_iterator())).result(SECONDS_FOR_ELEMENTS)
    except TimeoutError:
        msg = (
            f"Your data set was still working after {SECONDS_FOR_ELEMENTS} seconds. Does a filter let nothing "
            "through, or a generator never yield? It cannot be stopped: restart the kernel, so that it stops computing."
        )
        raise CheckFailed(msg) from None
    require(len(found) <= at_most, message)
    return found


def _in_background(work: Callable[[], T]) -> Future[T]:
    """Start `work` in a thread that ends with the process at the latest, unlike those of an executor."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whatever it is, it is raised where the result is asked for
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _layers(layer: Any) -> list:
    return [layer, *(inner for part in getattr(layer, "layers", []) for inner in _layers(part))]


def _flags(model: keras.Model) -> list[bool]:
    return [bool(part.trainable) for part in (*_layers(model), *model.weights)]
