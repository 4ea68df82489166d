"""The sandbox works wherever the kit, its environment and its interpreter lie, and shows no answer from there."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import pytest

from tests.needs import NEEDS_SANDBOX
from tlkit.data import data_dir
from tlkit.grading.sandbox import advice
from tlkit.grading.sandbox.packages import NEEDED, package_places
from tlkit.grading.sandbox.places import links_to, real_places
from tlkit.paths import package_root

PLACES = ("/tmp", "/var/tmp", "/home", "/root", "/run", "/usr/local/src", "/dev/shm")
# Starts a small program in the sandbox, with the Python and the kit of the place; it says what it sees there.
INSIDE = """
import json, os, sys
import numpy, tlkit
walked = [each for top in sorted({*os.listdir("/")} - {"proc", "dev"}) for each in os.walk("/" + top)]
answers = [name for _, _, names in walked for name in names if name.endswith(".ipynb") or name.startswith("planted")]
print(json.dumps({"kit": tlkit.__file__, "prefix": sys.prefix, "answers": answers}))
"""
OUTSIDE = f"""
import subprocess, sys
from tlkit.grading.sandbox.view import mounts
from tlkit.grading.sandbox.walls import behind_walls
subprocess.run(behind_walls([sys.executable, "-P", "-c", {INSIDE!r}], mounts()), check=True)
"""
FAULT = """
import json, sys
from tlkit.grading.judging.judge import Judge
with Judge(sys.argv[1]) as judge:
    print(json.dumps(judge.sandbox_fault()))
"""


def _install(folder: Path) -> tuple[Path, Path]:
    """Copy the kit below `folder`, with an environment that borrows its packages; return kit and interpreter."""
    kit = folder / "kit"
    shutil.copytree(package_root() / "tlkit", kit / "tlkit", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(package_root() / "notebooks", kit / "notebooks")
    (kit / "widgets" / "tlkit_widgets").mkdir(parents=True)
    (kit / "datasets").symlink_to(data_dir())
    (kit / "tests" / "answers").mkdir(parents=True)
    (kit / "tests" / "answers" / "planted.py").write_text("ANSWER = 42\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=60)
    (site,) = (folder / "venv").glob("lib/*/site-packages")
    borrowed = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    left = site / "tlkit" / "_notebooks" / "solutions"  # what an editable install leaves there
    left.mkdir(parents=True)
    (left / "planted.ipynb").write_text("{}")
    for stray in ("share", "lib", "bin", f"{site}", f"{site}/numpy_notes", f"{site}/__pycache__"):
        (folder / "venv" / stray).mkdir(exist_ok=True)
        (folder / "venv" / stray / "planted.txt").write_text("ANSWER = 42\n")
    (site / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    return kit, folder / "venv" / "bin" / "python"


def _run(python: Path, kit: Path, *arguments: str):
    environment = {**os.environ, "PYTHONPATH": str(kit), "TLKIT_CACHE": str(kit / "cache")}
    done = subprocess.run(
        [python, "-P", *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def place(request):
    try:
        folder = Path(tempfile.mkdtemp(prefix="tlkit-place-", dir=request.param))
    except OSError as error:
        pytest.skip(f"only a user who may write into {request.param} can try it: {error}")
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.slow
@NEEDS_SANDBOX
@pytest.mark.parametrize("place", PLACES, indirect=True)
def test_the_sandbox_finds_python_and_kit_and_hides_the_answers(place):
    kit, python = _install(place)
    assert _run(python, kit, "-c", OUTSIDE) == {
        "kit": str(kit / "tlkit" / "__init__.py"),
        "prefix": str(place / "venv"),
        "answers": [],
    }


@pytest.mark.slow
@NEEDS_SANDBOX
@pytest.mark.parametrize("place", ["/tmp", "/var/tmp"], indirect=True)
def test_environment_behind_symbolic_links(place):
    kit, python = _install(place)
    (place / "one").mkdir()
    (place / "one" / "link").symlink_to("../venv")
    (place / "two").symlink_to(place / "one")
    base = place / "base"
    base.symlink_to(Path(sys.base_prefix))
    python.unlink()
    python.symlink_to(base / "bin" / f"python3.{sys.version_info.minor}")
    found = _run(place / "two" / "link" / "bin" / "python", kit, "-c", OUTSIDE)
    assert found["prefix"] == str(place / "two" / "link")


@pytest.mark.slow
@NEEDS_SANDBOX
@pytest.mark.parametrize("place", ["/tmp"], indirect=True)
def test_packages_and_standard_library_in_one_prefix(place):
    kit, _ = _install(place)
    base, version = Path(sys.base_prefix), f"python3.{sys.version_info.minor}"
    whole, library = place / "whole", Path(os.__file__).parent
    site = whole / "lib" / version / "site-packages"
    left_out = shutil.ignore_patterns("*-packages", "__pycache__", "test", "idlelib", "ensurepip")
    shutil.copytree(library, site.parent, symlinks=True, ignore=left_out)
    site.mkdir()
    for package in package_places():
        (site / package.name).symlink_to(package)
    for stray in (site, whole / "lib", whole / "lib" / "python2", whole):
        stray.mkdir(exist_ok=True)
        (stray / "planted.txt").write_text("ANSWER = 42\n")
    (whole / "bin").mkdir()
    shutil.copy(Path(sys.executable).resolve(), whole / "bin" / version)
    for shared in base.glob("lib/libpython*"):
        shutil.copy(shared, whole / "lib")
    found = _run(whole / "bin" / version, kit, "-c", OUTSIDE)
    assert (found["prefix"], found["answers"]) == (str(whole), ["planted.txt"])  # in `lib`, which holds libraries


def test_what_is_needed_is_what_the_kit_requires_and_no_notebook():
    project = tomllib.loads((package_root() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = {re.split(r"[><=\[]", text)[0] for text in project["dependencies"]}
    assert set(NEEDED) == required - {
        "babel",
        "ipykernel",
        "jupyterlab",
        "nbclient",
        "nbformat",
    }  # answers are tried in English
    names = {place.name for place in package_places()}
    assert {"keras", "tensorflow", "numpy", "six.py", "IPython"} <= names  # also what these require
    assert names.isdisjoint({"tlkit", "jupyterlab", "nbgrader", "__pycache__"})
    assert not [name for name in names if name.endswith(".pth")]


@NEEDS_SANDBOX
@pytest.mark.slow
@pytest.mark.parametrize("mode", ["preload", "cold"])
@pytest.mark.parametrize("place", ["/tmp"], indirect=True)
def test_no_wall_is_missing_where_all_lies_below_tmp(place, mode):
    kit, python = _install(place)
    assert _run(python, kit, "-c", FAULT, mode) == ""


@NEEDS_SANDBOX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        ("notebooks/solutions/01_feature_extraction.ipynb", "widgets/tlkit_widgets/harmless.txt", "read the answers"),
        ("tests/answers/planted.py", "tlkit/data/other.py", "read the answers"),
    ],
)
@pytest.mark.parametrize("place", ["/tmp"], indirect=True)
def test_an_answer_under_another_name_is_found(place, source, name, expected):
    kit, python = _install(place)
    shutil.copy(kit / source, kit / name)
    assert expected in _run(python, kit, "-c", FAULT, "cold")


def test_links_are_followed_step_by_step(tmp_path):
    (tmp_path / "real" / "bin").mkdir(parents=True)
    (tmp_path / "real" / "bin" / "python").touch()
    (tmp_path / "a").symlink_to("real")
    (tmp_path / "b").symlink_to(tmp_path / "a" / ".." / "a")
    found = {link: text for link, text in links_to(tmp_path / "b" / "bin").items() if link.parent == tmp_path}
    assert found == {tmp_path / "b": str(tmp_path / "a" / ".." / "a"), tmp_path / "a": "real"}
    places, links = real_places([tmp_path / "b" / "bin"])
    assert places == [(tmp_path / "real" / "bin").resolve()]
    assert {tmp_path / "a", tmp_path / "b"} <= set(links)
    with pytest.raises(FileNotFoundError):
        links_to(tmp_path / "missing")


@pytest.mark.parametrize(("fault", "expected"), [("", "every user must be able to read"), ("no", "user namespaces")])
def test_only_bubblewrap_itself_is_blamed_on_namespaces(monkeypatch, fault, expected):
    monkeypatch.setattr(advice, "bubblewrap_fault", lambda: fault)
    said = advice.how_to_cure()
    assert expected in said
    assert ("user namespaces" in said) == bool(fault)
