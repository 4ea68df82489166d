"""Colours of the widgets are told apart by eyes that lack a kind of cone, or a shape stands beside them."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

WIDGETS = Path(__file__).resolve().parents[1] / "widgets" / "tlkit_widgets"
# Machado, Oliveira and Fernandes (2009), doi:10.1109/TVCG.2009.113, severity 1, on linear RGB
EYES = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Linear sRGB to CIE XYZ, white D65
XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
SERIES = [f"c{k}" for k in range(4)]  # more than four lines are rarely laid over each other
LEAST = 10  # CIE 1976; about 2.3 is just noticeable side by side
PAIRS = {
    "frozen and learning": ("frozen", "learn"),
    "moved and learning": ("c1", "learn"),
    "helps and hurts": ("c2", "c6"),
    "two tasks, two classes": ("c0", "c1"),
}


def linear(colour: str) -> np.ndarray:
    """`(3,)`, the colour `#rrggbb` in linear light."""
    share = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """`(3,)`, CIE L*a*b* of linear light."""
    xyz = XYZ @ np.clip(light, 0, 1) / np.sum(XYZ, axis=1)
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: str, other: str, eye: str) -> float:
    return float(np.linalg.norm(np.subtract(*(lab(EYES[eye] @ linear(colour)) for colour in (one, other)))))


def palette(theme: str) -> dict[str, str]:
    """Colours by name, as the style sheets give them for a theme."""
    sheets = [(WIDGETS / path).read_text() for path in ("shared/common.css", "freeze_board/widget.css")]
    blocks = [re.findall(r"^([^\n]*\.tlk(?:-board)?) \{([^}]*--tlk[^}]*)\}", sheet, re.MULTILINE) for sheet in sheets]
    ours = [rules for block in blocks for selector, rules in block if ("false" in selector) == (theme == "dark")]
    return dict(re.findall(r"--tlk-(\w+): (#[0-9a-f]{6});", "".join(ours)))


def test_differences_are_those_of_the_literature():
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert difference("#ffffff", "#000000", "all cones") == pytest.approx(100)
    red, green = "#d02020", "#557000"  # alike to eyes without the cones for red or green
    assert difference(red, green, "all cones") > 3 * difference(red, green, "protanopia")


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_series_and_verdicts_are_told_apart(theme, eye):
    colours = palette(theme)
    pairs = {f"{one} and {other}": (one, other) for one, other in combinations(SERIES, 2)} | PAIRS
    found = {name: difference(colours[one], colours[other], eye) for name, (one, other) in pairs.items()}
    assert {name: round(value) for name, value in found.items() if value < LEAST} == {}


def test_each_further_colour_comes_with_a_shape_of_its_own():
    shapes = re.search(r"SHAPES = \[(.*?)\];", (WIDGETS / "shared/common.js").read_text(), re.DOTALL)
    paths = re.findall(r'"(M[^"]+)"', shapes.group(1)) if shapes else []
    assert len(set(paths)) == len(paths) == len([name for name in palette("light") if re.fullmatch(r"c\d", name)]) == 8


def test_what_moves_by_itself_stands_still_where_the_reader_asks_for_it():
    """A style sheet with a transition or an animation has a rule for reduced motion; a script asks `calm`."""
    assert _having(r"\b(transition|animation)", "css", without="prefers-reduced-motion") == []
    assert _having(r"animate\(|requestAnimationFrame", "js", without="calm()") == ["common.js"]  # which draws once


def _having(pattern: str, suffix: str, *, without: str) -> list[str]:
    """Names of files in which something is found, and another text is not."""
    texts = {path.name: path.read_text() for path in WIDGETS.rglob(f"*.{suffix}")}
    return [name for name, text in texts.items() if re.search(pattern, text) and without not in text]
