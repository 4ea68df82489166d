"""A course's folder as nbgrader wants it: the lessons in `source/`, and the settings that the kit needs."""

from pathlib import Path

from tlkit.lessons.catalog import list_lessons
from tlkit.paths import notebooks_dir

__all__ = ["SORT_ONLY", "make_course"]

# With these, `nbgrader autograde` files what was handed in: it runs no learner's code, and gives no points.
SORT_ONLY = ["nbgrader.preprocessors.AssignLatePenalties", "nbgrader.preprocessors.CheckCellMetadata"]
_SETTINGS = '''"""nbgrader in this folder: `tlkit course` wrote this once; change it as you like."""

from tlkit.grading.course import SORT_ONLY

c = get_config()

c.CourseDirectory.course_id = "{name}"
# `nbgrader autograde` then runs no learner's code and gives no points: `tlkit grade` does, in a sandbox.
c.Autograde.autograde_preprocessors = SORT_ONLY
'''


def make_course(folder: Path, name: str = "transfer") -> list[str]:
    """Fill `folder` with what nbgrader needs for a course; what is there already stays as it is.

    Args:
        folder: The course's folder. Made if it does not exist.
        name: The course's name in nbgrader's exchange.

    Returns:
        What was added, as paths below `folder`.

    Raises:
        ValueError: If the name cannot be that of a folder in the exchange.
        OSError: If `folder` cannot be written.
    """
    if not name.isprintable() or not name.strip(" .") or set(name) & set('/\\+*"{}'):
        msg = f"The course's name must be one word that can name a folder. Received {name!r}. Take letters and digits."
        raise ValueError(msg)
    files = {
        f"source/{one.path.stem}/{one.path.name}": _solution(one.path.name) for one in list_lessons() if one.points
    }
    files["nbgrader_config.py"] = _SETTINGS.format(name=name).encode()
    return [path for path, data in files.items() if _write_new(folder / path, data)]


def _solution(name: str) -> bytes:
    return (notebooks_dir() / "solutions" / name).read_bytes()


def _write_new(path: Path, data: bytes) -> bool:
    """Write a file unless there is one, and say whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        return False
    return True
