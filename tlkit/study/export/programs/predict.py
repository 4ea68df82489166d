"""Name what is on photos, with the model beside this file. It needs Keras, TensorFlow and Pillow, and nothing else.

    python predict.py photo1.jpg photo2.jpg --csv out.csv

`--model model.tflite` needs ai-edge-litert in place of Keras and TensorFlow, and `--model model.onnx` onnxruntime.

A photo is turned as its EXIF data says, laid on white where it is transparent, cut to its middle square, and resized:
as the photos were from which the model learned.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

__all__ = ["load", "main", "predict", "read_photo"]

MOST_PIXELS = 80_000_000


def read_photo(path, size):
    """Read a photo of 8 bits a channel as `(size, size, 3)`, `uint8`.

    Raises:
        ValueError: If it is no photo, damaged, larger than 80 megapixels or of more than 8 bits a channel.
        OSError: If it cannot be read.
    """
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
    except UnidentifiedImageError as error:  # its own words name a Python object
        msg = f"{path} is empty, damaged, or no photo."
        raise ValueError(msg) from error
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


def load(model):
    """Load a model, the names of its classes, and the size of its photos in pixels.

    Args:
        model: `model.keras`, `model.tflite` or `model.onnx`, with `labels.json` beside it; or their folder, which means
            `model.keras`.

    Returns:
        A function from one photo `(size, size, 3)`, `uint8`, to probabilities `(num_classes,)`; the names; the size.

    Raises:
        ValueError: If one of the files is damaged, or they do not belong together.
    """
    path = Path(model) / "model.keras" if Path(model).is_dir() else Path(model)
    labels = path.with_name("labels.json")
    if not labels.is_file():
        msg = f"{labels} is missing: it names the classes of {path.name}. Copy it from the folder of the study."
        raise ValueError(msg)
    try:
        facts = json.loads(labels.read_text("utf-8"))
        classes, size = [str(name) for name in facts["classes"]], int(facts["size"])
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{labels} is damaged: it must hold `classes` and `size`. Copy it from the folder of the study."
        raise ValueError(msg) from error
    try:
        shares_of = _RUNTIMES[path.suffix](path)
    except (ValueError, OSError) as error:
        msg = f"{path} is damaged, or no model of a study. Copy it from the folder of the study."
        raise ValueError(msg) from error
    _check_fit(labels, shares_of, classes, size)
    return shares_of, classes, size


def _check_fit(labels, shares_of, classes, size):
    """Raise a `ValueError` unless the model takes photos of that size and tells as many classes."""
    try:
        num_classes = len(shares_of(np.zeros((size, size, 3), "uint8")))
    except ValueError as error:
        msg = f"{labels} does not belong to the model, which takes no photos of {size} pixels."
        raise ValueError(msg) from error
    if num_classes != len(classes):
        msg = f"{labels} does not belong to the model: it names {len(classes)} classes, and the model {num_classes}."
        raise ValueError(msg)


def _keras(path):
    import keras

    network = keras.saving.load_model(path)
    return lambda photo: network.predict_on_batch(photo[None])[0]


def _litert(path):
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(path))
    network.allocate_tensors()
    (entry,), (exit_,) = network.get_input_details(), network.get_output_details()

    def shares_of(photo):
        network.set_tensor(entry["index"], photo[None].astype(entry["dtype"]))
        network.invoke()
        return network.get_tensor(exit_["index"])[0]

    return shares_of


def _onnx(path):
    import onnxruntime

    network = onnxruntime.InferenceSession(path)
    (entry,) = network.get_inputs()
    dtype = {"tensor(uint8)": "uint8", "tensor(float)": "float32"}[entry.type]
    return lambda photo: network.run(None, {entry.name: photo[None].astype(dtype)})[0][0]


_RUNTIMES = {".keras": _keras, ".tflite": _litert, ".onnx": _onnx}


def predict(model, paths):
    """The classes, and the probabilities `(num_photos, num_classes)` of each photo. A photo that cannot be read raises.

    Args:
        model: As for `load`.
        paths: Of the photos.
    """
    shares_of, classes, size = load(model)
    found = [shares_of(read_photo(path, size)) for path in paths]
    return classes, np.array(found).reshape(len(found), len(classes))


def main(arguments=None):
    """Print the class and its probability for each photo; return 1 if one could not be read."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--csv", type=Path, help="also write all probabilities into this file")
    parser.add_argument("--model", type=Path, default=Path(__file__).resolve().parent, help="its file, or its folder")
    options = parser.parse_args(arguments)
    shares_of, classes, size = load(options.model)
    rows, failed = [], 0
    for path in options.files:
        try:
            shares = shares_of(read_photo(path, size))
        except (OSError, ValueError) as error:
            print(f"{path}: not read ({getattr(error, 'strerror', None) or error})", file=sys.stderr)
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
