"""Which source helps which target, with how many labels? The map, with paired seeds and intervals.

python -m tests.benchmarks.transfer_map                                   the kit's own targets
python -m tests.benchmarks.transfer_map --photos10 photos10.zip           and photos that no source has seen
python -m tests.benchmarks.transfer_map --reuse                           only what is new: other weights, other seeds

Three ways, tuned alike (the best of three settings by validation images, with a draw of its own; results are on test
images): a *probe* on frozen features, *fine-tuning* of all layers, and the same training *from scratch*.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from tests.benchmarks import transfer_work as work
from tlkit.backbones import load_backbone
from tlkit.backbones.embedded_weights import weights_dir
from tlkit.files import write_whole
from tlkit.measure import mean_interval, paired_interval

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- map: written by python -m tests.benchmarks.transfer_map -->", "<!-- end of map -->"
CELLS = {"digits": (10,), "textures": (5,), "tissue": (10,), "photos10": (20, 100)}  # labels per class
TUNED = (("photos", "photos10 100"), *((source, "digits 10") for source in ("glyphs", "colours", "opposed")))
SCRATCH = "scratch"


@dataclass(frozen=True)
class Goal:
    """That one way beats another on a target, by at least `points`."""

    better: str
    worse: str
    target: str
    points: float = 0.0


GOALS = (
    Goal("photos probe", SCRATCH, "photos10 20", 15),
    Goal("photos probe", "random probe", "photos10 20", 15),
    Goal("photos fine-tuned", "photos probe", "photos10 100"),
    Goal("glyphs probe", SCRATCH, "digits 10"),
    Goal(SCRATCH, "colours probe", "digits 10"),
    Goal(SCRATCH, "opposed probe", "digits 10"),
    Goal("photos probe", SCRATCH, "textures 5"),
)


def main() -> None:
    """Run the command line."""
    options = _parse_arguments()
    began, file = time.monotonic(), weights_dir() / "transfer_map.json"
    result = {"settings": work.SETTINGS | {"seeds": options.seeds}, "cells": {}}
    if options.reuse and file.exists():
        before = json.loads(file.read_text("utf-8"))
        result["cells"] = _valid(before["cells"]) if before["settings"] == result["settings"] else {}
    for name, weights, score, choices in plan(options):
        if result["cells"].get(name, {}).get("weights") == weights:
            continue
        chosen, scores = work.choose_and_score(score, choices, range(options.seeds))
        result["cells"][name] = {"weights": weights, "chosen": chosen, "scores": scores}
        write_whole(file, json.dumps(result, indent=1) + "\n")  # a run that is stopped goes on with --reuse
        print(f"{time.monotonic() - began:4.0f} s  {name}: {mean_interval(scores)}", flush=True)
    report = f"{draw_table(result['cells'])}\n\n{draw_goals(result['cells'])}"
    print(report)
    before, rest = README.read_text("utf-8").split(BEGIN)
    write_whole(README, f"{before}{BEGIN}\n\n{report}\n\n{END}{rest.split(END)[1]}")


def plan(options: argparse.Namespace) -> Iterator[tuple[str, str, Callable[..., float], tuple[float, ...]]]:
    """Yield every cell of the map: its name, the weights that it depends on, what scores a run, and the settings."""
    targets = [work.read_target(name, options.photos10) for name in options.targets]
    tasks = [(target, labels) for target in targets for labels in CELLS[target.name]]
    trainer = work.Trainer(max(target.num_classes for target in targets))
    weights = work.list_sources()
    backbones = {source: load_backbone(work.ARCHITECTURE, weights=source) for source in weights}
    probers = {source: work.Prober(backbone) for source, backbone in backbones.items()}
    for target, labels in tasks:
        where = f"{target.name} {labels}"
        yield f"{SCRATCH} | {where}", "none", partial(trainer.score, target, labels), work.RATES
        for source, version in weights.items():
            yield f"{source} probe | {where}", version, partial(probers[source].score, target, labels), work.STRENGTHS
    for target, labels in tasks:
        for source, where in TUNED:
            if where == f"{target.name} {labels}" and source in weights:
                tune = partial(trainer.score, target, labels, start=backbones[source])
                yield f"{source} fine-tuned | {where}", weights[source], tune, work.RATES


def _valid(cells: dict[str, dict]) -> dict[str, dict]:
    """Without the cells of weights that have been replaced."""
    versions = {"none", *work.list_sources().values()}
    return {name: cell for name, cell in cells.items() if cell["weights"] in versions}


def draw_table(cells: dict[str, dict]) -> str:
    """One row a way, one column a target: accuracy in %, and points above scratch with their 95 % interval."""
    ways, columns = (list(dict.fromkeys(name.split(" | ")[part] for name in cells)) for part in (0, 1))
    lines = [f"| way | {' | '.join(f'{column} per class' for column in columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {way} | {' | '.join(_text(cells, way, column) for column in columns)} |" for way in ways]
    return "\n".join(lines)


def _text(cells: dict[str, dict], way: str, column: str) -> str:
    if f"{way} | {column}" not in cells:
        return "–"
    scores = cells[f"{way} | {column}"]["scores"]
    mean = f"{100 * np.mean(scores):.1f}"
    if way == SCRATCH:
        return mean
    gain = paired_interval(scores, cells[f"{SCRATCH} | {column}"]["scores"])
    text = f"{mean} ({100 * gain.mean:+.1f} [{100 * gain.low:.1f}, {100 * gain.high:.1f}])"
    return f"**{text}**" if gain.excludes_zero else text


def draw_goals(cells: dict[str, dict]) -> str:
    """Say of each goal whether it is met; goals about targets that were not measured are left out."""
    lines = ["| goal | points, 95 % interval | met |", "|---|---|---|"]
    for goal in GOALS:
        names = [f"{way} | {goal.target}" for way in (goal.better, goal.worse)]
        if all(name in cells for name in names):
            gain = paired_interval(*(cells[name]["scores"] for name in names))
            met = "yes" if gain.low > 0 and 100 * gain.mean >= goal.points else "**no**"
            margin = f", by {goal.points:g} points" if goal.points else ""
            lines.append(f"| {goal.target} per class: {goal.better} beats {goal.worse}{margin} | {gain} | {met} |")
    return "\n".join(lines)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="paired seeds, at least 2")
    parser.add_argument("--targets", nargs="+", choices=list(CELLS), help="default: all that can be read")
    parser.add_argument("--photos10", type=Path, metavar="PATH", help="zip or folder with train/ and test/")
    parser.add_argument("--reuse", action="store_true", help="keep what the same weights and settings gave")
    options = parser.parse_args()
    if options.targets is None:
        options.targets = [name for name in CELLS if name != "photos10" or options.photos10]
    if "photos10" in options.targets and not options.photos10:
        parser.error("--photos10 must say where photos10 lies")
    return options


if __name__ == "__main__":
    main()
