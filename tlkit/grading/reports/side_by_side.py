"""Two submissions that are alike, side by side: the lines that both have, whatever names they use, are marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tlkit.grading.reports.similarity import SimilarPair, normal_line

__all__ = ["Line", "Sources", "pair_page_name", "side_by_side"]

_LONGEST = 400  # lines of one answer
Sources = Mapping[tuple[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Line:
    """A line of an answer, and whether the other has it too."""

    text: str
    is_shared: bool


def pair_page_name(lesson: str, number: int) -> str:
    """Return the file of a lesson's pair, the most alike being number 1."""
    return f"alike/{lesson}-{number}.html"


def side_by_side(lesson: str, pair: SimilarPair, sources: Sources) -> list[tuple[str, list[Line], list[Line]]]:
    """Return, for each answer that both gave, its id and the lines of each.

    Args:
        lesson: Its name.
        pair: Two learners.
        sources: By learner and lesson, the source of each answer by its id.
    """
    first, second = sources.get((pair.first, lesson), {}), sources.get((pair.second, lesson), {})
    both = [name for name in pair.answers if name in first and name in second]
    return [(name, _lines(first[name], second[name]), _lines(second[name], first[name])) for name in both]


def _lines(source: str, other: str) -> list[Line]:
    others = {normal for line in _split(other) if (normal := normal_line(line))}
    return [Line(line, normal_line(line) in others) for line in _split(source)]


def _split(source: str) -> Sequence[str]:
    return source.encode("utf-8", "replace").decode().splitlines()[:_LONGEST]
