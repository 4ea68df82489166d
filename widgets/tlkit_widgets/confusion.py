"""Which classes are confused, and with which images."""

import numpy as np
import traitlets

from tlkit.measure import confusion_matrix
from tlkit.plots import plot_confusion
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, check_labels, sheet_of

__all__ = ["Confusion"]

MAX_SHOWN = 60  # images of one cell


class Confusion(SpriteWidget):
    """Confusion matrix whose cells show their images: click one, or move with the arrow keys and press Enter.

    Args:
        labels: True classes, integers of shape (n,).
        predictions: Predicted classes, integers of shape (n,); or scores of shape (n, num_classes), of which the
            largest is taken. With scores the surest predictions come first.
        images: Array of shape (n, h, w, 3), (n, h, w, 1) or (n, h, w), values in [0, 255].
        class_names: One name for each class.
        thumb: Side of the pictures that are sent to the page, in pixels.

    Attributes:
        selected: `[true class, predicted class]` as indices, or an empty list.
        matrix: Counts, true classes in rows.

    Example:
    >>> images = np.zeros((4, 8, 8, 3), "uint8")
    >>> confusion = Confusion([0, 0, 1, 1], [0, 1, 1, 1], images, ["cat", "dog"])
    >>> confusion.matrix
    [[1, 1], [0, 2]]
    >>> confusion.select("cat", "dog")
    array([1])
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (5.6, 5.0)

    selected = traitlets.List(traitlets.Int()).tag(sync=True)
    matrix = traitlets.List().tag(sync=True)
    class_names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    shares = traitlets.Bool(False).tag(sync=True)
    _cells = traitlets.Dict().tag(sync=True)  # {"true,predicted": the images of the cell, at most MAX_SHOWN}

    def __init__(self, labels, predictions, images, class_names, *, thumb: int = 56):
        names = list(class_names)
        self._true = check_labels(labels, len(images), names)
        chosen, sureness = _choose(predictions, len(names))
        self._predicted = check_labels(chosen, len(images), names, name="predictions")
        self._order = np.argsort(-sureness, kind="stable")
        super().__init__(
            matrix=confusion_matrix(self._true, self._predicted, len(names)).tolist(),
            class_names=names,
            **sheet_of(images, thumb),
        )
        pairs = {(int(t), int(p)) for t, p in zip(self._true, self._predicted, strict=True)}
        self._cells = {f"{t},{p}": self._images_of(t, p)[:MAX_SHOWN].tolist() for t, p in pairs}

    @property
    def images(self) -> np.ndarray:
        """Indices of the images in the selected cell, the surest first."""
        return self._images_of(*self.selected) if self.selected else np.empty(0, int)

    def select(self, true: str, predicted: str) -> np.ndarray:
        """Select a cell by the names of its classes, and return the indices of its images."""
        for name in (true, predicted):
            if name not in self.class_names:
                msg = f"There is no class {name!r}. The classes are {self.class_names}."
                raise ValueError(msg)
        self.selected = [self.class_names.index(true), self.class_names.index(predicted)]
        return self.images

    def describe(self) -> str:
        right, total = np.trace(np.array(self.matrix)), len(self._true)
        wrong = np.array(self.matrix) * (1 - np.eye(len(self.class_names), dtype=int))
        text = f"Confusion matrix: {right} of {total} images are predicted correctly."
        if wrong.any():
            t, p = np.unravel_index(wrong.argmax(), wrong.shape)
            pair = f"{self.class_names[t]} mistaken for {self.class_names[p]}"
            text += f" The most frequent error is {pair}, {wrong[t, p]} times."
        return text

    def __repr__(self) -> str:
        return f"Confusion({len(self._true)} images, {len(self.class_names)} classes)"

    def _images_of(self, true: int, predicted: int) -> np.ndarray:
        inside = (self._true == true) & (self._predicted == predicted)
        return self._order[inside[self._order]]

    def _draw(self, figure) -> None:
        plot_confusion(np.array(self.matrix), self.class_names, ax=figure.subplots(), title=self._finding())

    def _finding(self) -> str:
        return f"{np.trace(np.array(self.matrix))} of {len(self._true)} images are predicted correctly"

    @traitlets.validate("selected")
    def _a_cell(self, proposal):
        value, size = proposal["value"], len(self.matrix)
        if value and (len(value) != 2 or not all(0 <= index < size for index in value)):
            msg = f"`selected` must be empty or two class indices in [0, {size}). Received: {value}."
            raise ValueError(msg)
        return value


def _choose(predictions, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Predicted classes (n,), and how sure each is: the lead of its score over the next."""
    array = np.asarray(predictions)
    if array.ndim < 2:
        return array, np.zeros(array.shape)
    if array.ndim != 2 or array.shape[1] != num_classes:
        msg = f"`predictions` must have shape (n,) or (n, {num_classes}). Received: {array.shape}."
        raise ValueError(msg)
    top = np.sort(array, axis=1)
    return array.argmax(1), top[:, -1] - (top[:, -2] if num_classes > 1 else 0)
