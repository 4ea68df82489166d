"""What all tests share."""

import gc
import sys

import pytest


def pytest_collection_modifyitems(items):
    """With `-n 2` each file stays in one process; those that count what a sandbox leaves behind share one."""
    groups = {item: _group(item.path) for item in items}
    order = {"notebooks": 0, "sandbox": 1}  # the longest first
    items.sort(key=lambda item: order.get(groups[item], 2))
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))


def _group(path) -> str:
    if path.name == "test_notebooks.py":
        return "notebooks"
    return "sandbox" if path.name.startswith(("test_grad", "test_cluster")) else str(path)


@pytest.fixture(autouse=True)
def _free_models(request):
    """Give the memory of large models back: Keras keeps them alive until its session is cleared."""
    yield
    if request.node.get_closest_marker("slow") and "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session()
        gc.collect()
