"""Print what `photos` recognises: `python -m tlkit.backbones PHOTO ...`.

Without a photo: the coffee cup and the cat that scikit-image brings along, where it is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from tlkit.backbones.recognition import recognise

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Print the five likeliest classes of each photo."""
    parser = argparse.ArgumentParser(prog="python -m tlkit.backbones", description="Name what is on photos.")
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO", help="default: scikit-image's cup and cat")
    parser.add_argument("--weights", default="photos", help="name of embedded weights (default: photos)")
    options = parser.parse_args(arguments)
    for path in options.photos or _examples(parser):
        answers = (f"{name} {probability:.1%}" for name, probability in recognise(path, weights=options.weights))
        print(f"{path.name}: {', '.join(answers)}")


def _examples(parser: argparse.ArgumentParser) -> list[Path]:
    found = importlib.util.find_spec("skimage")
    if found is None or found.origin is None:
        parser.error("name a photo: scikit-image, which has some, is not installed")
    return [Path(found.origin).parent / "data" / name for name in ("coffee.png", "chelsea.png")]


if __name__ == "__main__":
    main()
