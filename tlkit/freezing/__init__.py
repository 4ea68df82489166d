"""Blocks of a model; choose what learns; audit what moved."""

from tlkit.freezing.blocks import Block, blocks

__all__ = ["Block", "blocks"]
