"""`tlkit study` and `tlkit predict`: what is asked for, and what is said meanwhile."""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tlkit.lessons.threads import KERNEL_THREADS, SAID

if TYPE_CHECKING:
    from tlkit.study import Photos, Settings

__all__ = ["add_predict", "add_study", "as_options", "predict_command", "study_command"]


def add_study(parser: argparse.ArgumentParser) -> None:
    """Declare what `tlkit study` takes."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="photos, a folder for each class; or a zip of that")
    parser.add_argument(
        "--backbones",
        nargs="+",
        default=["photos"],
        metavar="WEIGHTS",
        help="to transfer from, as NAME or NAME@SIZE",
    )
    parser.add_argument("--size", type=int, default=64, help="side of a photo in pixels (default: 64)")
    parser.add_argument("--seeds", type=int, default=5, help="how often the photos are dealt anew (default: 5)")
    parser.add_argument("--budget-minutes", type=float, default=10, help="what it may take (default: 10)")
    parser.add_argument("--group-by", metavar="PATTERN", help="finds in a path what photos share: a site, a camera")
    parser.add_argument("--labels", type=Path, metavar="CSV", help="a table with a file and a label for each photo")
    parser.add_argument("--class-names", nargs="+", metavar="CLASS", help="the folders that are the classes")
    parser.add_argument("--min-per-class", type=int, default=10, help="photos that a class needs (default: 10)")
    parser.add_argument("--out", type=Path, default=Path("study"), metavar="DIR", help="results (default: study)")
    parser.add_argument(
        "--export",
        nargs="+",
        default=[],
        metavar="FORMAT",
        help="also write the model as litert, onnx",
    )
    parser.add_argument("--check-only", action="store_true", help="only look at the photos, and say how long it takes")
    parser.add_argument("--resume", action="store_true", help="go on with the study in DIR that was stopped")


def add_predict(parser: argparse.ArgumentParser) -> None:
    """Declare what `tlkit predict` takes."""
    parser.add_argument("model", type=Path, metavar="MODEL", help="model.keras, model.tflite or model.onnx of a study")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="photos")
    parser.add_argument("--csv", type=Path, help="also write all probabilities into this file")


def study_command(options: argparse.Namespace) -> int:
    """Run a study; return 0, or 130 if it was interrupted."""
    for name, value in KERNEL_THREADS.items():  # read when TensorFlow starts, which is later
        os.environ.setdefault(name, value)
    _write_any_name()
    with _in_words_of_the_terminal():
        return _study(options)


def _study(options: argparse.Namespace) -> int:
    from tlkit.study import Settings, check_formats, check_sources, read_study_photos, refuse_unfit

    check_formats(options.export)
    settings = Settings(
        backbones=tuple(options.backbones),
        size=options.size,
        seeds=options.seeds,
        budget_minutes=options.budget_minutes,
        group_by=options.group_by,
        labels=None if options.labels is None else str(options.labels),
        class_names=None if options.class_names is None else tuple(options.class_names),
        min_per_class=options.min_per_class,
    )
    check_sources(settings.backbones, settings.size)
    work = _work_dir(options)
    if not options.check_only:
        _check_out(options)
    if os.environ.items() >= KERNEL_THREADS.items():
        print(SAID)
    print(f"Reading {options.folder} ...", flush=True)
    line = _Line()
    try:
        photos = read_study_photos(options.folder, settings, unpack_to=work, progress=line.show)
    finally:
        line.clear()
    print(as_options(photos.describe()), flush=True)
    refuse_unfit(photos, are_named=settings.class_names is not None)
    return _check(photos, settings) if options.check_only else _run(photos, settings, options, work)


def predict_command(options: argparse.Namespace) -> int:
    """Name what is on photos, as the `predict.py` of a study does."""
    from tlkit.study.export.programs import predict

    _write_any_name()
    known = ("model.keras", "model.tflite", "model.onnx")
    if options.model.name not in known or not options.model.is_file():
        msg = f"`MODEL` must be the {', '.join(known)} of a study. Received: {options.model}. "
        msg += "Run `tlkit study FOLDER` first."
        raise ValueError(msg)
    table = [] if options.csv is None else ["--csv", str(options.csv)]
    return predict.main([*map(str, options.files), "--model", str(options.model), *table])


def _write_any_name() -> None:
    """Let names that a terminal cannot show be written in Python's way, in place of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _in_words_of_the_terminal() -> Generator[None]:
    """Let errors name options where the kit names arguments."""
    try:
        yield
    except ValueError as error:
        raise ValueError(as_options(str(error))) from error


def as_options(text: str) -> str:
    """Return what the kit says with the options of `tlkit study` in place of its arguments.

    Example:
    >>> as_options("Pass class_names=['red cat', 'dog'], or a smaller `min_per_class`.")
    "Pass --class-names 'red cat' dog, or a smaller --min-per-class."
    """
    names = "backbones|budget_minutes|class_names|group_by|labels|min_per_class|seeds|size"
    text = re.sub(r"class_names=(\[.*?\])(?=[ .,])", lambda found: f"--class-names {_words(found[1])}", text)
    text = re.sub(rf"`({names})`", lambda found: "--" + found[1].replace("_", "-"), text)
    return text.replace("`path`", "FOLDER")


def _words(names: str) -> str:
    return shlex.join(ast.literal_eval(names))


def _work_dir(options: argparse.Namespace) -> Path:
    """The folder of finished pieces; without `--resume` that of an earlier study is an error, not overwritten."""
    work = options.out / "work"
    if options.check_only or options.resume or not (work / "journal.jsonl").exists():
        return work
    msg = f"{options.out} holds a study. Pass --resume to go on with it, or another --out for a new one."
    raise ValueError(msg)


def _check_out(options: argparse.Namespace) -> None:
    """Raise an error where results cannot be written, before anything is computed."""
    out, folder = options.out.expanduser().resolve(), options.folder.expanduser().resolve()
    if folder.is_dir() and out.is_relative_to(folder):
        msg = f"--out must not lie in FOLDER: what a study writes would be read as photos and labels. Received: {out}."
        raise ValueError(msg + " Pass --out with another folder.")
    there = [name for name in ("model.keras", "report.html", "study.json") if (out / name).exists()]
    if there and not options.resume:
        msg = f"{options.out} holds {there[0]}, which would be overwritten. Pass another --out."
        raise ValueError(msg)
    if options.resume and not (out / "work" / "journal.jsonl").exists():
        print(f"There is no study in {options.out} to go on with: a new one begins.")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        msg = f"--out must be a folder that can be written to. Received: {options.out} ({error.strerror or error})."
        raise OSError(msg) from error


def _check(photos: Photos, settings: Settings) -> int:
    from tlkit.study import plan_study

    plan = plan_study(photos, settings)
    print(f"The study would take about {max(1, round(plan.seconds / 60))} minutes on this machine. {plan.reason}")
    return 0


def _run(photos: Photos, settings: Settings, options: argparse.Namespace, work: Path) -> int:
    from tlkit.study import export_study, run_study, write_report

    line, began = _Line(), time.monotonic()
    try:
        study = run_study(photos, settings, work_dir=work, progress=line.show, on_outcomes=line.tell)
    except KeyboardInterrupt:
        line.clear()
        print("Stopped. The same command with --resume goes on from here.", file=sys.stderr)
        return 130
    line.clear()
    print(*filter(None, [study.plan.reason, "", study.verdict.sentence]), sep="\n")
    test = study.test
    print(f"{study.choice.contestant} names {test.accuracy:.1%} of {len(test.labels)} test photos correctly ", end="")
    print(f"(95 % interval: {test.low:.1%} to {test.high:.1%}).", flush=True)
    report = write_report(study, options.out / "report.html", seconds=time.monotonic() - began)
    print("Written:", report, *export_study(study, options.out, root=photos.root, formats=options.export), sep="\n  ")
    return 0


class _Line:
    """One line at the bottom of the terminal that says what is being done; results stay above it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()

    def show(self, what: str, done: int, total: int) -> None:
        """Say what is being done."""
        width = shutil.get_terminal_size().columns
        bar = "█" * round(10 * done / max(total, 1))
        text = f"{time.monotonic() - self._began:5.0f} s {bar:░<10} {what} ({done} of {total})"
        if self._is_terminal:
            print(f"\r{text[: width - 1]:<{width - 1}}", end="", file=sys.stderr, flush=True)

    def tell(self, outcomes: Sequence) -> None:
        """Print the scores of one contestant."""
        self.clear()
        scores = [each.report.balanced for each in outcomes]
        each = " ".join(f"{score:.1%}" for score in scores)
        print(f"{outcomes[0].contestant:<24} {sum(scores) / len(scores):.1%} balanced accuracy ({each})", flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._is_terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
