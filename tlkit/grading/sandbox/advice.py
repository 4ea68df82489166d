"""What to do where there can be no sandbox, or where it does not start."""

import platform
import shutil
import sys

from tlkit.grading.sandbox.inside.seccomp import SUPPORTED
from tlkit.grading.sandbox.walls import bubblewrap_fault
from tlkit.paths import package_root

__all__ = ["how_to_cure", "sandbox_advice"]

_TRUST = "`--trust` grades without a sandbox: for your own work only, since a notebook can do whatever you can."


def sandbox_advice() -> str:
    """Return why there can be no sandbox on this machine, and what to do; an empty text if there can be one."""
    if sys.platform != "linux":
        system = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)
        return (
            f"Strangers' notebooks run in a sandbox, which {system} does not have. Grade on Linux: a server, a virtual "
            f"machine{', or WSL 2' if system == 'Windows' else ''}. {_TRUST}"
        )
    if not SUPPORTED:
        return f"The sandbox is made for x86-64 and arm64, not for {platform.machine()}. {_TRUST}"
    if shutil.which("bwrap") is None:
        return f"The sandbox needs bubblewrap: `apt install bubblewrap` or `dnf install bubblewrap`. {_TRUST}"
    return ""


def how_to_cure() -> str:
    """Return what to do about a sandbox that does not start: blame bubblewrap only where it is at fault."""
    refused = "Strangers' notebooks are not graded without a sandbox. "
    if not (said := bubblewrap_fault()):
        return (
            f"{refused}Bubblewrap itself works here, so this is about what the sandbox shows: the Python in "
            f"{sys.prefix} and the kit in {package_root()}, which every user must be able to read. {_TRUST}"
        )
    return (
        f"{refused}Bubblewrap does not start here ({said}). It needs user namespaces. On Ubuntu 24.04 and later, allow "
        "them to bubblewrap (`apt install apparmor-profiles`, then enable the profile `bwrap-userns-restrict`); in a "
        f"container, let its administrator allow them, or grade outside of it. {_TRUST}"
    )
