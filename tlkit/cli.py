"""The command line. Each subcommand imports what it needs, so that `--help` answers at once."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tlkit import __version__
from tlkit.checks.cards import Card
from tlkit.checks.record import read_record, standing_of
from tlkit.languages import ENGLISH, check_language, language
from tlkit.lessons.catalog import LessonInfo, list_lessons
from tlkit.paths import workspace_dir
from tlkit.study_command import add_predict, add_study, predict_command, study_command

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run `tlkit`; return 0 if all went well, 1 if something is wrong, 2 if the call itself is wrong."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (ValueError, OSError) as error:
        print(f"tlkit: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tlkit", description="An interactive teaching kit for transfer learning.")
    parser.add_argument("--version", action="version", version=f"tlkit {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_lab(commands)
    _add(commands, "lessons", _lessons, "list the lessons, with minutes, points and your progress")
    _add_check(commands)
    _add_grade(commands)
    add_study(_add(commands, "study", study_command, "say whether transfer helps on your photos, and make the model"))
    add_predict(_add(commands, "predict", predict_command, "name what is on photos, with the model of a study"))
    _add_course(commands)
    _add_reset(commands)
    _add(commands, "progress", _progress, "show your points, hints and predictions for each exercise")
    _add(commands, "doctor", _doctor, "report what runs where, and how to fix what doesn't")
    _add(commands, "bench", _bench, "measure how fast this machine is")
    _add_cache(commands)
    _add(commands, "backbones", _backbones, "list the backbones")
    _add(commands, "datasets", _datasets, "list the datasets")
    return parser


def _add(
    commands: "argparse._SubParsersAction", name: str, run: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _add_workspace(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dir", type=Path, metavar="FOLDER", help=f"your workspace (default: {workspace_dir()})")
    text = (
        "such as de or hi: of the lessons that are translated, and of what the kit says (default: TLKIT_LANGUAGE or en)"
    )
    parser.add_argument("--language", metavar="CODE", help=text)


def _add_lab(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "lab", _lab, "copy missing lessons into your workspace, and open JupyterLab there")
    _add_workspace(parser)
    parser.add_argument("--port", type=int, help="TCP port (default: 8888, or the next free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--prepare", action="store_true", help="only copy the lessons; do not start JupyterLab")
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="options for jupyter lab, after `--`")


def _add_check(commands: "argparse._SubParsersAction") -> None:
    text = "run your own notebooks from top to bottom, and add up the points"
    parser = _add(commands, "check", _check, text)
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that one cell may take (default: 300)")


def _add_grade(commands: "argparse._SubParsersAction") -> None:
    text = "grade notebooks that others handed in: their code runs in a sandbox, and the checks stay outside"
    parser = _add(commands, "grade", _grade, text)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="LEARNER_lesson.ipynb, or folders as nbgrader collects them"
    )
    parser.add_argument("--out", type=Path, default=Path("grades"), metavar="DIR", help="results (default: grades)")
    parser.add_argument("--resume", action="store_true", help="resume an interrupted batch in DIR")
    text = "grade one learner, or one of their exercises, again, and say what changed"
    parser.add_argument("--regrade", nargs="+", metavar=("LEARNER", "EXERCISE"), help=text)
    parser.add_argument("--jobs", type=int, help="submissions at once (default: one for each core)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds that one exercise may take (default: 60)")
    parser.add_argument("--cold", action="store_true", help="import Keras again for each submission (slow)")
    parser.add_argument("--trust", action="store_true", help="no sandbox: only for notebooks that you wrote yourself")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask cluster to grade on, such as tcp://10.0.0.5:8786")
    _add_class(parser)
    _add_reading(parser)
    _add_reports(parser)


def _add_class(parser: argparse.ArgumentParser) -> None:
    text = "CSV with login, name, e-mail, file name: gives learners' names, and shows who is missing and who is unknown"
    parser.add_argument("--roster", type=Path, metavar="CSV", help=text)
    text = "CSV with lesson and due; for an extension, learner; and received, if a file's own time is not the true one"
    parser.add_argument("--deadlines", type=Path, metavar="CSV", help=text)
    text = "percentage of the points lost for each day late (default: 0)"
    parser.add_argument("--late-penalty", type=float, default=0.0, metavar="PERCENT", help=text)
    text = "days late that cost a learner nothing, counted over all lessons (default: 0)"
    parser.add_argument("--late-days", type=int, default=0, metavar="N", help=text)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    text = "numbers instead of names in what a grader reads; names.csv in DIR tells them apart"
    parser.add_argument("--anonymous", action="store_true", help=text)
    text = "also write feedback/LEARNER--LESSON.ipynb, a copy of the notebook with feedback at each answer"
    parser.add_argument("--feedback", action="store_true", help=text)


def _add_reports(parser: argparse.ArgumentParser) -> None:
    formats = ["csv", "json", "html", "canvas", "moodle", "none"]
    text = "reports in DIR (default: csv json html)"
    parser.add_argument("--format", nargs="+", choices=formats, default=formats[:3], help=text)
    parser.add_argument("--canvas", action="store_true", help="also write canvas.csv, to import there")
    parser.add_argument("--moodle", action="store_true", help="also write moodle.csv, to import there")
    parser.add_argument("--gradebook", type=Path, metavar="DB", help="also write the points to nbgrader's gradebook")


def _add_course(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "course", _course, "fill a folder with what nbgrader needs for a course")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the course's folder (default: this one)")
    parser.add_argument("--name", default="transfer", help="its name in nbgrader's exchange (default: transfer)")


def _add_reset(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "reset", _reset, "replace a lesson with a fresh copy; yours is kept under a dated name")
    parser.add_argument("lesson", help="number or name of the lesson")
    _add_workspace(parser)


def _lab(options: argparse.Namespace) -> int:
    from tlkit.lessons.start_lab import start_lab
    from tlkit.lessons.threads import SAID
    from tlkit.lessons.translation import said_of_language
    from tlkit.lessons.workspace import open_workspace

    folder, code = _workspace(options), _language(options)
    opened = open_workspace(folder, language=code)
    if code != ENGLISH:
        print(said_of_language(code))
    for what, names in {"Added": opened.added, "Brought up to date": opened.updated}.items():
        if names:
            print(f"{what}: {', '.join(names)}")
    for name in opened.kept:
        command = f"tlkit reset {name[:2]}" + (f" --language {code}" if code != ENGLISH else "")
        print(f"Kept your {name}. There is another version: `{command}` installs it and keeps yours, too.")
    print(f"Workspace: {folder}", flush=True)
    if options.prepare:
        return 0
    print(SAID, flush=True)
    browser, others = not options.no_browser, tuple(options.options)
    return start_lab(folder, port=options.port, browser=browser, options=others, code=code)


def _lessons(options: argparse.Namespace) -> int:
    recorded = read_record()["exercises"]
    rows = [("", "Lesson", "Minutes", "Points"), *(_lesson_row(lesson, recorded) for lesson in list_lessons())]
    print(Card(f"{len(rows) - 1} lessons; `tlkit lab` opens them", rows=tuple(rows)))
    return 0


def _lesson_row(lesson: LessonInfo, recorded: dict) -> tuple[str, ...]:
    earned = sum(recorded.get(name, {}).get("points", 0.0) for name in lesson.exercises)
    return str(lesson.number), lesson.title, str(lesson.minutes), f"{earned:g} of {lesson.points:g}"


def _check(options: argparse.Namespace) -> int:
    from tlkit.lessons.selfcheck import self_check

    print("Self-check: this runs the notebook with your permissions. Check only notebooks you trust.", flush=True)
    found = [self_check(path, timeout=options.timeout) for path in options.notebooks]
    for one in found:
        rows = [(name, f"{earned:g} of {of:g}") for name, (earned, of) in one.points.items()]
        total = (sum(points) for points in zip(*one.points.values(), strict=True))
        rows.append(("all", " of ".join(f"{points:g}" for points in total) or "nothing to grade"))
        print(Card(one.path.name, one.errors, rows=(("Exercise", "Points"), *rows)))
    return 0 if all(one.is_full for one in found) else 1


def _grade(options: argparse.Namespace) -> int:
    from tlkit.grading.command import run

    return run(options)


def _course(options: argparse.Namespace) -> int:
    from tlkit.grading.course import make_course

    print(*(make_course(options.folder, options.name) or ["Nothing was missing."]), sep="\n")
    return 0


def _reset(options: argparse.Namespace) -> int:
    from tlkit.lessons.workspace import reset_lesson

    kept = reset_lesson(options.lesson, _workspace(options), language=_language(options))
    print(f"Your notebook is kept as {kept}." if kept else "You had no notebook.", "The lesson is fresh.")
    return 0


def _progress(options: argparse.Namespace) -> int:
    recorded = read_record()
    rows = [("Exercise", "Points", "Attempts", "Hints", "Prediction")]
    for lesson in list_lessons():
        for name, points in lesson.exercises.items():
            done = standing_of(recorded, name)
            guess = "" if done.prediction is None else str(done.prediction)
            rows.append((name, f"{done.points:g} of {points:g}", str(done.attempts), str(done.hints), guess))
    print(Card("Your progress", tuple(recorded["notes"]), rows=tuple(rows)))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from tlkit.doctor import examine

    problems = 0
    for finding in examine():
        print(finding, flush=True)
        problems += bool(finding.cure)
    print(f"{problems} problem{'s'[: problems != 1]}" if problems else "no problems")
    return 1 if problems else 0


def _bench(options: argparse.Namespace) -> int:
    import numpy as np

    from tlkit.backbones import load_backbone
    from tlkit.devices import benchmark, describe_devices

    print(describe_devices(), flush=True)
    model = load_backbone()
    images = np.zeros((32, 64, 64, 3), "float32")
    print(f"{model.name}, 32 images of 64 x 64: {benchmark(lambda: model.predict_on_batch(images))}")
    print("For the table of speed-ups that this kit promises, run `make bench` in the repository.")
    return 0


def _add_cache(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "cache", _cache, "list the features of frozen layers that are kept on disk")
    parser.add_argument("--clear", action="store_true", help="delete them; they are computed again when needed")


def _cache(options: argparse.Namespace) -> int:
    from tlkit.speed import clear_cache, list_cache

    if options.clear:
        print(f"{clear_cache() / 1e6:.1f} MB freed")
        return 0
    entries = list_cache()
    rows = [(entry.key[:16], str(entry.num_images), f"{entry.num_bytes / 1e6:.1f}") for entry in entries]
    print(Card(f"{len(rows)} frozen parts in the cache", rows=(("Key", "Images", "MB"), *rows) if rows else ()))
    return 0


def _backbones(options: argparse.Namespace) -> int:
    from tlkit.backbones import list_backbones, list_embedded, list_networks

    rows = [("Backbone", "Parameters", "MB", "Input", "Features", "ImageNet top-1", "Embedded weights")]
    for info in list_backbones():
        top1 = None if info.imagenet_top1 is None else f"{info.imagenet_top1:.3f}"
        numbers = (info.num_parameters, info.size_mb, info.input_size, info.num_features, top1)
        rows.append((info.name, *("–" if value is None else str(value) for value in numbers), ", ".join(info.embedded)))
    print(Card(f"{len(rows) - 1} backbones for load_backbone(name)", rows=tuple(rows)))
    rows = [("Weights", "Backbone", "Width", "Pixels", "Classes", "Accuracy on these", "Trained on")]
    for entry in list_embedded():
        accuracy, about = f"{entry.facts.get('val_accuracy', float('nan')):.1%}", entry.facts.get("about", entry.source)
        width = "–" if entry.alpha is None else f"{entry.alpha:g}"
        sizes = (width, str(entry.input_size), str(entry.num_classes))
        rows.append((entry.name, entry.architecture, *sizes, accuracy, about))
    rows.append(("random", "any", "–", "any", "–", "–", "nothing: the control that shows what training adds"))
    print(Card("\nEmbedded weights for load_backbone(weights=name), no download needed", rows=tuple(rows)))
    rows = [(entry.name, entry.facts["about"]) for entry in list_networks()]
    print(Card("\nSmall networks for load_network(name)", rows=(("Network", "Trained on"), *rows)))
    return 0


def _datasets(options: argparse.Namespace) -> int:
    from tlkit.data import list_datasets

    rows = [("Dataset", "Kind", "Classes", "Items", "Pixels", "MB", "Licence", "About")]
    for info in list_datasets(None):
        numbers = (info.num_classes or None, info.num_images, info.size or None)
        size = "download" if info.online else f"{info.num_bytes / 1e6:.2f}" if info.files else "–"
        cells = ["–" if number is None else str(number) for number in numbers]
        rows.append((info.name, info.kind, *cells, size, info.licence, info.title))
    print(Card(f"{len(rows) - 1} datasets; load_dataset(name) loads images", rows=tuple(rows)))
    rows = [(info.name, f"tlkit.data.{info.loader}()") for info in list_datasets(None) if info.kind != "images"]
    print(Card("\nOther kinds", rows=(("Dataset", "Loaded by"), *rows)))
    return 0


def _language(options: argparse.Namespace) -> str:
    return check_language(options.language) if options.language else language()


def _workspace(options: argparse.Namespace) -> Path:
    return (options.dir or workspace_dir()).expanduser().resolve()


if __name__ == "__main__":
    sys.exit(main())
