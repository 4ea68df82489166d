"""Boxes under one's hands: move one, move the threshold, and see what precision and recall make of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import traitlets

from tlkit.detection import KINDS, Detections, average_precision, error_kinds, precision_recall
from tlkit_widgets.shared.kit_widget import PALETTE
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, sheet_of

__all__ = ["BoxBoard"]

MAX_IMAGES, MAX_BOXES = 24, 400
COLOURS = dict(zip(KINDS, (2, 4, 3, 1, 6), strict=True))  # of the palette, for each kind


class BoxBoard(SpriteWidget):
    """Scenes with detected boxes, and the curve of precision and recall over all of them.

    Drag a box, or give it the focus and press the arrow keys; its lower right corner resizes it, as the arrow keys do
    together with the shift key. Move the threshold: boxes of a lower score vanish, and the point moves along the curve.
    Boxes are coloured by kind, as `tlkit.detection.error_kinds` tells them; truths are dashed.

    Args:
        images: `(num_images, side, side, 3)`, values in [0, 255]; at most 24.
        found: The detections of each image; at most 400 in all.
        boxes: `(num_images, most, 4)`: the truths; left, top, right, bottom in pixels.
        classes: `(num_images, most)`: their classes, -1 where there is none.
        class_names: One name for each class.
        threshold: The score from which a detection counts, in [0, 1].

    Attributes:
        boxes: All detected boxes as they are now, image by image.
        threshold: The score from which a detection counts.
        shown: The image on the board.
        kinds: The kind of each detection, `""` below the threshold.
        missed: How many truths no detection finds that counts.
        here: Precision and recall at the threshold; precision is 1 where nothing counts.
        average: The average precision, all classes in one list.

    Raises:
        ValueError: If lengths differ, there is no truth, or there are too many images or boxes.

    Example:
    >>> scene, truth = np.zeros((1, 8, 8, 3), "uint8"), np.array([[[0.0, 0, 4, 4]]])
    >>> found = [Detections(np.array([[2.0, 2, 6, 6]]), np.array([0.9]), np.array([0]))]
    >>> board = BoxBoard(scene, found, truth, np.array([[0]]), ["cup"])
    >>> board.kinds, board.average
    (['loose box'], 0.0)
    >>> board.boxes = [[0, 0, 4, 4]]
    >>> board.kinds, board.average
    (['right'], 1.0)
    """

    _esm = esm(__file__)
    _css = style(__file__, "boxes")
    _figure_size = (7.6, 3.6)

    boxes = traitlets.List().tag(sync=True)
    threshold = traitlets.Float(0.3).tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)
    missed = traitlets.Int().tag(sync=True)
    here = traitlets.List(traitlets.Float()).tag(sync=True)
    average = traitlets.Float().tag(sync=True)
    _curve = traitlets.List().tag(sync=True)  # recall, precision after each detection
    _start = traitlets.List().tag(sync=True)
    _scores = traitlets.List(traitlets.Float()).tag(sync=True)
    _names = traitlets.List(traitlets.Unicode()).tag(sync=True)  # of the detections
    _image_of = traitlets.List(traitlets.Int()).tag(sync=True)
    _truths = traitlets.List().tag(sync=True)  # for each image a list of [left, top, right, bottom, name]
    _side = traitlets.Int().tag(sync=True)
    _colours = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        images: np.ndarray,
        found: Sequence[Detections],
        boxes: np.ndarray,
        classes: np.ndarray,
        class_names: Sequence[str],
        *,
        threshold: float = 0.3,
    ):
        images, names = np.asarray(images), list(class_names)
        counts = [len(said.scores) for said in found]
        fits = len(images) == len(found) == len(boxes) == len(classes) and np.max(classes, initial=-1) >= 0
        if not fits or len(images) > MAX_IMAGES or not 0 < sum(counts) <= MAX_BOXES:
            msg = (
                f"There must be detections and truths for each of at most {MAX_IMAGES} images, {MAX_BOXES} detections "
                f"at most, and a truth. Received {len(images)} images, {len(found)} lists with {sum(counts)} "
                f"detections, and truths of {len(boxes)} images."
            )
            raise ValueError(msg)
        self._given = Detections(*(np.concatenate(each) for each in zip(*found, strict=True)))
        self._true_boxes, self._true_classes = np.asarray(boxes, float), np.asarray(classes)
        start = self._given.boxes.astype(float).tolist()
        truths = [
            [[*box, names[kind]] for box, kind in zip(own.tolist(), kinds.tolist(), strict=True) if kind >= 0]
            for own, kinds in zip(self._true_boxes, self._true_classes, strict=True)
        ]
        super().__init__(
            boxes=start,
            threshold=threshold,
            _start=start,
            _scores=self._given.scores.astype(float).tolist(),
            _names=[names[kind] for kind in self._given.classes],
            _image_of=np.repeat(np.arange(len(images)), counts).tolist(),
            _truths=truths,
            _side=int(images.shape[1]),
            _colours=COLOURS,
            **sheet_of(images, 192),
        )
        self._pixels = images
        self._judge()

    def reset(self) -> None:
        """Put all boxes back, as the button does."""
        self.boxes = self._start

    @traitlets.observe("boxes", "threshold")
    def _judge(self, change=None) -> None:
        """Count anew: kinds at the threshold, and the curve over all scores."""
        if not hasattr(self, "_pixels"):
            return
        counts = self._given.scores >= self.threshold
        kinds, missed = self._kinds_of(counts)
        hits = np.array(self._kinds_of(np.full(len(counts), True))[0]) == KINDS[0]
        total = int((self._true_classes >= 0).sum())
        precision, recall = precision_recall(hits, self._given.scores, total)
        right, said = kinds.count(KINDS[0]), int(counts.sum())
        with self.hold_sync():
            self.kinds, self.missed = kinds, missed
            self._curve = np.column_stack([recall, precision]).tolist()
            self.here = [right / said if said else 1.0, right / total]
            self.average = average_precision(hits, self._given.scores, total)

    def _kinds_of(self, counts: np.ndarray) -> tuple[list[str], int]:
        """The kind of each detection that counts, `""` for the others, and the number of missed truths."""
        moved, image_of = self._given._replace(boxes=np.array(self.boxes, float)), np.array(self._image_of)
        kinds, missed = np.full(len(counts), "", object), 0
        for row, (boxes, classes) in enumerate(zip(self._true_boxes, self._true_classes, strict=True)):
            mine = counts & (image_of == row)
            kinds[mine], lost = error_kinds(moved.take(mine), boxes[classes >= 0], classes[classes >= 0])
            missed += lost
        return kinds.tolist(), missed

    def what_if(self) -> Iterable[dict[str, float]]:
        """Every fifth step of the slider, with the boxes where they are."""
        return ({"threshold": step / 20} for step in range(20))

    def describe(self) -> str:
        told = ", ".join(f"{self.kinds.count(kind)} {kind}" for kind in KINDS)
        return (
            f"{len(self._truths)} scenes with detected boxes. From a score of {self.threshold:.2f} on: {told}; "
            f"{self.missed} missed. Precision {self.here[0]:.2f}, recall {self.here[1]:.2f}; average precision over "
            f"all scores {self.average:.3f}."
        )

    def __repr__(self) -> str:
        return f"BoxBoard({len(self._truths)} scenes, {len(self.boxes)} detections)"

    def _draw(self, figure) -> None:
        from matplotlib.patches import Rectangle

        scene, curve = figure.subplots(1, 2)
        scene.imshow(self._pixels[self.shown], extent=(0, self._side, self._side, 0))
        scene.set_axis_off()
        for left, top, right, bottom, _ in self._truths[self.shown]:
            scene.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, ls="--", ec="white"))
        for (left, top, right, bottom), kind, image in zip(self.boxes, self.kinds, self._image_of, strict=True):
            if kind and image == self.shown:
                edge = {"ec": PALETTE[COLOURS[kind]], "lw": 2, "label": kind}
                scene.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, **edge))
        recall, precision = np.array([[0.0, 1.0], *self._curve]).T
        curve.plot(recall, precision, c=PALETTE[0])
        curve.plot(self.here[1], self.here[0], "o", c=PALETTE[6])
        curve.set(xlim=(0, 1), ylim=(0, 1.03), xlabel="recall", ylabel="precision")
        curve.set_title(f"average precision {self.average:.3f}", loc="left", fontsize=10)

    @traitlets.validate("boxes")
    def _as_many(self, proposal):
        places = np.asarray(proposal["value"], float)
        fine = places.shape == (len(self._given.scores), 4) and np.isfinite(places).all()
        if not fine or (places[:, 2:] < places[:, :2]).any():
            msg = (
                f"`boxes` must hold left, top, right, bottom for each of the {len(self._given.scores)} detections. "
                f"Received shape {places.shape}."
            )
            raise ValueError(msg)
        return places.tolist()

    @traitlets.validate("shown")
    def _there(self, proposal):
        if not 0 <= proposal["value"] < len(self._truths):
            msg = f"`shown` must be an image from 0 to {len(self._truths) - 1}. Received: {proposal['value']}."
            raise ValueError(msg)
        return proposal["value"]

    @traitlets.validate("threshold")
    def _a_score(self, proposal):
        if not 0 <= proposal["value"] <= 1:
            msg = f"`threshold` must lie in [0, 1]. Received: {proposal['value']}."
            raise ValueError(msg)
        return proposal["value"]
