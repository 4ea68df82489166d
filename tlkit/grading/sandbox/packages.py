"""Which installed packages a learner's code needs: a list, and what each of them requires in turn."""

import functools
import re
import site
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["NEEDED", "folders_to_name", "package_places"]

# What the kit requires, except JupyterLab, what reads notebooks, and Babel, since English needs no catalogue: a test
# compares it with `pyproject.toml`.
NEEDED = (
    *("anywidget", "ipywidgets", "jinja2", "keras", "matplotlib", "numpy", "pillow", "plotly", "scikit-image"),
    *("scikit-learn", "scipy", "soundfile", "tensorflow"),
)


@functools.cache
def package_places() -> tuple[Path, ...]:
    """Return the files and folders of the packages in `NEEDED`, and of all that they require.

    Anything else that lies among the packages, whoever put it there, is left out.
    """
    return tuple(place for one in _with_requirements(NEEDED) for place in _places_of(one))


def folders_to_name(places: Iterable[Path]) -> list[str]:
    """Return the folders of packages that Python does not look into by itself: a `.pth` file of any name led there."""
    own = {*site.getsitepackages(), *([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])}
    folders = dict.fromkeys(str(place.parent) for place in places)
    return [folder for folder in sys.path if folder in folders and folder not in own]


def _with_requirements(names: Iterable[str]) -> Iterator[Distribution]:
    """Yield each distribution that is installed; what is not installed is not needed on this machine."""
    left, seen = list(names), set()
    while left:
        name = re.sub(r"[-_.]+", "-", left.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        yield found
        required = map(Requirement, found.requires or [])
        left += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]


def _places_of(found: Distribution) -> list[Path]:
    """Return the topmost files and folders of a distribution, beside its own metadata."""
    folder = Path(str(found.locate_file("")))
    record = found.read_text("RECORD")
    if record:
        names = {line.split(",")[0].strip('"').split("/")[0] for line in record.splitlines()}
    else:  # of a system's package manager
        tops = (found.read_text("top_level.txt") or found.metadata["Name"]).split()
        names = {path.name for top in tops for path in (folder / top, *folder.glob(f"{top}.*"))}
    metadata = getattr(found, "_path", None)  # older formats do not list it
    names |= {metadata.name} if metadata else set()
    names = {name for name in names if name not in ("", "..", "__pycache__") and not name.endswith(".pth")}
    return [folder / name for name in sorted(names) if (folder / name).exists()]
