"""JupyterLab as a process of its own, apart from the settings of whoever runs the tests."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tlkit.lessons.threads import KERNEL_THREADS

__all__ = ["JupyterServer"]

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": False},
}


class JupyterServer:
    """JupyterLab on a port that the system chooses, with a token and directories of its own."""

    def __init__(self, home: Path):
        self.home, self.root, self.token = home, home / "work", secrets.token_hex(16)
        for folder in ("work", "app_settings", "home"):
            (home / folder).mkdir()
        (home / "app_settings" / "overrides.json").write_text(json.dumps(SETTINGS))
        self._log = (home / "server.log").open("w")
        self.process = subprocess.Popen(
            self._command(), env=self._environment(), cwd=self.root, stdout=self._log, stderr=subprocess.STDOUT
        )
        self.url = self._wait()

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"),
            f"--IdentityProvider.token={self.token}",
            f"--ServerApp.root_dir={self.root}",
            f"--LabApp.app_settings_dir={self.home / 'app_settings'}",
            f"--LabApp.user_settings_dir={self.home / 'settings'}",
            f"--LabApp.workspaces_dir={self.home / 'workspaces'}",
            "--ServerApp.contents_manager_class=tlkit_widgets.saved.Contents",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        own = {f"JUPYTER_{name.upper()}_DIR": str(self.home / name) for name in ("config", "data", "runtime")}
        path = os.pathsep.join([str(ROOT), str(ROOT / "widgets"), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
        home = {"HOME": str(self.home / "home"), "IPYTHONDIR": str(self.home / "ipython"), "PYTHONPATH": path}
        home |= {"TLKIT_HOME": str(self.home / "progress")}  # else the learner's own record of this repository
        return {**KERNEL_THREADS, **os.environ, **own, **home, "TF_CPP_MIN_LOG_LEVEL": "3"}

    def _wait(self, seconds: float = 300) -> str:
        info = self.home / "runtime" / f"jpserver-{self.process.pid}.json"
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError):  # not written yet, half written, or not answering yet
                url = f"http://127.0.0.1:{json.loads(info.read_text())['port']}"
                urlopen(f"{url}/api/status?token={self.token}", timeout=2).close()
                return url
            time.sleep(0.1)
        self.stop()
        pytest.fail("JupyterLab did not start:\n" + (self.home / "server.log").read_text()[-3000:])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._log.close()
