"""A wheel that is built here and installed elsewhere finds its data, its weights and its lessons."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="needs the repository")

ASK = """
import json, sys
import tlkit, tlkit_widgets
from tlkit.data import check_embedded, data_dir, load_dataset
from tlkit.lessons.catalog import list_lessons
from tlkit.backbones import list_embedded, load_backbone
print(json.dumps({
    "from": tlkit.__file__, "widgets": tlkit_widgets.__file__, "data": str(data_dir()), "damaged": check_embedded(),
    "images": len(load_dataset("textures").train), "lessons": len(list_lessons()),
    "weights": [entry.name for entry in list_embedded()], "output": load_backbone().output_shape[-1],
}))
"""


@pytest.mark.slow
def test_installed_wheel_finds_everything(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (tmp_path / "elsewhere").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(site)}
    answer = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=tmp_path / "elsewhere", env=environment, check=True, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    found = json.loads(answer.stdout.splitlines()[-1])
    for key in ("from", "widgets", "data"):
        assert Path(found[key]).is_relative_to(site), f"{key} came from {found[key]}, not from the wheel"
    assert _page_files(site / "tlkit_widgets") == _page_files(ROOT / "widgets" / "tlkit_widgets")
    assert found["damaged"] == []
    assert found["images"] == 1950
    assert found["lessons"] >= 1
    assert found["weights"][0] == "photos"
    assert found["output"] == 576


def _page_files(folder: Path) -> set[str]:
    """Return the JavaScript and the style sheets below a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in (".js", ".css")}


def test_datasets_is_no_package():
    assert not (ROOT / "datasets" / "__init__.py").exists(), "it would hide Hugging Face's `datasets`"
