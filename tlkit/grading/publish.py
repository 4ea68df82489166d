"""After grading: reports, the gradebook, and a look at submissions that are alike."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from tlkit.grading.gradebook import update_gradebook, with_manual_points
from tlkit.grading.plan import lesson_names, read_plan
from tlkit.grading.report import write_reports
from tlkit.grading.results import read_results
from tlkit.grading.similarity import SimilarPair, similar_pairs
from tlkit.grading.submission import NotReadable, find_submissions, read_bytes, read_cells
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir

__all__ = ["pairs_by_lesson", "publish"]


def publish(out: Path, files: Iterable[Path], formats: Sequence[str], *, gradebook: Path | None = None) -> list[str]:
    """Write the reports of all results in `out`, and their points into a gradebook; return what to tell the user.

    Args:
        out: The output folder of `tlkit grade`.
        files: The submissions, and folders of them; read again for their similarity.
        formats: As `write_reports` takes them.
        gradebook: Of nbgrader. Points that a person gave there go into the reports.

    Raises:
        ValueError: If a format is not known or the gradebook cannot be written; the reports are there then.
    """
    results, pairs = read_results(out), pairs_by_lesson(files)
    said = [f"{path.name}: {path}" for path in write_reports(results, out, formats, pairs=pairs) if path.parent == out]
    if gradebook:
        left_out = update_gradebook(gradebook, results)
        write_reports(with_manual_points(gradebook, results), out, formats, pairs=pairs)
        said.append(f"Gradebook: {gradebook}")
        said += [f"Not in the gradebook: {reason}" for reason in left_out]
    return said


def pairs_by_lesson(files: Iterable[Path]) -> dict[str, list[SimilarPair]]:
    """Return, by lesson, the pairs of submissions to look at together."""
    answers: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    wanted = {lesson: _answer_cells(lesson) for lesson in lesson_names()}
    for found in find_submissions(files, list(wanted)):
        if found.lesson in wanted and not found.conflict:
            answers[found.lesson][found.learner] = _answers(found.path, wanted[found.lesson])
    pairs = {lesson: similar_pairs(own, _given(lesson, wanted[lesson])) for lesson, own in sorted(answers.items())}
    return {lesson: own for lesson, own in pairs.items() if own}


def _answer_cells(lesson: str) -> set[str]:
    return {name for exercise in read_plan(lesson).exercises if exercise.check for name in exercise.cells}


def _answers(path: Path, names: set[str]) -> dict[str, str]:
    try:
        code = read_cells(read_bytes(path)).code
    except NotReadable:
        return {}
    return {name: source for name, source in code.items() if name in names}


def _given(lesson: str, names: set[str]) -> dict[str, str]:
    _, learner = read_source(notebooks_dir() / "src" / f"{lesson}.py")
    return {cell["id"]: cell["source"] for cell in learner["cells"] if cell["id"] in names}
