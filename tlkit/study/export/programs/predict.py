"""Name what is on photos, with the model beside this file. It needs Keras, TensorFlow and Pillow, and nothing else.

    python predict.py photo1.jpg photo2.jpg --csv out.csv

A photo is turned as its EXIF data says, laid on white where it is transparent, cut to its middle square, and resized:
as the photos were from which the model learned.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

__all__ = ["load", "main", "predict", "read_photo"]

MOST_PIXELS = 80_000_000


def read_photo(path, size):
    """Read a photo of 8 bits a channel as `(size, size, 3)`, `uint8`.

    Raises:
        ValueError: If it is no photo, damaged, larger than 80 megapixels or of more than 8 bits a channel.
        OSError: If it cannot be read.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        # From an open file: given a path, Pillow reads some turned TIFF files wrongly.
        with open(path, "rb") as file, Image.open(file) as image:
            if image.mode.startswith("I") or image.mode == "F":
                msg = f"{path} has more than 8 bits a channel. Save it as 8 bits."
                raise ValueError(msg)
            if image.width * image.height > MOST_PIXELS:
                msg = f"{path} is larger than {MOST_PIXELS // 1_000_000} megapixels. Save it smaller."
                raise ValueError(msg)
            image.draft(None, (4 * size, 4 * size))  # a large JPEG is decoded at a fraction of its size
            image.load()
            return np.asarray(ImageOps.fit(_on_white(_turn(image)), (size, size), Image.Resampling.BICUBIC))
    except (SyntaxError, EOFError, Image.DecompressionBombError) as error:  # what Pillow's decoders raise, too
        msg = f"{path} is damaged, or no photo: {error}"
        raise ValueError(msg) from error


def _turn(image):
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged EXIF data is no reason to lose the picture
        return image


def _on_white(image):
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def load(folder):
    """Load the model of a folder, the names of its classes, and the size of its photos in pixels."""
    import keras

    facts = json.loads((Path(folder) / "labels.json").read_text("utf-8"))
    return keras.saving.load_model(Path(folder) / "model.keras"), facts["classes"], facts["size"]


def predict(folder, paths):
    """The classes, and the probabilities `(num_photos, num_classes)` of each photo. A photo that cannot be read raises.

    Args:
        folder: With `model.keras` and `labels.json`.
        paths: Of the photos.
    """
    model, classes, size = load(folder)
    found = [model.predict_on_batch(read_photo(path, size)[None])[0] for path in paths]
    return classes, np.array(found).reshape(len(found), len(classes))


def main(arguments=None):
    """Print the class and its probability for each photo; return 1 if one could not be read."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--csv", type=Path, help="also write all probabilities into this file")
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent, help="folder of the model")
    options = parser.parse_args(arguments)
    model, classes, size = load(options.model)
    rows, failed = [], 0
    for path in options.files:
        try:
            shares = model.predict_on_batch(read_photo(path, size)[None])[0]
        except (OSError, ValueError) as error:
            print(f"{path}: not read ({error})", file=sys.stderr)
            failed += 1
            continue
        best = int(shares.argmax())
        print(f"{path}: {classes[best]} ({shares[best]:.1%})")
        rows.append([str(path), classes[best], *(f"{share:.6f}" for share in shares)])
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["file", "class", *classes], *rows])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
