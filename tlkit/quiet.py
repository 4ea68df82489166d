"""Import TensorFlow without the start-up lines that Jupyter shows as a red box.

TensorFlow's C++ code writes notes about the CPU and a missing GPU straight to file descriptor 2, before its own log
level applies. They are caught there, during the first import only. Every line that is not known to be harmless is
written out again, so that a real error is visible.
"""

import os
import re
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress

__all__ = ["quiet_import"]

_HARMLESS = re.compile(
    r"""
    All\ log\ messages\ before\ absl::InitializeLog
    | ^[IW]\d{4}\ \d\d:\d\d          # absl, level INFO or WARNING, as "I0000 00:00:179523.68 7952 port.cc:153]"
    | ^\d{4}-\d\d-\d\d\ .*:\ [IW]\   # TensorFlow's own log, level INFO or WARNING
    | ^To\ enable\ the\ following\ instructions
    | failed\ call\ to\ cuInit       # no driver: `tlkit doctor` says so where it matters
    | Unable\ to\ register\ cu(DNN|FFT|BLAS)\ factory
    | ^Skipping\ registering\ GPU\ devices
    | ^\s*$
    """,
    re.VERBOSE,
)


def quiet_import() -> None:
    """Import `tensorflow` and `keras` and look for GPUs once; afterwards, `import keras` prints nothing.

    Modules of the kit import `tlkit.quiet_start`, which calls this, before Keras. A second call does nothing.
    `TF_CPP_MIN_LOG_LEVEL` is set to 1 (no INFO lines) unless the user has set it.
    """
    if "tensorflow" in sys.modules and "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with _filtered_stderr():
        import tensorflow as tf

        tf.config.list_physical_devices()  # the search for GPUs is what calls cuInit
        import keras  # noqa: F401


@contextmanager
def _filtered_stderr() -> Generator[None]:
    """Send what the block writes to file descriptor 2 to `sys.stderr`, without the harmless lines."""
    with tempfile.TemporaryFile() as caught:
        try:
            kept = os.dup(2)
        except OSError:  # there is no standard error at all, as under pythonw
            yield
            return
        with suppress(AttributeError, ValueError):
            sys.stderr.flush()
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            with suppress(AttributeError, ValueError):
                sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            _replay(caught.read().decode(errors="replace"))


def _replay(text: str) -> None:
    lines = [line for line in text.splitlines() if not _HARMLESS.search(line)]
    if lines and sys.stderr is not None:
        print(*lines, sep="\n", file=sys.stderr, flush=True)
