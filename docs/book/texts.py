"""The pages that are texts: the first one, the documentation, and the cards of the data sets and weights."""

import re
import shutil
from pathlib import Path

from tlkit.lessons.catalog import list_lessons

__all__ = ["write_texts"]

PAGES = Path(__file__).resolve().parent / "pages"
DOCUMENTS = ("docs/pitfalls.md", "docs/instructors.md", "CONTRIBUTING.md", "CHANGELOG.md")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)]*)\)")


def write_texts(root: Path, source: Path) -> None:
    """Write all pages that are texts into `source`."""
    for path in PAGES.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (source / path.name).write_text(text.replace("{lessons}", _table()), encoding="utf-8")
    for name in DOCUMENTS:
        _copy(root / name, source / f"{Path(name).stem.lower()}.md")
    _write_cards(root / "datasets" / "cards", source / "cards")


def _table() -> str:
    rows = [
        f"| {lesson.number} | [{lesson.title}](lessons/{lesson.name}.ipynb) | {lesson.minutes} |"
        for lesson in list_lessons()
    ]
    return "\n".join(["| | lesson | minutes |", "|---|---|---|", *rows])


def _copy(path: Path, to: Path) -> None:
    """Copy a text; a link to a file that is not in the book keeps its words only."""
    to.write_text(_LINK.sub(r"\1", path.read_text(encoding="utf-8")), encoding="utf-8")


def _write_cards(cards: Path, folder: Path) -> None:
    folder.mkdir()
    names = []
    for path in sorted(cards.iterdir()):
        if path.suffix == ".md":
            _copy(path, folder / path.name)
            names.append(path.stem)
        else:
            shutil.copyfile(path, folder / path.name)
    contents = ["# Data sets and weights", "", "```{toctree}", ":maxdepth: 1", "", *names, "```", ""]
    (folder / "index.md").write_text("\n".join(contents), encoding="utf-8")
