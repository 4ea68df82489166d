"""Measure how fast the kit is, and write the table of `README.md`.

python -m tests.benchmarks                 all rows, 5 times each (about an hour on two cores)
python -m tests.benchmarks --repeats 1     once
python -m tests.benchmarks --only head_10  one row; the others stay as they are
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

README = Path(__file__).with_name("README.md")
ROOT = README.parents[2]
BEGIN, END = "<!-- table: written by python -m tests.benchmarks -->", "<!-- end of table -->"

# name, what, way measured, way compared with, how many times faster it should be
ROWS = [
    ("head_10", "head on the frozen embedded backbone, 1,000 images, 10 epochs", "fast", "plain", 6),
    ("head_50", "the same, 50 epochs", "fast", "plain", 20),
    ("head_10_naive", "the first row against `predict`, then `fit` of a head on the features", "fast", "naive", 1),
    (
        "head_10_keras_limit",
        "the first row against `predict` and `fit`, warm",
        "fast",
        "naive_warm",
        1 / 1.3,
    ),
    ("head_10_limit", "the first row against its own pass and head, warm", "fast", "limit", 1 / 1.3),
    ("kept_10", "head with a loss of one's own (the second gear), 10 epochs", "fast", "plain", 4),
    ("kept_50", "head with a loss of one's own (the second gear), 50 epochs", "fast", "plain", 8),
    ("move_line", "back to a freeze line tried before, until the first epoch is over", "fast", "plain", 10),
    ("tune", "fine-tuning the last two blocks, 1,000 images, 5 epochs", "fast", "plain", 2),
    ("probes", "heads over 5 seeds x 5 label budgets, 10 epochs each", "fast", "plain", 20),
    ("together", "heads over 10 seeds x 4 label budgets, 10 epochs each, side by side", "fast", "plain", 100),
    ("seeds", "10 seeds x 4 budgets side by side against one seed x 4: at most twice the cost", "fast", "one", 1 / 2),
    ("large_head_10", "MobileNetV2 1.0 at 160 px, 300 images: head, 10 epochs", "fast", "plain", 6),
    ("large_head_50", "the same, 50 epochs", "fast", "plain", 20),
    ("large_tune", "the same: last two blocks, 5 epochs", "fast", "plain", 2),
]


BOUND_MB = (
    192  # TensorFlow's own for a first training, about 110, the limit of features in memory, 64, and 16 of images
)


def measure(work: str, way: str) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks.work", work, way]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode:
        sys.exit(f"{work} {way} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def median(runs: list[dict], key: str) -> float:
    return statistics.median(run[key] for run in runs)


def alternate(pairs: list[tuple[str, str]], repeats: int) -> list[list[dict]]:
    """The runs of each (work, way), in turn, so that a change of the machine's load meets all alike."""
    runs: list[list[dict]] = [[] for _ in pairs]
    for _ in range(repeats):
        for mine, (work, way) in zip(runs, pairs, strict=True):
            mine.append(measure(work, way))
    return runs


def ratio_row(row: tuple, repeats: int) -> str:
    name, what, way, other, goal = row
    work = name.removesuffix("_naive").removesuffix("_limit").removesuffix("_keras")
    mine, theirs = alternate([(work, way), (work, other)], repeats)
    cpu, wall = (median(theirs, key) / median(mine, key) for key in ("cpu", "wall"))
    seconds = f"{median(theirs, 'cpu'):.2f} | {median(mine, 'cpu'):.2f} | {median(mine, 'wall'):.2f}"
    verdict = "yes" if cpu >= goal else "**no**"
    return f"| {what} | {seconds} | {cpu:.1f} ({wall:.1f}) | {goal:.2g} | {verdict} |"


def growth_row(repeats: int) -> str:
    small, big = alternate([("grow_1000", "fast"), ("grow_10000", "fast")], repeats)
    growth = median(big, "cpu") / median(small, "cpu") / 10
    seconds = f"{median(small, 'cpu'):.2f} | {median(big, 'cpu'):.2f} | {median(big, 'wall'):.2f}"
    what = f"1,000 to 10,000 images, over linear; peak memory over the images' own: {median(big, 'over'):.0f} MB"
    return f"| {what} | {seconds} | {growth:.2f} | at most 1.1 | {'yes' if growth <= 1.1 else '**no**'} |"


def memory_row(repeats: int) -> str:
    small, big = alternate([("memory_10000", "fast"), ("memory_100000", "fast")], repeats)
    growth, over = median(big, "cpu") / median(small, "cpu") / 10, median(big, "over")
    seconds = f"{median(small, 'cpu'):.2f} | {median(big, 'cpu'):.2f} | {median(big, 'wall'):.2f}"
    what = (
        f"10,000 to 100,000 images of a stream, over linear; features {median(big, 'features'):.0f} MB on disk; memory "
        f"grows by {over:.0f} MB, at 10,000 by {median(small, 'over'):.0f}"
    )
    verdict = "yes" if growth <= 1.1 and over <= BOUND_MB else "**no**"
    return f"| {what} | {seconds} | {growth:.2f} | at most 1.1, {BOUND_MB} MB | {verdict} |"


def live_row(repeats: int) -> str:
    without, recorded = alternate([("live", "plain"), ("live", "recorded")], repeats)
    cost = median(recorded, "cpu") / median(without, "cpu") - 1
    seconds = f"{median(without, 'cpu'):.2f} | {median(recorded, 'cpu'):.2f} | {median(recorded, 'wall'):.2f}"
    verdict = "yes" if cost <= 0.02 else "**no**"
    return f"| `CurveRecorder` in 8 epochs of plain `fit` | {seconds} | {100 * cost:+.1f} % | at most 2 % | {verdict} |"


def import_row(repeats: int) -> str:
    def seconds(*arguments: str) -> float:
        times = []
        for _ in range(max(repeats, 3)):
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    empty = seconds("-c", "pass")
    package, tool = seconds("-c", "import tlkit"), seconds("-m", "tlkit.cli", "--help")
    more = max(package, tool) - empty
    verdict = "yes" if more <= 0.3 else "**no**"
    what = "`import tlkit`; `tlkit --help`: wall seconds over an empty interpreter"
    return f"| {what} | {empty:.2f} | {package:.2f}; {tool:.2f} | | {more:+.2f} s | at most 0.3 s | {verdict} |"


def machine(repeats: int) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("keras", "tensorflow", "numpy"))
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {versions}; median of "
        f"{repeats}; load of the machine at the start {load:.1f}; {time.strftime('%Y-%m-%d')}."
    )


HEADER = (
    "| work | compared with: CPU s | here: CPU s | here: wall s | times faster in CPU time (wall) | goal | met |\n"
    "|---|---|---|---|---|---|---|"
)


def write(rows: dict[str, str], note: str) -> None:
    """Replace the rows that were measured; keep the others."""
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    old, after = rest.split(END)
    old_rows = [line for line in old.splitlines() if line.endswith("--> |")]
    lines = {line.rsplit("<!--", 1)[1].removesuffix("--> |"): line for line in old_rows}
    lines |= {name: f"{row[:-1]}<!--{name}--> |" for name, row in rows.items()}
    table = "\n".join([HEADER, *lines.values()])
    part = README.with_suffix(".part")
    part.write_text(f"{before}{BEGIN}\n\n{table}\n\n{note}\n\n{END}{after}", encoding="utf-8")
    part.replace(README)


def main() -> None:
    makers = {row[0]: lambda n, row=row: ratio_row(row, n) for row in ROWS}
    makers |= {"growth": growth_row, "memory": memory_row, "live": live_row, "import": import_row}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(makers), default=list(makers))
    options = parser.parse_args()
    note = machine(options.repeats)
    for name in options.only:
        row = makers[name](options.repeats)
        print(row, flush=True)
        write({name: row}, note)


if __name__ == "__main__":
    main()
