"""Similarity of submissions: copies are found through renaming and layout; honest answers are not."""

import ast
import re
import time
from pathlib import Path

import pytest

from tlkit.grading.reports.similarity import MOST_PAIRS, similar_pairs

TABLE = Path(__file__).parent / "answers" / "lesson_01_feature_extraction.py"
ANSWER = '''
def summarise(rows):
    """Return the mean and the spread."""
    total = 0.0
    for row in rows:
        total += row.mean(axis=0) / len(rows)
    spread = max(row.max() - row.min() for row in rows)
    return total, spread
'''
GIVEN = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n"


def _planted() -> dict[str, str]:
    """Return the source of each planted answer to lesson 1, by its name: different people wrote different things."""
    text = TABLE.read_text(encoding="utf-8")
    nodes = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_source_segment(text, node) or "" for node in nodes}


def _shares(answers: dict[str, str], *, given: str = "", least: float = 0.0) -> dict[tuple[str, str], float]:
    pairs = similar_pairs({name: {"1": text} for name, text in answers.items()}, {"1": given}, least=least)
    return {(pair.first, pair.second): pair.share for pair in pairs}


@pytest.mark.parametrize(
    "copied",
    [
        ANSWER,
        re.sub(r"\b(rows|row|total|spread|summarise)\b", r"my_\1", ANSWER),
        ANSWER.replace("\n    ", "\n        ").replace("0.0", "0.0  # start here"),
        ANSWER.replace("Return the mean and the spread.", "All mine."),
    ],
)
def test_copies_are_found(copied):
    assert _shares({"ada": ANSWER, "bob": copied, "eve": GIVEN}, given=GIVEN) == {("ada", "bob"): 1.0}


def test_different_answers_to_the_same_questions_are_not():
    planted = _planted()
    pairs = [
        ("share_by_shapes", "share_by_arrays"),
        ("nearest_scaling", "matching_scaling"),
        ("extract_in_a_loop", "extract_by_predict_on_batch"),
        ("report_from_counts", "report_from_the_matrix"),
    ]
    answers = {
        who: {str(i): planted[pair[column]] for i, pair in enumerate(pairs)}
        for column, who in enumerate(("ada", "bob"))
    }
    assert similar_pairs(answers, {}) == []
    answers["eve"] = answers["ada"] | {"0": planted["share_by_flags"]}
    assert [(pair.first, pair.second) for pair in similar_pairs(answers, {}, least=0.5)] == [("ada", "eve")]


def test_what_everybody_got_counts_nothing():
    long_given = GIVEN + "\n".join(f"value_{i} = compute(rows, {i}) + {i}" for i in range(20))
    answers = {"ada": long_given + ANSWER, "bob": long_given + "\ny = 3"}
    assert _shares(answers, given=long_given) == {}
    assert _shares(answers)["ada", "bob"] > 0.3  # without taking it away, they would look alike


def test_what_a_whole_class_wrote_counts_little():
    ways = {f"own_{i:02d}": ANSWER + f"    return [{i}, " + f"row.std(), {i} ** rows, " * 6 + "]" for i in range(20)}
    pair = {"own_00": ways["own_00"], "own_01": ways["own_01"]}
    assert _shares(ways)["own_00", "own_01"] < 0.5 * _shares(pair)["own_00", "own_01"]


def test_answers_are_named_the_most_alike_first():
    alike = ANSWER.replace("total, spread", "total")
    answers = {"ada": {"1": ANSWER, "2": ANSWER, "3": "x = 1"}, "bob": {"1": alike, "2": ANSWER, "3": "y = 2"}}
    assert similar_pairs(answers, {})[0].answers == ("2", "1")


@pytest.mark.parametrize(
    "hostile", ["(" * 30_000, "def f(:\n  '", "\x00\x01", "-" * 10**6, "\n\t \t x\n  y" * 99, "\ud800", "", "f" * 10**7]
)
def test_what_is_no_python_is_no_trouble(hostile):
    start = time.perf_counter()
    assert ("ada", "bob") in _shares({"ada": ANSWER, "bob": ANSWER, "eve": hostile}, least=0.9)
    assert time.perf_counter() - start < 5


@pytest.mark.slow
def test_a_class_of_300_in_seconds():
    planted = list(_planted().values())[:8]
    answers = {f"s{i:03d}": {str(j): text.replace("0", str(i)) for j, text in enumerate(planted)} for i in range(300)}
    start = time.process_time()
    assert len(similar_pairs(answers, {}, least=0.3)) <= MOST_PAIRS
    assert time.process_time() - start < 10  # 300 learners are 44850 pairs
