"""Notebooks that are opened without the kernel that drew them: their pictures, not "model not found".

JupyterLab shows the live view of a widget rather than the picture beside it, also where no kernel holds the widget any
more. `jupyter lab --ServerApp.contents_manager_class=tlkit_widgets.saved.Contents` opens such a notebook by its
pictures. Files stay as they are until they are saved.
"""

import os
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
    """The files of Jupyter Server, but a notebook whose kernel is gone is opened by its pictures."""

    async def get(self, path: str, content: bool = True, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the server's own, with `strip_views` where the kernel that drew the live views no longer runs."""
        model = await super().get(path, content, *args, **kwargs)
        if content and model["type"] == "notebook":
            started = await self._kernel_started(path.strip("/"))
            # A kernel that is younger than the file did not draw what is in it
            if started is None or started > model["last_modified"].timestamp():
                strip_views(model["content"])
        return model

    async def _kernel_started(self, path: str) -> float | None:
        """When the kernel of a notebook began, by the file that says how to reach it; `None` without a kernel."""
        server: Any = self.parent
        manager = getattr(server, "session_manager", None)
        sessions = await manager.list_sessions() if manager else []
        kernel = next((session["kernel"]["id"] for session in sessions if session["path"] == path), None)
        if kernel is None:
            return None
        return os.path.getmtime(server.kernel_manager.get_kernel(kernel).connection_file)
