"""As root, become an ordinary user before bubblewrap starts: `python -I launch.py PLACES COMMAND...`.

Inside a user namespace that root has made, a process is still root to the files of `/proc/sys`, and no limit on the
number of processes holds it. So root first becomes `nobody`. What only root can reach, such as an interpreter below
`/root`, is mounted in a private mount namespace, where `nobody` can reach it; `{0}`, `{1}` ... in the command become
these places.

It runs as a script, in a fresh interpreter, and imports nothing of the kit.
"""

import ctypes
import json
import os
import shutil
import stat
import sys

__all__ = ["main"]

NOBODY = 65534
_NEW_MOUNTS, _BIND, _RECURSIVE, _PRIVATE = 0x00020000, 0x1000, 0x4000, 0x40000
_STAGE = "/tmp"


def main(places: list[str], command: list[str]) -> None:
    """Mount what is needed where `nobody` can reach it, become `nobody`, and run `command` in this process's place."""
    _call("unshare", ctypes.c_int(_NEW_MOUNTS))
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)
    # Opened before the stage hides what may lie below it, and the program while whoever owns its folder may look there.
    program = os.open(shutil.which(command[0]) or command[0], os.O_PATH | os.O_CLOEXEC)
    sources = [os.open(place, os.O_PATH) for place in places]
    _call("mount", b"tmpfs", _STAGE.encode(), b"tmpfs", ctypes.c_ulong(0), b"mode=0755")
    for number, source in enumerate(sources):
        target = f"{_STAGE}/{number}"
        os.mkdir(target) if stat.S_ISDIR(os.fstat(source).st_mode) else os.close(os.open(target, os.O_CREAT))
        _call(
            "mount", f"/proc/self/fd/{source}".encode(), target.encode(), None, ctypes.c_ulong(_BIND | _RECURSIVE), None
        )
        os.close(source)
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    os.chdir("/")
    staged = {f"{{{number}}}": f"{_STAGE}/{number}" for number in range(len(places))}
    os.execve(program, [staged.get(word, word) for word in command], dict(os.environ))


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
