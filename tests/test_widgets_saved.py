"""Notebooks opened by their pictures where no kernel holds their widgets."""

import asyncio
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


@pytest.mark.parametrize(("path", "is_live"), [("a.ipynb", True), ("other.ipynb", False)])
def test_with_its_kernel_the_live_view_comes_back(contents, monkeypatch, path, is_live):
    async def list_sessions():
        return [{"path": path}]

    server = Configurable()
    server.session_manager = SimpleNamespace(list_sessions=list_sessions)
    monkeypatch.setattr(Contents, "parent", server)
    assert (VIEW in kinds(contents)[0]) == is_live


def test_other_files_and_folders_are_as_ever(contents):
    assert asyncio.run(contents.get("b.txt"))["content"] == "no notebook"
    assert {entry["name"] for entry in asyncio.run(contents.get(""))["content"]} == {"a.ipynb", "b.txt"}
    assert asyncio.run(contents.get("a.ipynb", content=False))["content"] is None
