"""A variant of an exercise for each learner: the same question on other numbers, so that a copied result is wrong.

A checker that wants variants draws from the learner's own generator, in the notebook and in the grader alike:

    rng = np.random.default_rng(variant_seed(learner_id(), "2.3"))
    limit = rng.integers(20, 60)

In the notebook the learner is who the environment says (`learner_id`); the grader works as the learner whose submission
it grades (`working_as`). Hidden inputs stay random at each run: a variant shapes the question, never the key.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator

__all__ = ["learner_id", "variant_seed", "working_as"]

_NAMES = ("TLKIT_LEARNER", "JUPYTERHUB_USER")


def learner_id() -> str:
    """Return who works here: `TLKIT_LEARNER`, else `JUPYTERHUB_USER`, else an empty text, the variant of everybody."""
    return next((os.environ[name] for name in _NAMES if os.environ.get(name)), "")


def variant_seed(learner: str, exercise: str) -> int:
    """Return the seed of a learner's variant of an exercise.

    It depends on nothing else: neither on the machine, nor on Python's hash seed, nor on the order of the class.

    Args:
        learner: The learner's id, as the file or folder of the submission names it.
        exercise: As `"1.3"`.

    Returns:
        An integer in [0, 2**63), the first bits of a SHA-256.

    Example:

    >>> variant_seed("ada", "1.3") % 100, variant_seed("bob", "1.3") % 100
    (12, 18)
    """
    text = json.dumps([learner, exercise])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


@contextlib.contextmanager
def working_as(learner: str) -> Iterator[None]:
    """Let `learner_id()` be `learner` while the block runs.

    Example:

    >>> with working_as("ada"):
    ...     learner_id()
    'ada'
    """
    before = os.environ.get(_NAMES[0])
    os.environ[_NAMES[0]] = learner
    try:
        yield
    finally:
        os.environ.pop(_NAMES[0])
        if before is not None:
            os.environ[_NAMES[0]] = before
