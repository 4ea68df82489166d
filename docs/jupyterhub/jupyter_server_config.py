"""The server of each person on the hub: the lessons lie in the home, as nbgrader hands them in; the course, too."""

import os
from pathlib import Path

from tlkit.grading.course import make_course
from tlkit.languages import language
from tlkit.lessons.start_lab import CONTENTS, SETTINGS, lab_environment
from tlkit.lessons.workspace import open_workspace

c = get_config()  # noqa: F821  # Jupyter defines it

if course := os.environ.get("TLKIT_COURSE"):  # the hub sets it for instructors
    make_course(Path(course))
else:
    open_workspace(Path.home(), apart=True, language=language())
os.environ.update(lab_environment(Path.home()))  # for the kernels: where the kit is, and where progress is recorded
c.ServerApp.contents_manager_class = CONTENTS
c.LabApp.app_settings_dir = str(SETTINGS)
# Not a login shell, which would forget the path on which nbgrader and tlkit are.
c.ServerApp.terminado_settings = {"shell_command": [os.environ.get("SHELL", "sh")]}
