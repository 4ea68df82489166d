"""In the lessons' part for own photos, a folder that cannot be used gives a sentence, no traceback."""

import re
from pathlib import Path

import pytest
from PIL import Image

from tlkit.data import images_from_folder, load_dataset
from tlkit.lessons.percent import parse_percent
from tlkit.paths import package_root

SOURCES = sorted((package_root() / "notebooks" / "src").glob("*.py"))


def own_photos_cell(path: Path) -> str | None:
    cells = [cell.source for cell in parse_percent(path.read_text(encoding="utf-8")).cells if cell.kind == "code"]
    return next((source for source in cells if "images_from_folder(MY_" in source), None)


CELLS = {path.stem: cell for path in SOURCES if (cell := own_photos_cell(path))}


def test_the_first_lessons_have_such_a_part():
    assert {name[:2] for name in CELLS} >= {"00", "01", "02", "03"}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("folder", ["flat", "none"])
def test_a_folder_that_cannot_be_used(name, folder, tmp_path, capsys):
    (tmp_path / "flat").mkdir()
    for number in range(3):
        Image.new("RGB", (20, 20), (number, 0, 0)).save(tmp_path / "flat" / f"{number}.png")
    named = re.sub(r'(?m)^(MY_\w+)(, DOWNLOAD)? = ""', rf"\1\2 = {str(tmp_path / folder)!r}", CELLS[name], count=1)
    assert str(tmp_path) in named
    exec(named, {"images_from_folder": images_from_folder, "load_dataset": load_dataset})
    printed = capsys.readouterr().out
    assert "cannot be used: `path`" in printed
    assert {"flat": "labels.csv", "none": "does not exist"}[folder] in printed
