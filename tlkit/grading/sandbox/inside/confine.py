"""Walls around one submission, put up by the process itself before it runs a line of the learner's.

`enter_namespaces` gives a process that was forked from the preloaded one a user, process, mount and IPC namespace of
its own, so that it can neither see nor signal that process nor leave a file for the next submission; `give_up_rights`
sets the limits, drops every capability and puts on the filter of system calls.
"""

import ctypes
import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

from tlkit.grading.sandbox.inside.seccomp import install_filter
from tlkit.grading.sandbox.limits import Limits

__all__ = ["close_all_but", "enter_namespaces", "give_up_rights", "private_folders"]

_NEW_MOUNTS, _NEW_IPC, _NEW_USERS, _NEW_PIDS = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_NO_SUID, _NO_DEVICES, _BIND, _MOVE, _RECURSIVE, _PRIVATE = 2, 4, 0x1000, 0x2000, 0x4000, 0x40000
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS, _PR_SET_DUMPABLE = 24, 38, 4
_LAST_CAPABILITY = 63
_FIRST_OWN_FD = 3


def enter_namespaces() -> None:
    """Leave the namespaces that are shared with other submissions; the next child is process 1 of its own.

    Raises:
        OSError: If the kernel refuses.
    """
    user, group = os.getuid(), os.getgid()
    _call("unshare", ctypes.c_int(_NEW_USERS | _NEW_PIDS | _NEW_MOUNTS | _NEW_IPC))
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(text, encoding="ascii")


def private_folders(limits: Limits) -> None:
    """Mount a `/tmp` of limited size, and a `/proc` that shows this process only.

    In `/tmp` are only the places that the sandbox shows there, such as a kit that is installed below it.
    The kernel mounts no new `/proc` in a sandbox whose own is partly covered, and the C library needs `/proc/self`.
    """
    _call("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)
    shown = list(_shown_below("/tmp"))
    _mount_empty(b"/tmp", f"size={limits.disk_mb}m,nr_inodes=4096,mode=0700".encode())
    for path, found in shown:
        _show_again(path, found)
    os.mkdir("/tmp/proc")
    _mount_empty(b"/tmp/proc", b"size=4k,nr_inodes=16,mode=0555")
    os.mkdir("/tmp/proc/self")
    _bind(b"/proc/self", b"/tmp/proc/self")
    for name in (b"cpuinfo", b"meminfo"):
        Path(os.fsdecode(b"/tmp/proc/" + name)).touch()
        _bind(b"/proc/" + name, b"/tmp/proc/" + name)
    _call("mount", b"/tmp/proc", b"/proc", None, ctypes.c_ulong(_MOVE), None)
    os.rmdir("/tmp/proc")


def _shown_below(folder: str) -> Iterator[tuple[str, str | int]]:
    """Yield the symbolic links below a folder, each with what it says, and what other mounts show there, opened."""
    device = os.stat(folder).st_dev
    for entry in os.scandir(folder):
        if entry.is_symlink():
            yield entry.path, os.readlink(entry.path)
        elif os.stat(entry.path).st_dev != device:
            yield entry.path, os.open(entry.path, os.O_PATH)
        elif entry.is_dir():
            yield from _shown_below(entry.path)


def _show_again(path: str, found: str | int) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if isinstance(found, str):
        os.symlink(found, path)
        return
    os.mkdir(path) if stat.S_ISDIR(os.fstat(found).st_mode) else Path(path).touch()
    _bind(f"/proc/self/fd/{found}".encode(), os.fsencode(path), _RECURSIVE)


def _bind(source: bytes, target: bytes, more: int = 0) -> None:
    _call("mount", source, target, None, ctypes.c_ulong(_BIND | more), None)


def _mount_empty(folder: bytes, options: bytes) -> None:
    _call("mount", b"tmpfs", folder, b"tmpfs", ctypes.c_ulong(_NO_SUID | _NO_DEVICES), options)


def give_up_rights(limits: Limits) -> None:
    """Set the limits, drop all capabilities, allow no new ones, and filter system calls. There is no way back."""
    megabyte = 1 << 20
    for kind, value in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_mb * megabyte),
        (resource.RLIMIT_FSIZE, limits.file_mb * megabyte),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.threads),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (value, value))
    _drop_capabilities()
    install_filter()


def _drop_capabilities() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_LAST_CAPABILITY + 1):  # beyond the kernel's last one this fails, as it should
        libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), *[ctypes.c_ulong(0)] * 3)
    libc.prctl(_PR_SET_DUMPABLE, *[ctypes.c_ulong(0)] * 4)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", ctypes.c_int(_PR_SET_NO_NEW_PRIVS), ctypes.c_ulong(1), *[ctypes.c_ulong(0)] * 3)


def close_all_but(kept: int) -> None:
    """Close every open file but `kept`; standard input, output and error lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(_FIRST_OWN_FD):
        if standard != kept:
            os.dup2(nowhere, standard)
    os.closerange(_FIRST_OWN_FD, max(kept, _FIRST_OWN_FD))
    os.closerange(max(kept + 1, _FIRST_OWN_FD), resource.getrlimit(resource.RLIMIT_NOFILE)[1])


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        msg = f"The sandbox could not be built: {name} failed."
        raise OSError(code, f"{msg} {os.strerror(code)}")
