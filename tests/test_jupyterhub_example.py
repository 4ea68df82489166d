"""The example configuration of docs/jupyterhub: started on loopback, logged in to, and left without a trace."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

CONFIG = Path(__file__).resolve().parents[1] / "docs" / "jupyterhub" / "jupyterhub_config.py"
AS_ROOT = ["--Spawner.args=--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
ROOT = Path(__file__).resolve().parents[1]


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        return [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(number)]


class Hub:
    """The hub as a process of its own group, and clients that log in."""

    def __init__(self, folder: Path):
        outer, inner, proxy = (f"http://127.0.0.1:{port}" for port in _free_ports(3))
        self.url, self.folder, self.password = outer, folder, "only for this test"
        own = {"TLKIT_HUB": str(folder / "hub"), "TLKIT_HUB_PASSWORD": self.password, "TLKIT_HUB_URL": outer}
        ports = {"TLKIT_HUB_INNER_URL": inner, "TLKIT_HUB_PROXY_URL": proxy}
        path = os.pathsep.join([str(ROOT), str(ROOT / "widgets")])
        self.log = (folder / "hub.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG), *AS_ROOT],
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


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Iterator[Hub]:
    hub = Hub(tmp_path_factory.mktemp("hub"))
    yield hub
    hub.stop()


def _processes_of(folder: Path) -> list[str]:
    """Return the commands of processes whose environment names the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize("mark", ["DEMONSTRATION ONLY", "127.0.0.1", "bind_url", "allowed_users"])
def test_what_is_for_the_demonstration_only_is_marked(mark):
    assert mark in CONFIG.read_text(encoding="utf-8")


@pytest.mark.slow
class TestHub:
    def test_wrong_password_and_strangers_stay_out(self, hub):
        for name, password in (("ada", "wrong"), ("stranger", hub.password)):
            with pytest.raises(HTTPError, match="403"):
                hub.login(name, password)

    @pytest.mark.parametrize(("name", "formgrader"), [("ada", False), ("instructor", True)])
    def test_server_starts_with_the_kit_and_nbgrader_by_role(self, hub, name, formgrader):
        opener = hub.login(name, hub.password)
        hub.read(opener, "/hub/spawn")
        page = hub.wait(opener, f"/user/{name}/lab", until="jupyter-config-data")
        disabled = json.loads(re.search(r"<script id=\"jupyter-config-data\"[^>]*>(.*?)</script>", page, re.S)[1])
        assert ("@jupyter/nbgrader:formgrader" in disabled["disabledExtensions"]) is not formgrader
        assert '"success": true' in hub.read(opener, f"/user/{name}/courses")
        if formgrader:
            assert "Manage Assignments" in hub.read(opener, f"/user/{name}/formgrader")
        else:
            with pytest.raises(HTTPError, match="404"):
                hub.read(opener, f"/user/{name}/formgrader")

    def test_nothing_stays_behind(self, hub):
        hub.stop()
        end = time.monotonic() + 20
        while _processes_of(hub.folder) and time.monotonic() < end:
            time.sleep(0.2)
        assert _processes_of(hub.folder) == []
        assert "Traceback" not in (hub.folder / "hub.log").read_text()
