"""Figures of the small networks: kept beside the weights, and drawn as a table in their cards."""

from __future__ import annotations

import json

import numpy as np

from tlkit.backbones.embedded_weights import weights_dir
from tlkit.files import write_whole
from tlkit.measure import mean_interval, paired_interval

__all__ = ["draw_table", "keep", "read"]


def keep(name: str, cells: dict[str, dict[str, list[float]]], *, command: str, what: str, unit: str) -> None:
    """Keep the scores of a network, and print them as a table.

    Args:
        name: Of the weights. The way of that name is compared with all others of its cell.
        cells: Scores by what was asked, way, and seed (or shop): pairs have the same place.
        command: What measures it anew.
        what: A sentence of how it was measured.
        unit: `"%"` for shares in [0, 1], else the unit of the scores.
    """
    kept = {"command": command, "what": what, "unit": unit, "cells": cells}
    write_whole(weights_dir() / f"{name}.measured.json", json.dumps(kept, indent=1) + "\n")
    print(draw_table(name, kept))


def read(name: str) -> dict | None:
    """What `keep` has kept of a network, if anything."""
    file = weights_dir() / f"{name}.measured.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def draw_table(name: str, kept: dict) -> str:
    """A Markdown table: means, and the difference of this network to each other way, with 95 % intervals."""
    points = " points" if kept["unit"] == "%" else ""
    rows = [f"| asked | way | {kept['unit']} | `{name}` minus it{points and ', points'} |", "|---|---|---|---|"]
    for asked, ways in kept["cells"].items():
        for way, scores in ways.items():
            compare = way != name and name in ways and len(scores) > 1
            gain = _cell(paired_interval(ways[name], scores), kept["unit"], "+") if compare else ""
            rows.append(f"| {asked} | {way} | {_cell(_mean(scores), kept['unit'])} | {gain} |")
    return "\n".join(rows)


def _mean(scores: list[float]):
    return mean_interval(scores) if len(scores) > 1 else float(np.mean(scores))


def _cell(interval, unit: str, sign: str = "") -> str:
    scale, digits = (100, 1) if unit == "%" else (1, 3)
    if isinstance(interval, float):
        return f"{scale * interval:.{digits}f}"
    mean, low, high = (scale * value for value in (interval.mean, interval.low, interval.high))
    return f"{mean:{sign}.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
