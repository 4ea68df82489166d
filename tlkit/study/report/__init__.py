"""The report of a study: one page of HTML that opens without a network."""

import tlkit.quiet_start

from tlkit.study.report.page import write_report

__all__ = ["write_report"]
