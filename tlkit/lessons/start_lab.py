"""Start JupyterLab on the workspace, with the kit's settings and without touching the user's own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tlkit.languages import VARIABLE, language
from tlkit.lessons.catalog import list_lessons
from tlkit.lessons.threads import KERNEL_THREADS
from tlkit.paths import package_root

__all__ = ["CONTENTS", "SETTINGS", "lab_command", "lab_environment", "start_lab"]

SETTINGS = Path(__file__).resolve().parent / "lab_settings"
# Opens a notebook whose kernel is gone with its pictures. Named, not imported: the core has no widgets.
CONTENTS = "tlkit_widgets.saved.Contents"


def start_lab(
    folder: Path,
    *,
    port: int | None = None,
    browser: bool = True,
    options: tuple[str, ...] = (),
    code: str | None = None,
) -> int:
    """Run JupyterLab until the user stops it; return its exit status."""
    command = lab_command(folder, port=port, browser=browser, options=options)
    with subprocess.Popen(command, cwd=folder, env=lab_environment(folder, code)) as server:
        signal.signal(signal.SIGTERM, lambda *_: server.terminate())  # otherwise, the server would outlive this command
        while True:
            try:
                return server.wait()
            except KeyboardInterrupt:  # Ctrl-C reaches the server, too, which asks whether to stop
                continue


def lab_command(
    folder: Path, *, port: int | None = None, browser: bool = True, options: tuple[str, ...] = ()
) -> list[str]:
    """Return the command that opens the first lesson of the workspace.

    Args:
        folder: The workspace.
        port: TCP port; by default, JupyterLab takes 8888 or the next free one.
        browser: Whether JupyterLab opens a browser.
        options: Further options for `jupyter lab`.
    """
    first = next((lesson.path.name for lesson in list_lessons()), None)
    return [
        *(sys.executable, "-m", "jupyterlab"),
        *([f"--LabApp.default_url=/lab/tree/{first}"] if first else []),  # the address that it prints leads there, too
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.app_settings_dir={SETTINGS}",
        f"--ServerApp.contents_manager_class={CONTENTS}",
        *([f"--port={port}"] if port is not None else []),
        *([] if browser else ["--no-browser"]),
        *(["--allow-root"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),  # as in most containers
        *options,
    ]


def lab_environment(folder: Path, code: str | None = None) -> dict[str, str]:
    """Return an environment in which the server and its kernels find the kit and record progress in the workspace.

    Args:
        folder: The workspace.
        code: The language that the kit speaks there, such as `"de"`; by default, the one that it speaks here.
    """
    root = package_root()
    search = [str(root), str(root / "widgets"), os.environ.get("PYTHONPATH", "")]
    return {
        **KERNEL_THREADS,
        **os.environ,
        "TLKIT_HOME": str(folder / ".tlkit"),
        "TLKIT_WORKSPACE": str(folder),
        VARIABLE: code or language(),
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
    }
