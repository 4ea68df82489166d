"""The example configuration of docs/jupyterhub: started on loopback, logged in to, and left without a trace."""

import contextlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest

from tests.hub import CONFIG, Hub


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
        own = json.loads(re.search(r"<script id=\"jupyter-config-data\"[^>]*>(.*?)</script>", page, re.S)[1])
        assert "@jupyter/nbgrader:formgrader" in own["disabledExtensions"]  # a frame, which JupyterHub forbids
        assert '"success": true' in hub.read(opener, f"/user/{name}/courses")
        assert ("user-redirect/formgrader" in hub.read(opener, f"/user/{name}/lab/api/settings")) is formgrader
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
        log = (hub.folder / "hub.log").read_text()
        assert "Traceback" not in log
        assert "not a subdirectory" not in log  # formgrader cannot show a course that lies outside of the home
