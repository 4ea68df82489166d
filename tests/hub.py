"""The example configuration of docs/jupyterhub as a process on loopback, with a folder and ports of its own."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

__all__ = ["CONFIG", "Hub"]

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "docs" / "jupyterhub" / "jupyterhub_config.py"
AS_ROOT = ["--Spawner.args=--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        return [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(number)]


class Hub:
    """The hub as a process of its own group, and clients that log in."""

    def __init__(self, folder: Path, *options: str):
        outer, inner, proxy = (f"http://127.0.0.1:{port}" for port in _free_ports(3))
        self.url, self.folder, self.password = outer, folder, "only for this test"
        own = {"TLKIT_HUB": str(folder / "hub"), "TLKIT_HUB_PASSWORD": self.password, "TLKIT_HUB_URL": outer}
        ports = {"TLKIT_HUB_INNER_URL": inner, "TLKIT_HUB_PROXY_URL": proxy}
        path = os.pathsep.join([str(ROOT), str(ROOT / "widgets")])
        self.log = (folder / "hub.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG), *AS_ROOT, *options],
            env={**os.environ, **own, **ports, "PYTHONPATH": path},
            cwd=folder,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def read(self, opener: OpenerDirector, path: str, data: dict | None = None) -> str:
        body = urlencode(data).encode() if data else None
        with opener.open(f"{self.url}{path}", body, timeout=60) as answer:
            return answer.read().decode()

    def wait(self, opener: OpenerDirector, path: str, *, until: str, seconds: float = 150) -> str:
        end, text = time.monotonic() + seconds, ""
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError):
                text = self.read(opener, path)
                if until in text:
                    return text
            time.sleep(0.3)
        self.log.flush()
        pytest.fail(f"{path} did not show {until!r}:\n{text[-500:]}\n{(self.folder / 'hub.log').read_text()[-4000:]}")

    def login(self, name: str, password: str) -> OpenerDirector:
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        page = self.wait(opener, "/hub/login", until="_xsrf")
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)
        assert token, page
        self.read(opener, "/hub/login", {"username": name, "password": password, "_xsrf": token[1]})
        return opener

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
