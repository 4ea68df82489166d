"""The command that starts a program behind walls: bubblewrap, with what the program may see and nothing else."""

import json
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tlkit.grading.sandbox import launch
from tlkit.grading.sandbox.limits import ONE_THREAD
from tlkit.grading.sandbox.packages import folders_to_name, package_places
from tlkit.grading.sandbox.view import Mount, mounts_for
from tlkit.paths import package_root

__all__ = ["behind_walls", "bubblewrap_fault", "search_path"]

_TRIAL_S = 20.0
_HOME = "/tmp/home"
_VARIABLES = {
    "PATH": "/usr/bin:/bin",
    "HOME": _HOME,
    "TMPDIR": "/tmp",
    "KERAS_HOME": f"{_HOME}/keras",
    "MPLCONFIGDIR": f"{_HOME}/matplotlib",
    "MPLBACKEND": "agg",
    "TLKIT_HOME": f"{_HOME}/tlkit",
    "TLKIT_CACHE": f"{_HOME}/cache",
    "LANG": "C.UTF-8",
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    **ONE_THREAD,
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def search_path() -> str:
    """Return the value of `PYTHONPATH` by which the worker finds the kit."""
    return os.pathsep.join([str(package_root()), str(package_root() / "widgets")])


def behind_walls(program: Sequence[str], shown: Iterable[Mount]) -> list[str]:
    """Return the command that runs `program` under bubblewrap, as nobody where this process is root.

    Args:
        program: With its arguments, as the sandbox will see it.
        shown: What the program may see, parents first.
    """
    shown = list(shown)
    is_root = os.geteuid() == 0
    sources = list(dict.fromkeys(mount[1] for mount in shown if mount[0] == "--ro-bind"))
    staged = {source: f"{{{number}}}" for number, source in enumerate(sources)} if is_root else {}
    command = [
        *(shutil.which("bwrap") or "bwrap", "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534"),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--hostname", "grading", "--clearenv"),
        *_environment_options(),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "0700", "--size", str(64 << 20), "--tmpfs", "/tmp"),  # before what lies below it
        *(word for mount in shown for word in _options(mount, staged)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
        *program,
    ]
    return [sys.executable, "-I", launch.__file__, json.dumps(sources), *command] if is_root else command


def _options(mount: Mount, staged: dict[str, str]) -> list[str]:
    what, source, target = mount
    return [what, *filter(None, [staged.get(source, source) if what == "--ro-bind" else source]), target]


def bubblewrap_fault() -> str:
    """Return what bubblewrap says if it cannot start a program that needs neither Python nor the kit, or ""."""
    program = Path(shutil.which("true") or "/bin/true")
    command = behind_walls([str(program)], mounts_for([program]))
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TRIAL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"]
    return said[-1] if done.returncode else ""


def _environment_options() -> list[str]:
    own_packages = {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}
    path = os.pathsep.join([search_path(), *folders_to_name(package_places())])
    variables = _VARIABLES | own_packages | {"PYTHONPATH": path}
    return [word for name, value in variables.items() for word in ("--setenv", name, value)]
