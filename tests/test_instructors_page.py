"""Every command of docs/instructors.md, as it stands there, from an empty folder."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sysconfig
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.needs import NEEDS_SANDBOX, give_up
from tlkit.grading.keep import read_results
from tlkit.lessons.catalog import find_lesson
from tlkit.lessons.notebook import read_source
from tlkit.paths import notebooks_dir, package_root

pytest.importorskip("nbgrader", reason="needs nbgrader: pip install tlkit[instructor]")
pytestmark = [pytest.mark.slow, NEEDS_SANDBOX]

ROOT = package_root()
PAGE = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
BLOCKS = [
    [command for line in block.splitlines() if (command := line.partition(" #")[0].strip())]
    for block in re.findall(r"```bash\n(.*?)```", PAGE, re.S)
]
LESSON = "00_orientation"
# What stands before a real `pip` and `sudo`: they then resolve everything and install nothing.
SHIMS = {
    "pip": 'exec python -m pip install "${@: -1}" --dry-run --no-index --no-build-isolation',
    "sudo": 'exec "$@" --simulate',
}
SERVERS = {  # commands that run until they are stopped, and what they print when they are ready
    "jupyter lab": "is running at:",
    "dask scheduler": "Scheduler at:",
    "dask worker": "Registered to:",
    "jupyterhub": "JupyterHub is now running at",
}
SETTINGS = "c = get_config()\nc.ServerApp.allow_root = True\nc.ServerApp.open_browser = False\nc.ServerApp.port = 0\n"


class Shell:
    """A person at a terminal, in an empty folder and a home of his own; servers are stopped at the end."""

    def __init__(self, folder: Path):
        self.folder, self.servers, self.cluster = folder / "empty", [], f"127.0.0.1:{_free_port()}"
        for name in ("empty", "home", "bin", "config"):
            (folder / name).mkdir()
        for name, text in SHIMS.items():
            (folder / "bin" / name).write_text(f"#!/bin/bash\n{text}\n")
            (folder / "bin" / name).chmod(0o755)
        (folder / "config" / "jupyter_server_config.py").write_text(SETTINGS)
        exchange = folder / "exchange"
        exchange.mkdir(mode=0o777)
        (folder / "config" / "nbgrader_config.py").write_text(f"get_config().Exchange.root = {str(exchange)!r}\n")
        path = [str(folder / "bin"), sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("TLKIT_")} | {
            **{"PATH": os.pathsep.join(path), "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "widgets")])},
            **{"HOME": str(folder / "home"), "JUPYTER_CONFIG_DIR": str(folder / "config"), "LESSON": LESSON},
            **{f"TLKIT_HUB{name}_URL": f"http://127.0.0.1:{_free_port()}" for name in ("", "_INNER", "_PROXY")},
        }

    def run(self, command: str, *, cwd: Path | None = None) -> str:
        """Run one command of the page to its end; a server until it is ready. Return what it said."""
        host, _, port = self.cluster.partition(":")
        command = command.replace("10.0.0.5:8786", self.cluster).replace("10.0.0.5", f"{host} --port {port}")
        ready = next((words for start, words in SERVERS.items() if command.startswith(start)), None)
        if ready:
            return self._serve(command, ready, cwd or self.folder)
        done = subprocess.run(
            ["bash", "-c", command], cwd=cwd or self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
        return done.stdout + done.stderr

    def _serve(self, command: str, ready: str, cwd: Path) -> str:
        log = self.folder.parent / f"server-{len(self.servers)}.log"
        with log.open("w") as file:
            words = {"cwd": cwd, "env": self.environment, "stdout": file, "stderr": subprocess.STDOUT}
            server = subprocess.Popen(["bash", "-c", f"exec {command}"], **words)
        self.servers.append(server)
        end = time.monotonic() + 120
        while ready not in log.read_text() and server.poll() is None and time.monotonic() < end:
            time.sleep(0.2)
        assert ready in log.read_text(), f"{command}\n{log.read_text()[-3000:]}"
        return log.read_text()

    def stop(self) -> None:
        for server in reversed(self.servers):
            server.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(30)
            server.kill()
        self.servers.clear()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture
def shell(tmp_path):
    shell = Shell(tmp_path)
    yield shell
    shell.stop()


def _block(start: str) -> list[str]:
    """Return the block of commands whose first one begins with `start`."""
    return next(block for block in BLOCKS if block[0].startswith(start))


def _hand_in(folder: Path) -> None:
    """Put a learner's notebook with one solved exercise, 0.3, into `folder`."""
    solved, learner = read_source(notebooks_dir() / "src" / f"{LESSON}.py")
    for answer, cell in zip(solved["cells"], learner["cells"], strict=True):
        if cell["id"] == "exercise-0-3":
            cell["source"] = answer["source"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{LESSON}.ipynb").write_text(json.dumps(learner))


def test_each_block_has_its_test():
    starts = ["pip", "tlkit course", "nbgrader autograde", "nbgrader release_assignment", "pip", "pip"]
    assert [block[0][: len(start)] for block, start in zip(BLOCKS, starts, strict=True)] == starts


@pytest.mark.parametrize("extra", ["instructor", "cluster", "hub"])
def test_what_is_installed_can_be(shell, extra):
    command = f'pip install --editable ".[{extra}]"'
    assert command in _block(command)
    assert "Would install tlkit" in shell.run(command, cwd=ROOT)


def test_the_sandbox_is_a_package_of_the_system_and_the_doctor_looks_for_it(shell):
    _, install, doctor = BLOCKS[0]
    if not shutil.which("apt"):
        give_up("no apt on this machine")
    assert "bubblewrap" in shell.run(install)
    assert "sandbox" in shell.run(f"{doctor} || true")


def test_a_lesson_goes_the_whole_way_by_hand(shell):
    for command in _block("tlkit course"):
        shell.run(command)
    _hand_in(shell.folder / "submitted" / "ada" / LESSON)
    for command in _block("nbgrader autograde"):
        said = shell.run(command)
        if command == "jupyter lab":
            address = re.search(r"(http://127\S+?)/\S*\?token=(\w+)", said)
            assert address, said
            with urlopen(f"{address[1]}/formgrader/api/assignments?token={address[2]}", timeout=60) as page:
                handed_in = {one["name"]: one["num_submissions"] for one in json.loads(page.read())}
            assert handed_in[LESSON] == 1
            shell.stop()
    points = f"{find_lesson(LESSON).exercises['0.3']:g}"
    feedback = shell.folder / "feedback" / "ada" / LESSON / f"{LESSON}.html"
    assert f"Score: {points}" in feedback.read_text(encoding="utf-8")
    assert {"canvas.csv", "moodle.csv", "report.html"} <= {path.name for path in (shell.folder / "grades").iterdir()}


def test_the_exchange_carries_a_lesson_out_and_its_feedback_back(shell):
    release, collect, give_back = _block("nbgrader release_assignment")
    for command in [*_block("tlkit course"), release]:
        shell.run(command)
    learner = shell.folder.parent / "learner"
    learner.mkdir()
    for command in ("fetch_assignment", "submit"):
        shell.run(f"nbgrader {command} --course transfer $LESSON", cwd=learner)
    for command in (collect, "nbgrader autograde $LESSON", "nbgrader generate_feedback $LESSON", give_back):
        shell.run(command)
    shell.run("nbgrader fetch_feedback --course transfer $LESSON", cwd=learner)
    assert [path.name for path in (learner / LESSON / "feedback").rglob("*.html")] == [f"{LESSON}.html"]


def test_a_cluster_grades(shell):
    _hand_in(shell.folder / "submitted" / "ada" / LESSON)
    for command in _block('pip install --editable ".[cluster]"')[1:]:
        shell.run(command)
    (result,) = read_results(shell.folder / "grades")
    assert (result.learner, result.points) == ("ada", find_lesson(LESSON).exercises["0.3"])


def test_the_hub_starts_and_says_its_password(shell):
    (shell.folder / "docs").symlink_to(ROOT / "docs")
    said = shell.run(_block('pip install --editable ".[hub]"')[1])
    assert re.search(r"DEMONSTRATION password of ada, bob, instructor: \S{8,}", said)
