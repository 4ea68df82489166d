"""Notebooks opened by their pictures where no kernel holds their widgets."""

import asyncio
import os
from types import SimpleNamespace

import nbformat
import pytest
from tlkit_widgets.saved import VIEW, Contents
from traitlets.config import Configurable


@pytest.fixture
def contents(tmp_path):
    """Two outputs: one with a picture beside the live view, one without."""
    new = nbformat.v4
    bundles = [{VIEW: {"model_id": "1"}, "image/png": "aGk=", "text/plain": "a"}, {VIEW: {"model_id": "2"}}]
    cells = [new.new_code_cell("x", outputs=[new.new_output("display_data", data=data) for data in bundles])]
    nbformat.write(new.new_notebook(cells=[new.new_markdown_cell("y"), *cells]), tmp_path / "a.ipynb")
    (tmp_path / "b.txt").write_text("no notebook")
    return Contents(root_dir=str(tmp_path))


def kinds(contents) -> list[set[str]]:
    model = asyncio.run(contents.get("a.ipynb"))
    return [set(output["data"]) for output in model["content"]["cells"][1]["outputs"]]


def test_without_a_kernel_there_are_pictures(contents):
    assert kinds(contents) == [{"image/png", "text/plain"}, {VIEW}]  # what has no picture stays as it is


@pytest.mark.parametrize(
    ("path", "started", "is_live"), [("a.ipynb", -60, True), ("a.ipynb", 60, False), ("other.ipynb", -60, False)]
)
def test_with_the_kernel_that_drew_it_the_live_view_comes_back(contents, tmp_path, monkeypatch, path, started, is_live):
    async def list_sessions():
        return [{"path": path, "kernel": {"id": "k"}}]

    connection = tmp_path / "kernel-k.json"
    connection.write_text("{}")
    began = (tmp_path / "a.ipynb").stat().st_mtime + started  # seconds before or after the notebook was saved
    os.utime(connection, (began, began))
    server = Configurable()
    server.session_manager = SimpleNamespace(list_sessions=list_sessions)
    kernels = {"k": SimpleNamespace(connection_file=str(connection))}
    server.kernel_manager = SimpleNamespace(get_kernel=kernels.__getitem__)
    monkeypatch.setattr(Contents, "parent", server)
    assert (VIEW in kinds(contents)[0]) == is_live


def test_other_files_and_folders_are_as_ever(contents):
    assert asyncio.run(contents.get("b.txt"))["content"] == "no notebook"
    assert {entry["name"] for entry in asyncio.run(contents.get(""))["content"]} == {"a.ipynb", "b.txt"}
    assert asyncio.run(contents.get("a.ipynb", content=False))["content"] is None
