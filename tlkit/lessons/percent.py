"""The text source of a lesson: a Python file in the percent format, read without jupytext.

A cell starts with a marker line and runs to the next one:

    # %% [markdown]                      text; each line starts with "# "
    # %%                                 code
    # %% exercise="1.3"                  code that the learner writes, with ### BEGIN SOLUTION / ### END SOLUTION
    # %% check="1.3" points=2            code that grades exercise 1.3; ends with `check("1.3", ...)`
    # %% [markdown] essay="1.8" points=2 text that the learner writes and a person grades
    # %% tags=["nbval-skip"]             any cell may carry tags

The file may open with a header whose one line is JSON: `#   tlkit: {"minutes": 60}`.
"""

import json
import re
from dataclasses import dataclass, field

__all__ = ["Source", "SourceCell", "parse_percent"]

_MARKER = re.compile(r"# %%(?: |$)(.*)")
_HEADER = re.compile(r"# ---\n(.*?)# ---\n", re.DOTALL)
_OPTION = re.compile(r'\s*(\w+)=("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s"\[\]]+)')
_KNOWN_OPTIONS = ("exercise", "check", "essay", "points", "tags")


@dataclass(frozen=True)
class SourceCell:
    """One cell of the text source.

    Attributes:
        kind: `"code"` or `"markdown"`.
        source: Its text, without the comment signs of a markdown cell.
        options: What its marker says: `exercise`, `check`, `essay`, `points`, `tags`.
        line: Line of its marker in the file, from 1.
    """

    kind: str
    source: str
    options: dict = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True)
class Source:
    """A parsed text source: the cells, and the `tlkit` entry of the header."""

    cells: list[SourceCell]
    metadata: dict


def parse_percent(text: str) -> Source:
    r"""Parse a lesson in the percent format.

    Raises:
        ValueError: If there is text before the first marker, or a marker has an unknown or unreadable option.

    Example:
    >>> parse_percent('# %% [markdown]\n# Why?\n\n# %% check="1.1" points=2\ncheck("1.1", 3)\n').cells[1].options
    {'check': '1.1', 'points': 2}
    """
    header = _HEADER.match(text)
    body_start = header.end() if header else 0
    first_line = text.count("\n", 0, body_start) + 1
    cells = [_make_cell(*block) for block in _split(text[body_start:].splitlines(), first_line)]
    return Source(cells, _read_header(header.group(1)) if header else {})


def _split(lines: list[str], number: int) -> list[tuple[str, list[str], int]]:
    """Return (marker's rest, lines, line number) for each cell."""
    blocks = []
    for number, line in enumerate(lines, number):  # noqa: B020 - the count goes on from the header
        if match := _MARKER.match(line):
            blocks.append((match.group(1), [], number))
        elif blocks:
            blocks[-1][1].append(line)
        elif line.strip():
            msg = f"Line {number} is before the first cell marker `# %%`. Received: {line!r}. Put a marker above it."
            raise ValueError(msg)
    return blocks


def _make_cell(marker: str, lines: list[str], number: int) -> SourceCell:
    is_markdown = marker.startswith("[markdown]")
    options = _read_options(marker.removeprefix("[markdown]"), number)
    if is_markdown:
        lines = [re.sub(r"^# ?", "", line) for line in lines]
    return SourceCell("markdown" if is_markdown else "code", "\n".join(lines).strip("\n").rstrip(), options, number)


def _read_options(text: str, number: int) -> dict:
    options, position = {}, 0
    while match := _OPTION.match(text, position):
        options[match.group(1)] = _read_value(match.group(2), number)
        position = match.end()
    unknown = [name for name in options if name not in _KNOWN_OPTIONS]
    if text[position:].strip() or unknown:
        wrong = ", ".join(unknown) or text[position:].strip()
        msg = f"The cell marker at line {number} has an option that is not known: {wrong}. Known: {_KNOWN_OPTIONS}."
        raise ValueError(msg)
    return options


def _read_value(text: str, number: int) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        msg = f'The cell marker at line {number} has a value that is not JSON: {text}. Write key="text" or key=2.'
        raise ValueError(msg) from None


def _read_header(text: str) -> dict:
    match = re.search(r"^#\s+tlkit:\s*(\{.*\})\s*$", text, re.MULTILINE)
    if not match:
        return {}
    try:
        return json.loads(match.group(1))
    except json.JSONDecodeError as error:
        msg = (
            f'The `tlkit:` line of the header must be JSON, as {{"minutes": 60}}. Received: {match.group(1)} ({error}).'
        )
        raise ValueError(msg) from None
