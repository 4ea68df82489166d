"""Keras' own tests of callbacks and training, with plain Keras and with the kit in the place of `Model.fit`.

`python -m tests.parity` (or `make parity`) prints a row for each file and fails where a test passes plain and not with
the kit. A second run takes the kept gear wherever it can, also where nothing is frozen. The tests are those of the
installed Keras. Only those that one of the two does not pass are run with plain Keras, too: what needs other back ends,
and what this machine cannot run, does not pass plain either and does not count.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import keras

from tlkit.paths import package_root

SOURCE = Path(keras.__file__).parent / "src"
FILES = [*sorted((SOURCE / "callbacks").glob("*_test.py")), SOURCE / "trainers" / "trainer_test.py"]
APART = ("tensorboard_test.py", "orbax_checkpoint_test.py")  # they need packages that the kit does not bring
PLAIN = "plain"
WAYS = ("kit", "kept")  # the kit's `fit`; the same, in the kept gear wherever it can be
CONFTEST = "from tests.parity_plugin import skip_if_backend\n"


def copy_tests(folder: Path) -> None:
    """Copy the tests out of Keras' package, where their classes would pass for Keras' own."""
    for path in FILES:
        if path.name not in APART:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            (folder / path.name).write_text("".join(line for line in lines if line.strip() != "import jax"))
    (folder / "conftest.py").write_text(CONFTEST)


def outcomes(folder: Path, way: str, only: Iterable[tuple[str, str]] = ()) -> dict[tuple[str, str], str]:
    """`{(file, test): "passed" | "failed" | "skipped"}` with `Model.fit` of one of `WAYS`, or with plain Keras.

    Args:
        folder: Where the tests were copied.
        way: `PLAIN` or one of `WAYS`.
        only: The tests to run; by default, all.
    """
    report = folder / f"{way}.xml"
    options = ["-q", "-p", "tests.parity_plugin", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(folder)]
    environment = os.environ | {
        "TLKIT_PARITY": way,
        "PYTHONPATH": os.pathsep.join([str(package_root()), str(package_root() / "widgets"), str(folder)]),
        "TLKIT_CACHE": tempfile.mkdtemp(dir=folder),
    }
    chosen = [f"{folder / file}.py::{test.replace('.', '::', 1)}" for file, test in only] or [str(folder)]
    command = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", *chosen]
    subprocess.run(command, env=environment, cwd=folder, stdout=(folder / f"{way}.txt").open("w"), check=False)
    cases = ElementTree.parse(report).getroot().iter("testcase")
    return {(case.get("classname", "").split(".")[0], _name(case)): _outcome(case) for case in cases}


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').split('.')[-1]}.{case.get('name')}"


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    return "failed" if kinds & {"failure", "error"} else "skipped" if "skipped" in kinds else "passed"


def main() -> int:
    """Print the table; return the number of tests that only plain Keras passes."""
    with tempfile.TemporaryDirectory(prefix="parity_") as name:
        folder = Path(name)
        copy_tests(folder)
        with ThreadPoolExecutor(2) as pool:
            found = dict(zip(WAYS, pool.map(lambda way: outcomes(folder, way), WAYS), strict=True))
        gears = {way: _gears(folder / f"{way}.txt") for way in WAYS}
        tests = sorted(found["kit"].keys() | found["kept"].keys())
        doubtful = [test for test in tests if any(found[way].get(test) != "passed" for way in WAYS)]
        plain = outcomes(folder, PLAIN, doubtful) if doubtful else {}
    # What plain Keras does not know is no test of it: then something went wrong before the tests began
    lost = [(way, *test) for way in WAYS for test in doubtful
            if found[way].get(test) != "passed" and plain.get(test, "passed") == "passed"]  # fmt: skip
    print(f"{'tests of Keras ' + keras.__version__:32}" + "".join(f"{way:>8}" for way in WAYS))
    for file in [*sorted({file for file, _ in tests}), ""]:
        mine = [test for test in tests if file in ("", test[0])]
        counts = [sum(found[way].get(test) == "passed" for test in mine) for way in WAYS]
        print(f"{file or 'all':32}" + "".join(f"{count:>8}" for count in counts))
    print(f"not passed by both: {len(doubtful)}, of which plain Keras passes {len({tuple(test) for _, *test in lost})}")
    for way, said in gears.items():
        print(f"calls of fit by gear, {way}: {said}")
    for test in lost:
        print("LOST", *test)
    return len(lost)


def _gears(report: Path) -> str:
    return report.read_text().rpartition("gears: ")[2].splitlines()[0]


if __name__ == "__main__":
    sys.exit(min(main(), 1))
