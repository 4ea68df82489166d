"""What some tests need of the machine. Where `CI` is set, a test whose need is not met fails: a skip would hide it."""

import os

import pytest

from tlkit.grading.sandbox.advice import sandbox_advice

__all__ = ["NEEDS_SANDBOX", "give_up"]

NEEDS_SANDBOX = pytest.mark.skipif(
    bool(sandbox_advice()) and not os.environ.get("CI"), reason=f"no sandbox here: {sandbox_advice()}"
)


def give_up(reason: str) -> None:
    """Skip the running test for want of something on this machine; fail it where `CI` is set."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {reason}", pytrace=False)
    pytest.skip(reason)
