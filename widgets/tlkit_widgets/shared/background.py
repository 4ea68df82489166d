"""Work that a click on the page asks for, beside the cells."""

import threading
from collections.abc import Callable

import traitlets

from tlkit_widgets.shared.kit_widget import KitWidget

__all__ = ["WorkingWidget"]


class WorkingWidget(KitWidget):
    """A widget that works while the kernel stays free, so that a stop is heard and cells can be run."""

    _error = traitlets.Unicode().tag(sync=True)  # of the last job, for the page

    def _start(self, job: Callable[[], object]) -> None:
        """Do a job in a thread."""
        threading.Thread(target=self._tell_errors, args=[job], daemon=True).start()

    def _tell_errors(self, job: Callable[[], object]) -> None:
        """An error in a thread would be seen nowhere: show it on the page."""
        self._error = ""
        try:
            job()
        except Exception as error:
            self._error = f"{type(error).__name__}: {error}"
