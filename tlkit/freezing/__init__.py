"""Blocks of a model; choose what learns; audit what moved."""

import tlkit.quiet_start

from tlkit.freezing.audit import audit
from tlkit.freezing.blocks import Block, blocks
from tlkit.freezing.changes import AuditReport, WeightChange
from tlkit.freezing.cuts import Place, last_kept, places
from tlkit.freezing.freeze import freeze, set_states, unfreeze
from tlkit.freezing.report import BlockRow, FreezeReport, freeze_report

__all__ = [
    "AuditReport",
    "Block",
    "BlockRow",
    "FreezeReport",
    "Place",
    "WeightChange",
    "audit",
    "blocks",
    "freeze",
    "freeze_report",
    "last_kept",
    "places",
    "set_states",
    "unfreeze",
]
