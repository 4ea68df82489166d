"""Blocks of a model; choose what learns; audit what moved."""

from tlkit.freezing.audit import AuditReport, WeightChange, audit
from tlkit.freezing.blocks import Block, blocks
from tlkit.freezing.freeze import freeze, unfreeze
from tlkit.freezing.report import BlockRow, FreezeReport, freeze_report

__all__ = [
    "AuditReport",
    "Block",
    "BlockRow",
    "FreezeReport",
    "WeightChange",
    "audit",
    "blocks",
    "freeze",
    "freeze_report",
    "unfreeze",
]
