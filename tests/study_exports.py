"""Export a small study of each source network, and try what it leaves: `python -m tests.study_exports [SOURCE ...]`.

Printed: for each source and file, the largest difference of a probability on 20 photos between the study and a process
that cannot import tlkit. The sources are all embedded weights, EfficientNet-Lite0 with ImageNet's weights (the extra
`imagenet`), and Keras' MobileNetV2 with random weights.
"""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.study_photos import make_folder, small_study
from tlkit.backbones import list_embedded, load_backbone
from tlkit.study import export_study
from tlkit.study.export.write import self_test
from tlkit.study.source_networks import Source

RANDOM = "mobilenet_v2 (random)"
FILES = ("model.keras", "model.tflite", "model.onnx")


def main(names: list[str]) -> None:
    """Print a line for each source."""
    print(f"{'source':<24}", *(f"{name:>13}" for name in FILES))
    with tempfile.TemporaryDirectory() as place:
        folder = make_folder(Path(place, "photos"), per_class=60)
        for name in names:
            differences = _differences(name, folder, Path(place, "out"))
            print(f"{name:<24}", *(f"{found:>13.1e}" for found in differences), flush=True)


def _differences(name: str, folder: Path, out: Path) -> list[float]:
    with pytest.MonkeyPatch.context() as patch:
        if name == RANDOM:
            patch.setattr(Source, "load", _random)
        study = small_study(folder, trains=True, backbones=("photos" if name == RANDOM else name,))
    export_study(study, out, root=folder, formats=["litert", "onnx"])
    return [self_test(study, out / file) for file in FILES]


def _random(source: Source):
    return load_backbone("mobilenet_v2", weights="random", input_shape=(source.size, source.size, 3))


if __name__ == "__main__":
    main(sys.argv[1:] or [*(one.name for one in list_embedded()), "efficientnet_lite0@64", RANDOM])
