"""Names of the test that a parent has seen, however they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np

from tlkit.checks.exercise import Exercise, require
from tlkit.checks.held import held, in_words
from tlkit.checks.prediction import one_of
from tlkit.exercises.lesson_15_english_to_hindi.shown import LEAKS
from tlkit.exercises.trials import draws, mixed, random_names
from tlkit.translation import find_twins

__all__ = ["TWINS"]

_MARKS = {"a": "áâãä", "e": "éèêë", "i": "íîï", "o": "óôõö", "u": "úûü"}
WRITTEN = ("the same", "in capitals", "with an accent")


def _written(name: str, how: str, rng: np.random.Generator) -> str:
    """The same name, written in another way."""
    place = int(rng.integers(1, len(name) - 1))
    vowels = [row for row, letter in enumerate(name) if letter in _MARKS]
    vowel = int(rng.choice(vowels))
    accent = str(rng.choice(list(_MARKS[name[vowel]])))
    return {
        "the same": name,
        "in capitals": name.title() if rng.integers(2) else name.upper(),
        "with an accent": name[:vowel] + accent + name[vowel + 1 :],
        "with a hyphen": f"{name[:place]}-{name[place:]}",
        "with spaces": f"{name[:place]} {name[place:]}",
        "with a full stop": f"{name[:place]}. {name[place:]}",
        "with an apostrophe": f"{name[:place]}{rng.choice(['’', '‘'])}{name[place:]}",
    }[how]


def _plain(name: str) -> str:
    parts = unicodedata.normalize("NFD", name.lower())
    return "".join(letter for letter in parts if letter.isalnum())


def _draw(rng: np.random.Generator, ways: tuple[str, ...], *, in_test: bool) -> tuple[list[str], list[str], list[str]]:
    """Names to learn from, names of the test, and how each of those is a twin, or `""`."""
    names = random_names(20, rng)
    test = mixed([(name, how) for name, how in zip(names, (*ways, *[""] * 4), strict=False)], rng)
    other = [_written(name, how, rng) if how else "" for name, how in test]
    seen = [(name, new) for (name, how), new in zip(test, other, strict=True) if how]
    train = [name if in_test else new for name, new in seen] + names[12:]
    shown = [new if how and in_test else name for (name, how), new in zip(test, other, strict=True)]
    return mixed(train, rng), shown, [how for _, how in test]


def _read(twins: Callable, train: list[str], test: list[str]) -> set[int]:
    message = "Return the places of names in `test`, such as `[0, 3]`."
    received = held(twins(list(train), list(test)))
    values = received.tolist() if isinstance(received, np.ndarray) else received
    require(isinstance(values, list | tuple | set), f"{message} Received: {in_words(received)}.")
    exist = all(type(each) in (int, float) and each in range(len(test)) for each in values)
    require(exist and len(set(values)) == len(list(values)), f"{message} Received: {in_words(received)}.")
    return {int(each) for each in values}


def _expect(twins: Callable, drawn: tuple[list[str], list[str], list[str]], why: str) -> None:
    train, test, ways = drawn
    received = _read(twins, train, test)
    for place, how in enumerate(ways):
        told = f"{test[place]!r} is place {place} of the test; the names to learn from are {train[:8]} and more."
        found = next((name for name in train if _plain(name) == _plain(test[place])), "")
        twin = f"Its twin is {found!r}, written {how}, if not the same." if how else "It has no twin among them."
        twin = twin.replace("written the same, if not the same", "written the same")
        require((place in received) == bool(how), f"{told} {twin} {why}")


def the_same_name_is_a_twin(twins):
    """A name that is in both lists is a twin, and one in the test alone is none."""
    for rng in draws(4):
        drawn = _draw(rng, ("the same",) * int(rng.integers(3, 6)), in_test=False)
        _expect(twins, drawn, "Compare each name of the test with all names to learn from.")


def capitals_and_accents_do_not_matter(twins):
    """Capital letters and accents do not make another name."""
    for rng in draws(4):
        ways = ("in capitals", "with an accent", "the same", "with an accent", "in capitals")
        for in_test in mixed([False, True], rng):
            why = "Write both in lower case, and take the accents off: `unicodedata.normalize`."
            _expect(twins, _draw(rng, ways, in_test=in_test), why)


def spaces_and_marks_do_not_matter(twins):
    """Spaces, hyphens and full stops do not make another name."""
    for rng in draws(4):
        ways = ("with a hyphen", "with spaces", "with a full stop", "with an apostrophe", "the same")
        for in_test in mixed([False, True], rng):
            _expect(twins, _draw(rng, ways, in_test=in_test), "Keep letters and digits only.")


def _expect_digits_and_order(twins: Callable, rng: np.random.Generator) -> None:
    """Another digit, or the same letters in another order, make another name; each twin counts, also the second."""
    one, two, three, other = random_names(4, rng)
    first, second = (int(each) for each in rng.choice(np.arange(1, 10), 2, replace=False))
    train = mixed([f"{one} {first}", f"{two}{three}", *random_names(5, rng)], rng)
    ways = [(f"{one} {second}", ""), (f"{one}{first}", "without the space"), (f"{three}{two}", "")]
    ways += [(f"{two}{three}".upper(), "in capitals"), (f"{two} {three}", "with spaces"), (f"{other} {first}", "")]
    test, how = zip(*mixed(ways, rng), strict=True)
    _expect(twins, (train, list(test), list(how)), "Letters and digits count, in their order, for each test name.")


def a_part_of_a_name_is_no_twin(twins):
    """A name that only begins alike, or holds another one, is no twin."""
    for rng in draws(4):
        train, test, ways = _draw(rng, WRITTEN, in_test=False)
        longer = [f"{name} {rng.choice(['hills', 'north', 'bay'])}" for name in mixed(test, rng)[:3]]
        halves = [name[:3] for name in mixed(test, rng)[:3]]
        _expect(twins, (mixed([*train, *longer, *halves], rng), test, ways), "The whole names have to be the same.")
        _expect_digits_and_order(twins, rng)


def reconciles_the_leak(leak, prediction):
    """Your prediction is compared with your own run."""
    fine = isinstance(leak, dict) and set(leak) == {"clean", "leaking"}
    require(fine, "`leak` must hold the share of letters wrong of both parents, as measured.")
    gain = 100 * (leak["clean"] - leak["leaking"])
    told = ", ".join(f"{name} {value:.0%} wrong" for name, value in leak.items())
    return f"You predicted {prediction!r}. Measured: {told}: the leak seems worth {gain:.1f} points."


TWINS = Exercise(
    id="15.8",
    title="Names that were seen",
    points=2,
    prediction=one_of(*LEAKS),
    given={
        "leak": lambda rng: {"clean": float(rng.uniform(0.3, 0.35)), "leaking": float(rng.uniform(0.2, 0.3))},
    },
    kit_has=(find_twins,),
    hints=(
        "Write both lists plainly first: lower case, without accents, letters and digits only.",
        "`unicodedata.normalize('NFKD', name.lower())` puts accents behind their letters, as marks of their own.",
        "`''.join(letter for letter in ... if letter.isalnum())`; then look each name of the test up in a set.",
    ),
    properties=(
        the_same_name_is_a_twin,
        capitals_and_accents_do_not_matter,
        spaces_and_marks_do_not_matter,
        a_part_of_a_name_is_no_twin,
        reconciles_the_leak,
    ),
)
