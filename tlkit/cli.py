"""The command line. Each subcommand imports what it needs, so that `--help` answers at once."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tlkit import __version__
from tlkit.checks.cards import Card
from tlkit.checks.record import read_record
from tlkit.lessons.catalog import LessonInfo, list_lessons
from tlkit.paths import workspace_dir

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run `tlkit`; return 0 if all went well, 1 if something is not as it should be, 2 for a wrong call."""
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
    _add_reset(commands)
    _add(commands, "progress", _progress, "show your points, hints and predictions, exercise by exercise")
    _add(commands, "doctor", _doctor, "say what runs where, and how to cure what does not")
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


def _add_lab(commands: "argparse._SubParsersAction") -> None:
    parser = _add(
        commands, "lab", _lab, "copy the lessons that you lack into your workspace, and open JupyterLab there"
    )
    _add_workspace(parser)
    parser.add_argument("--port", type=int, help="TCP port (default: 8888, or the next that is free)")
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--prepare", action="store_true", help="only copy the lessons; do not start JupyterLab")
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="options for jupyter lab, after `--`")


def _add_check(commands: "argparse._SubParsersAction") -> None:
    text = "run your own notebooks from top to bottom, and count the points"
    parser = _add(commands, "check", _check, text)
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--timeout", type=int, default=300, help="seconds that one cell may take (default: 300)")


def _add_grade(commands: "argparse._SubParsersAction") -> None:
    text = "grade notebooks that others handed in: their code runs in a sandbox, the checks stay outside"
    parser = _add(commands, "grade", _grade, text)
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="LEARNER_lesson.ipynb, or folders as nbgrader collects them"
    )
    parser.add_argument("--out", type=Path, default=Path("grades"), metavar="DIR", help="results (default: grades)")
    parser.add_argument("--resume", action="store_true", help="go on with the batch in DIR that was stopped")
    parser.add_argument("--jobs", type=int, help="submissions at once (default: one for each core)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds that one exercise may take (default: 60)")
    parser.add_argument("--cold", action="store_true", help="import Keras anew for each submission (slow)")
    parser.add_argument("--trust", action="store_true", help="no sandbox: only for notebooks that you wrote yourself")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster to grade on, as tcp://10.0.0.5:8786")
    _add_reports(parser)


def _add_reports(parser: argparse.ArgumentParser) -> None:
    formats = ["csv", "json", "html", "canvas", "moodle", "none"]
    text = "reports in DIR (default: csv json html)"
    parser.add_argument("--format", nargs="+", choices=formats, default=formats[:3], help=text)
    parser.add_argument("--canvas", action="store_true", help="also write canvas.csv, to import there")
    parser.add_argument("--moodle", action="store_true", help="also write moodle.csv, to import there")
    parser.add_argument("--gradebook", type=Path, metavar="DB", help="also write the points to nbgrader's gradebook")


def _add_reset(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "reset", _reset, "put a fresh lesson in place of yours, which is kept under a dated name")
    parser.add_argument("lesson", help="number or name of the lesson")
    _add_workspace(parser)


def _lab(options: argparse.Namespace) -> int:
    from tlkit.lessons.lab import start_lab
    from tlkit.lessons.workspace import open_workspace

    folder = _workspace(options)
    opened = open_workspace(folder)
    for what, names in {"Added": opened.added, "Brought up to date": opened.updated}.items():
        if names:
            print(f"{what}: {', '.join(names)}")
    for name in opened.kept:
        print(f"Kept your {name}. There is a newer one: `tlkit reset {name[:2]}` takes it, and keeps yours beside it.")
    print(f"Workspace: {folder}", flush=True)
    if options.prepare:
        return 0
    return start_lab(folder, port=options.port, browser=not options.no_browser, options=tuple(options.options))


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

    print("Self-check: this runs the notebook with your rights. Check only notebooks that you trust.", flush=True)
    found = [self_check(path, timeout=options.timeout) for path in options.notebooks]
    for one in found:
        rows = [(name, f"{earned:g} of {of:g}") for name, (earned, of) in one.points.items()]
        total = (sum(points) for points in zip(*one.points.values(), strict=True))
        rows.append(("all", " of ".join(f"{points:g}" for points in total) or "nothing to grade"))
        print(Card(one.path.name, one.errors, rows=(("Exercise", "Points"), *rows)))
    return 0 if all(one.is_full for one in found) else 1


def _grade(options: argparse.Namespace) -> int:
    from tlkit.grading.batch import GradingFailed
    from tlkit.grading.command import grade_files

    batch = {"mode": "open" if options.trust else "cold" if options.cold else "preload"}
    batch |= {"exercise_seconds": options.timeout, "submission_seconds": 5 * options.timeout}
    try:
        done = grade_files(
            options.files,
            options.out,
            resume=options.resume,
            scheduler=options.scheduler,
            batch_options=batch | ({"jobs": options.jobs} if options.jobs else {}),
        )
    except GradingFailed as failure:
        print(f"tlkit: {failure}", file=sys.stderr)
        return 2
    print(f"{len(done)} submissions graded; results: {options.out / 'results'}")
    _publish(options)
    return 0 if all(result.status == "graded" for result in done) else 1


def _publish(options: argparse.Namespace) -> None:
    from tlkit.grading.publish import publish

    chosen = [name for name in options.format if name != "none"]
    chosen += [name for name in ("canvas", "moodle") if getattr(options, name)]
    print(*publish(options.out, options.files, list(dict.fromkeys(chosen)), gradebook=options.gradebook), sep="\n")


def _reset(options: argparse.Namespace) -> int:
    from tlkit.lessons.workspace import reset_lesson

    kept = reset_lesson(options.lesson, _workspace(options))
    print(f"Your notebook is kept as {kept}." if kept else "There was no notebook of yours.", "The lesson is fresh.")
    return 0


def _progress(options: argparse.Namespace) -> int:
    recorded = read_record()
    rows = [("Exercise", "Points", "Attempts", "Hints", "Prediction")]
    for lesson in list_lessons():
        for name, points in lesson.exercises.items():
            entry = recorded["exercises"].get(name, {})
            guess = str(entry.get("prediction", {}).get("answer", ""))
            counts = (str(entry.get("attempts", 0)), str(entry.get("hints", 0)))
            rows.append((name, f"{entry.get('points', 0):g} of {points:g}", *counts, guess))
    print(Card("Your progress", tuple(recorded["notes"]), rows=tuple(rows)))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from tlkit.doctor import examine

    problems = 0
    for finding in examine():
        print(finding, flush=True)
        problems += bool(finding.cure)
    print(f"{problems} problems" if problems else "no problems")
    return 1 if problems else 0


def _bench(options: argparse.Namespace) -> int:
    import numpy as np

    from tlkit.backbones import load_backbone
    from tlkit.devices import benchmark, describe_devices

    print(describe_devices(), flush=True)
    model = load_backbone()
    images = np.zeros((32, 64, 64, 3), "float32")
    print(f"{model.name}, 32 images of 64 x 64: {benchmark(lambda: model.predict_on_batch(images))}")
    print("The table of ratios that this kit promises: `make bench`, in the repository.")
    return 0


def _add_cache(commands: "argparse._SubParsersAction") -> None:
    parser = _add(commands, "cache", _cache, "list the features of frozen layers that are kept on disk")
    parser.add_argument("--clear", action="store_true", help="delete them; they are computed again when needed")


def _cache(options: argparse.Namespace) -> int:
    from tlkit.speed import clear_cache, list_cache

    if options.clear:
        print(f"{clear_cache() / 1e6:.1f} MB set free")
        return 0
    entries = list_cache()
    rows = [(entry.key[:16], str(entry.num_images), f"{entry.num_bytes / 1e6:.1f}") for entry in entries]
    print(Card(f"{len(rows)} frozen parts in the cache", rows=(("Key", "Images", "MB"), *rows) if rows else ()))
    return 0


def _backbones(options: argparse.Namespace) -> int:
    from tlkit.backbones import list_backbones, list_embedded

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
    rows.append(("random", "any", "–", "any", "–", "–", "nothing: the control that says what training has done"))
    print(Card("\nEmbedded weights for load_backbone(weights=name), no network needed", rows=tuple(rows)))
    return 0


def _datasets(options: argparse.Namespace) -> int:
    from tlkit.data import list_datasets

    rows = [("Dataset", "Classes", "Images", "Pixels", "Network", "About")]
    for info in list_datasets():
        images = "–" if info.num_images is None else str(info.num_images)
        network = "first use" if info.online else "never"
        rows.append((info.name, str(info.num_classes), images, str(info.size), network, info.title))
    print(Card(f"{len(rows) - 1} datasets for load_dataset(name)", rows=tuple(rows)))
    return 0


def _workspace(options: argparse.Namespace) -> Path:
    return (options.dir or workspace_dir()).expanduser().resolve()


if __name__ == "__main__":
    sys.exit(main())
