"""What checks say to planted answers, right and wrong ones, in other languages: whole, and no word left in English."""

import re
import runpy
from pathlib import Path

import pytest

from tlkit.checks.testing import assert_right, assert_wrong
from tlkit.languages import translate

TABLES = Path(__file__).parent / "answers"
QUOTED = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\w+Error: [^()]*""")
ENGLISH = re.compile(r"\b(the|of|is|are|you|your|which|must|not|Received)\b")


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["00_orientation", "01_feature_extraction"])
def test_all_that_checks_say_is_translated(lesson):
    tables = runpy.run_path(str(TABLES / f"lesson_{lesson}.py"))["ANSWERS"]
    said = {text for exercise, answers in tables.items() for text in _said(exercise, answers)}
    assert len(said) > 60
    for code in ("de", "hi"):
        assert [text for text in said if translate(text, code) == text] == []
        assert [text for text in said if ENGLISH.search(QUOTED.sub("", translate(text, code)))] == []


def _said(exercise: str, answers: dict) -> set[str]:
    given = {"prediction": answers["prediction"]} if "prediction" in answers else {}
    results = [assert_right(exercise, answer, **given) for answer in answers["right"]]
    results += [assert_wrong(exercise, answer, match, **given) for answer, match in answers["wrong"]]
    outcomes = [outcome for result in results for outcome in result.outcomes]
    return {text for outcome in outcomes for text in (f"{outcome.text}.", outcome.message) if text}
