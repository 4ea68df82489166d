"""What random augmentation makes of an image, and the Keras layers that do it."""

from collections.abc import Iterable

import tlkit.quiet_start

import keras
import numpy as np
import traitlets

from tlkit.plots import show_images
from tlkit_widgets.shared.sources import esm, style
from tlkit_widgets.shared.sprite import SpriteWidget, as_pixels, make_sprite

__all__ = ["AugmentationPreview"]

NUM_DRAWS = 8
KEPT_IMAGES, KEPT_DRAWS = 3, 3  # of the book
FACTORS = ("rotation", "zoom", "shift", "brightness", "contrast")
FLIPS = ("none", "horizontal", "vertical", "horizontal_and_vertical")


class AugmentationPreview(SpriteWidget):
    """Eight random draws of one image; move the sliders until they still show what the label says.

    Args:
        images: Array of shape (n, h, w, 3), values in [0, 255].
        captions: A text for each image, such as its class; or `None`.
        **factors: First values of the factors below.

    Attributes:
        rotation: Largest turn to either side, as a share of a full turn.
        zoom: Largest share by which the image grows or shrinks.
        shift: Largest shift along each side, as a share of it.
        brightness: Largest change of brightness, as a share of the range.
        contrast: Largest change of contrast, as a factor away from 1.
        flip: `"none"`, `"horizontal"`, `"vertical"` or `"horizontal_and_vertical"`.
        index: Which image is shown.
        seed: Which draws are shown.
        layers: The Keras layers as one `keras.Sequential`, for a model or a `tf.data` pipeline.
        code: The lines that build them.

    Example:
    >>> preview = AugmentationPreview(np.zeros((2, 8, 8, 3), "uint8"), rotation=0.1)
    >>> [type(layer).__name__ for layer in preview.layers.layers]
    ['RandomRotation']
    """

    _esm = esm(__file__)
    _css = style(__file__)
    _figure_size = (7.2, 2.0)

    rotation = traitlets.Float(0.0, min=0.0, max=0.5).tag(sync=True)
    zoom = traitlets.Float(0.0, min=0.0, max=0.5).tag(sync=True)
    shift = traitlets.Float(0.0, min=0.0, max=0.5).tag(sync=True)
    brightness = traitlets.Float(0.0, min=0.0, max=0.8).tag(sync=True)
    contrast = traitlets.Float(0.0, min=0.0, max=0.8).tag(sync=True)
    flip = traitlets.Enum(FLIPS, "none").tag(sync=True)
    index = traitlets.Int(0).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    code = traitlets.Unicode(read_only=True).tag(sync=True)
    captions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    num_images = traitlets.Int().tag(sync=True)

    def __init__(self, images, captions=None, **factors):
        self._images = as_pixels(np.asarray(images))
        if self._images.ndim != 4 or self._images.shape[-1] != 3 or not len(self._images):
            msg = f"`images` must have shape (n, h, w, 3) with n of at least 1. Received: {self._images.shape}."
            raise ValueError(msg)
        captions = [] if captions is None else [str(text) for text in captions]
        if captions and len(captions) != len(self._images):
            msg = f"`captions` must have one text for each of {len(self._images)} images. Received: {len(captions)}."
            raise ValueError(msg)
        super().__init__(captions=captions, num_images=len(self._images), _thumb=max(64, self._images.shape[1]))
        for name, value in factors.items():
            if name not in (*FACTORS, "flip", "index", "seed"):
                msg = f"`{name}` is not a factor. The factors are {[*FACTORS, 'flip']}."
                raise ValueError(msg)
            setattr(self, name, value)
        self._draw_again()

    @property
    def layers(self) -> keras.Sequential:
        return keras.Sequential([make(self.seed) for _, make in self._steps()], name="augmentation")

    def what_if(self) -> Iterable[dict[str, int]]:
        """A few images, in a few draws each."""
        places = range(min(KEPT_IMAGES, self.num_images))
        return ({"index": index, "seed": seed} for index in places for seed in range(KEPT_DRAWS))

    def describe(self) -> str:
        on = [f"{name} {getattr(self, name):g}" for name in FACTORS if getattr(self, name)]
        on += [f"flip {self.flip}"] * (self.flip != "none")
        return f"Image {self.index} and {NUM_DRAWS} random draws of it with {', '.join(on) or 'no augmentation'}."

    def __repr__(self) -> str:
        return f"AugmentationPreview({self.num_images} images)"

    def draws(self) -> np.ndarray:
        """The draws that are shown, float32 of shape (8, h, w, 3) in [0, 255]."""
        batch = np.repeat(self._images[self.index : self.index + 1], NUM_DRAWS, axis=0).astype("float32")
        steps = self._steps()
        return np.clip(np.asarray(self.layers(batch, training=True)), 0, 255) if steps else batch

    def _steps(self) -> list[tuple]:
        """Pairs of code and builder, for each step that is on."""
        steps = []
        if self.flip != "none":
            steps.append((f'RandomFlip("{self.flip}")', lambda seed: keras.layers.RandomFlip(self.flip, seed=seed)))
        table = {
            "rotation": ("RandomRotation({0:g})", keras.layers.RandomRotation, 1),
            "zoom": ("RandomZoom({0:g})", keras.layers.RandomZoom, 1),
            "shift": ("RandomTranslation({0:g}, {0:g})", keras.layers.RandomTranslation, 2),
            "brightness": ("RandomBrightness({0:g})", keras.layers.RandomBrightness, 1),
            "contrast": ("RandomContrast({0:g})", keras.layers.RandomContrast, 1),
        }
        for name in FACTORS:
            text, layer, times = table[name]
            if value := getattr(self, name):
                make = lambda seed, layer=layer, args=[value] * times: layer(*args, seed=seed)  # noqa: E731
                steps.append((text.format(value), make))
        return steps

    @traitlets.observe(*FACTORS, "flip", "index", "seed")
    def _draw_again(self, _change=None) -> None:
        if not self.num_images:
            return
        shown = [self._images[self.index], *self.draws().round().astype("uint8")]
        sheet, columns = make_sprite(shown, self._thumb)
        lines = "".join(f"    keras.layers.{text},\n" for text, _ in self._steps())
        with self.hold_sync():
            self._columns, self._sprite = columns, sheet
            self.set_trait("code", f"augmentation = keras.Sequential([\n{lines}])")

    def _draw(self, figure) -> None:
        shown = np.concatenate([self._images[self.index : self.index + 1], self.draws()])
        show_images(shown, ax=figure.subplots(), columns=NUM_DRAWS + 1, title="The image, then random draws of it")

    @traitlets.validate("index")
    def _in_range(self, proposal):
        if not 0 <= proposal["value"] < max(1, self.num_images):
            msg = f"`index` must be in [0, {self.num_images}). Received: {proposal['value']}."
            raise ValueError(msg)
        return proposal["value"]
