"""Numbers instead of names, for whoever reads answers: the same learner has the same number in each lesson and run."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tlkit.grading.keep import SubmissionResult
from tlkit.grading.reports.similarity import SimilarPair

__all__ = ["numbered", "numbered_pairs", "numbers_of"]


def numbers_of(learners: Iterable[str], secret: bytes) -> dict[str, str]:
    """Return a number for each learner, which nobody can compute without the batch's secret.

    Example:

    >>> numbers_of(["ada", "bob"], b"secret")
    {'ada': 'learner-3c30486140', 'bob': 'learner-9c90819f88'}
    """
    return {one: f"learner-{hmac.new(secret, one.encode(), hashlib.sha256).hexdigest()[:10]}" for one in learners}


def numbered(results: Sequence[SubmissionResult], numbers: dict[str, str]) -> list[SubmissionResult]:
    """Return the results without names: neither the learner's nor the file's, which may hold it."""
    return [replace(one, learner=numbers[one.learner], file=f"{one.lesson}.ipynb") for one in results]


def numbered_pairs(pairs: dict[str, list[SimilarPair]], numbers: dict[str, str]) -> dict[str, list[SimilarPair]]:
    """Return pairs of similar submissions without names."""
    return {
        lesson: [replace(one, first=numbers[one.first], second=numbers[one.second]) for one in own]
        for lesson, own in pairs.items()
    }
