"""A lesson in another language: its texts are translated, and everything else stays as it is.

The texts are those between the code, the docstrings of exercises and the comments of checks. Code, ids, points and
figures are those of the English lesson, so that it is graded like that one. A text whose English has changed since it
was translated is shown in English.
"""

import copy
import functools
from collections.abc import Callable
from pathlib import Path

from tlkit.languages import ENGLISH, language_name, translate
from tlkit.languages.catalogues import read_catalogue
from tlkit.languages.choice import FOLDER
from tlkit.languages.draft import DRAFT_NOTE, is_draft
from tlkit.lessons.catalog import list_lessons
from tlkit.lessons.code_texts import code_texts, with_texts
from tlkit.lessons.learner import sign
from tlkit.lessons.notebook import notebook_text, read_notebook

__all__ = ["lesson_bytes", "lesson_texts", "said_of_language", "translated"]


def lesson_bytes(path: Path, language: str) -> bytes:
    """Return the file of a shipped lesson in a language: the file itself, unless it is translated.

    Args:
        path: The shipped learner's notebook.
        language: A code, such as `"de"`.
    """
    if not _catalogue(path.stem, language).exists():
        return path.read_bytes()
    return notebook_text(translated(read_notebook(path), path.stem, language)).encode()


def translated(notebook: dict, name: str, language: str) -> dict:
    """Return the notebook with its texts in another language, and a note on the first of them if that is a draft.

    Args:
        notebook: A lesson's notebook of format 4, which is not changed.
        name: The lesson's name, such as `"00_orientation"`.
        language: A code, such as `"de"`.
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        _translate_cell(cell, functools.partial(translate, code=language))
    if is_draft(read_catalogue(_catalogue(name, language))):
        first = next(cell for cell in notebook["cells"] if _is_text(cell))
        first["source"] += f"\n\n> {translate(DRAFT_NOTE, language)}"
    notebook["metadata"].setdefault("tlkit", {})["language"] = language
    return notebook


def lesson_texts(notebook: dict) -> dict[str, list[str]]:
    """Return the texts that are translated, by the ids of their cells."""
    found = {cell["id"]: [cell["source"]] if _is_text(cell) else [] for cell in notebook["cells"]}
    graded = {cell["id"]: code_texts(cell["source"]) for cell in notebook["cells"] if _is_graded_code(cell)}
    return {name: texts for name, texts in (found | graded).items() if texts}


def _translate_cell(cell: dict, words: Callable[[str], str]) -> None:
    if _is_text(cell):
        cell["source"] = words(cell["source"])
    elif _is_graded_code(cell):
        cell["source"] = with_texts(cell["source"], words)
        sign(cell, cell["metadata"]["nbgrader"])


def _is_text(cell: dict) -> bool:
    """Whether it is text that the learner does not write."""
    return cell["cell_type"] == "markdown" and "nbgrader" not in cell["metadata"]


def _is_graded_code(cell: dict) -> bool:
    return cell["cell_type"] == "code" and "nbgrader" in cell["metadata"]


def said_of_language(code: str) -> str:
    """Return in one line which lessons are translated into a language.

    Example:
    >>> said_of_language("en")
    'All lessons are in English.'
    """
    numbers = [str(lesson.number) for lesson in list_lessons() if _catalogue(lesson.name, code).exists()]
    if code == ENGLISH or not numbers:
        return "All lessons are in English."
    several = f"Lessons {', '.join(numbers[:-1])} and {numbers[-1]}" if numbers[1:] else f"Lesson {numbers[0]}"
    return f"{several} in {language_name(code)}; the others are in English."


def _catalogue(name: str, language: str) -> Path:
    return FOLDER / language / f"{name}.po"
