"""Begin a lesson: `python -m tlkit.lessons.new 05 choosing_a_source`.

It makes the room of its exercises, the source of its notebook, the table of planted answers and the test in a browser.
Each of them fails, and says what is missing, until it is written.
"""

import argparse
import re
import sys
from pathlib import Path
from string import Template

from tlkit.paths import notebooks_dir, package_root

__all__ = ["make_lesson"]

_FRAME = Path(__file__).parent / "frame"
_NEXT = """Next: write what these files ask for, then
  python -m tlkit.lessons.build --execute {number:02d}     names what breaks the style of lessons
  pytest tests/test_lessons_answers.py            names what the planted answers lack
  pytest tests/browser/test_lesson_{number:02d}.py         opens the lesson in a browser"""


def make_lesson(number: int, topic: str, *, root: Path | None = None) -> list[Path]:
    """Make the files of a new lesson; no existing file is changed.

    Args:
        number: From 0 to 89; later ones are for demonstrations.
        topic: Some words in small letters, joined by `_`, as `"choosing_a_source"`.
        root: The repository; the one that holds this package by default.

    Returns:
        The files.

    Raises:
        ValueError: If there is such a lesson already, or `number` or `topic` cannot name one.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", topic) or not 0 <= number < 90:
        msg = (
            "A lesson is named by a number below 90 and a topic, as 5 and 'choosing_a_source'. "
            f"Received: {number}, {topic!r}."
        )
        raise ValueError(msg)
    root = root or package_root()
    _require_free(number, root)
    name = f"{number:02d}_{topic}"
    words = topic.replace("_", " ")
    values = {"name": name, "room": f"lesson_{name}", "number": number, "first": f"{number}.1", "words": words}
    texts = {
        path: Template((_FRAME / f"{part}.txt").read_text(encoding="utf-8")).substitute(
            values, title=words.capitalize()
        )
        for part, path in _files(name, root).items()
    }
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _files(name: str, root: Path) -> dict[str, Path]:
    """Return, for each part of the frame, where it goes."""
    room = root / "tlkit" / "exercises" / f"lesson_{name}"
    return {
        "init": room / "__init__.py",
        "shown": room / "shown.py",
        "first": room / "first.py",
        "source": root / "notebooks" / "src" / f"{name}.py",
        "answers": root / "tests" / "answers" / f"lesson_{name}.py",
        "browser": root / "tests" / "browser" / f"test_lesson_{name[:2]}.py",
    }


def _require_free(number: int, root: Path) -> None:
    folders = {"notebooks/src": f"{number:02d}_*", "tlkit/exercises": f"lesson_{number:02d}_*"}
    folders |= {"tests/answers": f"lesson_{number:02d}_*", "tests/browser": f"test_lesson_{number:02d}.py"}
    taken = [path for folder, pattern in folders.items() for path in (root / folder).glob(pattern)]
    if taken:
        msg = f"Lesson {number} is there already: {taken[0].relative_to(root)}. Take another number, or go on with it."
        raise ValueError(msg)


def main(arguments: list[str] | None = None) -> int:
    """Make the files of the lesson that the arguments name; return 0, or 1 if there can be none."""
    parser = argparse.ArgumentParser(prog="python -m tlkit.lessons.new", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("number", type=int, metavar="NN", help="number of the lesson, such as 05")
    parser.add_argument("topic", help="its topic, such as choosing_a_source")
    options = parser.parse_args(arguments)
    if notebooks_dir().parent != package_root():
        print("An installed copy has no sources of lessons. Run this in a clone of the repository.", file=sys.stderr)
        return 1
    try:
        paths = make_lesson(options.number, options.topic)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(*paths, _NEXT.format(number=options.number), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
