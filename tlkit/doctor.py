"""What runs where, and what doesn't: one line for each finding, and a fix for each problem."""

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tlkit.devices import describe_devices, num_cores
from tlkit.paths import cache_dir, data_dir, home_dir, notebooks_dir, workspace_dir

__all__ = ["Finding", "examine"]

_LEAST_PYTHON, _FIRST_UNTRIED_PYTHON = (3, 11), (3, 14)
_LEAST_FREE_GB = 2.0
_WIDGETS = ("@jupyter-widgets/jupyterlab-manager", "anywidget")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor.

    Attributes:
        what: What was looked at.
        found: What was found.
        cure: What to do; empty if there is no problem.
    """

    what: str
    found: str
    cure: str = ""

    def __str__(self) -> str:
        """Return the line, with the fix below it."""
        return f"[{'problem' if self.cure else 'ok'}] {self.what}: {self.found}" + (
            f"\n          fix: {self.cure}" if self.cure else ""
        )


def examine() -> Iterator[Finding]:
    """Check everything, one finding at a time; a check that fails is itself a problem. Imports TensorFlow."""
    for look in _LOOKS:
        try:
            yield from look()
        except Exception as error:
            name = look.__name__.strip("_").replace("_", " ")
            yield Finding(name, f"{type(error).__name__}: {error}", "reinstall: pip install --force-reinstall tlkit")


def _python() -> Iterator[Finding]:
    version = sys.version_info[:2]
    fits = _LEAST_PYTHON <= version < _FIRST_UNTRIED_PYTHON
    cure = "" if fits else "create the environment with Python 3.11, 3.12 or 3.13"
    yield Finding("Python", f"{sys.version.split()[0]} ({sys.executable}), {num_cores()} cores", cure)


def _packages() -> Iterator[Finding]:
    for name in ("tensorflow", "keras", "jupyterlab", "ipywidgets", "anywidget", "plotly"):
        try:
            yield Finding(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Finding(name, "not installed", f"pip install {name}")


def _devices() -> Iterator[Finding]:
    found = describe_devices()
    import keras  # comes second: the first import is silenced there

    yield Finding("GPU", ", ".join(found.gpus) or f"none: {found.why_no_gpu}")
    yield Finding("precision", found.dtype_policy)
    backend = keras.backend.backend()
    cure = "" if backend == "tensorflow" else "unset KERAS_BACKEND, and set it to tensorflow in ~/.keras/keras.json"
    yield Finding("Keras' backend", backend, cure)


def _widgets() -> Iterator[Finding]:
    from jupyter_core.paths import jupyter_config_path, jupyter_path

    disabled = _disabled_extensions([Path(folder) for folder in jupyter_config_path()])
    for name in _WIDGETS:
        places = [Path(folder) / name for folder in jupyter_path("labextensions")]
        is_there = any((place / "package.json").is_file() for place in places)
        if name in disabled:
            yield Finding(f"extension {name}", "disabled", f"jupyter labextension enable {name}")
        elif not is_there:
            package = "jupyterlab_widgets" if "manager" in name else name
            yield Finding(f"extension {name}", "missing", f"pip install --force-reinstall {package}")
        else:
            yield Finding(f"extension {name}", "enabled")


def _disabled_extensions(folders: list[Path]) -> set[str]:
    """Return the lab extensions that a page_config.json disables; it lists them, or maps each to true."""
    disabled: set[str] = set()
    for path in (folder / "labconfig" / "page_config.json" for folder in folders):
        if path.is_file():
            listed = json.loads(path.read_text(encoding="utf-8")).get("disabledExtensions", {})
            disabled |= {name for name in listed if not isinstance(listed, dict) or listed[name]}
    return disabled


def _embedded_files() -> Iterator[Finding]:
    folder = data_dir()
    yield _intact("embedded data", folder, json.loads((folder / "index.json").read_text(encoding="utf-8")))
    index = folder / "weights" / "weights.json"
    if index.is_file():
        entries = json.loads(index.read_text(encoding="utf-8"))["weights"]
        files = {facts.get("file", f"{name}.npz"): facts for name, facts in entries.items()}
        yield _intact("embedded weights", index.parent, files)
    else:
        yield Finding("embedded weights", f"no {index}", "reinstall tlkit, or restore the file from the repository")


def _intact(what: str, folder: Path, index: dict[str, dict]) -> Finding:
    """Compare each file with the SHA-256 of its entry."""
    damaged = [name for name, entry in index.items() if _sha256(folder / name) != entry["sha256"]]
    if damaged:
        return Finding(what, f"missing or damaged: {', '.join(damaged)}", f"restore these files in {folder}")
    return Finding(what, f"{len(index)} files, intact by SHA-256")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def _lessons() -> Iterator[Finding]:
    count = len(list(notebooks_dir().glob("[0-9][0-9]_*.ipynb")))
    yield Finding("lessons", f"{count} in {notebooks_dir()}", "" if count else "reinstall tlkit: it has no lessons")


def _folders() -> Iterator[Finding]:
    for what, folder in {"workspace": workspace_dir(), "progress": home_dir()}.items():
        writable = os.access(_nearest(folder), os.W_OK)
        cure = "" if writable else "choose a writable folder: set TLKIT_WORKSPACE or TLKIT_HOME"
        yield Finding(what, str(folder) if folder.exists() else f"{folder} (not made yet)", cure)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest existing folder above it."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _caches() -> Iterator[Finding]:
    for what, folder in {"cache": cache_dir(), "Keras' cache": Path.home() / ".keras"}.items():
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        yield Finding(what, f"{size:.1f} MB in {folder}" if folder.exists() else f"empty ({folder})")


def _sandbox() -> Iterator[Finding]:
    """Only grading other people's notebooks needs the sandbox, so its absence is not a problem."""
    program = shutil.which("bwrap")
    if program is None:
        yield Finding("sandbox", "none: bubblewrap is not installed (needed only to grade other people's notebooks)")
        return
    trial = [program, "--unshare-all", "--ro-bind", "/", "/", "--cap-drop", "ALL", "true"]
    try:
        result = subprocess.run(trial, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Finding("sandbox", f"bubblewrap does not start here: {error}")
        return
    refused = f"bubblewrap is not allowed here: {result.stderr.strip()}"
    yield Finding("sandbox", refused if result.returncode else f"available ({program})")


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(_nearest(workspace_dir())).free / 1e9
    yield Finding("disk", f"{free:.1f} GB free", "" if free >= _LEAST_FREE_GB else f"free {_LEAST_FREE_GB:g} GB")


_LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _devices,
    _widgets,
    _embedded_files,
    _lessons,
    _folders,
    _caches,
    _sandbox,
    _disk,
)
