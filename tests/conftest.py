"""What all tests share."""

import contextlib
import gc
import sys
import zlib

import pytest


def pytest_collection_modifyitems(items):
    """With `-n 2` one process takes the notebooks, which last longest, and the other one meanwhile all sandboxes.

    So no test that counts what sandboxes leave behind meets those of another. What lasts long begins early, so that
    neither process waits for the other one in the end.
    """
    first = (
        "test_notebooks",
        "test_grad",
        "test_cluster",
        "test_study",
        "test_backbones",
        "test_speed",
        "test_lessons",
    )
    items.sort(key=lambda item: next((at for at, name in enumerate(first) if item.path.name.startswith(name)), 9))


def pytest_collection_finish():
    """Spare the garbage collector what lives until the end: modules and tests are a million objects."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _no_old_iterators():
    """Collect after each file what it left behind.

    An iterator of tf.data that has lived for a minute may hold the process for a minute when it is freed: the thread
    that tunes it sleeps for twice as long each time, and now and then misses that it should end. An interrupted
    training leaves one in a circle of references, and the collector comes across it in the middle of another test.
    """
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def _same_draws(request):
    """Let a test draw the same numbers in every run, so that what fails once can be looked at.

    `python -m tests.mutations` and `python -m tests.grading_repeat` try the checks on numbers drawn anew.
    """
    seed = zlib.crc32(request.node.nodeid.encode())
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(seed)
    toys = sys.modules.get("tlkit.exercises.toys")
    with toys.drawn_from(seed.to_bytes(4)) if toys else contextlib.nullcontext():
        yield


@pytest.fixture(autouse=True)
def _free_models(request):
    """Give the memory of large models back: Keras keeps them alive until its session is cleared."""
    yield
    if request.node.get_closest_marker("large") and "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        gc.collect()
