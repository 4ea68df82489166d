"""What all tests share."""

import gc
import sys

import pytest


@pytest.fixture(autouse=True)
def _free_models(request):
    """Give the memory of large models back: Keras keeps them alive until its session is cleared."""
    yield
    if request.node.get_closest_marker("slow") and "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        gc.collect()
