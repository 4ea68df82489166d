"""Where the sandbox's Python and its libraries lie, and what leads there: they may lie anywhere, and move."""

import os
import sys
import sysconfig
from collections.abc import Collection, Iterable
from pathlib import Path

__all__ = ["folders_of_packages", "library_places", "links_to", "real_places", "standard_library"]

_SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/local/lib64", "/lib", "/lib32", "/lib64")
_OF_LOADER = ("/etc/ld.so.cache", "/etc/alternatives")
_PACKAGES = ("site-packages", "dist-packages")


def standard_library() -> list[Path]:
    """Return the interpreter and the folders of its standard library."""
    settings = [Path(prefix, "pyvenv.cfg") for prefix in (sys.prefix, sys.exec_prefix)]
    modules = [Path(os.__file__).parent, *(Path(path) for path in sys.path if path.endswith("lib-dynload"))]
    return [path for path in dict.fromkeys((Path(sys.executable), *settings, *modules)) if path.exists()]


def library_places() -> list[Path]:
    """Return where the loader looks for shared libraries: the system's folders, and those of this Python."""
    own = [Path(prefix, name) for prefix in (sys.base_prefix, sys.base_exec_prefix) for name in ("lib", "lib64")]
    linked = [Path(sysconfig.get_config_var("LIBDIR") or "/lib")]  # where this Python was built to look for its own
    return [path for path in dict.fromkeys((*map(Path, (*_SYSTEM, *_OF_LOADER)), *own, *linked)) if path.exists()]


def folders_of_packages() -> set[Path]:
    """Return the real folders of Python's modules and packages that lie in those of libraries, of any Python."""
    homes = (home for folder in library_places() for home in (*folder.glob("python*"), *folder.glob("pypy*")))
    own = (Path(os.__file__).parent / name for name in _PACKAGES)
    return {path.resolve() for path in (*homes, *own) if path.is_dir()}


def links_to(path: Path) -> dict[Path, str]:
    """Return the symbolic links on the way to a path, each with what it says; their own folders are real ones.

    Raises:
        FileNotFoundError: If the path does not exist.
    """
    path.stat()  # a circle of links raises here
    found: dict[Path, str] = {}
    here, left = Path("/"), list(path.absolute().parts[1:])
    while left:
        name = left.pop(0)
        here = here.parent if name == ".." else here / name
        if here.is_symlink():
            found[here] = os.readlink(here)
            whole = Path(here.parent, found[here])
            here, left = Path("/"), [*whole.parts[1:], *left]
    return found


def real_places(paths: Iterable[Path], covered: Collection[Path] = frozenset()) -> tuple[list[Path], dict[Path, str]]:
    """Return where paths really are, and the links that lead there and are in none of these places.

    Args:
        paths: Files and folders.
        covered: Real folders in which nothing can be seen but those of these paths that lie there.
    """
    paths = list(paths)
    real = dict.fromkeys(path.resolve() for path in paths)
    links = {link: text for path in paths for link, text in links_to(path).items()}
    return list(real), {link: text for link, text in links.items() if not _is_seen(link, real, covered)}


def _is_seen(link: Path, shown: Collection[Path], covered: Collection[Path]) -> bool:
    nearest = next((parent for parent in link.parents if parent in shown or parent in covered), None)
    return nearest in shown
