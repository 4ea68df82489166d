"""Does transfer help on my photos? A fair comparison, a verdict with its doubt, and the model that comes of it."""

import tlkit.quiet_start

from tlkit.study.export import SelfTestFailed, check_formats, export_study
from tlkit.study.photos import Photos, read_study_photos
from tlkit.study.plan import Plan
from tlkit.study.refusals import refuse_unfit
from tlkit.study.report import write_report
from tlkit.study.settings import Settings
from tlkit.study.source_networks import check_sources
from tlkit.study.study import Study, plan_study, run_study
from tlkit.study.verdict import Verdict

__all__ = [
    "Photos",
    "Plan",
    "SelfTestFailed",
    "Settings",
    "Study",
    "Verdict",
    "check_formats",
    "check_sources",
    "export_study",
    "plan_study",
    "read_study_photos",
    "refuse_unfit",
    "run_study",
    "write_report",
]
