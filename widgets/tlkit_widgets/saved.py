"""Notebooks that are opened without the kernel that drew them: their pictures, not "model not found".

JupyterLab shows the live view of a widget rather than the picture beside it, also where no kernel holds the widget any
more. `jupyter lab --ServerApp.contents_manager_class=tlkit_widgets.saved.Contents` opens such a notebook by its
pictures. Files stay as they are until they are saved.
"""

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

__all__ = ["Contents", "strip_views"]

VIEW = "application/vnd.jupyter.widget-view+json"


def strip_views(notebook: dict[str, Any]) -> int:
    """Take the live view out of each output that has a picture too, in place; returns how many.

    >>> strip_views({"cells": [{"outputs": [{"data": {VIEW: {}, "image/png": ""}}, {"data": {VIEW: {}}}]}, {}]})
    1
    """
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    found = [output["data"] for output in outputs if {VIEW, "image/png"} <= set(output.get("data", {}))]
    for data in found:
        del data[VIEW]
    return len(found)


class Contents(AsyncLargeFileManager):
    """The files of Jupyter Server, but a notebook that no kernel runs is opened by its pictures."""

    async def get(self, path: str, content: bool = True, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the server's own, with `strip_views` where no session has this notebook."""
        model = await super().get(path, content, *args, **kwargs)
        if content and model["type"] == "notebook" and not await self._is_running(path):
            strip_views(model["content"])
        return model

    async def _is_running(self, path: str) -> bool:
        manager = getattr(self.parent, "session_manager", None)
        sessions = await manager.list_sessions() if manager else []
        return any(session["path"] == path.strip("/") for session in sessions)
