"""After grading: reports, the gradebook, and a look at submissions that are alike."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tlkit.files import write_whole
from tlkit.grading.anonymous import numbered, numbered_pairs, numbers_of
from tlkit.grading.by_hand import read_notes, text_answers, update_notes, with_notes
from tlkit.grading.deadlines import Deadlines
from tlkit.grading.feedback import write_feedback
from tlkit.grading.find import Collected, Submission
from tlkit.grading.keep import SubmissionResult, batch_secret, read_results
from tlkit.grading.lesson_plan import lesson_names, read_plan
from tlkit.grading.reports.gradebook import update_gradebook, with_manual_points
from tlkit.grading.reports.learning_gain import learning_gain
from tlkit.grading.reports.report_files import write_reports
from tlkit.grading.reports.similarity import SimilarPair, similar_pairs
from tlkit.grading.reports.tables import csv_text
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

_IMPORTED, _BY_HAND = ("canvas", "moodle"), "by_hand.csv"

__all__ = ["Wanted", "pairs_by_lesson", "publish"]


@dataclass(frozen=True)
class Wanted:
    """What to make of the results.

    Attributes:
        formats: As `write_reports` takes them.
        gradebook: nbgrader's gradebook. Points that a person gave there go into the reports.
        deadlines: When lessons are due, and what lateness costs.
        anonymous: Whether what a grader reads has numbers instead of names; what is imported elsewhere keeps the names.
        feedback: Whether to write a copy of each notebook with feedback.
    """

    formats: Sequence[str]
    gradebook: Path | None = None
    deadlines: Deadlines = field(default_factory=Deadlines)
    anonymous: bool = False
    feedback: bool = False


def publish(out: Path, collected: Collected, wanted: Wanted) -> list[str]:
    """Write the reports of what lies in the folders, and the points into a gradebook; return what to tell the user.

    A result of a file that is gone stays in `results`, and is in no table.

    Args:
        out: The output folder of `tlkit grade`.
        collected: As it was found; submissions whose result in `out` is of the same bytes are compared with each other.
        wanted: What to write.

    Raises:
        ValueError: If a format is not known or the gradebook cannot be written; the reports are there then.
    """
    there = {(one.learner, one.lesson) for one in collected.submissions}
    every = read_results(out)
    results = [one for one in every if (one.learner, one.lesson) in there]
    said = [f"{len(every) - len(results)} results of files that are gone are in no table."][: len(every) > len(results)]
    results, numbers = wanted.deadlines.apply(results, collected.submissions), {}
    if wanted.anonymous or (out / _BY_HAND).exists():  # a table of an earlier run may hold numbers
        numbers = numbers_of(sorted({one.learner for one in results}), batch_secret(out))
    if wanted.anonymous:
        table = [["number", "learner"], *sorted((number, learner) for learner, number in numbers.items())]
        write_whole(out / "names.csv", csv_text(table).encode())
    pages = _Pages(out, collected, wanted, numbers)
    said += pages.write(results)
    if wanted.gradebook:
        left_out = update_gradebook(wanted.gradebook, results)
        pages.write(with_manual_points(wanted.gradebook, results))
        said.append(f"Gradebook: {wanted.gradebook}")
        said += [f"Not in the gradebook: {reason}" for reason in left_out]
    return said


@dataclass(frozen=True)
class _Pages:
    """Reports, feedback and the table for what a person gives, in one folder."""

    out: Path
    collected: Collected
    wanted: Wanted
    numbers: Mapping[str, str]

    def write(self, results: Sequence[SubmissionResult]) -> list[str]:
        """Write all of them; return what to tell the user."""
        by_hand = self.out / _BY_HAND
        notes, texts = read_notes(by_hand), text_answers(self.collected.submissions)
        names = {number: name for name, number in self.numbers.items()}
        notes = {(names.get(learner, learner), *rest): note for (learner, *rest), note in notes.items()}
        results = with_notes(results, notes)
        said = self._reports(results)
        lines = {(self._shown(learner), *rest): note for (learner, *rest), note in notes.items()}
        own = {(self._shown(learner), *rest): text for (learner, *rest), text in texts.items()}
        shown = [replace(one, learner=self._shown(one.learner)) for one in results]
        if lines or any(one.status == "manual" for result in results for one in result.exercises):
            write_whole(by_hand, update_notes(lines, shown, own).encode(errors="backslashreplace"))
            said.append(f"{by_hand.name}: {by_hand} (texts to read; your points and comments)")
        if self.wanted.feedback:
            said += [
                f"feedback: {self.out / 'feedback'}",
                *write_feedback(self.out / "feedback", self.collected.submissions, results),
            ]
        return said

    def _reports(self, results: Sequence[SubmissionResult]) -> list[str]:
        """Write the reports, those that are imported elsewhere under the learners' names."""
        pairs = pairs_by_lesson(self.collected.submissions, results)
        sources = {(self._shown(one.learner), one.lesson): one.code for one in self.collected.submissions}
        formats = self.wanted.formats
        elsewhere = [name for name in formats if self.wanted.anonymous and name in _IMPORTED]
        written = write_reports(results, self.out, elsewhere, roster=self.collected.roster) if elsewhere else []
        if self.wanted.anonymous:
            pairs, results = numbered_pairs(pairs, dict(self.numbers)), numbered(results, dict(self.numbers))
        here = [name for name in formats if name not in elsewhere]
        quizzes = self.collected.quizzes
        gain = learning_gain(quizzes) if quizzes else None
        written = [*write_reports(results, self.out, here, pairs=pairs, sources=sources, gain=gain), *written]
        return [f"{path.name}: {path}" for path in written if path.parent == self.out]

    def _shown(self, learner: str) -> str:
        return self.numbers.get(learner, learner) if self.wanted.anonymous else learner


def pairs_by_lesson(
    submissions: Iterable[Submission], results: Iterable[SubmissionResult]
) -> dict[str, list[SimilarPair]]:
    """Return, by lesson, the pairs of submissions to look at together, among those that have results."""
    graded = {(result.learner, result.lesson, result.sha256) for result in results}
    wanted = {lesson: _answer_cells(lesson) for lesson in lesson_names()}
    answers: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for one in submissions:
        if one.lesson in wanted and one.sha256 and (one.learner, one.lesson, one.sha256) in graded:
            own = {name: source for name, source in one.code.items() if name in wanted[one.lesson]}
            answers[one.lesson][one.learner] = own
    pairs = {lesson: _pairs(own, _given(lesson, wanted[lesson])) for lesson, own in sorted(answers.items())}
    return {lesson: own for lesson, own in pairs.items() if own}


def _pairs(answers: dict[str, dict[str, str]], given: dict[str, str]) -> list[SimilarPair]:
    try:
        return similar_pairs(answers, given)
    except Exception as error:  # a hint that cannot be had must not cost a report
        print(f"Alike submissions were not looked for: {type(error).__name__}: {error}", file=sys.stderr)
        return []


def _answer_cells(lesson: str) -> set[str]:
    return {name for exercise in read_plan(lesson).exercises if exercise.check for name in exercise.cells}


def _given(lesson: str, names: set[str]) -> dict[str, str]:
    _, learner = read_source(notebooks_dir() / "src" / f"{lesson}.py")
    return {cell["id"]: cell["source"] for cell in learner["cells"] if cell["id"] in names}
