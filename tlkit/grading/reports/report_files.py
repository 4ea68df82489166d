"""Reports of grading: CSV, JSON, a page for the class and one for each learner.

The pages are single files without scripts or addresses of other hosts, for light and dark themes. Everything that a
learner can choose is escaped by the template engine, and a Content-Security-Policy forbids what would slip through.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tlkit.choices import did_you_mean
from tlkit.files import write_whole
from tlkit.grading.keep import SubmissionResult
from tlkit.grading.learner_names import safe_name
from tlkit.grading.reports.learning_gain import LearningGain
from tlkit.grading.reports.side_by_side import Sources, pair_page_name, side_by_side
from tlkit.grading.reports.similarity import SimilarPair
from tlkit.grading.reports.summary import ORDER, summarise
from tlkit.grading.reports.tables import awaits_person, canvas_table, csv_text, detail_table, moodle_table, reachable
from tlkit.grading.roster import Roster

__all__ = ["FORMATS", "page_name", "write_reports"]

Pairs = Mapping[str, Sequence[SimilarPair]]


def write_reports(
    results: Sequence[SubmissionResult],
    folder: Path,
    formats: Sequence[str] = ("csv", "json", "html"),
    *,
    pairs: Pairs | None = None,
    sources: Sources | None = None,
    roster: Roster | None = None,
    gain: LearningGain | None = None,
) -> list[Path]:
    """Write reports of the results into `folder`; each file is replaced in one step.

    Args:
        results: What `read_results` returns.
        folder: Made if it is missing.
        formats: Any of `FORMATS`: `csv` (`grades.csv`, a row per exercise), `json` (`grades.json`), `html`
            (`report.html` for the class, `learners/*.html`), `canvas` (`canvas.csv`), `moodle` (`moodle.csv`).
        pairs: Pairs of submissions to look at together, by lesson; shown on the page of the class only.
        sources: By learner and lesson, the answers' sources by their ids; with them each pair gets a page, in `alike/`.
        roster: Says under which login, name and id Canvas and Moodle know a learner.
        gain: What the class answered in the quiz; shown on the page of the class, and in `grades.json`.

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
    found = Found(pairs or {}, sources or {}, roster or Roster(), gain)
    texts = {name: text for chosen in formats for name, text in FORMATS[chosen](results, found).items()}
    for name, text in texts.items():
        write_whole(folder / name, text.encode(errors="backslashreplace"))
    if "html" in formats:
        _remove_stale(folder, texts)
    return [folder / name for name in texts]


@dataclass(frozen=True)
class Found:
    """What is shown beside the results: pairs that are alike, their sources, who the learners are, and the quiz."""

    pairs: Pairs
    sources: Sources
    roster: Roster
    gain: LearningGain | None = None


def _remove_stale(folder: Path, written: Mapping[str, str]) -> None:
    """Remove the pages of those who are gone: they would be taken for members of this class."""
    for page in (*(folder / "learners").glob("*.html"), *(folder / "alike").glob("*.html")):
        if f"{page.parent.name}/{page.name}" not in written:
            page.unlink(missing_ok=True)


def _csv(results: Sequence[SubmissionResult], _: Found) -> dict[str, str]:
    return {"grades.csv": csv_text(detail_table(results))}


def _json(results: Sequence[SubmissionResult], found_too: Found) -> dict[str, str]:
    found = {lesson: [asdict(pair) for pair in own] for lesson, own in found_too.pairs.items()}
    content = {"results": [asdict(result) for result in results], "similar": found}
    content |= {"quiz": asdict(found_too.gain)} if found_too.gain else {}
    return {"grades.json": json.dumps(content, indent=1, sort_keys=True) + "\n"}


def _canvas(results: Sequence[SubmissionResult], found: Found) -> dict[str, str]:
    return {"canvas.csv": csv_text(canvas_table(results, found.roster))}


def _moodle(results: Sequence[SubmissionResult], found: Found) -> dict[str, str]:
    return {"moodle.csv": csv_text(moodle_table(results, found.roster))}


def _html(results: Sequence[SubmissionResult], found: Found) -> dict[str, str]:
    templates = _templates()
    shown = [_shown(result) for result in sorted(results, key=lambda result: (result.learner, result.lesson))]
    learners = sorted({result.learner for result in results})
    pages = {learner: f"learners/{page_name(learner)}" for learner in learners}
    common = {"versions": sorted({result.version for result in results if result.version})}
    lessons = [
        asdict(lesson) | {"results": [own for own in shown if own["lesson"] == lesson.name]}
        for lesson in summarise(results)
    ]
    pairs = [
        (lesson, pair, pair_page_name(lesson, number) if found.sources else "")
        for lesson, own in found.pairs.items()
        for number, pair in enumerate(own, 1)
        if {pair.first, pair.second} <= pages.keys()
    ]
    page = templates.get_template("class.html")
    shown_too = {"pages": pages, "pairs": pairs, "num_learners": len(learners), "gain": found.gain}
    texts = {"report.html": page.render(common, results=shown, lessons=lessons, **shown_too)}
    page = templates.get_template("learner.html")
    for learner, name in pages.items():
        texts[name] = page.render(common, learner=learner, results=[own for own in shown if own["learner"] == learner])
    page = templates.get_template("pair.html")
    for lesson, pair, name in (one for one in pairs if one[2]):
        answers = side_by_side(lesson, pair, found.sources)
        texts[name] = page.render(common, lesson=lesson, pair=pair, answers=answers)
    return texts


FORMATS: dict[str, Callable[[Sequence[SubmissionResult], Found], dict[str, str]]] = {
    "csv": _csv,
    "json": _json,
    "html": _html,
    "canvas": _canvas,
    "moodle": _moodle,
}


def page_name(learner: str) -> str:
    """Return the file name of a learner's page: readable in any script, safe, and different for each learner.

    Example:

    >>> page_name("ada.l"), page_name("../Ada")
    ('ada.l.html', 'Ada-64e71463.html')
    """
    is_plain = safe_name(learner) == learner == learner.lower() and not re.search(r"-[0-9a-f]{8}$", learner)
    return f"{learner if is_plain else safe_name(f'{learner}/')}.html"


def _shown(result: SubmissionResult) -> dict:
    """Return a result as the templates want it."""
    counts = Counter(exercise.status for exercise in result.exercises)
    exercises = [asdict(exercise) | {"waits": awaits_person(exercise)} for exercise in result.exercises]
    ordered = {name: counts[name] for name in ORDER if counts[name]}
    return asdict(result) | {
        "exercises": exercises,
        "counts": ordered,
        "reachable": reachable(result),
        "counted": result.counted,
    }


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
    filters: dict[str, Any] = environment.filters
    filters["words"] = lambda status: words.get(status, status)
    filters["css"] = lambda status: status.replace(" ", "-")
    filters["number"] = lambda value: "–" if value is None else f"{round(value, 2):g}"
    return environment
