# ruff: noqa: E402 - TensorFlow is imported quietly before anything else asks for it
"""Blocks of a model; choose what learns; audit what moved."""

from tlkit.quiet import quiet_import

quiet_import()

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
