"""Draw the pictures of the cards: what is in a data set, seen by training items.

python datasets/recipes/pictures.py            all, or those that are named
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Sequence

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from tlkit.data import load_glosses, load_names, load_objects, load_shops, load_words_spoken, make_scenes
from tlkit.data.spectrograms import RATE
from tlkit.paths import data_dir

__all__ = ["main"]


def draw_objects(domain: str) -> Figure:
    """Six training images of each class, one row per class."""
    train = load_objects(domain).train
    figure, axes = plt.subplots(6, len(train.class_names), figsize=(len(train.class_names), 6.4))
    for column, name in enumerate(train.class_names):
        rows = np.resize(np.flatnonzero(train.labels == column), 6)
        for place, row in enumerate(rows):
            axes[place, column].imshow(train.images[row])
        axes[0, column].set_title(name, fontsize=9)
    return _bare(figure)


def draw_scenes() -> Figure:
    """Scenes with their boxes."""
    train = make_scenes(8, size=96).train
    figure, axes = plt.subplots(2, 4, figsize=(8, 4.4))
    for axis, image, boxes, classes in zip(axes.flat, train["image"], train["boxes"], train["classes"], strict=True):
        axis.imshow(image)
        for (left, top, right, bottom), label in zip(boxes, classes, strict=True):
            if label >= 0:
                axis.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, color="#E69F00"))
                axis.text(left, top - 1, train.class_names[label], color="#E69F00", fontsize=8)
    return _bare(figure)


def draw_spoken() -> Figure:
    """Four words by three voices."""
    train = load_words_spoken("words").train
    figure, axes = plt.subplots(3, 4, figsize=(8, 5.6))
    speakers = np.unique(train["speaker"].astype(str))[:3]
    for place, speaker in enumerate(speakers):
        for column in range(4):
            row = np.flatnonzero((train["speaker"] == speaker) & (train.labels == column))[0]
            axes[place, column].imshow(train["picture"][row], cmap="cividis")
            axes[place, column].set_title(f"{train.class_names[column]}, by {speaker}", fontsize=9)
    figure.supylabel(f"pitch (mel), up to {RATE // 2} Hz", fontsize=9)
    figure.supxlabel("time, from the word's beginning to its end", fontsize=9)
    return _bare(figure)


def draw_shops() -> Figure:
    """Sales and prices of three retailers."""
    train = load_shops("cheese").train
    figure, axes = plt.subplots(2, 3, figsize=(9, 4.4), sharex=True, sharey="row")
    for column, row in enumerate((0, 10, 20)):
        there = train["known"][row]
        axes[0, column].plot(train["sales"][row][there], color="#0072B2")
        axes[1, column].plot(np.exp(train["price"][row][there]), color="#D55E00")
        axes[0, column].set_title(train["shop"][row].title(), fontsize=9)
        axes[1, column].set_xlabel("week")
    axes[0, 0].set_ylabel("log of sales")
    axes[1, 0].set_ylabel("price, dollars")
    figure.tight_layout()
    return figure


def draw_glosses() -> Figure:
    """One definition of each topic of nouns."""
    train = load_glosses("nouns").train
    rows = [
        next(row for row in np.flatnonzero(train.labels == label) if 20 < len(train["text"][row]) < 70)
        for label in range(10)
    ]
    return _draw_lines([(name, train["text"][row]) for name, row in zip(train.class_names, rows, strict=True)])


def draw_names() -> Figure:
    """Names in English and Spanish: fonts for the other scripts may not be there."""
    train = load_names("es").train
    rows = [row for row in range(len(train)) if train["english"][row][0] in "agmtz"][::12][:10]
    return _draw_lines([(train["english"][row], train["name"][row]) for row in rows])


def _draw_lines(lines: Sequence[tuple[str, str]]) -> Figure:
    figure, axis = plt.subplots(figsize=(8, 0.32 * len(lines) + 0.2))
    axis.axis("off")
    for place, (left, right) in enumerate(lines):
        axis.text(0.0, 1 - (place + 0.5) / len(lines), left, weight="bold", fontsize=10, va="center")
        axis.text(0.25, 1 - (place + 0.5) / len(lines), right, fontsize=10, va="center")
    figure.tight_layout()
    return figure


def _bare(figure: Figure) -> Figure:
    for axis in figure.axes:
        axis.set_xticks([])
        axis.set_yticks([])
    figure.tight_layout()
    return figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "objects_drawn": lambda: draw_objects("drawn"),
    "objects_photographed": lambda: draw_objects("photographed"),
    "scenes": draw_scenes,
    "words_spoken": draw_spoken,
    "shops": draw_shops,
    "glosses": draw_glosses,
    "names": draw_names,
}


def main(names: Sequence[str] = ()) -> None:
    """Write the pictures beside the cards."""
    for name in names or PICTURES:
        figure = PICTURES[name]()
        file = data_dir() / "cards" / f"{name}.png"
        canvas = io.BytesIO()
        figure.savefig(canvas, dpi=64, facecolor="white")
        plt.close(figure)
        # 64 colours: a third of the bytes, and no date or version in them.
        Image.open(canvas).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.name}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
