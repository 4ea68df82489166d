"""Translations by a machine: how a catalogue says that it is one, and what a lesson then says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

__all__ = ["DRAFT_NOTE", "is_draft"]

DRAFT_NOTE = (
    "**Draft.** A machine has translated this lesson, and no native speaker has read it yet. If a sentence is odd, "
    "the English lesson counts. Code, and what code prints, is in English."
)


def is_draft(catalogue: Catalog) -> bool:
    """Whether no native speaker has read a catalogue: its `Last-Translator` is still a machine."""
    return catalogue.last_translator.lower().startswith("machine")
