"""A filter of system calls: what an answer never needs, and what other walls do not stop.

Network families that ignore network namespaces (vsock), memory that no limit counts (memfd, System V), new processes
(so that the limit on one address space is a limit on all), new namespaces, and the kernel's less-trodden paths.
A call that is refused fails with EPERM. Format of the program: Linux, Documentation/userspace-api/seccomp_filter.
"""

import ctypes
import platform
import struct

__all__ = ["SUPPORTED", "install_filter"]

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
SUPPORTED = platform.machine() in _AUDIT_ARCH

# (x86-64, arm64); -1 where the architecture has no such call
_REFUSED = {
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "acct": (163, 89),
    "personality": (135, 92),
    "modify_ldt": (154, -1),
}
_CLONE, _CLONE3, _SOCKET = (56, 220), (435, 435), (41, 198)
_CLONE_THREAD, _AF_UNIX = 0x10000, 1
_LOAD, _EQUAL, _BITS_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x50000 | 1, 0x50000 | 38
_NR, _ARCH, _ARG0 = 0, 4, 16  # offsets in struct seccomp_data
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2


def install_filter() -> None:
    """Put the filter on this process and all its future threads; it can never be taken off again.

    Raises:
        OSError: If the kernel refuses, or the processor is neither x86-64 nor arm64.
    """
    if not SUPPORTED:
        msg = f"No filter of system calls for this processor: {platform.machine()}. Grade on x86-64 or arm64."
        raise OSError(msg)
    program = _program()
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    nothing = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), nothing, nothing, nothing) or libc.prctl(
        _PR_SET_SECCOMP, ctypes.c_ulong(_FILTER), header, nothing, nothing
    ):
        msg = f"The kernel refused the filter of system calls (errno {ctypes.get_errno()})."
        raise OSError(msg)


def _program() -> bytes:
    """Return the filter: each refused number is compared alone, threads and Unix sockets by their first argument."""
    machine = platform.machine()
    column = 0 if machine == "x86_64" else 1
    lines = [_op(_LOAD, _ARCH), _op(_EQUAL, _AUDIT_ARCH[machine], 1, 0), _op(_RETURN, _KILL), _op(_LOAD, _NR)]
    if machine == "x86_64":
        lines += [_op(_BITS_SET, 0x40000000, 0, 1), _op(_RETURN, _KILL)]  # the x32 interface has numbers of its own
    for numbers in _REFUSED.values():
        if numbers[column] >= 0:
            lines += [_op(_EQUAL, numbers[column], 0, 1), _op(_RETURN, _EPERM)]
    lines += [_op(_EQUAL, _CLONE3[column], 0, 1), _op(_RETURN, _ENOSYS)]  # the C library falls back to clone
    lines += [_op(_EQUAL, _CLONE[column], 0, 4), _op(_LOAD, _ARG0), _op(_BITS_SET, _CLONE_THREAD, 1, 0)]
    lines += [_op(_RETURN, _EPERM), _op(_RETURN, _ALLOW)]
    lines += [_op(_EQUAL, _SOCKET[column], 0, 3), _op(_LOAD, _ARG0), _op(_EQUAL, _AF_UNIX, 1, 0)]
    return b"".join([*lines, _op(_RETURN, _EPERM), _op(_RETURN, _ALLOW)])


def _op(code: int, value: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, value)
