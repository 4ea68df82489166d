"""The locks of `make test-oldest` and `test-newest` keep to the ranges in pyproject.toml; the oldest are their ends."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tlkit.paths import package_root

ROOT = package_root()
LOCKS = ["oldest", "newest"]
PYTHONS = ["3.11", "3.12", "3.13"]
each_lock = pytest.mark.parametrize("lock", LOCKS)


def _lines(lock: str) -> list[str]:
    """Return the pins of a lock, without its comments."""
    text = (ROOT / "tests" / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


def _pinned(lock: str, python: str) -> dict[str, Version]:
    """Return the version of each package that a lock installs with a version of Python."""
    here = {"python_version": python, "python_full_version": f"{python}.9"}
    pins = [pin for pin in map(Requirement, _lines(lock)) if pin.marker is None or pin.marker.evaluate(here)]
    return {canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in pins}


def _asked_for() -> list[Requirement]:
    """Return what the kit and its tests ask for, with what the extras that `test` names ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*map(Requirement, project["dependencies"]), *_of_extra(project["optional-dependencies"], "test")]


def _of_extra(extras: dict[str, list[str]], name: str) -> Iterator[Requirement]:
    for item in map(Requirement, extras[name]):
        if item.name == "tlkit":
            yield from (each for extra in sorted(item.extras) for each in _of_extra(extras, extra))
        else:
            yield item


def _least(item: Requirement) -> Version:
    """Return the lower end of a range."""
    return next(Version(part.version) for part in item.specifier if part.operator in (">=", "=="))


@each_lock
def test_a_lock_has_versions_alone(lock):
    assert [line for line in _lines(lock) if not re.fullmatch(r"[a-z0-9._-]+==[\w.]+( ; [^@:]+)?", line)] == []


@each_lock
@pytest.mark.parametrize("python", PYTHONS)
def test_a_lock_keeps_to_the_ranges(lock, python):
    pinned = _pinned(lock, python)
    outside = {
        str(item): str(pinned.get(canonicalize_name(item.name)))
        for item in _asked_for()
        if canonicalize_name(item.name) not in pinned
        or not item.specifier.contains(pinned[canonicalize_name(item.name)], prereleases=True)
    }
    assert outside == {}


def test_the_oldest_lock_sits_at_each_lower_end():
    """Otherwise a range would promise a version that nobody has tried."""
    pinned = _pinned("oldest", PYTHONS[0])
    above = {str(item): str(pinned[canonicalize_name(item.name)]) for item in _asked_for()
             if pinned[canonicalize_name(item.name)] != _least(item)}  # fmt: skip
    assert above == {}


def test_the_newest_lock_is_newer_where_it_differs():
    oldest, newest = (_pinned(lock, PYTHONS[0]) for lock in LOCKS)
    assert newest["keras"] > oldest["keras"]
    assert [item.name for item in _asked_for() if newest[item.name.lower()] < oldest[item.name.lower()]] == []
