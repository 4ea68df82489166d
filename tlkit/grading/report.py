"""Reports of grading: CSV, JSON, a page for the class and one for each learner.

The pages are single files without scripts or addresses of other hosts, in light and dark. Everything that a learner
can choose is escaped by the template engine, and a Content-Security-Policy forbids what would slip through.
"""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tlkit.checks.similar import did_you_mean
from tlkit.grading.results import SubmissionResult
from tlkit.grading.similarity import SimilarPair
from tlkit.grading.summary import ORDER, summarise
from tlkit.grading.tables import awaits_person, canvas_table, csv_text, detail_table, moodle_table, reachable

__all__ = ["FORMATS", "write_reports"]

Pairs = Mapping[str, Sequence[SimilarPair]]


def write_reports(
    results: Sequence[SubmissionResult],
    folder: Path,
    formats: Sequence[str] = ("csv", "json", "html"),
    *,
    pairs: Pairs | None = None,
) -> list[Path]:
    """Write reports of the results into `folder`; each file is replaced in one step.

    Args:
        results: What `read_results` returns.
        folder: Made if it is missing.
        formats: Any of `FORMATS`: `csv` (`grades.csv`, a row an exercise), `json` (`grades.json`), `html`
            (`report.html` for the class, `learners/*.html`), `canvas` (`canvas.csv`), `moodle` (`moodle.csv`).
        pairs: By lesson, pairs of submissions to look at together; shown on the page of the class only.

    Returns:
        The files, the page of the class first among the pages.

    Raises:
        ValueError: If a format is not known.
    """
    if unknown := [name for name in formats if name not in FORMATS]:
        msg = (
            f"`formats` must be among {', '.join(FORMATS)}. Received: {unknown[0]!r}."
            f"{did_you_mean(unknown[0], FORMATS)}"
        )
        raise ValueError(msg)
    texts = {name: text for chosen in formats for name, text in FORMATS[chosen](results, pairs or {}).items()}
    return [_write(folder / name, text) for name, text in texts.items()]


def _csv(results: Sequence[SubmissionResult], _: Pairs) -> dict[str, str]:
    return {"grades.csv": csv_text(detail_table(results))}


def _json(results: Sequence[SubmissionResult], pairs: Pairs) -> dict[str, str]:
    found = {lesson: [asdict(pair) for pair in own] for lesson, own in pairs.items()}
    content = {"results": [asdict(result) for result in results], "similar": found}
    return {"grades.json": json.dumps(content, indent=1, sort_keys=True) + "\n"}


def _canvas(results: Sequence[SubmissionResult], _: Pairs) -> dict[str, str]:
    return {"canvas.csv": csv_text(canvas_table(results))}


def _moodle(results: Sequence[SubmissionResult], _: Pairs) -> dict[str, str]:
    return {"moodle.csv": csv_text(moodle_table(results))}


def _html(results: Sequence[SubmissionResult], pairs: Pairs) -> dict[str, str]:
    templates = _templates()
    shown = [_shown(result) for result in sorted(results, key=lambda result: (result.learner, result.lesson))]
    learners = sorted({result.learner for result in results})
    pages = {learner: f"learners/{page_name(learner)}" for learner in learners}
    common = {"versions": sorted({result.version for result in results if result.version})}
    lessons = [
        asdict(lesson) | {"results": [own for own in shown if own["lesson"] == lesson.name]}
        for lesson in summarise(results)
    ]
    flat = [
        (lesson, pair) for lesson, own in pairs.items() for pair in own if {pair.first, pair.second} <= pages.keys()
    ]
    page = templates.get_template("class.html")
    texts = {
        "report.html": page.render(
            common, results=shown, lessons=lessons, pages=pages, pairs=flat, num_learners=len(learners)
        )
    }
    page = templates.get_template("learner.html")
    for learner, name in pages.items():
        texts[name] = page.render(common, learner=learner, results=[own for own in shown if own["learner"] == learner])
    return texts


FORMATS: dict[str, Callable[[Sequence[SubmissionResult], Pairs], dict[str, str]]] = {
    "csv": _csv,
    "json": _json,
    "html": _html,
    "canvas": _canvas,
    "moodle": _moodle,
}


def page_name(learner: str) -> str:
    """Return the file name of a learner's page: readable, safe, and another one for each learner.

    Example:

    >>> page_name("ada.l"), page_name("../Ada")
    ('ada.l.html', 'Ada-4e4af216.html')
    """
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", learner)[:60].strip("._")
    if safe == learner and learner.islower() and not re.search(r"-[0-9a-f]{8}$", learner):
        return f"{safe}.html"
    return f"{safe}-{sha256(learner.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}.html"


def _shown(result: SubmissionResult) -> dict:
    """Return a result as the templates want it."""
    counts = Counter(exercise.status for exercise in result.exercises)
    exercises = [asdict(exercise) | {"waits": awaits_person(exercise)} for exercise in result.exercises]
    ordered = {name: counts[name] for name in ORDER if counts[name]}
    return asdict(result) | {"exercises": exercises, "counts": ordered, "reachable": reachable(result)}


def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {
        "partial": "partly right",
        "manual": "for a person to read",
        "error": "raised an error",
        "timeout": "took too long",
    }
    environment.filters["words"] = lambda status: words.get(status, status)
    environment.filters["css"] = lambda status: status.replace(" ", "-")
    environment.filters["number"] = lambda value: "–" if value is None else f"{round(value, 2):g}"
    return environment


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp makes it private
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
