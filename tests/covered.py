"""Print how much of each package the tests ran: `python -m tests.covered`, after a run of pytest with `--cov`.

What runs in other processes (the kernels of notebooks, the sandbox, the browser) is not counted: a low figure in
`tlkit_widgets` or `tlkit.grading` says less than a low one elsewhere.
"""

from collections import Counter
from pathlib import Path

from coverage import Coverage

from tlkit.checks.cards import Card
from tlkit.paths import package_root

__all__ = ["by_package"]


def by_package(measured: Coverage) -> dict[str, tuple[int, int]]:
    """Return, for each package, how many lines ran, of how many that could."""
    could, ran = Counter(), Counter()
    for name in filter(lambda name: name.endswith(".py"), measured.get_data().measured_files()):  # no templates
        _, lines, _, missing, _ = measured.analysis2(name)
        could[_package(Path(name))] += len(lines)
        ran[_package(Path(name))] += len(lines) - len(missing)
    return {package: (ran[package], could[package]) for package in sorted(could)}


def _package(path: Path) -> str:
    """Return `tlkit.data` for a file in it, and `tlkit` for a file that is in no package below."""
    return ".".join(path.relative_to(package_root()).parts[:-1][:2]).replace("widgets.", "")


def main() -> None:
    """Print the table of `by_package`."""
    measured = Coverage()
    measured.load()
    if not measured.get_data().measured_files():
        print("Coverage was not measured: before Python 3.12 that takes long; `make coverage` does it.")
        return
    found = by_package(measured)
    found["all"] = tuple(map(sum, zip(*found.values(), strict=True)))
    rows = [(name, f"{ran:,} of {could:,}", f"{ran / could:.0%}") for name, (ran, could) in found.items() if could]
    print(Card("Lines that the tests ran", rows=(("Package", "Lines", ""), *rows)))


if __name__ == "__main__":
    main()
