"""The cards of the weights, written from what was measured: the run's record, the transfer map, the architecture table.

python datasets/recipes/card.py             all cards
python datasets/recipes/card.py photos      one
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import about
import keras
import numpy as np
from PIL import Image

from tlkit.backbones import find_embedded, list_embedded, load_backbone
from tlkit.backbones.embedded_weights import EmbeddedWeights, weights_dir
from tlkit.measure import Interval, paired_interval

__all__ = ["draw_filters", "write_card"]

_TRAINED = """# Weights `{name}`

{purpose}

Written by `datasets/recipes/card.py`; the figures are stored with the weights, in `{name}.record.json` and
`transfer_map.json`.

- **Load**: `load_backbone(weights="{name}")`
- **Network**: `{architecture}`, width {alpha}, images of {size} x {size} pixels in [0, 255]; kernels in half precision.
- **Data**: {data}
- **Licence**: {licence}
- **Command**: `{command}`: {epochs} epochs of {train_images} images, {cpu_minutes} CPU minutes on two shared cores;
  keras {keras}, tensorflow {tensorflow}. Learning rates, sizes and augmentation are in the record.
- **Accuracy** on its own {num_classes} classes, {val_images} validation images that were never trained on, single
  network, one view per image: **{accuracy} %** (95 % interval: {accuracy} ± {half_width}); {float32} % before the
  kernels were rounded to half precision.
- **File**: `{file}`, {megabytes} MB, SHA-256 `{sha256}`

"""
_CONTROL = """# Weights `random`

{purpose}

Written by `datasets/recipes/card.py`; the figures are in `datasets/weights/transfer_map.json`.

- **Load**: `load_backbone(weights="random")`, for any architecture; `seed=` gives another draw.
- **Network**: as wide as the embedded weights of the same architecture.
- **Data**: none. Kernels are normal with variance 2 / fan-in (He et al., 2015); the moving statistics of BatchNorm are
  those of 64 images of noise, so that no layer's output fades or explodes.
- **Licence**: nothing to license; the values are drawn when they are asked for, so there is no file.

"""
_FILTERS = """## The first layer's filters

![The first layer's filters](weights-{name}-filters.png)

Each is scaled to its own range. {seen}
"""


def write_card(name: str, folder: Path) -> None:
    """Write the card `weights-<name>.md` and the picture of the filters into a folder."""
    weights = {entry.name: entry for entry in list_embedded()}
    head = _CONTROL.format(purpose=about.PURPOSES[name]) if name == "random" else _describe(weights[name])
    choice = _architecture_table() if name == "photos" else ""
    filters = _FILTERS.format(name=name, seen=about.FILTERS.get(name, "")).rstrip() + "\n"
    (folder / f"weights-{name}.md").write_text(head + _transfer(name) + choice + filters, encoding="utf-8")
    draw_filters(np.asarray(_first_kernel(load_backbone(weights=name))), folder / f"weights-{name}-filters.png")


def _describe(entry: EmbeddedWeights) -> str:
    record = json.loads((weights_dir() / f"{entry.name}.record.json").read_text("utf-8"))
    source = entry.name if entry.name in about.PURPOSES else "folder"
    path = {"photos": " --path tiny-imagenet-200.zip", "folder": " --path FOLDER"}.get(source, "")
    percent = {key: f"{100 * record[f'val_{key}']:.1f}" for key in ("accuracy", "half_width")}
    return _TRAINED.format(
        name=entry.name, purpose=about.PURPOSES.get(source, "From your own photos."), data=about.DATA[source],
        licence=about.LICENCES[source], command=f"python datasets/recipes/pretrain.py {source}{path}",
        architecture=entry.architecture, alpha=entry.alpha, size=entry.input_size, num_classes=entry.num_classes,
        epochs=len(record["curve"]), float32=f"{100 * record['val_accuracy_float32']:.1f}", file=entry.file.name,
        megabytes=f"{entry.file.stat().st_size / 1e6:.1f}", sha256=entry.sha256, **percent, **record["versions"],
        **{key: record[key] for key in ("train_images", "val_images", "cpu_minutes")},
    )  # fmt: skip


def _transfer(name: str) -> str:
    """What the map says of a source; empty where these very weights have not been measured."""
    file = weights_dir() / "transfer_map.json"
    cells = json.loads(file.read_text("utf-8"))["cells"] if file.exists() else {}
    version = "seed 0" if name == "random" else find_embedded(name).sha256
    cells = {key: cell for key, cell in cells.items() if not key.startswith(f"{name} ") or cell["weights"] == version}
    targets = [cell.split(" | ")[1] for cell in cells if cell.startswith(f"{name} probe | ")]
    if not targets:
        return ""
    ways = {"from scratch": "scratch", "probe on its frozen features": f"{name} probe"}
    if name != "random":
        ways |= {"all of it fine-tuned": f"{name} fine-tuned", "probe on `random`": "random probe"}
    lines = [
        "## What it is good and bad at",
        "",
        "Measured by `python -m tests.benchmarks.transfer_map`: per cent of the targets' test images, with few",
        "labels per class. In brackets: points above training the same network from scratch, with their 95 % interval",
        "over paired seeds.",
        "",
        f"| target, labels per class | {' | '.join(ways)} |",
        "|---" * (len(ways) + 1) + "|",
    ]
    for target in targets:
        lines.append(f"| {target} | {' | '.join(_cell(cells, way, target) for way in ways.values())} |")
    return "\n".join([*lines, "", *_verdicts(cells, name, targets), "", ""])


def _cell(cells: dict, way: str, target: str) -> str:
    scores = cells.get(f"{way} | {target}", {}).get("scores")
    if scores is None:
        return "–"
    mean = f"{100 * np.mean(scores):.1f}"
    if way == "scratch":
        return mean
    gain = _gain(cells, way, target)
    return f"{mean} ({100 * gain.mean:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}])"


def _gain(cells: dict, way: str, target: str) -> Interval:
    return paired_interval(cells[f"{way} | {target}"]["scores"], cells[f"scratch | {target}"]["scores"])


def _verdicts(cells: dict, name: str, targets: list[str]) -> list[str]:
    """Sentences: on which targets the probe is better than from scratch, worse, or neither for certain."""
    found: dict[str, list[str]] = {"positive": [], "negative": [], "undecided": []}
    for target in targets:
        found[_gain(cells, f"{name} probe", target).verdict].append(target)
    texts = {
        "positive": "**Good at**: its frozen features beat training from scratch on {}.",
        "negative": "**Bad at**: its frozen features do worse than training from scratch on {}.",
        "undecided": "**Undecided** on {}: the interval contains 0.",
    }
    return [texts[verdict].format(", ".join(names)) for verdict, names in found.items() if names]


def _architecture_table() -> str:
    """The networks that were tried, after equal CPU minutes; empty before `compare.py` has measured them."""
    file = weights_dir() / "architectures.json"
    if not file.exists():
        return ""
    measured = json.loads(file.read_text("utf-8"))
    lines = [
        "## Why this network",
        "",
        f"`python datasets/recipes/compare.py` trains each for {measured['minutes']:g} CPU minutes on the same photos,",
        "on a machine that also does other work: compare the rows with each other, not with figures from another day.",
        "",
        "| network | parameters | first step, CPU s | training, images per CPU s | prediction, same | accuracy, % |",
        "|---|---|---|---|---|---|",
    ]
    for row in measured["rows"]:
        speed = f"{row['train_images_per_cpu_s']:.0f} | {row['predict_images_per_cpu_s']:.0f}"
        lines.append(
            f"| {row['architecture']} {row['alpha']:g} | {row['parameters']:,} | {row['first_step_s']:.1f} | {speed} "
            f"| {100 * row['val_accuracy']:.1f} |"
        )
    return "\n".join([*lines, "", ""])


def _first_kernel(backbone: keras.Model) -> keras.Variable:
    return next(layer.kernel for layer in backbone.layers if isinstance(layer, keras.layers.Conv2D))


def draw_filters(kernel: np.ndarray, path: Path, *, zoom: int = 16) -> None:
    """Draw the filters `(height, width, 3, num_filters)` side by side, eight in a row."""
    low, high = kernel.min(axis=(0, 1, 2)), kernel.max(axis=(0, 1, 2))
    scaled = (255 * (kernel - low) / np.maximum(high - low, 1e-9)).astype("uint8")
    large = scaled.repeat(zoom, axis=0).repeat(zoom, axis=1)
    tiles = np.pad(large, ((4, 4), (4, 4), (0, 0), (0, 0)), constant_values=255)
    rows = [np.hstack([*np.moveaxis(tiles[..., start : start + 8], -1, 0)]) for start in range(0, tiles.shape[3], 8)]
    Image.fromarray(np.vstack(rows)).save(path)


def main() -> None:
    """Write the cards that the command line names, or all."""
    for name in sys.argv[1:] or [*(entry.name for entry in list_embedded()), "random"]:
        write_card(name, weights_dir().parent / "cards")
        print(f"wrote weights-{name}.md")


if __name__ == "__main__":
    main()
