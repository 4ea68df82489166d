"""nbgrader for everybody on the hub: which course, and where work is handed out and in."""

import os
from pathlib import Path

c = get_config()  # noqa: F821  # nbgrader defines it

HUB = Path(os.environ.get("TLKIT_HUB", "tlkit-hub")).resolve()

c.CourseDirectory.course_id = "transfer"
c.Exchange.root = str(HUB / "exchange")
if course := os.environ.get("TLKIT_COURSE"):  # the hub sets it for instructors
    c.CourseDirectory.root = course

# `nbgrader autograde` then only sorts what was handed in: it runs no code of a learner and gives no points.
# `tlkit grade --gradebook` does both, in a sandbox.
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
