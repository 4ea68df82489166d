"""What all tests share."""

import gc
import sys

import pytest


def pytest_collection_modifyitems(items):
    """With `-n 2` one process takes the notebooks, which last longest, and the other one meanwhile all sandboxes.

    So no test that counts what sandboxes leave behind meets those of another.
    """
    first = ("test_notebooks", "test_grad", "test_cluster")
    items.sort(key=lambda item: next((at for at, name in enumerate(first) if item.path.name.startswith(name)), 9))


@pytest.fixture(autouse=True)
def _free_models(request):
    """Give the memory of large models back: Keras keeps them alive until its session is cleared."""
    yield
    if request.node.get_closest_marker("slow") and "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        gc.collect()
