"""nbgrader for everybody on the hub: which course, where work is handed out and in, and by whom."""

import os
from pathlib import Path

from tlkit.grading.course import SORT_ONLY

c = get_config()  # noqa: F821  # nbgrader defines it

HUB = Path(os.environ.get("TLKIT_HUB", "tlkit-hub")).resolve()

c.CourseDirectory.course_id = "transfer"
c.Exchange.root = str(HUB / "exchange")
c.Autograde.autograde_preprocessors = SORT_ONLY  # runs no learner's code: `tlkit grade` does, in a sandbox
if course := os.environ.get("TLKIT_COURSE"):  # the hub sets it for instructors
    c.CourseDirectory.root = course
elif learner := os.environ.get("JUPYTERHUB_USER"):
    # nbgrader takes the name of the system's user, who is the same one for all servers of the demonstration. The login
    # is right wherever the two are equal as well.
    c.CourseDirectory.student_id = learner
if os.environ.get("TLKIT_HUB_ONE_USER"):
    # DEMONSTRATION ONLY: one system user owns what everybody hands in, so the owner says nothing about the learner.
    c.ExchangeCollect.check_owner = False
