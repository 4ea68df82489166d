"""Put a study onto one page."""

from __future__ import annotations

import base64
import io
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jinja2
import keras
import numpy as np
import plotly.graph_objects as go
from markupsafe import Markup
from PIL import Image
from plotly.offline import get_plotlyjs

from tlkit.study.export.record import versions
from tlkit.study.report.evidence import calibration, expected_calibration_error, strangeness, worst_errors
from tlkit.study.report.figures import calibration_figure, comparison_figure, curve_figure
from tlkit.study.report.model_card import model_card
from tlkit.study.report.table import comparison_rows
from tlkit.study.source_networks import pooled_features
from tlkit.study.study import MORE, Study

__all__ = ["write_report"]

_HERE = Path(__file__).resolve().parent
_FEWEST_PLACES = 5  # a side of the feature map from which on Grad-CAM tells places apart


def write_report(study: Study, path: Path, *, seconds: float) -> Path:
    """Write the page.

    Args:
        study: A finished one.
        path: Of the page.
        seconds: What the study took, by the clock.
    """
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(_HERE), autoescape=True, trim_blocks=True)
    filters: dict[str, Any] = environment.filters
    filters |= {"percent": lambda x: f"{100 * x:.1f} %", "points": lambda x: f"{100 * x:.1f} points"}
    page = environment.get_template("template.html").render(_content(study, seconds))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    return path


def _content(study: Study, seconds: float) -> dict[str, Any]:
    test, photos = study.test, study.photos
    rows = comparison_rows(study.outcomes, study.transfers, study.num_train, study.num_report)
    bins = calibration(test.labels, test.probabilities)
    figures = {
        "comparison": comparison_figure(rows),
        "curve": curve_figure(study.curve, study.num_report),
        "calibration": calibration_figure(bins),
    }
    return {
        "name": photos.dataset.name,
        "style": Markup((_HERE / "style.css").read_text("utf-8")),
        "plotly": Markup(get_plotlyjs()),
        "figures": {name: _embed(name, figure) for name, figure in figures.items()},
        "rows": rows,
        "num_bins": len(bins),
        "calibration_error": expected_calibration_error(bins),
        "num_test": len(test.labels),
        "class_names": photos.class_names,
        "confusion": _shaded(test.confusion),
        "more_sentence": _tell_more(study),
        "errors": _errors(study),
        "strange": _strange(study),
        "map_sentence": _tell_map(study.model),
        "photo_lines": photos.describe().splitlines(),
        "model_card": model_card(study),
        "facts": _facts(study, seconds),
        **{name: getattr(study, name) for name in ("settings", "plan", "verdict", "choice", "test")},
        **{name: getattr(study, name) for name in ("num_train", "num_report")},
    }


def _embed(name: str, figure: go.Figure) -> Markup:
    html = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config={"displayModeBar": False})
    return Markup(html)


def _shaded(confusion: np.ndarray) -> list[list[dict]]:
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    return [
        [{"count": int(n), "shade": f"{0.45 * s:.2f}"} for n, s in zip(*row, strict=True)]
        for row in zip(confusion, shares, strict=True)
    ]


def _tell_more(study: Study) -> str:
    low, mean, high = (f"{100 * value:+.1f}" for value in (study.more.low, study.more.mean, study.more.high))
    answer = {
        "positive": f"{MORE} more photos of each class would help",
        "negative": f"{MORE} more photos of each class would not help",
        "undecided": f"Whether {MORE} more photos of each class would help cannot be told",
    }[study.more.verdict]
    return f"{answer}: {mean} points of balanced accuracy for a probe, between {low} and {high}, read off its curve."


def _tell_map(model: keras.Model) -> str:
    height, width = model.get_layer("head_pool").input.shape[1:3]
    if min(height, width) >= _FEWEST_PLACES:
        return f"The network's last map has {height} x {width} places: `tlkit_widgets.GradCam` shows where it looks."
    return f"The network's last map has {height} x {width} places, too few to show where in a photo it looks."


def _errors(study: Study) -> list[dict]:
    test, names = study.test, study.photos.class_names
    found = []
    for row in worst_errors(test.labels, test.probabilities):
        shares = test.probabilities[row]
        facts = {"named": names[shares.argmax()], "share": float(shares.max()), "label": names[test.labels[row]]}
        found.append({**_photo(study, row), **facts})
    return found


def _strange(study: Study) -> list[dict]:
    backbone = keras.Model(study.model.inputs[0], study.model.get_layer("head_pool").input)
    images = study.photos.images(study.size)
    known, new = (pooled_features(backbone, each) for each in (images, study.test.images))
    distances, usual = strangeness(known, new)
    far = [row for row in np.argsort(-distances, kind="stable") if distances[row] > usual][:12]
    return [{**_photo(study, row), "times": float(distances[row] / usual)} for row in far]


def _photo(study: Study, row: int) -> dict[str, str]:
    path = Path(study.test.paths[row]) if study.test.paths else Path(f"test photo {row}")
    name = path.relative_to(study.photos.root).as_posix() if path.is_absolute() or study.test.paths else path.name
    return {"file": name, "picture": _data_uri(study.test.images[row])}


def _data_uri(image: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _tell(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "none" if value is None else str(value)


def _facts(study: Study, seconds: float) -> list[tuple[str, str]]:
    return [
        *((name.replace("_", " "), _tell(value)) for name, value in asdict(study.settings).items()),
        ("final training", ", ".join(f"{name} = {value}" for name, value in study.training.items())),
        ("epochs of each training in the comparison", str(study.plan.epochs)),
        ("seeds", f"0 to {study.settings.seeds - 1} for the deals; 0 for the final training"),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions().items())),
        ("machine", f"Python {platform.python_version()}, {platform.machine()}"),
        ("time", f"{seconds / 60:.1f} minutes"),
    ]
