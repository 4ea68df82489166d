"""What `check`, `hint`, `predict` and `progress` show: a card in the notebook, plain text elsewhere.

The colours are JupyterLab's own CSS variables, so a card follows the theme. The state is always given in words, too.
"""

import html
from dataclasses import dataclass, field

from tlkit.checks.exercise import Exercise
from tlkit.checks.grading import Outcome
from tlkit.languages import ENGLISH, language, translate

__all__ = ["Card", "Result"]

_COLOURS = {
    "right": "var(--jp-success-color1, #2e7d32)",
    "partly": "var(--jp-warn-color1, #b26a00)",
    "wrong": "var(--jp-error-color1, #c62828)",
    "not attempted": "var(--jp-border-color1, #888)",
    "note": "var(--jp-info-color1, #0277bd)",
}
_STYLE = (
    "border-left: 4px solid {colour}; padding: 4px 12px; margin: 4px 0; color: var(--jp-content-font-color1, inherit);"
    " max-width: 46em; line-height: 1.5"
)


@dataclass(frozen=True)
class Card:
    """A short message that a notebook shows as a card.

    Attributes:
        title: First line.
        lines: The rest, as plain text; backticks mark code.
        state: `"right"`, `"partly"`, `"wrong"`, `"not attempted"` or `"note"`: it sets the colour of the edge.
        rows: Rows of a table below the lines; the first holds the headings.

    It holds English. `str` and the notebook show it in the language that is spoken.
    """

    title: str
    lines: tuple[str, ...] = ()
    state: str = "note"
    rows: tuple[tuple[str, ...], ...] = field(default=())

    def __str__(self) -> str:
        """Return the card as plain text."""
        rows = tuple(tuple(map(translate, row)) for row in self.rows)
        return "\n".join([*map(translate, (self.title, *self.lines)), *_text_table(rows)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(f"<div>{_inline(line)}</div>" for line in self.lines)
        style = _STYLE.format(colour=_COLOURS[self.state])
        spoken = "" if language() == ENGLISH else f' lang="{language()}"'
        return (
            f'<div{spoken} style="{style}"><strong>{_inline(self.title)}</strong>{body}{_html_table(self.rows)}</div>'
        )


class Result(float):
    """The points of one check: a number, which nbgrader reads as partial credit and a notebook shows as a card.

    Attributes:
        exercise: The exercise.
        state: `"right"`, `"partly"`, `"wrong"` or `"not attempted"`.
        outcomes: The outcome for each property, in order.
        notes: Sentences to add, such as that progress could not be saved.
        hints_used: How many of the three hints were used.
    """

    exercise: Exercise
    state: str
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...]
    hints_used: int

    def __new__(
        cls, exercise: Exercise, outcomes: list[Outcome], *, hints_used: int = 0, notes: tuple = ()
    ) -> "Result":
        """Make the result; without outcomes, the exercise was not attempted."""
        self = super().__new__(cls, _points(exercise, outcomes))
        self.exercise, self.outcomes, self.hints_used, self.notes = exercise, tuple(outcomes), hints_used, notes
        self.state = _state(outcomes, float(self))
        return self

    def card(self) -> Card:
        """Return the card: the points, each property in words, and an offer of the next hint."""
        said = {
            "right": f"{_number(self)} of {_number(self.exercise.points)} points",
            "not attempted": f"not attempted yet · {_number(self.exercise.points)} points to earn",
        }.get(self.state, f"{_number(self)} of {_number(self.exercise.points)} points so far")
        lines = [*_outcome_lines(self.outcomes), *self.notes, *([] if self.state == "right" else [self._next_hint()])]
        return Card(f"Exercise {self.exercise.id} · {self.exercise.title}: {said}", tuple(lines), self.state)

    def _next_hint(self) -> str:
        left = len(self.exercise.hints) - self.hints_used
        return f'Stuck? `hint("{self.exercise.id}")` helps; {left} of {len(self.exercise.hints)} hints left.'

    def __str__(self) -> str:
        """Return the card as plain text."""
        return str(self.card())

    def __reduce__(self) -> tuple:
        """Pickle and copy as the bare number."""
        return float, (float(self),)

    def _repr_html_(self) -> str:
        return self.card()._repr_html_()


def _points(exercise: Exercise, outcomes: list[Outcome]) -> float:
    """A prediction earns its share beside an answer that can do something, and nothing by itself."""
    passed = sum(outcome.passed for outcome in outcomes)
    pairs = zip(exercise.properties, outcomes, strict=False)
    can_something = any(outcome.passed and exercise.tries_an_answer(function) for function, outcome in pairs)
    if not can_something or (exercise.all_or_nothing and passed < len(outcomes)):
        return 0.0
    return round(exercise.points * passed / len(exercise.properties), 2)


def _state(outcomes: list[Outcome], points: float) -> str:
    if not outcomes:
        return "not attempted"
    if all(outcome.passed for outcome in outcomes):
        return "right"
    return "partly" if points > 0 else "wrong"


def _outcome_lines(outcomes: tuple[Outcome, ...]) -> list[str]:
    """Return a line for each property; a repeated message, such as one from the same exception, is shown once."""
    lines, seen = [], set()
    for outcome in outcomes:
        message = "see above" if outcome.message in seen else outcome.message
        seen |= {outcome.message} - {""}
        sign = "✓ passed" if outcome.passed else "✗ not yet"
        lines.append(
            " ".join(filter(None, [f"{translate(sign)}: {translate(f'{outcome.text}.')}", translate(message)]))
        )
    return lines


def _number(value: float) -> str:
    return f"{float(value):g}"


def _inline(text: str) -> str:
    """Translate, escape, and turn `code` in backticks into code."""
    parts = html.escape(translate(text)).split("`")
    if len(parts) % 2 == 0:  # the backticks do not pair up: leave the text as it is
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))


def _text_table(rows: tuple[tuple[str, ...], ...]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _html_table(rows: tuple[tuple[str, ...], ...]) -> str:
    if not rows:
        return ""
    head = _html_row(rows[0], "th")
    body = "".join(_html_row(row, "td") for row in rows[1:])
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def _html_row(row: tuple[str, ...], tag: str) -> str:
    return "<tr>" + "".join(f'<{tag} style="text-align: left">{_inline(cell)}</{tag}>' for cell in row) + "</tr>"
